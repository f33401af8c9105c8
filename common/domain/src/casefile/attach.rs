//! Steps with a complaint's files.

use super::{CaseFile, Refusal};
use crate::attachment::{AttachedFile, AttachmentHash, FILE_BYTES_MAX, FILES_MAX, tidy_name};
use crate::document::{Change, Stamp};
use crate::event::IntakeEvent;
use crate::refusal::FileRefusal;
use crate::vocabulary::Stage;

impl CaseFile {
    /// Attaches a file, at any stage: like a note it adds to the file and takes nothing back. What was verified is the
    /// text, so the verification stands. `Ok(None)` if the complaint has it already.
    pub fn attach(&mut self, file: &AttachedFile, by: &Stamp) -> Result<Option<Change>, Refusal> {
        let complaint = self.complaint().ok_or(Refusal::Unreadable)?;
        let files = complaint.attachments();
        if files.iter().any(|known| known.file.hash == file.hash) {
            return Ok(None);
        }
        if files.len() >= FILES_MAX {
            return Err(Refusal::File(FileRefusal::TooMany));
        }
        if file.bytes > FILE_BYTES_MAX {
            return Err(Refusal::File(FileRefusal::TooLarge));
        }
        if file.bytes == 0 {
            return Err(Refusal::File(FileRefusal::Empty));
        }
        let file = AttachedFile {
            name: tidy_name(&file.name),
            ..file.clone()
        };
        Ok(Some(self.append_intake(by, IntakeEvent::Attached(file))))
    }

    /// Takes a file away again, as long as the sheet may be changed: what the liaison has in hand stays as it is. The
    /// history keeps that it was there.
    pub fn detach(&mut self, hash: AttachmentHash, by: &Stamp) -> Result<Change, Refusal> {
        self.must_stand("detach", &[Stage::Recorded, Stage::Verified, Stage::Returned])?;
        let complaint = self.complaint().ok_or(Refusal::Unreadable)?;
        if !complaint.attachments().iter().any(|known| known.file.hash == hash) {
            return Err(Refusal::File(FileRefusal::Unknown));
        }
        Ok(self.append_intake(by, IntakeEvent::Detached { hash }))
    }
}
