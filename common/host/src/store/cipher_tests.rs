//! What the linked SQLite must bring: the cipher, the full-text search, and nothing enciphered unasked.

use rusqlite::{Connection, ErrorCode};

/// Stands for what a citizen wrote.
const CANARY: &str = "kanaria-pengaduan-jembatan";

/// A key of 32 bytes in the form that the cipher takes without deriving it from a password.
fn raw_key(byte: u8) -> String {
    format!("raw:{}", data_encoding::HEXLOWER.encode(&[byte; 32]))
}

fn write_canary(connection: &Connection) {
    connection
        .execute_batch("PRAGMA journal_mode = wal; CREATE VIRTUAL TABLE word USING fts5(body);")
        .unwrap();
    connection
        .execute("INSERT INTO word (body) VALUES (?1)", [CANARY])
        .unwrap();
}

fn found(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.query_row("SELECT count(*) FROM word WHERE word MATCH 'jembatan'", [], |row| {
        row.get(0)
    })
}

/// Everything of the database that lies on the disk: the file and its log.
fn on_disk(folder: &std::path::Path) -> String {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).into_owned())
        .collect()
}

#[test]
fn a_file_under_a_key_shows_no_word_and_opens_with_no_other_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealed.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "key", raw_key(1)).unwrap();
    write_canary(&connection);
    assert_eq!(found(&connection).unwrap(), 1);
    let sealed = on_disk(folder.path());
    assert!(sealed.len() > CANARY.len() && !sealed.contains("jembatan"));
    drop(connection);
    assert!(!on_disk(folder.path()).contains("jembatan"));

    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "key", raw_key(2)).unwrap();
    assert_eq!(
        found(&other).unwrap_err().sqlite_error_code(),
        Some(ErrorCode::NotADatabase)
    );
    let again = Connection::open(&path).unwrap();
    again.pragma_update(None, "key", raw_key(1)).unwrap();
    assert_eq!(found(&again).unwrap(), 1);
}

#[test]
fn without_a_key_the_file_is_a_plain_one_of_every_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.db");
    let connection = Connection::open(&path).unwrap();
    write_canary(&connection);
    drop(connection);
    assert!(on_disk(folder.path()).starts_with("SQLite format 3\0"));
    assert!(on_disk(folder.path()).contains("jembatan"));
}

#[test]
fn what_sqlite_sets_aside_stays_in_memory() {
    let connection = Connection::open_in_memory().unwrap();
    let always_in_memory: bool = connection
        .query_row("SELECT sqlite_compileoption_used('TEMP_STORE=3')", [], |row| row.get(0))
        .unwrap();
    assert!(always_in_memory);
}
