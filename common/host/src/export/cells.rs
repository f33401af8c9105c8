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
pub(super) const COLUMNS: [(&str, Column); 26] = [
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
    ("Jawaban", Column::Field(Field::Answer)),
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
    ("Alasan tanpa nama", Column::Field(Field::WhyNameless)),
    ("Alasan tanpa kontak", Column::Field(Field::WhyUnreachable)),
];

/// The longest number that Excel keeps as it is; of a NIK with sixteen digits it would change the last to 0.
const DIGITS_MAX: usize = 11;
/// What parts cells for some spreadsheet. Excel in Indonesian takes `;` as the separator of a CSV file, and then a quoted comma or line
/// break is none of its business: what follows one of these begins a cell there.
const PARTING: [char; 4] = [';', '\t', '\r', '\n'];
/// What OWASP names among the first signs of a formula: some programs drop it, and see what follows.
const DROPPED: [char; 3] = ['\t', '\r', '\n'];

/// Marks what a spreadsheet would compute or change as text, by the apostrophe that spreadsheets themselves use for that (OWASP, *CSV
/// Injection*): what begins, behind blanks, quotes and what cannot be seen, with a sign that begins a formula, in its wide form too, also
/// where only some spreadsheets see a new cell begin; and numbers that are names, such as a NIK, begin with a zero, or look like powers
/// of ten. A formula around the text (`="…"`), the other way to keep digits, would be one more formula, and no other program reads it.
pub fn defused(cell: &str) -> Cow<'_, str> {
    let mut marked = Vec::new();
    if begins_formula(cell) || begins_dropped(cell) || changes_as_number(cell) {
        marked.push(0);
    }
    let parting = cell.match_indices(PARTING).map(|(at, sign)| at + sign.len());
    marked.extend(parting.filter(|at| begins_formula(&cell[*at..])));
    if marked.is_empty() {
        return Cow::Borrowed(cell);
    }
    let mut safe = String::with_capacity(cell.len() + marked.len());
    let mut done = 0;
    for at in marked {
        safe.push_str(&cell[done..at]);
        safe.push('\'');
        done = at;
    }
    safe.push_str(&cell[done..]);
    Cow::Owned(safe)
}

/// Gives back what [`defused`] marked, for whoever reads an export.
pub fn as_written(cell: &str) -> Cow<'_, str> {
    let is_mark = |at: usize| {
        let rest = cell[at..].strip_prefix('\'');
        rest.is_some_and(|rest| begins_formula(rest) || at == 0 && (begins_dropped(rest) || changes_as_number(rest)))
    };
    let parting = cell.match_indices(PARTING).map(|(at, sign)| at + sign.len());
    let marks: Vec<_> = std::iter::once(0).chain(parting).filter(|at| is_mark(*at)).collect();
    if marks.is_empty() {
        return Cow::Borrowed(cell);
    }
    let mut written = String::with_capacity(cell.len());
    let mut done = 0;
    for at in marks {
        written.push_str(&cell[done..at]);
        done = at + 1;
    }
    written.push_str(&cell[done..]);
    Cow::Owned(written)
}

/// Tells whether a cell that begins so is computed by some spreadsheet.
fn begins_formula(cell: &str) -> bool {
    let unseen = |c: char| {
        let between = c.is_whitespace() || c.is_control();
        let formatting = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
        let quote = matches!(c, '\'' | '"' | '`' | '‘' | '’' | '“' | '”' | '＇' | '＂');
        between || formatting || quote
    };
    let first = cell.trim_start_matches(unseen).chars().next();
    first.is_some_and(|c| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠' | '−' | '﹢' | '﹣' | '﹦' | '﹫'
        )
    })
}

/// Tells whether a cell begins with what some programs drop. Apostrophes in front do not count, so that what is written with one of
/// its own reads back with it.
fn begins_dropped(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(DROPPED)
}

/// Tells whether a spreadsheet that takes a cell for a number changes it. Apostrophes in front were put there to prevent that.
fn changes_as_number(cell: &str) -> bool {
    let cell = cell.trim_start_matches('\'');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let power = cell.split_once(['e', 'E']);
    power.is_some_and(|(number, exponent)| digits(number) && digits(exponent))
        || digits(cell) && (cell.len() > DIGITS_MAX || cell.starts_with('0') && cell.len() > 1)
}
