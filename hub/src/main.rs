//! `titian-hub`: the regency's program.

mod airlock;
mod bundle;
mod codes;
mod commands;
mod desk;
mod examine;
mod lapor;
mod pages;
mod receive;
mod roles;
mod settings;
mod store;
mod tls;
mod turns;
mod waiting_room;

use std::process::ExitCode;

use clap::Parser as _;
use titian_host::cli::{self, Exit, Failure};
use titian_host::logs;
use tokio::runtime::Builder;

/// Threads for what does not block: parsing, packing and signatures of all exchanges. What takes long is done by the one
/// thread that writes and by the airlock; and each thread keeps memory of its own, however many cores the server has.
const WORKERS: usize = 2;

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

fn serve(command_line: commands::Cli) -> ExitCode {
    let mut builder = Builder::new_multi_thread();
    cli::run(builder.worker_threads(WORKERS), start(command_line))
}

async fn start(command_line: commands::Cli) -> Result<Exit, Failure> {
    logs::init("info")?;
    commands::run(command_line).await
}
