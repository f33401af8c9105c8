//! `export`: the register as a spreadsheet, the same in both programs. Cells are text and nothing else.

mod cells;
mod page;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Workbook, XlsxError};
use serde_json::json;
use titian_domain::complaint::Complaint;
use titian_domain::lang::Lang;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::Zone;
use titian_domain::vocabulary::Stage;

use crate::audit::{self, Deed};
use crate::casebook::list::{self, Filter};
use crate::casebook::{project, show};
use crate::cli::{Exit, Failure, Output, Table};
use crate::clock::Clock;
use crate::people::{By, Right, Roles};
use crate::store::{Store, StoreError};

pub use self::cells::defused;
pub use self::page::routes;

/// What is put together in memory, a workbook or what a browser gets, some two kilobytes a complaint; a CSV file of a command is not.
const ROWS_MAX: usize = 20_000;
/// A reason is a sentence.
const REASON_LETTERS_MAX: usize = 300;
/// Excel reads a CSV file as UTF-8 only with this in front.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Write the register into a new file: CSV or XLSX, the reporters masked.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The file, which must not exist yet; its ending says which form: .csv or .xlsx
    file: PathBuf,
    /// Only this stage
    #[arg(long)]
    stage: Option<Stage>,
    /// Only what contains these words
    #[arg(long)]
    text: Option<String>,
    /// Write who brought each complaint too, and why that is needed: the reason is kept in the audit log
    #[arg(long, value_name = "REASON")]
    reveal: Option<String>,
    /// Who does it
    #[command(flatten)]
    by: By,
}

/// What the command works with.
pub struct ExportContext<'a> {
    /// The database.
    pub store: &'a Store,
    /// The machine's clock.
    pub clock: &'a Clock,
    /// The zone in which times are written.
    pub zone: Zone,
    /// The roles of the program.
    pub roles: Roles,
    /// The form of answers.
    pub output: Output,
}

/// The form of the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Xlsx,
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
    #[error("there are more than {ROWS_MAX} complaints")]
    Large,
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
    pub async fn run(self, context: ExportContext<'_>) -> Result<Exit, Failure> {
        let form = form(&self.file)?;
        let reveal = self.reveal.as_deref().map(str::trim).map(str::to_owned);
        if reveal
            .as_ref()
            .is_some_and(|why| why.is_empty() || why.chars().count() > REASON_LETTERS_MAX)
        {
            return Err(Failure::user(
                format!("--reveal: a reason of 1 to {REASON_LETTERS_MAX} letters is expected"),
                "say what the identities are needed for, without naming anybody",
            ));
        }
        let right = if reveal.is_some() { Right::Reveal } else { Right::Read };
        let who = self.by.may(context.store, context.roles, right).await?;
        // Noted before the first byte: what could not be noted is not handed out.
        let detail = detail(self.stage, self.text.is_some(), reveal.as_deref());
        audit::note_alone(context.store, context.clock, (&who, Deed::Exported), None, &detail).await?;
        let file = new_file(&self.file)?;
        let (filter, zone, path) = (self.filter(), context.zone, self.file.clone());
        let written = context.store.read(move |conn| {
            let rows = Rows {
                conn,
                filter,
                zone,
                reveal: reveal.is_some(),
                limit: match form {
                    Form::Csv => usize::MAX,
                    Form::Xlsx => ROWS_MAX,
                },
            };
            match form {
                Form::Csv => to_csv(rows, file),
                Form::Xlsx => to_workbook(rows, file),
            }
        });
        let count = written.await.map_err(|error| {
            // Half a file would be taken for the whole.
            let _ = fs::remove_file(&path);
            failure(error, &path)
        })?;
        context.output.show(&json!({ "complaints": count }), |_| {
            Table::new(["complaints", "file"]).row([&count.to_string(), &self.file.display().to_string()])
        })?;
        Ok(Exit::Ok)
    }

    fn filter(&self) -> Filter {
        Filter {
            stage: self.stage,
            text: self.text.clone(),
            ..Filter::default()
        }
    }
}

/// Says for the audit log what was exported. What was searched for may be somebody's name: only that it was is noted.
fn detail(stage: Option<Stage>, searched: bool, reveal: Option<&str>) -> String {
    let searched = if searched { ", search" } else { "" };
    let stage = stage.map_or("all", Stage::code);
    match reveal {
        Some(reason) => format!("{stage}{searched}, with reporters: {reason}"),
        None => format!("{stage}{searched}"),
    }
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

fn new_file(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // It holds what citizens wrote: for whoever makes it alone.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::with_exit(
            Exit::Conflict,
            "FILE: it is there already, and nothing was written over it",
            "give another name, or remove that file",
        ),
        _ => Failure::user(
            format!("FILE: it cannot be made: {error}"),
            "give a name in a folder where you may write",
        ),
    })
}

/// The complaints of an export, read page by page.
struct Rows<'a> {
    conn: &'a rusqlite::Connection,
    filter: Filter,
    zone: Zone,
    reveal: bool,
    limit: usize,
}

