//! This gateway as a device: who it is, where it stands in the sync, and what the last exchange told.

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params, params};
use titian_domain::id::{ComplaintId, GatewayLetter, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_host::audit::{self, Deed};
use titian_host::casebook::log::WRITTEN_HERE;
use titian_host::clock::Clock;
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::engine::gateway::ReplicaState;
use titian_sync::engine::{LeaseHeld, Repair};
use titian_sync::enrol::Fingerprint;
use titian_sync::hub_keys::TrustedKeys;
use titian_sync::wire::extension::Want;

/// A clock that is off by less is right enough to date an event.
const CLOCK_OFFSET_MILLIS_MAX: i64 = 5 * 60 * 1000;
/// How long a measured clock is believed: cheap PCs drift by a minute a month.
const CLOCK_MEASUREMENT_MILLIS_MAX: i64 = 31 * 24 * 3600 * 1000;

/// The device, as it stands in the database.
#[derive(Clone)]
pub struct Device {
    /// The office that it stands in.
    pub office: OfficeCode,
    /// Its letter in register numbers.
    pub letter: GatewayLetter,
    /// Its secret key.
    pub key: [u8; 32],
    /// The enrolment code, until the hub has taken it.
    pub code: Option<String>,
    /// Where the hub is.
    pub hub_address: String,
    /// What the hub gave at enrolment, and where the sync stands; `None` until the first contact.
    pub hub: Option<Hub>,
    clock_offset: Option<i64>,
    clock_measured_at: Option<UnixMillis>,
    /// When an exchange last succeeded.
    pub last_success: Option<UnixMillis>,
    /// Since when both sides are proved to hold the same.
    pub in_sync_since: Option<UnixMillis>,
    /// What went wrong last, in words; cleared by success.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<UnixMillis>,
    /// Since when a difference is being mended.
    pub repair_since: Option<UnixMillis>,
    /// When the hub first said that another living copy of this device was there.
    pub copied_at: Option<UnixMillis>,
    /// What the sidecar showed, as its word, and when.
    pub found: Option<(String, UnixMillis)>,
}

/// The hub, as this device knows it.
#[derive(Clone)]
pub struct Hub {
    /// The keys that it is known by; `None` where what is stored is no key.
    pub keys: Option<TrustedKeys>,
    /// Where the sync stands.
    pub replica: ReplicaState,
}

impl Device {
    /// Gives the time by the hub's clock, as far as it was ever compared with this one: a clock that shows 2009 or 2035
    /// must not put that year on a receipt.
    pub fn best_time(&self, now: UnixMillis) -> UnixMillis {
        let (Some(offset), Some(measured_at)) = (self.clock_offset, self.clock_measured_at) else {
            return now;
        };
        // Set right meanwhile: forward beyond what the offset corrects, or back before the measurement.
        let set_right = if offset > 0 {
            now >= measured_at.plus_millis(offset)
        } else {
            now < measured_at
        };
        if set_right { now } else { now.plus_millis(offset) }
    }

    /// Tells whether this machine's clock was lately found to be right, and was not set since: not back behind that, and
    /// not at all while this program ran.
    pub fn clock_is_trusted(&self, clock: &Clock) -> bool {
        let (Some(offset), Some(measured_at)) = (self.clock_offset, self.clock_measured_at) else {
            return false;
        };
        let now = clock.now();
        let age = now.0.saturating_sub(measured_at.0);
        let set_by = now.0.saturating_sub(clock.steady().0);
        offset.abs() <= CLOCK_OFFSET_MILLIS_MAX
            && set_by.abs() <= CLOCK_OFFSET_MILLIS_MAX
            && (0..=CLOCK_MEASUREMENT_MILLIS_MAX).contains(&age)
    }
}

/// Reads the device; `None` before an enrolment code was typed.
pub fn read(conn: &Connection) -> rusqlite::Result<Option<Device>> {
    conn.prepare_cached(
        "SELECT device.*, in_sync_position IS (SELECT position FROM scope WHERE scope.office = device.office) AS is_proved
         FROM device",
    )?

        .query_row([], from_row)
        .optional()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Device> {
    let instant = |column: &str| row.get::<_, Option<i64>>(column).map(|millis| millis.map(UnixMillis));
    let number: Option<u64> = row.get("number")?;
    let hub_key: Option<[u8; 32]> = row.get("hub_key")?;
    let cursor = |position: &str, chain: &str| -> rusqlite::Result<Cursor> {
        Ok(Cursor {
            position: row.get(position)?,
            hash: RunningHash(row.get(chain)?),
        })
    };
    let hub = match (number, hub_key) {
        (Some(device), Some(key)) => Some(Hub {
            keys: trusted(key, row.get("hub_key_newer")?),
            replica: ReplicaState {
                device,
                counter: row.get("counter")?,
                open: row.get("open")?,
                cursor: cursor("cursor", "cursor_chain")?,
                acked: cursor("acked", "acked_chain")?,
                whole: row.get("whole")?,
                dictionary: row.get("dictionary")?,
                repair: Repair::from_bytes(row.get_ref("repair")?.as_blob()?),
                lease: LeaseHeld {
                    generation: row.get("lease_generation")?,
                    shown: row.get("lease_shown")?,
                    next: row.get("lease_next")?,
                },
                frame_bytes: row.get("frame_bytes")?,
                in_flight: row.get("in_flight")?,
                history_from: row.get("history_from")?,
                // Only what the hub said last: where it cannot be read, the hub says it again.
                wanted: Want::read_all(&row.get::<_, Vec<u8>>("wanted")?).unwrap_or_default(),
            },
        }),
        _ => None,
    };
    Ok(Device {
        office: word(row, "office")?,
        letter: word(row, "letter")?,
        key: row.get("key")?,
        code: row.get("code")?,
        hub_address: row.get("hub_address")?,
        hub,
        clock_offset: row.get("clock_offset")?,
        clock_measured_at: instant("clock_measured_at")?,
        last_success: instant("last_success")?,
        // What was learned since the proof is not proved.
        in_sync_since: if row.get("is_proved")? {
            instant("in_sync_since")?
        } else {
            None
        },
        last_error: row.get("last_error")?,
        last_error_at: instant("last_error_at")?,
        repair_since: instant("repair_since")?,
        copied_at: instant("copied_at")?,
        found: row.get::<_, Option<_>>("found")?.zip(instant("found_at")?),
    })
}

fn trusted(key: [u8; 32], newer: Option<[u8; 32]>) -> Option<TrustedKeys> {
    let key = VerifyingKey::from_bytes(&key).ok()?;
    let newer = newer.map(|newer| VerifyingKey::from_bytes(&newer)).transpose().ok()?;
    Some(TrustedKeys { key, newer })
}

fn word<T: std::str::FromStr<Err = titian_domain::id::IdError>>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, String>(column)?.parse().map_err(|error: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
    })
}

