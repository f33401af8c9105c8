//! A fresh enrolment code on a page to be printed: shown once, and then only on that paper.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use titian_domain::id::OfficeCode;
use titian_host::web::{PageError, PageResult, qr};

use super::words::Words;
use super::{Caller, Pages, offices};
use crate::codes::{FreshCode, NoCode};
use crate::store::office::OfficeError;

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    words: &'a Words,
    fresh: &'a FreshCode,
    office: String,
    until: String,
    qr: String,
}

/// Makes a code for one gateway of an office, and shows it.
pub async fn make(State(pages): State<Pages>, caller: Caller, Path(office): Path<String>) -> PageResult {
    let words = &caller.words;
    let office: OfficeCode = office.parse().map_err(|_| PageError::not_found())?;
    let made = pages.codes.make(&pages.desk, office, &caller.staff.name).await;
    let fresh = made.map_err(trouble)?;
    let names = offices::names(&pages, words).await?;
    let page = CodePage {
        office: names.get(fresh.office.as_str()).cloned().unwrap_or_default(),
        until: words.instant(fresh.expires_at),
        qr: qr(&fresh.code)?,
        fresh: &fresh,
        words,
    };
    words.reader.page("code-title", &page)
}

fn trouble(error: NoCode) -> PageError {
    let told = |what, next| PageError::user(StatusCode::CONFLICT, what, next);
    match error {
        NoCode::NoAddress | NoCode::Address(_) => told("code-no-address", "code-no-address-next"),
        NoCode::Office(OfficeError::NoLetterLeft(_)) => told("code-no-letter", "code-no-letter-next"),
        NoCode::Office(OfficeError::Store(error)) => error.into(),
        NoCode::Office(_) => PageError::not_found(),
    }
}
