//! The register as a spreadsheet for the browser: what the list shows, all pages of it, reporters masked.

use axum::Form;
use axum::extract::{FromRef, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::Deserialize;
use titian_domain::vocabulary::Stage;

use super::{ExportError, ROWS_MAX, Rows, csv_bytes, workbook_bytes};
use crate::audit::{self, Deed};
use crate::casebook::list::Filter;
use crate::people::{Right, SignedIn};
use crate::web::{Kit, PageError, PageResult, Routes, Who};

/// Gives the way to the spreadsheet to a program's router.
pub fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default().post("/ekspor", Who::May(Right::Read), export)
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
    let stage: Option<Stage> = asked.stage.parse().ok();
    let is_workbook = match asked.form.as_str() {
        "csv" => false,
        "xlsx" => true,
        _ => return Err(PageError::not_found()),
    };
    let given = |text: String| (!text.trim().is_empty()).then_some(text);
    let (office, text) = (given(asked.office), given(asked.text));
    let detail = super::detail(stage, text.is_some(), None);
    // Noted before the first byte: what could not be noted is not handed out.
    audit::note_alone(&kit.store, &kit.clock, (&person.name, Deed::Exported), None, &detail).await?;
    let (filter, zone) = (
        Filter {
            stage,
            office,
            text,
            ..Filter::default()
        },
        kit.zone,
    );
    let reading = kit.store.read(move |conn| {
        let rows = Rows {
            conn,
            filter,
            zone,
            reveal: false,
            limit: ROWS_MAX,
        };
        if is_workbook {
            workbook_bytes(rows)
        } else {
            csv_bytes(rows)
        }
    });
    let bytes = reading.await.map_err(|error| match error {
        ExportError::Store(error) => error.into(),
        ExportError::Large => PageError::user(StatusCode::UNPROCESSABLE_ENTITY, "export-large", "export-large-next"),
        error => PageError::Internal(error.into()),
    })?;
    let (kind, name) = if is_workbook {
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
