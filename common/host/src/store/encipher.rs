//! Turns a plain database into an enciphered one: beside it, proved, and only then in its place.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction};

use super::pragmas;
use crate::at_rest::DatabaseKey;
use crate::folder;

/// What every plain database begins with (SQLite file format, 1.3).
const PLAIN_HEAD: &[u8; 16] = b"SQLite format 3\0";

/// How much is overwritten at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// Says why a database could not be enciphered. It is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum EncipherError {
    /// Another program has it open.
    #[error("the database is open in another program")]
    InUse,
    /// The disk has no room for a second copy, or fails.
    #[error("the enciphered copy of the database could not be written")]
    File(#[from] io::Error),
    /// SQLite failed.
    #[error("the database could not be copied")]
    Sqlite(rusqlite::Error),
    /// The copy is not what it should be.
    #[error("the enciphered copy of the database is not whole: {0}")]
    Copy(String),
}

impl From<rusqlite::Error> for EncipherError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::File(io::Error::other(error)),
            _ => Self::Sqlite(error),
        }
    }
}

/// Tells whether a file is a plain database; none where there is none.
///
/// # Errors
/// When it is there and cannot be read.
pub fn is_plain(path: &Path) -> io::Result<Option<bool>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut head = Vec::new();
    file.take(PLAIN_HEAD.len() as u64).read_to_end(&mut head)?;
    // An empty file is what SQLite makes before the first page.
    Ok((!head.is_empty()).then(|| head == PLAIN_HEAD))
}

/// A plain database that nobody else can open until it is enciphered, or let go.
pub struct Claimed {
    path: PathBuf,
    plain: Connection,
}

impl Claimed {
    /// Takes a database for itself.
    ///
    /// # Errors
    /// [`EncipherError::InUse`] where another program has it open; nothing is changed then.
    pub fn claim(path: &Path) -> Result<Self, EncipherError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let plain = Connection::open_with_flags(path, flags)?;
        // Who waits for it asks again, and can be told when to stop.
        plain.busy_timeout(Duration::ZERO)?;
        // Both want the file for themselves, and the first brings the write-ahead log into it and removes it.
        plain.pragma_update(None, "journal_mode", "delete")?;
        plain.pragma_update(None, "locking_mode", "exclusive")?;
        plain.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
        Ok(Self {
            path: path.to_owned(),
            plain,
        })
    }

    /// Does a piece of work with it before it is enciphered, in a transaction of its own.
    ///
    /// # Errors
    /// What the work returned, or why it could not be committed; nothing is changed then.
    pub fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, EncipherError> {
        let tx = self.plain.transaction()?;
        let done = work(&tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// Enciphers it: a copy is made and proved, then `between` is done, and only then the copy takes the place. So it shows whether
    /// there is room for the copy before anything else is changed. A power cut at any moment leaves the plain one or the enciphered
    /// one, whole. What the plain one held is overwritten at the end, as far as the disk lets it: flash keeps copies of its own.
    ///
    /// # Errors
    /// [`EncipherError`], and what `between` says; the plain database is then as it was, and nothing is left of the copy.
    pub fn encipher<E: From<EncipherError>>(
        self,
        key: &DatabaseKey,
        between: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let copy = self.path.with_extension("db.enciphering");
        let done = self
            .copy(&copy, key)
            .map_err(E::from)
            .and_then(|()| between())
            .and_then(|()| Ok(self.replace_by(&copy)?));
        if done.is_err() {
            // The first error is the one to tell; the next try removes what is left.
            let _ = fs::remove_file(&copy);
        }
        done
    }

    fn copy(&self, copy: &Path, key: &DatabaseKey) -> Result<(), EncipherError> {
        if let Err(error) = fs::remove_file(copy)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error.into());
        }
        self.plain.execute("VACUUM INTO ?1", [uri(copy, key)])?;
        OpenOptions::new().write(true).open(copy)?.sync_all()?;
        let sealed = pragmas::open_reader(copy, Some(key))?;
        pragmas::quick_check(&sealed, copy).map_err(|error| EncipherError::Copy(error.to_string()))?;
        let number = |connection: &Connection, sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        for sql in ["PRAGMA user_version", "SELECT count(*) FROM sqlite_schema"] {
            if number(&self.plain, sql)? != number(&sealed, sql)? {
                return Err(EncipherError::Copy("not all of it is there".to_owned()));
            }
        }
        if is_plain(copy)? != Some(false) {
            return Err(EncipherError::Copy("it is not enciphered".to_owned()));
        }
        Ok(())
    }

    fn replace_by(self, copy: &Path) -> Result<(), EncipherError> {
        let Self { path, plain } = self;
        let former = former(&path)?;
        drop(plain);
        fs::rename(copy, &path)?;
        folder::sync(path.parent().unwrap_or(Path::new(".")))?;
        // All is done that had to be: that old blocks may be read on a disk that cannot be written is for nobody to mend here.
        if let Some(Err(error)) = former.map(|mut former| overwrite(&mut former)) {
            tracing::warn!(%error, "the blocks of the plain database could not be overwritten");
        }
        Ok(())
    }
}

