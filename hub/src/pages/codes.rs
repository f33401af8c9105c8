//! A fresh enrolment code on a page to be printed: shown once, and then only on that paper.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use titian_domain::id::OfficeCode;
use titian_host::web::{PageError, PageResult};

use super::words::Words;
use super::{Caller, Pages, offices};
use crate::codes::{FreshCode, NoCode};
use crate::store::office::OfficeError;

/// Wide enough for the camera of a cheap phone, small enough for half a sheet.
const QR_PIXELS: u32 = 260;

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

/// Draws a code. Capitals, digits and dashes are what a QR code holds most densely.
fn qr(code: &str) -> Result<String, PageError> {
    let drawn = QrCode::with_error_correction_level(code, EcLevel::M).map_err(anyhow::Error::from)?;
    let svg = drawn
        .render::<svg::Color<'_>>()
        .min_dimensions(QR_PIXELS, QR_PIXELS)
        .build();
    // Within a page an XML declaration is an error.
    Ok(svg
        .find("<svg")
        .map_or_else(String::new, |start| svg[start..].to_owned()))
}
