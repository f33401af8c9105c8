//! `sync`: exchange news with the hub once; `sync explain`: what each side holds.

use clap::Subcommand;
use titian_host::cli::{Exit, Failure, Table};

use super::{Context, explain};

/// `sync`
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show what each side holds, what is missing, since when and why; nothing is sent. Exit code 0 only if nothing is missing
    Explain(explain::Args),
}

/// Runs `sync`; ends with [`Exit::Ok`] only if the hub has acknowledged everything.
pub async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    if let Some(Command::Explain(args)) = args.command {
        return explain::run(context, args).await;
    }
    let synced = context.uplink()?.sync_now().await?;
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
