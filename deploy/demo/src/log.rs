//! All that the programs of one rig wrote to standard error, line by line.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// A growing collection of lines. Cheap to clone; clones share the lines.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<Line>>>);

#[derive(Clone, Debug)]
struct Line {
    program: String,
    text: String,
}

impl Log {
    /// Takes a line of a program in.
    pub fn push(&self, program: &str, text: String) {
        let line = Line {
            program: program.to_owned(),
            text,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Lists the lines of level ERROR. There are none in a healthy run, whatever the network does.
    pub fn errors(&self) -> Vec<String> {
        self.lines_with(|text| {
            text.contains(" ERROR ") || text.starts_with("ERROR ") || text.contains(r#""level":"ERROR""#)
        })
    }

    /// Lists the lines in which a text stands.
    pub fn mentions(&self, needle: &str) -> Vec<String> {
        self.lines_with(|text| text.contains(needle))
    }

    /// Gives everything, each line with the program that wrote it.
    pub fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().fold(String::new(), |mut all, line| {
            // Writing into a string cannot fail.
            let _ = writeln!(all, "{}: {}", line.program, line.text);
            all
        })
    }

    fn lines_with(&self, fits: impl Fn(&str) -> bool) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = lines.iter().filter(|line| fits(&line.text));
        fitting.map(|line| format!("{}: {}", line.program, line.text)).collect()
    }
}
