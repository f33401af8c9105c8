//! Which files are meant by the paths that somebody named: files as they are, folders by what lies in them.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{BundleTrouble, ENDING};

/// A stick holds other things too; no office brings more bundles at once.
const FILES_MAX: usize = 4096;

/// Lists the bundles that are meant, those of folders in the order of their names: parts of one bundle follow each other.
///
/// # Errors
/// When a folder cannot be read.
pub fn bundles(paths: &[PathBuf]) -> Result<Vec<PathBuf>, BundleTrouble> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = in_folder(path).map_err(BundleTrouble::Unreadable)?;
            found.sort();
            all.append(&mut found);
        } else {
            all.push(path.clone());
        }
    }
    all.truncate(FILES_MAX);
    Ok(all)
}

fn in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new(ENDING)) && found.len() < FILES_MAX {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_bundles_in_order_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b_2.titian", "b_1.titian", "film.mkv", "c.titian.unfinished"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let named = folder.path().join("film.mkv");
        let found = bundles(&[folder.path().to_owned(), named]).unwrap();
        let in_order: Vec<_> = found
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(in_order, ["b_1.titian", "b_2.titian", "film.mkv"]);
        assert!(bundles(&[folder.path().join("gone")]).is_ok_and(|found| found.len() == 1));
    }
}
