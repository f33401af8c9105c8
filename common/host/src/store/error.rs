//! What can go wrong at the door to SQLite, and what to do about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;

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
    #[error(
        "{path} is damaged ({finding}); nothing was changed: stop this program, move the file and those beside it \
         that begin with its name into another folder, keep them, and restore the last backup"
    )]
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
    #[error("cannot open the database {path}: check that its folder exists and that this account may write there")]
    File {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is no database or a broken one.
    #[error(
        "{path} is damaged or not a database; nothing was changed: move the file and those beside it that begin with \
         its name into another folder, keep them, and restore the last backup"
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A newer program has written the file.
    #[error(
        "{path} was written by a newer version of this program (schema {found}, this program knows {known}): \
         install that version again"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The schema version in the file.
        found: usize,
        /// The newest one that this program knows.
        known: usize,
    },
    /// Another program has written the file.
    #[error("{path} belongs to another program (its step {version} is '{found}', not '{expected}'): give another path")]
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
    #[error("the database setting {name} is '{found}' where '{wanted}' was asked for: is the file on a network disk?")]
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

impl OpenError {
    /// Sorts what SQLite said at open into damage and everything else.
    pub(super) fn at_open(path: &std::path::Path, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, source },
            _ => Self::File { path, source },
        }
    }
}
