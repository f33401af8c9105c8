//! `status`: how this gateway stands with the hub.

use titian_host::cli::{Exit, Failure, Table};

use super::Context;
use crate::uplink::Uplink;

/// Runs `status`.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let status = Uplink::new(context.desk.clone())?.status().await?;
    let counts = context.desk.counts().await?;
    let mut value = serde_json::to_value(&status).map_err(anyhow::Error::from)?;
    value["complaints"] = counts
        .iter()
        .map(|(stage, count)| (stage.code().to_owned(), *count))
        .collect();
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&value, |_| {
        let time = |at: Option<titian_domain::time::UnixMillis>| {
            at.map_or_else(
                || "never".to_owned(),
                |at| at.local(zone).format("%Y-%m-%d %H:%M").to_string(),
            )
        };
        let mut table = Table::new(["what", "value"])
            .row(["office", status.office.as_deref().unwrap_or("not enrolled")])
            .row(["letter", status.letter.as_deref().unwrap_or("-")])
            .row(["hub", status.hub.as_deref().unwrap_or("-")])
            .row(["hub took the code", if status.enrolled { "yes" } else { "no" }])
            .row([
                "complaints that wait for the hub",
                &status.waiting_complaints.to_string(),
            ])
            .row([
                "complaints that the hub does not take",
                &status.refused_complaints.to_string(),
            ])
            .row([
                "files that wait for the hub",
                &format!("{}, {} bytes", status.waiting_files, status.waiting_file_bytes),
            ])
            .row(["last exchange", &time(status.last_success)])
            .row(["proved identical since", &time(status.in_sync_since)])
            .row([
                "clock",
                if status.clock_is_trusted {
                    "right"
                } else {
                    "not compared with the hub's lately"
                },
            ]);
        if status.copied_since.is_some() {
            let since = time(status.copied_since);
            let way_out =
                format!("another PC works with a copy, known since {since}; type `titian-gateway enrol NEWCODE`");
            table.push(["copied", &way_out]);
        }
        if status.repair_since.is_some() {
            table.push([
                "repair",
                &format!("{} since {}", status.repair, time(status.repair_since)),
            ]);
        }
        if let Some(found) = &status.found {
            table.push(["database was", &format!("{found}, found {}", time(status.found_at))]);
        }
        if let Some(error) = &status.last_error {
            table.push(["last error", error]);
        }
        for (stage, count) in &counts {
            table.push([stage.code(), &count.to_string()]);
        }
        table
    })?;
    Ok(Exit::Ok)
}
