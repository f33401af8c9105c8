//! Exports that were uploaded and wait for their confirmation, held in memory for a while.
//!
//! A restart forgets them: then the file is chosen again. That is simpler than a table of other people's texts, and
//! nothing is lost, for nothing of it was taken over.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use titian_domain::time::UnixMillis;

use crate::desk::Imported;
use crate::lapor::export::Export;

/// Several liaisons at once; each holds the rows of one export, 30 MB at the very most.
const UPLOADS_MAX: usize = 4;
/// Long enough to look at a preview, and for a call in between.
const KEPT_MILLIS: i64 = 60 * 60 * 1000;
/// LAPOR's limit for a title. What is longer is only shown, and cut.
const TITLE_CHARS_KEPT: usize = 255;

/// The uploads that wait. Cheap to clone; clones share them.
#[derive(Clone, Default)]
pub struct Uploads(Arc<Mutex<VecDeque<Upload>>>);

/// One export that was uploaded.
#[derive(Clone)]
pub struct Upload {
    /// What its address names it by; nobody can guess it.
    pub token: String,
    /// Whose it is: nobody else sees it.
    pub staff: String,
    /// When it came.
    pub at: UnixMillis,
    /// The name of the file.
    pub file: String,
    /// What it says.
    pub export: Arc<Export>,
    /// What came of it, once it was confirmed.
    pub imported: Option<Arc<Imported>>,
}

impl Uploads {
    /// Keeps an upload, in place of an earlier one of the same person; the oldest goes where there are too many.
    pub fn keep(&self, mut upload: Upload) {
        if let Some(export) = Arc::get_mut(&mut upload.export) {
            slim(export);
        }
        let mut kept = self.kept(upload.at);
        kept.retain(|other| other.staff != upload.staff);
        while kept.len() >= UPLOADS_MAX {
            kept.pop_front();
        }
        kept.push_back(upload);
    }

    /// Gives an upload to whom it belongs, while it is kept.
    pub fn get(&self, token: &str, staff: &str, now: UnixMillis) -> Option<Upload> {
        self.kept(now)
            .iter()
            .find(|upload| upload.token == token && upload.staff == staff)
            .cloned()
    }

    /// Notes what came of an upload.
    pub fn finish(&self, token: &str, imported: Imported, now: UnixMillis) {
        if let Some(upload) = self.kept(now).iter_mut().find(|upload| upload.token == token) {
            upload.imported = Some(Arc::new(imported));
        }
    }

    fn kept(&self, now: UnixMillis) -> MutexGuard<'_, VecDeque<Upload>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|upload| now.0.saturating_sub(upload.at.0) < KEPT_MILLIS);
        kept
    }
}

/// Drops what an import never looks at: citizens' words do not lie about in memory for an hour.
fn slim(export: &mut Export) {
    for row in &mut export.rows {
        row.narrative = String::new();
        row.category = String::new();
        row.classification = String::new();
        if let Some((end, _)) = row.title.char_indices().nth(TITLE_CHARS_KEPT) {
            row.title.truncate(end);
        }
        row.title.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(token: &str, staff: &str, at: i64) -> Upload {
        Upload {
            token: token.into(),
            staff: staff.into(),
            at: UnixMillis(at),
            file: "lapor.xlsx".into(),
            export: Arc::default(),
            imported: None,
        }
    }

    #[test]
    fn an_upload_is_kept_for_its_owner_and_for_an_hour() {
        let uploads = Uploads::default();
        uploads.keep(upload("a", "rahmi", 0));
        assert!(uploads.get("a", "rahmi", UnixMillis(KEPT_MILLIS - 1)).is_some());
        assert!(uploads.get("a", "yusuf", UnixMillis(1)).is_none(), "another person");
        assert!(uploads.get("a", "rahmi", UnixMillis(KEPT_MILLIS)).is_none(), "too late");
        assert!(
            uploads.get("a", "rahmi", UnixMillis(1)).is_none(),
            "what is forgotten stays so"
        );
    }

    #[test]
    fn a_new_upload_replaces_the_same_persons_and_the_oldest_goes_where_there_are_too_many() {
        let uploads = Uploads::default();
        let names = ["a", "b", "c", "d", "e"];
        for name in names {
            uploads.keep(upload(name, name, 0));
        }
        uploads.keep(upload("e2", "e", 0));
        let kept = |token, staff| uploads.get(token, staff, UnixMillis(1)).is_some();
        assert!(!kept("a", "a") && !kept("e", "e"));
        assert!(kept("b", "b") && kept("d", "d") && kept("e2", "e"));
    }
}
