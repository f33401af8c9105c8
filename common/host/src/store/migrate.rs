//! A small migrator: numbered `.sql` steps over `user_version`, each in its own transaction.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::{OpenError, is_full};

/// One step of a schema. Its number is its place in the list that a program opens its store with, from 1; a released
/// step is never changed, moved or removed.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The name of the `.sql` file without its ending. Kept in the file, to know another program's database.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

/// The history lies in the file itself; made on first open, outside the numbered steps.
const HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_step (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT";

/// Brings a file up to the last of `migrations`.
pub(super) fn run(connection: &mut Connection, path: &Path, migrations: &[Migration]) -> Result<(), OpenError> {
    let found = version(connection).map_err(|source| OpenError::at_open(path, source))?;
    if found > migrations.len() {
        return Err(OpenError::Newer {
            path: path.to_path_buf(),
            found,
            known: migrations.len(),
        });
    }
    refuse_foreign(connection, path, &migrations[..found])?;
    for (number, migration) in numbered(migrations).skip(found) {
        apply(connection, number, migration).map_err(|source| {
            if is_full(&source) {
                return OpenError::at_open(path, source);
            }
            OpenError::Migration {
                version: number,
                name: migration.name,
                source,
            }
        })?;
    }
    Ok(())
}

fn numbered(migrations: &[Migration]) -> impl Iterator<Item = (u32, &Migration)> {
    (1..).zip(migrations)
}

fn version(connection: &Connection) -> Result<usize, rusqlite::Error> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // A negative version was not ours; the largest number is refused as newer.
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

fn refuse_foreign(connection: &Connection, path: &Path, applied: &[Migration]) -> Result<(), OpenError> {
    for (number, migration) in numbered(applied) {
        let name = "SELECT name FROM schema_step WHERE version = ?1";
        let name = connection.query_row(name, [number], |row| row.get(0));
        let found: String = name.map_err(|source| OpenError::at_open(path, source))?;
        if found != migration.name {
            return Err(OpenError::Foreign {
                path: path.to_path_buf(),
                version: number,
                found,
                expected: migration.name,
            });
        }
    }
    Ok(())
}

fn apply(connection: &mut Connection, number: u32, migration: &Migration) -> Result<(), rusqlite::Error> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited for the lock.
    if version(&tx)? >= number as usize {
        return Ok(());
    }
    tx.execute_batch(HISTORY)?;
    tx.execute_batch(migration.sql)?;
    tx.execute(
        "INSERT INTO schema_step (version, name) VALUES (?1, ?2)",
        (number, migration.name),
    )?;
    tx.pragma_update(None, "user_version", number)?;
    tx.commit()
}
