//! The notice: what citizens are told about their personal data when a complaint is put on record (UU 27/2022, article 21).
//!
//! A text is named by its digest, so that no two texts have one version and nobody has to count them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// Two printed pages: what is longer nobody reads before telling what happened.
pub const NOTICE_CHARS_MAX: usize = 6_000;
/// Six bytes tell the few texts of an office apart, and can be read out over a telephone.
const VERSION_DIGITS: usize = 12;
/// The program's own text, for offices that set none.
const STANDARD: &str = include_str!("../data/pemberitahuan.txt");

/// A text that citizens are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice(String);

/// Why a text is no notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// It says nothing.
    #[error("the text is empty")]
    Blank,
    /// It is too long to be read.
    #[error("the text has {0} characters, more than {NOTICE_CHARS_MAX}")]
    TooLong(usize),
}

impl Notice {
    /// Takes a text. Line ends and blanks at the ends of lines say nothing, so they make no other version.
    ///
    /// # Errors
    /// It is empty, or has more than [`NOTICE_CHARS_MAX`] characters.
    pub fn parse(text: &str) -> Result<Self, NoticeError> {
        let text = text.trim_start_matches('\u{feff}');
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        let tidy: String = lines
            .join("\n")
            .trim()
            .chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .collect();
        match tidy.chars().count() {
            0 => Err(NoticeError::Blank),
            count if count > NOTICE_CHARS_MAX => Err(NoticeError::TooLong(count)),
            _ => Ok(Self(tidy)),
        }
    }

    /// Gives the program's own text.
    pub fn standard() -> Self {
        Self::parse(STANDARD).expect("a test reads the text that ships with the program")
    }

    /// Gives the text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Names the text.
    pub fn version(&self) -> NoticeVersion {
        let mut hasher = blake3::Hasher::new_derive_key("titian 2026 notice on personal data");
        hasher.update(self.0.as_bytes());
        NoticeVersion(hasher.finalize().to_hex()[..VERSION_DIGITS].to_owned())
    }
}

/// Which text: the first digits of its digest, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NoticeVersion(String);

/// A word that is no version of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version of a notice has {VERSION_DIGITS} digits, 0 to 9 and a to f")]
pub struct BadNoticeVersion;

impl NoticeVersion {
    /// Gives its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether it names the program's own text.
    pub fn is_standard(&self) -> bool {
        *self == Notice::standard().version()
    }
}

impl fmt::Display for NoticeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NoticeVersion {
    type Err = BadNoticeVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == VERSION_DIGITS && text.bytes().all(digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadNoticeVersion)
        }
    }
}

/// Reads the version in an event. What a newer program writes in its place is no version here, and no reason to lose the event.
pub(crate) fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NoticeVersion>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value.as_str().and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_text_names_the_law_and_what_it_asks_for() {
        let standard = Notice::standard();
        // Legality, purpose and kinds of data, retention, rights: the letters of article 21.
        for word in ["Pasal 21", "Dasar hukum.", "untuk apa.", "Berapa lama.", "Hak Anda."] {
            assert!(standard.text().contains(word), "{word}");
        }
        // Whoever changes the text changes what offices told: knowingly.
        insta::assert_snapshot!(standard.version(), @"3b001074e981");
        assert!(standard.version().is_standard());
    }

    #[test]
    fn another_text_is_another_version_and_another_way_of_saving_it_is_not() {
        let version = |text: &str| Notice::parse(text).map(|notice| notice.version());
        let unix = version("Satu.\n\nDua.\n");
        assert_eq!(version("\u{feff}Satu. \r\n\r\nDua."), unix);
        assert_ne!(version("Satu.\n\nTiga."), unix);
        assert_eq!(version(" \r\n\t"), Err(NoticeError::Blank));
        assert_eq!(
            version(&"a".repeat(NOTICE_CHARS_MAX + 1)),
            Err(NoticeError::TooLong(6_001))
        );
        assert!(version(&"é".repeat(NOTICE_CHARS_MAX)).is_ok());
    }

    #[test]
    fn a_version_reads_back_and_nothing_else_is_one() {
        let version = Notice::standard().version();
        assert_eq!(version.to_string().parse(), Ok(version));
        for other in ["", "0123456789a", "0123456789abc", "0123456789AB", "0123456789ag"] {
            assert_eq!(other.parse::<NoticeVersion>(), Err(BadNoticeVersion), "{other}");
        }
    }
}
