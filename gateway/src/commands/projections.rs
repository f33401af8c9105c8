//! `projections rebuild`: derive lists, search and deadlines from the log anew.

use clap::Subcommand;
use titian_host::casebook::project;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::store::StoreError;

use super::Context;

/// `projections …`
#[derive(Subcommand)]
pub enum Command {
    /// Derive lists, search and deadlines from the log anew; nothing that people wrote is touched
    Rebuild,
}

/// Runs a `projections` command.
pub async fn run(context: &Context, Command::Rebuild: &Command) -> Result<Exit, Failure> {
    let rules = context.desk.rules.clone();
    let count = context
        .desk
        .store
        .write(move |tx| Ok::<_, StoreError>(project::rebuild(tx, &rules)?))
        .await?;
    context.output.show(&serde_json::json!({ "complaints": count }), |_| {
        Table::new(["complaints"]).row([count.to_string()])
    })?;
    Ok(Exit::Ok)
}
