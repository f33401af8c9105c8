//! The staff member who asks for a page, with the words to answer in.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use titian_domain::refusal::Refusal;
use titian_host::people::SignedIn;
use titian_host::web::{PageError, Reader};

use super::Pages;
use super::words::Words;
use crate::desk::DeskError;

/// Who asks, and how to answer. An extractor: nobody who is not signed in gets past it.
pub struct Visitor {
    /// Puts the frame around a page.
    pub reader: Reader,
    /// Words in the reader's language.
    pub words: Words,
    /// The staff member.
    pub staff: SignedIn,
}

impl Visitor {
    /// Turns what the desk said into a page: for steps without a form to show it beside.
    pub fn trouble(&self, error: DeskError) -> PageError {
        match error {
            DeskError::Refused(refusal) => self.refused(&refusal),
            // Pages name complaints by id, which is never ambiguous; a search shows all that fit.
            DeskError::NotFound | DeskError::Ambiguous(_) => PageError::not_found(),
            DeskError::NotEnrolled => PageError::user(StatusCode::CONFLICT, "not-enrolled", "not-enrolled-next"),
            DeskError::File(error) => error.into(),
            DeskError::Store(error) => error.into(),
        }
    }

    fn refused(&self, refusal: &Refusal) -> PageError {
        PageError::user(StatusCode::CONFLICT, refusal.words(self.words.lang), "refused-next")
    }
}

impl<S> FromRequestParts<S> for Visitor
where
    Pages: FromRef<S>,
    titian_host::web::Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = axum::response::Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let staff = SignedIn::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let reader = Reader::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let Pages { kit, facts, .. } = Pages::from_ref(state);
        let words = Words::new(&kit.texts, reader.lang, facts.rules.procedure.zone);
        Ok(Self { reader, words, staff })
    }
}
