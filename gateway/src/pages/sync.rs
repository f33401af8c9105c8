//! How this gateway stands with the hub, in words; syncing now; and taking the enrolment code.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use titian_domain::attachment::bytes_words;
use titian_domain::time::UnixMillis;
use titian_host::bundle::browser::Ready;
use titian_host::facts::Facts;
use titian_host::people::Right;
use titian_host::web::{PageError, PageResult, redirect_saying};
use titian_sync::enrol::code::{BadCode, EnrolCode};

use super::Pages;
use super::attachments::WaitingView;
use super::typed::Typed;
use super::visitor::Visitor;
use super::words::Words;
use super::{bundle, trouble};
use crate::uplink::{SyncStatus, Uplink, UplinkError};

/// A browser that waits longer looks broken; the exchange goes on behind.
const WAIT_MAX: Duration = Duration::from_secs(25);

#[derive(Template)]
#[template(path = "sync.html")]
struct SyncPage {
    words: Words,
    may_exchange: bool,
    may_administer: bool,
    enrolled: bool,
    verdict: String,
    problems: Vec<Problem>,
    facts: Vec<Fact>,
    files: WaitingView,
    /// What it costs to send all that waits; nothing where nothing does.
    cost: Option<String>,
    code: String,
    problem: Option<String>,
    ready: Vec<Ready>,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    words: Words,
    may_administer: bool,
    code: String,
    problem: Option<String>,
}

struct Problem {
    heading: String,
    words: String,
}

struct Fact {
    label: String,
    value: String,
}

/// A code as it was typed, and what is wrong with it.
#[derive(Default)]
struct TypedCode {
    code: String,
    problem: Option<String>,
}

/// Shows how the gateway stands with the hub.
pub async fn show(State(pages): State<Pages>, visitor: Visitor) -> PageResult {
    let status = pages.uplink.status().await?;
    let cost = cost(&visitor.words, &pages.uplink).await?;
    answer(&visitor, &pages, (&status, cost), TypedCode::default()).await
}

/// Exchanges news with the hub, and says how that went.
pub async fn now(State(uplink): State<Uplink>, _visitor: Visitor) -> PageResult {
    let running = tokio::spawn(async move { uplink.sync_now().await });
    let notice = match tokio::time::timeout(WAIT_MAX, running).await {
        Err(_) => "warning-sync-goes-on",
        Ok(Ok(Ok(synced))) if synced.delivered => "notice-synced",
        Ok(Ok(Ok(_))) => "warning-sync-not-all",
        Ok(Ok(Err(UplinkError::Store(error)))) => return Err(error.into()),
        Ok(Ok(Err(UplinkError::Unreachable(_)))) => "warning-sync-unreachable",
        Ok(Ok(Err(_))) => "warning-sync-failed",
        Ok(Err(error)) => return Err(PageError::Internal(error.into())),
    };
    Ok(redirect_saying("/sinkronisasi", notice, &[]))
}

/// Takes the enrolment code.
pub async fn enrol(State(pages): State<Pages>, visitor: Visitor, typed: Typed) -> PageResult {
    let code = typed.text("code");
    let words = &visitor.words;
    let problem = if let Some(problem) = unusable(&pages, words, &code).await? {
        problem
    } else {
        let (uplink, given) = (pages.uplink.clone(), code.clone());
        // In a task of its own: a closed tab does not leave the enrolment half done.
        let running = tokio::spawn(async move { uplink.enrol(&given).await });
        let enrolled = running.await.map_err(|error| PageError::Internal(error.into()))?;
        pages.name_place().await?;
        match enrolled {
            Ok(enrolled) => {
                let notice = if enrolled.confirmed {
                    "notice-enrolled"
                } else {
                    "notice-enrolled-offline"
                };
                let office = enrolled.office.as_str();
                let office = pages
                    .facts
                    .regions
                    .full_name(office)
                    .unwrap_or_else(|| office.to_owned());
                return Ok(redirect_saying("/", notice, &[("office", &office)]));
            }
            Err(UplinkError::Store(error)) => return Err(error.into()),
            Err(error @ UplinkError::Code(_)) => trouble::words(words, &error),
            Err(other) => words.say1("enrol-failed", "reason", trouble::words(words, &other)),
        }
    };
    let status = pages.uplink.status().await?;
    let typed = TypedCode {
        code: typed.raw("code").to_owned(),
        problem: Some(problem),
    };
    answer(&visitor, &pages, (&status, None), typed).await
}

