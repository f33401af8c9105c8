//! The office's register: numbers that are unique without a network and never given twice.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, FixedOffset};
use rusqlite::{Connection, Transaction};
use titian_domain::id::RegisterNumber;

use super::device::Device;

/// The year of the first release: a clock that shows an earlier one is wrong, and its year is not printed on receipts.
const FIRST_YEAR: u16 = 2026;

/// Gives the next number of this gateway, counted in the transaction of the complaint that takes it.
pub fn next(tx: &Transaction<'_>, device: &Device, today: DateTime<FixedOffset>) -> rusqlite::Result<RegisterNumber> {
    let year = u16::try_from(today.year()).unwrap_or(FIRST_YEAR).max(FIRST_YEAR);
    let serial = tx
        .prepare_cached(
            "INSERT INTO register (office, letter, year, last_serial) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (office, letter, year) DO UPDATE SET last_serial = last_serial + 1 RETURNING last_serial",
        )?
        .query_row((device.office.as_str(), device.letter.as_str(), year), |row| row.get(0))?;
    Ok(RegisterNumber {
        office: device.office.clone(),
        gateway: device.letter.clone(),
        year,
        serial,
    })
}

/// Moves the counters on past every number of this gateway that is on record: one that was restored from an older copy
/// learns from the hub which numbers it has given since.
pub fn catch_up(tx: &Transaction<'_>, device: &Device) -> rusqlite::Result<()> {
    let prefix = format!("{}/{}/", device.office, device.letter);
    // `0` is the character after `/`: all texts that begin with the prefix lie between the two.
    let end = format!("{}/{}0", device.office, device.letter);
    let mut given =
        tx.prepare_cached("SELECT register FROM complaint WHERE register >= ?1 AND register < ?2 ORDER BY register")?;
    let mut last: BTreeMap<u16, u32> = BTreeMap::new();
    let mut rows = given.query([prefix, end])?;
    while let Some(row) = rows.next()? {
        if let Ok(number) = row.get_ref(0)?.as_str()?.parse::<RegisterNumber>() {
            let serial = last.entry(number.year).or_default();
            *serial = number.serial.max(*serial);
        }
    }
    move_on(tx, device, &last)
}

/// Gives the last number of each year that this gateway has given.
pub fn last_serials(conn: &Connection, device: &Device) -> rusqlite::Result<BTreeMap<u16, u32>> {
    conn.prepare_cached("SELECT year, last_serial FROM register WHERE office = ?1 AND letter = ?2")?
        .query_map((device.office.as_str(), device.letter.as_str()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect()
}

/// Moves the counters on past these numbers; never back.
pub fn move_on(tx: &Transaction<'_>, device: &Device, last: &BTreeMap<u16, u32>) -> rusqlite::Result<()> {
    for (year, serial) in last {
        tx.prepare_cached(
            "INSERT INTO register (office, letter, year, last_serial) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (office, letter, year) DO UPDATE SET last_serial = max(last_serial, ?4)",
        )?
        .execute((device.office.as_str(), device.letter.as_str(), year, serial))?;
    }
    Ok(())
}
