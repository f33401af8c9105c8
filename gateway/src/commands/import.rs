//! `import FILE`: take over an existing register.

use std::path::PathBuf;

use titian_domain::lang::Lang;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::people::{By, Right};

use super::Context;
use crate::desk::DeskError;
use crate::import::{self, FILE_BYTES_MAX};
use crate::register_import::{self, RowOutcome};
use crate::store::device;

/// `import FILE`
#[derive(clap::Args)]
pub struct Args {
    /// The register: .csv, .xlsx or .ndjson, with the names of its columns in the first rows
    file: PathBuf,
    /// Only tell for each row what would happen
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    by: By,
}

/// Runs `import`; ends with [`Exit::Partial`] where rows could not be taken.
pub async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let staff = context.by(&args.by, Right::Import).await?;
    let bytes = read(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let zone = context.desk.rules.procedure.zone;
    let mut register = import::read(&name, &bytes, zone, context.desk.now().date(zone)).map_err(|error| {
        Failure::user(
            error.words(Lang::En),
            "nothing was imported; mend the file and try again",
        )
    })?;
    let office = context
        .desk
        .store
        .read(|conn| Ok::<_, DeskError>(device::read(conn)?))
        .await?;
    let office = office.ok_or(DeskError::NotEnrolled)?.office;
    register_import::settle_villages(&mut register, &context.facts.regions, &office);
    let report = register_import::run(&context.desk, &staff, &register, args.dry_run).await?;
    context.output.show(&report, |report| {
        let mut table = Table::new(["row", "result", ""]);
        for row in &report.rows {
            let (result, detail) = match &row.outcome {
                RowOutcome::WouldAdd => ("would be recorded", ""),
                RowOutcome::Added { register, .. } => ("recorded", register.as_str()),
                RowOutcome::Present { register, .. } => ("on record already", register.as_str()),
                RowOutcome::Refused { words } => ("cannot be taken", words.say(Lang::En)),
            };
            table.push([&row.line.to_string(), result, detail]);
        }
        table
    })?;
    for column in &report.ignored_columns {
        context.output.say(&format!(
            "column not imported, for its name says nothing to this program: {column}"
        ))?;
    }
    let (added, present, refused) = (report.added, report.present, report.refused);
    let verb = if args.dry_run { "would be recorded" } else { "recorded" };
    context.output.say(&format!(
        "{added} {verb}, {present} on record already, {refused} cannot be taken"
    ))?;
    Ok(if refused == 0 { Exit::Ok } else { Exit::Partial })
}

fn read(file: &PathBuf) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::user(format!("cannot read {}: {error}", file.display()), "check the path");
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX as u64 {
        let max = FILE_BYTES_MAX >> 20;
        return Err(Failure::user(
            format!("{} is larger than {max} MiB", file.display()),
            "split it into several files",
        ));
    }
    std::fs::read(file).map_err(unreadable)
}
