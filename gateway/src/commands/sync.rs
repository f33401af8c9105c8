//! `sync`: exchange news with the hub once; `sync --estimate`: what that costs; `sync explain`: what each side holds.

use clap::Subcommand;
use titian_host::cli::{Exit, Failure, Table};

use super::{Context, explain};

/// `sync`
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// Tell how many bytes it takes to send all that waits, and send nothing
    #[arg(long)]
    estimate: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show what each side holds, what is missing, since when and why; nothing is sent. Exit code 0 only if nothing is missing
    Explain(explain::Args),
}

/// Runs `sync`; ends with [`Exit::Ok`] only if the hub has acknowledged everything and has every file.
pub async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    if let Some(Command::Explain(args)) = args.command {
        return explain::run(context, args).await;
    }
    if args.estimate {
        return estimate(context).await;
    }
    let synced = context.uplink()?.sync_now().await?;
    context.output.show(&synced, |synced| {
        Table::new([
            "delivered",
            "proved identical",
            "still waiting",
            "files waiting",
            "requests",
        ])
        .row([
            yes_or_no(synced.delivered).to_owned(),
            yes_or_no(synced.in_sync).to_owned(),
            synced.waiting_items.to_string(),
            synced.waiting_files.to_string(),
            synced.requests.to_string(),
        ])
    })?;
    Ok(if synced.delivered && synced.waiting_files == 0 {
        Exit::Ok
    } else {
        Exit::NotDelivered
    })
}

async fn estimate(context: &Context) -> Result<Exit, Failure> {
    let estimate = context.uplink()?.estimate().await?;
    context.output.show(&estimate, |estimate| {
        let line = |what: &str, count: u64, bytes: u64| [what.to_owned(), count.to_string(), bytes.to_string()];
        Table::new(["what", "waiting", "bytes"])
            .row(line("texts", estimate.waiting_items, estimate.text_bytes))
            .row(line("files", estimate.waiting_files, estimate.file_bytes))
            .row([
                "files to fetch".to_owned(),
                estimate.fetched_files.to_string(),
                format!("at most {}", estimate.fetched_file_bytes_max),
            ])
    })?;
    Ok(Exit::Ok)
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
