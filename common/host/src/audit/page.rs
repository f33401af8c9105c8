//! The audit log as a page, for those who oversee the work: the newest rows first, searched by who, what, when and complaint.

use askama::Template;
use axum::extract::{FromRef, Query, State};
use serde::Deserialize;
use titian_domain::id::ComplaintId;
use titian_domain::time::{UnixMillis, Zone};

use super::{AT_THE_SHELL, BY_ITSELF, Deed, Filter, Row, SOMEBODY, list};
use crate::people::Right;
use crate::store::StoreError;
use crate::texts::Speech;
use crate::web::{Kit, PageResult, Reader, Routes, Who};

/// Rows on one page.
const ROWS: u32 = 100;

/// Gives the page of the audit log to a program's router.
pub fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default().get("/catatan", Who::May(Right::Audit), show)
}

/// Gives the address of what was done with one complaint.
pub fn trail_path(id: ComplaintId) -> String {
    format!("/catatan?complaint={id}")
}

/// What is searched for, as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    complaint: String,
    who: String,
    deed: String,
    since: String,
    before: String,
}

struct DeedChoice {
    code: &'static str,
    label: String,
    chosen: bool,
}

/// A row in words.
pub struct Line {
    /// Its number.
    pub number: u64,
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What.
    pub deed: String,
    /// What else matters.
    pub detail: String,
    /// With which complaint.
    pub complaint: Option<String>,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage<'a> {
    reader: &'a Reader,
    asked: &'a Asked,
    deeds: Vec<DeedChoice>,
    lines: Vec<Line>,
    problem: Option<String>,
    older: Option<u64>,
}

async fn show(State(kit): State<Kit>, reader: Reader, Query(asked): Query<Asked>) -> PageResult {
    let (filter, problem) = match filter(&asked, kit.zone) {
        Ok(filter) => (filter, None),
        Err(key) => (Filter::default(), Some(reader.say(key))),
    };
    // One row more than is shown tells whether there are older ones.
    let filter = Filter {
        limit: if problem.is_some() { 0 } else { ROWS + 1 },
        ..filter
    };
    let reading = kit
        .store
        .read(move |connection| Ok::<_, StoreError>(list(connection, &filter)?));
    let mut rows = reading.await?;
    let goes_on = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let page = AuditPage {
        older: rows.last().map(|row| row.number).filter(|_| goes_on),
        lines: rows
            .iter()
            .map(|row| Line::new(&reader.speech(), kit.zone, row))
            .collect(),
        deeds: Deed::ALL.map(|deed| choice(&reader, &asked, deed)).into(),
        problem,
        reader: &reader,
        asked: &asked,
    };
    reader.page("audit-title", &page)
}

/// Reads what is searched for, or gives the key of what is wrong with it.
fn filter(asked: &Asked, zone: Zone) -> Result<Filter, &'static str> {
    let told = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let complaint = match told(&asked.complaint) {
        Some(id) => Some(id.parse::<ComplaintId>().map_err(|_| "audit-wrong-complaint")?),
        None => None,
    };
    let since = match told(&asked.since) {
        Some(day) => Some(day.parse().map_err(|_| "audit-wrong-day")?),
        None => None,
    };
    Ok(Filter {
        complaint,
        who: told(&asked.who),
        deed: told(&asked.deed),
        since: since.map(|day| UnixMillis::start_of_day(day, zone)),
        before: told(&asked.before).and_then(|number| number.parse().ok()),
        limit: 0,
    })
}

fn choice(reader: &Reader, asked: &Asked, deed: Deed) -> DeedChoice {
    DeedChoice {
        code: deed.code(),
        label: reader.say(&format!("deed-{}", deed.code())),
        chosen: asked.deed == deed.code(),
    }
}

impl Line {
    /// Says a row in words. A newer program may have written deeds and steps that this one has no word for: then its code is shown.
    pub fn new(speech: &Speech, zone: Zone, row: &Row) -> Self {
        let said = |key: String, code: &str| {
            if speech.has(&key) {
                speech.say(&key)
            } else {
                code.to_owned()
            }
        };
        let in_words = [
            (Deed::Step, "audit-step"),
            (Deed::Refused, "audit-step"),
            (Deed::IdentityShown, "reveal"),
            (Deed::WordingChosen, "audit-wording"),
            (Deed::CasePrinted, "reveal"),
            (Deed::ReasonRefused, "audit-step"),
            (Deed::LookRefused, "reveal"),
        ];
        let prefix = in_words.iter().find(|(deed, _)| row.deed == deed.code());
        let who = match row.who.as_str() {
            AT_THE_SHELL => speech.say("audit-at-the-shell"),
            BY_ITSELF => speech.say("audit-by-itself"),
            SOMEBODY => speech.say("audit-somebody"),
            name => name.to_owned(),
        };
        Self {
            number: row.number,
            at: row.at.local(zone).format("%Y-%m-%d %H:%M:%S").to_string(),
            who,
            deed: said(format!("deed-{}", row.deed), &row.deed),
            detail: match prefix {
                Some((_, prefix)) => said(format!("{prefix}-{}", row.detail), &row.detail),
                None => row.detail.clone(),
            },
            complaint: row.complaint.map(|id| id.to_string()),
        }
    }
}
