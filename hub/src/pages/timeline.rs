//! The timeline of a complaint in words: one sentence for each thing that happened.

use titian_domain::attachment::tidy_name;
use titian_domain::complaint::Complaint;
use titian_domain::completeness::Missing;
use titian_domain::event::{Event, HandlingEvent, IntakeEvent, What};

use super::words::Words;

/// One thing that happened.
pub struct Happening {
    /// When, by the clock of the machine that wrote it.
    pub when: String,
    /// Whether that clock was known to be right.
    pub trusted: bool,
    /// Who did it.
    pub staff: String,
    /// What happened.
    pub words: String,
    /// What was said about it: a reason, a question, a note; may be empty.
    pub said: String,
}

/// Tells all that happened, oldest first.
pub fn timeline(complaint: &Complaint, words: &Words) -> Vec<Happening> {
    complaint
        .timeline()
        .into_iter()
        .map(|event| happening(event, words))
        .collect()
}

fn happening(event: Event, words: &Words) -> Happening {
    let (told, said) = match event.what {
        What::Intake(what) => at_the_office(what, words),
        What::Handling(what) => at_the_hub(what, words),
    };
    Happening {
        when: words.instant(event.at),
        trusted: event.trusted,
        staff: event.staff,
        words: told,
        said,
    }
}

fn at_the_office(what: IntakeEvent, words: &Words) -> (String, String) {
    match what {
        IntakeEvent::Recorded { .. } => (words.say("event-recorded"), String::new()),
        IntakeEvent::Verified { .. } => (words.say("event-verified"), String::new()),
        IntakeEvent::Forwarded { round: ..=1 } => (words.say("event-forwarded"), String::new()),
        IntakeEvent::Forwarded { round } => (words.say_count("event-forwarded-again", round as usize), String::new()),
        IntakeEvent::Asked { question } => (words.say("event-asked"), question),
        IntakeEvent::Answered { note } => (words.say("event-answered"), note),
        IntakeEvent::Noted { note } => (words.say("event-noted"), note),
        IntakeEvent::Attached(file) => (words.say("event-attached"), tidy_name(&file.name)),
        IntakeEvent::Detached { .. } => (words.say("event-detached"), String::new()),
        IntakeEvent::Closed { outcome, note } => (
            words.say1("event-closed-at-office", "outcome", outcome.label(words.lang)),
            note,
        ),
        IntakeEvent::Restricted { reason } => (words.say("held-restricted"), reason),
        IntakeEvent::RestrictionLifted { reason, .. } => (words.say("held-restriction-lifted"), reason),
        IntakeEvent::Unknown => (words.say("event-unknown"), String::new()),
    }
}

fn at_the_hub(what: HandlingEvent, words: &Words) -> (String, String) {
    match what {
        HandlingEvent::Received { .. } => (words.say("event-received"), String::new()),
        HandlingEvent::Accepted { .. } => (words.say("event-accepted"), String::new()),
        HandlingEvent::Returned { missing, reason, .. } => (words.say("event-returned"), said(&missing, reason, words)),
        HandlingEvent::Entered { tracking_id } => (words.say1("event-entered", "tracking", tracking_id), String::new()),
        HandlingEvent::Disposed { institution } => {
            (words.say1("event-disposed", "institution", institution), String::new())
        }
        HandlingEvent::StatusSeen { status } => (words.say1("event-status", "status", status), String::new()),
        HandlingEvent::Noted { note } => (words.say("event-noted"), note),
        HandlingEvent::Closed { reason } => (words.say("event-closed"), reason),
        HandlingEvent::Restricted { reason } => (words.say("held-restricted"), reason),
        HandlingEvent::RestrictionLifted { reason, .. } => (words.say("held-restriction-lifted"), reason),
        HandlingEvent::Unknown => (words.say("event-unknown"), String::new()),
    }
}

/// Says what was missing on one line, and why it was returned on the next.
fn said(missing: &[Missing], reason: String, words: &Words) -> String {
    if missing.is_empty() {
        return reason;
    }
    let items = Missing::labels(missing, words.lang);
    format!("{}\n{reason}", words.say1("event-returned-missing", "items", items))
}
