//! Who brings a complaint, from the cells of a register; what a spreadsheet spoiled is refused.

use titian_domain::identity::{Nik, NikError, Phone};
use titian_domain::reporter::{REPORTER_BYTES_MAX, ReporterRecord};
use titian_host::spreadsheet::workbook::Cell;

use super::cells::{Cells, words_of};
use super::column::Column;
use super::problem::{RowProblem, Trouble};
use super::words;

/// Longer than any name; with the limits below a record stays within [`REPORTER_BYTES_MAX`].
const NAME_CHARS_MAX: usize = 200;
/// The longest address that mail servers take.
const EMAIL_CHARS_MAX: usize = 254;
/// Four lines of an envelope, amply.
const ADDRESS_CHARS_MAX: usize = 400;
/// Up to here a spreadsheet's number has all its digits.
const EXACT_MAX: f64 = 1e15;

/// Reads the reporter; `None` where nothing is told.
pub fn read(cells: &Cells<'_>) -> Result<Option<ReporterRecord>, RowProblem> {
    let mut record = ReporterRecord {
        name: cells.short(Column::Name, NAME_CHARS_MAX)?,
        nik: nik(cells)?,
        email: cells.short(Column::Email, EMAIL_CHARS_MAX)?,
        address: cells.short(Column::Address, ADDRESS_CHARS_MAX)?,
        ..ReporterRecord::default()
    };
    if words::is_no_name(&record.name) {
        record.name.clear();
    }
    let contact = cells.line_of_text(Column::Phone);
    // A column for any contact may hold a mail address.
    if record.email.is_empty() && contact.contains('@') {
        record.email = cells.short(Column::Phone, EMAIL_CHARS_MAX)?;
    } else {
        record.phone = phone(cells)?;
    }
    if record.is_blank() {
        return Ok(None);
    }
    if record.clone().salted([0; 16]).to_bytes().len() > REPORTER_BYTES_MAX {
        let max = ADDRESS_CHARS_MAX / 2;
        return Err(cells.problem(Column::Address, Trouble::TooLong { max }));
    }
    Ok(Some(record))
}

/// Reads an identity number, and refuses one that a spreadsheet rounded: it keeps fifteen digits of the sixteen.
fn nik(cells: &Cells<'_>) -> Result<String, RowProblem> {
    let read = match cells.get(Column::Nik) {
        None => return Ok(String::new()),
        // A number that ends in 0 may have ended in anything.
        Some(Cell::Number(number)) if *number >= EXACT_MAX && number % 10.0 == 0.0 => Err(NikError::Spreadsheet),
        // From here on not every sixteen digits have a number of their own.
        Some(Cell::Number(number)) if *number >= 9_007_199_254_740_992.0 => Err(NikError::Spreadsheet),
        Some(Cell::Number(number)) => Nik::parse(&format!("{number:.0}")),
        Some(Cell::Text(text)) if is_rounded(text) => Err(NikError::Spreadsheet),
        Some(cell) => Nik::parse(&words_of(cell)),
    };
    match read {
        Ok(nik) => Ok(nik.as_str().to_owned()),
        Err(error) => Err(cells.problem(Column::Nik, Trouble::Nik(error))),
    }
}

/// Tells whether a text is a rounded number: `3,17E+15`, or that typed out again. No NIK has the serial 0000.
fn is_rounded(text: &str) -> bool {
    let mut parts = text.trim().split(['e', 'E']);
    let number = |part: Option<&str>| {
        part.is_some_and(|part| part.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '+')))
    };
    let exponent = number(parts.next()) && number(parts.next()) && parts.next().is_none();
    exponent || text.trim().ends_with("0000")
}

fn phone(cells: &Cells<'_>) -> Result<String, RowProblem> {
    let problem = |trouble| cells.problem(Column::Phone, trouble);
    let text = match cells.get(Column::Phone) {
        None => return Ok(String::new()),
        Some(Cell::Number(number)) if *number >= EXACT_MAX => return Err(problem(Trouble::RoundedPhone)),
        Some(Cell::Number(number)) => format!("{number:.0}"),
        Some(cell) => words_of(cell),
    };
    if text.contains(['e', 'E']) && is_rounded(&text) {
        return Err(problem(Trouble::RoundedPhone));
    }
    let phone = Phone::parse(&text).map_err(|error| problem(Trouble::Phone(error)))?;
    Ok(phone.as_str().to_owned())
}
