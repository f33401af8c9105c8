//! The key file: the data key of a folder, wrapped once for each secret that opens it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key::{self, DataKey, KEY_BYTES, NONCE_BYTES};
use super::recovery_code::RecoveryCode;
use crate::clock::Clock;
use crate::folder;
use crate::people::password::{self, Password};
use crate::people::{StaffError, normal};

/// The version of the file that this program writes.
const VERSION: u32 = 1;
/// Bytes of the salt that makes two wrappings by one secret differ.
const SALT_BYTES: usize = 16;

/// How far the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Enciphering was begun and not finished: what is there is partly plain.
    Enciphering,
    /// All of it is enciphered.
    Enciphered,
}

/// What kind of secret opens a wrapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opener {
    /// The code on paper.
    RecoveryCode,
    /// A code that the machine keeps itself, in its own key store.
    Machine,
    /// The password of an account.
    Account(String),
}

/// The data key, wrapped by one secret.
#[derive(Clone, Serialize, Deserialize)]
struct Wrapping {
    opened_by: Opener,
    salt: String,
    wrapped: String,
    /// Of an account: the hash of what the database holds of its password, by which one sees that it was changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// What stands in the file.
#[derive(Clone, Serialize, Deserialize)]
struct Content {
    version: u32,
    stage: Stage,
    wrappings: Vec<Wrapping>,
}

/// Says why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is there and cannot be read, or cannot be written.
    #[error("the key file {} cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("the key file {} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("the key file {} was written by a newer version of this program", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] StaffError),
}

/// The key file of a data folder.
#[derive(Clone)]
pub struct KeyFile {
    path: PathBuf,
    content: Content,
}

impl KeyFile {
    /// Names the key file of a database.
    pub fn path_beside(database: &Path) -> PathBuf {
        database.with_extension("keys.json")
    }

    /// Reads the key file of a database; none where there is none, and the folder is plain.
    ///
    /// # Errors
    /// When it is there and cannot be used.
    pub fn beside(database: &Path) -> Result<Option<Self>, KeyFileError> {
        Self::read(Self::path_beside(database))
    }

