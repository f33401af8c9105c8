//! Items that came from the other side: into the log first, and merged right after.

use std::collections::BTreeSet;

use rusqlite::Transaction;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_sync::item::{Item, ItemKind};

use super::erase;
use super::log;
use super::project::{self, Rules};

/// Takes items into an office's log and refreshes what is derived from them. Those that are known are skipped, and one
/// that cannot be merged is kept in the log without harming the others. Gives the complaints that something new was
/// learned of.
pub fn take(
    tx: &Transaction<'_>,
    rules: &Rules,
    office: &OfficeCode,
    items: &[Item],
    origin: u64,
) -> rusqlite::Result<BTreeSet<ComplaintId>> {
    let mut touched = BTreeSet::new();
    for item in items {
        if log::append(tx, office, item, origin)?.is_none() {
            continue;
        }
        if let Some(record) = item.erases() {
            erase::forget(tx, record)?;
        } else if item.kind() == ItemKind::Reporter {
            // One that was erased before it arrived here.
            if erase::is_erased(tx, item)? {
                erase::forget(tx, item.hash())?;
            } else {
                project::write_reporter(tx, item.body())?;
            }
        }
        touched.extend(item.complaint());
    }
    for id in &touched {
        project::refresh(tx, rules, *id)?;
    }
    Ok(touched)
}
