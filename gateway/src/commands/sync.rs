//! `sync`: exchange news with the hub once.

use titian_host::cli::{Exit, Failure, Table};

use super::Context;
use crate::uplink::Uplink;

/// Runs `sync`; ends with [`Exit::Ok`] only if the hub has acknowledged everything.
pub async fn run(context: &Context) -> Result<Exit, Failure> {
    let synced = Uplink::new(context.desk.clone())?.sync_now().await?;
    context.output.show(&synced, |synced| {
        Table::new(["delivered", "proved identical", "still waiting", "requests"]).row([
            yes_or_no(synced.delivered).to_owned(),
            yes_or_no(synced.in_sync).to_owned(),
            synced.waiting_items.to_string(),
            synced.requests.to_string(),
        ])
    })?;
    Ok(if synced.delivered { Exit::Ok } else { Exit::NotDelivered })
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
