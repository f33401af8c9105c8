//! The data folder: what lies in it is for the account that the program runs under, and for nobody else.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes the folder where it is missing, readable by its owner alone. One that is there stays as somebody made it.
///
/// # Errors
/// When it cannot be made.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Gives a file another content: written beside, made durable, and only then put in its place, so that a power cut leaves the old
/// one or the new one. That it is the new one is certain after [`sync`] of its folder.
///
/// # Errors
/// When the disk is full or fails; nothing is left of the new one then.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // A command may write the same file as the program that serves, at the same time.
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    written.inspect_err(|_| {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    })
}

/// Makes the names in a folder durable. Windows cannot open a folder for that, and its file system keeps names in a journal.
///
/// # Errors
/// When the disk fails.
pub fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_the_owner_can_look_into_a_new_folder() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        make(&folder).unwrap();
        make(&folder).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
