//! The columns of an export, and what makes a cell harmless.

use std::borrow::Cow;

use titian_domain::particulars::Field;

/// What stands in a column.
pub(super) enum Column {
    Register,
    Field(Field),
    Channel,
    Classification,
    Stage,
    TrackingId,
    DisposedTo,
    LaporStatus,
    /// Which notice on personal data was in force when it was put on record.
    Notice,
    /// A field of the reporter's record, by its name there.
    Reporter(&'static str),
}

/// The columns, in the words of an office's register, which the import of one reads where it has them too.
pub(super) const COLUMNS: [(&str, Column); 23] = [
    ("Nomor agenda", Column::Register),
    ("Tanggal diterima", Column::Field(Field::ReceivedAt)),
    ("Kanal", Column::Channel),
    ("Klasifikasi", Column::Classification),
    ("Kategori", Column::Field(Field::Category)),
    ("Judul", Column::Field(Field::Title)),
    ("Isi laporan", Column::Field(Field::Narrative)),
    ("Tanggal kejadian", Column::Field(Field::EventDate)),
    ("Wilayah", Column::Field(Field::Region)),
    ("Lokasi", Column::Field(Field::Place)),
    ("Instansi tujuan", Column::Field(Field::Institution)),
    ("Anonim", Column::Field(Field::Anonymous)),
    ("Rahasia", Column::Field(Field::Confidential)),
    ("Tahap", Column::Stage),
    ("ID lacak LAPOR", Column::TrackingId),
    ("Disposisi", Column::DisposedTo),
    ("Status di LAPOR", Column::LaporStatus),
    ("Versi pemberitahuan data pribadi", Column::Notice),
    ("Pelapor", Column::Reporter("name")),
    ("NIK", Column::Reporter("nik")),
    ("Telepon", Column::Reporter("phone")),
    ("Email", Column::Reporter("email")),
    ("Alamat", Column::Reporter("address")),
];

/// The longest number that Excel keeps as it is; of a NIK with sixteen digits it would change the last to 0.
const DIGITS_MAX: usize = 11;

/// Marks what a spreadsheet would compute or change as text, by the apostrophe that spreadsheets themselves use for that (OWASP, *CSV
/// Injection*): what begins, behind blanks and quotes, with a sign that begins a formula, in its wide form too; and numbers that
/// are names, such as a NIK, or begin with a zero. Reading it back, the import takes the apostrophe away.
pub fn defused(cell: &str) -> Cow<'_, str> {
    let begins = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n'
        )
    };
    let is_formula = cell.starts_with(begins)
        || cell
            .trim_start_matches(|c: char| {
                c.is_whitespace() || c.is_control() || matches!(c, '\'' | '"' | '\u{feff}' | '\u{200b}')
            })
            .starts_with(begins);
    let is_number = !cell.is_empty() && cell.chars().all(|c| c.is_ascii_digit());
    if is_formula || is_number && (cell.len() > DIGITS_MAX || cell.starts_with('0')) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}
