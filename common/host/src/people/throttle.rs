//! Failed sign-ins make the next one wait, per name as typed, across restarts.

use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};
use titian_domain::time::UnixMillis;

/// So many slips are free: fingers slip.
const FREE: u32 = 4;

/// The longest wait. Longer would let a stranger lock a colleague out.
const WAIT_MILLIS_MAX: i64 = 5 * 60_000;

/// Failures are forgotten after a day.
const REMEMBERED_MILLIS: i64 = 86_400_000;

/// Gives how long this name has to wait yet, in milliseconds; 0 for not at all.
pub(super) fn wait_millis(connection: &Connection, name: &str, now: UnixMillis) -> Result<i64, rusqlite::Error> {
    let sql = "SELECT count, failed_at FROM login_failure WHERE name_hash = ?1";
    let failures = connection.query_row(sql, [key(name)], |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?))
    });
    let Some((count, failed_at)) = failures.optional()? else {
        return Ok(0);
    };
    let waited = now.0 - failed_at;
    // A clock that was set back must not lock anybody out for longer than the longest wait.
    if waited < 0 {
        return Ok(0);
    }
    Ok((wait_after(count) - waited).max(0))
}

/// Notes a failure.
pub(super) fn failed(tx: &Transaction<'_>, name: &str, now: UnixMillis) -> Result<(), rusqlite::Error> {
    tx.execute(
        "DELETE FROM login_failure WHERE failed_at < ?1",
        [now.plus_millis(-REMEMBERED_MILLIS).0],
    )?;
    tx.execute(
        "INSERT INTO login_failure (name_hash, count, failed_at) VALUES (:name, 1, :now)
         ON CONFLICT (name_hash) DO UPDATE SET count = min(count + 1, 1000), failed_at = :now",
        named_params! { ":name": key(name), ":now": now.0 },
    )?;
    Ok(())
}

/// Forgets the failures of a name.
pub(super) fn succeeded(tx: &Transaction<'_>, name: &str) -> Result<(), rusqlite::Error> {
    tx.execute("DELETE FROM login_failure WHERE name_hash = ?1", [key(name)])?;
    Ok(())
}

fn wait_after(count: u32) -> i64 {
    match count.checked_sub(FREE + 1) {
        None => 0,
        Some(doublings) => (2_000_i64 << doublings.min(16)).min(WAIT_MILLIS_MAX),
    }
}

fn key(name: &str) -> [u8; 32] {
    *blake3::hash(name.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        assert_eq!(
            [4, 5, 6, 7, 1000].map(wait_after),
            [0, 2_000, 4_000, 8_000, WAIT_MILLIS_MAX]
        );
    }
}
