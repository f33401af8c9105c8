//! Opens an `.xlsx` file that somebody chose, bounded, and so that no file can end the process.

use std::io::{self, Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime};
use titian_domain::lang::Lang;
use zip::ZipArchive;

/// More parts than any office program puts into a workbook.
const PARTS_MAX: usize = 2_000;
/// How an OLE container starts: an old `.xls`, or an `.xlsx` under a password.
const OLE_MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];
/// How a zip file starts.
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

/// How much a workbook may hold.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The size of the file.
    pub file_bytes: usize,
    /// The size of all its parts unfolded: a zip bomb stops here.
    pub unfolded_bytes: u64,
    /// The rows of one sheet that have something in them.
    pub rows: usize,
}

/// A row of a sheet that has something in it.
pub struct Row {
    /// The number that Excel shows at its left.
    pub line: u32,
    /// Its cells that are not blank, each with its column from 0.
    pub cells: Vec<(usize, Cell)>,
}

/// What stands in a cell. No `Debug`: a register's cells hold identities.
#[derive(Clone)]
pub enum Cell {
    /// Words, or digits that are stored as text.
    Text(String),
    /// A number, with the fifteen digits that Excel keeps.
    Number(f64),
    /// A date, a time, or both, from a cell that is formatted as such.
    Moment(NaiveDateTime),
    /// TRUE or FALSE.
    Flag(bool),
}

/// Why a file cannot be read as a workbook. Nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub enum WorkbookError {
    /// It has no bytes.
    Empty,
    /// It is larger than a file may be.
    TooLarge {
        /// The limit.
        mebibytes_max: usize,
    },
    /// It is something else.
    NotXlsx,
    /// It is a workbook of Excel 2003 or older.
    OldXls,
    /// It asks for a password.
    Protected,
    /// Its end is missing.
    CutOff,
    /// Its inside contradicts itself.
    Damaged,
    /// It unfolds to more than a workbook of this kind can hold.
    Unfolds,
    /// A sheet is longer than one may be.
    TooManyRows {
        /// The limit.
        rows_max: usize,
    },
}

impl WorkbookError {
    /// Says what is wrong and what to do.
    pub fn words(&self, lang: Lang) -> String {
        let (indonesian, english) = match self {
            Self::Empty => (
                "Berkas ini kosong. Unduh atau simpan lagi berkasnya, lalu pilih yang baru.",
                "This file is empty. Download or save it again, then choose the new one.",
            ),
            Self::TooLarge { mebibytes_max: max } => {
                return lang.pick(
                    format!("Berkas ini lebih besar dari {max} MiB. Batasi periodenya atau bagi menjadi beberapa berkas, lalu coba lagi."),
                    format!("This file is larger than {max} MiB. Narrow its period or split it into several files, then try again."),
                );
            }
            Self::NotXlsx => (
                "Ini bukan berkas Excel (.xlsx). Buka di Excel, pilih “Simpan Sebagai” jenis “Excel Workbook (.xlsx)”, lalu pilih hasilnya.",
                "This is not an Excel file (.xlsx). Open it in Excel, choose “Save As” with the type “Excel Workbook (.xlsx)”, then choose the result.",
            ),
            Self::OldXls => (
                "Ini berkas Excel lama (.xls). Buka di Excel, pilih “Simpan Sebagai” jenis “Excel Workbook (.xlsx)”, lalu pilih hasilnya.",
                "This is an old Excel file (.xls). Open it in Excel, choose “Save As” with the type “Excel Workbook (.xlsx)”, then choose the result.",
            ),
            Self::Protected => (
                "Berkas ini memakai kata sandi. Buka di Excel, hapus kata sandinya (File > Info > Protect Workbook), simpan, lalu pilih lagi.",
                "This file has a password. Open it in Excel, remove the password (File > Info > Protect Workbook), save it, then choose it again.",
            ),
            Self::CutOff => (
                "Berkas ini terpotong: bagian akhirnya tidak ada. Unduh atau salin lagi sampai selesai, lalu pilih yang baru.",
                "This file is cut off: its end is missing. Download or copy it again to the end, then choose the new one.",
            ),
            Self::Damaged => (
                "Berkas ini rusak dan tidak bisa dibaca. Unduh lagi; jika tetap gagal, buka di Excel dan simpan sebagai berkas .xlsx baru.",
                "This file is damaged and cannot be read. Download it again; if that fails too, open it in Excel and save it as a new .xlsx file.",
            ),
            Self::Unfolds => (
                "Isi berkas ini terlalu besar setelah dibuka. Salin hanya tabelnya ke berkas Excel baru, simpan sebagai .xlsx, lalu coba lagi.",
                "This file is too large once it is unpacked. Copy only the table into a new Excel file, save it as .xlsx, then try again.",
            ),
            Self::TooManyRows { rows_max: max } => {
                return lang.pick(
                    format!("Lembar ini punya lebih dari {max} baris. Batasi periodenya atau bagi menjadi beberapa berkas, lalu coba lagi."),
                    format!("This sheet has more than {max} rows. Narrow its period or split it into several files, then try again."),
                );
            }
        };
        lang.pick(indonesian, english).to_owned()
    }
}

