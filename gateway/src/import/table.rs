//! A register as rows of cells under known columns, whatever file it came from.

use std::collections::BTreeMap;

use titian_host::spreadsheet::workbook::{Cell, Row};

use super::ImportError;
use super::column::Column;
use super::problem::{RowProblem, Trouble};

/// A title and a few notes stand above the header; further down nobody puts one.
pub const HEADER_ROW_MAX: usize = 60;
/// So many known names make a header: one or two occur in any sentence above it.
const HEADER_COLUMNS_MIN: usize = 3;

/// A register's rows.
pub struct Table {
    /// The columns that it has.
    pub columns: Vec<Column>,
    /// The names of columns that are not imported.
    pub ignored_columns: Vec<String>,
    /// The rows that are not blank, in the order of the file.
    pub rows: Vec<Result<RawRow, RowProblem>>,
}

/// A row as the file has it.
pub struct RawRow {
    /// The line of the file, or the row's number in Excel.
    pub line: u32,
    /// Its cells that are not blank.
    pub cells: BTreeMap<Column, Cell>,
}

impl Table {
    /// Refuses a register that lacks columns, or both of those that tell what happened.
    pub fn must_have(&self, needed: &[Column]) -> Result<(), ImportError> {
        let has = |column: &Column| self.columns.contains(column);
        let mut lacking: Vec<_> = needed.iter().copied().filter(|column| !has(column)).collect();
        if !has(&Column::Title) && !has(&Column::Narrative) {
            lacking.push(Column::Narrative);
        }
        if lacking.is_empty() {
            Ok(())
        } else {
            Err(ImportError::NoColumn(lacking))
        }
    }
}

/// The row with the names of the columns.
pub struct Header {
    /// Which column each place holds.
    pub places: BTreeMap<usize, Column>,
    /// The names that mean nothing, or the same as one further left.
    pub ignored: Vec<String>,
}

impl Header {
    /// Reads a row of names; `None` if too few of them are known.
    pub fn read<'a>(names: impl IntoIterator<Item = (usize, &'a str)>) -> Option<Self> {
        let mut header = Self {
            places: BTreeMap::new(),
            ignored: Vec::new(),
        };
        for (place, name) in names {
            match Column::named(name) {
                Some(column) if !header.places.values().any(|&known| known == column) => {
                    header.places.insert(place, column);
                }
                _ if name.trim().is_empty() => {}
                _ => header.ignored.push(name.trim().to_owned()),
            }
        }
        (header.places.len() >= HEADER_COLUMNS_MIN).then_some(header)
    }

    /// Puts cells under their columns; `None` if no known column has one.
    pub fn row(&self, line: u32, cells: impl IntoIterator<Item = (usize, Cell)>) -> Option<RawRow> {
        let cells: BTreeMap<_, _> = cells
            .into_iter()
            .filter_map(|(place, cell)| Some((*self.places.get(&place)?, cell)))
            .filter(|(_, cell)| !is_blank(cell))
            .collect();
        // A running number alone is a prepared row that was never filled in.
        let says_something = cells.keys().any(|&column| column != Column::Ordinal);
        says_something.then_some(RawRow { line, cells })
    }

    /// Makes a table of rows under this header.
    pub fn table(self, rows: Vec<Result<RawRow, RowProblem>>) -> Table {
        Table {
            columns: self.places.into_values().collect(),
            ignored_columns: self.ignored,
            rows,
        }
    }
}

/// Reads a sheet of a workbook; `None` if it has no header.
pub fn from_sheet(rows: Vec<Row>) -> Option<Table> {
    let header_of = |row: &Row| {
        Header::read(row.cells.iter().filter_map(|(place, cell)| match cell {
            Cell::Text(name) => Some((*place, name.as_str())),
            _ => None,
        }))
    };
    let (at, header) = rows
        .iter()
        .take(HEADER_ROW_MAX)
        .enumerate()
        .find_map(|(at, row)| Some((at, header_of(row)?)))?;
    let below = rows.into_iter().skip(at + 1);
    let rows = below
        .filter_map(|row| header.row(row.line, row.cells))
        .map(Ok)
        .collect();
    Some(header.table(rows))
}

/// Makes a problem of a whole row.
pub fn whole_row(line: u32, trouble: Trouble) -> RowProblem {
    RowProblem {
        line,
        column: None,
        trouble,
    }
}

/// Tells whether a cell says nothing: blanks, or the dash that people put there.
pub fn is_blank(cell: &Cell) -> bool {
    matches!(cell, Cell::Text(text) if text.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '–' | '—')))
}
