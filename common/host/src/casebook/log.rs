//! The log: every item that was learned, in order, with its running hash and digest.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::digest::Digest;
use titian_sync::engine::{Fingerprinted, Held, LogEntry};
use titian_sync::item::{self, HashPrefix, Item, ItemHash, ItemKind};
use titian_sync::proof::Proof;
use titian_sync::wire::history::{HISTORY_BYTES_MAX, HISTORY_ITEMS_MAX};

/// The origin of items that this program wrote itself.
pub const WRITTEN_HERE: u64 = 0;

/// The state of one office's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// How many items it holds, and the running hash over them.
    pub cursor: Cursor,
    /// The digest of the set of its items, without those that the hub keeps aside.
    pub digest: Digest,
}

/// Which entries of a log are meant, by who brought them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those that this program wrote itself.
    WrittenHere,
    /// All but those that one device brought; all for `None`.
    NotFrom(Option<u64>),
}

/// The most entries that one look-up gives: the engine asks again for more.
const ENTRIES_MAX: u32 = 64;
/// The most fingerprints that one look-up gives: 160 KB.
const FINGERPRINTS_MAX: u32 = 4096;
/// The most that they weigh together, so that a few large ones do not fill the memory of an old PC.
const ENTRIES_BYTES_MAX: usize = 128 * 1024;

/// Makes an office's log where there is none. The epoch is drawn once and for all.
pub fn open_scope(tx: &Transaction<'_>, office: &OfficeCode, epoch: [u8; 16]) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO scope (office, epoch, position, chain, digest) VALUES (?1, ?2, 0, ?2, ?3) ON CONFLICT DO NOTHING",
        params![office.as_str(), epoch, Digest::EMPTY.0],
    )?;
    Ok(())
}

/// Reads the state of an office's log; `None` where the office has none.
pub fn scope(conn: &Connection, office: &OfficeCode) -> rusqlite::Result<Option<Scope>> {
    conn.prepare_cached("SELECT position, chain, digest FROM scope WHERE office = ?1")?
        .query_row([office.as_str()], |row| {
            let cursor = Cursor {
                position: row.get(0)?,
                hash: RunningHash(row.get(1)?),
            };
            Ok(Scope {
                cursor,
                digest: Digest(row.get(2)?),
            })
        })
        .optional()
}

/// Appends an item; gives its position, or `None` if the log holds it already.
///
/// # Errors
/// When the office has no log, which callers see to first, and when the database fails.
pub fn append(tx: &Transaction<'_>, office: &OfficeCode, item: &Item, origin: u64) -> rusqlite::Result<Option<u64>> {
    let Scope { cursor, mut digest } = scope(tx, office)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let position = cursor.position + 1;
    let chain = cursor.hash.then(item);
    let inserted = tx
        .prepare_cached(
            "INSERT INTO item (office, position, kind, complaint, hash, origin, chain, body, proof)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (office, hash, kind, ifnull(complaint, x'')) DO NOTHING",
        )?
        .execute(params![
            office.as_str(),
            position,
            item.kind().code(),
            item.complaint().map(ComplaintId::bytes),
            item.hash().0,
            origin,
            chain.0,
            item.body(),
            (item.proof() != Proof::NONE).then_some(item.proof().0),
        ])?;
    if inserted == 0 {
        return Ok(None);
    }
    digest.add(item);
    tx.prepare_cached("UPDATE scope SET position = ?2, chain = ?3, digest = ?4 WHERE office = ?1")?
        .execute(params![office.as_str(), position, chain.0, digest.0])?;
    Ok(Some(position))
}

/// Changes the digest by what counts differently from now on.
pub(super) fn count(
    tx: &Transaction<'_>,
    office: &OfficeCode,
    change: impl FnOnce(&mut Digest),
) -> rusqlite::Result<()> {
    let Scope { mut digest, .. } = scope(tx, office)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    change(&mut digest);
    tx.prepare_cached("UPDATE scope SET digest = ?2 WHERE office = ?1")?
        .execute(params![office.as_str(), digest.0])?;
    Ok(())
}