    fn read(path: PathBuf) -> Result<Option<Self>, KeyFileError> {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeyFileError::File { path, source }),
        };
        match serde_json::from_slice::<Content>(&bytes) {
            Ok(content) if content.version > VERSION => Err(KeyFileError::Newer { path }),
            Ok(content) => Ok(Some(Self { path, content })),
            Err(_) => Err(KeyFileError::Damaged { path }),
        }
    }

    /// Makes the key file of a database that is to be enciphered, with the code that opens it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(database: &Path, key: &DataKey, code: &RecoveryCode, clock: &Clock) -> Result<Self, KeyFileError> {
        let file = Self {
            path: Self::path_beside(database),
            content: Content {
                version: VERSION,
                stage: Stage::Enciphering,
                wrappings: vec![Wrapping::of_code(Opener::RecoveryCode, key, code, clock)],
            },
        };
        file.write()?;
        Ok(file)
    }

    /// Removes the file again: for a folder of which nothing was enciphered in the end.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn abandon(self) -> Result<(), KeyFileError> {
        let removed = fs::remove_file(&self.path).and_then(|()| folder::sync(folder_of(&self.path)));
        removed.map_err(|source| KeyFileError::File {
            path: self.path,
            source,
        })
    }

    /// Reads the file again, which a command of another process may have changed; where it cannot be read it stays as it was known.
    pub(crate) fn read_again(&mut self) {
        match Self::read(self.path.clone()) {
            Ok(Some(file)) => *self = file,
            Ok(None) => tracing::warn!("the key file is gone; it is written anew when an account changes"),
            Err(error) => tracing::warn!(%error, "the key file cannot be read"),
        }
    }

    /// Says how far the folder is.
    pub fn stage(&self) -> Stage {
        self.content.stage
    }

    /// Notes that all of the folder is enciphered.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&mut self) -> Result<(), KeyFileError> {
        self.read_again();
        let mut next = self.clone();
        next.content.stage = Stage::Enciphered;
        self.replace_by(next)
    }

    /// Lists what opens it.
    pub fn openers(&self) -> impl Iterator<Item = &Opener> {
        self.content.wrappings.iter().map(|wrapping| &wrapping.opened_by)
    }

    /// Opens it with a code, of paper or of the machine.
    pub fn open_by_code(&self, code: &RecoveryCode) -> Option<DataKey> {
        let by_code = |wrapping: &&Wrapping| !matches!(wrapping.opened_by, Opener::Account(_));
        self.content
            .wrappings
            .iter()
            .filter(by_code)
            .find_map(|wrapping| wrapping.open(&code.wrapping_key(&wrapping.salt()?)))
    }

    /// Opens it with the password of an account. Where the account opens nothing the password is stretched all the same.
    ///
    /// # Errors
    /// When the machine has no memory for it.
    pub async fn open_by_password(&self, name: &str, password: Password) -> Result<Option<DataKey>, KeyFileError> {
        let wrapping = self.of_account(&normal(name));
        let salt = wrapping.and_then(Wrapping::salt).unwrap_or_default();
        let stretched = password::stretch(password, salt).await?;
        Ok(wrapping.and_then(|wrapping| wrapping.open(&stretched)))
    }

    /// Has a new code open it instead of the former one of its kind.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_code(
        &mut self,
        kind: Opener,
        key: &DataKey,
        code: &RecoveryCode,
        clock: &Clock,
    ) -> Result<(), KeyFileError> {
        self.put(Wrapping::of_code(kind, key, code, clock))
    }

    /// Has an account's password open it, unless it does already; `hash` is what the database holds of that password.
    ///
    /// # Errors
    /// When the machine has no memory for it, or the file cannot be written.
    pub async fn set_account(
        &mut self,
        (name, hash): (&str, &str),
        password: Password,
        key: &DataKey,
        clock: &Clock,
    ) -> Result<(), KeyFileError> {
        let mark = mark(hash);
        if self
            .of_account(name)
            .is_some_and(|known| known.password.as_ref() == Some(&mark))
        {
            return Ok(());
        }
        let salt: [u8; SALT_BYTES] = clock.random();
        let stretched = password::stretch(password, salt).await?;
        let mut wrapping = Wrapping::new(Opener::Account(name.to_owned()), salt, &stretched, key, clock.random());
        wrapping.password = Some(mark);
        self.put(wrapping)
    }

    /// Has only those accounts open it that are still good for it, each with the hash that the database holds of its password:
    /// what a leaver knows, and a former password, opens nothing any more. Gives how many were taken out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_accounts(&mut self, good: &[(String, String)]) -> Result<usize, KeyFileError> {
        let mut next = self.clone();
        next.content.wrappings.retain(|wrapping| match &wrapping.opened_by {
            Opener::Account(name) => good
                .iter()
                .any(|(account, hash)| account == name && wrapping.password == Some(mark(hash))),
            Opener::RecoveryCode | Opener::Machine => true,
        });
        let gone = self.content.wrappings.len() - next.content.wrappings.len();
        if gone > 0 {
            self.replace_by(next)?;
        }
        Ok(gone)
    }

    fn of_account(&self, name: &str) -> Option<&Wrapping> {
        let is_it = |wrapping: &&Wrapping| matches!(&wrapping.opened_by, Opener::Account(of) if of == name);
        self.content.wrappings.iter().find(is_it)
    }

    /// Adds to what is there now: since this was read somebody was asked, or a password stretched, and a command may have changed it.
    fn put(&mut self, wrapping: Wrapping) -> Result<(), KeyFileError> {
        self.read_again();
        let mut next = self.clone();
        let wrappings = &mut next.content.wrappings;
        wrappings.retain(|other| other.opened_by != wrapping.opened_by);
        wrappings.push(wrapping);
        self.replace_by(next)
    }

    /// Writes what is to be, and only then takes it for what is.
    fn replace_by(&mut self, next: Self) -> Result<(), KeyFileError> {
        next.write()?;
        *self = next;
        Ok(())
    }

    fn write(&self) -> Result<(), KeyFileError> {
        let text = serde_json::to_vec_pretty(&self.content).map_err(io::Error::from);
        let written = text.and_then(|text| {
            folder::replace(&self.path, &text)?;
            folder::sync(folder_of(&self.path))
        });
        written.map_err(|source| KeyFileError::File {
            path: self.path.clone(),
            source,
        })
    }
}

impl Wrapping {
    fn of_code(kind: Opener, key: &DataKey, code: &RecoveryCode, clock: &Clock) -> Self {
        let salt: [u8; SALT_BYTES] = clock.random();
        Self::new(kind, salt, &code.wrapping_key(&salt), key, clock.random())
    }

    fn new(
        opened_by: Opener,
        salt: [u8; SALT_BYTES],
        by: &[u8; KEY_BYTES],
        key: &DataKey,
        nonce: [u8; NONCE_BYTES],
    ) -> Self {
        Self {
            opened_by,
            salt: HEXLOWER.encode(&salt),
            wrapped: HEXLOWER.encode(&key::seal(by, nonce, &*key.0)),
            password: None,
        }
    }

