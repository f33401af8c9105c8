//! Writes the tables: what was measured, who is first, and which promises were kept.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::limits::Limit;
use super::measure::Cost;
use super::pair::COMPLAINTS;
use super::results::{Measured, Results};
use super::rows::{CUTS_KILOBYTES, Row, Secured};
use super::titian;

/// A column of a row's table: its name, the number that is compared, and how that number is written.
type Column = (&'static str, fn(&Measured, Row) -> Option<u64>, fn(u64) -> String);

/// `requests` are those of HTTP; a subject that speaks something else is compared by its bytes alone.
const COLUMNS: [Column; 7] = [
    ("bytes", |of, row| Some(of.near.get(&row)?.bytes), grouped),
    ("requests", |of, row| Some(of.near.get(&row)?.requests), requests),
    ("connections", |of, row| Some(of.near.get(&row)?.connections), grouped),
    ("at 0 ms", |of, row| millis(of.near.get(&row)?), seconds),
    ("at 600 ms", |of, row| millis(of.far.get(&row)?), seconds),
    ("client", |of, row| Some(of.near.get(&row)?.client), megabytes),
    ("server", |of, row| Some(of.near.get(&row)?.server), megabytes),
];

/// A column of the table over TLS: its name and its bytes.
type SecuredColumn = (&'static str, fn(&Secured) -> Option<u64>);

const SECURED: [SecuredColumn; 6] = [
    ("nothing changed", |of| Some(of.rows.get(&Row::Nothing)?.bytes)),
    ("… with a resumed session", |of| Some(of.resumed)),
    ("… on a kept connection", |of| Some(of.kept)),
    ("10 edits up", |of| Some(of.rows.get(&Row::Up)?.bytes)),
    ("10 edits down", |of| Some(of.rows.get(&Row::Down)?.bytes)),
    ("first 1,000 up", |of| Some(of.rows.get(&Row::First)?.bytes)),
];

impl Results {
    /// Writes all tables.
    pub fn tables(&self, limits: &[Limit]) -> String {
        let mut text = String::new();
        for row in Row::ALL {
            self.row_table(&mut text, row);
        }
        self.cut_table(&mut text);
        self.secured_table(&mut text);
        self.large_table(&mut text);
        write_limits(&mut text, limits);
        self.not_first(&mut text);
        let _ = writeln!(text, "\n### How each was set up\n");
        for subject in &self.subjects {
            let _ = writeln!(
                text,
                "- **{}**: {}. Measured {}.",
                subject.name, subject.settings, subject.when
            );
        }
        text
    }

    /// Writes the one table of the README: bytes and requests, and the hardest cut test.
    pub fn short_table(&self) -> String {
        let hardest = CUTS_KILOBYTES[CUTS_KILOBYTES.len() - 1];
        let mut text = String::from("| bytes (requests) |");
        for row in Row::ALL {
            let _ = write!(text, " {} |", row.name());
        }
        let _ = writeln!(text, " link dies every {hardest} KB, first 1,000 up |");
        let _ = writeln!(text, "|---|{}", "---|".repeat(Row::ALL.len() + 1));
        for subject in &self.subjects {
            let _ = write!(text, "| {} |", subject.name);
            for row in Row::ALL {
                let cell = subject.near.get(&row).map_or_else(
                    || "–".to_owned(),
                    |cost| match cost.requests {
                        0 => grouped(cost.bytes),
                        requests => format!("{} ({requests})", grouped(cost.bytes)),
                    },
                );
                let _ = write!(text, " {cell} |");
            }
            let _ = writeln!(
                text,
                " {} |",
                subject.cuts.get(&hardest).map_or_else(|| "–".to_owned(), arrived)
            );
        }
        if let Some(ours) = self.named(titian::NAME) {
            let _ = writeln!(text, "\nMeasured {}.", ours.when);
        }
        text
    }

    fn row_table(&self, text: &mut String, row: Row) {
        let _ = writeln!(text, "\n### {}\n", capitalized(row.name()));
        let names: Vec<_> = COLUMNS.iter().map(|(name, ..)| *name).collect();
        let _ = writeln!(text, "| | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
        for subject in &self.subjects {
            let _ = write!(text, "| {} |", subject.name);
            for (_, value, written) in COLUMNS {
                let cell = value(subject, row).map_or_else(|| "–".to_owned(), written);
                let _ = write!(text, " {cell} |");
            }
            text.push('\n');
        }
    }

    fn cut_table(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "\n### First 1,000 up over a link that dies after every so many kilobytes\n"
        );
        let _ = write!(text, "| bytes (connections) |");
        for kilobytes in CUTS_KILOBYTES {
            let _ = write!(text, " {kilobytes} KB |");
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(CUTS_KILOBYTES.len()));
        for subject in self.subjects.iter().filter(|subject| !subject.cuts.is_empty()) {
            let _ = write!(text, "| {} |", subject.name);
            for kilobytes in CUTS_KILOBYTES {
                let cell = subject.cuts.get(&kilobytes).map_or_else(|| "–".to_owned(), arrived);
                let _ = write!(text, " {cell} |");
            }
            text.push('\n');
        }
    }

    /// Writes the rows over TLS, each with a handshake, and what nothing costs where the session or the connection goes on.
    fn secured_table(&self, text: &mut String) {
        if self.subjects.iter().all(|subject| subject.secured.is_none()) {
            return;
        }
        let _ = writeln!(text, "\n### The same over TLS\n");
        let names: Vec<_> = SECURED.iter().map(|(name, _)| *name).collect();
        let _ = writeln!(
            text,
            "| bytes | {} |\n|---|{}",
            names.join(" | "),
            "---|".repeat(names.len())
        );
        for subject in self.subjects.iter().filter(|subject| subject.secured.is_some()) {
            let _ = write!(text, "| {} |", subject.name);
            for (_, bytes) in SECURED {
                let cell = subject
                    .secured
                    .as_ref()
                    .and_then(bytes)
                    .map_or_else(|| "–".to_owned(), grouped);
                let _ = write!(text, " {cell} |");
            }
            text.push('\n');
        }
    }

    fn large_table(&self, text: &mut String) {
        let Some(costs) = &self.large else { return };
        let _ = writeln!(text, "\n### Titian at 100,000 complaints\n");
        let _ = writeln!(
            text,
            "| | bytes | requests | time | `sync` | hub |\n|---|---|---|---|---|---|"
        );
        for (row, cost) in costs {
            let name = if *row == Row::First {
                "first 100,000 up"
            } else {
                row.name()
            };
            let _ = writeln!(
                text,
                "| {name} | {} | {} | {} | {} | {} |",
                grouped(cost.bytes),
                cost.requests,
                seconds(millis(cost).unwrap_or(0)),
                megabytes(cost.client),
                megabytes(cost.server)
            );
        }
        if let Some(first) = costs.get(&Row::First) {
            let rate = 100_000 * 1_000 / millis(first).unwrap_or(1).max(1);
            let _ = writeln!(text, "\nThe first sync takes {rate} complaints a second.");
        }
    }

    /// Says honestly where another one is better.
    fn not_first(&self, text: &mut String) {
        let Some(ours) = self.named(titian::NAME) else { return };
        let mut better = Vec::new();
        for row in Row::ALL {
            for (column, value, written) in COLUMNS {
                let Some(own) = value(ours, row) else { continue };
                for other in &self.subjects {
                    // What speaks no HTTP has no requests, and that is no merit.
                    let theirs = value(other, row).filter(|theirs| column != "requests" || *theirs > 0);
                    if let Some(theirs) = theirs.filter(|theirs| *theirs < own) {
                        let (theirs, own) = (written(theirs), written(own));
                        better.push(format!(
                            "- {}, {column}: {} {theirs}, ours {own}",
                            row.name(),
                            other.name
                        ));
                    }
                }
            }
        }
        for (kilobytes, own) in &ours.cuts {
            for other in &self.subjects {
                let cut = other.cuts.get(kilobytes).filter(|cut| cut.given_up_at.is_none());
                if let Some(cut) = cut.filter(|cut| cut.bytes < own.bytes || own.given_up_at.is_some()) {
                    better.push(format!("- cut every {kilobytes} KB: {} {}", other.name, arrived(cut)));
                }
            }
        }
        for (column, bytes) in SECURED {
            let Some(own) = ours.secured.as_ref().and_then(bytes) else {
                continue;
            };
            for other in &self.subjects {
                if let Some(theirs) = other.secured.as_ref().and_then(bytes).filter(|theirs| *theirs < own) {
                    let (theirs, own) = (grouped(theirs), grouped(own));
                    better.push(format!("- over TLS, {column}: {} {theirs}, ours {own}", other.name));
                }
            }
        }
        let _ = writeln!(text, "\n### Where another one is better\n");
        if better.is_empty() {
            let _ = writeln!(text, "Nowhere.");
        } else {
            let _ = writeln!(text, "{}", better.join("\n"));
        }
    }
}

fn write_limits(text: &mut String, limits: &[Limit]) {
    let _ = writeln!(
        text,
        "\n### What Titian promises\n\n| | at most | measured | |\n|---|---|---|---|"
    );
    for limit in limits {
        let measured = match limit.measured {
            u64::MAX => "did not arrive".to_owned(),
            measured => grouped(measured),
        };
        let kept = if limit.is_kept() { "kept" } else { "**broken**" };
        let (what, at_most, unit) = (&limit.what, grouped(limit.at_most), limit.unit);
        let _ = writeln!(text, "| {what} | {at_most} {unit} | {measured} | {kept} |");
    }
}

/// Puts a text between the two marks in a file; everything else in it stays.
///
/// # Errors
/// When the file or its marks are not there.
pub fn put(file: &Path, text: &str) -> Result<()> {
    const MARKS: (&str, &str) = ("<!-- measured -->", "<!-- end of measured -->");
    let page = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let missing = || format!("{} has no marks {MARKS:?}", file.display());
    let (before, rest) = page.split_once(MARKS.0).with_context(missing)?;
    let (_, after) = rest.split_once(MARKS.1).with_context(missing)?;
    let page = format!("{before}{}\n{}\n{}{after}", MARKS.0, text.trim_end(), MARKS.1);
    std::fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))
}

/// What a cut test came to.
fn arrived(cost: &Cost) -> String {
    match cost.given_up_at {
        None => format!("{} ({})", grouped(cost.bytes), cost.connections),
        Some(arrived) => format!(
            "given up: {arrived} of {} after {} ({})",
            grouped(COMPLAINTS),
            grouped(cost.bytes),
            cost.connections
        ),
    }
}

fn millis(cost: &Cost) -> Option<u64> {
    u64::try_from(cost.time.as_millis()).ok()
}

fn requests(number: u64) -> String {
    match number {
        0 => "–".to_owned(),
        number => grouped(number),
    }
}

fn seconds(millis: u64) -> String {
    format!("{}.{:02} s", millis / 1_000, millis % 1_000 / 10)
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

/// Writes a number with commas between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_in_the_tables() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            (seconds(1_234), megabytes(15_060_000)),
            ("1.23 s".into(), "15.0 MB".into())
        );
    }
}
