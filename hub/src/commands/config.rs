//! `config show`: every setting, its value and where that comes from.

use clap::Subcommand;
use titian_host::cli::{Exit, Failure};
use titian_host::config::shown_table;

use super::Context;
use crate::settings;

/// `config …`
#[derive(Subcommand)]
pub enum Command {
    /// Show every setting, its value and where that comes from
    Show,
}

/// Runs a `config` command.
pub fn run(context: &Context, Command::Show: &Command) -> Result<Exit, Failure> {
    let loaded = settings::load(&context.folder, |sources| sources)?;
    context.output.show(&loaded.shown(), |shown| shown_table(shown))?;
    Ok(Exit::Ok)
}
