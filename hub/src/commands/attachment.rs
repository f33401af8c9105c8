//! `complaint attachment …`: files of a complaint, on their way into LAPOR.

use titian_host::attachments::Holding;
use titian_host::attachments::cli::{self, Command, Listed};
use titian_host::cli::{Exit, Failure};
use titian_host::people::Right;

use super::Context;

/// Runs `complaint attachment …`.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List { complaint } => {
            let id = context.desk.find(&complaint).await?;
            let files: Vec<_> = context.desk.show(id).await?.files.into_iter().map(listed).collect();
            cli::list(context.output, &files, context.desk.rules.procedure.zone)
        }
        Command::Save {
            complaint,
            file,
            into,
            by,
        } => {
            let who = context.by(&by, Right::Read).await?;
            let id = context.desk.find(&complaint).await?;
            let shown = context.desk.show(id).await?;
            cli::save(
                &context.work(),
                &context.desk.files,
                (&shown.complaint, &shown.files),
                (file.as_deref(), &into),
                &who,
            )
            .await
        }
    }
}

/// Gives a file as lists show it.
pub fn listed(holding: Holding) -> Listed {
    Listed { holding, at_hub: None }
}
