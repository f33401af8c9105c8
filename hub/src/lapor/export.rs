//! Reads LAPOR's Excel export: the one machine-readable way back that needs nobody's permission.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, NaiveTime};
use titian_domain::id::TrackingId;
use titian_domain::lang::Lang;
use titian_domain::particulars::TEXT_CHARS_MAX;
use titian_host::spreadsheet::dates;
use titian_host::spreadsheet::workbook::{self, Cell, Limits, Row, WorkbookError};

/// The largest export; a page that takes uploads must let this much through.
pub const FILE_BYTES_MAX: usize = 10 << 20;
/// A hundred thousand rows of what LAPOR writes per report, about 2 KB.
const UNFOLDED_BYTES_MAX: u64 = 256 << 20;
/// More reports than a regency has in ten years.
const ROWS_MAX: usize = 100_000;
/// The header follows a handful of preamble rows; further down nobody puts one.
const HEADER_ROW_MAX: usize = 60;

/// What an export says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// Its reports, in the order of the file, each Tracking ID once.
    pub rows: Vec<ExportRow>,
    /// What could not be used.
    pub problems: Vec<RowProblem>,
    /// Columns that no export had before; their cells are not read.
    pub unknown_columns: Vec<String>,
}

/// One report as LAPOR shows it. The reporter's name is not kept: nothing here needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRow {
    /// The row's number in Excel.
    pub line: u32,
    /// LAPOR's number of the report.
    pub tracking_id: TrackingId,
    /// When it came in, in the local time that LAPOR writes.
    pub received: Option<NaiveDateTime>,
    /// The title.
    pub title: String,
    /// What happened, as it came in; as it was edited where the first is missing.
    pub narrative: String,
    /// LAPOR's category.
    pub category: String,
    /// Complaint, aspiration or request for information, in LAPOR's words.
    pub classification: String,
    /// The status, as it stands there: the list of words is open.
    pub status: Option<String>,
    /// The institution that it is disposed to.
    pub disposed_to: Option<String>,
}

/// A row of which something could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// The row's number in Excel.
    pub line: u32,
    /// What is the matter.
    pub what: RowTrouble,
}

/// What is the matter with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowTrouble {
    /// No Tracking ID: the row is left out.
    NoTrackingId,
    /// Something else stands in its place: the row is left out.
    BadTrackingId,
    /// An earlier row has the same one: this row is left out.
    SameTrackingId {
        /// The row that is used.
        first_line: u32,
    },
    /// The date cannot be read; the rest of the row is used.
    BadDate,
    /// A text is longer than any status or institution; the rest of the row is used.
    TooLong {
        /// Its column.
        column: &'static str,
    },
}

/// Why an export cannot be read. Nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub enum ExportError {
    /// The file cannot be opened.
    Workbook(WorkbookError),
    /// No sheet has the header row.
    NoHeader,
}

impl ExportError {
    /// Says what is wrong and what to do.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Workbook(error) => error.words(lang),
            Self::NoHeader => lang
                .pick(
                    "Ini bukan hasil ekspor LAPOR: tidak ada baris judul kolom yang dimulai dengan “Tracking ID”. Unduh lagi laporan Excel dari LAPOR dan pilih berkas itu tanpa mengubahnya.",
                    "This is not an export of LAPOR: no row starts with “Tracking ID”. Download the Excel report from LAPOR again and choose that file unchanged.",
                )
                .to_owned(),
        }
    }
}

