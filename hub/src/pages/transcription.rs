//! The transcription sheet: the fields in LAPOR's order, each to be copied, and the Tracking ID back in.
//!
//! Where the citizen's own words name people, nothing of them is copied before somebody has chosen: the redacted proposal, or
//! the words as they were written.

use std::collections::BTreeSet;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use titian_domain::complaint::Complaint;
use titian_domain::identity::{MentionKind, mentions, redacted};
use titian_domain::reporter::ReporterRecord;
use titian_domain::vocabulary::Stage;
use titian_host::audit::{self, Deed, Reveal};
use titian_host::people::{Right, Rights};
use titian_host::subject::{look, may_look};
use titian_host::web::PageResult;

use super::attachments::{self, FileLine};
use super::sheet::{Line, Reading, Source};
use super::typed::Typed;
use super::words::{Words, complaint_path};
use super::{Caller, Named, Pages};
use crate::desk::Shown;

/// What the Tracking ID's form on this page says of where it stands.
pub const FROM: &str = "sheet";

/// How words that name people go to LAPOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// With what they are in the place of numbers and names.
    Redacted,
    /// As the citizen said it.
    AsWritten,
}

/// What a reader has opened of the sheet, for this once.
#[derive(Clone, Copy, Default)]
pub struct Opened {
    /// Whether the reporter is shown.
    revealed: bool,
    /// How words that name people are copied; nothing of them is before that is chosen.
    wording: Option<Wording>,
}

impl Wording {
    const ALL: [Self; 2] = [Self::Redacted, Self::AsWritten];

    /// Gives the word that forms use, and the audit log.
    fn code(self) -> &'static str {
        match self {
            Self::Redacted => "redacted",
            Self::AsWritten => "as-written",
        }
    }
}

/// A line of the sheet on the page.
struct Row {
    label: String,
    /// What is to be copied; `None` while that is not open.
    value: Option<String>,
    /// Words that name people, before it is chosen how they are copied: piece by piece, and whether it names somebody.
    pieces: Vec<(bool, String)>,
    /// The same redacted.
    proposal: String,
}

#[derive(Template)]
#[template(path = "transcription.html")]
struct TranscriptionPage<'a> {
    words: &'a Words,
    typed: &'a Typed,
    complaint: &'a Complaint,
    path: String,
    title: String,
    rows: Vec<Row>,
    opened: Opened,
    /// What kinds of identities the citizen's words name.
    named: Vec<&'static str>,
    files: Vec<FileLine>,
    /// Whether something is behind the mask that this reader may see.
    may_reveal: bool,
    /// What this reader may open of it.
    rights: Rights,
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
    page(&pages, &caller, &shown, &Typed::default(), Opened::default())
}

/// Shows the sheet with more of it opened, once: the reporter, or words that name people. Each is noted first.
pub async fn open(
    State(pages): State<Pages>,
    caller: Caller,
    Named(id): Named,
    Form(form): Form<Vec<(String, String)>>,
) -> PageResult {
    let shown = pages.desk.show(id).await.map_err(|error| caller.words.refusal(error))?;
    let typed = Typed::new(form);
    let revealed = match Reveal::read(typed.raw("why")) {
        Some(why) => look(&pages.kit, &shown.complaint, &caller.staff, why).await?,
        None => false,
    };
    let is_chosen = |wording: &Wording| wording.code() == typed.raw("wording");
    let wording = Wording::ALL.into_iter().find(is_chosen);
    if let Some(wording) = wording {
        let who = (caller.staff.name.as_str(), Deed::WordingChosen);
        audit::note_alone(&pages.kit.store, &pages.kit.clock, who, Some(id), wording.code()).await?;
    }
    let opened = Opened { revealed, wording };
    page(&pages, &caller, &shown, &Typed::default(), opened)
}

/// Gives the sheet of a complaint, with what was typed into the Tracking ID's form.
pub fn page(pages: &Pages, caller: &Caller, shown: &Shown, typed: &Typed, opened: Opened) -> PageResult {
    let words = &caller.words;
    let complaint = &shown.complaint;
    let reading = Reading {
        complaint,
        reporter: shown.reporter.as_ref(),
        revealed: opened.revealed || shown.reporter.is_none(),
        regions: &pages.regions,
        zone: words.zone,
    };
    let lines = pages.sheet.lines(&reading, words.lang);
    let may_reveal = caller.may(Right::Reveal) && may_look(complaint, caller.staff.rights);
    let is_masked = lines.iter().any(|line| line.value.is_none());
    let mut named = BTreeSet::new();
    // Which of the names is the reporter's is a part of who they are.
    let reporter = shown.reporter.as_ref().filter(|_| may_reveal);
    let rows = lines
        .into_iter()
        .map(|line| row(line, reporter, opened, &mut named))
        .collect();
    let stage = complaint.standing.stage;
    let in_hand = matches!(stage, Stage::Accepted | Stage::Entered | Stage::Disposed);
    let page = TranscriptionPage {
        path: complaint_path(complaint.id),
        title: words.title(&complaint.particulars.title),
        rights: caller.staff.rights,
        may_reveal: may_reveal && is_masked,
        named: named.into_iter().map(|kind| kind.label(words.lang)).collect(),
        opened,
        resolved: !complaint.particulars.answer.trim().is_empty(),
        may_enter: in_hand && caller.may(Right::Enter),
        hint: (!in_hand).then(|| words.say1("sheet-not-yet", "stage", stage.label(words.lang))),
        why: Reveal::Transcribe.code(),
        from: FROM,
        files: attachments::lines(words, shown),
        rows,
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

/// Makes the row of a line. Words that name people stay closed until it is chosen how they are copied.
fn row(line: Line, reporter: Option<&ReporterRecord>, opened: Opened, named: &mut BTreeSet<MentionKind>) -> Row {
    let of_citizen = matches!(
        line.from,
        Source::Title | Source::Narrative | Source::Place | Source::Answer
    );
    let mut row = Row {
        label: line.label,
        value: line.value,
        pieces: Vec::new(),
        proposal: String::new(),
    };
    let Some(text) = row.value.clone().filter(|_| of_citizen) else {
        return row;
    };
    let found = mentions(&text, reporter);
    if found.is_empty() {
        return row;
    }
    named.extend(found.iter().map(|mention| mention.kind));
    row.proposal = redacted(&text, &found);
    row.value = opened.wording.map(|wording| match wording {
        Wording::Redacted => row.proposal.clone(),
        Wording::AsWritten => text.clone(),
    });
    let mut after = 0;
    for mention in found {
        row.pieces.push((false, text[after..mention.at.start].to_owned()));
        row.pieces.push((true, text[mention.at.clone()].to_owned()));
        after = mention.at.end;
    }
    row.pieces.push((false, text[after..].to_owned()));
    row
}
