//! What happened to a complaint, in words: the events of both documents.

use titian_domain::attachment::tidy_name;
use titian_domain::complaint::Complaint;
use titian_domain::completeness::Missing;
use titian_domain::event::{Event, HandlingEvent, IntakeEvent, What};

use super::words::Words;

/// One event on a screen.
pub struct Line {
    /// What happened.
    pub what: String,
    /// What was said about it.
    pub note: String,
    /// When.
    pub when: String,
    /// Who did it.
    pub who: String,
    /// Whether the clock was known to be right.
    pub trusted: bool,
}

/// Lists what happened, oldest first: as the procedure runs, and as the hub shows it.
pub fn lines(words: &Words, complaint: &Complaint) -> Vec<Line> {
    complaint.timeline().iter().map(|event| line(words, event)).collect()
}

fn line(words: &Words, event: &Event) -> Line {
    let (place, (what, note)) = match &event.what {
        What::Intake(what) => (words.say("timeline-at-office"), intake(words, what)),
        What::Handling(what) => (words.say("timeline-at-hub"), handling(words, what)),
    };
    // What the hub did by itself is signed with its own name.
    let by_program = event.staff.is_empty() || event.staff == "hub";
    let who = if by_program {
        place
    } else {
        format!("{}, {place}", event.staff)
    };
    Line {
        what,
        note,
        when: words.instant(event.at),
        who,
        trusted: event.trusted,
    }
}

fn intake(words: &Words, what: &IntakeEvent) -> (String, String) {
    let none = String::new;
    match what {
        IntakeEvent::Recorded { .. } => (words.say("event-recorded"), none()),
        IntakeEvent::Verified { .. } => (words.say("event-verified"), none()),
        IntakeEvent::Forwarded { round: 1 } => (words.say("event-forwarded"), none()),
        IntakeEvent::Forwarded { round } => (words.say1("event-forwarded-again", "round", *round), none()),
        IntakeEvent::Asked { question } => (words.say("event-asked"), question.clone()),
        IntakeEvent::Answered { note } => (words.say("event-answered"), note.clone()),
        IntakeEvent::Noted { note } => (words.say("event-noted"), note.clone()),
        IntakeEvent::Attached(file) => (words.say("event-attached"), tidy_name(&file.name)),
        IntakeEvent::Detached { .. } => (words.say("event-detached"), none()),
        IntakeEvent::Closed { outcome, note } => (
            words.say1("event-closed-at-office", "outcome", outcome.label(words.lang)),
            note.clone(),
        ),
        IntakeEvent::Restricted { reason } => (words.say("held-restricted"), reason.clone()),
        IntakeEvent::RestrictionLifted { reason, .. } => (words.say("held-restriction-lifted"), reason.clone()),
        IntakeEvent::Unknown => (words.say("event-unknown"), none()),
    }
}

fn handling(words: &Words, what: &HandlingEvent) -> (String, String) {
    let none = String::new;
    match what {
        HandlingEvent::Received { .. } => (words.say("event-received"), none()),
        HandlingEvent::Accepted { .. } => (words.say("event-accepted"), none()),
        HandlingEvent::Returned { missing, reason, .. } => (words.say("event-returned"), said(words, missing, reason)),
        HandlingEvent::Entered { tracking_id } => (
            words.say1("event-entered", "tracking_id", tracking_id.as_str().to_owned()),
            none(),
        ),
        HandlingEvent::Disposed { institution } => (words.say("event-disposed"), institution.clone()),
        HandlingEvent::StatusSeen { status } => (words.say("event-status-seen"), status.clone()),
        HandlingEvent::Noted { note } => (words.say("event-noted"), note.clone()),
        HandlingEvent::Closed { reason } => (words.say("event-closed"), reason.clone()),
        HandlingEvent::Restricted { reason } => (words.say("held-restricted"), reason.clone()),
        HandlingEvent::RestrictionLifted { reason, .. } => (words.say("held-restriction-lifted"), reason.clone()),
        HandlingEvent::Unknown => (words.say("event-unknown"), none()),
    }
}

/// Says what was missing on one line, and why it was returned on the next.
fn said(words: &Words, missing: &[Missing], reason: &str) -> String {
    if missing.is_empty() {
        return reason.to_owned();
    }
    let items = Missing::labels(missing, words.lang);
    format!("{}\n{reason}", words.say1("event-returned-missing", "items", items))
}
