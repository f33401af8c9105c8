//! Where a complaint stands: a pure function of the two documents' event sets.
//!
//! No clock is read and no order is assumed. Forwardings and returns carry round numbers, so that
//! "returned, mended, forwarded again" comes out the same however the events arrive.

use std::collections::BTreeSet;

use crate::event::{Event, HandlingEvent, IntakeEvent};
use crate::vocabulary::Stage;

/// A stage, and the round of forwarding it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where the complaint stands.
    pub stage: Stage,
    /// How often the office has forwarded it: 0 before the first time.
    pub round: u32,
    /// Whether the liaison's machine has the forwarded round.
    pub received: bool,
}

/// Tells where a complaint stands.
///
/// A forwarding counts only as round 1, or when the round before it was returned: a gateway cannot take a
/// complaint out of the liaison's hands by forwarding it once more. Where a round was both accepted and returned
/// (two liaisons, two machines), it is accepted. What happened in LAPOR outranks all that the office says later.
pub fn standing(intake: &[Event<IntakeEvent>], handling: &[Event<HandlingEvent>]) -> Standing {
    let mut forwarded = BTreeSet::new();
    let (mut verified, mut closed_at_office) = (false, false);
    for event in intake {
        match &event.what {
            IntakeEvent::Forwarded { round } => _ = forwarded.insert(*round),
            IntakeEvent::Verified { .. } => verified = true,
            IntakeEvent::Closed { .. } => closed_at_office = true,
            _ => {}
        }
    }
    let (mut received, mut accepted, mut returned) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut entered, mut disposed, mut closed) = (false, false, false);
    for event in handling {
        match &event.what {
            HandlingEvent::Received { round } => _ = received.insert(*round),
            HandlingEvent::Accepted { round } => _ = accepted.insert(*round),
            HandlingEvent::Returned { round, .. } => _ = returned.insert(*round),
            HandlingEvent::Entered { .. } => entered = true,
            HandlingEvent::Disposed { .. } => disposed = true,
            HandlingEvent::Closed { .. } => closed = true,
            _ => {}
        }
    }
    let round = current_round(&forwarded, &returned, &accepted);
    let stage = if closed {
        Stage::Closed
    } else if disposed {
        Stage::Disposed
    } else if entered {
        Stage::Entered
    } else if accepted.contains(&round) {
        Stage::Accepted
    } else if closed_at_office {
        Stage::Closed
    } else if returned.contains(&round) {
        Stage::Returned
    } else if round > 0 {
        Stage::Forwarded
    } else if verified {
        Stage::Verified
    } else {
        Stage::Recorded
    };
    Standing {
        stage,
        round,
        received: received.contains(&round),
    }
}