/// Makes this machine a device of an office, from a code that was typed: capture works from now on, contact or not.
pub fn adopt(
    tx: &Transaction<'_>,
    (office, letter): (&OfficeCode, &GatewayLetter),
    (code, hub_address): (&str, &str),
    key: [u8; 32],
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO device (one, office, letter, key, code, hub_address, cursor_chain, acked_chain)
         VALUES (1, :office, :letter, :key, :code, :hub_address, zeroblob(16), zeroblob(16))
         ON CONFLICT (one) DO UPDATE SET letter = :letter, key = :key, code = :code, hub_address = :hub_address,
             number = NULL, hub_key = NULL, hub_key_newer = NULL, last_error = NULL, last_error_at = NULL, in_sync_since = NULL,
             copied_at = NULL, found = NULL, found_at = NULL",
        named_params! {
            ":office": office.as_str(), ":letter": letter.as_str(), ":key": key, ":code": code, ":hub_address": hub_address,
        },
    )?;
    Ok(())
}

/// Forgets a code that the hub refused, unless complaints were recorded under it already.
pub fn forget_unused(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute(
        "DELETE FROM device WHERE number IS NULL AND NOT EXISTS (SELECT 1 FROM item WHERE complaint IS NOT NULL)",
        [],
    )?;
    Ok(())
}

/// Notes that the hub has taken the code.
pub fn enrolled(tx: &Transaction<'_>, hub_key: [u8; 32], replica: &ReplicaState) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE device SET number = ?1, hub_key = ?2, hub_key_newer = NULL, code = NULL, answered_by_bundle = NULL",
        params![replica.device, hub_key],
    )?;
    keep(tx, replica)
}

/// Trusts these keys of the hub from now on instead of those before, and notes it.
pub fn trust(tx: &Transaction<'_>, before: &TrustedKeys, now: &TrustedKeys, at: UnixMillis) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE device SET hub_key = ?1, hub_key_newer = ?2",
        params![now.key.to_bytes(), now.newer.map(|key| key.to_bytes())],
    )?;
    let gained = now.all().filter(|key| before.all().all(|known| known != *key));
    let lost = before.all().filter(|key| now.all().all(|known| known != *key));
    let deeds = gained.map(|key| (Deed::HubKeyTrusted, key));
    for (deed, key) in deeds.chain(lost.map(|key| (Deed::HubKeyDropped, key))) {
        let entry = audit::Entry {
            at,
            who: audit::BY_ITSELF,
            deed,
            complaint: None,
            detail: &Fingerprint::of(&key).to_string(),
        };
        audit::note(tx, entry)?;
    }
    Ok(())
}

