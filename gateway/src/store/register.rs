//! The office's register: numbers that are unique without a network and never given twice.

use chrono::{DateTime, Datelike as _, FixedOffset};
use rusqlite::Transaction;
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
    Ok(RegisterNumber { office: device.office.clone(), gateway: device.letter.clone(), year, serial })
}
