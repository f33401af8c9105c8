//! A new file that somebody names on the command line: it is whole before it has its name, its maker's alone, and nothing is written
//! over.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Exit, Failure};
use crate::folder;

/// A file that is to be made.
pub struct NewFile<'a> {
    argument: &'static str,
    path: &'a Path,
    folder: PathBuf,
}

impl<'a> NewFile<'a> {
    /// Takes the name that an argument gives.
    ///
    /// # Errors
    /// When there is a file of that name.
    pub fn named(argument: &'static str, path: &'a Path) -> Result<Self, Failure> {
        if path.symlink_metadata().is_ok() {
            return Err(is_there(argument));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Self { argument, path, folder })
    }

    /// Gives the folder that it is to lie in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Says in words why it could not be made.
    pub fn failure(&self, source: &io::Error) -> Failure {
        let argument = self.argument;
        match source.kind() {
            io::ErrorKind::AlreadyExists => is_there(argument),
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory => Failure::user(
                format!("{argument}: it cannot be made: {source}"),
                "give a name in a folder where you may write",
            ),
            _ => Failure::with_exit(
                Exit::Failed,
                format!("{} could not be written: {source}", self.path.display()),
                "free some space on the disk, then try again; nothing of it was left",
            ),
        }
    }
}

/// Makes several files, all of them or none.
///
/// # Errors
/// When one of them cannot be made; then none is left.
pub fn make_all(files: &[(NewFile<'_>, &[u8])]) -> Result<(), Failure> {
    let mut written = Vec::new();
    for (file, content) in files {
        let begun = NamedTempFile::new_in(&file.folder).and_then(|mut begun| {
            begun.write_all(content)?;
            begun.as_file().sync_all()?;
            Ok(begun)
        });
        written.push((file, begun.map_err(|error| file.failure(&error))?));
    }
    let mut named = Vec::new();
    for (file, begun) in written {
        let naming = begun.persist_noclobber(file.path).map_err(|error| error.error);
        if let Err(error) = naming
            .map(|_| named.push(file))
            .and_then(|()| folder::sync(&file.folder))
        {
            for file in named {
                // The first error is the one to tell.
                let _ = fs::remove_file(file.path);
            }
            return Err(file.failure(&error));
        }
    }
    Ok(())
}

fn is_there(argument: &str) -> Failure {
    Failure::with_exit(
        Exit::Conflict,
        format!("{argument}: it is there already, and nothing was written over it"),
        "give another name, or remove that file",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_files_both_are_made_or_none_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (one, other, third) = (path("a.html"), path("b.json"), path("c.json"));
        let named = |path| NewFile::named("FILE", path).map_err(|_| ()).unwrap();
        let both = [(named(&one), b"1".as_slice()), (named(&other), b"2".as_slice())];
        // Somebody else makes the second while the first is written.
        fs::write(&other, "theirs").unwrap();
        assert!(make_all(&both).is_err());
        assert!(!one.exists() && fs::read(&other).unwrap() == b"theirs");
        assert!(NewFile::named("FILE", &other).is_err());
        let both = [(named(&one), b"1".as_slice()), (named(&third), b"2".as_slice())];
        assert!(make_all(&both).is_ok());
        assert_eq!(
            (fs::read(&one).unwrap(), fs::read(&third).unwrap()),
            (b"1".to_vec(), b"2".to_vec())
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