/// Reads entries with `after` < position ≤ `until`, in order; some hundred at a time, none if there are no more.
pub fn entries(
    conn: &Connection,
    office: &OfficeCode,
    (after, until): (u64, u64),
    whose: Whose,
) -> rusqlite::Result<Vec<LogEntry>> {
    let mut statement = conn.prepare_cached(
        "SELECT position, chain, kind, complaint, body, proof FROM item
         WHERE office = ?1 AND position > ?2 AND position <= ?3
             AND (?4 IS NULL OR origin = ?4) AND (?5 IS NULL OR origin <> ?5)
         ORDER BY position LIMIT ?6",
    )?;
    let (only, skip) = match whose {
        Whose::WrittenHere => (Some(WRITTEN_HERE), None),
        Whose::NotFrom(device) => (None, device),
    };
    let mut rows = statement.query(params![office.as_str(), after, until, only, skip, ENTRIES_MAX])?;
    let (mut entries, mut weight) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        weight += entry.item.body().len();
        entries.push(entry);
        if weight > ENTRIES_BYTES_MAX {
            break;
        }
    }
    Ok(entries)
}

/// Reads the entries at some positions, from the front as many as memory allows; what is not there is left out.
pub fn entries_at(conn: &Connection, office: &OfficeCode, positions: &[u64]) -> rusqlite::Result<Vec<LogEntry>> {
    let mut statement = conn.prepare_cached(
        "SELECT position, chain, kind, complaint, body, proof FROM item WHERE office = ?1 AND position = ?2",
    )?;
    let (mut entries, mut weight) = (Vec::new(), 0);
    for position in positions {
        let Some(entry) = statement
            .query_row(params![office.as_str(), position], entry)
            .optional()?
        else {
            continue;
        };
        weight += entry.item.body().len();
        entries.push(entry);
        if weight > ENTRIES_BYTES_MAX {
            break;
        }
    }
    Ok(entries)
}

pub(super) const FINGERPRINTS: &str = "SELECT position, kind, complaint, hash FROM item INDEXED BY item_fingerprint
    WHERE office = ?1 AND position > ?2 AND position <= ?3
        AND NOT EXISTS (SELECT 1 FROM refused WHERE refused.item = item.sequence)
    ORDER BY position LIMIT ?4";

/// Reads the fingerprints of entries with `after` < position ≤ `until`, in order; some thousand at a time, none if there
/// are no more. Bodies are not read: an index holds all that a fingerprint is made of.
pub fn fingerprints(
    conn: &Connection,
    office: &OfficeCode,
    (after, until): (u64, u64),
) -> rusqlite::Result<Vec<Fingerprinted>> {
    conn.prepare_cached(FINGERPRINTS)?
        .query_map(params![office.as_str(), after, until, FINGERPRINTS_MAX], |row| {
            let complaint = row.get::<_, Option<[u8; 16]>>(2)?.map(ComplaintId::from_bytes);
            Ok(Fingerprinted {
                position: row.get(0)?,
                fingerprint: item::fingerprint(kind(row, 1)?, complaint, ItemHash(row.get(3)?)),
            })
        })?
        .collect()
}

/// Reads the last items of one origin with `after` < position ≤ `until`, in order: at most so many, and no more than a
/// history may hold.
pub fn last_of(
    conn: &Connection,
    office: &OfficeCode,
    origin: u64,
    (after, until): (u64, u64),
    count: usize,
) -> rusqlite::Result<Vec<Item>> {
    let mut statement = conn.prepare_cached(
        "SELECT position, chain, kind, complaint, body, proof FROM item
         WHERE office = ?1 AND origin = ?2 AND position > ?3 AND position <= ?4
         ORDER BY position DESC LIMIT ?5",
    )?;
    let mut rows = statement.query(params![
        office.as_str(),
        origin,
        after,
        until,
        count.min(HISTORY_ITEMS_MAX)
    ])?;
    let (mut items, mut weight) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        weight += entry.item.body().len();
        if weight > HISTORY_BYTES_MAX {
            break;
        }
        items.push(entry.item);
    }
    items.reverse();
    Ok(items)
}

