//! What each side holds of a complaint, as far as this side can know: heads, what the other side lacks and since when, and
//! what is waited for here.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use titian_domain::document;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::time::{UnixMillis, Zone};
use titian_sync::item::{Item, ItemHash, ItemKind};

use super::log::{self, Whose};

/// The complaints that one report names; what is beyond is counted.
pub const COMPLAINTS_MAX: usize = 200;

/// Which entries of the log the other side is known to hold.
#[derive(Clone, Copy, Debug)]
pub struct OtherSide {
    /// All up to this position.
    pub holds: u64,
    /// And all that it brought itself, or, with [`Whose::WrittenHere`], all that was not written here.
    pub whose: Whose,
}

impl OtherSide {
    fn has(self, position: u64, origin: u64) -> bool {
        position <= self.holds
            || match self.whose {
                Whose::WrittenHere => origin != log::WRITTEN_HERE,
                Whose::NotFrom(device) => device == Some(origin),
            }
    }
}

/// What one side holds of a complaint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// The changes of the intake that no other builds on.
    pub intake: Vec<String>,
    /// The same of the handling.
    pub handling: Vec<String>,
    /// How many items, reporter records among them.
    pub items: usize,
}

/// An item that the other side is not known to hold.
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// What it is known by.
    pub hash: String,
    /// Its number in logs and on the wire.
    pub kind: u8,
    /// When it was written, by the clock of who wrote it; only of changes.
    pub since: Option<UnixMillis>,
}

/// How a complaint stands between the two sides.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// Which one.
    pub complaint: ComplaintId,
    /// The office's number, once the first change is here.
    pub register: Option<String>,
    /// What is held here.
    pub here: Holding,
    /// What the other side is known to hold.
    pub there: Holding,
    /// What it is not known to hold.
    pub missing_there: Vec<Missing>,
    /// Changes that others build on and that have not arrived here.
    pub missing_here: Vec<String>,
    /// Changes here that cannot be merged.
    pub unmerged: u64,
}

impl Explained {
    /// Tells whether nothing is missing on either side.
    pub fn is_whole(&self) -> bool {
        self.missing_there.is_empty() && self.missing_here.is_empty() && self.unmerged == 0
    }
}

/// Explains one complaint of an office.
pub fn explain(
    conn: &Connection,
    office: &OfficeCode,
    complaint: ComplaintId,
    other: OtherSide,
) -> rusqlite::Result<Explained> {
    let items = log::of_complaint(conn, office, complaint)?;
    let there = items.iter().filter(|(_, at)| other.has(at.position, at.origin));
    let there = holding(there.map(|(item, _)| item));
    let missing = items.iter().filter(|(_, at)| !other.has(at.position, at.origin));
    let held: BTreeSet<ItemHash> = items.iter().map(|(item, _)| item.hash()).collect();
    let waited: BTreeSet<ItemHash> = items.iter().flat_map(|(item, _)| item.dependencies()).collect();
    let row = conn
        .prepare_cached("SELECT register, unmerged FROM complaint WHERE id = ?1")?
        .query_row([complaint.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (register, unmerged): (Option<String>, Option<u64>) = row.unzip();
    Ok(Explained {
        complaint,
        register,
        here: holding(items.iter().map(|(item, _)| item)),
        there,
        missing_there: missing.map(|(item, _)| missing_item(item)).collect(),
        missing_here: waited.difference(&held).map(ToString::to_string).collect(),
        unmerged: unmerged.unwrap_or(0),
    })
}

/// Lists complaints of an office that are not known to be whole on both sides, oldest first; at most one more than
/// [`COMPLAINTS_MAX`].
pub fn incomplete(conn: &Connection, office: &OfficeCode, other: OtherSide) -> rusqlite::Result<Vec<ComplaintId>> {
    let (only, skip) = match other.whose {
        Whose::WrittenHere => (Some(log::WRITTEN_HERE), None),
        Whose::NotFrom(device) => (None, device),
    };
    conn.prepare_cached(
        "SELECT complaint FROM item WHERE office = ?1 AND position > ?2 AND complaint IS NOT NULL
             AND (?3 IS NULL OR origin = ?3) AND (?4 IS NULL OR origin <> ?4)
         UNION SELECT id FROM complaint WHERE office = ?1 AND unmerged > 0
         ORDER BY 1 LIMIT ?5",
    )?
    .query_map(
        params![office.as_str(), other.holds, only, skip, COMPLAINTS_MAX + 1],
        |row| Ok(ComplaintId::from_bytes(row.get(0)?)),
    )?
    .collect()
}

fn holding<'a>(items: impl Iterator<Item = &'a Item>) -> Holding {
    let items: Vec<_> = items.collect();
    let built_on: BTreeSet<_> = items.iter().flat_map(|item| item.dependencies()).collect();
    let heads = |kind: ItemKind| {
        let of_kind = items.iter().filter(|item| item.kind() == kind);
        let mut heads: Vec<_> = of_kind
            .map(|item| item.hash())
            .filter(|hash| !built_on.contains(hash))
            .map(|hash| hash.to_string())
            .collect();
        heads.sort_unstable();
        heads
    };
    Holding {
        intake: heads(ItemKind::Intake),
        handling: heads(ItemKind::Handling),
        items: items.len(),
    }
}

fn missing_item(item: &Item) -> Missing {
    Missing {
        hash: item.hash().to_string(),
        kind: item.kind().code(),
        since: item
            .kind()
            .is_change()
            .then(|| document::written_at(item.body()))
            .flatten(),
    }
}

impl Explained {
    /// Gives it as a row of a table: complaint, register number, what is held here and there, how much is missing there
    /// and since when, what is missing here, how much cannot be merged.
    pub fn cells(&self, zone: Zone) -> [String; 8] {
        let since = self.missing_there.iter().filter_map(|missing| missing.since).min();
        let since = since.map_or_else(String::new, |at| at.local(zone).format("%Y-%m-%d %H:%M").to_string());
        [
            self.complaint.to_string(),
            self.register.clone().unwrap_or_default(),
            self.here.words(),
            self.there.words(),
            self.missing_there.len().to_string(),
            since,
            fronts(&self.missing_here),
            self.unmerged.to_string(),
        ]
    }
}

impl Holding {
    fn words(&self) -> String {
        let (intake, handling) = (fronts(&self.intake), fronts(&self.handling));
        format!("{intake} / {handling} ({} items)", self.items)
    }
}

/// The first eight digits of each hash: enough to compare two lines by eye.
fn fronts(hashes: &[String]) -> String {
    let fronts: Vec<_> = hashes.iter().filter_map(|hash| hash.get(..8)).collect();
    fronts.join(" ")
}
