//! A secret in a file in memory, which is gone when the machine stops.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Kept, name};

/// Where systems keep what ends with the machine's run: of a service, and of a person who is signed in.
const FOLDERS: [&str; 2] = ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"];

/// The file systems that are memory.
const MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// One file, readable by this account alone.
#[derive(Clone, Debug)]
pub struct Secret(PathBuf);

impl Secret {
    /// Names the file of a data folder. There is none where the system has no folder that is proved to be memory: then each
    /// start asks again, rather than that the secret lies on the disk beside what it opens. Nor is there one that outlives a
    /// restart.
    pub fn of(data: &Path, kept: Kept) -> Option<Self> {
        match kept {
            Kept::OverRestarts => None,
            Kept::WhileItRuns => {
                let mut folders = FOLDERS.iter().filter_map(std::env::var_os).map(PathBuf::from);
                let folder = folders.find(|folder| is_memory(folder))?;
                Some(Self(folder.join(format!("{}.key", name(data)))))
            }
        }
    }

    /// Takes any file.
    #[cfg(test)]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Gives what is kept, if anything is.
    pub fn get(&self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        match fs::read(&self.0) {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps this instead of what was kept before.
    pub fn set(&self, secret: &[u8]) -> io::Result<()> {
        self.delete()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.0)?.write_all(secret)
    }

    /// Removes what is kept.
    pub fn delete(&self) -> io::Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Tells whether a folder lies in memory, by the longest of the mount points above it.
fn is_memory(folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (_, at, kind) = (words.next()?, words.next()?, words.next()?);
        folder.starts_with(at).then_some((at.len(), kind))
    });
    // Of two mounts at one place the later one is seen.
    above
        .max_by_key(|(length, _)| *length)
        .is_some_and(|(_, kind)| MEMORY.contains(&kind))
}
