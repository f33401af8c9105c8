//! `export`: the register as a spreadsheet, the same in both programs. Cells are text and nothing else.

mod cells;
mod page;
mod rows;

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::XlsxError;
use serde_json::json;
use tempfile::NamedTempFile;
use titian_domain::vocabulary::Stage;

use crate::audit::{self, Deed};
use crate::casebook::list::Filter;
use crate::casebook::reason::names_anybody;
use crate::cli::{Exit, Failure, NewFile, Table, Work, reason};
use crate::folder;
use crate::people::{By, Right};
use crate::store::StoreError;

pub use self::cells::{as_written, defused};
pub use self::page::{Buttons, routes};
use self::rows::Rows;

/// What the audit log says of an export with identities, before its reason.
pub(crate) const WITH_REPORTERS: &str = "with reporters";
/// What a reason is to say; the audit log keeps it.
const NEEDED: &str = "say what the identities are needed for, without naming anybody";
/// What a worksheet of Excel holds below its header.
const WORKBOOK_ROWS_MAX: usize = 1_048_575;

/// Write the register into a new file: CSV or XLSX, the reporters masked.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The file, which must not exist yet; its ending says which form: .csv or .xlsx
    file: PathBuf,
    /// Only this stage
    #[arg(long)]
    stage: Option<Stage>,
    /// Only what contains these words, or with --reveal was brought by somebody of this name
    #[arg(long)]
    text: Option<String>,
    /// Write who brought each complaint too, and why that is needed: the reason is kept in the audit log
    #[arg(long, value_name = "REASON")]
    reveal: Option<String>,
    /// Who does it
    #[command(flatten)]
    by: By,
}

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Xlsx,
}

impl Form {
    fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// Why an export broke off. Nothing of the file is left.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("the file could not be written")]
    File(#[from] io::Error),
    #[error("the workbook could not be written")]
    Workbook(#[from] XlsxError),
    #[error("there are more than {max} complaints")]
    Large { max: usize },
}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<csv::Error> for ExportError {
    fn from(error: csv::Error) -> Self {
        Self::File(error.into())
    }
}

impl ExportArgs {
    /// Runs the command.
    ///
    /// # Errors
    /// What the person at the shell can mend, or what broke; a file that was begun is removed.
    pub async fn run(self, work: Work<'_>) -> Result<Exit, Failure> {
        let form = form(&self.file)?;
        let reveal = self.reveal.as_deref().map(|why| reason("--reveal", why, NEEDED));
        let reveal = reveal.transpose()?;
        let right = if reveal.is_some() { Right::Reveal } else { Right::Read };
        let who = self.by.may(work.store, work.roles, right).await?;
        if let Some(why) = reveal.clone() {
            let reading = work
                .store
                .read(move |conn| Ok::<_, StoreError>(names_anybody(conn, &why)?));
            if reading.await? {
                let refused = (who.as_str(), Deed::ReasonRefused);
                audit::note_alone(work.store, work.clock, refused, None, "export").await?;
                return Err(Failure::user(
                    "--reveal: it names a citizen, and the audit log would keep that",
                    NEEDED,
                ));
            }
        }
        let new = NewFile::named("FILE", &self.file)?;
        let folder = new.folder().to_owned();
        let rows = Rows {
            filter: self.filter(),
            zone: work.rules.procedure.zone,
            reveal: reveal.is_some(),
        };
        let max = match form {
            Form::Csv => usize::MAX,
            Form::Xlsx => WORKBOOK_ROWS_MAX,
        };
        let told = |error| failure(error, &new);
        let found = rows.clone().counted(work.store, max).await.map_err(told)?;
        // Noted before the first byte: what could not be noted is not handed out.
        let detail = detail(form, &rows.filter, found, reveal.as_deref());
        audit::note_alone(work.store, work.clock, (&who, Deed::Exported), None, &detail).await?;
        let path = self.file.clone();
        let count = work
            .store
            .read(move |conn| {
                // Half a file would be taken for the whole: it gets its name when all of it lies on the disk, and is its maker's alone.
                let mut file = NamedTempFile::new_in(&folder)?;
                let count = match form {
                    Form::Csv => rows.write_csv(conn, BufWriter::new(&mut file))?,
                    Form::Xlsx => rows.write_large_workbook(conn, &folder, BufWriter::new(&mut file))?,
                };
                file.as_file().sync_all()?;
                file.persist_noclobber(path).map_err(|error| error.error)?;
                folder::sync(&folder)?;
                Ok(count)
            })
            .await
            .map_err(told)?;
        work.output.show(&json!({ "complaints": count }), |_| {
            Table::new(["complaints", "file"]).row([&count.to_string(), &self.file.display().to_string()])
        })?;
        Ok(Exit::Ok)
    }

    fn filter(&self) -> Filter {
        Filter {
            stage: self.stage,
            text: self.text.clone(),
            by_name: self.reveal.is_some(),
            ..Filter::default()
        }
    }
}

/// Says for the audit log what was exported. What was searched for may be somebody's name: only that it was is noted.
fn detail(form: Form, filter: &Filter, found: usize, reveal: Option<&str>) -> String {
    let office = filter.office.as_ref().map(|office| format!("office {office}"));
    let parts = [
        Some(form.code().to_owned()),
        Some(filter.stage.map_or("all", Stage::code).to_owned()),
        office,
        filter.text.as_ref().map(|_| "search".to_owned()),
        Some(format!("{found} complaints")),
        Some(reveal.map_or_else(|| "masked".to_owned(), |reason| format!("{WITH_REPORTERS}: {reason}"))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn form(file: &Path) -> Result<Form, Failure> {
    let ending = file
        .extension()
        .and_then(|ending| ending.to_str())
        .map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("csv") => Ok(Form::Csv),
        Some("xlsx") => Ok(Form::Xlsx),
        _ => Err(Failure::user(
            "FILE: its ending does not say which form it is to have",
            "give a name that ends in .csv or .xlsx",
        )),
    }
}

fn failure(error: ExportError, new: &NewFile<'_>) -> Failure {
    match error {
        ExportError::Store(error) => error.into(),
        ExportError::Large { .. } => Failure::user(
            format!("FILE: {error}, more than a worksheet holds"),
            "export as .csv, or one --stage at a time",
        ),
        ExportError::File(source) | ExportError::Workbook(XlsxError::IoError(source)) => new.failure(&source),
        ExportError::Workbook(_) => Failure::Internal(error.into()),
    }
}

#[cfg(test)]
mod tests;
