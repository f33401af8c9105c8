//! `sync explain`: what each side holds, what is missing, since when, and why.

use serde::Serialize;
use titian_domain::time::UnixMillis;
use titian_host::casebook::explain::{self, COMPLAINTS_MAX, Explained, OtherSide};
use titian_host::casebook::log::Whose;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::store::StoreError;

use super::Context;
use crate::store::device;
use crate::uplink::{SyncStatus, Uplink};

/// `sync explain`
#[derive(clap::Args)]
pub struct Args {
    /// Which complaint: its id or register number; all that are not whole on both sides if left out
    complaint: Option<String>,
}

#[derive(Serialize)]
struct Report {
    /// Why something is missing: `nothing-missing`, `not-enrolled`, `copied`, `difference`, or the kind of the last
    /// failure; `waiting` where nothing stands in the way.
    why: String,
    last_success: Option<UnixMillis>,
    in_sync_since: Option<UnixMillis>,
    repair: &'static str,
    repair_since: Option<UnixMillis>,
    complaints: Vec<Explained>,
    /// Whether there are more than are listed.
    more: bool,
}

/// Runs `sync explain`; ends with [`Exit::Ok`] only if nothing is missing on either side.
pub async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let status = Uplink::new(context.desk.clone())?.status().await?;
    let named = match &args.complaint {
        Some(name) => Some(context.desk.find(name).await?),
        None => None,
    };
    let (mut complaints, more) = context
        .desk
        .store
        .read(move |conn| {
            let Some(device) = device::read(conn)? else {
                return Ok::<_, StoreError>((Vec::new(), false));
            };
            let acked = device.hub.as_ref().map_or(0, |hub| hub.replica.acked.position);
            let other = OtherSide {
                holds: acked,
                whose: Whose::WrittenHere,
            };
            let mut ids = match named {
                Some(id) => vec![id],
                None => explain::incomplete(conn, &device.office, other)?,
            };
            let more = ids.len() > COMPLAINTS_MAX;
            ids.truncate(COMPLAINTS_MAX);
            let explained = ids
                .into_iter()
                .map(|id| explain::explain(conn, &device.office, id, other));
            Ok((explained.collect::<Result<_, _>>()?, more))
        })
        .await?;
    if named.is_none() {
        complaints.retain(|explained: &Explained| !explained.is_whole());
    }
    let whole = complaints.iter().all(Explained::is_whole) && matches!(status.repair, "none");
    let report = Report {
        why: why(&status, whole),
        last_success: status.last_success,
        in_sync_since: status.in_sync_since,
        repair: status.repair,
        repair_since: status.repair_since,
        complaints,
        more,
    };
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&report, |report| {
        if report.complaints.is_empty() {
            return Table::new(["why", "repair"]).row([report.why.as_str(), report.repair]);
        }
        let mut table = Table::new([
            "complaint",
            "register",
            "here: intake / handling",
            "at the hub",
            "missing there",
            "since",
            "missing here",
            "unmerged",
        ]);
        for explained in &report.complaints {
            table.push(explained.cells(zone));
        }
        table
    })?;
    Ok(if whole { Exit::Ok } else { Exit::NotDelivered })
}

fn why(status: &SyncStatus, whole: bool) -> String {
    let kind = status.last_error.as_ref().and_then(|error| error.split(':').next());
    if whole {
        "nothing-missing".into()
    } else if !status.enrolled {
        "not-enrolled".into()
    } else if status.copied_since.is_some() {
        "copied".into()
    } else if let Some(kind) = kind {
        kind.to_owned()
    } else if status.repair != "none" {
        "difference".into()
    } else {
        "waiting".into()
    }
}
