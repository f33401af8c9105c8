//! Ends of audit logs, kept by the other side: each exchange tells where the own log ends, if that is news.
//!
//! Whoever rewrites a log on one machine would have to rewrite what the other one heard of it. Others are known by the number
//! that stands for where their items came from: the hub's, or a device's.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use titian_domain::time::UnixMillis;
use titian_sync::wire::extension::AuditEnd;

use super::{BY_ITSELF, Deed, Entry, Head, head, note};

/// How many ends are kept of one log. A busy office tells some twenty a day: half a year.
const ENDS_MAX: u32 = 4_000;

/// That a log was set back is noted once in so long: a hostile gateway may say so with each request.
const NOTED_ONCE_IN_MILLIS: i64 = 24 * 3_600_000;

/// Where somebody's log ended once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptEnd {
    /// Whose log.
    pub whose: u64,
    /// Where it ended.
    pub head: Head,
    /// When that was told, by this machine's clock.
    pub at: UnixMillis,
}

impl From<Head> for AuditEnd {
    fn from(head: Head) -> Self {
        Self {
            rows: head.number,
            chain: head.chain,
        }
    }
}

impl From<AuditEnd> for Head {
    fn from(end: AuditEnd) -> Self {
        Self {
            number: end.rows,
            chain: end.chain,
        }
    }
}

/// Gives where this machine's log ends, if somebody has not heard that.
///
/// # Errors
/// When the database fails.
pub fn unheard(connection: &Connection, by: u64) -> rusqlite::Result<Option<AuditEnd>> {
    let heard = connection
        .prepare_cached("SELECT rows AS number, chain FROM audit_heard WHERE whom = ?1")?
        .query_row([by], read_head)
        .optional()?;
    let end = head(connection)?;
    Ok((end != heard.unwrap_or(Head::START)).then(|| end.into()))
}

/// Keeps that somebody has heard where this machine's log ended.
///
/// # Errors
/// When the database fails.
pub fn heard(tx: &Transaction<'_>, whom: u64, end: AuditEnd) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO audit_heard (whom, rows, chain) VALUES (?1, ?2, ?3)")?
        .execute(params![whom, end.rows, end.chain])?;
    Ok(())
}

/// Forgets what somebody has heard: another one stands in their place.
///
/// # Errors
/// When the database fails.
pub fn unhear(tx: &Transaction<'_>, whom: u64) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM audit_heard WHERE whom = ?1", [whom])?;
    Ok(())
}

/// Keeps where somebody's log ends. One that ends before where it ended once, or elsewhere, was restored from a backup or
/// rewritten: that is noted in the own log.
///
/// # Errors
/// When the database fails.
pub fn keep(tx: &Transaction<'_>, whose: u64, end: AuditEnd, at: UnixMillis) -> rusqlite::Result<()> {
    let (last, end) = (newest(tx, whose)?, Head::from(end));
    if last == end {
        return Ok(());
    }
    let set_back = end.number <= last.number;
    if set_back && !noted_lately(tx, whose, at)? {
        tracing::warn!(
            device.number = whose,
            "an audit log ends before where it ended once, or elsewhere"
        );
        let entry = Entry {
            at,
            who: BY_ITSELF,
            deed: Deed::OtherLogSetBack,
            complaint: None,
            detail: &format!("of device {whose}: {} rows before, {} now", last.number, end.number),
        };
        note(tx, entry)?;
    }
    insert(tx, whose, end, (at, set_back))
}

/// Keeps where somebody's log ended when they made a bundle, which may come after what was made later: nothing is concluded
/// from one that ends before what is known.
///
/// # Errors
/// When the database fails.
pub fn keep_late(tx: &Transaction<'_>, whose: u64, end: AuditEnd, at: UnixMillis) -> rusqlite::Result<()> {
    if end.rows > newest(tx, whose)?.number {
        insert(tx, whose, end.into(), (at, false))?;
    }
    Ok(())
}

fn noted_lately(connection: &Connection, whose: u64, now: UnixMillis) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM audit_end WHERE whose = ?1 AND set_back AND at BETWEEN ?2 AND ?3")?
        .exists(params![whose, now.plus_millis(-NOTED_ONCE_IN_MILLIS).0, now.0])
}

fn newest(connection: &Connection, whose: u64) -> rusqlite::Result<Head> {
    connection
        .prepare_cached(
            "SELECT rows AS number, chain FROM audit_end WHERE whose = ?1 ORDER BY audit_end.number DESC LIMIT 1",
        )?
        .query_row([whose], read_head)
        .optional()
        .map(|head| head.unwrap_or(Head::START))
}

fn insert(tx: &Transaction<'_>, whose: u64, end: Head, (at, set_back): (UnixMillis, bool)) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT INTO audit_end (whose, rows, chain, at, set_back) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![whose, end.number, end.chain, at.0, set_back])?;
    tx.prepare_cached(
        "DELETE FROM audit_end WHERE whose = ?1 AND number <= (
             SELECT number FROM audit_end WHERE whose = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![whose, ENDS_MAX])?;
    Ok(())
}

/// Gives every end that is kept, the newest first.
///
/// # Errors
/// When the database fails.
pub fn kept(connection: &Connection) -> rusqlite::Result<Vec<KeptEnd>> {
    connection
        .prepare("SELECT whose, rows, chain, at FROM audit_end ORDER BY number DESC")?
        .query_map([], |row| {
            Ok(KeptEnd {
                whose: row.get("whose")?,
                head: Head {
                    number: row.get("rows")?,
                    chain: row.get("chain")?,
                },
                at: UnixMillis(row.get("at")?),
            })
        })?
        .collect()
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        number: row.get("number")?,
        chain: row.get("chain")?,
    })
}
