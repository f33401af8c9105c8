//! Pages that say what went wrong and what to do next; what is ours to mend is logged once, with a code to find it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::reader::Reader;
use crate::people::Right;
use crate::store::StoreError;

/// What a handler that answers with a page returns.
pub type PageResult = Result<Response, PageError>;

/// A text for a reader: a key of the texts, or words that are already in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// A key; `&'static str` becomes one.
    Key(&'static str),
    /// Words; `String` becomes these.
    Said(String),
}

impl From<&'static str> for Text {
    fn from(key: &'static str) -> Self {
        Self::Key(key)
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self::Said(words)
    }
}

impl Text {
    pub(super) fn said(&self, reader: &Reader) -> String {
        match self {
            Self::Key(key) => reader.say(key),
            Self::Said(words) => words.clone(),
        }
    }
}

/// Why a page could not be given: either the reader can mend it, or we can. Never both.
#[derive(Debug)]
pub enum PageError {
    /// The reader can mend it.
    User {
        /// The status of the answer.
        status: StatusCode,
        /// What happened.
        what: Text,
        /// What to do next.
        next: Text,
    },
    /// Somebody else may do it: the page says of which roles.
    MayNot(Right),
    /// We can mend it: logged, never shown.
    Internal(anyhow::Error),
}

impl PageError {
    /// Makes an error that the reader can mend.
    pub fn user(status: StatusCode, what: impl Into<Text>, next: impl Into<Text>) -> Self {
        Self::User {
            status,
            what: what.into(),
            next: next.into(),
        }
    }

    /// Says that there is no such page or record.
    pub fn not_found() -> Self {
        Self::user(StatusCode::NOT_FOUND, "error-not-found", "error-not-found-next")
    }
}

impl From<anyhow::Error> for PageError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        if error.is_disk_full() {
            return Self::user(
                StatusCode::INSUFFICIENT_STORAGE,
                "error-disk-full",
                "error-disk-full-next",
            );
        }
        Self::Internal(error.into())
    }
}

/// An error on its way to the outer layer, which knows the reader and renders it.
#[derive(Clone, Debug)]
pub(super) struct Unrendered {
    pub what: Text,
    pub next: Text,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match self {
            Self::User { status, what, next } => {
                let mut response = status.into_response();
                response.extensions_mut().insert(Unrendered { what, next });
                response
            }
            Self::MayNot(right) => {
                let mut response = StatusCode::FORBIDDEN.into_response();
                response.extensions_mut().insert(Forbidden(right));
                response
            }
            Self::Internal(error) => {
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                response.extensions_mut().insert(Broken(std::sync::Arc::new(error)));
                response
            }
        }
    }
}

/// What somebody may not do, on its way to the outer layer, which knows who may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forbidden(pub Right);

/// What broke, on its way to the outer layer, which gives it a reference and logs it once.
#[derive(Clone, Debug)]
pub(super) struct Broken(pub std::sync::Arc<anyhow::Error>);

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    reader: &'a Reader,
    what: String,
    next: String,
    to_sign_in: bool,
}

/// Renders an error for its reader.
pub(super) fn page(reader: &Reader, status: StatusCode, what: &Text, next: &Text) -> Response {
    let body = ErrorPage {
        reader,
        what: what.said(reader),
        next: next.said(reader),
        to_sign_in: status == StatusCode::UNAUTHORIZED,
    };
    reader.page_with(status, "error-title", &body).unwrap_or_else(|_| {
        // The frame itself fails to render: plain words are better than an empty window.
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Terjadi kesalahan. / Something went wrong.",
        )
            .into_response()
    })
}

/// The words for an answer that came without any: from routing, or from an extractor that could not read the form.
pub(super) fn words_of(status: StatusCode) -> (Text, Text) {
    match status {
        StatusCode::NOT_FOUND => ("error-not-found".into(), "error-not-found-next".into()),
        StatusCode::METHOD_NOT_ALLOWED => ("error-method".into(), "error-method-next".into()),
        StatusCode::PAYLOAD_TOO_LARGE => ("error-too-large".into(), "error-too-large-next".into()),
        _ => ("error-form".into(), "error-form-next".into()),
    }
}