/// Gives the cursor at a position of an office's log; `None` beyond its end.
pub fn cursor_at(conn: &Connection, office: &OfficeCode, position: u64) -> rusqlite::Result<Option<Cursor>> {
    let sql = if position == 0 {
        "SELECT epoch FROM scope WHERE office = ?1 AND ?2 = 0"
    } else {
        "SELECT chain FROM item WHERE office = ?1 AND position = ?2"
    };
    conn.prepare_cached(sql)?
        .query_row(params![office.as_str(), position], |row| {
            Ok(Cursor {
                position,
                hash: RunningHash(row.get(0)?),
            })
        })
        .optional()
}

/// Tells whether the log holds an item with this hash.
pub fn holds(conn: &Connection, office: &OfficeCode, hash: ItemHash) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM item WHERE office = ?1 AND hash = ?2")?
        .exists(params![office.as_str(), hash.0])
}

/// Finds out what the shortened dependencies of a frame mean.
pub fn held(
    conn: &Connection,
    office: &OfficeCode,
    prefixes: &[HashPrefix],
) -> rusqlite::Result<BTreeMap<HashPrefix, Held>> {
    let mut statement = conn.prepare_cached(
        "SELECT hash, complaint FROM item WHERE office = ?1 AND hash BETWEEN ?2 AND ?3 AND complaint IS NOT NULL LIMIT 2",
    )?;
    let mut all = BTreeMap::new();
    for prefix in prefixes {
        let (low, high) = prefix.range();
        let found: Vec<(ItemHash, ComplaintId)> = statement
            .query_map(params![office.as_str(), low.0, high.0], |row| {
                Ok((ItemHash(row.get(0)?), ComplaintId::from_bytes(row.get(1)?)))
            })?
            .collect::<Result<_, _>>()?;
        let held = match found[..] {
            [(hash, complaint)] => Held::One { hash, complaint },
            _ => Held::Unclear,
        };
        all.insert(*prefix, held);
    }
    Ok(all)
}

/// Tells whether another office holds items of a complaint: a complaint belongs to the office that brought it first.
pub fn is_of_another_office(conn: &Connection, office: &OfficeCode, id: ComplaintId) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM item WHERE complaint = ?2 AND office <> ?1")?
        .exists(params![office.as_str(), id.bytes()])
}

/// Reads the bodies of a complaint's items of one kind, in the order in which they were learned.
pub fn bodies(conn: &Connection, complaint: ComplaintId, kind: ItemKind) -> rusqlite::Result<Vec<Vec<u8>>> {
    conn.prepare_cached("SELECT body FROM item WHERE complaint = ?1 AND kind = ?2 ORDER BY position")?
        .query_map(params![complaint.bytes(), kind.code()], |row| row.get(0))?
        .collect()
}

/// Where an entry lies in its log, and who brought it.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its position.
    pub position: u64,
    /// Who brought it; [`WRITTEN_HERE`] for nobody.
    pub origin: u64,
}

/// Reads all items of a complaint, in the order in which they were learned.
pub fn of_complaint(
    conn: &Connection,
    office: &OfficeCode,
    complaint: ComplaintId,
) -> rusqlite::Result<Vec<(Item, Place)>> {
    conn.prepare_cached(
        "SELECT position, chain, kind, complaint, body, proof, origin FROM item
         WHERE complaint = ?2 AND office = ?1 ORDER BY position",
    )?
    .query_map(params![office.as_str(), complaint.bytes()], |row| {
        let entry = entry(row)?;
        let place = Place {
            position: entry.cursor.position,
            origin: row.get(6)?,
        };
        Ok((entry.item, place))
    })?
    .collect()
}

fn unreadable(what: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, what.into())
}

fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<ItemKind> {
    ItemKind::from_code(row.get(column)?).ok_or_else(|| unreadable("a stored item is of no kind that is known"))
}

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<LogEntry> {
    let kind = kind(row, 2)?;
    let proof = row.get::<_, Option<_>>(5)?.map_or(Proof::NONE, Proof);
    let complaint = row.get::<_, Option<[u8; 16]>>(3)?.map(ComplaintId::from_bytes);
    Ok(LogEntry {
        cursor: Cursor {
            position: row.get(0)?,
            hash: RunningHash(row.get(1)?),
        },
        // Checked when it was appended; what cannot be read now was damaged on the disk.
        item: Item::new(kind, complaint, row.get(4)?)
            .map_err(|_| unreadable("a stored item is damaged"))?
            .with_proof(proof),
    })
}
