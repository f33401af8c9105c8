//! A complaint as one reads it: fields, conflicts, events, and where it stands.

use crate::attachment::{self, Attachment};
use crate::document::{Contender, Document};
use crate::event::{Event, HandlingEvent, IntakeEvent, What};
use crate::id::{ComplaintId, RegisterNumber, TrackingId};
use crate::notice::NoticeVersion;
use crate::particulars::{Field, Particulars};
use crate::stage::{Standing, standing};
use crate::time::UnixMillis;
use crate::vocabulary::Channel;

/// A field with more than one value, written by people who did not know of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which field.
    pub field: Field,
    /// The values, with who and when. The one that shows in [`Complaint::particulars`] is the same on every replica.
    pub contenders: Vec<Contender>,
}

/// All that a case file says, as plain values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its identity.
    pub id: ComplaintId,
    /// The office's own number.
    pub register: RegisterNumber,
    /// What the complaint says.
    pub particulars: Particulars,
    /// Fields with several values.
    pub conflicts: Vec<Conflict>,
    /// What happened at the office, by id.
    pub intake_events: Vec<Event<IntakeEvent>>,
    /// What happened at the hub, by id.
    pub handling_events: Vec<Event<HandlingEvent>>,
    /// Where it stands.
    pub standing: Standing,
    /// LAPOR's number.
    pub tracking_id: Option<TrackingId>,
    /// The institution that the coordinator assigned it to.
    pub disposed_to: Option<String>,
    /// The status that LAPOR showed last.
    pub lapor_status: Option<String>,
}

impl Complaint {
    pub(crate) fn read(id: ComplaintId, intake: &Document, handling: &Document) -> Option<Self> {
        let register = intake.text("register")?.parse().ok()?;
        let conflict = |field: Field| {
            let contenders = intake.contenders(field.code());
            (!contenders.is_empty()).then_some(Conflict { field, contenders })
        };
        let intake_events = read_events(intake);
        let handling_events = read_events(handling);
        let standing = standing(&intake_events, &handling_events);
        // Of several, the one with the highest id: the same on every replica, and the latest by the hub's clock.
        let last = |pick: fn(&HandlingEvent) -> Option<String>| {
            handling_events
                .iter()
                .rev()
                .find_map(|event: &Event<HandlingEvent>| pick(&event.what))
        };
        let tracking_id = last(|what| match what {
            HandlingEvent::Entered { tracking_id } => Some(tracking_id.to_string()),
            _ => None,
        });
        let disposed_to = last(|what| match what {
            HandlingEvent::Disposed { institution } => Some(institution.clone()),
            _ => None,
        });
        let lapor_status = last(|what| match what {
            HandlingEvent::StatusSeen { status } => Some(status.clone()),
            _ => None,
        });
        Some(Self {
            id,
            register,
            particulars: particulars(intake),
            conflicts: Field::ALL.into_iter().filter_map(conflict).collect(),
            standing,
            tracking_id: tracking_id.and_then(|id| id.parse().ok()),
            disposed_to,
            lapor_status,
            intake_events,
            handling_events,
        })
    }

    /// Tells whether the substance changed after the last verification.
    pub fn needs_reverification(&self) -> bool {
        let verified = self.intake_events.iter().rev().find_map(|event| match &event.what {
            IntakeEvent::Verified { substance } => Some(substance),
            _ => None,
        });
        verified.is_some_and(|substance| *substance != self.particulars.fingerprint())
    }

    /// Names who put it on record.
    pub fn recorded_by(&self) -> Option<&str> {
        self.recording().map(|(staff, _)| staff)
    }

    /// Names what citizens were told about their data when it was put on record; `None` where that was not noted: it came from
    /// an older register, or an older program wrote it.
    pub fn notice(&self) -> Option<&NoticeVersion> {
        self.recording().and_then(|(_, notice)| notice)
    }

    fn recording(&self) -> Option<(&str, Option<&NoticeVersion>)> {
        self.intake_events.iter().find_map(|event| match &event.what {
            IntakeEvent::Recorded { notice } => Some((event.staff.as_str(), notice.as_ref())),
            _ => None,
        })
    }

    /// Lists the files that it has, oldest first.
    pub fn attachments(&self) -> Vec<Attachment> {
        attachment::attachments(&self.intake_events)
    }

    /// Tells whether its reporter's name leads nobody to it: it is anonymous, by one of two values at least, or the identity is restricted.
    pub fn hides_name(&self) -> bool {
        let disputed = self.conflicts.iter().any(|conflict| conflict.field == Field::Anonymous);
        self.particulars.anonymous || disputed || self.is_restricted()
    }

    /// Tells whether the complainant is the one to act.
    pub fn waits_for_complainant(&self) -> bool {
        self.pauses().last().is_some_and(|pause| pause.until.is_none())
    }

    /// Lists all events of both documents in the order of their times.
    pub fn timeline(&self) -> Vec<Event> {
        let intake = self.intake_events.iter().cloned().map(|event| event.map(What::Intake));
        let handling = self
            .handling_events
            .iter()
            .cloned()
            .map(|event| event.map(What::Handling));
        let mut all: Vec<Event> = intake.chain(handling).collect();
        all.sort_by_key(|event| (event.at, event.id));
        all
    }
}

/// Reads the fields that people filled in; what was never written is blank.
pub(crate) fn particulars(intake: &Document) -> Particulars {
    let mut particulars = Particulars::new(Channel::Visit, UnixMillis(0));
    for field in Field::ALL {
        if let Some(value) = intake.value(field.code()) {
            particulars.set(field, value);
        }
    }
    particulars
}

fn read_events<T>(document: &Document) -> Vec<Event<T>>
where
    T: serde::Serialize + for<'de> serde::Deserialize<'de>,
{
    let mut events: Vec<Event<T>> = document
        .events()
        .into_iter()
        .filter_map(|(id, text)| Event::from_text(id, &text))
        .collect();
    events.sort_by_key(|event| event.id);
    events
}