/// Gives the last round that counts: each but the first needs the return of the one before it.
fn current_round(forwarded: &BTreeSet<u32>, returned: &BTreeSet<u32>, accepted: &BTreeSet<u32>) -> u32 {
    let mut round = 0;
    while forwarded.contains(&(round + 1)) {
        let open = round == 0 || (returned.contains(&round) && !accepted.contains(&round));
        if !open {
            break;
        }
        round += 1;
    }
    round
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::{EventId, TrackingId};
    use crate::time::UnixMillis;
    use crate::vocabulary::OfficeOutcome;

    fn event<T>(what: T) -> Event<T> {
        let id = EventId::new(UnixMillis(0), [0; 10]);
        Event {
            id,
            at: UnixMillis(0),
            trusted: true,
            staff: "siti".into(),
            what,
        }
    }

    fn stand(intake: &[IntakeEvent], handling: &[HandlingEvent]) -> (Stage, u32) {
        let intake: Vec<_> = intake.iter().cloned().map(event).collect();
        let handling: Vec<_> = handling.iter().cloned().map(event).collect();
        let standing = standing(&intake, &handling);
        (standing.stage, standing.round)
    }

    fn verified() -> IntakeEvent {
        IntakeEvent::Verified { substance: "f".into() }
    }

    fn forwarded(round: u32) -> IntakeEvent {
        IntakeEvent::Forwarded { round }
    }

    fn returned(round: u32) -> HandlingEvent {
        HandlingEvent::Returned {
            round,
            missing: vec![],
            reason: "lengkapi".into(),
        }
    }

    fn tracking_id() -> TrackingId {
        "5049672".parse().unwrap()
    }

    #[test]
    fn the_procedure_is_walked_through_with_one_return() {
        use HandlingEvent::{Accepted, Closed, Disposed, Entered, Received};
        let recorded = IntakeEvent::Recorded { notice: None };
        assert_eq!(stand(std::slice::from_ref(&recorded), &[]), (Stage::Recorded, 0));
        assert_eq!(stand(&[recorded.clone(), verified()], &[]), (Stage::Verified, 0));
        let first = [recorded.clone(), verified(), forwarded(1)];
        assert_eq!(stand(&first, &[Received { round: 1 }]), (Stage::Forwarded, 1));
        assert_eq!(stand(&first, &[returned(1)]), (Stage::Returned, 1));
        let second = [recorded, verified(), forwarded(1), forwarded(2)];
        assert_eq!(stand(&second, &[returned(1)]), (Stage::Forwarded, 2));
        let mut handling = vec![returned(1), Accepted { round: 2 }];
        assert_eq!(stand(&second, &handling), (Stage::Accepted, 2));
        handling.push(Entered {
            tracking_id: tracking_id(),
        });
        assert_eq!(stand(&second, &handling), (Stage::Entered, 2));
        handling.push(Disposed {
            institution: "PUPR".into(),
        });
        assert_eq!(stand(&second, &handling), (Stage::Disposed, 2));
        handling.push(Closed {
            reason: "selesai".into(),
        });
        assert_eq!(stand(&second, &handling), (Stage::Closed, 2));
    }

    #[test]
    fn forwarding_again_without_a_return_changes_nothing() {
        let accepted = HandlingEvent::Accepted { round: 1 };
        assert_eq!(stand(&[forwarded(1), forwarded(2)], &[]), (Stage::Forwarded, 1));
        assert_eq!(
            stand(&[forwarded(1), forwarded(2)], std::slice::from_ref(&accepted)),
            (Stage::Accepted, 1)
        );
        assert_eq!(
            stand(&[forwarded(1), forwarded(2)], &[accepted, returned(1)]),
            (Stage::Accepted, 1)
        );
        assert_eq!(stand(&[forwarded(7)], &[]), (Stage::Recorded, 0));
    }

    #[test]
    fn closing_at_the_office_cannot_undo_what_the_liaison_took() {
        let closed = IntakeEvent::Closed {
            outcome: OfficeOutcome::Withdrawn,
            note: "dicabut".into(),
        };
        assert_eq!(stand(&[verified(), closed.clone()], &[]).0, Stage::Closed);
        let accepted = HandlingEvent::Accepted { round: 1 };
        assert_eq!(stand(&[forwarded(1), closed], &[accepted]).0, Stage::Accepted);
    }

    fn any_intake() -> impl Strategy<Value = IntakeEvent> {
        prop_oneof![
            Just(IntakeEvent::Recorded { notice: None }),
            Just(verified()),
            (0u32..5).prop_map(forwarded),
            Just(IntakeEvent::Asked { question: "?".into() }),
            Just(IntakeEvent::Closed {
                outcome: OfficeOutcome::Mistaken,
                note: "x".into()
            }),
            Just(IntakeEvent::Unknown),
        ]
    }

    fn any_handling() -> impl Strategy<Value = HandlingEvent> {
        prop_oneof![
            (0u32..5).prop_map(|round| HandlingEvent::Received { round }),
            (0u32..5).prop_map(|round| HandlingEvent::Accepted { round }),
            (0u32..5).prop_map(returned),
            Just(HandlingEvent::Entered {
                tracking_id: tracking_id()
            }),
            Just(HandlingEvent::Disposed {
                institution: "PUPR".into()
            }),
            Just(HandlingEvent::Closed { reason: "x".into() }),
            Just(HandlingEvent::Unknown),
        ]
    }

    proptest! {
        #[test]
        fn order_and_duplication_do_not_change_the_standing(
            intake in prop::collection::vec(any_intake(), 0..8),
            handling in prop::collection::vec(any_handling(), 0..8),
            shuffle in any::<prop::sample::Index>(),
        ) {
            let plain = stand(&intake, &handling);
            let disturb = |len: usize| if len == 0 { 0 } else { shuffle.index(len) };
            let (mut intake, mut handling) = (intake, handling);
            intake.extend_from_within(disturb(intake.len())..);
            handling.extend_from_within(disturb(handling.len())..);
            intake.reverse();
            handling.reverse();
            let (by_intake, by_handling) = (disturb(intake.len()), disturb(handling.len()));
            intake.rotate_left(by_intake);
            handling.rotate_left(by_handling);
            prop_assert_eq!(stand(&intake, &handling), plain);
        }
    }
}