impl Rows<'_> {
    fn each(mut self, mut write: impl FnMut(&[String]) -> Result<(), ExportError>) -> Result<usize, ExportError> {
        let mut count = 0;
        loop {
            let page = list::list(self.conn, &self.filter)?;
            let Some(last) = page.last() else { return Ok(count) };
            self.filter.before = Some(last.id);
            for row in page {
                let Some(complaint) = project::load(self.conn, row.id)?.complaint() else {
                    continue;
                };
                if count == self.limit {
                    return Err(ExportError::Large);
                }
                let reporter = project::reporter_of(self.conn, &complaint)?;
                write(&self.cells(&complaint, reporter.as_ref()))?;
                count += 1;
            }
        }
    }

    fn cells(&self, complaint: &Complaint, reporter: Option<&ReporterRecord>) -> Vec<String> {
        let time = |at: titian_domain::time::UnixMillis| at.local(self.zone).format("%Y-%m-%d %H:%M").to_string();
        let particulars = &complaint.particulars;
        let told = reporter
            .map(|record| show::reporter_fields(record, self.reveal))
            .unwrap_or_default();
        let of_reporter = |name: &str| {
            let field = told.iter().find(|(of, _)| of == name);
            field
                .and_then(|(_, value)| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let flag = |on: bool| if on { "ya" } else { "" }.to_owned();
        cells::COLUMNS
            .iter()
            .map(|(_, column)| match column {
                cells::Column::Register => complaint.register.to_string(),
                cells::Column::Field(field) => match particulars.get(*field) {
                    titian_domain::particulars::Value::Instant(at) => time(at),
                    titian_domain::particulars::Value::Flag(on) => flag(on),
                    value => value.to_string(),
                },
                cells::Column::Channel => particulars.channel.label(Lang::Id).to_owned(),
                cells::Column::Classification => particulars
                    .classification
                    .map_or("", |classification| classification.label(Lang::Id))
                    .to_owned(),
                cells::Column::Stage => complaint.standing.stage.label(Lang::Id).to_owned(),
                cells::Column::TrackingId => complaint
                    .tracking_id
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                cells::Column::DisposedTo => complaint.disposed_to.clone().unwrap_or_default(),
                cells::Column::LaporStatus => complaint.lapor_status.clone().unwrap_or_default(),
                cells::Column::Notice => complaint.notice().map(ToString::to_string).unwrap_or_default(),
                cells::Column::Reporter(name) => of_reporter(name),
            })
            .collect()
    }
}

fn to_csv(rows: Rows<'_>, file: File) -> Result<usize, ExportError> {
    let (count, file) = write_csv(rows, BufWriter::new(file))?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(count)
}

fn to_workbook(rows: Rows<'_>, mut file: File) -> Result<usize, ExportError> {
    let (count, bytes) = write_workbook(rows)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    Ok(count)
}

fn csv_bytes(rows: Rows<'_>) -> Result<Vec<u8>, ExportError> {
    Ok(write_csv(rows, Vec::new())?.1)
}

fn workbook_bytes(rows: Rows<'_>) -> Result<Vec<u8>, ExportError> {
    Ok(write_workbook(rows)?.1)
}

fn write_csv<W: io::Write>(rows: Rows<'_>, mut to: W) -> Result<(usize, W), ExportError> {
    to.write_all(BYTE_ORDER_MARK)?;
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(to);
    csv.write_record(cells::COLUMNS.iter().map(|(name, _)| *name))?;
    let count = rows.each(|cells| Ok(csv.write_record(cells.iter().map(|cell| defused(cell).into_owned()))?))?;
    let to = csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    Ok((count, to))
}

fn write_workbook(rows: Rows<'_>) -> Result<(usize, Vec<u8>), ExportError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, (name, _)) in (0..).zip(cells::COLUMNS) {
        sheet.write_string(0, column, name)?;
    }
    let mut row = 0;
    let count = rows.each(|cells| {
        row += 1;
        for (column, cell) in (0..).zip(cells) {
            // Typed as text, so that a program that opens it computes nothing; defused all the same, for it may be saved as CSV
            // from there.
            sheet.write_string(row, column, defused(cell).as_ref())?;
        }
        Ok(())
    })?;
    Ok((count, workbook.save_to_buffer()?))
}

fn failure(error: ExportError, path: &Path) -> Failure {
    match error {
        ExportError::Store(error) => error.into(),
        ExportError::Large => Failure::user(
            format!("FILE: {error}, more than a workbook is made of"),
            "export as .csv, or one --stage at a time",
        ),
        ExportError::File(source) => Failure::with_exit(
            Exit::Failed,
            format!("{} could not be written: {source}", path.display()),
            "free some space on the disk, then try again; nothing of it was left",
        ),
        ExportError::Workbook(_) => Failure::Internal(error.into()),
    }
}

#[cfg(test)]
mod tests;
