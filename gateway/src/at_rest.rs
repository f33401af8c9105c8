//! The office's data on the disk: plain, enciphered and locked, or enciphered and open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use titian_host::at_rest::{DataKey, KeyFile, KeyFileError, MachineCode, RecoveryCode, SinceBoot, Stage};
use titian_host::attachments::{self, encipher as files};
use titian_host::audit::{self, Deed};
use titian_host::cli::{Exit, Failure};
use titian_host::clock::Clock;
use titian_host::people::Password;
use titian_host::store::encipher::{Claimed, EncipherError, is_plain};
use zeroize::Zeroizing;

use crate::store::DATABASE;

/// The credential by which the machine's own key store hands its code to the program (systemd.exec, `LoadCredentialEncrypted=`).
pub const CREDENTIAL: &str = "titian-gateway-code";

/// How long to wait until nobody has the database open any more: this program closes it in a thread of its own, and a command
/// beside it ends soon.
const CLAIMING_MAX: Duration = Duration::from_secs(10);
const CLAIMING_AGAIN: Duration = Duration::from_millis(50);

/// How the data lie on the disk.
pub enum AtRest {
    /// Anybody who has the disk can read them.
    Plain,
    /// They are enciphered, and the key is at hand.
    Open(KeyFile, DataKey),
    /// They are enciphered, and somebody has to open them.
    Locked(KeyFile),
    /// Enciphering them was begun and is not finished; somebody has to open them for it to go on.
    Begun(KeyFile),
}

/// With what the data are opened.
#[derive(Clone)]
pub enum Access {
    /// With nothing: they are plain.
    Plain,
    /// With the key that all of them are enciphered with.
    Enciphered(DataKey),
    /// With the key that a part of them is enciphered with.
    Begun(DataKey),
}

/// In whose name the data are to be enciphered, and what opens them then.
pub struct Beginning {
    /// The name that the audit log keeps.
    pub who: String,
    /// The key.
    pub key: DataKey,
    /// The code that was typed back.
    pub code: RecoveryCode,
    /// The account's password with what the database holds of it, where it is to open the data from the first day.
    pub password: Option<(Password, String)>,
}

