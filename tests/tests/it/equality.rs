//! Whether two programs hold the same of an office: every change of every document, and everything derived from them.
//!
//! What people see is compared as they see it, by lists and sheets of the programs themselves. The changes are read from
//! the databases beside that: two documents with the same changes have the same heads, and no program is asked to
//! vouch for itself.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OpenFlags, Row};
use serde_json::Value;
use titian_demo::compare;
use titian_demo::program::Program;
use titian_domain::attachment::{AttachmentHash, FILE_BYTES_MAX};
use titian_host::attachments::AttachmentFiles;

use crate::stage::list;

/// One item of a log: its kind, its complaint and its hash.
type Item = (i64, Vec<u8>, Vec<u8>);

/// Lists what a program's log of an office holds.
pub fn items(program: &Program, office: &str) -> BTreeSet<Item> {
    items_where(program, office, "true")
}

/// Lists what was written at a gateway itself.
pub fn own_items(gateway: &Program, office: &str) -> BTreeSet<Item> {
    items_where(gateway, office, "origin = 0")
}

/// Lists what a gateway was told to be durable at the hub.
pub fn acknowledged_items(gateway: &Program, office: &str) -> BTreeSet<Item> {
    items_where(gateway, office, "origin = 0 AND position <= (SELECT acked FROM device)")
}

/// Lists what a hub was brought by the gateways of an office.
pub fn brought_items(hub: &Program, office: &str) -> BTreeSet<Item> {
    items_where(hub, office, "origin <> 0")
}

/// Fails unless both hold the same changes and show the same of every complaint, before and after everything derived
/// was derived anew.
pub fn assert_equal(gateway: &Program, hub: &Program, office: &str) {
    let (here, there) = (items(gateway, office), items(hub, office));
    assert!(
        here == there,
        "{} lacks {} of the hub's items and has {} that the hub lacks",
        gateway.name(),
        there.difference(&here).count(),
        here.difference(&there).count()
    );
    let shown = assert_shows_equal(gateway, hub, office);
    for program in [gateway, hub] {
        let before = derived(program, office);
        program.json(&["projections", "rebuild"]).unwrap();
        assert!(
            before == derived(program, office),
            "what {} had derived is not what it derives anew",
            program.name()
        );
    }
    assert!(
        derived(gateway, office) == derived(hub, office),
        "what {} and the hub derive differs",
        gateway.name()
    );
    assert!(
        shown == assert_shows_equal(gateway, hub, office),
        "what is shown changed with the derived tables"
    );
    for program in [gateway, hub] {
        assert_holds_files(program, office);
    }
}

/// Fails unless every file that a complaint of the office names lies there whole, with the content that it is named by.
pub fn assert_holds_files(program: &Program, office: &str) {
    let files = AttachmentFiles::open(program.data()).unwrap();
    let named: BTreeSet<([u8; 32], usize)> = select(
        program,
        "SELECT hash, bytes FROM attachment WHERE office = ?1",
        office,
        |row| Ok((row.get(0)?, row.get(1)?)),
    );
    for (hash, bytes) in named {
        let content = files
            .read(AttachmentHash(hash), 0, usize::try_from(FILE_BYTES_MAX).unwrap())
            .unwrap();
        assert_eq!(content.len(), bytes, "{}", program.name());
        assert_eq!(AttachmentHash::of(&content).0, hash, "{}", program.name());
    }
}

/// Compares lists and sheets, and gives the sheets.
fn assert_shows_equal(gateway: &Program, hub: &Program, office: &str) -> BTreeMap<String, Value> {
    let rows = |program| -> BTreeMap<String, Value> {
        let mut rows = list(program);
        rows.retain(|row| row["office"] == office);
        rows.into_iter()
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
            .collect()
    };
    let (here, there) = (rows(gateway), rows(hub));
    let ids = |rows: &BTreeMap<String, Value>| rows.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&here), ids(&there));
    let mut sheets = BTreeMap::new();
    for (id, row) in &here {
        assert_eq!(compare::differences(row, &there[id]), [""; 0], "{row} {}", there[id]);
        let show = |program: &Program| program.json(&["complaint", "show", id]).unwrap();
        let (here, there) = (show(gateway), show(hub));
        assert_eq!(compare::differences(&here, &there), [""; 0], "{here} {there}");
        sheets.insert(id.clone(), here);
    }
    sheets
}

/// Reads what lists, searches and deadlines are read from.
fn derived(program: &Program, office: &str) -> BTreeSet<String> {
    let row_of = |row: &Row<'_>| {
        let columns = row.as_ref().column_count();
        (0..columns)
            .map(|column| Ok(format!("{:?}", row.get_ref(column)?)))
            .collect::<rusqlite::Result<Vec<_>>>()
            .map(|columns| columns.join(" "))
    };
    let mut all = select(
        program,
        "SELECT id, register, stage, round, received, title, channel, classification, category, institution, region,
             received_at, stage_since, step, due_at, paused, reverify, conflicts, unmerged, anonymous, confidential,
             out_of_scope, reporter, tracking_id, disposed_to, lapor_status FROM complaint WHERE office = ?1",
        office,
        row_of,
    );
    all.extend(select(
        program,
        "SELECT * FROM reporter WHERE hash IN (SELECT reporter FROM complaint WHERE office = ?1)",
        office,
        row_of,
    ));
    all
}

fn items_where(program: &Program, office: &str, condition: &str) -> BTreeSet<Item> {
    let sql = format!("SELECT kind, ifnull(complaint, x''), hash FROM item WHERE office = ?1 AND {condition}");
    select(program, &sql, office, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

fn select<T: Ord>(
    program: &Program,
    sql: &str,
    office: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> BTreeSet<T> {
    let databases = ["gateway.db", "hub.db"].map(|name| program.data().join(name));
    let path = databases.iter().find(|path| path.exists()).unwrap();
    // Not read-only: a log that a killed program left behind is taken up by whoever opens the file next.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([office], read).unwrap();
    rows.map(Result::unwrap).collect()
}
