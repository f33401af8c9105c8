//! Items that the hub keeps aside: kept and shown here, and left out where both sides compare what they hold.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use titian_domain::airlock::Reason;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_sync::item::{Item, ItemHash, ItemKind};
use titian_sync::wire::extension::Quarantined;

use super::log;

/// What the hub keeps aside of one complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// How many items.
    pub items: u64,
    /// Since when the oldest of them is known to be.
    pub since: UnixMillis,
    /// Why the first of them was; the others mostly wait for it. `None` for a reason of a newer hub.
    pub reason: Option<Reason>,
}

/// Takes over the hub's list, which is always the whole of it: what is new on it no longer counts, what is gone from
/// it counts again.
pub fn take_list(
    tx: &Transaction<'_>,
    office: &OfficeCode,
    list: &[Quarantined],
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let mut named: BTreeMap<[u8; 8], u64> = list.iter().map(|entry| (entry.front, entry.reason)).collect();
    let mut known = tx.prepare(
        "SELECT refused.item, front FROM refused JOIN item ON item.sequence = refused.item WHERE office = ?1",
    )?;
    let known: Vec<(i64, [u8; 8])> = known
        .query_map([office.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (sequence, front) in known {
        if let Some(reason) = named.remove(&front) {
            tx.execute(
                "UPDATE refused SET reason = ?2 WHERE item = ?1",
                params![sequence, reason],
            )?;
        } else {
            tx.execute("DELETE FROM refused WHERE item = ?1", [sequence])?;
            let item = item(tx, sequence)?;
            log::count(tx, office, |digest| digest.add(&item))?;
        }
    }
    if named.is_empty() {
        return Ok(());
    }
    for (sequence, front) in find(tx, office, &named)? {
        let reason = named.get(&front);
        tx.execute(
            "INSERT INTO refused (item, front, reason, since) VALUES (?1, ?2, ?3, ?4)",
            params![sequence, front, reason, now.0],
        )?;
        let item = item(tx, sequence)?;
        log::count(tx, office, |digest| digest.remove(&item))?;
    }
    Ok(())
}

/// Tells what the hub keeps aside of a complaint; `None` if nothing.
pub fn of_complaint(conn: &Connection, id: ComplaintId) -> rusqlite::Result<Option<Refused>> {
    conn.prepare_cached(
        "SELECT reason, count(*) OVER (), min(since) OVER () FROM refused JOIN item ON item.sequence = refused.item
         WHERE item.complaint = ?1 ORDER BY item.position LIMIT 1",
    )?
    .query_row([id.bytes()], |row| {
        Ok(Refused {
            reason: Reason::from_number(row.get(0)?),
            items: row.get(1)?,
            since: UnixMillis(row.get(2)?),
        })
    })
    .optional()
}

/// Counts what the hub keeps aside: items, and the complaints that they belong to.
pub fn count(conn: &Connection) -> rusqlite::Result<(u64, u64)> {
    conn.prepare_cached(
        "SELECT count(*), count(DISTINCT complaint) FROM refused JOIN item ON item.sequence = refused.item",
    )?
    .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Finds items by the front of their fingerprint. One pass over the log, and only when the hub names something new.
fn find(
    conn: &Connection,
    office: &OfficeCode,
    named: &BTreeMap<[u8; 8], u64>,
) -> rusqlite::Result<Vec<(i64, [u8; 8])>> {
    let mut found = Vec::new();
    let mut all = conn.prepare("SELECT sequence, kind, complaint, hash FROM item WHERE office = ?1")?;
    let mut rows = all.query([office.as_str()])?;
    while let Some(row) = rows.next()? {
        let Some(kind) = ItemKind::from_code(row.get(1)?) else {
            continue;
        };
        let complaint = row.get::<_, Option<[u8; 16]>>(2)?.map(ComplaintId::from_bytes);
        let fingerprint = titian_sync::item::fingerprint(kind, complaint, ItemHash(row.get(3)?));
        let mut front = [0; 8];
        front.copy_from_slice(&fingerprint[..8]);
        if named.contains_key(&front) {
            found.push((row.get(0)?, front));
        }
    }
    Ok(found)
}

fn item(conn: &Connection, sequence: i64) -> rusqlite::Result<Item> {
    let entry = "SELECT position, chain, kind, complaint, body, proof FROM item WHERE sequence = ?1";
    let entry = conn.prepare_cached(entry)?.query_row([sequence], log::entry)?;
    Ok(entry.item)
}