/// Says why the data could not be enciphered.
#[derive(Debug, thiserror::Error)]
pub enum Unenciphered {
    /// The database.
    #[error(transparent)]
    Database(#[from] EncipherError),
    /// An attached file.
    #[error("an attached file could not be enciphered: {0}")]
    File(#[from] io::Error),
    /// The key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
}

/// What the office is told where it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another program has the database open; nothing was begun.
    InUse,
    /// The disk has no room, or fails.
    Disk,
    /// Something else.
    Broken,
}

impl Trouble {
    /// Says what an error is for the office.
    pub fn of(error: &Unenciphered) -> Self {
        match error {
            Unenciphered::Database(EncipherError::InUse) => Self::InUse,
            Unenciphered::Database(EncipherError::File(_))
            | Unenciphered::File(_)
            | Unenciphered::KeyFile(KeyFileError::File { .. }) => Self::Disk,
            Unenciphered::Database(_) | Unenciphered::KeyFile(_) => Self::Broken,
        }
    }
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
        return Ok(AtRest::Begun(file));
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

/// Says what a command answers that needs the data while enciphering them is not finished.
pub fn begun() -> Failure {
    Failure::with_exit(
        Exit::Conflict,
        "enciphering the office's data was begun and not finished; nothing is lost",
        "start `titian-gateway run` and open the data in the browser, or type `titian-gateway encryption turn-on` again, with \
         the recovery code at hand",
    )
}

/// Takes a plain database for itself, so that no program works with the folder while it is enciphered; none where it is enciphered
/// already, or not there yet. Blocks for as long as somebody has it open, up to a limit.
pub fn claim(folder: &Path) -> Result<Option<Claimed>, Unenciphered> {
    let database = database(folder);
    if is_plain(&database).map_err(EncipherError::File)? != Some(true) {
        return Ok(None);
    }
    let mut waited = Duration::ZERO;
    loop {
        match Claimed::claim(&database) {
            Err(EncipherError::InUse) if waited < CLAIMING_MAX => {
                thread::sleep(CLAIMING_AGAIN);
                waited += CLAIMING_AGAIN;
            }
            claimed => return Ok(Some(claimed?)),
        }
    }
}

/// Enciphers a plain folder that was claimed, and gives its key file with the number of attached files. Who did it is noted before.
pub async fn turn_on(
    folder: &Path,
    mut claimed: Claimed,
    beginning: Beginning,
    clock: &Clock,
) -> Result<(KeyFile, usize), Unenciphered> {
    let Beginning {
        who,
        key,
        code,
        password,
    } = beginning;
    let entry = audit::Entry {
        at: clock.now(),
        who: &who,
        deed: Deed::EncryptionTurnedOn,
        complaint: None,
        detail: "",
    };
    claimed.write(|tx| audit::note(tx, entry))?;
    let mut file = KeyFile::begin(&database(folder), &key, &code, clock)?;
    if let Some((password, hash)) = password {
        // It opens them from the next sign-in on, then; the code does in any case.
        if let Err(error) = file.set_account((&who, &hash), password, &key, clock).await {
            tracing::warn!(%error, "an account's password does not open the data folder yet");
        }
    }
    match encipher(folder, Some(claimed), &key) {
        Ok(count) => {
            file.finish()?;
            Ok((file, count))
        }
        // There was no room for the copy: then this folder is what it was.
        Err((error, Touched::Nothing)) => {
            file.abandon()?;
            Err(error)
        }
        Err((error, Touched::Files)) => Err(error),
    }
}

/// Goes on with a folder that was begun with, and gives the number of attached files that were still plain.
pub fn go_on(
    folder: &Path,
    claimed: Option<Claimed>,
    file: &mut KeyFile,
    key: &DataKey,
) -> Result<usize, Unenciphered> {
    let count = encipher(folder, claimed, key).map_err(|(error, _)| error)?;
    file.finish()?;
    Ok(count)
}

/// What may be enciphered where the rest failed.
enum Touched {
    Nothing,
    Files,
}

fn encipher(folder: &Path, claimed: Option<Claimed>, key: &DataKey) -> Result<usize, (Unenciphered, Touched)> {
    let mut count = None;
    let mut attached = || {
        count = Some(0);
        if folder.join(attachments::FOLDER).try_exists()? {
            count = Some(files::encipher(folder, &key.files())?);
        }
        Ok(())
    };
    // The database last: it is what says whether all is done.
    let done = match claimed {
        Some(claimed) => claimed.encipher(&key.database(), attached),
        None => attached(),
    };
    match (done, count) {
        (Ok(()), count) => Ok(count.unwrap_or(0)),
        (Err(error), None) => Err((error, Touched::Nothing)),
        (Err(error), Some(_)) => Err((error, Touched::Files)),
    }
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

impl Access {
    /// Gives the key, where there is one.
    pub fn key(&self) -> Option<&DataKey> {
        match self {
            Self::Plain => None,
            Self::Enciphered(key) | Self::Begun(key) => Some(key),
        }
    }

    /// Gives the key of the database, where that is enciphered.
    pub fn of_database(&self, folder: &Path) -> Result<Option<&DataKey>, Failure> {
        match self {
            Self::Begun(_) if is_plain(&database(folder)).map_err(unreadable)? == Some(true) => Ok(None),
            access => Ok(access.key()),
        }
    }
}

impl From<Unenciphered> for Failure {
    fn from(error: Unenciphered) -> Self {
        let what = error.to_string();
        match error {
            Unenciphered::Database(EncipherError::InUse) => Self::with_exit(
                Exit::Conflict,
                what,
                "stop `titian-gateway run` and all other commands of this folder, then type the command again",
            ),
            Unenciphered::Database(EncipherError::File(_)) => Self::with_exit(
                Exit::Conflict,
                what,
                "free as much space as the database takes, then type the command again",
            ),
            Unenciphered::Database(EncipherError::Sqlite(_) | EncipherError::Copy(_)) => Self::with_exit(
                Exit::Conflict,
                what,
                "keep the data folder as it is, and restore the last backup elsewhere",
            ),
            Unenciphered::File(_) => Self::with_exit(
                Exit::Failed,
                what,
                "free some space on the disk, then type the command again: it goes on where it was",
            ),
            Unenciphered::KeyFile(error) => key_file(error),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unreadable(error: io::Error) -> Failure {
    Failure::user(
        format!("the database cannot be read: {error}"),
        "check that this account may read the data folder",
    )
}
