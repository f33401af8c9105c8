//! `status`: how the complaints and the offices stand.

use titian_host::cli::{Exit, Failure, Table};

use super::Context;
use crate::store::keys::Course;

/// Runs `status`.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let counts = context.desk.counts().await?;
    let offices = context.desk.store.offices().await?;
    let gateways = offices.iter().flat_map(|office| &office.gateways);
    let silent = gateways.clone().filter(|gateway| gateway.last_seen.is_none()).count();
    let identical = gateways
        .clone()
        .filter(|gateway| gateway.in_sync_since.is_some())
        .count();
    let aside = context.desk.aside().await?.len();
    let keys = context
        .desk
        .store
        .key_standing(context.desk.clock.random(), context.desk.now())
        .await?;
    let value = serde_json::json!({
        "complaints": counts.iter().map(|(stage, count)| (stage.code(), *count)).collect::<std::collections::BTreeMap<_, _>>(),
        "offices": offices.len(),
        "gateways": gateways.clone().count(),
        "gateways_never_seen": silent,
        "gateways_proved_identical": identical,
        "quarantined": aside,
        "key_course": keys.course,
        "gateways_behind_key": keys.behind.len(),
    });
    context.output.show(&value, |_| {
        let mut table = Table::new(["what", "count"])
            .row(["offices", &offices.len().to_string()])
            .row(["gateways", &gateways.clone().count().to_string()])
            .row(["gateways proved identical", &identical.to_string()])
            .row(["items in quarantine", &aside.to_string()]);
        if keys.course != Course::Steady {
            table.push([
                "gateways that have not heard the hub's newest key",
                &keys.behind.len().to_string(),
            ]);
        }
        for (stage, count) in &counts {
            table.push([stage.code(), &count.to_string()]);
        }
        table
    })?;
    Ok(Exit::Ok)
}
