//! An office's existing register, read from CSV, XLSX or NDJSON. Nothing here stores anything.

pub mod problem;
pub mod row;

mod cells;
mod column;
mod key;
mod ndjson;
mod reporter;
mod table;
mod text;
mod words;

use chrono::NaiveDate;
use titian_domain::lang::Lang;
use titian_domain::time::Zone;
use titian_host::spreadsheet::workbook::{self, Limits, WorkbookError};

use column::Column;
use problem::RowProblem;
use row::{ImportRow, Reader};

/// The largest register file; twenty years of one office fit in well.
pub const FILE_BYTES_MAX: usize = 10 << 20;
/// What a workbook may unfold to: it is read on a PC with 2 GB of memory.
const UNFOLDED_BYTES_MAX: u64 = 128 << 20;
/// More complaints than one office ever registered.
const ROWS_MAX: usize = 50_000;

/// What a register says.
pub struct Register {
    /// Each row that is not blank, in the order of the file: what would be recorded, or why it cannot be.
    pub rows: Vec<Result<ImportRow, RowProblem>>,
    /// Columns whose names say nothing to this program; their cells are not imported.
    pub ignored_columns: Vec<String>,
}

/// Why a file cannot be read as a register. Nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub enum ImportError {
    /// The workbook cannot be opened, or the file has a size that none may have.
    File(WorkbookError),
    /// It is neither a workbook nor a text.
    NotText,
    /// No row has the names of the columns.
    NoHeader,
    /// Columns without which nothing can be recorded.
    NoColumn(Vec<Column>),
    /// Quotes are opened and not closed in more rows than can be mended.
    StrayQuotes {
        /// The row of the last one that was looked at.
        line: u32,
    },
}

impl ImportError {
    /// Says what is wrong and what to do.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::File(error) => error.words(lang),
            Self::NotText => lang
                .pick(
                    "Isi berkas ini bukan teks. Simpan register dari Excel sebagai .xlsx atau “CSV UTF-8”, lalu pilih hasilnya.",
                    "This file holds no text. Save the register from Excel as .xlsx or “CSV UTF-8”, then choose the result.",
                )
                .to_owned(),
            Self::NoHeader => lang
                .pick(
                    "Baris judul kolom tidak ditemukan. Beri satu baris berisi nama kolom, misalnya: Tanggal Masuk, Kanal, Nama, Judul, Isi, Lokasi.",
                    "No row with the names of the columns was found. Add one, for example: Received, Channel, Name, Title, Narrative, Place.",
                )
                .to_owned(),
            Self::NoColumn(columns) => {
                let names: Vec<_> = columns.iter().map(|column| column.label(lang)).collect();
                let names = names.join(", ");
                lang.pick(
                    format!("Kolom ini belum ada: {names}. Tambahkan atau ganti nama kolom yang memuatnya, lalu coba lagi."),
                    format!("These columns are missing: {names}. Add them or rename the columns that hold this, then try again."),
                )
            }
            Self::StrayQuotes { line } => lang.pick(
                format!("Terlalu banyak tanda kutip yang tidak ditutup (sampai baris {line}). Simpan register dari Excel sebagai .xlsx, lalu pilih hasilnya."),
                format!("Too many quotes are opened and not closed (up to line {line}). Save the register from Excel as .xlsx, then choose the result."),
            ),
        }
    }
}

/// Reads a register; a bad row never stops the others. `today` is the last day that a complaint can have come in.
pub fn read(file_name: &str, bytes: &[u8], zone: Zone, today: NaiveDate) -> Result<Register, ImportError> {
    let table = table(file_name, bytes)?;
    table.must_have(&[Column::ReceivedAt, Column::Channel])?;
    let mut reader = Reader::new(zone, today);
    let rows = table.rows.into_iter();
    Ok(Register {
        rows: rows.map(|raw| raw.and_then(|raw| reader.read(&raw))).collect(),
        ignored_columns: table.ignored_columns,
    })
}

fn table(file_name: &str, bytes: &[u8]) -> Result<table::Table, ImportError> {
    let extension = file_name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is = |name: &str| extension.eq_ignore_ascii_case(name);
    let limits = Limits {
        file_bytes: FILE_BYTES_MAX,
        unfolded_bytes: UNFOLDED_BYTES_MAX,
        rows: ROWS_MAX,
    };
    if ["xlsx", "xlsm", "xls"].into_iter().any(is) || workbook::is_container(bytes) {
        let found = workbook::find_sheet(bytes, limits, table::from_sheet).map_err(ImportError::File)?;
        return found.ok_or(ImportError::NoHeader);
    }
    if bytes.is_empty() {
        return Err(ImportError::File(WorkbookError::Empty));
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ImportError::File(WorkbookError::TooLarge {
            mebibytes_max: FILE_BYTES_MAX >> 20,
        }));
    }
    let text = text::decode(bytes).ok_or(ImportError::NotText)?;
    let table = if is("ndjson") || is("jsonl") || text.trim_start().starts_with('{') {
        ndjson::read(&text)
    } else {
        text::read_csv(&text)?
    };
    if table.rows.len() > ROWS_MAX {
        return Err(ImportError::File(WorkbookError::TooManyRows { rows_max: ROWS_MAX }));
    }
    Ok(table)
}

#[cfg(test)]
mod tests;
