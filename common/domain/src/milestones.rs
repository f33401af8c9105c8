//! The instants from which deadlines run, read out of a complaint's events.
//!
//! An office's clock may be years off. The citizen's coming is stated by the office; an office's event whose clock was
//! not known to be right is held between that and the hub's receipt, so that no device clock moves a deadline by itself.

use crate::complaint::Complaint;
use crate::deadline::{Milestones, Pause};
use crate::event::{Event, HandlingEvent, IntakeEvent};
use crate::time::UnixMillis;
use crate::vocabulary::Stage;

impl Complaint {
    /// Reads the legal instants of the procedure out of the events.
    pub fn milestones(&self) -> Milestones {
        let round = self.standing.round;
        let office = |fits: &dyn Fn(&IntakeEvent) -> bool| {
            self.intake_events
                .iter()
                .rev()
                .find(|event| fits(&event.what))
                .map(|event| self.legal_instant(event))
        };
        let hub = |fits: &dyn Fn(&HandlingEvent) -> bool| {
            self.handling_events
                .iter()
                .find(|event| fits(&event.what))
                .map(|event| event.at)
        };
        let first_verified = self
            .intake_events
            .iter()
            .find(|event| matches!(event.what, IntakeEvent::Verified { .. }));
        let closed_at_office = office(&|what| matches!(what, IntakeEvent::Closed { .. }));
        let returned = hub(&|what| matches!(what, HandlingEvent::Returned { round: r, .. } if *r == round));
        Milestones {
            received: self.particulars.received_at,
            verified: first_verified.map(|event| self.legal_instant(event)),
            forwarded: office(&|what| matches!(what, IntakeEvent::Forwarded { round: r } if *r == round)),
            delivered: hub(&|what| matches!(what, HandlingEvent::Received { round: r } if *r == round)),
            returned: returned.filter(|_| self.standing.stage == Stage::Returned),
            returned_before: hub(&|what| matches!(what, HandlingEvent::Returned { round: r, .. } if *r + 1 == round)),
            accepted: hub(&|what| matches!(what, HandlingEvent::Accepted { round: r } if *r == round)),
            entered: hub(&|what| matches!(what, HandlingEvent::Entered { .. })),
            disposed: hub(&|what| matches!(what, HandlingEvent::Disposed { .. })),
            closed: hub(&|what| matches!(what, HandlingEvent::Closed { .. }))
                .or(closed_at_office.filter(|_| self.standing.stage == Stage::Closed)),
            pauses: self.pauses(),
        }
    }

    /// Tells since when the complaint stands at its stage.
    pub fn stage_since(&self) -> UnixMillis {
        let instants = self.milestones();
        let since = match self.standing.stage {
            Stage::Recorded => None,
            Stage::Verified => instants.verified,
            Stage::Forwarded => instants.delivered.or(instants.forwarded),
            Stage::Returned => instants.returned,
            Stage::Accepted => instants.accepted,
            Stage::Entered => instants.entered,
            Stage::Disposed => instants.disposed,
            Stage::Closed => instants.closed,
        };
        since.unwrap_or(instants.received)
    }

    /// Lists the spans in which the complainant was the one to act. Two questions asked at once on two machines are
    /// one span: it ends with the answer that leaves none open.
    pub(crate) fn pauses(&self) -> Vec<Pause> {
        let mut pauses: Vec<Pause> = Vec::new();
        let mut open = 0_u32;
        for event in &self.intake_events {
            let at = self.legal_instant(event);
            match event.what {
                IntakeEvent::Asked { .. } => {
                    if open == 0 {
                        pauses.push(Pause { from: at, until: None });
                    }
                    open += 1;
                }
                IntakeEvent::Answered { .. } if open > 0 => {
                    open -= 1;
                    if let Some(last) = pauses.last_mut().filter(|_| open == 0) {
                        last.until = Some(at.max(last.from));
                    }
                }
                _ => {}
            }
        }
        pauses
    }

    fn legal_instant(&self, event: &Event<IntakeEvent>) -> UnixMillis {
        if event.trusted {
            return event.at;
        }
        let receipt = self
            .handling_events
            .iter()
            .find(|event| matches!(event.what, HandlingEvent::Received { .. }));
        let latest = receipt.map_or(event.at, |receipt| event.at.min(receipt.at));
        latest.max(self.particulars.received_at)
    }
}
