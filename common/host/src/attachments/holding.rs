//! The files of one complaint, with how much of each is here.

use serde::Serialize;
use titian_domain::attachment::AttachedFile;
use titian_domain::complaint::Complaint;
use titian_domain::id::RegisterNumber;
use titian_domain::time::UnixMillis;

use super::AttachmentFiles;
use crate::casebook::attachment::FileState;

/// How much of the hash stands in the name of a saved file: enough to tell a complaint's files apart.
const HASH_CHARS: usize = 8;

/// A file of a complaint, and how much of it is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// The file.
    #[serde(flatten)]
    pub file: AttachedFile,
    /// When it was attached, by the clock of the machine that did it.
    pub attached_at: UnixMillis,
    /// Whether that clock was known to be right.
    pub trusted: bool,
    /// Who attached it.
    pub staff: String,
    /// How many bytes of it are here.
    pub held: u64,
    /// Whether all of it is here.
    pub whole: bool,
}

impl AttachmentFiles {
    /// Lists the files of a complaint.
    pub fn holdings(&self, complaint: &Complaint) -> Vec<Holding> {
        let holding = |attachment: titian_domain::attachment::Attachment| Holding {
            held: self.held(attachment.file.hash),
            whole: self.state(attachment.file.hash) == FileState::Whole,
            file: attachment.file,
            attached_at: attachment.at,
            trusted: attachment.trusted,
            staff: attachment.staff,
        };
        complaint.attachments().into_iter().map(holding).collect()
    }
}

/// Names a file that leaves the program: by the register number, for what a citizen called it may be anything and may
/// name somebody.
pub fn saved_name(register: &RegisterNumber, file: &AttachedFile) -> String {
    let register = register.to_string().replace('/', "-");
    let hash: String = file.hash.to_string().chars().take(HASH_CHARS).collect();
    format!("{register}-{hash}.{}", file.media_type.extension())
}

/// Gives how many of a hundred parts are there; a hundred only if all is.
pub fn percent(held: u64, bytes: u64) -> u64 {
    if held >= bytes {
        100
    } else {
        held.saturating_mul(100) / bytes
    }
}

#[cfg(test)]
mod tests {
    use titian_domain::attachment::{AttachmentHash, MediaType};

    use super::*;

    #[test]
    fn a_saved_file_is_named_by_the_office_and_not_by_the_citizen() {
        let file = AttachedFile {
            hash: AttachmentHash([0xab; 32]),
            name: "KTP Rahma.jpg".into(),
            media_type: MediaType::Jpeg,
            bytes: 3,
        };
        let register = "63.01.03/A/2026/0042".parse().unwrap();
        assert_eq!(saved_name(&register, &file), "63.01.03-A-2026-0042-abababab.jpg");
    }

    #[test]
    fn a_hundred_percent_means_all() {
        assert_eq!((percent(0, 3), percent(999, 1000), percent(3, 3)), (0, 99, 100));
    }
}
