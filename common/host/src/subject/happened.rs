//! What happened to a complaint, in the words of a file that is handed out.

use titian_domain::attachment::tidy_name;
use titian_domain::completeness::Missing;
use titian_domain::event::{HandlingEvent, IntakeEvent, What};

use crate::texts::Speech;

/// Says where it happened.
pub(super) fn place(speech: &Speech, what: &What) -> String {
    speech.say(match what {
        What::Intake(_) => "held-at-office",
        What::Handling(_) => "held-at-hub",
    })
}

/// Says what happened, and what somebody wrote about it.
pub(super) fn happened(speech: &Speech, what: &What) -> (String, String) {
    match what {
        What::Intake(what) => intake(speech, what),
        What::Handling(what) => handling(speech, what),
    }
}

fn intake(speech: &Speech, what: &IntakeEvent) -> (String, String) {
    let none = String::new;
    match what {
        IntakeEvent::Recorded { .. } => (speech.say("held-recorded"), none()),
        IntakeEvent::Verified { .. } => (speech.say("held-verified"), none()),
        IntakeEvent::Forwarded { round } => (speech.say1("held-forwarded", "round", round), none()),
        IntakeEvent::Asked { question } => (speech.say("held-asked"), question.clone()),
        IntakeEvent::Answered { note } => (speech.say("held-answered"), note.clone()),
        IntakeEvent::Noted { note } => (speech.say("held-noted"), note.clone()),
        IntakeEvent::Attached(file) => (speech.say("held-attached"), tidy_name(&file.name)),
        IntakeEvent::Detached { hash } => (speech.say("held-detached"), format!("{hash:.12}")),
        IntakeEvent::Closed { outcome, note } => (
            speech.say1("held-closed-at-office", "outcome", outcome.label(speech.lang)),
            note.clone(),
        ),
        IntakeEvent::Restricted { reason } => (speech.say("held-restricted"), reason.clone()),
        IntakeEvent::RestrictionLifted { reason, .. } => (speech.say("held-restriction-lifted"), reason.clone()),
        IntakeEvent::Unknown => (speech.say("held-unknown"), none()),
    }
}

fn handling(speech: &Speech, what: &HandlingEvent) -> (String, String) {
    let none = String::new;
    match what {
        HandlingEvent::Received { round } => (speech.say1("held-received", "round", round), none()),
        HandlingEvent::Accepted { .. } => (speech.say("held-accepted"), none()),
        HandlingEvent::Returned { missing, reason, .. } if missing.is_empty() => {
            (speech.say("held-returned"), reason.clone())
        }
        HandlingEvent::Returned { missing, reason, .. } => {
            let items = Missing::labels(missing, speech.lang);
            (speech.say1("held-returned-missing", "items", items), reason.clone())
        }
        HandlingEvent::Entered { tracking_id } => (speech.say1("held-entered", "tracking", tracking_id), none()),
        HandlingEvent::Disposed { institution } => (speech.say("held-disposed"), institution.clone()),
        HandlingEvent::StatusSeen { status } => (speech.say("held-status"), status.clone()),
        HandlingEvent::Noted { note } => (speech.say("held-noted"), note.clone()),
        HandlingEvent::Closed { reason } => (speech.say("held-closed"), reason.clone()),
        HandlingEvent::Restricted { reason } => (speech.say("held-restricted"), reason.clone()),
        HandlingEvent::RestrictionLifted { reason, .. } => (speech.say("held-restriction-lifted"), reason.clone()),
        HandlingEvent::Unknown => (speech.say("held-unknown"), none()),
    }
}