/// Opens a file that another one is to replace, so that what it held can be overwritten afterwards. Not on Windows: before its
/// version 10 nothing takes the place of a file that is open, and the old blocks stay as they are.
pub(crate) fn former(path: &Path) -> io::Result<Option<fs::File>> {
    if cfg!(windows) {
        return Ok(None);
    }
    OpenOptions::new().write(true).open(path).map(Some)
}

/// Overwrites a file that has no name any more.
pub(crate) fn overwrite(file: &mut fs::File) -> io::Result<()> {
    let block = vec![0; BLOCK_BYTES];
    let mut left = file.metadata()?.len();
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        file.write_all(&block[..now])?;
        left -= now as u64;
    }
    file.sync_all()
}

/// Names a file with its key, as `SQLite3` Multiple Ciphers reads it in `VACUUM INTO`.
fn uri(path: &Path, key: &DatabaseKey) -> String {
    let mut uri = String::from("file:");
    let path = path.display().to_string().replace('\\', "/");
    if !path.starts_with('/') && path.as_bytes().get(1) == Some(&b':') {
        uri.push_str("///");
    }
    for byte in path.bytes() {
        match byte {
            b'/' | b':' | b'.' | b'_' | b'-' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            // Writing to a string cannot fail.
            byte => _ = write!(uri, "%{byte:02X}"),
        }
    }
    uri.push_str("?key=");
    uri.push_str(&key.pragma());
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at_rest::DataKey;
    use crate::store::{Migration, Store, StoreError};

    const MIGRATIONS: &[Migration] = &[Migration {
        name: "words",
        sql: "CREATE VIRTUAL TABLE word USING fts5(body)",
    }];

    fn everything(folder: &Path) -> Vec<u8> {
        let files = fs::read_dir(folder).unwrap();
        files
            .flat_map(|entry| fs::read(entry.unwrap().path()).unwrap())
            .collect()
    }

    fn shows(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|found| found == word)
    }

    #[tokio::test]
    async fn what_was_plain_is_the_same_under_the_key_and_not_to_be_seen_without() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data kantor 100% & #1");
        fs::create_dir(&data).unwrap();
        let path = data.join("gateway.db");
        let key = DataKey::new([3; 32]).database();
        let store = Store::open(&path, MIGRATIONS).unwrap();
        let add = |tx: &crate::store::Transaction<'_>| {
            tx.execute("INSERT INTO word VALUES ('kanariajembatan')", [])?;
            Ok::<_, StoreError>(())
        };
        store.write(add).await.unwrap();
        assert!(matches!(Claimed::claim(&path), Err(EncipherError::InUse)));
        assert!(shows(&everything(&data), b"kanariajembatan"));
        // The writer's thread ends once nobody holds the store.
        drop(store);
        let claimed = loop {
            match Claimed::claim(&path) {
                Err(EncipherError::InUse) => std::thread::yield_now(),
                done => break done.unwrap(),
            }
        };
        assert!(matches!(Claimed::claim(&path), Err(EncipherError::InUse)));
        // What keeps the rest from being enciphered leaves the database plain, and no copy beside it.
        let failed = claimed.encipher(&key, || Err(EncipherError::Copy("no".into())));
        assert!(failed.is_err() && is_plain(&path).unwrap() == Some(true));
        assert!(!path.with_extension("db.enciphering").exists());
        let mut claimed = Claimed::claim(&path).unwrap();
        let more = |tx: &Transaction<'_>| tx.execute("INSERT INTO word VALUES ('kanariatiang')", []);
        claimed.write(more).unwrap();
        claimed.encipher(&key, || Ok::<_, EncipherError>(())).unwrap();
        assert_eq!(is_plain(&path).unwrap(), Some(false));
        assert!(!shows(&everything(&data), b"kanariajembatan"));

        let sealed = Store::open_with(&path, Some(key), MIGRATIONS).unwrap();
        let count = |conn: &Connection| {
            let sought = "SELECT count(*) FROM word WHERE word MATCH 'kanariajembatan OR kanariatiang'";
            Ok::<i64, StoreError>(conn.query_row(sought, [], |row| row.get(0))?)
        };
        assert_eq!(sealed.read(count).await.unwrap(), 2);
        sealed.write(add).await.unwrap();
        sealed.check().await.unwrap();
        assert!(!shows(&everything(&data), b"kanariajembatan"));
        let without = Store::open(&path, MIGRATIONS).err().unwrap();
        assert!(matches!(without, crate::store::OpenError::Sealed { .. }), "{without}");
    }

    #[test]
    fn a_file_that_is_no_database_yet_is_neither() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.db");
        assert_eq!(is_plain(&path).unwrap(), None);
        fs::write(&path, "").unwrap();
        assert_eq!(is_plain(&path).unwrap(), None);
    }
}
