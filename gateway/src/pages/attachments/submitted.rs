//! A form with files in it, read as it comes in: one file in memory at a time.

use axum::body::{Body, to_bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, FromRequestParts as _, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use titian_domain::attachment::{AttachedFile, FILE_BYTES_MAX, FILES_MAX, tidy_name};
use titian_domain::refusal::FileRefusal;
use titian_host::web::PageError;

use super::view::DRAFTS;
use crate::capture::{CaptureError, Unfit};
use crate::pages::Pages;
use crate::pages::typed::Typed;
use crate::pages::visitor::Visitor;

/// The fields of a sheet, as browsers send them: three bytes for each of some letters.
const FORM_BYTES_MAX: usize = 1024 * 1024;
/// A form with as many files as a complaint may have. What is in memory is one of them.
pub const UPLOAD_BYTES_MAX: usize = FILES_MAX * 10_000_000 + FORM_BYTES_MAX;

/// What a form sent.
pub struct Submitted {
    /// The fields.
    pub typed: Typed,
    /// The files that were taken, with those that an earlier try of the same form brought.
    pub drafts: Vec<AttachedFile>,
    /// Why others were not, in words.
    pub unfit: Vec<String>,
}

impl FromRequest<Pages> for Submitted {
    type Rejection = Response;

    async fn from_request(request: Request, pages: &Pages) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        // Nobody who is not signed in has a file looked at.
        let visitor = Visitor::from_request_parts(&mut parts, pages).await?;
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let is_multipart = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        if !is_multipart {
            let plain = to_bytes(body, FORM_BYTES_MAX).await;
            let plain = plain.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
            let request = Request::from_parts(parts, Body::from(plain));
            let typed = Typed::from_request(request, pages).await;
            return Ok(Self {
                typed: typed.map_err(axum::response::IntoResponse::into_response)?,
                drafts: Vec::new(),
                unfit: Vec::new(),
            });
        }
        let form = Multipart::from_request(Request::from_parts(parts, body), pages).await;
        let form = form.map_err(axum::response::IntoResponse::into_response)?;
        let reading = Reading {
            pages,
            visitor: &visitor,
        };
        reading
            .read(form)
            .await
            .map_err(axum::response::IntoResponse::into_response)
    }
}

struct Reading<'a> {
    pages: &'a Pages,
    visitor: &'a Visitor,
}

impl Reading<'_> {
    async fn read(&self, mut form: Multipart) -> Result<Submitted, PageError> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut room = FORM_BYTES_MAX;
        let (mut drafts, mut unfit) = (Vec::<AttachedFile>::new(), Vec::new());
        while let Some(field) = form.next_field().await.map_err(|error| unread(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            let Some(file) = field.file_name().map(tidy_name) else {
                let text = bytes_of(field, room).await?.ok_or_else(too_large)?;
                room -= text.len();
                fields.push((name, String::from_utf8_lossy(&text).into_owned()));
                continue;
            };
            // A field for files that nobody chose one in.
            let Some(taken) = self.take(&file, field, drafts.len()).await? else {
                continue;
            };
            match taken {
                Ok(draft) => drafts.push(draft),
                Err(told) => unfit.push(format!("{file}: {told}")),
            }
        }
        let typed: Typed = fields.into_iter().collect();
        // What an earlier try brought stands before what came now.
        let mut all: Vec<AttachedFile> = serde_json::from_str(typed.raw(DRAFTS)).unwrap_or_default();
        all.truncate(FILES_MAX);
        drafts.retain(|draft| all.iter().all(|known| known.hash != draft.hash));
        all.append(&mut drafts);
        Ok(Submitted {
            typed,
            drafts: all,
            unfit,
        })
    }

    /// Takes one file; `None` if there is none, a reason in words if it cannot be attached.
    async fn take(
        &self,
        name: &str,
        field: Field<'_>,
        before: usize,
    ) -> Result<Option<Result<AttachedFile, String>>, PageError> {
        let lang = self.visitor.words.lang;
        let limit = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
        let Some(content) = bytes_of(field, limit).await? else {
            return Ok(Some(Err(Unfit::TooLarge.words(lang))));
        };
        if name.is_empty() && content.is_empty() {
            return Ok(None);
        }
        if before >= FILES_MAX {
            return Ok(Some(Err(FileRefusal::TooMany.words(lang))));
        }
        match self.pages.capture.take(name, content).await {
            Ok(draft) => Ok(Some(Ok(draft))),
            Err(CaptureError::Unfit(unfit)) => Ok(Some(Err(unfit.words(lang)))),
            Err(CaptureError::File(error)) => Err(error.into()),
        }
    }
}

/// Reads a field to its end, keeping no more than `limit`; `None` if it is longer.
async fn bytes_of(mut field: Field<'_>, limit: usize) -> Result<Option<Vec<u8>>, PageError> {
    let mut content = Vec::new();
    let mut fits = true;
    while let Some(chunk) = field.chunk().await.map_err(|error| unread(&error))? {
        fits &= content.len() + chunk.len() <= limit;
        if fits {
            content.extend_from_slice(&chunk);
        }
    }
    Ok(fits.then_some(content))
}

fn unread(error: &MultipartError) -> PageError {
    PageError::user(error.status(), "files-unread", "files-unread-next")
}

fn too_large() -> PageError {
    PageError::user(StatusCode::PAYLOAD_TOO_LARGE, "error-too-large", "error-too-large-next")
}
