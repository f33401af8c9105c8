//! A complaint's files in a browser: added, looked at, saved, taken away.

mod submitted;
mod view;

use axum::extract::{Path, State};
use titian_domain::attachment::{AttachedFile, AttachmentHash};
use titian_domain::id::ComplaintId;
use titian_domain::refusal::FileRefusal;
use titian_host::attachments::{Holding, saved_name};
use titian_host::audit::{self, Deed};
use titian_host::web::{self, PageError, PageResult, redirect_saying};

pub use self::submitted::{Submitted, UPLOAD_BYTES_MAX};
pub use self::view::{DraftsView, FilesView, WaitingView};
use super::Pages;
use super::detail::{self, Mode, complaint_id};
use super::visitor::Visitor;
use super::words::complaint_path;
use crate::capture::CaptureError;
use crate::desk::{Desk, DeskError, Shown, Step};

/// Attaches the files that were sent. Those that can be attached are, whatever the others are.
pub async fn add(
    State(pages): State<Pages>,
    visitor: Visitor,
    Path(id): Path<String>,
    Submitted { drafts, mut unfit, .. }: Submitted,
) -> PageResult {
    let id = complaint_id(&id)?;
    if drafts.is_empty() && unfit.is_empty() {
        unfit.push(visitor.words.say("files-none-chosen"));
    }
    let count = drafts.len();
    unfit.extend(attach_all(&pages.desk, &visitor, id, drafts).await?);
    if unfit.is_empty() {
        let (path, count) = (format!("{}#lampiran", complaint_path(id)), count.to_string());
        return Ok(redirect_saying(&path, "notice-attached", &[("count", &count)]));
    }
    let mode = Mode {
        unfit,
        ..Mode::default()
    };
    detail::page(&pages.desk, &pages.facts, &visitor, id, mode).await
}

/// Attaches files that were taken; gives why some were not, in words.
pub async fn attach_all(
    desk: &Desk,
    visitor: &Visitor,
    id: ComplaintId,
    files: Vec<AttachedFile>,
) -> Result<Vec<String>, PageError> {
    let mut unfit = Vec::new();
    for file in files {
        let name = file.name.clone();
        match desk.attach(&visitor.staff.full_name, id, file).await {
            Ok(_) => {}
            Err(DeskError::Refused(refusal)) => unfit.push(format!("{name}: {}", refusal.words(visitor.words.lang))),
            Err(error) => return Err(visitor.trouble(error)),
        }
    }
    Ok(unfit)
}

/// Takes a file away again.
pub async fn detach(
    State(pages): State<Pages>,
    visitor: Visitor,
    Path((id, hash)): Path<(String, String)>,
) -> PageResult {
    let (id, hash) = (complaint_id(&id)?, file_hash(&hash)?);
    match pages
        .desk
        .step(&visitor.staff.full_name, id, Step::Detach { hash })
        .await
    {
        Ok(_) => {
            let path = format!("{}#lampiran", complaint_path(id));
            Ok(redirect_saying(&path, "notice-detached", &[]))
        }
        Err(error) => Err(visitor.trouble(error)),
    }
}

/// Gives a file to be saved.
pub async fn download(
    State(pages): State<Pages>,
    visitor: Visitor,
    Path((id, hash)): Path<(String, String)>,
) -> PageResult {
    let (shown, holding) = find(&pages, &visitor, (&id, &hash)).await?;
    let name = saved_name(&shown.complaint.register, &holding.file);
    let who = (visitor.staff.name.as_str(), Deed::AttachmentShown);
    audit::note_alone(&pages.kit.store, &pages.kit.clock, who, Some(shown.complaint.id), "").await?;
    let (files, file) = (pages.desk.files.clone(), holding.file);
    web::download(files, &pages.desk.store, file.hash, file.media_type, &name).await
}

/// Gives a small picture of a file.
pub async fn thumbnail(
    State(pages): State<Pages>,
    visitor: Visitor,
    Path((id, hash)): Path<(String, String)>,
) -> PageResult {
    let (_, Holding { file, .. }) = find(&pages, &visitor, (&id, &hash)).await?;
    match pages.capture.thumbnail(file.hash, file.media_type).await {
        Ok(picture) => Ok(web::picture(picture)),
        Err(CaptureError::File(error)) => Err(error.into()),
        // No picture after all: a page shows its name instead.
        Err(CaptureError::Unfit(_)) => Err(PageError::not_found()),
    }
}

/// Finds a file by its complaint: a hash alone opens nothing.
async fn find(pages: &Pages, visitor: &Visitor, (id, hash): (&str, &str)) -> Result<(Shown, Holding), PageError> {
    let (id, hash) = (complaint_id(id)?, file_hash(hash)?);
    let mut shown = pages.desk.show(id).await.map_err(|error| visitor.trouble(error))?;
    let place = shown.files.iter().position(|(holding, _)| holding.file.hash == hash);
    let unknown = || visitor.trouble(DeskError::Refused(FileRefusal::Unknown.into()));
    let (holding, _) = shown.files.swap_remove(place.ok_or_else(unknown)?);
    Ok((shown, holding))
}

fn file_hash(text: &str) -> Result<AttachmentHash, PageError> {
    text.parse().map_err(|_| PageError::not_found())
}