/// Says what is wrong with a code that no hub needs to be asked about.
async fn unusable(pages: &Pages, words: &Words, code: &str) -> Result<Option<String>, PageError> {
    if code.is_empty() {
        return Ok(Some(words.say("enrol-code-blank")));
    }
    let code = match EnrolCode::parse(code) {
        Ok(code) => code,
        Err(BadCode::Typing) => return Ok(Some(words.say("enrol-code-typing"))),
        Err(BadCode::Version(_)) => return Ok(Some(words.say("enrol-code-version"))),
        Err(BadCode::Content(_)) => return Ok(Some(words.say("enrol-code-content"))),
    };
    let office = code.office.as_str();
    let known = pages.uplink.status().await?.office;
    Ok(known.filter(|known| known != office).map(|_| {
        let name = pages.facts.regions.full_name(office);
        words.say1(
            "enrol-code-other-office",
            "office",
            name.unwrap_or_else(|| office.to_owned()),
        )
    }))
}

/// Shows what a gateway says that does not know its office yet.
pub fn welcome(visitor: &Visitor) -> PageResult {
    let page = WelcomePage {
        may_administer: visitor.staff.may(Right::Administer),
        words: visitor.words.clone(),
        code: String::new(),
        problem: None,
    };
    visitor.reader.page("welcome-heading", &page)
}

/// Says in one line how the gateway stands with the hub, for the work list.
pub fn line(words: &Words, status: &SyncStatus, now: UnixMillis) -> String {
    let last = status.last_success.map(|at| words.near(at, now));
    match (status.waiting_complaints, last) {
        (0, Some(last)) if status.waiting_items == 0 => words.say1("sync-line-delivered", "last", last),
        (waiting, Some(last)) => {
            words.say_with("sync-line-waiting", &[("count", waiting.into()), ("last", last.into())])
        }
        (waiting, None) => words.say1("sync-line-never", "count", waiting),
    }
}

/// Says what it costs to send all that waits.
async fn cost(words: &Words, uplink: &Uplink) -> Result<Option<String>, PageError> {
    let estimate = match uplink.estimate().await {
        Ok(estimate) => estimate,
        Err(UplinkError::Store(error)) => return Err(error.into()),
        // What keeps it from being estimated keeps it from being sent, and is told as a problem.
        Err(_) => return Ok(None),
    };
    let size = |bytes| bytes_words(bytes, words.lang);
    let texts = ("texts", size(estimate.text_bytes).into());
    let files = ("files", size(estimate.file_bytes).into());
    Ok(match (estimate.waiting_items, estimate.waiting_files) {
        (0, 0) => None,
        (_, 0) => Some(words.say_with("sync-cost-texts", &[texts])),
        _ => Some(words.say_with("sync-cost", &[texts, files])),
    })
}

async fn answer(
    visitor: &Visitor,
    pages: &Pages,
    (status, cost): (&SyncStatus, Option<String>),
    typed: TypedCode,
) -> PageResult {
    let (facts, now) = (&pages.facts, pages.desk.now());
    let code = if typed.problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let words = visitor.words.clone();
    let (totals, oldest) = pages.desk.waiting_files().await?;
    let page = SyncPage {
        may_exchange: visitor.staff.may(Right::Exchange),
        may_administer: visitor.staff.may(Right::Administer),
        files: WaitingView::new(&words, &totals, &oldest),
        cost,
        enrolled: status.office.is_some(),
        verdict: verdict(&words, status),
        problems: problems(&words, status, now),
        facts: described(&words, facts, status, now),
        code: typed.code,
        problem: typed.problem,
        ready: bundle::ready(pages),
        words,
    };
    visitor.reader.page_with(code, "sync-heading", &page)
}

