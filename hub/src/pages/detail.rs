//! One complaint: what it says, what stands against what, which steps are open, and what happened.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use titian_domain::complaint::{Complaint, Conflict};
use titian_domain::completeness::Missing;
use titian_domain::deadline::{self, StepDeadline};
use titian_domain::particulars::Field;
use titian_domain::vocabulary::Stage;
use titian_host::audit::{self, Reveal};
use titian_host::people::Right;
use titian_host::subject::{CaseButton, look, may_look};
use titian_host::web::PageResult;

use super::attachments::{self, FileLine};
use super::reporter::ReporterView;
use super::timeline::{Happening, timeline};
use super::typed::Typed;
use super::words::{Due, Words, complaint_path};
use super::{Caller, Named, Pages, offices, sheet};
use crate::desk::Shown;

/// Which steps are open at the stage where a complaint stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// None: the office has it, or it is over.
    Nothing,
    /// Some, but not for this reader.
    ForOthers,
    /// To take it or give it back.
    Decide,
    /// To enter it in LAPOR, or to close it.
    Enter,
    /// To note what happens in LAPOR, or to close it.
    Watch,
}

struct FieldRow {
    label: &'static str,
    value: String,
    long: bool,
}

struct ConflictRow {
    label: &'static str,
    values: Vec<String>,
}

struct StepRow {
    label: &'static str,
    state: Due,
    why: String,
    begun: bool,
}

struct MissingChoice {
    item: Missing,
    words: &'static str,
}

/// Why the liaison may look behind the mask.
const REASONS: [Reveal; 3] = [Reveal::Transcribe, Reveal::Contact, Reveal::Request];

#[derive(Template)]
#[template(path = "detail.html")]
struct DetailPage<'a> {
    words: &'a Words,
    typed: &'a Typed,
    complaint: &'a Complaint,
    path: String,
    office: String,
    title: String,
    stage: &'static str,
    since: String,
    next: String,
    rounds: usize,
    notices: Vec<String>,
    conflicts: Vec<ConflictRow>,
    fields: Vec<FieldRow>,
    files: Vec<FileLine>,
    reporter: ReporterView,
    may_reveal: bool,
    is_revealed: bool,
    print: CaseButton,
    /// Whether the identity is restricted, and this reader may not look at it now.
    restricted_for_reader: bool,
    reasons: [Reveal; 3],
    /// Where what was done with it is listed, for those who may see that.
    trail: Option<String>,
    open: Open,
    missing: Vec<MissingChoice>,
    steps: Vec<StepRow>,
    timeline: Vec<Happening>,
}

/// Shows a complaint, its reporter masked.
pub async fn show(State(pages): State<Pages>, caller: Caller, Named(id): Named) -> PageResult {
    let shown = pages.desk.show(id).await.map_err(|error| caller.words.refusal(error))?;
    page(&pages, &caller, &shown, &Typed::default(), false).await
}

/// Shows a complaint with its reporter, once: the next look at it is masked again.
pub async fn reveal(
    State(pages): State<Pages>,
    caller: Caller,
    Named(id): Named,
    Form(form): Form<Vec<(String, String)>>,
) -> PageResult {
    let mut typed = Typed::new(form);
    let shown = pages.desk.show(id).await.map_err(|error| caller.words.refusal(error))?;
    let may = may_look(&shown.complaint, caller.staff.rights);
    let revealed = match Reveal::read(typed.raw("why")) {
        Some(why) => look(&pages.kit, &shown.complaint, &caller.staff, why).await?,
        None => false,
    };
    if !revealed {
        let refused = if may { "reveal-why-missing" } else { "restricted-who" };
        typed.refuse("why", caller.words.say(refused));
    }
    page(&pages, &caller, &shown, &typed, revealed).await
}

