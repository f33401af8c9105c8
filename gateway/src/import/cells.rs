//! The cells of one row, read in the ways that fields need.

use chrono::NaiveTime;
use titian_host::export::as_written;
use titian_host::spreadsheet::workbook::Cell;

use super::column::Column;
use super::problem::{RowProblem, Trouble};
use super::table::RawRow;
use super::words;

/// The cells of a row, read in the ways that fields need.
pub struct Cells<'a>(pub &'a RawRow);

impl Cells<'_> {
    /// Gives a cell that says something.
    pub fn get(&self, column: Column) -> Option<&Cell> {
        self.0.cells.get(&column)
    }

    /// Makes a problem of one column.
    pub fn problem(&self, column: Column, trouble: Trouble) -> RowProblem {
        RowProblem {
            line: self.0.line,
            column: Some(column),
            trouble,
        }
    }

    /// Gives a text of several lines.
    pub fn text(&self, column: Column) -> String {
        let text = self
            .get(column)
            .map(words_of)
            .map(|words| as_written(&words).into_owned())
            .unwrap_or_default()
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        let plain: String = text
            .chars()
            .filter(|&c| c == '\n' || c == '\t' || !c.is_control())
            .collect();
        plain.trim().to_owned()
    }

    /// Gives a text in one line.
    pub fn line_of_text(&self, column: Column) -> String {
        self.text(column).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Gives a text in one line, within its limit.
    pub fn short(&self, column: Column, max: usize) -> Result<String, RowProblem> {
        let text = self.line_of_text(column);
        if text.chars().count() > max {
            return Err(self.problem(column, Trouble::TooLong { max }));
        }
        Ok(text)
    }

    /// Gives a text in one line that must not be empty.
    pub fn needed(&self, column: Column) -> Result<String, RowProblem> {
        let text = self.line_of_text(column);
        if text.is_empty() {
            return Err(self.problem(column, Trouble::Blank));
        }
        Ok(text)
    }

    /// Gives *anonim* and *rahasia*, from their own columns and from the one for both.
    pub fn flags(&self) -> Result<(bool, bool), RowProblem> {
        let flag = |column| words::flag(&self.text(column)).map_err(|trouble| self.problem(column, trouble));
        let both = words::openness(&self.text(Column::Openness));
        let (anonymous, confidential) = both.map_err(|trouble| self.problem(Column::Openness, trouble))?;
        Ok((
            anonymous || flag(Column::Anonymous)?,
            confidential || flag(Column::Confidential)?,
        ))
    }
}

/// Gives what a cell says as text.
pub fn words_of(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Moment(moment) if moment.time() == NaiveTime::MIN => moment.date().to_string(),
        Cell::Moment(moment) => moment.format("%Y-%m-%d %H:%M").to_string(),
        Cell::Flag(flag) => flag.to_string(),
    }
}
