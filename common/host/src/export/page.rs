//! The register as a spreadsheet for the browser: what the list shows, all pages of it, reporters masked.

use askama::Template;
use axum::Form;
use axum::extract::{FromRef, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::Deserialize;
use titian_domain::vocabulary::Stage;

use super::{ExportError, Form as FileForm, Rows};
use crate::audit::{self, Deed};
use crate::casebook::list::Filter;
use crate::people::{Right, SignedIn};
use crate::web::{Kit, PageError, PageResult, Reader, Routes, Who};

/// What a browser gets is put together in memory, some two kilobytes a complaint: of an office whose data are enciphered nothing may lie
/// on the disk in the open, and a slow browser must not hold one of the few connections that read.
const ROWS_MAX: usize = 20_000;

/// Gives the way to the spreadsheet to a program's router.
pub fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default().post("/ekspor", Who::May(Right::Read), export)
}

/// The buttons below a list: they save what it was asked for. Put into a page as they are.
#[derive(Template)]
#[template(path = "export.html")]
pub struct Buttons<'a> {
    /// Who reads the page.
    pub reader: &'a Reader,
    /// The code of the stage; empty for all.
    pub stage: &'a str,
    /// The code of the office; empty for all.
    pub office: &'a str,
    /// What was searched for.
    pub text: &'a str,
}

/// What the list was asked for, and in which form it is wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    form: String,
    stage: String,
    office: String,
    text: String,
}

async fn export(State(kit): State<Kit>, person: SignedIn, Form(asked): Form<Asked>) -> PageResult {
    // Nothing that was asked for is left out unsaid: what is no stage is no page.
    let stage = match asked.stage.as_str() {
        "" => None,
        code => Some(code.parse::<Stage>().map_err(|_| PageError::not_found())?),
    };
    let form = match asked.form.as_str() {
        "csv" => FileForm::Csv,
        "xlsx" => FileForm::Xlsx,
        _ => return Err(PageError::not_found()),
    };
    let given = |text: String| (!text.trim().is_empty()).then_some(text);
    let rows = Rows {
        filter: Filter {
            stage,
            office: given(asked.office),
            text: given(asked.text),
            by_name: person.may(Right::Reveal),
            ..Filter::default()
        },
        zone: kit.zone,
        reveal: false,
    };
    let found = rows.clone().counted(&kit.store, ROWS_MAX).await.map_err(trouble)?;
    let detail = super::detail(form, &rows.filter, found, None);
    // Noted before the first byte: what could not be noted is not handed out.
    audit::note_alone(&kit.store, &kit.clock, (&person.name, Deed::Exported), None, &detail).await?;
    let reading = kit.store.read(move |conn| match form {
        FileForm::Xlsx => rows.workbook_bytes(conn),
        FileForm::Csv => {
            let mut bytes = Vec::new();
            rows.write_csv(conn, &mut bytes)?;
            Ok(bytes)
        }
    });
    let bytes = reading.await.map_err(trouble)?;
    let (kind, name) = if form == FileForm::Xlsx {
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"register.xlsx\"",
        )
    } else {
        ("text/csv; charset=utf-8", "attachment; filename=\"register.csv\"")
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    Ok((headers, bytes).into_response())
}

fn trouble(error: ExportError) -> PageError {
    match error {
        ExportError::Store(error) => error.into(),
        ExportError::Large { .. } => {
            PageError::user(StatusCode::UNPROCESSABLE_ENTITY, "export-large", "export-large-next")
        }
        error => PageError::Internal(error.into()),
    }
}
