//! Room kept beside the database, given back when the disk is full, so that the work in hand is still saved.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Enough for some hundred complaints and the log that is written ahead of them; little even on an old disk.
pub const BALLAST_BYTES: usize = 8 * 1024 * 1024;

/// A file that does nothing but take up room.
#[derive(Clone, Debug)]
pub struct Ballast {
    path: PathBuf,
}

impl Ballast {
    /// Names the ballast of a database: the same path with `.ballast` after it.
    pub fn beside(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push(".ballast");
        Self { path: path.into() }
    }

    /// Makes the file where it is missing or too small.
    ///
    /// # Errors
    /// When the disk has no room for it: what was written is removed again.
    pub fn keep(&self) -> io::Result<()> {
        if fs::metadata(&self.path).is_ok_and(|found| found.len() >= BALLAST_BYTES as u64) {
            return Ok(());
        }
        self.fill().inspect_err(|_| {
            // Half a reserve is worse than the room: the next write needs it.
            let _ = fs::remove_file(&self.path);
        })
    }

    /// Gives the room back; says whether there was any.
    pub fn release(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }

    fn fill(&self) -> io::Result<()> {
        // Not zeros: a file system that compresses or keeps holes would take no room for them.
        let mut state: u32 = 0x9E37_79B9;
        let mut block = Vec::with_capacity(64 * 1024);
        let mut file = File::create(&self.path)?;
        for _ in 0..BALLAST_BYTES / block.capacity() {
            block.clear();
            while block.len() < block.capacity() {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                block.extend_from_slice(&state.to_le_bytes());
            }
            file.write_all(&block)?;
        }
        file.sync_all()
    }
}
