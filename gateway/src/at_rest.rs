//! The office's data on the disk: plain, enciphered and locked, or enciphered and open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use titian_host::at_rest::{DataKey, KeyFile, KeyFileError, MachineCode, RecoveryCode, SinceBoot, Stage};
use titian_host::attachments::{self, encipher as files};
use titian_host::cli::{Exit, Failure};
use titian_host::store::encipher::{Claimed, EncipherError, is_plain};
use zeroize::Zeroizing;

use crate::store::DATABASE;

/// The credential by which the machine's own key store hands its code to the program (systemd.exec, `LoadCredentialEncrypted=`).
pub const CREDENTIAL: &str = "titian-gateway-code";

/// How the data lie on the disk.
pub enum AtRest {
    /// Anybody who has the disk can read them.
    Plain,
    /// They are enciphered, and the key is at hand.
    Open(KeyFile, DataKey),
    /// They are enciphered, and somebody has to open them.
    Locked(KeyFile),
}

/// Looks how the data of a folder lie on the disk, and for the key where it may be without a person: opened since the machine
/// started, or kept by the machine itself.
pub fn look(folder: &Path) -> Result<AtRest, Failure> {
    let database = database(folder);
    let Some(file) = KeyFile::beside(&database).map_err(key_file)? else {
        if is_plain(&database).map_err(unreadable)? == Some(false) {
            return Err(Failure::with_exit(
                Exit::Conflict,
                "the database is enciphered and its key file is missing, or it is damaged; nothing was changed",
                "put back the key file that lay beside it, as it is in the last backup, or both of them, and keep what is here",
            ));
        }
        return Ok(AtRest::Plain);
    };
    if file.stage() == Stage::Enciphering {
        return Err(Failure::with_exit(
            Exit::Conflict,
            "enciphering the office's data was begun and not finished; nothing is lost",
            "type `titian-gateway encryption turn-on` again, with the recovery code at hand",
        ));
    }
    if is_plain(&database).map_err(unreadable)? == Some(true) {
        return Err(Failure::with_exit(
            Exit::Conflict,
            "the database is plain and there is a key file beside it: one of them comes from another backup",
            "put back the database and the key file of one day; or, to encipher this one anew, set the key file aside, keep it, \
             and type `titian-gateway encryption turn-on`",
        ));
    }
    let key = SinceBoot::of(folder)
        .recall()
        .or_else(|| file.open_by_code(&of_machine(folder)?));
    Ok(match key {
        Some(key) => AtRest::Open(file, key),
        None => AtRest::Locked(file),
    })
}

/// Says what a command answers that needs the data while they are locked.
pub fn locked() -> Failure {
    Failure::with_exit(
        Exit::Conflict,
        "the office's data are locked",
        "open them in the browser while `titian-gateway run` works, or type `titian-gateway unlock`",
    )
}

/// Takes a plain database for itself, so that no program works with the folder while it is enciphered; none where it is enciphered
/// already, or not there yet.
pub fn claim(folder: &Path) -> Result<Option<Claimed>, Failure> {
    let database = database(folder);
    if is_plain(&database).map_err(unreadable)? != Some(true) {
        return Ok(None);
    }
    Claimed::claim(&database).map(Some).map_err(not_enciphered)
}

/// Enciphers the data of a folder that was claimed. After a power cut it goes on where it was.
pub fn encipher(folder: &Path, claimed: Option<Claimed>, key: &DataKey) -> Result<usize, Failure> {
    // The database last: it is what says whether all is done.
    let count = match folder.join(attachments::FOLDER).try_exists() {
        Ok(true) => files::encipher(folder, &key.files()).map_err(unwritable)?,
        _ => 0,
    };
    if let Some(claimed) = claimed {
        claimed.encipher(&key.database()).map_err(not_enciphered)?;
    }
    Ok(count)
}

/// Gives the path of a folder's database.
pub fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Puts an error of the key file into words for the person at the machine.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub fn key_file(error: KeyFileError) -> Failure {
    let next = match &error {
        KeyFileError::File { .. } => "check that this account may read and write the data folder",
        KeyFileError::Damaged { .. } => "put back the key file of the last backup; without it nothing opens the data",
        KeyFileError::Newer { .. } => "install that newer version again",
        KeyFileError::Hashing(_) => "close other programs to free memory, then try again",
    };
    Failure::user(error.to_string(), next)
}

/// Gives the code that the machine keeps itself: in a key store that this program can ask, or handed over at its start.
fn of_machine(folder: &Path) -> Option<RecoveryCode> {
    let code = match MachineCode::of(folder) {
        Some(kept) => kept.recall(),
        None => handed_over(),
    };
    code.unwrap_or_else(|error| {
        tracing::warn!(%error, "the machine's code cannot be used; make a new one with `encryption machine-code`");
        None
    })
}

fn handed_over() -> io::Result<Option<RecoveryCode>> {
    let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") else {
        return Ok(None);
    };
    let text = match fs::read_to_string(PathBuf::from(folder).join(CREDENTIAL)) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let code = RecoveryCode::parse(&text);
    code.map(Some)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it has a typing error"))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn not_enciphered(error: EncipherError) -> Failure {
    let next = match &error {
        EncipherError::InUse => {
            "stop `titian-gateway run` and all other commands of this folder, then type the command again"
        }
        EncipherError::File(_) => "free as much space as the database takes, then type the command again",
        EncipherError::Sqlite(_) | EncipherError::Copy(_) => {
            "keep the data folder as it is, and restore the last backup elsewhere"
        }
    };
    Failure::with_exit(Exit::Conflict, error.to_string(), next)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unreadable(error: io::Error) -> Failure {
    Failure::user(
        format!("the database cannot be read: {error}"),
        "check that this account may read the data folder",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unwritable(error: io::Error) -> Failure {
    Failure::with_exit(
        Exit::Failed,
        format!("an attached file could not be enciphered: {error}"),
        "free some space on the disk, then type the command again: it goes on where it was",
    )
}
