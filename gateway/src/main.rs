//! `titian-gateway`: the office's program.

mod capture;
mod commands;
mod desk;
mod import;
mod pages;
mod register_import;
mod settings;
mod sidecar;
mod store;
mod uplink;

use std::process::ExitCode;

use clap::Parser as _;
use titian_host::cli::{self, Exit, Failure};
use titian_host::logs;

#[tokio::main]
async fn main() -> ExitCode {
    let command_line = commands::Cli::parse();
    cli::finish(start(command_line).await)
}

async fn start(command_line: commands::Cli) -> Result<Exit, Failure> {
    logs::init("info")?;
    commands::run(command_line).await
}
