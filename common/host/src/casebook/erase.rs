//! Erasing a reporter: the record goes, everywhere and for good; the complaint stays.
//!
//! Law 27 of 2022, articles 8, 16 (2) g and 43 to 45: whoever a record is about may have it erased, and whoever keeps it erases and
//! destroys it when it is not needed any more. What is left is a husk, by which logs and digests stay as they are.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use titian_domain::id::{ComplaintId, ReporterHash};
use titian_domain::identity::Phone;
use titian_domain::refusal::Refusal;
use titian_domain::time::UnixMillis;
use titian_sync::item::{Item, ItemHash, ItemKind};

use super::edit::{self, EditError};
use super::log::{self, WRITTEN_HERE};
use super::project::{self, Rules};
use crate::audit::{self, Deed};
use crate::store::{Migration, Store, StoreError};

/// How often is looked whether something was erased. By the clock, since what a command of another process does is not told here.
const SCRUBBING: Duration = Duration::from_secs(5);

/// The table that remembers that the file holds traces of something erased.
pub const ERASE_MIGRATION: Migration = Migration {
    name: "erase",
    sql: include_str!("erase.sql"),
};

/// Lists the records of somebody, each with the complaint that it was kept for, by a NIK, a phone number or a whole name as it was
/// written, in any of the records that were ever kept. In the order of the complaints.
pub fn of_person(conn: &Connection, sought: &str) -> rusqlite::Result<Vec<(ComplaintId, ReporterHash)>> {
    let digits: String = sought.chars().filter(char::is_ascii_digit).collect();
    let phone = Phone::parse(sought).map_or_else(|_| String::new(), |phone| phone.as_str().to_owned());
    let mut statement = conn.prepare_cached(
        "SELECT item.complaint, item.hash FROM reporter JOIN item ON item.hash = reporter.hash AND item.kind = ?4
         WHERE item.complaint IS NOT NULL AND (trim(reporter.name) = trim(?1) COLLATE NOCASE
             OR (?2 <> '' AND reporter.nik = ?2) OR (?3 <> '' AND reporter.phone = ?3))
         GROUP BY item.complaint, item.hash ORDER BY item.complaint, min(item.position)",
    )?;
    statement
        .query_map(params![sought, digits, phone, ItemKind::Reporter.code()], |row| {
            Ok((ComplaintId::from_bytes(row.get(0)?), ReporterHash(row.get(1)?)))
        })?
        .collect()
}

/// Erases all records of the reporter of some complaints, here at once and everywhere else when it hears of it. Gives how many there
/// were. The file holds traces of them until [`scrub`] was through. A restricted identity is kept, whoever wants it erased: it may be what its
/// subject still needs.
pub fn erase(
    tx: &Transaction<'_>,
    rules: &Rules,
    complaints: &[ComplaintId],
    (by, at): (&str, UnixMillis),
    reason: &str,
) -> Result<usize, EditError> {
    let mut count = 0;
    for id in complaints {
        let complaint = project::load(tx, *id)?.complaint().ok_or(EditError::NotFound)?;
        edit::check_is_ours(tx, &complaint)?;
        if complaint.is_restricted() {
            return Err(Refusal::Restricted.into());
        }
        let office = complaint.register.office;
        for record in records(tx, *id)? {
            log::append(tx, &office, &Item::erasure(*id, record), WRITTEN_HERE)?;
            forget(tx, record)?;
            count += 1;
        }
        let entry = audit::Entry {
            at,
            who: by,
            deed: Deed::ReporterErased,
            complaint: Some(*id),
            detail: reason,
        };
        audit::note(tx, entry)?;
        project::refresh(tx, rules, *id)?;
    }
    Ok(count)
}

/// Forgets a record that lies here, and remembers that the file has traces of it. One that is a husk already is left alone.
pub(super) fn forget(tx: &Transaction<'_>, record: ItemHash) -> rusqlite::Result<()> {
    let husk = Item::husk(record);
    let changed = tx
        .prepare_cached("UPDATE item SET body = ?3 WHERE hash = ?1 AND kind = ?2 AND body <> ?3")?
        .execute(params![record.0, ItemKind::Reporter.code(), husk])?;
    let gone = tx
        .prepare_cached("DELETE FROM reporter WHERE hash = ?1")?
        .execute([record.0])?;
    tx.prepare_cached("DELETE FROM partial_item WHERE hash = ?1")?
        .execute([record.0])?;
    if changed + gone > 0 {
        leave_traces(tx)?;
    }
    Ok(())
}

/// Remembers that the file has traces of something that must not be found in it: [`scrub`] removes them.
pub fn leave_traces(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute("INSERT INTO scrub (one) VALUES (1) ON CONFLICT DO NOTHING", [])?;
    Ok(())
}

/// Tells whether a record was erased before it arrived.
pub(super) fn is_erased(conn: &Connection, record: &Item) -> rusqlite::Result<bool> {
    let Some(complaint) = record.complaint() else {
        return Ok(false);
    };
    let order = Item::erasure(complaint, record.hash());
    conn.prepare_cached("SELECT 1 FROM item WHERE hash = ?1 AND kind = ?2")?
        .exists(params![order.hash().0, ItemKind::ReporterErased.code()])
}

/// Removes what the files still show of what was erased, if anything was. The database itself overwrites what it deletes
/// (`secure_delete`); what its write-ahead log holds of former pages goes here.
///
/// # Errors
/// When the database is busy; it is tried again at the next start.
pub async fn scrub(store: &Store) -> Result<bool, StoreError> {
    let due = store.read(|conn| {
        let due = conn.query_row("SELECT 1 FROM scrub", [], |_| Ok(())).optional()?;
        Ok::<_, StoreError>(due.is_some())
    });
    if !due.await? {
        return Ok(false);
    }
    store.empty_journal().await?;
    store
        .write(|tx| Ok::<_, StoreError>(tx.execute("DELETE FROM scrub", []).map(|_| ())?))
        .await?;
    Ok(true)
}

/// Removes traces as soon as there are any, beside the work of a program that serves. Never resolves.
pub async fn scrubbing(store: Store) {
    loop {
        match scrub(&store).await {
            Ok(false) => {}
            Ok(true) => tracing::info!("no trace is left of what was erased"),
            Err(error) => tracing::warn!(%error, "traces of what was erased are left in the file; it is tried again"),
        }
        tokio::time::sleep(SCRUBBING).await;
    }
}

/// The hashes of the records that were ever kept of a complaint's reporter, and are not erased.
fn records(conn: &Connection, id: ComplaintId) -> rusqlite::Result<BTreeSet<ItemHash>> {
    conn.prepare_cached("SELECT hash, body FROM item WHERE complaint = ?1 AND kind = ?2")?
        .query_map(params![id.bytes(), ItemKind::Reporter.code()], |row| {
            Ok((ItemHash(row.get(0)?), row.get::<_, Vec<u8>>(1)?))
        })?
        .filter_map(|row| match row {
            Ok((hash, body)) => (body != Item::husk(hash)).then_some(Ok(hash)),
            Err(error) => Some(Err(error)),
        })
        .collect()
}