/// Tells whether the bytes mean to be a workbook, of whatever kind and state.
pub fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP_MAGIC) || bytes.starts_with(OLE_MAGIC)
}

/// Shows the sheets one after the other, in their order, until one is taken; `None` if none was.
pub fn find_sheet<T>(
    bytes: &[u8],
    limits: Limits,
    mut take: impl FnMut(Vec<Row>) -> Option<T>,
) -> Result<Option<T>, WorkbookError> {
    refuse_foreign(bytes, limits)?;
    // The zip and XML readers panic on some damaged files; nothing that they touched is used after that.
    let searched = catch_unwind(AssertUnwindSafe(|| {
        refuse_unfolding(bytes, limits)?;
        let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| in_words(&error))?;
        for name in book.sheet_names() {
            let Some(rows) = rows(&mut book, &name, limits)? else {
                continue;
            };
            if let Some(found) = take(rows) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }));
    searched.unwrap_or(Err(WorkbookError::Damaged))
}

fn refuse_foreign(bytes: &[u8], limits: Limits) -> Result<(), WorkbookError> {
    if bytes.is_empty() {
        return Err(WorkbookError::Empty);
    }
    if bytes.len() > limits.file_bytes {
        return Err(WorkbookError::TooLarge {
            mebibytes_max: limits.file_bytes >> 20,
        });
    }
    if bytes.starts_with(OLE_MAGIC) {
        // Both are OLE containers; the entry that holds the encrypted workbook has this name, in UTF-16.
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = bytes.windows(name.len()).any(|window| window == name);
        return Err(if encrypted {
            WorkbookError::Protected
        } else {
            WorkbookError::OldXls
        });
    }
    if ZIP_MAGIC.starts_with(bytes) {
        return Err(WorkbookError::CutOff);
    }
    if !bytes.starts_with(ZIP_MAGIC) {
        return Err(WorkbookError::NotXlsx);
    }
    Ok(())
}

/// Unfolds every part once without keeping it: the sizes that a zip file states about itself may lie, and its checksums
/// find a damaged part wherever it is.
fn refuse_unfolding(bytes: &[u8], limits: Limits) -> Result<(), WorkbookError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| WorkbookError::CutOff)?;
    if archive.len() > PARTS_MAX {
        return Err(WorkbookError::Unfolds);
    }
    let mut left = limits.unfolded_bytes;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(|_| WorkbookError::Damaged)?;
        let unfolded = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|_| WorkbookError::Damaged)?;
        left = left.checked_sub(unfolded).ok_or(WorkbookError::Unfolds)?;
    }
    Ok(())
}

/// Reads a sheet's cells as a stream: a table over all of it could be a million rows wide of nothing.
/// `None` for what is no sheet of cells, such as a chart.
fn rows(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, limits: Limits) -> Result<Option<Vec<Row>>, WorkbookError> {
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_)) => return Ok(None),
        Err(error) => return Err(in_words(&error)),
    };
    let mut rows: Vec<Row> = Vec::new();
    // One shared text may be named by every cell, so the copies are counted too.
    let mut text_bytes_left = limits.unfolded_bytes;
    while let Some(cell) = cells.next_cell().map_err(|error| in_words(&error))? {
        let (row, column) = cell.get_position();
        let Some(value) = value(cell.get_value()) else {
            continue;
        };
        if let Cell::Text(text) = &value {
            text_bytes_left = text_bytes_left
                .checked_sub(text.len() as u64)
                .ok_or(WorkbookError::Unfolds)?;
        }
        let line = row.saturating_add(1);
        let cell = (column as usize, value);
        let full = rows.len() == limits.rows;
        match rows.last_mut() {
            Some(last) if last.line == line => last.cells.push(cell),
            _ if full => {
                return Err(WorkbookError::TooManyRows { rows_max: limits.rows });
            }
            _ => rows.push(Row {
                line,
                cells: vec![cell],
            }),
        }
    }
    Ok(Some(rows))
}

/// Gives what a cell says; `None` where it says nothing.
fn value(cell: &DataRef<'_>) -> Option<Cell> {
    let text = |text: &str| (!text.trim().is_empty()).then(|| Cell::Text(text.to_owned()));
    match cell {
        DataRef::Int(number) => text(&number.to_string()),
        DataRef::Float(number) => Some(Cell::Number(*number)),
        DataRef::String(value) | DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(flag) => Some(Cell::Flag(*flag)),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?
                .and_hms_opt(hour.into(), minute.into(), second.into())
                .map(Cell::Moment)
        }
        DataRef::Error(_) | DataRef::Empty => None,
    }
}

fn in_words(error: &XlsxError) -> WorkbookError {
    match error {
        XlsxError::Password => WorkbookError::Protected,
        // A zip file without a workbook in it: a document, an archive, an installer.
        XlsxError::FileNotFound(_) => WorkbookError::NotXlsx,
        _ => WorkbookError::Damaged,
    }
}

#[cfg(test)]
mod tests;
