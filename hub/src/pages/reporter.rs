//! Who brings a complaint, as a page shows it: masked, until somebody says why they need to know.

use titian_domain::reporter::ReporterRecord;

use super::words::Words;
use crate::desk::Shown;

/// One line about the reporter. No `Debug`: it may hold an identity.
pub struct ReporterLine {
    /// What it is.
    pub label: String,
    /// What is shown of it.
    pub value: String,
}

/// The reporter as a page shows them.
pub struct ReporterView {
    /// What is known, masked or not.
    pub lines: Vec<ReporterLine>,
    /// Whether there is something behind the mask.
    pub is_masked: bool,
}

impl ReporterView {
    /// Makes the view of a complaint's reporter.
    pub fn new(shown: &Shown, revealed: bool, words: &Words) -> Self {
        let particulars = &shown.complaint.particulars;
        let mut lines = Vec::new();
        let mut line = |key: &str, value: String| {
            if !value.trim().is_empty() {
                lines.push(ReporterLine {
                    label: words.say(key),
                    value,
                });
            }
        };
        match (&shown.reporter, particulars.reporter) {
            (Some(record), _) if revealed => {
                for (key, value) in identity(record) {
                    line(key, value.clone());
                }
            }
            (Some(record), _) => {
                line("reporter-name", record.masked_name());
                for (key, value) in identity(record).into_iter().skip(1) {
                    line(
                        key,
                        if value.is_empty() {
                            String::new()
                        } else {
                            words.say("reporter-masked")
                        },
                    );
                }
            }
            (None, Some(_)) => line("reporter-name", words.say("reporter-not-here")),
            (None, None) => line("reporter-name", words.say("reporter-none")),
        }
        line("reporter-why-nameless", particulars.why_nameless.clone());
        line("reporter-why-unreachable", particulars.why_unreachable.clone());
        Self {
            lines,
            is_masked: shown.reporter.is_some() && !revealed,
        }
    }
}

fn identity(record: &ReporterRecord) -> [(&'static str, &String); 5] {
    [
        ("reporter-name", &record.name),
        ("reporter-nik", &record.nik),
        ("reporter-phone", &record.phone),
        ("reporter-email", &record.email),
        ("reporter-address", &record.address),
    ]
}
