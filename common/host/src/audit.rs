//! The audit log: who did what and when at this machine, in rows that are only ever added and of which each is bound to all
//! before it.
//!
//! A row is written in the transaction of what it tells, so that neither is there without the other. It names accounts, staff
//! and complaints and never a citizen. Whoever can write to the database file can still write a whole new chain: what they cannot
//! do is make it end in the [`Head`] that was written down elsewhere before.

mod chain;
mod cli;
mod deed;
mod ends;
mod page;
mod reveal;

use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params, params_from_iter};
use serde::Serialize;
use titian_domain::id::ComplaintId;
use titian_domain::time::UnixMillis;

pub use self::chain::{Finding, Head, head, verify};
pub use self::cli::{AuditArgs, Names};
pub use self::deed::Deed;
pub use self::ends::{KeptEnd, heard, keep, keep_late, kept, unhear, unheard};
pub use self::page::{Line, routes, trail_path};
pub use self::reveal::Reveal;
use crate::clock::Clock;
use crate::store::{Migration, Store, StoreError};

/// The tables of this module; a program lists it among its migrations.
pub const AUDIT_MIGRATION: Migration = Migration {
    name: "audit",
    sql: include_str!("audit/audit.sql"),
};

/// The ends of audit logs that are kept for the other side; a program lists it after [`AUDIT_MIGRATION`].
pub const AUDIT_ENDS_MIGRATION: Migration = Migration {
    name: "audit ends",
    sql: include_str!("audit/ends.sql"),
};

/// Stands for who did something at the command line: whoever may run the program with its data folder. No account has this name.
pub const AT_THE_SHELL: &str = "(shell)";

/// Stands for somebody of whom nothing is known, as who typed a name that no account has. No account has this name.
pub const SOMEBODY: &str = "(unknown)";

/// Stands for what the program does by itself. No account has this name.
pub const BY_ITSELF: &str = "(program)";

/// What is to be noted.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// When, by this machine's clock.
    pub at: UnixMillis,
    /// Who: the name of an account, or the name that a staff member's events carry.
    pub who: &'a str,
    /// What they did.
    pub deed: Deed,
    /// With which complaint.
    pub complaint: Option<ComplaintId>,
    /// What else matters: a reason's code, a number, an account. Never a citizen's data, nor a text that people type freely.
    pub detail: &'a str,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number: 1, 2, 3 …
    pub number: u64,
    /// When, by this machine's clock.
    pub at: UnixMillis,
    /// Who.
    pub who: String,
    /// What, as [`Deed::code`] writes it.
    pub deed: String,
    /// With which complaint.
    pub complaint: Option<ComplaintId>,
    /// What else matters.
    pub detail: String,
}

/// Which rows are wanted; all of what is given has to fit.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With this complaint.
    pub complaint: Option<ComplaintId>,
    /// By this account or staff member.
    pub who: Option<String>,
    /// This deed, by its code.
    pub deed: Option<String>,
    /// Not before.
    pub since: Option<UnixMillis>,
    /// Only rows before the one with this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// Notes something, in the transaction in which it is done.
///
/// # Errors
/// When the database fails.
pub fn note(tx: &Transaction<'_>, entry: Entry<'_>) -> rusqlite::Result<()> {
    let last = head(tx)?;
    let row = Row {
        number: last.number + 1,
        at: entry.at,
        who: entry.who.to_owned(),
        deed: entry.deed.code().to_owned(),
        complaint: entry.complaint,
        detail: entry.detail.to_owned(),
    };
    let next = last.then(&row);
    tx.prepare_cached(
        "INSERT INTO audit (number, at, who, deed, complaint, detail, chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        row.number,
        row.at.0,
        row.who,
        row.deed,
        row.complaint.map(ComplaintId::bytes),
        row.detail,
        next.chain
    ])?;
    tx.prepare_cached("UPDATE audit_head SET number = ?1, chain = ?2")?
        .execute(params![next.number, next.chain])?;
    Ok(())
}

/// Notes something that has no transaction of its own: before something is shown or leaves this machine, after something came in.
///
/// # Errors
/// When the database fails; then nothing is to be shown.
pub async fn note_alone(
    store: &Store,
    clock: &Clock,
    (who, deed): (&str, Deed),
    complaint: Option<ComplaintId>,
    detail: &str,
) -> Result<(), StoreError> {
    let (at, who, detail) = (clock.now(), who.to_owned(), detail.to_owned());
    let noting = store.write(move |tx| {
        let entry = Entry {
            at,
            who: &who,
            deed,
            complaint,
            detail: &detail,
        };
        Ok(note(tx, entry)?)
    });
    noting.await
}

/// Reads everything that was done with one complaint, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn trail(connection: &Connection, id: ComplaintId) -> rusqlite::Result<Vec<Row>> {
    connection
        .prepare_cached(
            "SELECT number, at, who, deed, complaint, detail FROM audit WHERE complaint = ?1 ORDER BY number",
        )?
        .query_map([id.bytes()], read)?
        .collect()
}

/// Reads everything of one kind that was done, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn all_of(connection: &Connection, deed: Deed) -> rusqlite::Result<Vec<Row>> {
    connection
        .prepare_cached("SELECT number, at, who, deed, complaint, detail FROM audit WHERE deed = ?1 ORDER BY number")?
        .query_map([deed.code()], read)?
        .collect()
}

/// Reads rows, the newest first.
///
/// # Errors
/// When the database fails.
pub fn list(connection: &Connection, filter: &Filter) -> rusqlite::Result<Vec<Row>> {
    let mut wanted = String::from("SELECT number, at, who, deed, complaint, detail FROM audit WHERE 1");
    let mut values: Vec<Value> = Vec::new();
    let mut and = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            wanted.push_str(condition);
            values.push(value);
        }
    };
    and(
        " AND complaint = ?",
        filter.complaint.map(|id| Value::Blob(id.bytes().to_vec())),
    );
    and(" AND who = ?", filter.who.clone().map(Value::Text));
    and(" AND deed = ?", filter.deed.clone().map(Value::Text));
    and(" AND at >= ?", filter.since.map(|since| Value::Integer(since.0)));
    let before = filter.before.and_then(|number| i64::try_from(number).ok());
    and(" AND number < ?", before.map(Value::Integer));
    and(
        " ORDER BY number DESC LIMIT ?",
        Some(Value::Integer(filter.limit.into())),
    );
    connection
        .prepare(&wanted)?
        .query_map(params_from_iter(values), read)?
        .collect()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        number: row.get("number")?,
        at: UnixMillis(row.get("at")?),
        who: row.get("who")?,
        deed: row.get("deed")?,
        complaint: row
            .get::<_, Option<[u8; 16]>>("complaint")?
            .map(ComplaintId::from_bytes),
        detail: row.get("detail")?,
    })
}

#[cfg(test)]
mod tests;
