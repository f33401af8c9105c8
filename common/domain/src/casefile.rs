//! The case file: a complaint's two documents, and every step that somebody can take with it.
//!
//! Each step is checked against the procedure, and makes exactly one change in one document.

use crate::complaint::{self, Complaint};
use crate::completeness::{self, Missing};
use crate::document::{BadChange, Change, Document, Heads, Stamp};
use crate::event::{Event, HandlingEvent, IntakeEvent};
use crate::id::{ComplaintId, RegisterNumber, TrackingId};
use crate::notice::NoticeVersion;
use crate::particulars::{Field, Particulars, Value};
use crate::refusal::Refusal;
use crate::reporter::Reporter;
use crate::stage::Standing;
use crate::vocabulary::{OfficeOutcome, Stage};

pub use self::history::Writing;
pub use self::restriction::{Place, Restriction};

/// The version of the documents' schema that this program writes.
const SCHEMA: &str = "1";

/// A complaint's two documents.
#[derive(Clone)]
pub struct CaseFile {
    id: ComplaintId,
    intake: Document,
    handling: Document,
    unmerged: Vec<BadChange>,
}

impl CaseFile {
    /// Puts a complaint on record of which is not known what its reporter was told, as in [`Self::record_told`].
    pub fn record(
        id: ComplaintId,
        register: &RegisterNumber,
        particulars: &Particulars,
        by: &Stamp,
    ) -> Result<(Self, Change), Refusal> {
        Self::record_told(id, register, particulars, None, by)
    }

    /// Puts a complaint on record, with what citizens are told about their data at that office. Any text may still be missing,
    /// but none may be too long.
    ///
    /// # Errors
    /// A text is too long.
    pub fn record_told(
        id: ComplaintId,
        register: &RegisterNumber,
        particulars: &Particulars,
        notice: Option<&NoticeVersion>,
        by: &Stamp,
    ) -> Result<(Self, Change), Refusal> {
        refuse_too_long(particulars)?;
        let mut intake = Document::empty();
        let blank = Particulars::new(particulars.channel, particulars.received_at);
        let mut puts = vec![
            ("schema".to_owned(), SCHEMA.into()),
            ("register".to_owned(), register.to_string().into()),
            (Field::Channel.code().to_owned(), particulars.get(Field::Channel).into()),
            (
                Field::ReceivedAt.code().to_owned(),
                particulars.get(Field::ReceivedAt).into(),
            ),
        ];
        for field in particulars.differences(&blank) {
            puts.push((field.code().to_owned(), particulars.get(field).into()));
        }
        puts.push(event(
            by,
            IntakeEvent::Recorded {
                notice: notice.cloned(),
            },
        ));
        let change = intake.write(None, by, puts);
        Ok((
            Self {
                id,
                intake,
                handling: Document::empty(),
                unmerged: Vec::new(),
            },
            change,
        ))
    }

