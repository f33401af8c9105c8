//! What happened to a complaint: the append-only events of the two documents.

use serde::{Deserialize, Serialize};

use crate::attachment::{AttachedFile, AttachmentHash};
use crate::completeness::Missing;
use crate::id::{EventId, TrackingId};
use crate::notice::{self, NoticeVersion};
use crate::time::UnixMillis;
use crate::vocabulary::OfficeOutcome;

/// An event that an office writes into the intake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum IntakeEvent {
    /// The complaint was put on record.
    Recorded {
        /// What citizens were told about their data at that office then; none for what came from an older register.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "notice::lenient"
        )]
        notice: Option<NoticeVersion>,
    },
    /// A staff member found its substance clear.
    Verified {
        /// The fingerprint of the substance that was verified.
        substance: String,
    },
    /// The office handed it to the liaison.
    Forwarded {
        /// 1 for the first time, one more after each return.
        round: u32,
    },
    /// The complainant was asked and is now the one to act: deadlines pause.
    Asked {
        /// What the complainant was asked.
        question: String,
    },
    /// The complainant answered, or the office stopped waiting: deadlines run again.
    Answered {
        /// What came of it.
        note: String,
    },
    /// Somebody noted something.
    Noted {
        /// What was noted.
        note: String,
    },
    /// A file was attached.
    Attached(AttachedFile),
    /// A file was taken away again; the history keeps that it was there.
    Detached {
        /// Which one.
        hash: AttachmentHash,
    },
    /// The office closed it without handing it on.
    Closed {
        /// Why.
        outcome: OfficeOutcome,
        /// To whom it was referred, which other number it doubles.
        note: String,
    },
    /// The reporter's identity is not to be looked at for now (UU 27/2022, article 11).
    Restricted {
        /// Why: which letter asked for it. Never who.
        reason: String,
    },
    /// Restrictions end.
    RestrictionLifted {
        /// Which ones; others, set by who did not know of this, stay.
        lifts: Vec<EventId>,
        /// Why.
        reason: String,
    },
    /// Written by a newer program: kept, shown as such, without effect here.
    #[serde(other)]
    Unknown,
}

/// An event that the hub writes into the handling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HandlingEvent {
    /// A forwarded round arrived at the hub; written by the hub itself, by its own clock.
    Received {
        /// The round that arrived.
        round: u32,
    },
    /// The liaison took it.
    Accepted {
        /// The round that was taken.
        round: u32,
    },
    /// The liaison gave it back.
    Returned {
        /// The round that was given back.
        round: u32,
        /// What is missing.
        missing: Vec<Missing>,
        /// In the liaison's own words.
        reason: String,
    },
    /// The liaison typed it into LAPOR; a later one corrects the Tracking ID.
    Entered {
        /// The number that LAPOR gave.
        tracking_id: TrackingId,
    },
    /// The coordinator assigned it to an institution; a later one follows a re-assignment.
    Disposed {
        /// Which institution.
        institution: String,
    },
    /// LAPOR showed another status than before.
    StatusSeen {
        /// The status as LAPOR words it: the list is open.
        status: String,
    },
    /// Somebody noted something.
    Noted {
        /// What was noted.
        note: String,
    },
    /// The liaison closed it.
    Closed {
        /// Why.
        reason: String,
    },
    /// The reporter's identity is not to be looked at for now (UU 27/2022, article 11).
    Restricted {
        /// Why: which letter asked for it. Never who.
        reason: String,
    },
    /// Restrictions end.
    RestrictionLifted {
        /// Which ones; others, set by who did not know of this, stay.
        lifts: Vec<EventId>,
        /// Why.
        reason: String,
    },
    /// Written by a newer program: kept, shown as such, without effect here.
    #[serde(other)]
    Unknown,
}

/// What happened, in either document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// At the office.
    Intake(IntakeEvent),
    /// At the hub.
    Handling(HandlingEvent),
}

/// One event with who and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<T = What> {
    /// Its key in the document.
    pub id: EventId,
    /// When, by the clock of the machine that wrote it.
    pub at: UnixMillis,
    /// Whether that clock was known to be right.
    pub trusted: bool,
    /// The staff member who did it.
    pub staff: String,
    /// What happened.
    pub what: T,
}

/// An event as it stands in a document: one immutable JSON text under its ULID.
#[derive(Serialize, Deserialize)]
struct Written<T> {
    at: UnixMillis,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    untrusted: bool,
    by: String,
    #[serde(flatten)]
    what: T,
}

impl<T: Serialize + for<'de> Deserialize<'de>> Event<T> {
    /// Writes the event as the text that a document holds.
    pub fn to_text(&self) -> String
    where
        T: Clone,
    {
        let written = Written {
            at: self.at,
            untrusted: !self.trusted,
            by: self.staff.clone(),
            what: self.what.clone(),
        };
        serde_json::to_string(&written).expect("an event has only strings, numbers and lists in it")
    }

