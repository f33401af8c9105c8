//! How far the logs of others were held: what a bundle that comes late, or before its turn, is judged by.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use titian_sync::chain::{Cursor, Mark, RunningHash};

/// Tells whether everything before a place of a peer's log is known to have been held here once.
pub fn was_reached(conn: &Connection, peer: u64, place: Mark) -> rusqlite::Result<bool> {
    if place.position == 0 {
        return Ok(true);
    }
    conn.prepare_cached("SELECT 1 FROM reached WHERE peer = ?1 AND position = ?2 AND substr(chain, 1, 8) = ?3")?
        .exists(params![peer, place.position, place.hash])
}

/// Keeps in mind that a stretch of a peer's log is held although something before it is not.
pub fn keep_ahead(tx: &Transaction<'_>, peer: u64, start: Mark, end: Cursor) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO ahead (peer, start, start_chain, position, chain) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET position = excluded.position, chain = excluded.chain
             WHERE excluded.position > position",
    )?
    .execute(params![peer, start.position, start.hash, end.position, end.hash.0])?;
    Ok(())
}

/// Goes on from a place over the stretches that were held ahead, and forgets those that lie behind it then.
pub fn join(tx: &Transaction<'_>, peer: u64, place: Cursor) -> rusqlite::Result<Cursor> {
    let mut place = place;
    loop {
        let mark = place.mark();
        let next = tx
            .prepare_cached(
                "SELECT position, chain FROM ahead WHERE peer = ?1 AND start = ?2 AND start_chain = ?3 AND position > ?2",
            )?
            .query_row(params![peer, mark.position, mark.hash], |row| {
                Ok(Cursor {
                    position: row.get(0)?,
                    hash: RunningHash(row.get(1)?),
                })
            })
            .optional()?;
        let Some(next) = next else { break };
        place = next;
    }
    tx.prepare_cached("DELETE FROM ahead WHERE peer = ?1 AND position <= ?2")?
        .execute(params![peer, place.position])?;
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casebook::REACH_MIGRATION;

    fn at(position: u64) -> Cursor {
        Cursor {
            position,
            hash: RunningHash([u8::try_from(position).unwrap(); 16]),
        }
    }

    #[test]
    fn stretches_that_came_before_their_turn_count_once_what_was_missing_has_come() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(REACH_MIGRATION.sql).unwrap();
        let tx = conn.transaction().unwrap();
        for (start, end) in [(30, 40), (10, 20), (20, 30), (60, 70)] {
            keep_ahead(&tx, 1, at(start).mark(), at(end)).unwrap();
        }
        // A shorter stretch from the same place, a repeated one, and another peer's.
        keep_ahead(&tx, 1, at(20).mark(), at(25)).unwrap();
        keep_ahead(&tx, 2, at(40).mark(), at(50)).unwrap();
        assert_eq!(join(&tx, 1, at(5)).unwrap(), at(5));
        assert_eq!(join(&tx, 1, at(10)).unwrap(), at(40));
        assert_eq!(join(&tx, 1, at(10)).unwrap(), at(10), "used up");
        assert_eq!(join(&tx, 1, at(60)).unwrap(), at(70));
        assert!(was_reached(&tx, 1, Cursor::START.mark()).unwrap());
        assert!(!was_reached(&tx, 1, at(10).mark()).unwrap());
        tx.execute("INSERT INTO reached VALUES (1, 10, ?1)", [at(10).hash.0])
            .unwrap();
        assert!(was_reached(&tx, 1, at(10).mark()).unwrap());
        assert!(!was_reached(&tx, 2, at(10).mark()).unwrap());
    }
}
