//! What LAPOR's export brings back, written into the handling documents in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, TrackingId};
use titian_host::casebook::edit;
use titian_host::casebook::project::Rules;
use titian_sync::item::ItemKind;

use super::HubStore;
use crate::desk::{DeskError, Imported};
use crate::lapor::export::ExportRow;
use crate::lapor::matching::{self, Known, Plan};

/// Tells which complaint has a Tracking ID, and its register number.
pub fn holder(conn: &Connection, tracking_id: &TrackingId) -> rusqlite::Result<Option<(ComplaintId, String)>> {
    conn.prepare_cached("SELECT id, register FROM complaint WHERE tracking_id = ?1")?
        .query_row([tracking_id.as_str()], |row| Ok((ComplaintId::from_bytes(row.get(0)?), row.get(1)?)))
        .optional()
}

impl HubStore {
    /// Tells what an export would change.
    pub async fn plan_import(&self, rows: Vec<ExportRow>) -> Result<Plan, DeskError> {
        self.0.read(move |conn| Ok(plan(conn, &rows)?)).await
    }

    /// Takes over what an export says, all of it or nothing. `stamp` gives a fresh one for every event.
    pub async fn import(
        &self,
        rules: Arc<Rules>,
        stamp: impl Fn() -> Stamp + Send + 'static,
        rows: Vec<ExportRow>,
    ) -> Result<Imported, DeskError> {
        self.0
            .write(move |tx| {
                let plan = plan(tx, &rows)?;
                for update in &plan.update {
                    let target = (update.complaint, ItemKind::Handling);
                    if let Some(institution) = &update.disposed_to {
                        let by = stamp();
                        edit::edit(tx, &rules, target, &by, |case, _| Ok(case.dispose(institution, &by)?))?;
                    }
                    if let Some(status) = &update.status {
                        let by = stamp();
                        edit::edit(tx, &rules, target, &by, |case, _| Ok(case.see_status(status, &by)?))?;
                    }
                }
                Ok(Imported { updated: plan.update.len(), unchanged: plan.unchanged, plan })
            })
            .await
    }
}

fn plan(conn: &Connection, rows: &[ExportRow]) -> rusqlite::Result<Plan> {
    let mut known = BTreeMap::new();
    let mut statement = conn.prepare_cached(
        "SELECT id, lapor_status, disposed_to, title, stage FROM complaint WHERE tracking_id = ?1",
    )?;
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
