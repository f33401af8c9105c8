//! What the hub has of the office's files, as far as it has told.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use titian_domain::attachment::AttachmentHash;
use titian_domain::id::ComplaintId;
use titian_sync::item::ItemHash;
use titian_sync::wire::extension::{Want, Whole};

use super::device;

/// More files than this a person does not read through on a page; the sums tell of all.
const WAITING_SHOWN_MAX: u32 = 50;

/// How much of a file the hub has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtHub {
    /// So many bytes, as far as it has told.
    Part(u64),
    /// All of it.
    Whole,
}

/// A file that lies here and not yet all at the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingFile {
    /// Its complaint.
    pub complaint: ComplaintId,
    /// The complaint's number.
    pub register: String,
    /// Its identity.
    pub hash: AttachmentHash,
    /// What it was called.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// How much of it the hub has.
    pub at_hub: u64,
}

/// How much there is of all files that are not on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingTotals {
    /// How many lie here and not all at the hub.
    pub count: u64,
    /// How many bytes of them are still to be sent.
    pub bytes: u64,
    /// How many the office has that are not all here: taken on another gateway.
    pub elsewhere: u64,
    /// How many bytes those have.
    pub elsewhere_bytes: u64,
}

/// Tells how much of a file the hub has.
pub fn at_hub(conn: &Connection, hash: AttachmentHash) -> rusqlite::Result<AtHub> {
    let known: Option<(u64, bool)> = conn
        .prepare_cached("SELECT \"offset\", complete FROM attachment_at_hub WHERE hash = ?1")?
        .query_row([hash.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match known {
        Some((_, true)) => AtHub::Whole,
        Some((offset, false)) => AtHub::Part(offset),
        None => AtHub::Part(0),
    })
}

/// Takes what the hub says that it lacks: of the files that it names, so much is there.
pub fn wanted_by_hub(tx: &Transaction<'_>, wants: &[Want]) -> rusqlite::Result<()> {
    for want in wants.iter().filter(|want| want.of == Whole::Attachment) {
        note(tx, AttachmentHash(want.hash.0), want.offset, false)?;
    }
    Ok(())
}

/// Takes that both sides hold the same texts, and the hub's last list of what it lacks: where that list is whole, which
/// one of `most` may not be, it holds every file that it does not name.
pub fn agreed(tx: &Transaction<'_>, wants: &[Want], most: usize) -> rusqlite::Result<()> {
    let wanted: Vec<_> = wants.iter().filter(|want| want.of == Whole::Attachment).collect();
    // What was attached since then is not known there.
    if wanted.len() >= most || device::waiting(tx)?.items > 0 {
        return Ok(());
    }
    let unknown: Vec<(AttachmentHash, u64)> = tx
        .prepare_cached(
            "SELECT a.hash, max(a.bytes) FROM attachment a LEFT JOIN attachment_at_hub h ON h.hash = a.hash
             WHERE NOT coalesce(h.complete, 0) GROUP BY a.hash",
        )?
        .query_map([], |row| Ok((AttachmentHash(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (hash, bytes) in unknown {
        if !wanted.iter().any(|want| want.hash.0 == hash.0) {
            note(tx, hash, bytes, true)?;
        }
    }
    Ok(())
}

/// Lists the files that lie here and not all at the hub, each from where it goes on; those of old complaints first.
pub fn unsent(conn: &Connection) -> rusqlite::Result<Vec<Want>> {
    conn.prepare_cached(
        "SELECT a.hash, coalesce(h.\"offset\", 0) FROM attachment a LEFT JOIN attachment_at_hub h ON h.hash = a.hash
         WHERE a.state = 2 AND NOT coalesce(h.complete, 0) GROUP BY a.hash ORDER BY min(a.complaint), a.hash",
    )?
    .query_map([], |row| {
        Ok(Want {
            of: Whole::Attachment,
            hash: ItemHash(row.get(0)?),
            offset: row.get(1)?,
        })
    })?
    .collect()
}

fn note(tx: &Transaction<'_>, hash: AttachmentHash, offset: u64, complete: bool) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO attachment_at_hub (hash, \"offset\", complete) VALUES (?1, ?2, ?3)
         ON CONFLICT (hash) DO UPDATE SET \"offset\" = ?2, complete = ?3",
    )?
    .execute(params![hash.0, offset, complete])?;
    Ok(())
}

/// Sums up what waits for the hub, and what is wanted from it.
pub fn totals(conn: &Connection) -> rusqlite::Result<WaitingTotals> {
    let (count, bytes) = conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(bytes - have), 0) FROM (
                 SELECT a.bytes, coalesce(h.\"offset\", 0) AS have FROM attachment a
                 LEFT JOIN attachment_at_hub h ON h.hash = a.hash
                 WHERE a.state = 2 AND NOT coalesce(h.complete, 0) GROUP BY a.hash)",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (elsewhere, elsewhere_bytes) = conn
        .prepare_cached(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM (
                 SELECT max(bytes) AS bytes FROM attachment WHERE state < 2 GROUP BY hash)",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(WaitingTotals {
        count,
        bytes,
        elsewhere,
        elsewhere_bytes,
    })
}

/// Lists what waits for the hub, oldest complaint first; not necessarily all.
pub fn oldest_waiting(conn: &Connection) -> rusqlite::Result<Vec<WaitingFile>> {
    let mut oldest = conn.prepare_cached(
        "SELECT a.complaint, c.register, a.hash, a.name, a.bytes, coalesce(h.\"offset\", 0) FROM attachment a
         JOIN complaint c ON c.id = a.complaint LEFT JOIN attachment_at_hub h ON h.hash = a.hash
         WHERE a.state = 2 AND NOT coalesce(h.complete, 0) ORDER BY a.complaint, a.hash LIMIT ?1",
    )?;
    let file = |row: &rusqlite::Row<'_>| {
        Ok(WaitingFile {
            complaint: ComplaintId::from_bytes(row.get(0)?),
            register: row.get(1)?,
            hash: AttachmentHash(row.get(2)?),
            name: row.get(3)?,
            bytes: row.get(4)?,
            at_hub: row.get(5)?,
        })
    };
    oldest.query_map([WAITING_SHOWN_MAX], file)?.collect()
}

#[cfg(test)]
mod tests {
    use titian_host::casebook::{ATTACHMENT_MIGRATION, CASEBOOK_MIGRATION};
    use titian_sync::wire::extension::ATTACHMENTS_WANTED_MAX;

    use super::*;

    fn want(hash: u8, offset: u64) -> Want {
        Want {
            of: Whole::Attachment,
            hash: ItemHash([hash; 32]),
            offset,
        }
    }

    fn with_files(count: u8) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        for sql in [
            CASEBOOK_MIGRATION.sql,
            ATTACHMENT_MIGRATION.sql,
            include_str!("gateway.sql"),
            include_str!("attachments_at_hub.sql"),
        ] {
            conn.execute_batch(sql).unwrap();
        }
        for hash in 1..=count {
            let values = params![[1_u8; 16], [hash; 32]];
            let sql = "INSERT INTO attachment VALUES (?1, '63.01.03', ?2, 100, 'foto.jpg', 'image/jpeg', 2)";
            conn.execute(sql, values).unwrap();
        }
        conn
    }

    fn states(conn: &Connection, count: u8) -> Vec<AtHub> {
        (1..=count)
            .map(|hash| at_hub(conn, AttachmentHash([hash; 32])).unwrap())
            .collect()
    }

    #[test]
    fn the_hub_holds_what_a_whole_list_does_not_name_once_both_know_the_same_texts() {
        use AtHub::{Part, Whole};
        let mut conn = with_files(6);
        let tx = conn.transaction().unwrap();
        let full = [want(1, 0), want(2, 40), want(3, 0), want(4, 0)];
        wanted_by_hub(&tx, &full).unwrap();
        agreed(&tx, &full, ATTACHMENTS_WANTED_MAX).unwrap();
        assert_eq!(
            states(&tx, 6),
            [Part(0), Part(40), Part(0), Part(0), Part(0), Part(0)],
            "a full list may leave something out"
        );
        let rest = [want(2, 80), want(6, 0)];
        wanted_by_hub(&tx, &rest).unwrap();
        assert_eq!(
            states(&tx, 2),
            [Part(0), Part(80)],
            "only texts that both know tell more"
        );
        agreed(&tx, &rest, ATTACHMENTS_WANTED_MAX).unwrap();
        assert_eq!(states(&tx, 6), [Whole, Part(80), Whole, Whole, Whole, Part(0)]);
        // A hub that came back from a backup wants again what it had.
        wanted_by_hub(&tx, &[want(1, 10)]).unwrap();
        assert_eq!(states(&tx, 1), [Part(10)]);
        let waiting = totals(&tx).unwrap();
        assert_eq!((waiting.count, waiting.bytes), (3, 90 + 20 + 100));
    }

    #[test]
    fn what_was_attached_meanwhile_is_not_taken_to_be_there() {
        let mut conn = with_files(1);
        let tx = conn.transaction().unwrap();
        tx.execute_batch(
            "INSERT INTO device (one, office, letter, key, code, hub_address, cursor_chain, acked_chain)
             VALUES (1, '63.01.03', 'A', zeroblob(32), '', '', zeroblob(16), zeroblob(16));
             INSERT INTO scope VALUES ('63.01.03', zeroblob(16), 1, zeroblob(16), zeroblob(32));
             INSERT INTO item (office, position, chain, kind, complaint, hash, body, origin)
             VALUES ('63.01.03', 1, zeroblob(16), 1, zeroblob(16), zeroblob(32), x'00', 0);",
        )
        .unwrap();
        agreed(&tx, &[], ATTACHMENTS_WANTED_MAX).unwrap();
        assert_eq!(states(&tx, 1), [AtHub::Part(0)]);
    }
}
