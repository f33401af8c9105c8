//! Identities whose time is over: proposals to destroy them, the decision, and the record of what was destroyed.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use titian_domain::vocabulary::Classification;
use titian_host::casebook::edit::EditError;
use titian_host::web::{PageError, PageResult, redirect, redirect_saying};

use super::typed::Typed;
use super::words::Words;
use super::{Caller, Pages};
use crate::store::retention::{Proposal, Proposed, RetentionError, Standing, Time, Verdict};

/// Where proposals are listed.
const PATH: &str = "/retensi";
/// A reason is a sentence: the decree's number, what speaks against it.
const REASON_LETTERS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "retention.html")]
struct RetentionPage<'a> {
    words: &'a Words,
    /// Each class with its time, in words.
    times: Vec<(String, String)>,
    standing: Standing,
    /// The one that waits for a decision.
    waiting: Option<i64>,
    proposals: Vec<Listed>,
}

struct Listed {
    number: i64,
    made: String,
    rows: usize,
    outcome: String,
}

#[derive(Template)]
#[template(path = "retention_record.html")]
struct RecordPage<'a> {
    words: &'a Words,
    path: String,
    is_open: bool,
    facts: Vec<(String, String)>,
    rows: Vec<Line>,
    reason: String,
    problem: Option<String>,
}

struct Line {
    register: String,
    class: &'static str,
    years: u32,
    finished: String,
    outcome: String,
}

/// Shows the times, what is over, and the proposals.
pub async fn show(State(pages): State<Pages>, caller: Caller) -> PageResult {
    let words = &caller.words;
    let time = pages.time(words);
    let standing = pages.desk.store.at_end_of_time(time).await?;
    let proposals = pages.desk.store.proposals().await?;
    let waiting = proposals
        .iter()
        .find(|one| one.decision.is_none())
        .map(|one| one.number);
    let told = |class: &Classification| {
        let years = time.periods.years(*class);
        let told = years.map_or_else(
            || words.say("retention-unset"),
            |years| words.say1("retention-years", "years", years),
        );
        (class.label(words.lang).to_owned(), told)
    };
    let page = RetentionPage {
        words,
        times: Classification::ALL.iter().map(told).collect(),
        standing,
        waiting,
        proposals: proposals.iter().map(|one| listed(words, one)).collect(),
    };
    words.reader.page("retention-title", &page)
}

/// Proposes what is over.
pub async fn propose(State(pages): State<Pages>, caller: Caller) -> PageResult {
    let proposing = pages
        .desk
        .store
        .propose_destruction(pages.time(&caller.words), caller.staff.name);
    match proposing.await {
        Ok(number) | Err(RetentionError::Waiting(number)) => Ok(redirect(&format!("{PATH}/{number}"))),
        Err(RetentionError::Nothing) => Ok(redirect_saying(PATH, "warning-retention-nothing", &[])),
        Err(error) => Err(error.into()),
    }
}

/// Shows a proposal, or the record of what was destroyed.
pub async fn record(State(pages): State<Pages>, caller: Caller, Path(number): Path<i64>) -> PageResult {
    page(&pages, &caller.words, number, (String::new(), None)).await
}

/// Destroys what a proposal names.
pub async fn destroy(
    state: State<Pages>,
    caller: Caller,
    path: Path<i64>,
    form: Form<Vec<(String, String)>>,
) -> PageResult {
    decide(state, caller, (path, Verdict::Destroy), form).await
}

/// Keeps what a proposal names.
pub async fn keep(
    state: State<Pages>,
    caller: Caller,
    path: Path<i64>,
    form: Form<Vec<(String, String)>>,
) -> PageResult {
    decide(state, caller, (path, Verdict::Keep), form).await
}

async fn decide(
    State(pages): State<Pages>,
    caller: Caller,
    (Path(number), verdict): (Path<i64>, Verdict),
    Form(form): Form<Vec<(String, String)>>,
) -> PageResult {
    let words = &caller.words;
    let reason = Typed::new(form).text("reason");
    if reason.is_empty() || reason.chars().count() > REASON_LETTERS_MAX {
        let problem = words.say1("retention-reason-wrong", "letters", REASON_LETTERS_MAX);
        return page(&pages, words, number, (reason, Some(problem))).await;
    }
    let (desk, time) = (&pages.desk, pages.time(words));
    let by = (caller.staff.name, reason.clone());
    let deciding = desk
        .store
        .decide_destruction(desk.rules.clone(), time, (number, verdict), by);
    let destroyed = match deciding.await {
        Ok(destroyed) => destroyed.to_string(),
        Err(RetentionError::NamesThem(_)) => {
            let problem = words.say("subject-reason-names");
            return page(&pages, words, number, (reason, Some(problem))).await;
        }
        Err(error) => return Err(error.into()),
    };
    Ok(redirect_saying(
        &format!("{PATH}/{number}"),
        "notice-retention-decided",
        &[("count", &destroyed)],
    ))
}

async fn page(pages: &Pages, words: &Words, number: i64, (reason, problem): (String, Option<String>)) -> PageResult {
    let found = pages.desk.store.proposal(number).await?;
    let (proposal, rows) = found.ok_or_else(PageError::not_found)?;
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let record = RecordPage {
        path: format!("{PATH}/{number}"),
        is_open: proposal.decision.is_none(),
        facts: facts(words, &proposal),
        rows: rows.into_iter().map(|row| line(words, row)).collect(),
        words,
        reason,
        problem,
    };
    let title = if record.is_open {
        "retention-proposal"
    } else {
        "retention-record"
    };
    words
        .reader
        .page_with(status, words.say1(title, "number", number), &record)
}

fn facts(words: &Words, proposal: &Proposal) -> Vec<(String, String)> {
    let mut facts = vec![
        (words.say("retention-made"), words.instant(proposal.made_at)),
        (words.say("retention-made-by"), proposal.made_by.clone()),
        (words.say("retention-rows"), proposal.rows.to_string()),
    ];
    if let Some(decision) = &proposal.decision {
        facts.extend([
            (words.say("retention-decided"), words.instant(decision.at)),
            (words.say("retention-decided-by"), decision.by.clone()),
            (words.say("retention-destroyed"), decision.destroyed.to_string()),
            (words.say("retention-reason"), decision.reason.clone()),
        ]);
    }
    facts
}

fn line(words: &Words, Proposed { over, destroyed }: Proposed) -> Line {
    Line {
        class: over.class.label(words.lang),
        years: over.years,
        finished: words.day(over.finished_at),
        register: over.register,
        outcome: words.say(match destroyed {
            None => "retention-outcome-proposed",
            Some(true) => "retention-outcome-destroyed",
            Some(false) => "retention-outcome-kept",
        }),
    }
}

fn listed(words: &Words, one: &Proposal) -> Listed {
    Listed {
        number: one.number,
        made: words.day(one.made_at),
        rows: one.rows,
        outcome: match &one.decision {
            None => words.say("retention-waits"),
            Some(decision) => words.say1("retention-destroyed-count", "count", decision.destroyed),
        },
    }
}

impl Pages {
    fn time(&self, words: &Words) -> Time {
        Time {
            periods: self.periods,
            zone: words.zone,
            now: words.now,
        }
    }
}

impl From<RetentionError> for PageError {
    fn from(error: RetentionError) -> Self {
        match error {
            RetentionError::NotFound(_) => Self::not_found(),
            RetentionError::Decided(_) => Self::user(
                StatusCode::CONFLICT,
                "retention-decided-already",
                "retention-decided-next",
            ),
            RetentionError::Edit(EditError::Store(error)) => error.into(),
            error => Self::Internal(error.into()),
        }
    }
}
