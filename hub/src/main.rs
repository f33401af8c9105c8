//! `titian-hub`: the regency's program.

mod airlock;
mod bundle;
mod commands;
mod desk;
mod examine;
mod lapor;
mod pages;
mod receive;
mod settings;
mod store;
mod tls;
mod turns;
mod waiting_room;

use std::process::ExitCode;

use clap::Parser as _;
use titian_host::cli::{self, Exit, Failure};
use titian_host::logs;

fn main() -> ExitCode {
    // Before anything else: the child has no settings, no threads and no other words.
    if std::env::args_os().nth(1).is_some_and(|word| word == airlock::COMMAND) {
        return match airlock::child::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    serve(commands::Cli::parse())
}

#[tokio::main]
async fn serve(command_line: commands::Cli) -> ExitCode {
    cli::finish(start(command_line).await)
}

async fn start(command_line: commands::Cli) -> Result<Exit, Failure> {
    logs::init("info")?;
    commands::run(command_line).await
}
