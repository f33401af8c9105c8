//! The key of a folder that was opened since the machine started, in memory that ends with it: so commands, and a program that
//! is started again, need not ask anew.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::DataKey;
use super::key::KEY_BYTES;

/// Where systems keep what ends with the machine's run: of a service, and of a person who is signed in.
const FOLDERS: [&str; 2] = ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"];

/// The file systems that are memory.
const MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// Where the key of one data folder is kept until the machine stops.
#[derive(Clone, Debug)]
pub struct SinceBoot(Option<PathBuf>);

impl SinceBoot {
    /// Names the place for a data folder. There is none where the system has no folder that is proved to be memory: then each
    /// start asks again, rather than that the key lies on the disk beside what it opens.
    pub fn of(data: &Path) -> Self {
        let folder = FOLDERS.iter().filter_map(std::env::var_os).map(PathBuf::from);
        let data = data.canonicalize().unwrap_or_else(|_| data.to_path_buf());
        let name = HEXLOWER.encode(&blake3::hash(data.as_os_str().as_encoded_bytes()).as_bytes()[..8]);
        Self(
            folder
                .filter(|folder| is_memory(folder))
                .map(|folder| folder.join(format!("titian-{name}.key")))
                .next(),
        )
    }

    /// Gives the key, if it was kept.
    pub fn recall(&self) -> Option<DataKey> {
        let bytes = Zeroizing::new(fs::read(self.0.as_ref()?).ok()?);
        let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().ok()?;
        Some(DataKey::new(key))
    }

    /// Keeps the key, readable by this account alone; says whether there is a place for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, key: &DataKey) -> io::Result<bool> {
        let Some(path) = &self.0 else { return Ok(false) };
        self.forget()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(&*key.0)?;
        Ok(true)
    }

    /// Removes the key.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn forget(&self) -> io::Result<()> {
        match self.0.as_ref().map(fs::remove_file) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
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
