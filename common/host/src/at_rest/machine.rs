//! What the machine itself keeps for a data folder, apart from it: secrets that open the data without a person.

#[cfg(windows)]
mod credential;
#[cfg(not(windows))]
mod memory;

use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;

#[cfg(windows)]
pub(super) use self::credential::Secret;
#[cfg(not(windows))]
pub(super) use self::memory::Secret;
use super::recovery_code::RecoveryCode;

/// How long the machine keeps a secret.
#[derive(Clone, Copy)]
pub(super) enum Kept {
    /// Until the machine stops, or where the system forgets sooner, until the person signs out.
    WhileItRuns,
    /// Over restarts too, on this machine alone, until somebody removes it.
    OverRestarts,
}

/// The code that opens the data at each start, where the machine has a key store into which a program can put it.
pub struct MachineCode(Secret);

impl MachineCode {
    /// Names the place of the code of a data folder; none where the code has to be handed to the key store by a person.
    pub fn of(data: &Path) -> Option<Self> {
        Secret::of(data, Kept::OverRestarts).map(Self)
    }

    /// Gives the code, if one was kept.
    ///
    /// # Errors
    /// When the key store cannot be read, or what it keeps is no code.
    pub fn recall(&self) -> io::Result<Option<RecoveryCode>> {
        let Some(bytes) = self.0.get()? else { return Ok(None) };
        let code = std::str::from_utf8(&bytes).ok().and_then(RecoveryCode::parse);
        code.map(Some)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "what the key store keeps is no code"))
    }

    /// Keeps a code instead of the one before.
    ///
    /// # Errors
    /// When the key store does not take it.
    pub fn keep(&self, code: &RecoveryCode) -> io::Result<()> {
        self.0.set(code.to_text().as_bytes())
    }
}

/// Names what is kept for a data folder, however the way to it was written.
fn name(data: &Path) -> String {
    let data = data.canonicalize().unwrap_or_else(|_| data.to_path_buf());
    let hash = blake3::hash(data.as_os_str().as_encoded_bytes());
    format!("titian-{}", HEXLOWER.encode(&hash.as_bytes()[..8]))
}

#[cfg(all(test, not(windows)))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_code_that_was_kept_last_is_recalled_and_anything_else_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code");
        let kept = MachineCode(Secret::at(path.clone()));
        assert!(kept.recall().unwrap().is_none());
        for byte in [1, 2] {
            let code = RecoveryCode::new([byte; 16]);
            kept.keep(&code).unwrap();
            assert!(kept.recall().unwrap() == Some(code));
        }
        for damaged in [b"rusak".as_slice(), &[0xff; 16], b""] {
            fs::write(&path, damaged).unwrap();
            let error = kept.recall().err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn one_folder_has_one_name_whichever_way_leads_there_and_another_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (folder.path().join("here"), folder.path().join("there"));
        fs::create_dir(&here).unwrap();
        fs::create_dir(&there).unwrap();
        assert_eq!(name(&here), name(&there.join("../here")));
        assert_ne!(name(&here), name(&there));
    }
}
