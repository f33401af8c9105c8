//! What lies on a disk, as a thief or an auditor reads it: bytes, whatever the files are.

use std::fs;
use std::path::Path;

/// Gives those of the words that stand anywhere in a folder: in names of files, and in what they hold.
pub fn shown(folder: &Path, of: &[&'static str]) -> Vec<&'static str> {
    let all = everything(folder);
    let finder = |word: &str| all.windows(word.len()).any(|found| found == word.as_bytes());
    of.iter().copied().filter(|word| finder(word)).collect()
}

/// Copies a folder with all that is in it, as a backup does.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn everything(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        all.extend_from_slice(entry.file_name().as_encoded_bytes());
        // A program that runs may remove one of its files just now.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => all.append(&mut everything(&entry.path())),
            _ => all.append(&mut fs::read(entry.path()).unwrap_or_default()),
        }
    }
    all
}
