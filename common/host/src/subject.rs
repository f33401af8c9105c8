//! `subject`: what citizens may ask about their own data, the same in both programs (law 27 of 2022, articles 5 to 13).

use std::io::Read as _;

use serde::Serialize;
use serde_json::json;
use titian_domain::id::ComplaintId;

use crate::casebook::edit::EditError;
use crate::casebook::erase;
use crate::casebook::list;
use crate::casebook::project;
use crate::cli::{self, Exit, Failure, Table, Work};
use crate::people::{By, Right};
use crate::store::StoreError;

/// Longer than any name, and than any number with its blanks.
const SOUGHT_BYTES_MAX: u64 = 512;

/// `subject …`
#[derive(Debug, clap::Subcommand)]
pub enum SubjectCommand {
    /// List the complaints that somebody brought; reads a NIK, a phone number or a whole name from standard input, so that it stays
    /// out of the shell's history
    Find {
        /// Who does it
        #[command(flatten)]
        by: By,
    },
    /// Erase who brought these complaints, here and, as soon as they hear of it, everywhere. The complaints stay, without a reporter
    Erase {
        /// Which complaints: ids or register numbers, as `subject find` lists them
        #[arg(required = true)]
        complaints: Vec<String>,
        /// Why: who asked for it, by which letter
        #[arg(long)]
        reason: String,
        /// Who does it
        #[command(flatten)]
        by: By,
    },
}

/// A complaint of somebody, in a list.
#[derive(Serialize)]
struct Found {
    id: ComplaintId,
    register: String,
    stage: &'static str,
    /// Masked: the list says that somebody is known, not who.
    reporter: Option<String>,
}

impl SubjectCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// What the person at the shell can mend, or what broke.
    pub async fn run(self, work: Work<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Find { by } => find(&work, &by).await,
            Self::Erase { complaints, reason, by } => erase(&work, &by, complaints, reason).await,
        }
    }
}

async fn find(work: &Work<'_>, by: &By) -> Result<Exit, Failure> {
    by.may(work.store, work.roles, Right::Subject).await?;
    let sought = sought()?;
    let found = work.store.read(move |conn| {
        let mut found = Vec::new();
        for id in erase::of_person(conn, &sought)? {
            let Some(complaint) = project::load(conn, id)?.complaint() else {
                continue;
            };
            let reporter = project::reporter_of(conn, &complaint)?;
            found.push(Found {
                id,
                register: complaint.register.to_string(),
                stage: complaint.standing.stage.code(),
                reporter: reporter.map(|record| record.masked_name()),
            });
        }
        Ok::<_, StoreError>(found)
    });
    let found = found.await?;
    work.output.show(&found, |found| {
        let mut table = Table::new(["register number", "id", "stage", "reporter"]);
        for one in found {
            let reporter = one.reporter.as_deref().unwrap_or("-");
            table.push([one.register.as_str(), &one.id.to_string(), one.stage, reporter]);
        }
        table
    })?;
    Ok(if found.is_empty() { Exit::NotFound } else { Exit::Ok })
}

async fn erase(work: &Work<'_>, by: &By, complaints: Vec<String>, reason: String) -> Result<Exit, Failure> {
    let who = by.may(work.store, work.roles, Right::Subject).await?;
    let asked = "say who asked for it and by which letter, without naming the citizen";
    let reason = cli::reason("--reason", &reason, asked)?;
    let (rules, now) = (work.rules.clone(), work.clock.now());
    let erasing = work.store.write(move |tx| {
        let mut ids = Vec::new();
        for name in &complaints {
            match list::find(tx, name)?[..] {
                [id] => ids.push(id),
                [] => return Err(EraseError::Missing(name.clone())),
                _ => return Err(EraseError::Ambiguous(name.clone())),
            }
        }
        let records = erase::erase(tx, &rules, &ids, (&who, now), &reason)?;
        Ok((ids.len(), records))
    });
    let (complaints, records) = erasing.await.map_err(|error| match error {
        EraseError::Missing(name) => missing(&name),
        EraseError::Edit(EditError::NotFound) => missing("one of them"),
        EraseError::Ambiguous(name) => Failure::with_exit(
            Exit::Conflict,
            format!("several complaints have the number {name}"),
            "name the one you mean by its id",
        ),
        EraseError::Edit(EditError::Store(error)) => error.into(),
        EraseError::Edit(error) => Failure::Internal(error.into()),
    })?;
    let scrubbed = erase::scrub(work.store).await;
    if let Err(error) = &scrubbed {
        tracing::warn!(%error, "traces are left in the write-ahead log; it is emptied at the next start");
    }
    let answer = json!({ "complaints": complaints, "records": records, "traces_removed": scrubbed.is_ok() });
    work.output.show(&answer, |_| {
        let traces = if scrubbed.is_ok() {
            "removed"
        } else {
            "left in the write-ahead log until the next start of the program"
        };
        Table::new(["what", "value"])
            .row(["complaints", &complaints.to_string()])
            .row(["records erased", &records.to_string()])
            .row(["traces", traces])
    })?;
    Ok(Exit::Ok)
}

fn missing(name: &str) -> Failure {
    Failure::with_exit(
        Exit::NotFound,
        format!("there is no such complaint here: {name}"),
        "see `subject find`; nothing was erased",
    )
}

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
enum EraseError {
    #[error("no complaint of this name")]
    Missing(String),
    #[error("several complaints of this name")]
    Ambiguous(String),
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl From<StoreError> for EraseError {
    fn from(error: StoreError) -> Self {
        Self::Edit(error.into())
    }
}

impl From<rusqlite::Error> for EraseError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Edit(error.into())
    }
}

fn sought() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(SOUGHT_BYTES_MAX).read_to_string(&mut text);
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    if read.is_err() || line.is_empty() {
        return Err(Failure::user(
            "standard input: a NIK, a phone number or a whole name is expected",
            "type it as one line, and end it with Ctrl-D",
        ));
    }
    Ok(line)
}
