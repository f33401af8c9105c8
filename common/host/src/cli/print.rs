//! The printer of the command line: the only place that writes to stdout and stderr.

use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

use super::Failure;

/// In which form a command answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Aligned columns for people.
    #[default]
    Table,
    /// One JSON value for programs.
    Json,
}

/// The `-o` option of every command that answers with data; flatten it into the arguments.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct OutputArgs {
    /// Answer as aligned columns, or as one JSON value.
    #[arg(short = 'o', long = "output", value_enum, default_value = "table", global = true)]
    pub output: Output,
}

/// Rows under a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Starts a table with its column names.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self {
            header: header.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push<S: Into<String>>(&mut self, row: impl IntoIterator<Item = S>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    /// Adds a row and gives the table back, for building it in one expression.
    #[must_use]
    pub fn row<S: Into<String>>(mut self, row: impl IntoIterator<Item = S>) -> Self {
        self.push(row);
        self
    }

    /// Lays the columns out, two spaces apart; control characters, which a citizen's text may hold, become spaces.
    pub fn render(&self) -> String {
        let lines: Vec<Vec<String>> = std::iter::once(&self.header)
            .chain(&self.rows)
            .map(|line| line.iter().map(|cell| cell.replace(char::is_control, " ")).collect())
            .collect();
        let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                lines
                    .iter()
                    .filter_map(|line| line.get(column))
                    .map(|cell| width(cell))
                    .max()
            })
            .map(Option::unwrap_or_default)
            .collect();
        let mut text = String::new();
        for line in lines {
            let mut laid_out = String::new();
            for (cell, column_width) in line.iter().zip(&widths) {
                laid_out.push_str(cell);
                laid_out.push_str(&" ".repeat(column_width - width(cell) + 2));
            }
            text.push_str(laid_out.trim_end());
            text.push('\n');
        }
        text
    }
}

impl Output {
    /// Prints a value: as JSON by its own serialisation, or as the table that `table` makes of it.
    ///
    /// # Errors
    /// When the value cannot be serialised or stdout cannot be written.
    pub fn show<T: Serialize + ?Sized>(self, value: &T, table: impl FnOnce(&T) -> Table) -> Result<(), Failure> {
        match self {
            Self::Table => write_out(&table(value).render()),
            Self::Json => {
                let json = serde_json::to_string_pretty(value).context("cannot write the answer as JSON")?;
                write_out(&(json + "\n"))
            }
        }
    }

    /// Prints a sentence for people; as JSON it is left out, since the value says it.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn say(self, sentence: &str) -> Result<(), Failure> {
        match self {
            Self::Table => line(sentence),
            Self::Json => Ok(()),
        }
    }
}

/// Prints one line to stdout.
///
/// # Errors
/// When stdout cannot be written.
pub fn line(text: &str) -> Result<(), Failure> {
    write_out(&format!("{text}\n"))
}

/// Prints to stderr. Where even that is closed, nobody is left to tell.
pub fn error(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn write_out(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // `| head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result.context("cannot write to stdout")?),
    }
}

/// Columns that a text takes in a terminal: near enough for Latin letters, accents, emoji and Chinese.
fn width(text: &str) -> usize {
    text.chars()
        .map(|letter| match u32::from(letter) {
            0x300..=0x36F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
            0x1100..=0x115F
            | 0x2E80..=0xA4CF
            | 0xAC00..=0xD7A3
            | 0xF900..=0xFAFF
            | 0xFF00..=0xFF60
            | 0x1F300..=0x1FAFF
            | 0x20000..=0x3FFFD => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_cannot_reach_the_terminal() {
        let table = Table::new(["number", "title", "stage"])
            .row(["63.01.03/A/2026/0001", "Jalan\nrusak \u{1b}[31m", "recorded"])
            .row(["2", "Café 道", "closed"]);
        insta::assert_snapshot!(table.render(), @r"
        number                title              stage
        63.01.03/A/2026/0001  Jalan rusak  [31m  recorded
        2                     Café 道            closed
        ");
    }

    #[test]
    fn a_short_row_is_no_reason_to_panic() {
        let table = Table::new(["a", "b"]).row(["1"]).row(["1", "2", "3"]);
        assert_eq!(table.render(), "a  b\n1\n1  2  3\n");
    }
}
