//! The key of a folder that was opened since the machine started, in a place that ends with it: so commands, and a program that
//! is started again, need not ask anew.

use std::io;
use std::path::Path;

use super::DataKey;
use super::key::KEY_BYTES;
use super::machine::{Kept, Secret};

/// Where the key of one data folder is kept until the machine stops; on Windows, until the person signs out.
#[derive(Clone, Debug)]
pub struct SinceBoot(Option<Secret>);

impl SinceBoot {
    /// When the key is forgotten, as people are told.
    pub const END: &str = if cfg!(windows) {
        "you sign out of Windows"
    } else {
        "this machine stops"
    };

    /// Names the place for a data folder; there is none where nothing is proved to end with the machine's run.
    pub fn of(data: &Path) -> Self {
        Self(Secret::of(data, Kept::WhileItRuns))
    }

    /// Gives the key, if it was kept.
    pub fn recall(&self) -> Option<DataKey> {
        let bytes = self.0.as_ref()?.get().ok()??;
        let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().ok()?;
        Some(DataKey::new(key))
    }

    /// Keeps the key, readable by this account alone; says whether there is a place for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, key: &DataKey) -> io::Result<bool> {
        let Some(secret) = &self.0 else { return Ok(false) };
        secret.set(&*key.0)?;
        Ok(true)
    }

    /// Removes the key.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn forget(&self) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), Secret::delete)
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_key_that_was_kept_last_is_recalled_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let place = SinceBoot(Some(Secret::at(path.clone())));
        assert!(place.recall().is_none());
        for byte in [1, 2] {
            assert!(place.keep(&DataKey::new([byte; KEY_BYTES])).unwrap());
            assert!(*place.recall().unwrap().0 == [byte; KEY_BYTES]);
        }
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&path, [1; KEY_BYTES - 1]).unwrap();
        assert!(place.recall().is_none(), "a piece of a key is none");
        place.forget().unwrap();
        assert!(place.recall().is_none() && !path.exists());
        place.forget().unwrap();
    }

    #[test]
    fn without_a_place_nothing_is_kept_and_nothing_fails() {
        let nowhere = SinceBoot(None);
        assert!(!nowhere.keep(&DataKey::new([1; KEY_BYTES])).unwrap());
        assert!(nowhere.recall().is_none());
        nowhere.forget().unwrap();
    }
}
