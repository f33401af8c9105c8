//! Failed sign-ins make the next one wait, per account as typed and per address, across restarts.

use std::net::IpAddr;

use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};
use titian_domain::time::UnixMillis;

use crate::line::line_of;

/// So many slips at one account are free: fingers slip.
const FREE_AT_ACCOUNT: u32 = 4;

/// So many from one address: a whole office may stand behind one, and all forget their passwords after a holiday.
const FREE_FROM_ADDRESS: u32 = 20;

/// The longest wait. Longer would let a stranger lock a colleague out.
const WAIT_MILLIS_MAX: i64 = 5 * 60_000;

/// Failures are forgotten after a day.
const REMEMBERED_MILLIS: i64 = 86_400_000;

/// Accounts and addresses that are remembered, about a megabyte. Whoever tries more names pushes out those with the fewest
/// failures, and so never the one that is being guessed.
const REMEMBERED_MAX: u32 = 10_000;

/// Who is held up by a failure: the account as typed, whether there is one or not, and the address it was tried from.
pub(super) struct Tried {
    account: Counted,
    /// None where all come from, or none can be told.
    address: Option<Counted>,
}

struct Counted {
    key: [u8; 32],
    free: u32,
}

impl Tried {
    /// Counts a try at an account from an address.
    pub fn new(name: &str, from: Option<IpAddr>) -> Self {
        let account = Counted {
            key: *blake3::hash(name.as_bytes()).as_bytes(),
            free: FREE_AT_ACCOUNT,
        };
        let address = from.and_then(line_of).map(|line| Counted {
            key: blake3::derive_key("titian 2026 address of a failed sign-in", &octets(line)),
            free: FREE_FROM_ADDRESS,
        });
        Self { account, address }
    }

    fn counted(&self) -> impl Iterator<Item = &Counted> {
        std::iter::once(&self.account).chain(&self.address)
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// Gives how long this try has to wait yet, in milliseconds; 0 for not at all.
pub(super) fn wait_millis(connection: &Connection, tried: &Tried, now: UnixMillis) -> Result<i64, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT count, failed_at FROM login_failure WHERE whose = ?1")?;
    let mut longest = 0;
    for counted in tried.counted() {
        let failures = statement.query_row([counted.key], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?)));
        let Some((count, failed_at)) = failures.optional()? else {
            continue;
        };
        let waited = now.0 - failed_at;
        // A clock that was set back must not lock anybody out for longer than the longest wait.
        if waited >= 0 {
            longest = longest.max(wait_after(count, counted.free) - waited);
        }
    }
    Ok(longest)
}

/// Notes a failure.
pub(super) fn failed(tx: &Transaction<'_>, tried: &Tried, now: UnixMillis) -> Result<(), rusqlite::Error> {
    tx.execute(
        "DELETE FROM login_failure WHERE failed_at < ?1",
        [now.plus_millis(-REMEMBERED_MILLIS).0],
    )?;
    for counted in tried.counted() {
        tx.execute(
            "INSERT INTO login_failure (whose, count, failed_at) VALUES (:whose, 1, :now)
             ON CONFLICT (whose) DO UPDATE SET count = min(count + 1, 1000), failed_at = :now",
            named_params! { ":whose": counted.key, ":now": now.0 },
        )?;
    }
    tx.execute(
        "DELETE FROM login_failure WHERE whose IN (SELECT whose FROM login_failure ORDER BY count, failed_at
             LIMIT max(0, (SELECT count(*) FROM login_failure) - ?1))",
        [REMEMBERED_MAX],
    )?;
    Ok(())
}

/// Forgets the failures at an account. Those from the address stay: who guesses may have an account too.
pub(super) fn succeeded(tx: &Transaction<'_>, tried: &Tried) -> Result<(), rusqlite::Error> {
    tx.execute("DELETE FROM login_failure WHERE whose = ?1", [tried.account.key])?;
    Ok(())
}

fn wait_after(count: u32, free: u32) -> i64 {
    match count.checked_sub(free + 1) {
        None => 0,
        Some(doublings) => (2_000_i64 << doublings.min(16)).min(WAIT_MILLIS_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AUDIT_MIGRATION;
    use crate::people::{PEOPLE_MIGRATION, THROTTLE_MIGRATION};
    use crate::store::{Store, StoreError};

    #[test]
    fn waits_double_up_to_the_longest() {
        assert_eq!(
            [4, 5, 6, 7, 1000].map(|count| wait_after(count, FREE_AT_ACCOUNT)),
            [0, 2_000, 4_000, 8_000, WAIT_MILLIS_MAX]
        );
        assert_eq!(
            [20, 21, 22].map(|count| wait_after(count, FREE_FROM_ADDRESS)),
            [0, 2_000, 4_000]
        );
    }

    #[test]
    fn a_try_counts_for_its_line_unless_that_is_this_machine() {
        let counted = |from: &str| Tried::new("siti", from.parse().ok()).counted().count();
        assert_eq!(
            [
                "203.0.113.9",
                "::ffff:203.0.113.9",
                "127.0.0.1",
                "::1",
                "::ffff:127.0.0.1"
            ]
            .map(counted),
            [2, 2, 1, 1, 1]
        );
    }

    #[tokio::test]
    async fn many_names_do_not_push_out_the_one_that_is_guessed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(
            folder.path().join("a.db"),
            &[PEOPLE_MIGRATION, THROTTLE_MIGRATION, AUDIT_MIGRATION],
        )
        .unwrap();
        let now = UnixMillis(1_774_000_000_000);
        let waits = store.write(move |tx| {
            let guessed = Tried::new("siti", None);
            for _ in 0..=FREE_AT_ACCOUNT {
                failed(tx, &guessed, now)?;
            }
            tx.execute_batch(&format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {REMEMBERED_MAX})
                 INSERT INTO login_failure SELECT randomblob(32), 1, {} FROM n",
                now.0
            ))?;
            failed(tx, &Tried::new("budi", None), now)?;
            let kept: u32 = tx.query_row("SELECT count(*) FROM login_failure", [], |row| row.get(0))?;
            Ok::<_, StoreError>((wait_millis(tx, &guessed, now)?, kept))
        });
        assert_eq!(waits.await.unwrap(), (2_000, REMEMBERED_MAX));
    }
}
