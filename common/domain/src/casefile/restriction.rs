//! Restriction: who brings a complaint is not to be looked at for now (UU 27/2022, article 11). The complaint itself goes on.
//!
//! Both sides can set it and lift it, offline and at once. So it is counted and not timed: each lifting names what it lifts, and a
//! complaint is restricted as long as one restriction is named by none. Whatever arrives first, all replicas read the same, and what one
//! side lifts without knowing of the other's restriction leaves that standing.

use std::collections::BTreeSet;

use super::{CaseFile, told};
use crate::complaint::Complaint;
use crate::document::{Change, Stamp};
use crate::event::{HandlingEvent, IntakeEvent, What};
use crate::id::EventId;
use crate::refusal::Refusal;
use crate::time::UnixMillis;

/// As many restrictions are lifted at once; more are open only where a peer wrote them, and are lifted by lifting again.
const LIFTED_AT_ONCE_MAX: usize = 100;

/// Where an edit is made: each side writes its own document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an office, into the intake.
    Office,
    /// At the hub, into the handling.
    Hub,
}

/// A restriction that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// By which it is lifted.
    pub id: EventId,
    /// Since when, by the clock of the machine that wrote it.
    pub at: UnixMillis,
    /// Who set it.
    pub staff: String,
    /// Why.
    pub reason: String,
}

impl Complaint {
    /// Lists the restrictions that hold, oldest first; none as a rule.
    pub fn restrictions(&self) -> Vec<Restriction> {
        let timeline = self.timeline();
        let mut lifted: BTreeSet<EventId> = BTreeSet::new();
        for event in &timeline {
            if let What::Intake(IntakeEvent::RestrictionLifted { lifts, .. })
            | What::Handling(HandlingEvent::RestrictionLifted { lifts, .. }) = &event.what
            {
                lifted.extend(lifts);
            }
        }
        let holds = timeline.into_iter().filter(|event| !lifted.contains(&event.id));
        holds
            .filter_map(|event| match event.what {
                What::Intake(IntakeEvent::Restricted { reason })
                | What::Handling(HandlingEvent::Restricted { reason }) => Some(Restriction {
                    id: event.id,
                    at: event.at,
                    staff: event.staff,
                    reason,
                }),
                _ => None,
            })
            .collect()
    }

    /// Tells whether its reporter is not to be looked at for now.
    pub fn is_restricted(&self) -> bool {
        !self.restrictions().is_empty()
    }
}

impl CaseFile {
    /// Restricts what is done with the reporter's identity, at any stage; `Ok(None)` if that holds already.
    ///
    /// # Errors
    /// The reason says nothing, or too much.
    pub fn restrict(&mut self, place: Place, reason: &str, by: &Stamp) -> Result<Option<Change>, Refusal> {
        let reason = told(reason, "reason")?;
        if self.complaint().ok_or(Refusal::Unreadable)?.is_restricted() {
            return Ok(None);
        }
        Ok(Some(match place {
            Place::Office => self.append_intake(by, IntakeEvent::Restricted { reason }),
            Place::Hub => self.append_handling(by, HandlingEvent::Restricted { reason }),
        }))
    }

    /// Lifts every restriction that is known here; `Ok(None)` if there is none.
    ///
    /// # Errors
    /// The reason says nothing, or too much.
    pub fn lift_restrictions(&mut self, place: Place, reason: &str, by: &Stamp) -> Result<Option<Change>, Refusal> {
        let reason = told(reason, "reason")?;
        let known = self.complaint().ok_or(Refusal::Unreadable)?.restrictions();
        let lifts: Vec<_> = known
            .into_iter()
            .map(|restriction| restriction.id)
            .take(LIFTED_AT_ONCE_MAX)
            .collect();
        if lifts.is_empty() {
            return Ok(None);
        }
        Ok(Some(match place {
            Place::Office => self.append_intake(by, IntakeEvent::RestrictionLifted { lifts, reason }),
            Place::Hub => self.append_handling(by, HandlingEvent::RestrictionLifted { lifts, reason }),
        }))
    }
}
