//! The log: every item that was learned, in order, with its running hash and digest.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::digest::Digest;
use titian_sync::item::{HashPrefix, Item, ItemHash, ItemKind};

/// The origin of items that this program wrote itself.
pub const WRITTEN_HERE: u32 = 0;

/// The state of one office's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// How many items it holds, and the running hash over them.
    pub cursor: Cursor,
    /// The digest of the set of its items.
    pub digest: Digest,
}

/// One entry of a log, as it is read back.
pub struct Entry {
    /// Its place, from 1.
    pub position: u64,
    /// The running hash up to and including it.
    pub chain: RunningHash,
    /// Who brought it.
    pub origin: u32,
    /// What it is.
    pub item: Item,
}

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
            let cursor = Cursor { position: row.get(0)?, hash: RunningHash(row.get(1)?) };
            Ok(Scope { cursor, digest: Digest(row.get(2)?) })
        })
        .optional()
}

/// Appends an item; gives its position, or `None` if the log holds it already.
///
/// # Errors
/// When the office has no log, which callers see to first, and when the database fails.
pub fn append(tx: &Transaction<'_>, office: &OfficeCode, item: &Item, origin: u32) -> rusqlite::Result<Option<u64>> {
    let Scope { cursor, mut digest } = scope(tx, office)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let position = cursor.position + 1;
    let chain = cursor.hash.then(item);
    let inserted = tx
        .prepare_cached(
            "INSERT INTO item (office, position, kind, complaint, hash, origin, chain, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
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
        ])?;
    if inserted == 0 {
        return Ok(None);
    }
    digest.add(item);
    tx.prepare_cached("UPDATE scope SET position = ?2, chain = ?3, digest = ?4 WHERE office = ?1")?
        .execute(params![office.as_str(), position, chain.0, digest.0])?;
    Ok(Some(position))
}

/// Reads the entries behind a position, in order, until they weigh `bytes_max` together; at least one if there is any.
pub fn after(conn: &Connection, office: &OfficeCode, position: u64, bytes_max: usize) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached(
        "SELECT position, chain, origin, kind, complaint, body FROM item WHERE office = ?1 AND position > ?2 ORDER BY position",
    )?;
    let mut rows = statement.query(params![office.as_str(), position])?;
    let (mut entries, mut weight) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = entry(row)?;
        weight += entry.item.body().len();
        if weight > bytes_max && !entries.is_empty() {
            break;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Gives the cursor at a position of an office's log; `None` beyond its end.
pub fn cursor_at(conn: &Connection, office: &OfficeCode, position: u64) -> rusqlite::Result<Option<Cursor>> {
    let sql = if position == 0 {
        "SELECT epoch FROM scope WHERE office = ?1 AND ?2 = 0"
    } else {
        "SELECT chain FROM item WHERE office = ?1 AND position = ?2"
    };
    conn.prepare_cached(sql)?
        .query_row(params![office.as_str(), position], |row| Ok(Cursor { position, hash: RunningHash(row.get(0)?) }))
        .optional()
}

/// Tells whether the log holds an item with this hash.
pub fn holds(conn: &Connection, office: &OfficeCode, hash: ItemHash) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM item WHERE office = ?1 AND hash = ?2")?.exists(params![office.as_str(), hash.0])
}

/// Lists the hashes of a complaint's items that begin with a front part: what a shortened dependency may mean.
pub fn with_prefix(
    conn: &Connection,
    office: &OfficeCode,
    complaint: ComplaintId,
    prefix: HashPrefix,
) -> rusqlite::Result<Vec<ItemHash>> {
    let (low, high) = prefix.range();
    conn.prepare_cached(
        "SELECT DISTINCT hash FROM item WHERE office = ?1 AND hash BETWEEN ?2 AND ?3 AND complaint = ?4",
    )?
    .query_map(params![office.as_str(), low.0, high.0, complaint.bytes()], |row| Ok(ItemHash(row.get(0)?)))?
    .collect()
}

/// Reads the bodies of a complaint's items of one kind, in the order in which they were learned.
pub fn bodies(conn: &Connection, complaint: ComplaintId, kind: ItemKind) -> rusqlite::Result<Vec<Vec<u8>>> {
    conn.prepare_cached("SELECT body FROM item WHERE complaint = ?1 AND kind = ?2 ORDER BY position")?
        .query_map(params![complaint.bytes(), kind.code()], |row| row.get(0))?
        .collect()
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let unreadable = |what: &str| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, what.into());
    let kind = ItemKind::from_code(row.get(3)?).ok_or_else(|| unreadable("a stored item is of no kind that is known"))?;
    let complaint = row.get::<_, Option<[u8; 16]>>(4)?.map(ComplaintId::from_bytes);
    Ok(Entry {
        position: row.get(0)?,
        chain: RunningHash(row.get(1)?),
        origin: row.get(2)?,
        // Checked when it was appended; what cannot be read now was damaged on the disk.
        item: Item::new(kind, complaint, row.get(5)?).map_err(|_| unreadable("a stored item is damaged"))?,
    })
}
