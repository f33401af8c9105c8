//! What each gateway of an office is known to hold.

use rusqlite::params;
use serde::Serialize;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_host::casebook::explain::{self, COMPLAINTS_MAX, Explained, OtherSide};
use titian_host::casebook::log::Whose;
use titian_host::store::StoreError;

use super::HubStore;

/// How an office's log stands at one of its gateways.
#[derive(Clone, Debug, Serialize)]
pub struct AtGateway {
    /// Its number in the protocol.
    pub number: u64,
    /// Its letter in register numbers.
    pub letter: String,
    /// Why something is missing there: `nothing-missing`, `revoked`, `copied`, `never-seen`, `repairing`: its last
    /// exchange mended a difference, and the next one tells how that ended; or `silent`: it has not asked since.
    pub why: &'static str,
    /// When it was last heard of.
    pub last_seen: Option<UnixMillis>,
    /// Since when both sides are proved to hold the same.
    pub in_sync_since: Option<UnixMillis>,
    /// The complaints that are not whole there, or the one that was asked for.
    pub complaints: Vec<Explained>,
    /// Whether there are more than are listed.
    pub more: bool,
}

impl AtGateway {
    /// Tells whether nothing is missing on either side.
    pub fn is_whole(&self) -> bool {
        self.complaints.iter().all(Explained::is_whole)
    }
}

impl HubStore {
    /// Explains one complaint of an office, or all that are not whole, for each of its gateways.
    pub async fn explain(
        &self,
        office: OfficeCode,
        complaint: Option<ComplaintId>,
    ) -> Result<Vec<AtGateway>, StoreError> {
        self.door()
            .read(move |conn| {
                let mut statement = conn.prepare_cached(
                    "SELECT number, letter, revoked_at IS NOT NULL, copied_at IS NOT NULL, last_seen, holds,
                         CASE WHEN in_sync_position = (SELECT position FROM scope WHERE scope.office = device.office)
                              THEN in_sync_since END
                     FROM device WHERE office = ?1 ORDER BY letter",
                )?;
                let mut rows = statement.query(params![office.as_str()])?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    let (number, holds): (u64, Option<u64>) = (row.get(0)?, row.get(5)?);
                    let other = OtherSide {
                        holds: holds.unwrap_or(0),
                        whose: Whose::NotFrom(Some(number)),
                    };
                    let mut ids = match complaint {
                        Some(id) => vec![id],
                        None => explain::incomplete(conn, &office, other)?,
                    };
                    let more = ids.len() > COMPLAINTS_MAX;
                    ids.truncate(COMPLAINTS_MAX);
                    let mut complaints = Vec::new();
                    for id in ids {
                        let explained = explain::explain(conn, &office, id, other)?;
                        if complaint.is_some() || !explained.is_whole() {
                            complaints.push(explained);
                        }
                    }
                    let last_seen = row.get::<_, Option<i64>>(4)?.map(UnixMillis);
                    let whole = complaints.iter().all(Explained::is_whole);
                    let why = match (whole, row.get(2)?, row.get(3)?, last_seen, holds) {
                        (true, ..) => "nothing-missing",
                        (_, true, ..) => "revoked",
                        (_, _, true, ..) => "copied",
                        (_, _, _, None, _) => "never-seen",
                        (_, _, _, _, None) => "repairing",
                        _ => "silent",
                    };
                    all.push(AtGateway {
                        number,
                        letter: row.get(1)?,
                        why,
                        last_seen,
                        in_sync_since: row.get::<_, Option<i64>>(6)?.map(UnixMillis),
                        complaints,
                        more,
                    });
                }
                Ok(all)
            })
            .await
    }
}
