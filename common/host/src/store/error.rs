//! What can go wrong at the door to SQLite, and what to do about it.

use std::path::PathBuf;

use rusqlite::{ErrorCode, ffi};

/// Says why a piece of work on the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused a statement or a commit.
    #[error("the database refused the work")]
    Sqlite(#[from] rusqlite::Error),
    /// The work panicked; it was rolled back.
    #[error("the work on the database broke off and was rolled back")]
    Panicked,
    /// The store is shutting down.
    #[error("the database is closed")]
    Closed,
    /// A check found damage.
    #[error("{} is damaged ({finding}); nothing was changed", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// SQLite's first complaint.
        finding: String,
    },
}

/// Says why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder is missing, not writable, or holds something else under that name.
    #[error("cannot open the database {}", path.display())]
    File {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The disk has no room even for what an open database keeps beside it.
    #[error("the disk is full: there is no room to open the database {}", path.display())]
    Full {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is no database or a broken one.
    #[error("{} is damaged or not a database; nothing was changed", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is enciphered, and not with the key that was given, if one was.
    #[error("{} is enciphered with another key, or is no database; nothing was changed", path.display())]
    Sealed {
        /// The database file.
        path: PathBuf,
    },
    /// A newer program has written the file.
    #[error("{} was written by a newer version of this program (schema {found}; this one knows {known})", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The schema version in the file.
        found: usize,
        /// The newest one that this program knows.
        known: usize,
    },
    /// Another program has written the file.
    #[error("{} belongs to another program (its step {version} is '{found}', not '{expected}')", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
        /// The migration that differs.
        version: u32,
        /// Its name in the file.
        found: String,
        /// Its name in this program.
        expected: &'static str,
    },
    /// A migration failed; the file is as it was before it.
    #[error("step {version} ({name}) of the database's schema failed and was rolled back")]
    Migration {
        /// Which one.
        version: u32,
        /// Its name.
        name: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A setting on which durability rests did not take.
    #[error("the database setting {name} is '{found}' where '{wanted}' was asked for")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// What was asked for.
        wanted: String,
        /// What SQLite answered.
        found: String,
    },
    /// The writer thread could not be started.
    #[error("cannot start the thread that writes the database")]
    Thread {
        /// What the system said.
        source: std::io::Error,
    },
}

/// What to do about a damaged file. Nothing is ever deleted: what can still be read of it may be all there is.
const SET_ASIDE: &str = "stop this program, move the file and those beside it that begin with its name into another \
                         folder, keep them, and restore the last backup";

/// What to do about a full disk.
const FREE_SPACE: &str = "free some space on the disk, then try again";

/// Tells whether an error means that the disk is full. SQLite has a code of its own for the shared memory of its log: its
/// file is written page by page when it is made, so that no room lacks later.
pub(super) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHMSIZE)
}

impl StoreError {
    /// Tells whether the disk was full.
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Sqlite(error) if is_full(error))
    }

    /// Says what the person at the machine can do, where there is something.
    pub fn next_step(&self) -> Option<&'static str> {
        match self {
            error if error.is_disk_full() => Some(FREE_SPACE),
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                Some("another command is writing for long; wait for it to end, then try again")
            }
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Some(SET_ASIDE),
            Self::Damaged { .. } => Some(SET_ASIDE),
            _ => None,
        }
    }
}

impl OpenError {
    /// Says what the person at the machine can do, where there is something.
    pub fn next_step(&self) -> Option<&'static str> {
        match self {
            Self::Full { .. } => Some(FREE_SPACE),
            Self::File { .. } => Some("check that the folder exists and that this account may write there"),
            Self::Damaged { .. } => Some(SET_ASIDE),
            Self::Sealed { .. } => {
                Some("put back the key file that lay beside it, as it is in the last backup, and keep this file")
            }
            Self::Newer { .. } => Some("install that newer version again"),
            Self::Foreign { .. } => Some("give the path of this program's own database"),
            Self::Setting { .. } => Some("keep the database on a disk of this machine, not on a network drive"),
            Self::Migration { .. } | Self::Thread { .. } => None,
        }
    }

    /// Sorts what SQLite said at open into a full disk, damage and everything else.
    pub(super) fn at_open(path: &std::path::Path, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        if is_full(&source) {
            return Self::Full { path, source };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Sealed { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, source },
            _ => Self::File { path, source },
        }
    }
}
