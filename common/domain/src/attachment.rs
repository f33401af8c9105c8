//! Files that belong to a complaint: photos and letters, named by what they contain.
//!
//! The case file says which files there are; the files themselves lie beside the database, and travel after the texts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::{Event, IntakeEvent};
use crate::lang::Lang;
use crate::time::UnixMillis;

/// LAPOR takes no larger file. The smaller of the two megabytes: who counts the other way takes it as well.
pub const FILE_BYTES_MAX: u64 = 10_000_000;
/// More than any complaint ever brought, and few enough for a page and for a bad line.
pub const FILES_MAX: usize = 20;
/// What is shown of them: two offline gateways of one office may each have added as many as they may.
const FILES_SHOWN_MAX: usize = 10 * FILES_MAX;
/// Long enough to be recognised, short enough for one line.
pub const NAME_CHARS_MAX: usize = 100;

/// Says that a text is no hash of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the hash of a file: 64 hexadecimal digits are expected")]
pub struct BadHash;

/// The BLAKE3 hash of a file: its identity everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttachmentHash(pub [u8; 32]);

impl AttachmentHash {
    /// Hashes a whole file.
    pub fn of(content: &[u8]) -> Self {
        Self(*blake3::hash(content).as_bytes())
    }
}

impl fmt::Display for AttachmentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for AttachmentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for AttachmentHash {
    type Err = BadHash;

    /// Reads lower-case digits only: a file has one name.
    fn from_str(text: &str) -> Result<Self, BadHash> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(BadHash);
        }
        blake3::Hash::from_hex(text)
            .map(|hash| Self(*hash.as_bytes()))
            .map_err(|_| BadHash)
    }
}

impl TryFrom<String> for AttachmentHash {
    type Error = BadHash;

    fn try_from(text: String) -> Result<Self, BadHash> {
        text.parse()
    }
}

impl From<AttachmentHash> for String {
    fn from(hash: AttachmentHash) -> Self {
        hash.to_string()
    }
}

/// What a file is. All of these are taken by LAPOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "&'static str")]
pub enum MediaType {
    /// A photo.
    Jpeg,
    /// A picture of a screen, a drawing.
    Png,
    /// A letter, a scan.
    Pdf,
    /// A text of a word processor.
    Docx,
    /// Of a kind that only a newer program knows: kept and carried, never opened.
    Other,
}

impl MediaType {
    /// Gives the name that protocols use.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Other => "application/octet-stream",
        }
    }

    /// Gives the ending of a file of this kind.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Other => "bin",
        }
    }

    /// Tells whether a browser can show it as a picture.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png)
    }
}

impl From<String> for MediaType {
    fn from(code: String) -> Self {
        [Self::Jpeg, Self::Png, Self::Pdf, Self::Docx]
            .into_iter()
            .find(|kind| kind.code() == code)
            .unwrap_or(Self::Other)
    }
}

impl From<MediaType> for &'static str {
    fn from(kind: MediaType) -> Self {
        kind.code()
    }
}

/// A file as a complaint names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedFile {
    /// Its identity.
    pub hash: AttachmentHash,
    /// What it was called where it came from: a caption for people, never a path.
    pub name: String,
    /// What it is, told by its content.
    pub media_type: MediaType,
    /// Its length.
    pub bytes: u64,
}

/// A file that a complaint has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The file.
    pub file: AttachedFile,
    /// When it was attached, by the clock of the machine that did it.
    pub at: UnixMillis,
    /// Whether that clock was known to be right.
    pub trusted: bool,
    /// Who attached it.
    pub staff: String,
}

/// Lists the files that were attached and not taken away since, oldest first; `events` are in the order of their ids.
/// What a peer wrote without sense (no bytes, more than a file may have) names no file.
pub(crate) fn attachments(events: &[Event<IntakeEvent>]) -> Vec<Attachment> {
    let mut files: Vec<Attachment> = Vec::new();
    for event in events {
        match &event.what {
            IntakeEvent::Attached(file) if (1..=FILE_BYTES_MAX).contains(&file.bytes) => {
                files.retain(|known| known.file.hash != file.hash);
                files.push(Attachment {
                    file: AttachedFile {
                        name: tidy_name(&file.name),
                        ..file.clone()
                    },
                    at: event.at,
                    trusted: event.trusted,
                    staff: event.staff.clone(),
                });
            }
            IntakeEvent::Detached { hash } => files.retain(|known| known.file.hash != *hash),
            _ => {}
        }
    }
    files.truncate(FILES_SHOWN_MAX);
    files
}

/// Makes a caption of what a file was called: the last part of a path, without what cannot be seen or turns a line
/// around, at most [`NAME_CHARS_MAX`] characters. May be empty.
pub fn tidy_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = last.chars().filter(|letter| !is_unseen(*letter));
    let name: String = shown.take(NAME_CHARS_MAX).collect();
    name.trim_matches([' ', '.']).to_owned()
}

/// Writes a size as one reads it: `812 B`, `34 KB`, `1,4 MB`. Never less than it is.
pub fn bytes_words(bytes: u64, lang: Lang) -> String {
    if bytes < 1_000 {
        format!("{bytes} B")
    } else if bytes <= 999_000 {
        format!("{} KB", bytes.div_ceil(1_000))
    } else {
        let tenths = bytes.div_ceil(100_000);
        format!("{}{}{} MB", tenths / 10, lang.pick(',', '.'), tenths % 10)
    }
}

/// Control characters, and those that change the direction of the text around them: `gpj.exe` must not read as `exe.jpg`.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_and_has_one_spelling() {
        let hash = AttachmentHash::of(b"a letter");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for text in [
            hash.to_string().to_uppercase(),
            "../../etc/passwd".to_owned(),
            format!("{hash}0"),
            String::new(),
        ] {
            assert_eq!(text.parse::<AttachmentHash>(), Err(BadHash), "{text}");
        }
    }

    #[test]
    fn a_name_is_a_caption_and_never_a_path() {
        for (given, shown) in [
            ("C:\\Users\\Siti\\foto jalan.jpg", "foto jalan.jpg"),
            ("../../etc/passwd", "passwd"),
            ("surat\u{202E}gpj.exe", "suratgpj.exe"),
            ("a\0b\r\nc.pdf", "abc.pdf"),
            ("..", ""),
            ("  .. ", ""),
        ] {
            assert_eq!(tidy_name(given), shown, "{given:?}");
        }
        assert_eq!(tidy_name(&"x".repeat(500)).chars().count(), NAME_CHARS_MAX);
    }

    #[test]
    fn a_size_reads_in_the_readers_language() {
        for (bytes, id, en) in [
            (812, "812 B", "812 B"),
            (33_001, "34 KB", "34 KB"),
            (999_001, "1,0 MB", "1.0 MB"),
            (9_999_999, "10,0 MB", "10.0 MB"),
        ] {
            assert_eq!(
                (bytes_words(bytes, Lang::Id), bytes_words(bytes, Lang::En)),
                (id.into(), en.into())
            );
        }
    }

    #[test]
    fn a_kind_of_a_newer_program_is_kept_as_other() {
        let read = |code: &str| serde_json::from_str::<MediaType>(code).unwrap();
        assert_eq!(read("\"image/jpeg\""), MediaType::Jpeg);
        assert_eq!(read("\"text/html\""), MediaType::Other);
        assert_eq!(serde_json::to_string(&MediaType::Pdf).unwrap(), "\"application/pdf\"");
    }
}
