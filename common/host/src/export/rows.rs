//! The complaints of an export, read page by page and written as they are read.

use std::io::Write;
use std::path::Path;

use rusqlite::Connection;
use rust_xlsxwriter::{Workbook, Worksheet};
use titian_domain::complaint::Complaint;
use titian_domain::lang::Lang;
use titian_domain::particulars::Value;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::{UnixMillis, Zone};

use super::ExportError;
use super::cells::{self, Column, defused};
use crate::casebook::list::{self, Filter};
use crate::casebook::{project, show};
use crate::store::Store;

/// Excel reads a CSV file as UTF-8 only with this in front.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Which complaints are exported, and how.
#[derive(Clone)]
pub(super) struct Rows {
    pub filter: Filter,
    /// The zone in which times are written.
    pub zone: Zone,
    /// Whether reporters are written unmasked, but those whose identity is restricted.
    pub reveal: bool,
}

impl Rows {
    /// Counts the complaints, before any of them is read whole.
    pub async fn counted(self, store: &Store, max: usize) -> Result<usize, ExportError> {
        let counting = store.read(move |conn| {
            let mut count = 0;
            self.each_page(conn, |page| {
                count += page.len();
                if count > max {
                    Err(ExportError::Large { max })
                } else {
                    Ok(())
                }
            })?;
            Ok(count)
        });
        counting.await
    }

    /// Writes CSV as RFC 4180 has it, row by row, and tells how many.
    pub fn write_csv(self, conn: &Connection, mut to: impl Write) -> Result<usize, ExportError> {
        to.write_all(BYTE_ORDER_MARK)?;
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(to);
        csv.write_record(cells::COLUMNS.iter().map(|(name, _)| *name))?;
        let count = self.each(conn, |cells| {
            Ok(csv.write_record(cells.iter().map(|cell| defused(cell).into_owned()))?)
        })?;
        csv.flush()?;
        Ok(count)
    }

    /// Makes a workbook in memory: nothing of it touches the disk.
    pub fn workbook_bytes(self, conn: &Connection) -> Result<Vec<u8>, ExportError> {
        let mut workbook = Workbook::new();
        self.write_sheet(conn, workbook.add_worksheet())?;
        Ok(workbook.save_to_buffer()?)
    }

    /// Writes a workbook of any size, and tells how many complaints are in it. Its rows wait in a nameless file in the folder, which
    /// is to be the one of the workbook itself: no other place learns anything.
    pub fn write_large_workbook(
        self,
        conn: &Connection,
        folder: &Path,
        mut to: impl Write + Send,
    ) -> Result<usize, ExportError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder)?;
        let count = self.write_sheet(conn, workbook.add_worksheet_with_constant_memory()?)?;
        workbook.save_to_writer(&mut to)?;
        to.flush()?;
        Ok(count)
    }

    fn write_sheet(self, conn: &Connection, sheet: &mut Worksheet) -> Result<usize, ExportError> {
        for (column, (name, _)) in (0..).zip(cells::COLUMNS) {
            sheet.write_string(0, column, name)?;
        }
        let mut row = 0;
        self.each(conn, |cells| {
            row += 1;
            for (column, cell) in (0..).zip(cells) {
                // Typed as text, so that a program that opens it computes nothing; defused all the same, for it may be saved as CSV
                // from there.
                sheet.write_string(row, column, defused(cell).as_ref())?;
            }
            Ok(())
        })
    }

    fn each(
        &self,
        conn: &Connection,
        mut write: impl FnMut(&[String]) -> Result<(), ExportError>,
    ) -> Result<usize, ExportError> {
        let mut count = 0;
        self.each_page(conn, |page| {
            for row in page {
                let Some(complaint) = project::load(conn, row.id)?.complaint() else {
                    continue;
                };
                let reporter = project::reporter_of(conn, &complaint)?;
                write(&self.cells(&complaint, reporter.as_ref()))?;
                count += 1;
            }
            Ok(())
        })?;
        Ok(count)
    }

    fn each_page(
        &self,
        conn: &Connection,
        mut work: impl FnMut(&[list::Summary]) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut filter = self.filter.clone();
        loop {
            let page = list::list(conn, &filter)?;
            let Some(last) = page.last() else { return Ok(()) };
            filter.before = Some(last.id);
            work(&page)?;
        }
    }

    fn cells(&self, complaint: &Complaint, reporter: Option<&ReporterRecord>) -> Vec<String> {
        let time = |at: UnixMillis| at.local(self.zone).format("%Y-%m-%d %H:%M").to_string();
        let particulars = &complaint.particulars;
        // A restricted identity goes into no export, whoever asks.
        let reveal = self.reveal && !complaint.is_restricted();
        let told = reporter
            .map(|record| show::reporter_fields(record, reveal))
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
                Column::Register => complaint.register.to_string(),
                Column::Field(field) => match particulars.get(*field) {
                    Value::Instant(at) => time(at),
                    Value::Flag(on) => flag(on),
                    value => value.to_string(),
                },
                Column::Channel => particulars.channel.label(Lang::Id).to_owned(),
                Column::Classification => particulars
                    .classification
                    .map_or("", |classification| classification.label(Lang::Id))
                    .to_owned(),
                Column::Stage => complaint.standing.stage.label(Lang::Id).to_owned(),
                Column::TrackingId => complaint
                    .tracking_id
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                Column::DisposedTo => complaint.disposed_to.clone().unwrap_or_default(),
                Column::LaporStatus => complaint.lapor_status.clone().unwrap_or_default(),
                Column::Notice => complaint.notice().map(ToString::to_string).unwrap_or_default(),
                Column::Reporter(name) => of_reporter(name),
            })
            .collect()
    }
}
