//! What LAPOR's export brings back, written into the handling documents in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Transaction};
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, TrackingId};
use titian_host::audit::{self, Deed};
use titian_host::casebook::edit::{self, EditError};
use titian_host::casebook::project::Rules;
use titian_sync::item::ItemKind;

use super::HubStore;
use crate::desk::{DeskError, Imported};
use crate::lapor::export::ExportRow;
use crate::lapor::matching::{self, Known, Plan, RefusedUpdate, Update};

/// Tells which complaint has a Tracking ID, and its register number.
pub fn holder(conn: &Connection, tracking_id: &TrackingId) -> rusqlite::Result<Option<(ComplaintId, String)>> {
    conn.prepare_cached("SELECT id, register FROM complaint WHERE tracking_id = ?1")?
        .query_row([tracking_id.as_str()], |row| {
            Ok((ComplaintId::from_bytes(row.get(0)?), row.get(1)?))
        })
        .optional()
}

impl HubStore {
    /// Tells what an export would change.
    pub async fn plan_import(&self, rows: Vec<ExportRow>) -> Result<Plan, DeskError> {
        self.0.read(move |conn| Ok(plan(conn, &rows)?)).await
    }

    /// Takes over what an export says in one transaction. A complaint of which the procedure refuses something is told
    /// with the refusal and holds up no other. `stamp` gives a fresh one for every event.
    pub async fn import(
        &self,
        rules: Arc<Rules>,
        stamp: impl Fn() -> Stamp + Send + 'static,
        rows: Vec<ExportRow>,
    ) -> Result<Imported, DeskError> {
        self.0
            .write(move |tx| {
                let mut plan = plan(tx, &rows)?;
                for update in std::mem::take(&mut plan.update) {
                    match take(tx, &rules, &stamp, &update) {
                        Ok(true) => plan.update.push(update),
                        Ok(false) => plan.unchanged += 1,
                        Err(EditError::Refused(reason)) => plan.refused.push(RefusedUpdate { update, reason }),
                        Err(error) => return Err(error.into()),
                    }
                }
                let by = stamp();
                let entry = audit::Entry {
                    at: by.at,
                    who: &by.staff,
                    deed: Deed::LaporImported,
                    complaint: None,
                    detail: &format!("{} of {} rows said something new", plan.update.len(), rows.len()),
                };
                audit::note(tx, entry)?;
                Ok(Imported {
                    updated: plan.update.len(),
                    unchanged: plan.unchanged,
                    plan,
                })
            })
            .await
    }
}

/// Takes over what is new of one complaint: all of it, or nothing where a part is refused. `false` if all is known.
fn take(tx: &Transaction<'_>, rules: &Rules, stamp: &impl Fn() -> Stamp, update: &Update) -> Result<bool, EditError> {
    tx.execute_batch("SAVEPOINT complaint")?;
    let taken = take_parts(tx, rules, stamp, update);
    if taken.is_err() {
        tx.execute_batch("ROLLBACK TO complaint")?;
    }
    tx.execute_batch("RELEASE complaint")?;
    taken
}

fn take_parts(
    tx: &Transaction<'_>,
    rules: &Rules,
    stamp: &impl Fn() -> Stamp,
    update: &Update,
) -> Result<bool, EditError> {
    let target = (update.complaint, ItemKind::Handling);
    let mut written = false;
    if let Some(institution) = &update.disposed_to {
        let by = stamp();
        written |= edit::edit(tx, rules, target, (&by, "dispose"), |case, _| {
            Ok(case.dispose(institution, &by)?)
        })?;
    }
    if let Some(status) = &update.status {
        let by = stamp();
        written |= edit::edit(tx, rules, target, (&by, "lapor-status"), |case, _| {
            Ok(case.see_status(status, &by)?)
        })?;
    }
    Ok(written)
}

fn plan(conn: &Connection, rows: &[ExportRow]) -> rusqlite::Result<Plan> {
    let mut known = BTreeMap::new();
    let mut statement = conn
        .prepare_cached("SELECT id, lapor_status, disposed_to, title, stage FROM complaint WHERE tracking_id = ?1")?;
    for row in rows {
        let found = statement
            .query_row([row.tracking_id.as_str()], |found| {
                Ok(Known {
                    complaint: ComplaintId::from_bytes(found.get(0)?),
                    status: found.get(1)?,
                    disposed_to: found.get(2)?,
                    title: found.get(3)?,
                })
            })
            .optional()?;
        if let Some(found) = found {
            known.insert(row.tracking_id.clone(), found);
        }
    }
    Ok(matching::plan(rows, &known))
}

#[cfg(test)]
mod tests;