fn verdict(words: &Words, status: &SyncStatus) -> String {
    if status.office.is_none() {
        words.say("sync-not-enrolled")
    } else if status.waiting_items > 0 {
        words.say1("sync-waiting", "count", status.waiting_complaints)
    } else if let Some(since) = status.in_sync_since {
        words.say1("sync-identical", "since", words.instant(since))
    } else if status.last_success.is_some() {
        words.say("sync-delivered")
    } else {
        words.say("sync-never")
    }
}

fn problems(words: &Words, status: &SyncStatus, now: UnixMillis) -> Vec<Problem> {
    let mut problems = Vec::new();
    if status.office.is_some() && !status.enrolled {
        problems.push(Problem {
            heading: words.say("sync-code-waits"),
            words: words.say("sync-code-waits-next"),
        });
    }
    if let Some(error) = &status.last_error {
        let when = status.last_error_at.map_or_else(String::new, |at| words.near(at, now));
        problems.push(Problem {
            heading: words.say1("sync-error", "when", when),
            words: format!("{} {}", trouble::noted(words, error), words.say("sync-error-safe")),
        });
    }
    if let Some(since) = status.repair_since {
        let heading = if status.repair == "tried" {
            "sync-repair-tried"
        } else {
            "sync-repair"
        };
        problems.push(Problem {
            heading: words.say1(heading, "since", words.instant(since)),
            words: words.say("sync-repair-next"),
        });
    }
    problems.extend(found(words, status, now));
    if status.refused_items > 0 {
        let count = [
            ("complaints", status.refused_complaints.into()),
            ("items", status.refused_items.into()),
        ];
        problems.push(Problem {
            heading: words.say_with("sync-refused", &count),
            words: words.say("sync-refused-next"),
        });
    }
    if status.last_success.is_some() && !status.clock_is_trusted {
        problems.push(Problem {
            heading: words.say("sync-clock"),
            words: words.say("sync-clock-next"),
        });
    }
    problems
}

/// What the last start found that was not as it was left.
fn found(words: &Words, status: &SyncStatus, now: UnixMillis) -> Option<Problem> {
    let (heading, next) = match status.found.as_deref()? {
        "restored" => ("sync-found-restored", "sync-found-restored-next"),
        "moved" => ("sync-found-moved", "sync-found-moved-next"),
        _ => ("sync-found-exchanged", "sync-found-exchanged-next"),
    };
    let when = status.found_at.map_or_else(String::new, |at| words.near(at, now));
    Some(Problem {
        heading: words.say1(heading, "when", when),
        words: words.say(next),
    })
}

fn described(words: &Words, facts: &Facts, status: &SyncStatus, now: UnixMillis) -> Vec<Fact> {
    let mut described = Vec::new();
    let mut fact = |key: &str, value: Option<String>| {
        described.push(Fact {
            label: words.say(key),
            value: value.unwrap_or_else(|| words.say("sync-fact-none")),
        });
    };
    let office = status.office.as_ref().map(|code| {
        facts
            .regions
            .full_name(code)
            .map_or(code.clone(), |name| format!("{name} ({code})"))
    });
    if office.is_some() {
        fact("sync-fact-office", office);
        fact("sync-fact-letter", status.letter.clone());
        fact("sync-fact-hub", status.hub.clone());
        fact("sync-fact-last", status.last_success.map(|at| words.near(at, now)));
        let waiting = [
            ("complaints", status.waiting_complaints.into()),
            ("items", status.waiting_items.into()),
        ];
        fact(
            "sync-fact-waiting",
            (status.waiting_items > 0).then(|| words.say_with("sync-fact-waiting-value", &waiting)),
        );
        if let Some(at) = status.answered_by_bundle {
            fact("sync-fact-bundle", Some(words.near(at, now)));
        }
        fact("sync-fact-identical", status.in_sync_since.map(|at| words.instant(at)));
    }
    described
}