impl RowProblem {
    /// Says what is the matter, what was done, and what to do.
    pub fn words(&self, lang: Lang) -> String {
        let what = match self.what {
            RowTrouble::NoTrackingId => lang
                .pick(
                    "kolom “Tracking ID” kosong; baris dilewati. Jika ini sebuah laporan, unduh lagi ekspornya.",
                    "“Tracking ID” is empty; the row was left out. If it is a report, download the export again.",
                )
                .to_owned(),
            RowTrouble::BadTrackingId => lang
                .pick(
                    "“Tracking ID” harus 7 sampai 9 angka; baris dilewati. Bandingkan dengan LAPOR dan unduh lagi ekspornya.",
                    "“Tracking ID” must be 7 to 9 digits; the row was left out. Compare it with LAPOR and download the export again.",
                )
                .to_owned(),
            RowTrouble::SameTrackingId { first_line } => lang.pick(
                format!("Tracking ID sama dengan baris {first_line}; yang dipakai baris {first_line}. Periksa di LAPOR mana yang benar."),
                format!("the Tracking ID is the same as in row {first_line}; row {first_line} is used. Check in LAPOR which one is right."),
            ),
            RowTrouble::BadDate => lang
                .pick(
                    "tanggal atau waktu laporan masuk tidak terbaca; sisanya tetap dipakai. Tidak perlu tindakan.",
                    "the date or time of receipt cannot be read; the rest is used. Nothing needs to be done.",
                )
                .to_owned(),
            RowTrouble::TooLong { column } => lang.pick(
                format!("“{column}” lebih dari {TEXT_CHARS_MAX} huruf dan tidak dipakai. Catat nilainya dengan tangan."),
                format!("“{column}” has more than {TEXT_CHARS_MAX} characters and is not used. Note its value by hand."),
            ),
        };
        let line = self.line;
        lang.pick(format!("Baris {line}: {what}"), format!("Row {line}: {what}"))
    }
}

/// Reads an export. Anything that is no readable export is refused as a whole; a bad row never holds up the others.
pub fn read(bytes: &[u8]) -> Result<Export, ExportError> {
    let limits = Limits {
        file_bytes: FILE_BYTES_MAX,
        unfolded_bytes: UNFOLDED_BYTES_MAX,
        rows: ROWS_MAX,
    };
    workbook::find_sheet(bytes, limits, read_sheet)
        .map_err(ExportError::Workbook)?
        .ok_or(ExportError::NoHeader)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    TrackingId,
    Date,
    Time,
    Classification,
    Category,
    Title,
    Narrative,
    NarrativeEdited,
    DisposedTo,
    Status,
}

impl Column {
    /// The columns that are read, by the names that LAPOR gives them, folded.
    const NAMES: [(&'static str, Self); 10] = [
        ("tracking id", Self::TrackingId),
        ("tanggal laporan masuk", Self::Date),
        ("waktu laporan masuk", Self::Time),
        ("klasifikasi laporan", Self::Classification),
        ("kategori", Self::Category),
        ("judul laporan", Self::Title),
        ("isi laporan awal", Self::Narrative),
        ("isi laporan akhir", Self::NarrativeEdited),
        ("instansi terdisposisi", Self::DisposedTo),
        ("status laporan", Self::Status),
    ];

    fn named(folded: &str) -> Option<Self> {
        Self::NAMES
            .into_iter()
            .find(|(name, _)| *name == folded)
            .map(|(_, column)| column)
    }
}

/// The columns that an export has and that are not read.
const UNREAD: [&str; 15] = [
    "nama pelapor",
    "id kategori",
    "tipe laporan (anonim/rahasia)",
    "sumber laporan",
    "instansi induk",
    "id instansi terdisposisi",
    "alasan tunda/arsip",
    "provinsi",
    "kota/kabupaten",
    "kecamatan",
    "kelurahan",
    "nomor sk",
    "url sk",
    "url dokumen laporan tahunan",
    "rating",
];

fn is_unread(folded: &str) -> bool {
    UNREAD.contains(&folded) || folded.contains("setwapres")
}

/// Folds a column's name: its case, its blanks, and the marks that programs leave in a first cell do not count.
fn fold(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}'))
        .collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read_sheet(rows: Vec<Row>) -> Option<Export> {
    let header = rows.iter().take(HEADER_ROW_MAX).position(is_header)?;
    let mut export = Export::default();
    let mut columns = BTreeMap::new();
    for (index, cell) in &rows[header].cells {
        let Cell::Text(name) = cell else { continue };
        let folded = fold(name);
        match Column::named(&folded) {
            Some(column) if !columns.values().any(|&known| known == column) => {
                columns.insert(*index, column);
            }
            None if is_unread(&folded) => {}
            _ => export.unknown_columns.push(name.trim().to_owned()),
        }
    }
    let mut first_lines = BTreeMap::new();
    for row in rows.into_iter().skip(header + 1) {
        let line = row.line;
        match read_row(row, &columns, &mut export.problems) {
            Ok(row) => {
                if let Some(&first_line) = first_lines.get(&row.tracking_id) {
                    let what = RowTrouble::SameTrackingId { first_line };
                    export.problems.push(RowProblem { line, what });
                } else {
                    first_lines.insert(row.tracking_id.clone(), line);
                    export.rows.push(row);
                }
            }
            Err(what) => export.problems.push(RowProblem { line, what }),
        }
    }
    Some(export)
}

fn is_header(row: &Row) -> bool {
    let first = row.cells.iter().min_by_key(|(column, _)| *column);
    matches!(first, Some((_, Cell::Text(name))) if Column::named(&fold(name)) == Some(Column::TrackingId))
}

fn read_row(
    row: Row,
    columns: &BTreeMap<usize, Column>,
    problems: &mut Vec<RowProblem>,
) -> Result<ExportRow, RowTrouble> {
    let line = row.line;
    let mut cells: BTreeMap<Column, Cell> = row
        .cells
        .into_iter()
        .filter_map(|(index, cell)| Some((*columns.get(&index)?, cell)))
        .collect();
    let tracking_id = tracking_id(cells.get(&Column::TrackingId).ok_or(RowTrouble::NoTrackingId)?)?;
    let mut note = |what| problems.push(RowProblem { line, what });
    let received = received(cells.get(&Column::Date), cells.get(&Column::Time)).unwrap_or_else(|trouble| {
        note(trouble);
        None
    });
    let mut text = |column| cells.remove(&column).map(words).filter(|text| !is_dash(text));
    let mut short = |text: Option<String>, column| {
        let text = text?;
        if text.chars().count() > TEXT_CHARS_MAX {
            note(RowTrouble::TooLong { column });
            return None;
        }
        Some(text)
    };
    Ok(ExportRow {
        line,
        tracking_id,
        received,
        status: short(text(Column::Status), "Status Laporan"),
        disposed_to: short(text(Column::DisposedTo), "Instansi Terdisposisi"),
        title: text(Column::Title).unwrap_or_default(),
        narrative: text(Column::Narrative)
            .or_else(|| text(Column::NarrativeEdited))
            .unwrap_or_default(),
        category: text(Column::Category).unwrap_or_default(),
        classification: text(Column::Classification).unwrap_or_default(),
    })
}

fn is_dash(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '-' | '–' | '—' | ' '))
}

