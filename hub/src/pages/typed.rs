//! What was typed into a form, kept letter by letter so that it can be shown again, and what is wrong with it.

use titian_domain::completeness::Missing;

/// The names and values of a form, and what is wrong with them. No `Debug`: people type anything.
#[derive(Clone, Default)]
pub struct Typed {
    pairs: Vec<(String, String)>,
    problems: Vec<(&'static str, String)>,
}

impl Typed {
    /// Takes a form as it came.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self {
            pairs,
            problems: Vec::new(),
        }
    }

    /// Gives what was typed, as it was typed; empty if the form has no such field.
    pub fn raw(&self, name: &str) -> &str {
        // Of two equally named fields it is the one further down the form.
        self.pairs
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Gives what was meant: without blanks around it, with the line ends of every other text, without control signs.
    pub fn text(&self, name: &str) -> String {
        let text = self.raw(name).replace("\r\n", "\n").replace('\r', "\n");
        let kept: String = text
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect();
        kept.trim().to_owned()
    }

    /// Tells whether a box of a list was ticked.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.pairs
            .iter()
            .any(|(known, ticked)| known == name && ticked == value)
    }

    /// Lists what was ticked as missing, each once, in the order of the form.
    pub fn missing(&self) -> Vec<Missing> {
        Missing::ALL
            .into_iter()
            .filter(|item| self.has("missing", item.code()))
            .collect()
    }

    /// Lists the texts that were typed, to be shown where their form is no longer open.
    pub fn texts(&self) -> Vec<String> {
        let texts = ["reason", "institution", "close_reason", "tracking_id"].map(|name| self.text(name));
        texts.into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// Notes what is wrong with a field.
    pub fn refuse(&mut self, name: &'static str, words: impl Into<String>) {
        self.problems.push((name, words.into()));
    }

    /// Says what is wrong with a field.
    pub fn problem(&self, name: &str) -> Option<&str> {
        self.problems
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, words)| words.as_str())
    }

    /// Tells whether something is wrong.
    pub fn is_refused(&self) -> bool {
        !self.problems.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed::new(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn a_text_loses_only_what_nobody_typed_on_purpose() {
        let typed = typed(&[("reason", "  satu\r\ndua\u{7} \r\n")]);
        assert_eq!(typed.text("reason"), "satu\ndua");
        assert_eq!(typed.raw("reason"), "  satu\r\ndua\u{7} \r\n");
        assert_eq!(typed.text("no such field"), "");
    }

    #[test]
    fn what_is_missing_is_read_once_each_and_unknown_words_are_ignored() {
        let typed = typed(&[
            ("missing", "where"),
            ("missing", "title"),
            ("missing", "where"),
            ("missing", "colour"),
        ]);
        assert_eq!(typed.missing(), [Missing::Title, Missing::Where]);
    }
}
