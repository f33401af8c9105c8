//! `lapor import`: take over LAPOR's Excel export.

use std::path::PathBuf;

use clap::Subcommand;
use titian_domain::lang::Lang;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::people::{By, Right};

use super::Context;
use crate::lapor::export::{self, FILE_BYTES_MAX};

/// `lapor …`
#[derive(Subcommand)]
pub enum Command {
    /// Take over status and disposition from LAPOR's Excel export
    Import {
        /// The .xlsx file as it was downloaded
        file: PathBuf,
        /// Only tell what would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        by: By,
    },
}

/// Runs a `lapor` command; ends with [`Exit::Partial`] where rows could not be read or taken.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let Command::Import { file, dry_run, by } = command;
    let staff = context.by(&by, Right::Import).await?;
    let unreadable =
        |error: std::io::Error| Failure::user(format!("cannot read {}: {error}", file.display()), "check the path");
    let size = std::fs::metadata(&file).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX as u64 {
        let max = FILE_BYTES_MAX >> 20;
        return Err(Failure::user(
            format!("{} is larger than {max} MiB", file.display()),
            "export a shorter period",
        ));
    }
    let bytes = std::fs::read(&file).map_err(unreadable)?;
    let export = export::read(&bytes).map_err(|error| {
        Failure::user(
            error.words(Lang::En),
            "nothing was changed; download the export from LAPOR again",
        )
    })?;
    let plan = if dry_run {
        context.desk.plan_import(&export).await?
    } else {
        context.desk.import(&staff, &export).await?.plan
    };
    let problems: Vec<_> = export
        .problems
        .iter()
        .map(|problem| serde_json::json!({ "line": problem.line, "problem": problem.words(Lang::En) }))
        .collect();
    let value = serde_json::json!({
        "dry_run": dry_run, "updated": plan.update.len(), "unchanged": plan.unchanged, "plan": plan,
        "problems": problems, "unknown_columns": export.unknown_columns,
    });
    context.output.show(&value, |_| {
        let mut table = Table::new(["tracking id", "result", "status", "disposed to"]);
        for update in &plan.update {
            table.push([
                update.tracking_id.as_str(),
                if dry_run { "would change" } else { "changed" },
                update.status.as_deref().unwrap_or(""),
                update.disposed_to.as_deref().unwrap_or(""),
            ]);
        }
        for refused in &plan.refused {
            let result = format!("not changed: {}", refused.reason);
            table.push([
                refused.update.tracking_id.as_str(),
                &result,
                refused.update.status.as_deref().unwrap_or(""),
                refused.update.disposed_to.as_deref().unwrap_or(""),
            ]);
        }
        for row in &plan.unmatched {
            table.push([row.tracking_id.as_str(), "no complaint here has it", "", &row.title]);
        }
        for problem in &export.problems {
            table.push(["", &format!("row {}", problem.line), "", &problem.words(Lang::En)]);
        }
        table
    })?;
    let (updated, unchanged, unmatched) = (plan.update.len(), plan.unchanged, plan.unmatched.len());
    let verb = if dry_run { "would change" } else { "changed" };
    let refused = match plan.refused.len() {
        0 => String::new(),
        count => format!(", {count} refused"),
    };
    context.output.say(&format!(
        "{updated} {verb}, {unchanged} known already{refused}, {unmatched} match no complaint"
    ))?;
    Ok(if export.problems.is_empty() && plan.refused.is_empty() {
        Exit::Ok
    } else {
        Exit::Partial
    })
}
