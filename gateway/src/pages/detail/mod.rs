//! One complaint: its page, and every step that the office can take with it.

mod steps;
mod view;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use titian_domain::document::Heads;
use titian_domain::id::ComplaintId;
use titian_domain::particulars::Field;
use titian_domain::refusal::Refusal;
use titian_domain::vocabulary::OfficeOutcome;
use titian_host::audit::Reveal;
use titian_host::facts::Facts;
use titian_host::subject::{look, may_look};
use titian_host::web::{PageError, PageResult, redirect_saying};

pub use self::steps::STEPS;
use self::steps::{ANSWERED, ASK, Attempt, CLOSE, FORWARD, NOTE, VERIFY};
use self::view::Building;
pub use self::view::{Mode, hints_on_text, masked_line};
use super::Pages;
use super::typed::Typed;
use super::visitor::Visitor;
use super::words::complaint_path;
use crate::desk::{Desk, DeskError, Step};

/// Shows a complaint, its reporter masked.
pub async fn show(
    State(desk): State<Desk>,
    State(facts): State<Facts>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    page(&desk, &facts, &visitor, complaint_id(&id)?, Mode::default()).await
}

/// Shows a complaint with its reporter, for this once.
pub async fn reveal(State(pages): State<Pages>, visitor: Visitor, Path(id): Path<String>, typed: Typed) -> PageResult {
    let id = complaint_id(&id)?;
    let shown = pages.desk.show(id).await.map_err(|error| visitor.trouble(error))?;
    let may = may_look(&shown.complaint, visitor.staff.rights);
    let revealed = match Reveal::read(typed.raw("why")) {
        Some(why) => look(&pages.kit, &shown.complaint, &visitor.staff, why).await?,
        None => false,
    };
    let refused = if may { "reveal-why-missing" } else { "restricted-who" };
    let mode = Mode {
        revealed,
        failure: (!revealed).then(|| visitor.words.say(refused)),
        ..Mode::default()
    };
    page(&pages.desk, &pages.facts, &visitor, id, mode).await
}

/// Takes a step with a complaint.
pub async fn take(
    name: &'static str,
    State(desk): State<Desk>,
    State(facts): State<Facts>,
    visitor: Visitor,
    Path(id): Path<String>,
    typed: Typed,
) -> PageResult {
    let id = complaint_id(&id)?;
    let note = typed.text("note");
    let outcome = typed.text("outcome").parse::<OfficeOutcome>();
    let (notice, step) = match name {
        VERIFY => ("notice-verified", Some(Step::Verify)),
        FORWARD => ("notice-forwarded", Some(Step::Forward)),
        ASK => ("notice-asked", Some(Step::Ask { question: note })),
        ANSWERED => ("notice-answered", Some(Step::Answered { note })),
        NOTE => ("notice-noted", Some(Step::Note { note })),
        CLOSE => (
            "notice-closed",
            outcome.ok().map(|outcome| Step::Close { outcome, note }),
        ),
        _ => return Err(PageError::not_found()),
    };
    let refusal = match step {
        None => visitor.words.say("error-outcome"),
        Some(step) => match desk.step(&visitor.staff.full_name, id, step).await {
            Ok(_) => return Ok(redirect_saying(&complaint_path(id), notice, &[])),
            Err(DeskError::Refused(Refusal::Blank { .. })) => visitor.words.say("error-note-blank"),
            Err(DeskError::Refused(Refusal::TooLong { max, .. })) => visitor.words.say1("error-note-long", "max", max),
            Err(DeskError::Refused(refusal)) => refusal.words(visitor.words.lang),
            Err(error) => return Err(visitor.trouble(error)),
        },
    };
    let mode = if matches!(name, VERIFY | FORWARD) {
        Mode {
            failure: Some(refusal),
            ..Mode::default()
        }
    } else {
        let (note, outcome) = (typed.raw("note").to_owned(), typed.raw("outcome").to_owned());
        Mode {
            attempt: Some(Attempt {
                name,
                note,
                outcome,
                problem: refusal,
            }),
            ..Mode::default()
        }
    };
    page(&desk, &facts, &visitor, id, mode).await
}

/// Chooses between values that stand against each other.
pub async fn settle(
    State(desk): State<Desk>,
    State(facts): State<Facts>,
    visitor: Visitor,
    Path(id): Path<String>,
    typed: Typed,
) -> PageResult {
    let id = complaint_id(&id)?;
    let shown = desk.show(id).await.map_err(|error| visitor.trouble(error))?;
    let field = typed
        .raw("field")
        .parse::<Field>()
        .map_err(|_| PageError::not_found())?;
    // The place in the list means something only for the state that the reader saw.
    let same = typed
        .raw("heads")
        .parse::<Heads>()
        .is_ok_and(|seen| seen == shown.heads);
    let conflict = shown
        .complaint
        .conflicts
        .iter()
        .find(|conflict| same && conflict.field == field);
    let chosen = conflict.zip(typed.raw("choice").parse::<usize>().ok());
    let chosen = chosen.and_then(|(conflict, index)| conflict.contenders.get(index));
    let refusal = match chosen {
        None => Refusal::StalePage,
        Some(contender) => {
            let step = Step::Settle {
                field,
                chosen: contender.value.clone(),
            };
            match desk.step(&visitor.staff.full_name, id, step).await {
                Ok(_) => return Ok(redirect_saying(&complaint_path(id), "notice-settled", &[])),
                Err(DeskError::Refused(refusal)) => refusal,
                Err(error) => return Err(visitor.trouble(error)),
            }
        }
    };
    let mode = Mode {
        failure: Some(refusal.words(visitor.words.lang)),
        ..Mode::default()
    };
    page(&desk, &facts, &visitor, id, mode).await
}

/// Reads the id in an address. What is none has no page.
pub fn complaint_id(text: &str) -> Result<ComplaintId, PageError> {
    text.parse().map_err(|_| PageError::not_found())
}

/// Gives the page of a complaint.
pub async fn page(desk: &Desk, facts: &Facts, visitor: &Visitor, id: ComplaintId, mode: Mode) -> PageResult {
    let shown = desk.show(id).await.map_err(|error| visitor.trouble(error))?;
    let refused = mode.failure.is_some() || mode.attempt.is_some() || !mode.unfit.is_empty();
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let building = Building {
        reader: &visitor.reader,
        words: &visitor.words,
        regions: &facts.regions,
        now: desk.now(),
        rights: visitor.staff.rights,
    };
    let title = visitor
        .words
        .say1("detail-heading", "register", shown.complaint.register.to_string());
    visitor.reader.page_with(status, title, &building.page(&shown, mode))
}