/// Keeps where the sync stands.
pub fn keep(tx: &Transaction<'_>, replica: &ReplicaState) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "UPDATE device SET counter = :counter, open = :open, cursor = :cursor, cursor_chain = :cursor_chain,
             acked = :acked, acked_chain = :acked_chain, whole = :whole, dictionary = :dictionary, repair = :repair,
             lease_generation = :lease_generation, lease_shown = :lease_shown, lease_next = :lease_next,
             frame_bytes = :frame_bytes, in_flight = :in_flight, history_from = :history_from, wanted = :wanted",
    )?
    .execute(named_params! {
        ":counter": replica.counter,
        ":open": replica.open,
        ":cursor": replica.cursor.position,
        ":cursor_chain": replica.cursor.hash.0,
        ":acked": replica.acked.position,
        ":acked_chain": replica.acked.hash.0,
        ":whole": replica.whole,
        ":dictionary": replica.dictionary,
        ":repair": replica.repair.to_bytes(),
        ":lease_generation": replica.lease.generation,
        ":lease_shown": replica.lease.shown,
        ":lease_next": replica.lease.next,
        ":frame_bytes": replica.frame_bytes,
        ":in_flight": replica.in_flight,
        ":history_from": replica.history_from,
        ":wanted": Want::write_all(&replica.wanted),
    })?;
    Ok(())
}

/// Notes since when a difference is being mended, or that none is.
pub fn repairing(tx: &Transaction<'_>, repair: &Repair, at: UnixMillis) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE device SET repair_since = CASE WHEN ?1 THEN coalesce(repair_since, ?2) END",
        params![*repair != Repair::No, at.0],
    )?;
    Ok(())
}

/// Notes that the hub refused this as a second living copy.
pub fn copied(tx: &Transaction<'_>, at: UnixMillis) -> rusqlite::Result<()> {
    tx.execute("UPDATE device SET copied_at = coalesce(copied_at, ?1)", [at.0])?;
    Ok(())
}

/// Notes what the sidecar showed at a start.
pub fn found(tx: &Transaction<'_>, what: &str, at: UnixMillis) -> rusqlite::Result<()> {
    tx.execute("UPDATE device SET found = ?1, found_at = ?2", params![what, at.0])?;
    Ok(())
}

/// Notes that the request whose counter was used never left this machine.
pub fn nothing_was_sent(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute("UPDATE device SET open = 0, in_flight = 0", [])?;
    Ok(())
}

/// Notes the hub's clock against this one.
pub fn clock_measured(tx: &Transaction<'_>, hub: UnixMillis, here: UnixMillis) -> rusqlite::Result<()> {
    let offset = hub.0.saturating_sub(here.0);
    tx.execute(
        "UPDATE device SET clock_offset = ?1, clock_measured_at = ?2",
        params![offset, here.0],
    )?;
    Ok(())
}

/// Notes that an exchange went through.
pub fn succeeded(tx: &Transaction<'_>, at: UnixMillis) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE device SET last_success = ?1, last_error = NULL, last_error_at = NULL",
        [at.0],
    )?;
    Ok(())
}

/// Notes that both sides were proved to hold the same; since now, unless nothing was learned since the last proof.
pub fn proved(tx: &Transaction<'_>, at: UnixMillis) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE device SET in_sync_position = scope.position, in_sync_since =
             CASE WHEN in_sync_position = scope.position THEN coalesce(in_sync_since, ?1) ELSE ?1 END
         FROM scope WHERE scope.office = device.office",
        [at.0],
    )?;
    Ok(())
}

/// Notes that both sides were proved to hold different things.
pub fn disproved(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute("UPDATE device SET in_sync_since = NULL", [])?;
    Ok(())
}

/// Notes that an exchange failed, and why.
pub fn failed(tx: &Transaction<'_>, at: UnixMillis, why: &str) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE device SET last_error = ?1, last_error_at = ?2",
        params![why, at.0],
    )?;
    Ok(())
}

/// Tells whether the hub has acknowledged exactly what this machine holds of a complaint, and keeps nothing of it aside.
pub fn is_delivered(conn: &Connection, id: ComplaintId) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "SELECT NOT EXISTS (SELECT 1 FROM item WHERE complaint = ?1 AND origin = ?2
             AND (position > coalesce((SELECT acked FROM device), 0)
                 OR EXISTS (SELECT 1 FROM refused WHERE refused.item = item.sequence)))",
    )?
    .query_row(params![id.bytes(), WRITTEN_HERE], |row| row.get(0))
}

/// What waits for the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Items of the log.
    pub items: u64,
    /// Complaints that they belong to.
    pub complaints: u64,
}

/// Gives the place of the so-manieth entry that the hub has not acknowledged.
pub fn nth_waiting(conn: &Connection, count: u64) -> rusqlite::Result<Option<u64>> {
    conn.prepare_cached(
        "SELECT position FROM item
         WHERE office = (SELECT office FROM device) AND position > (SELECT acked FROM device) AND origin = ?1
         ORDER BY position LIMIT 1 OFFSET ?2",
    )?
    .query_row(params![WRITTEN_HERE, count.saturating_sub(1)], |row| row.get(0))
    .optional()
}

/// Counts what the hub has not acknowledged.
pub fn waiting(conn: &Connection) -> rusqlite::Result<Waiting> {
    conn.prepare_cached(
        "SELECT count(*), count(DISTINCT complaint) FROM item
         WHERE office = (SELECT office FROM device) AND position > (SELECT acked FROM device) AND origin = ?1",
    )?
    .query_row([WRITTEN_HERE], |row| {
        Ok(Waiting {
            items: row.get(0)?,
            complaints: row.get(1)?,
        })
    })
}
