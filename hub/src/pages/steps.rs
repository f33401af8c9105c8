//! The steps that the liaison takes with a complaint. Each ends on the page it came from, or says there what is wrong.

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use titian_domain::id::{ComplaintId, TrackingId};
use titian_domain::particulars::TEXT_CHARS_MAX;
use titian_domain::refusal::Refusal;
use titian_domain::vocabulary::Stage;
use titian_host::web::{PageError, PageResult, redirect_saying};

use super::typed::Typed;
use super::words::complaint_path;
use super::{Caller, Named, Pages, detail, transcription};
use crate::desk::{DeskError, Step};

/// Where pages look for what is wrong with the step as a whole.
const STEP: &str = "step";

/// A form as it came.
pub type Fields = Form<Vec<(String, String)>>;

/// Takes the complaint.
pub async fn accept(State(pages): State<Pages>, caller: Caller, Named(id): Named) -> PageResult {
    Taking {
        pages: &pages,
        caller: &caller,
        id,
    }
    .take(Step::Accept, Typed::default(), STEP, "notice-accepted")
    .await
}

/// Gives the complaint back to its office.
pub async fn give_back(State(pages): State<Pages>, caller: Caller, Named(id): Named, Form(form): Fields) -> PageResult {
    let mut typed = Typed::new(form);
    let missing = typed.missing();
    if missing.is_empty() {
        typed.refuse("missing", caller.words.say("return-missing-none"));
    }
    let reason = read_text(&mut typed, "reason", "return-reason-blank", &caller);
    let step = Step::GiveBack { missing, reason };
    Taking {
        pages: &pages,
        caller: &caller,
        id,
    }
    .take(step, typed, "reason", "notice-returned")
    .await
}

/// Notes the disposition by hand.
pub async fn dispose(State(pages): State<Pages>, caller: Caller, Named(id): Named, Form(form): Fields) -> PageResult {
    let mut typed = Typed::new(form);
    let institution = read_text(&mut typed, "institution", "dispose-blank", &caller);
    let step = Step::Dispose { institution };
    Taking {
        pages: &pages,
        caller: &caller,
        id,
    }
    .take(step, typed, "institution", "notice-disposed")
    .await
}

/// Closes the complaint.
pub async fn close(State(pages): State<Pages>, caller: Caller, Named(id): Named, Form(form): Fields) -> PageResult {
    let mut typed = Typed::new(form);
    let reason = read_text(&mut typed, "close_reason", "close-blank", &caller);
    Taking {
        pages: &pages,
        caller: &caller,
        id,
    }
    .take(Step::Close { reason }, typed, "close_reason", "notice-closed")
    .await
}

/// Notes the Tracking ID that LAPOR gave. The form stands on two pages; what is wrong is said on the one it came from.
pub async fn enter(State(pages): State<Pages>, caller: Caller, Named(id): Named, Form(form): Fields) -> PageResult {
    let mut typed = Typed::new(form);
    let taking = Taking {
        pages: &pages,
        caller: &caller,
        id,
    };
    // People copy the number with blanks or with the sign that LAPOR puts before it.
    let number: String = typed
        .text("tracking_id")
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '#')
        .collect();
    if let Ok(tracking_id) = number.parse::<TrackingId>() {
        return taking
            .take(Step::Enter { tracking_id }, typed, "tracking_id", "notice-entered")
            .await;
    }
    let key = if number.is_empty() {
        "tracking-blank"
    } else {
        "tracking-wrong"
    };
    typed.refuse("tracking_id", caller.words.say(key));
    taking.show_again(&typed).await
}

/// A step that somebody takes with a complaint.
struct Taking<'a> {
    pages: &'a Pages,
    caller: &'a Caller,
    id: ComplaintId,
}

impl Taking<'_> {
    /// Takes the step, unless the form is refused already. A refusal of the desk is said beside `field`.
    async fn take(&self, step: Step, mut typed: Typed, field: &'static str, done: &'static str) -> PageResult {
        if typed.is_refused() {
            return self.show_again(&typed).await;
        }
        let words = &self.caller.words;
        let accepting = matches!(step, Step::Accept);
        match self.pages.desk.step(&self.caller.staff.full_name, self.id, step).await {
            Ok(true) => Ok(self.go_on(done)),
            Ok(false) | Err(DeskError::Refused(Refusal::SameTrackingId)) => Ok(self.go_on("notice-nothing-new")),
            // A button that was pressed twice: what was asked for holds.
            Err(DeskError::Refused(Refusal::NotNow { stage, .. })) if accepting && stage == Stage::Accepted => {
                Ok(self.go_on("notice-nothing-new"))
            }
            // Somebody else was faster, and the form may be gone from the page: so this is not said beside its field.
            Err(DeskError::Refused(refusal @ Refusal::NotNow { .. })) => {
                typed.refuse(STEP, refusal.words(words.lang));
                self.show_again(&typed).await
            }
            Err(DeskError::Refused(refusal)) => {
                typed.refuse(field, refusal.words(words.lang));
                self.show_again(&typed).await
            }
            Err(DeskError::TrackingIdTaken { register }) => {
                typed.refuse(field, words.say1("tracking-taken", "register", register));
                self.show_again(&typed).await
            }
            Err(error) => Err(words.refusal(error)),
        }
    }

    /// Shows the page again that the form came from, with what was typed and what is wrong.
    async fn show_again(&self, typed: &Typed) -> Result<Response, PageError> {
        let shown = self
            .pages
            .desk
            .show(self.id)
            .await
            .map_err(|error| self.caller.words.refusal(error))?;
        if typed.has("from", transcription::FROM) {
            transcription::page(self.pages, self.caller, &shown, typed, transcription::Opened::default())
        } else {
            detail::page(self.pages, self.caller, &shown, typed, false).await
        }
    }

    fn go_on(&self, key: &'static str) -> Response {
        redirect_saying(&complaint_path(self.id), key, &[])
    }
}

/// Reads a text that must say something, and not too much.
fn read_text(typed: &mut Typed, name: &'static str, blank: &'static str, caller: &Caller) -> String {
    let text = typed.text(name);
    if text.is_empty() {
        typed.refuse(name, caller.words.say(blank));
    } else if text.chars().count() > TEXT_CHARS_MAX {
        typed.refuse(name, caller.words.say1("text-too-long", "max", TEXT_CHARS_MAX));
    }
    text
}
