//! How rows of the audit log are bound to one another, and how it is seen that one was touched.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension as _};
use titian_domain::id::ComplaintId;

use super::{Row, read};

/// Where a log ends: the number of its last row, and a hash over all of them.
///
/// Written down elsewhere (`18:2f…`, on paper or by the other side) it shows later whether rows up to there were touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many rows there are.
    pub number: u64,
    /// The chain up to and including the last of them.
    pub chain: [u8; 32],
}

/// What is wrong with a log. A number is the first at which it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A row is not what it was when it was written, or a row before it.
    #[error("row {0} of the audit log was changed after it was written")]
    Changed(u64),
    /// A row is not there.
    #[error("row {0} of the audit log is missing")]
    Missing(u64),
    /// Rows stand behind the end.
    #[error("the audit log goes on behind its end, row {0}")]
    TooLong(u64),
    /// The log does not end, or did not pass, where it was noted elsewhere to.
    #[error("row {0} of the audit log is not the one that was noted elsewhere")]
    Elsewhere(u64),
}

impl Head {
    /// The end of a log without rows.
    pub const START: Self = Self {
        number: 0,
        chain: [0; 32],
    };

    /// Gives the end after one row more.
    pub(super) fn then(&self, row: &Row) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("titian 2026 row of the audit log");
        hasher.update(&self.chain);
        hasher.update(&row.number.to_le_bytes());
        hasher.update(&row.at.0.to_le_bytes());
        let complaint = row.complaint.map(ComplaintId::bytes);
        let complaint = complaint.as_ref().map_or(&[][..], |bytes| &bytes[..]);
        // Each part with its length: no letter can move from one to the next.
        for part in [
            row.who.as_bytes(),
            row.deed.as_bytes(),
            complaint,
            row.detail.as_bytes(),
        ] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self {
            number: row.number,
            chain: *hasher.finalize().as_bytes(),
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, HEXLOWER.encode(&self.chain))
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.trim().split_once(':');
        let head = parts.and_then(|(number, chain)| {
            Some(Self {
                number: number.parse().ok()?,
                chain: HEXLOWER.decode(chain.to_lowercase().as_bytes()).ok()?.try_into().ok()?,
            })
        });
        head.ok_or_else(|| {
            "a number, a colon and 64 hexadecimal digits are expected, as `audit verify` writes them".into()
        })
    }
}

/// Gives where the log ends, as far as it says itself.
///
/// # Errors
/// When the database fails.
pub fn head(connection: &Connection) -> rusqlite::Result<Head> {
    connection
        .prepare_cached("SELECT number, chain FROM audit_head")?
        .query_row([], |row| {
            Ok(Head {
                number: row.get(0)?,
                chain: row.get(1)?,
            })
        })
        .optional()
        .map(|head| head.unwrap_or(Head::START))
}

/// Goes through the whole log and tells where it ends, or the first that is wrong with it. `noted` are ends that were noted
/// elsewhere: the log has to have passed each of them.
///
/// # Errors
/// When the database fails.
pub fn verify(connection: &Connection, noted: &[Head]) -> rusqlite::Result<Result<Head, Finding>> {
    let end = head(connection)?;
    let mut statement =
        connection.prepare("SELECT number, at, who, deed, complaint, detail, chain FROM audit ORDER BY number")?;
    let mut rows = statement.query([])?;
    let mut last = Head::START;
    while let Some(row) = rows.next()? {
        let (said, row) = (row.get::<_, [u8; 32]>("chain")?, read(row)?);
        if row.number != last.number + 1 {
            return Ok(Err(Finding::Missing(last.number + 1)));
        }
        last = last.then(&row);
        if last.chain != said {
            return Ok(Err(Finding::Changed(row.number)));
        }
        if noted.iter().any(|noted| noted.number == row.number && *noted != last) {
            return Ok(Err(Finding::Elsewhere(row.number)));
        }
    }
    if last.number > end.number {
        return Ok(Err(Finding::TooLong(end.number + 1)));
    }
    // The head comes first: without it nothing says how long the log was.
    let longest = noted.iter().map(|noted| noted.number).fold(end.number, u64::max);
    if last.number < longest {
        return Ok(Err(Finding::Missing(last.number + 1)));
    }
    if last != end {
        return Ok(Err(Finding::Changed(last.number)));
    }
    Ok(Ok(last))
}