    fn salt(&self) -> Option<[u8; SALT_BYTES]> {
        HEXLOWER.decode(self.salt.as_bytes()).ok()?.try_into().ok()
    }

    fn open(&self, by: &[u8; KEY_BYTES]) -> Option<DataKey> {
        let sealed = HEXLOWER.decode(self.wrapped.as_bytes()).ok()?;
        let key = Zeroizing::new(key::open(by, &sealed)?);
        Some(DataKey::new(key.as_slice().try_into().ok()?))
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Says which password an account had, by what the database holds of it, and nothing more.
fn mark(hash: &str) -> String {
    HEXLOWER.encode(&blake3::derive_key("titian 2026 password mark", hash.as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(byte: u8) -> RecoveryCode {
        RecoveryCode::new([byte; 16])
    }

    fn typed(text: &str) -> Password {
        Password::typed(text)
    }

    #[tokio::test]
    async fn each_secret_opens_the_same_key_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let (database, clock) = (folder.path().join("gateway.db"), Clock::system());
        assert!(KeyFile::beside(&database).unwrap().is_none());
        let key = DataKey::new([5; KEY_BYTES]);
        let mut file = KeyFile::begin(&database, &key, &code(1), &clock).unwrap();
        let account = ("siti", "$argon2id$hash-of-siti");
        file.set_account(account, typed("jembatan bambu"), &key, &clock)
            .await
            .unwrap();
        file.set_code(Opener::Machine, &key, &code(2), &clock).unwrap();
        file.finish().unwrap();

        let file = KeyFile::beside(&database).unwrap().unwrap();
        assert_eq!(file.stage(), Stage::Enciphered);
        let same = |opened: Option<DataKey>| opened.is_some_and(|opened| *opened.0 == *key.0);
        assert!(same(file.open_by_code(&code(1))) && same(file.open_by_code(&code(2))));
        assert!(file.open_by_code(&code(3)).is_none());
        assert!(same(
            file.open_by_password(" Siti ", typed("jembatan bambu")).await.unwrap()
        ));
        for (name, password) in [("siti", "jembatan bambU"), ("budi", "jembatan bambu")] {
            assert!(file.open_by_password(name, typed(password)).await.unwrap().is_none());
        }
        let text = fs::read_to_string(KeyFile::path_beside(&database)).unwrap();
        assert!(!text.contains(&HEXLOWER.encode(&*key.0)) && !text.contains("hash-of-siti"));
    }

    #[tokio::test]
    async fn a_leaver_and_a_former_password_open_nothing_and_a_new_code_takes_the_place_of_the_old() {
        let folder = tempfile::tempdir().unwrap();
        let (database, clock) = (folder.path().join("gateway.db"), Clock::system());
        let key = DataKey::new([5; KEY_BYTES]);
        let mut file = KeyFile::begin(&database, &key, &code(1), &clock).unwrap();
        for account in [("siti", "s1"), ("budi", "b1"), ("tono", "t1")] {
            file.set_account(account, typed("jembatan bambu"), &key, &clock)
                .await
                .unwrap();
        }
        // Siti stays, Budi has another password since, Tono left.
        let good = [
            ("siti".to_owned(), "s1".to_owned()),
            ("budi".to_owned(), "b2".to_owned()),
        ];
        assert_eq!(file.keep_accounts(&good).unwrap(), 2);
        file.set_code(Opener::RecoveryCode, &key, &code(9), &clock).unwrap();

        let file = KeyFile::beside(&database).unwrap().unwrap();
        for (name, opens) in [("siti", true), ("budi", false), ("tono", false)] {
            let opened = file.open_by_password(name, typed("jembatan bambu")).await.unwrap();
            assert_eq!(opened.is_some(), opens, "{name}");
        }
        assert!(file.open_by_code(&code(1)).is_none() && file.open_by_code(&code(9)).is_some());
    }

    #[test]
    fn a_damaged_file_and_one_of_a_newer_program_are_told_apart_from_none() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("gateway.db");
        let put = |text: &str| fs::write(KeyFile::path_beside(&database), text).unwrap();
        put("{");
        assert!(matches!(KeyFile::beside(&database), Err(KeyFileError::Damaged { .. })));
        put(r#"{"version":2,"stage":"enciphered","wrappings":[]}"#);
        assert!(matches!(KeyFile::beside(&database), Err(KeyFileError::Newer { .. })));
    }
}
