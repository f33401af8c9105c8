//! Reads a register of one JSON object per line, as other programs write it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use titian_host::spreadsheet::workbook::Cell;

use super::column::Column;
use super::problem::{RowProblem, Trouble};
use super::table::{RawRow, Table, whole_row};

/// Reads the lines. A line that is no object is told and holds up no other.
pub fn read(text: &str) -> Table {
    let mut columns = BTreeSet::new();
    let mut ignored = BTreeSet::new();
    let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty());
    let rows = lines
        .map(|(line, text)| {
            let object: Map<String, Value> =
                serde_json::from_str(text).map_err(|_| whole_row(line, Trouble::NotJson))?;
            let mut cells = BTreeMap::new();
            for (name, value) in object {
                let Some(column) = Column::named(&name).filter(|column| !cells.contains_key(column)) else {
                    ignored.insert(name);
                    continue;
                };
                columns.insert(column);
                let not_plain = RowProblem {
                    line,
                    column: Some(column),
                    trouble: Trouble::NotPlain,
                };
                if let Some(cell) = cell(value).map_err(|NotPlain| not_plain)? {
                    cells.insert(column, cell);
                }
            }
            Ok(RawRow { line, cells })
        })
        .collect();
    Table {
        columns: columns.into_iter().collect(),
        ignored_columns: ignored.into_iter().collect(),
        rows,
    }
}

/// A list or an object where one value belongs.
struct NotPlain;

/// Gives the cell of a value; `None` where it says nothing.
fn cell(value: Value) -> Result<Option<Cell>, NotPlain> {
    Ok(match value {
        Value::Null => None,
        Value::Bool(flag) => Some(Cell::Flag(flag)),
        // Digits as they stand: a program's number is exact, unlike a spreadsheet's.
        Value::Number(number) => Some(Cell::Text(number.to_string())),
        Value::String(text) => Some(Cell::Text(text)).filter(|cell| !super::table::is_blank(cell)),
        Value::Array(_) | Value::Object(_) => return Err(NotPlain),
    })
}
