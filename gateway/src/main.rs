//! `titian-gateway`: the office's program.

mod at_rest;
mod capture;
mod commands;
mod desk;
mod import;
mod pages;
mod register_import;
mod roles;
mod settings;
mod sidecar;
mod store;
mod uplink;

use std::process::ExitCode;

use clap::Parser as _;
use titian_host::cli::{self, Exit, Failure};
use titian_host::logs;
use tokio::runtime::Builder;

/// Threads for work that blocks. Reading a bundle holds one and asks for the database on another: with one alone it would
/// wait for itself. They are made when they are needed.
const BLOCKING_THREADS_MAX: usize = 2;

fn main() -> ExitCode {
    let command_line = commands::Cli::parse();
    // A command does one thing after the other, and each thread keeps memory of its own. The pages bring a runtime of their own.
    let mut builder = Builder::new_current_thread();
    cli::run(builder.max_blocking_threads(BLOCKING_THREADS_MAX), start(command_line))
}

async fn start(command_line: commands::Cli) -> Result<Exit, Failure> {
    logs::init("info")?;
    commands::run(command_line).await
}
