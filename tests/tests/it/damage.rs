//! Damage inside a database file: a program that serves comes up at once, finds it beside its work, and stops with what
//! to do; nothing is deleted.

use std::fs;
use std::path::Path;

use titian_demo::cast::Cast;

use crate::stage::{Stage, sheet};

/// The size of a page of SQLite.
const PAGE_BYTES: usize = 4_096;
/// The code of an error that neither the command line nor the network is to blame for.
const INTERNAL: i32 = 1;

#[test]
fn both_programs_come_up_and_stop_once_they_found_damage() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    for number in 1..=3 {
        cast.pelaihari.add(&sheet(number)).unwrap();
    }
    // What the first start does once is done.
    cast.pelaihari.serve().unwrap();
    cast.pelaihari.program.stop().unwrap();
    cast.hub.program.stop().unwrap();
    for (program, verb, file) in [
        (&cast.pelaihari.program, "run", "gateway.db"),
        (&cast.hub.program, "serve", "hub.db"),
    ] {
        let path = program.data().join(file);
        let damaged = damage(&path);
        let outcome = program.run(&[verb, "--listen", "127.0.0.1:0"]).unwrap();
        assert_eq!(outcome.code, Some(INTERNAL), "{outcome:?}");
        assert!(outcome.stdout.contains("listening on"), "{outcome:?}");
        assert!(outcome.stderr.contains("is damaged"), "{outcome:?}");
        assert!(outcome.stderr.contains("next: "), "{outcome:?}");
        assert_eq!(fs::metadata(&path).unwrap().len(), damaged, "nothing is deleted");
    }
}

/// Spoils an index that no start needs, and gives the length of the file.
fn damage(path: &Path) -> u64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    let index = "SELECT rootpage FROM sqlite_schema WHERE name = 'complaint_by_register'";
    let page: usize = connection.query_row(index, [], |row| row.get(0)).unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(connection);
    let mut bytes = fs::read(path).unwrap();
    bytes[(page - 1) * PAGE_BYTES..page * PAGE_BYTES].fill(0xA5);
    fs::write(path, &bytes).unwrap();
    bytes.len() as u64
}