/// Gives the page of a complaint, with what was typed into one of its forms.
pub async fn page(pages: &Pages, caller: &Caller, shown: &Shown, typed: &Typed, revealed: bool) -> PageResult {
    let words = &caller.words;
    let complaint = &shown.complaint;
    let names = offices::names(pages, words).await?;
    let office = complaint.register.office.as_str();
    let open = Open::at(complaint.standing.stage, takes_steps(caller));
    let page = DetailPage {
        path: complaint_path(complaint.id),
        office: names.get(office).cloned().unwrap_or_else(|| office.to_owned()),
        title: words.title(&complaint.particulars.title),
        stage: complaint.standing.stage.label(words.lang),
        since: words.instant(complaint.stage_since()),
        next: next(complaint, words),
        rounds: complaint.standing.round as usize,
        notices: notices(shown, words),
        conflicts: conflicts(complaint, words),
        fields: fields(pages, complaint, words),
        files: attachments::lines(words, shown),
        reporter: ReporterView::new(shown, revealed, words),
        may_reveal: caller.may(Right::Reveal) && may_look(complaint, caller.staff.rights),
        is_revealed: revealed,
        print: CaseButton::new(
            &words.reader,
            &complaint_path(complaint.id),
            &REASONS,
            may_look(complaint, caller.staff.rights),
        ),
        restricted_for_reader: !may_look(complaint, caller.staff.rights),
        reasons: REASONS,
        trail: caller.may(Right::Audit).then(|| audit::trail_path(complaint.id)),
        missing: Missing::ALL
            .map(|item| MissingChoice {
                item,
                words: item.label(words.lang),
            })
            .into(),
        steps: steps(&shown.steps, words),
        timeline: timeline(complaint, words),
        open,
        complaint,
        typed,
        words,
    };
    let status = if typed.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    words.reader.page_with(status, complaint.register.to_string(), &page)
}

impl Open {
    fn at(stage: Stage, may_act: bool) -> Self {
        let open = match stage {
            Stage::Forwarded => Self::Decide,
            Stage::Accepted => Self::Enter,
            Stage::Entered | Stage::Disposed => Self::Watch,
            Stage::Recorded | Stage::Verified | Stage::Returned | Stage::Closed => Self::Nothing,
        };
        if may_act || open == Self::Nothing {
            open
        } else {
            Self::ForOthers
        }
    }
}

/// Tells whether the caller takes a liaison's steps.
fn takes_steps(caller: &Caller) -> bool {
    caller.may(Right::Accept) && caller.may(Right::Enter)
}

/// Says who is the one to act now.
fn next(complaint: &Complaint, words: &Words) -> String {
    words.say(match complaint.standing.stage {
        Stage::Recorded => "next-recorded",
        Stage::Verified => "next-verified",
        Stage::Forwarded => "next-forwarded",
        Stage::Returned => "next-returned",
        Stage::Accepted => "next-accepted",
        Stage::Entered => "next-entered",
        Stage::Disposed => "next-disposed",
        Stage::Closed => "next-closed",
    })
}

fn notices(shown: &Shown, words: &Words) -> Vec<String> {
    let complaint = &shown.complaint;
    let mut notices = Vec::new();
    let mut notice = |up: bool, key: &str| {
        if up {
            notices.push(words.say(key));
        }
    };
    notice(complaint.needs_reverification(), "changed-since-verified");
    notice(complaint.waits_for_complainant(), "waits-for-complainant");
    notice(shown.unmerged > 0, "not-merged");
    notice(complaint.is_restricted(), "restricted-now");
    notice(!complaint.particulars.answer.trim().is_empty(), "already-resolved");
    if let Some(kind) = complaint.particulars.out_of_scope {
        notices.push(words.say1("out-of-scope", "kind", kind.label(words.lang)));
    }
    notices
}

fn conflicts(complaint: &Complaint, words: &Words) -> Vec<ConflictRow> {
    let row = |conflict: &Conflict| ConflictRow {
        label: conflict.field.label(words.lang),
        values: words.contenders(conflict),
    };
    complaint.conflicts.iter().map(row).collect()
}

/// Lists what the complaint says, in the order of the form; the reporter stands apart.
fn fields(pages: &Pages, complaint: &Complaint, words: &Words) -> Vec<FieldRow> {
    let particulars = &complaint.particulars;
    let row = |field: Field| {
        let value = match field {
            Field::Title | Field::Region | Field::Reporter | Field::WhyNameless | Field::WhyUnreachable => return None,
            Field::Answer if particulars.answer.is_empty() => return None,
            Field::OutOfScope if particulars.out_of_scope.is_none() => return None,
            Field::Place => {
                let place = sheet::place(&particulars.place, &particulars.region, &pages.regions);
                if place.is_empty() {
                    words.say("value-empty")
                } else {
                    place
                }
            }
            field => words.value(field, &particulars.get(field)),
        };
        let long = matches!(field, Field::Narrative | Field::Answer);
        Some(FieldRow {
            label: field.label(words.lang),
            value,
            long,
        })
    };
    Field::ALL.into_iter().filter_map(row).collect()
}

fn steps(steps: &[StepDeadline], words: &Words) -> Vec<StepRow> {
    let row = |step: &StepDeadline| {
        let state = deadline::state(step, words.now);
        let class = words.due(state).class;
        StepRow {
            label: step.step.label(words.lang),
            state: Due {
                words: state.label(words.lang).to_owned(),
                class,
            },
            why: step.explanation.words(words.lang),
            begun: step.started.is_some(),
        }
    };
    steps.iter().map(row).collect()
}
