//! Which files are meant by the paths that somebody named: files as they are, folders by what lies in them.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{BundleTrouble, ENDING};

/// A stick holds other things too; no office brings more bundles at once.
const FILES_MAX: usize = 4096;

/// A file that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was named itself, and not just found in a folder.
    pub named: bool,
}

/// Lists the bundles that are meant, those of folders in the order of their names: parts of one bundle follow each other.
///
/// # Errors
/// When a folder cannot be read.
pub fn bundles(paths: &[PathBuf]) -> Result<Vec<Meant>, BundleTrouble> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = in_folder(path).map_err(BundleTrouble::Unreadable)?;
            found.sort();
            all.extend(found.into_iter().map(|path| Meant { path, named: false }));
        } else {
            let (path, named) = (path.clone(), true);
            all.push(Meant { path, named });
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
            .map(|meant| (meant.path.file_name().unwrap().to_str().unwrap(), meant.named))
            .collect();
        let expected = [("b_1.titian", false), ("b_2.titian", false), ("film.mkv", true)];
        assert_eq!(in_order, expected);
        assert!(bundles(&[folder.path().join("gone")]).is_ok_and(|found| found.len() == 1));
    }
}
