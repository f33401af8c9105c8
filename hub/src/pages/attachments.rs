//! The files of a complaint: shown as far as they have arrived, and saved to be sent to LAPOR.

use axum::extract::{Path, State};
use titian_domain::attachment::{AttachmentHash, bytes_words};
use titian_domain::id::ComplaintId;
use titian_domain::refusal::FileRefusal;
use titian_host::attachments::{Holding, saved_name};
use titian_host::audit::{self, Deed};
use titian_host::texts::Value;
use titian_host::web::{self, PageError, PageResult};

use super::words::{Words, complaint_path};
use super::{Caller, Pages, no_such_complaint};
use crate::desk::{DeskError, Shown};

/// A picture up to this size is shown by itself: photos are shrunk where they are taken, and the liaison's line may be slow
/// too. Nothing is unfolded at the hub: what it holds came from a peer.
const SHOWN_BYTES_MAX: u64 = 1_000_000;

/// A file on a page.
pub struct FileLine {
    /// Where it is.
    pub href: String,
    /// What it was called.
    pub name: String,
    /// Kind, size, when and by whom.
    pub facts: String,
    /// How much has arrived, where that is not all.
    pub state: Option<String>,
    /// Whether all of it has arrived.
    pub whole: bool,
    /// Whether the browser can show it.
    pub has_picture: bool,
}

/// Lists the files of a complaint.
pub fn lines(words: &Words, shown: &Shown) -> Vec<FileLine> {
    let path = complaint_path(shown.complaint.id);
    let line = |holding: &Holding| {
        let Holding { file, whole, .. } = holding;
        let size = bytes_words(file.bytes, words.lang);
        let kind = file.media_type.extension().to_uppercase();
        let when = words.instant(holding.attached_at);
        FileLine {
            href: format!("{path}/lampiran/{}", file.hash),
            name: file.name.clone(),
            facts: format!("{kind} · {size} · {when} · {}", holding.staff),
            state: (!whole).then(|| {
                let held = bytes_words(holding.held, words.lang);
                let values = [("held", held), ("size", size), ("since", when)];
                words
                    .reader
                    .say_with("files-arriving", &values.map(|(name, text)| (name, Value::from(text))))
            }),
            whole: *whole,
            has_picture: *whole && file.media_type.is_picture() && file.bytes <= SHOWN_BYTES_MAX,
        }
    };
    shown.files.iter().map(line).collect()
}

/// Gives a file to be saved. It is found by its complaint: a hash alone opens nothing.
pub async fn download(
    State(pages): State<Pages>,
    caller: Caller,
    Path((id, hash)): Path<(String, String)>,
) -> PageResult {
    let id: ComplaintId = id.parse().map_err(|_| no_such_complaint())?;
    let hash: AttachmentHash = hash.parse().map_err(|_| PageError::not_found())?;
    let shown = pages.desk.show(id).await.map_err(|error| caller.words.refusal(error))?;
    let holding = shown.files.into_iter().find(|holding| holding.file.hash == hash);
    let unknown = || caller.words.refusal(DeskError::Refused(FileRefusal::Unknown.into()));
    let file = holding.ok_or_else(unknown)?.file;
    let name = saved_name(&shown.complaint.register, &file);
    let who = (caller.staff.name.as_str(), Deed::AttachmentShown);
    audit::note_alone(&pages.kit.store, &pages.kit.clock, who, Some(id), "").await?;
    let (files, store) = (pages.desk.files.clone(), pages.desk.store.door());
    web::download(files, store, file.hash, file.media_type, &name).await
}
