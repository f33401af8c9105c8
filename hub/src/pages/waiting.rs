//! What is in LAPOR and waits for the coordinator's disposition, and since when.

use askama::Template;
use axum::extract::State;
use titian_domain::vocabulary::Stage;
use titian_host::casebook::list::{Filter, Summary};
use titian_host::web::{PageError, PageResult};

use super::inbox::state;
use super::words::{Due, Words, complaint_path};
use super::{Caller, Pages, offices};
use crate::desk::Desk;

/// Far more than a regency ever has waiting at once; a bound on one page.
const ROWS_MAX: usize = 2_000;

struct Row {
    href: String,
    register: String,
    office: String,
    title: String,
    tracking_id: String,
    status: String,
    since: String,
    ago: String,
    due: Due,
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage<'a> {
    words: &'a Words,
    rows: Vec<Row>,
}

/// Shows what waits for disposition, longest first.
pub async fn show(State(pages): State<Pages>, caller: Caller) -> PageResult {
    let words = &caller.words;
    let names = offices::names(&pages, words).await?;
    let row = |summary: Summary| Row {
        href: complaint_path(summary.id),
        office: names.get(&summary.office).unwrap_or(&summary.office).clone(),
        title: words.title(&summary.title),
        since: words.day(summary.stage_since),
        ago: words.ago(summary.stage_since),
        due: words.due(state(&summary, words.now)),
        tracking_id: summary.tracking_id.unwrap_or_default(),
        status: summary.lapor_status.unwrap_or_default(),
        register: summary.register,
    };
    let rows = longest_first(&pages.desk, words).await?.into_iter().map(row).collect();
    words.reader.page("waiting-title", &WaitingPage { words, rows })
}

/// Lists what waits for disposition, longest first.
pub async fn longest_first(desk: &Desk, words: &Words) -> Result<Vec<Summary>, PageError> {
    let mut waiting = all_at(desk, words, Stage::Entered).await?;
    waiting.sort_by_key(|summary| (summary.stage_since, summary.id));
    Ok(waiting)
}

/// Lists all complaints at a stage, newest first, page by page.
pub async fn all_at(desk: &Desk, words: &Words, stage: Stage) -> Result<Vec<Summary>, PageError> {
    let mut all: Vec<Summary> = Vec::new();
    while all.len() < ROWS_MAX {
        let before = all.last().map(|summary| summary.id);
        let filter = Filter {
            stage: Some(stage),
            before,
            ..Filter::default()
        };
        let page = desk.list(filter).await.map_err(|error| words.refusal(error))?;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    Ok(all)
}
