//! Reasons that people type: the audit log keeps them for ever, and nothing erases them. So none may name who brought the complaint.

use rusqlite::{Connection, params};
use titian_domain::id::ComplaintId;
use titian_domain::identity::{names_outright, names_person};
use titian_domain::reporter::ReporterRecord;
use titian_sync::item::ItemKind;

use super::project;

/// Tells whether a reason names who brings a complaint, or who was ever on record as bringing it.
pub fn names_reporter(conn: &Connection, id: ComplaintId, reason: &str) -> rusqlite::Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT name, nik, phone, email, address FROM reporter JOIN item ON item.hash = reporter.hash
         WHERE item.complaint = ?1 AND item.kind = ?2",
    )?;
    let known = statement.query_map(params![id.bytes(), ItemKind::Reporter.code()], project::read_reporter)?;
    any(known, |person| names_person(reason, person))
}

/// Tells whether a reason has the whole name or a number of anybody in it who is on record here: for what is about all of them.
pub fn names_anybody(conn: &Connection, reason: &str) -> rusqlite::Result<bool> {
    let mut statement = conn.prepare_cached("SELECT name, nik, phone, email, address FROM reporter")?;
    any(statement.query_map([], project::read_reporter)?, |person| {
        names_outright(reason, person)
    })
}

fn any(
    mut people: impl Iterator<Item = rusqlite::Result<ReporterRecord>>,
    is_named: impl Fn(&ReporterRecord) -> bool,
) -> rusqlite::Result<bool> {
    people
        .find_map(|person| match person {
            Ok(person) => is_named(&person).then_some(Ok(true)),
            Err(error) => Some(Err(error)),
        })
        .unwrap_or(Ok(false))
}