    /// Reads the text that a document holds; `None` if it is no event.
    pub fn from_text(id: EventId, text: &str) -> Option<Self> {
        let written: Written<T> = serde_json::from_str(text).ok()?;
        Some(Self {
            id,
            at: written.at,
            trusted: !written.untrusted,
            staff: written.by,
            what: written.what,
        })
    }
}

impl<T> Event<T> {
    /// Turns what happened into another form, keeping who and when.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Event<U> {
        Event {
            id: self.id,
            at: self.at,
            trusted: self.trusted,
            staff: self.staff,
            what: change(self.what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_back_and_a_newer_kind_is_kept_as_unknown() {
        let id = EventId::new(UnixMillis(1), [1; 10]);
        let event = Event {
            id,
            at: UnixMillis(1_774_000_000_000),
            trusted: false,
            staff: "siti".to_owned(),
            what: IntakeEvent::Forwarded { round: 2 },
        };
        let text = event.to_text();
        assert_eq!(
            text,
            r#"{"at":1774000000000,"untrusted":true,"by":"siti","kind":"forwarded","round":2}"#
        );
        assert_eq!(Event::from_text(id, &text), Some(event));
        let newer = Event::<IntakeEvent>::from_text(id, r#"{"at":1,"by":"x","kind":"teleported","to":[1]}"#);
        assert_eq!(newer.map(|event| event.what), Some(IntakeEvent::Unknown));
        assert_eq!(Event::<IntakeEvent>::from_text(id, "not json"), None);
    }

    #[test]
    fn a_restriction_reads_back_and_programs_from_before_leave_it_without_effect() {
        let (id, other) = (
            EventId::new(UnixMillis(1), [1; 10]),
            EventId::new(UnixMillis(2), [2; 10]),
        );
        let lifted = Event {
            id,
            at: UnixMillis(1_774_000_000_000),
            trusted: true,
            staff: "siti".to_owned(),
            what: HandlingEvent::RestrictionLifted {
                lifts: vec![other],
                reason: "surat 12".to_owned(),
            },
        };
        let text = lifted.to_text();
        assert_eq!(
            text,
            format!(
                r#"{{"at":1774000000000,"by":"siti","kind":"restriction_lifted","lifts":["{other}"],"reason":"surat 12"}}"#
            )
        );
        assert_eq!(Event::from_text(id, &text), Some(lifted));
        let restricted = r#"{"at":1774000000000,"by":"siti","kind":"restricted","reason":"surat 11"}"#;
        for text in [text.as_str(), restricted] {
            let before = Event::<BeforeNotices>::from_text(id, text).map(|event| event.what);
            assert_eq!(before, Some(BeforeNotices::Unknown));
        }
        // What names no event lifts nothing and is no event; the airlock keeps it out.
        assert_eq!(
            Event::<IntakeEvent>::from_text(id, &text.replace(&other.to_string(), "<b>")),
            None
        );
    }

    /// What a program from before notices makes of an event.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum BeforeNotices {
        Recorded,
        #[serde(other)]
        Unknown,
    }

    #[test]
    fn the_notice_is_kept_with_the_recording_which_older_programs_read_without_it() {
        let id = EventId::new(UnixMillis(1), [1; 10]);
        let recorded = |notice: Option<NoticeVersion>| Event {
            id,
            at: UnixMillis(1_774_000_000_000),
            trusted: true,
            staff: "siti".to_owned(),
            what: IntakeEvent::Recorded { notice },
        };
        let before = r#"{"at":1774000000000,"by":"siti","kind":"recorded"}"#;
        assert_eq!(recorded(None).to_text(), before);
        assert_eq!(Event::from_text(id, before), Some(recorded(None)));

        let told = recorded("0123456789ab".parse().ok());
        let text = told.to_text();
        assert_eq!(
            text,
            r#"{"at":1774000000000,"by":"siti","kind":"recorded","notice":"0123456789ab"}"#
        );
        assert_eq!(Event::from_text(id, &text), Some(told));
        let older = Event::<BeforeNotices>::from_text(id, &text).unwrap();
        assert_eq!((older.what, older.staff.as_str()), (BeforeNotices::Recorded, "siti"));

        for strange in [r#""notice":"<b>""#, r#""notice":["x"]"#, r#""notice":{"of":1}"#] {
            let text = format!(r#"{{"at":1774000000000,"by":"siti","kind":"recorded",{strange}}}"#);
            assert_eq!(Event::from_text(id, &text), Some(recorded(None)), "{strange}");
        }
    }
}
