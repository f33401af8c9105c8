//! The table of a story: what each step should show, and what it showed.

use std::fmt;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    what: String,
    expected: String,
    observed: String,
}

/// All steps so far.
#[derive(Clone, Debug, Default)]
pub struct Report(Vec<Step>);

/// The longest text in a cell of the table; more wraps in every terminal.
const CELL_CHARS_MAX: usize = 60;

impl Report {
    /// Notes a step.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over numbers, words and fresh texts alike"
    )]
    pub fn step(&mut self, what: &str, expected: impl ToString, observed: impl ToString) {
        let (expected, observed) = (expected.to_string(), observed.to_string());
        self.0.push(Step {
            what: what.to_owned(),
            expected,
            observed,
        });
    }

    /// Tells whether every step showed what it should.
    pub fn is_ok(&self) -> bool {
        self.0.iter().all(Step::is_ok)
    }

    /// Counts the steps, and those that differ.
    pub fn counts(&self) -> (usize, usize) {
        (self.0.len(), self.0.iter().filter(|step| !step.is_ok()).count())
    }
}

impl Step {
    fn is_ok(&self) -> bool {
        self.expected == self.observed
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |text: &str| match text.char_indices().nth(CELL_CHARS_MAX) {
            Some((end, _)) => format!("{}…", text[..end].replace('\n', " ")),
            None => text.replace('\n', " "),
        };
        let mut rows = vec![["step", "expected", "observed", "ok"].map(str::to_owned)];
        for step in &self.0 {
            let ok = if step.is_ok() { "ok" } else { "DIFFERS" };
            rows.push([
                short(&step.what),
                short(&step.expected),
                short(&step.observed),
                ok.to_owned(),
            ]);
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for [what, expected, observed, ok] in &rows {
            writeln!(
                f,
                "{what:0$}  {expected:1$}  {observed:2$}  {ok}",
                widths[0], widths[1], widths[2]
            )?;
        }
        for step in self.0.iter().filter(|step| !step.is_ok()) {
            writeln!(
                f,
                "\n{}\n  expected: {}\n  observed: {}",
                step.what, step.expected, step.observed
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_differs_spoils_the_report_and_is_told_in_full() {
        let mut report = Report::default();
        report.step("sync", 0, 0);
        assert!(report.is_ok());
        report.step("list", "a".repeat(80), "b");
        assert!(!report.is_ok());
        assert_eq!(report.counts(), (2, 1));
        let text = report.to_string();
        assert!(text.contains("DIFFERS") && text.contains(&"a".repeat(80)), "{text}");
    }
}
