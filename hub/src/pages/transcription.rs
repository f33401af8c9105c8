//! The transcription sheet: the fields in LAPOR's order, each to be copied, and the Tracking ID back in.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use titian_domain::complaint::Complaint;
use titian_domain::vocabulary::Stage;
use titian_host::audit::Reveal;
use titian_host::people::Right;
use titian_host::web::PageResult;

use super::attachments::{self, FileLine};
use super::sheet::{Line, Reading};
use super::typed::Typed;
use super::words::{Words, complaint_path};
use super::{Caller, Named, Pages};
use crate::desk::Shown;

/// What the Tracking ID's form on this page says of where it stands.
pub const FROM: &str = "sheet";

#[derive(Template)]
#[template(path = "transcription.html")]
struct TranscriptionPage<'a> {
    words: &'a Words,
    typed: &'a Typed,
    complaint: &'a Complaint,
    path: String,
    title: String,
    lines: Vec<Line>,
    files: Vec<FileLine>,
    /// Whether something is behind the mask that this reader may see.
    may_reveal: bool,
    resolved: bool,
    /// Whether the Tracking ID can be noted at this stage, by this reader.
    may_enter: bool,
    /// Why it cannot be, where the stage is the reason.
    hint: Option<String>,
    why: &'static str,
    from: &'static str,
}

/// Shows the sheet, the reporter masked.
pub async fn show(State(pages): State<Pages>, caller: Caller, Named(id): Named) -> PageResult {
    let shown = pages.desk.show(id).await.map_err(|error| caller.words.refusal(error))?;
    page(&pages, &caller, &shown, &Typed::default(), false)
}

/// Shows the sheet with the reporter, once.
pub async fn reveal(
    State(pages): State<Pages>,
    caller: Caller,
    Named(id): Named,
    Form(form): Form<Vec<(String, String)>>,
) -> PageResult {
    let shown = pages.desk.show(id).await.map_err(|error| caller.words.refusal(error))?;
    let why = Reveal::read(Typed::new(form).raw("why"));
    if let Some(why) = why {
        why.note(&pages.kit, id, &caller.staff).await?;
    }
    page(&pages, &caller, &shown, &Typed::default(), why.is_some())
}

/// Gives the sheet of a complaint, with what was typed into the Tracking ID's form.
pub fn page(pages: &Pages, caller: &Caller, shown: &Shown, typed: &Typed, revealed: bool) -> PageResult {
    let words = &caller.words;
    let complaint = &shown.complaint;
    let reading = Reading {
        complaint,
        reporter: shown.reporter.as_ref(),
        revealed: revealed || shown.reporter.is_none(),
        regions: &pages.regions,
        zone: words.zone,
    };
    let lines = pages.sheet.lines(&reading, words.lang);
    let stage = complaint.standing.stage;
    let in_hand = matches!(stage, Stage::Accepted | Stage::Entered | Stage::Disposed);
    let page = TranscriptionPage {
        path: complaint_path(complaint.id),
        title: words.title(&complaint.particulars.title),
        may_reveal: caller.may(Right::Reveal) && lines.iter().any(|line| line.value.is_none()),
        resolved: !complaint.particulars.answer.trim().is_empty(),
        may_enter: in_hand && caller.may(Right::Enter),
        hint: (!in_hand).then(|| words.say1("sheet-not-yet", "stage", stage.label(words.lang))),
        why: Reveal::Transcribe.code(),
        from: FROM,
        files: attachments::lines(words, shown),
        lines,
        complaint,
        typed,
        words,
    };
    let status = if typed.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    words.reader.page_with(status, "sheet-title", &page)
}