    /// Builds a case file from the changes in the log, in any order. A change that cannot be merged is left out and
    /// told by [`Self::unmerged`]: it never holds up the others.
    pub fn load<'a>(
        id: ComplaintId,
        intake: impl IntoIterator<Item = &'a [u8]>,
        handling: impl IntoIterator<Item = &'a [u8]>,
    ) -> Self {
        let (intake, mut bad) = Document::load(intake);
        let (handling, bad_handling) = Document::load(handling);
        bad.extend(bad_handling);
        Self {
            id,
            intake,
            handling,
            unmerged: bad.into_iter().map(|(_, reason)| reason).collect(),
        }
    }

    /// Lists why changes of this complaint could not be merged.
    pub fn unmerged(&self) -> &[BadChange] {
        &self.unmerged
    }

    /// Lists the hashes of changes that others build on and that have not arrived.
    pub fn missing_dependencies(&self) -> Vec<[u8; 32]> {
        let mut missing = self.intake.missing_dependencies();
        missing.extend(self.handling.missing_dependencies());
        missing
    }

    /// Gives the state of the intake that an edit is based on.
    pub fn intake_heads(&mut self) -> Heads {
        self.intake.heads()
    }

    /// Reads the complaint; `None` while the change that put it on record has not arrived.
    pub fn complaint(&self) -> Option<Complaint> {
        Complaint::read(self.id, &self.intake, &self.handling)
    }

    /// Changes fields. `base` is what the writer looked at: only what differs from it is written, and a field that
    /// somebody else changed meanwhile keeps both values as a visible conflict. `Ok(None)` where nothing differs.
    pub fn amend(&mut self, base: &Heads, new: &Particulars, by: &Stamp) -> Result<Option<Change>, Refusal> {
        refuse_too_long(new)?;
        let standing = self.standing();
        if !matches!(standing.stage, Stage::Recorded | Stage::Verified | Stage::Returned) {
            return Err(Refusal::NotNow {
                step: "amend",
                stage: standing.stage,
            });
        }
        // Heads that this replica does not hold: the page came from another machine or from before a restore.
        let seen = self.intake.at(base).ok_or(Refusal::StalePage)?;
        let differing = new.differences(&complaint::particulars(&seen));
        let puts: Vec<_> = differing
            .into_iter()
            .map(|field| (field.code().to_owned(), new.get(field).into()))
            .collect();
        if puts.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.intake.write(Some(base), by, puts)))
    }

    /// Settles a conflict: writes the value that a person chose over all that stand against each other.
    pub fn settle(&mut self, field: Field, chosen: Value, by: &Stamp) -> Result<Change, Refusal> {
        if self.intake.contenders(field.code()).is_empty() {
            return Err(Refusal::NoConflict { field });
        }
        Ok(self
            .intake
            .write(None, by, vec![(field.code().to_owned(), chosen.into())]))
    }

    /// Declares the substance clear. Refused while something is missing or a conflict is open.
    pub fn verify(&mut self, reporter: Reporter<'_>, by: &Stamp) -> Result<Change, Refusal> {
        self.must_stand("verify", &[Stage::Recorded, Stage::Verified, Stage::Returned])?;
        let particulars = self.settled_and_complete(reporter)?;
        Ok(self.append_intake(
            by,
            IntakeEvent::Verified {
                substance: particulars.fingerprint(),
            },
        ))
    }

    /// Hands the complaint to the liaison. Refused until what is sent is what was verified.
    pub fn forward(&mut self, reporter: Reporter<'_>, by: &Stamp) -> Result<Change, Refusal> {
        let standing = self.must_stand("forward", &[Stage::Verified, Stage::Returned])?;
        let particulars = self.settled_and_complete(reporter)?;
        let complaint = self.complaint().ok_or(Refusal::Unreadable)?;
        if complaint.needs_reverification() {
            return Err(Refusal::ChangedSinceVerified);
        }
        if let Some(kind) = particulars.out_of_scope {
            return Err(Refusal::OutOfScope { kind });
        }
        Ok(self.append_intake(
            by,
            IntakeEvent::Forwarded {
                round: standing.round + 1,
            },
        ))
    }

    /// Asks the complainant: from now on the deadline pauses.
    pub fn ask(&mut self, question: &str, by: &Stamp) -> Result<Change, Refusal> {
        self.must_stand("ask", &[Stage::Recorded, Stage::Verified, Stage::Returned])?;
        let question = told(question, "question")?;
        if self.waits_for_complainant() {
            return Err(Refusal::AlreadyAsked);
        }
        Ok(self.append_intake(by, IntakeEvent::Asked { question }))
    }

    /// Ends the waiting for the complainant.
    pub fn answered(&mut self, note: &str, by: &Stamp) -> Result<Change, Refusal> {
        let note = told(note, "note")?;
        if !self.waits_for_complainant() {
            return Err(Refusal::NotAsked);
        }
        Ok(self.append_intake(by, IntakeEvent::Answered { note }))
    }

    /// Adds a note at the office, at any stage.
    pub fn note(&mut self, note: &str, by: &Stamp) -> Result<Change, Refusal> {
        let note = told(note, "note")?;
        Ok(self.append_intake(by, IntakeEvent::Noted { note }))
    }

    /// Closes the complaint at the office, without handing it on.
    pub fn close_at_office(&mut self, outcome: OfficeOutcome, note: &str, by: &Stamp) -> Result<Change, Refusal> {
        self.must_stand("close", &[Stage::Recorded, Stage::Verified, Stage::Returned])?;
        let note = told(note, "note")?;
        Ok(self.append_intake(by, IntakeEvent::Closed { outcome, note }))
    }

    /// Notes at the hub that a forwarded round arrived; `None` if that is noted already, or nothing was forwarded.
    pub fn receive(&mut self, by: &Stamp) -> Option<Change> {
        let Standing { round, received, .. } = self.standing();
        (round > 0 && !received).then(|| self.append_handling(by, HandlingEvent::Received { round }))
    }

    /// Takes the complaint.
    pub fn accept(&mut self, by: &Stamp) -> Result<Change, Refusal> {
        let Standing { round, .. } = self.must_stand("accept", &[Stage::Forwarded])?;
        Ok(self.append_handling(by, HandlingEvent::Accepted { round }))
    }

    /// Gives the complaint back to the office, saying what is missing.
    pub fn give_back(&mut self, missing: &[Missing], reason: &str, by: &Stamp) -> Result<Change, Refusal> {
        let Standing { round, .. } = self.must_stand("return", &[Stage::Forwarded])?;
        let reason = told(reason, "reason")?;
        Ok(self.append_handling(
            by,
            HandlingEvent::Returned {
                round,
                missing: missing.to_vec(),
                reason,
            },
        ))
    }

    /// Notes the Tracking ID that LAPOR gave, or corrects it. That no other complaint has it is for the store to check.
    pub fn enter(&mut self, tracking_id: &TrackingId, by: &Stamp) -> Result<Change, Refusal> {
        self.must_stand("enter", &[Stage::Accepted, Stage::Entered, Stage::Disposed])?;
        if self.complaint().and_then(|complaint| complaint.tracking_id).as_ref() == Some(tracking_id) {
            return Err(Refusal::SameTrackingId);
        }
        Ok(self.append_handling(
            by,
            HandlingEvent::Entered {
                tracking_id: tracking_id.clone(),
            },
        ))
    }

    /// Notes to whom the coordinator disposed the report; `Ok(None)` if that is known already.
    pub fn dispose(&mut self, institution: &str, by: &Stamp) -> Result<Option<Change>, Refusal> {
        self.must_be_in_lapor("dispose")?;
        let institution = told(institution, "institution")?;
        let known = self.complaint().and_then(|complaint| complaint.disposed_to);
        if known.as_ref() == Some(&institution) {
            return Ok(None);
        }
        Ok(Some(self.append_handling(by, HandlingEvent::Disposed { institution })))
    }

    /// Notes the status that LAPOR shows; `Ok(None)` if that is known already.
    pub fn see_status(&mut self, status: &str, by: &Stamp) -> Result<Option<Change>, Refusal> {
        self.must_be_in_lapor("note a status")?;
        let status = told(status, "status")?;
        let known = self.complaint().and_then(|complaint| complaint.lapor_status);
        if known.as_ref() == Some(&status) {
            return Ok(None);
        }
        Ok(Some(self.append_handling(by, HandlingEvent::StatusSeen { status })))
    }

    /// Closes the complaint at the hub.
    pub fn close(&mut self, reason: &str, by: &Stamp) -> Result<Change, Refusal> {
        self.must_stand("close", &[Stage::Accepted, Stage::Entered, Stage::Disposed])?;
        let reason = told(reason, "reason")?;
        Ok(self.append_handling(by, HandlingEvent::Closed { reason }))
    }

    fn standing(&self) -> Standing {
        self.complaint().map_or(
            Standing {
                stage: Stage::Recorded,
                round: 0,
                received: false,
            },
            |c| c.standing,
        )
    }

    fn must_stand(&self, step: &'static str, stages: &[Stage]) -> Result<Standing, Refusal> {
        let standing = self.complaint().ok_or(Refusal::Unreadable)?.standing;
        if stages.contains(&standing.stage) {
            Ok(standing)
        } else {
            Err(Refusal::NotNow {
                step,
                stage: standing.stage,
            })
        }
    }

    /// What LAPOR shows can be noted of what is in LAPOR, also after it was closed here.
    fn must_be_in_lapor(&self, step: &'static str) -> Result<(), Refusal> {
        let complaint = self.complaint().ok_or(Refusal::Unreadable)?;
        if complaint.tracking_id.is_some() {
            Ok(())
        } else {
            let stage = complaint.standing.stage;
            Err(Refusal::NotNow { step, stage })
        }
    }

    fn settled_and_complete(&self, reporter: Reporter<'_>) -> Result<Particulars, Refusal> {
        let complaint = self.complaint().ok_or(Refusal::Unreadable)?;
        if !complaint.conflicts.is_empty() {
            return Err(Refusal::Conflicts(
                complaint.conflicts.iter().map(|conflict| conflict.field).collect(),
            ));
        }
        let missing = completeness::missing(&complaint.particulars, reporter);
        if missing.is_empty() {
            Ok(complaint.particulars)
        } else {
            Err(Refusal::Incomplete(missing))
        }
    }

    fn waits_for_complainant(&self) -> bool {
        self.complaint()
            .is_some_and(|complaint| complaint.waits_for_complainant())
    }

    fn append_intake(&mut self, by: &Stamp, what: IntakeEvent) -> Change {
        let put = event(&Self::after_last(&self.intake, by), what);
        self.intake.write(None, by, vec![put])
    }

    fn append_handling(&mut self, by: &Stamp, what: HandlingEvent) -> Change {
        let put = event(&Self::after_last(&self.handling, by), what);
        self.handling.write(None, by, vec![put])
    }

    /// Makes the next event sort after those that are known: of two Tracking IDs the later one holds, and a clock that
    /// was set back must not change which one that is.
    fn after_last(document: &Document, by: &Stamp) -> Stamp {
        let last = document.events().into_iter().map(|(id, _)| id).max();
        Stamp {
            event: last.map_or(by.event, |last| by.event.after(last)),
            ..by.clone()
        }
    }
}

fn event<T>(by: &Stamp, what: T) -> (String, automerge::ScalarValue)
where
    T: Clone + serde::Serialize + for<'de> serde::Deserialize<'de>,
{
    let event = Event {
        id: by.event,
        at: by.at,
        trusted: by.trusted,
        staff: by.staff.clone(),
        what,
    };
    (by.event.to_string(), event.to_text().into())
}

fn refuse_too_long(particulars: &Particulars) -> Result<(), Refusal> {
    match particulars.too_long().first() {
        Some(&(field, max)) => Err(Refusal::TooLong {
            field: field.code(),
            max,
        }),
        None => Ok(()),
    }
}

/// Takes a text that must say something, within its limit.
fn told(text: &str, field: &'static str) -> Result<String, Refusal> {
    let text = text.trim();
    let max = crate::particulars::TEXT_CHARS_MAX;
    if text.is_empty() {
        Err(Refusal::Blank { field })
    } else if text.chars().count() > max {
        Err(Refusal::TooLong { field, max })
    } else {
        Ok(text.to_owned())
    }
}

mod attach;
mod history;
mod restriction;
#[cfg(test)]
mod tests;