fn words(cell: Cell) -> String {
    match cell {
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Moment(moment) => moment.to_string(),
        Cell::Flag(flag) => flag.to_string(),
    }
}

fn tracking_id(cell: &Cell) -> Result<TrackingId, RowTrouble> {
    let text = match cell {
        Cell::Text(text) => text.trim().trim_start_matches('#').trim_end_matches(".0").to_owned(),
        // Without a fraction it prints as plain digits; anything else is refused by its form.
        Cell::Number(number) => number.to_string(),
        Cell::Moment(_) | Cell::Flag(_) => return Err(RowTrouble::BadTrackingId),
    };
    text.parse().map_err(|_| RowTrouble::BadTrackingId)
}

fn received(date: Option<&Cell>, time: Option<&Cell>) -> Result<Option<NaiveDateTime>, RowTrouble> {
    let Some(date) = date else { return Ok(None) };
    let (date, with_date) = match date {
        Cell::Text(text) if is_dash(text) => return Ok(None),
        Cell::Text(text) => dates::date_and_time(text),
        Cell::Number(serial) => dates::from_serial(*serial),
        Cell::Moment(moment) => dates::plausible(moment.date()).map(|date| (date, Some(moment.time()))),
        Cell::Flag(_) => None,
    }
    .ok_or(RowTrouble::BadDate)?;
    let time = match time {
        None => None,
        Some(Cell::Text(text)) if is_dash(text) => None,
        Some(Cell::Text(text)) => Some(dates::time(text).ok_or(RowTrouble::BadDate)?),
        Some(Cell::Moment(moment)) => Some(moment.time()),
        // A time of day without a date is the fraction of a day.
        Some(Cell::Number(day)) => dates::from_serial(day.fract() + 40_000.0).and_then(|(_, time)| time),
        Some(Cell::Flag(_)) => return Err(RowTrouble::BadDate),
    };
    Ok(Some(date.and_time(time.or(with_date).unwrap_or(NaiveTime::MIN))))
}

#[cfg(test)]
mod tests;
