//! What was put aside: from where, since when, why, and what to do. Never what it says.

use askama::Template;
use axum::extract::State;
use titian_domain::airlock::Reason;
use titian_host::web::PageResult;

use super::words::Words;
use super::{Caller, Pages, offices};
use crate::store::quarantine::Aside;

struct Row {
    number: i64,
    office: String,
    gateway: u64,
    /// The complaint's page; nothing where it has none here.
    complaint: Option<String>,
    since: String,
    bytes: u64,
    reason: String,
    /// The start of the hashes that it waits for.
    missing: Vec<String>,
}

#[derive(Template)]
#[template(path = "quarantine.html")]
struct QuarantinePage<'a> {
    words: &'a Words,
    rows: Vec<Row>,
}

/// Shows what was put aside.
pub async fn show(State(pages): State<Pages>, caller: Caller) -> PageResult {
    let words = &caller.words;
    let names = offices::names(&pages, words).await?;
    let aside = pages.desk.aside().await.map_err(|error| words.refusal(error))?;
    let row = |one: Aside| Row {
        number: one.number,
        office: names
            .get(one.office.as_str())
            .cloned()
            .unwrap_or_else(|| one.office.to_string()),
        gateway: one.device,
        complaint: one.complaint.map(|id| id.to_string()),
        since: words.instant_ago(one.since),
        bytes: one.size,
        reason: reason(words, one.reason),
        missing: one
            .missing
            .iter()
            .map(|hash| hash.to_string()[..12].to_owned())
            .collect(),
    };
    let rows = aside.into_iter().map(row).collect();
    words.reader.page("quarantine-title", &QuarantinePage { words, rows })
}

fn reason(words: &Words, reason: Option<Reason>) -> String {
    match reason {
        Some(reason) => reason.words(words.lang).to_owned(),
        None => words.say("quarantine-reason-newer"),
    }
}
