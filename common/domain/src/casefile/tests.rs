//! The case file on several machines: whatever the order of work and of arrival, all read the same in the end.

mod attach;
mod history;
mod restriction;

use proptest::prelude::*;

use super::*;
use crate::id::{EventId, Incarnation};
use crate::particulars::sample;
use crate::reporter::ReporterRecord;
use crate::time::UnixMillis;

/// Gateway A, gateway B, hub.
const MACHINES: usize = 3;
const HUB: usize = 2;

fn id() -> ComplaintId {
    ComplaintId::new(UnixMillis(1_773_100_000_000), [9; 10])
}

fn register() -> RegisterNumber {
    "63.01.03/A/2026/0001".parse().unwrap()
}

fn record() -> ReporterRecord {
    ReporterRecord {
        name: "Rahma".into(),
        phone: "+628120000001".into(),
        ..ReporterRecord::default()
    }
}

/// A desk with a clock and an identity of its own.
struct Desk {
    machine: u8,
    ticks: i64,
}

impl Desk {
    fn stamp(&mut self) -> Stamp {
        self.ticks += 1;
        // Each machine's clock is off by years: nothing may depend on it.
        let at = UnixMillis(1_000_000_000_000 * (1 + i64::from(self.machine)) + self.ticks * 1000);
        let mut random = [self.machine; 10];
        random[..8].copy_from_slice(&self.ticks.to_be_bytes());
        Stamp {
            at,
            trusted: false,
            staff: format!("staff {}", self.machine),
            event: EventId::new(at, random),
            incarnation: Incarnation([self.machine + 1; 16]),
        }
    }
}

/// What one machine knows: change bytes by document, in the order in which it learned them.
#[derive(Clone, Default)]
struct Replica {
    intake: Vec<Vec<u8>>,
    handling: Vec<Vec<u8>>,
}

impl Replica {
    fn case(&self) -> CaseFile {
        CaseFile::load(
            id(),
            self.intake.iter().map(Vec::as_slice),
            self.handling.iter().map(Vec::as_slice),
        )
    }

    fn learn(&mut self, other: &Self) {
        for bytes in &other.intake {
            if !self.intake.contains(bytes) {
                self.intake.push(bytes.clone());
            }
        }
        for bytes in &other.handling {
            if !self.handling.contains(bytes) {
                self.handling.push(bytes.clone());
            }
        }
    }

    fn shuffled(&self, seed: usize) -> CaseFile {
        let (mut intake, mut handling) = (self.intake.clone(), self.handling.clone());
        intake.reverse();
        let (by_intake, by_handling) = (seed % intake.len().max(1), seed % handling.len().max(1));
        intake.rotate_left(by_intake);
        handling.rotate_left(by_handling);
        intake.extend_from_within(..by_intake);
        CaseFile::load(
            id(),
            intake.iter().map(Vec::as_slice),
            handling.iter().map(Vec::as_slice),
        )
    }
}

#[derive(Clone, Debug)]
enum Step {
    Title(usize, String),
    Verify(usize),
    Forward(usize),
    Ask(usize),
    Answered(usize),
    Receive,
    Accept,
    GiveBack,
    Enter(u8),
    Dispose,
    Learn(usize, usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let gateway = 0..HUB;
    prop_oneof![
        2 => (gateway.clone(), "[a-c]{1,2}").prop_map(|(at, title)| Step::Title(at, title)),
        3 => gateway.clone().prop_map(Step::Verify),
        3 => gateway.clone().prop_map(Step::Forward),
        1 => gateway.clone().prop_map(Step::Ask),
        1 => gateway.prop_map(Step::Answered),
        2 => Just(Step::Receive),
        2 => Just(Step::Accept),
        2 => Just(Step::GiveBack),
        1 => (0..3u8).prop_map(Step::Enter),
        1 => Just(Step::Dispose),
        6 => (0..MACHINES, 0..MACHINES).prop_map(|(from, to)| Step::Learn(from, to)),
    ]
}

/// Takes the step where it is allowed; the procedure refuses the rest.
fn take(step: &Step, replicas: &mut [Replica], desks: &mut [Desk]) {
    let record = record();
    let reporter = Reporter::Known(&record);
    let mut at_office = |at: usize, work: &dyn Fn(&mut CaseFile, &Stamp) -> Option<Change>| {
        let change = work(&mut replicas[at].case(), &desks[at].stamp());
        replicas[at].intake.extend(change.map(|change| change.bytes));
    };
    match step {
        Step::Title(at, title) => at_office(*at, &|case, by| {
            let mut new = case.complaint()?.particulars;
            new.title.clone_from(title);
            case.amend(&case.clone().intake_heads(), &new, by).ok().flatten()
        }),
        Step::Verify(at) => at_office(*at, &|case, by| case.verify(reporter, by).ok()),
        Step::Forward(at) => at_office(*at, &|case, by| case.forward(reporter, by).ok()),
        Step::Ask(at) => at_office(*at, &|case, by| case.ask("kapan?", by).ok()),
        Step::Answered(at) => at_office(*at, &|case, by| case.answered("kemarin", by).ok()),
        Step::Learn(from, to) => {
            let from = replicas[*from].clone();
            replicas[*to].learn(&from);
        }
        at_hub => {
            let (mut case, by) = (replicas[HUB].case(), desks[HUB].stamp());
            let change = match at_hub {
                Step::Receive => case.receive(&by),
                Step::Accept => case.accept(&by).ok(),
                Step::GiveBack => case.give_back(&[Missing::When], "tanggal?", &by).ok(),
                Step::Enter(digit) => case.enter(&format!("504967{digit}").parse().unwrap(), &by).ok(),
                Step::Dispose => case.dispose("Dinas PUPR", &by).ok().flatten(),
                _ => None,
            };
            replicas[HUB].handling.extend(change.map(|change| change.bytes));
        }
    }
}

proptest! {
    #[test]
    fn all_machines_read_the_same_in_the_end(steps in prop::collection::vec(any_step(), 0..40), seed in any::<usize>()) {
        let mut desks: Vec<_> = (0..3u8).map(|machine| Desk { machine, ticks: 0 }).collect();
        let (_, first) = CaseFile::record(id(), &register(), &sample(), &desks[0].stamp()).unwrap();
        let mut replicas = vec![Replica { intake: vec![first.bytes], handling: vec![] }; MACHINES];
        for step in &steps {
            take(step, &mut replicas, &mut desks);
        }
        let mut all = Replica::default();
        for replica in &replicas {
            all.learn(replica);
        }
        let read = all.case().complaint().unwrap();
        prop_assert!(all.case().unmerged().is_empty());
        for (index, replica) in replicas.iter_mut().enumerate() {
            replica.learn(&all);
            let mut shuffled = replica.shuffled(seed.wrapping_add(index)).complaint().unwrap();
            // Contenders stand in the order of their operations, which is the same everywhere.
            prop_assert_eq!(&shuffled, &read);
            shuffled.intake_events.reverse();
            prop_assert_eq!(crate::stage::standing(&shuffled.intake_events, &shuffled.handling_events), read.standing);
        }
    }
}

/// Walks a complaint to the liaison's desk on one machine.
fn forwarded() -> (CaseFile, Desk, ReporterRecord) {
    let (record, mut desk) = (record(), Desk { machine: 0, ticks: 0 });
    let (mut case, _) = CaseFile::record(id(), &register(), &sample(), &desk.stamp()).unwrap();
    case.verify(Reporter::Known(&record), &desk.stamp()).unwrap();
    case.forward(Reporter::Known(&record), &desk.stamp()).unwrap();
    (case, desk, record)
}

#[test]
fn two_people_who_change_one_field_keep_both_values_until_a_person_chooses() {
    let (record, mut a, mut b) = (record(), Desk { machine: 0, ticks: 0 }, Desk { machine: 1, ticks: 0 });
    let (case, first) = CaseFile::record(id(), &register(), &sample(), &a.stamp()).unwrap();
    let title = |text: &str| Particulars {
        title: text.into(),
        ..sample()
    };
    let (mut at_a, mut at_b) = (case.clone(), case);
    let base = at_a.intake_heads();
    let from_a = at_a
        .amend(&base, &title("Jembatan lapuk"), &a.stamp())
        .unwrap()
        .unwrap();
    let from_b = at_b
        .amend(&base, &title("Jembatan ambruk"), &b.stamp())
        .unwrap()
        .unwrap();

    let mut merged = CaseFile::load(id(), [&first.bytes[..], &from_a.bytes, &from_b.bytes], []);
    let conflict = merged.complaint().unwrap().conflicts.remove(0);
    assert_eq!(conflict.field, Field::Title);
    let mut values: Vec<_> = conflict
        .contenders
        .iter()
        .map(|c| (c.value.to_string(), c.staff.clone()))
        .collect();
    values.sort();
    assert_eq!(
        values,
        [
            ("Jembatan ambruk".into(), "staff 1".into()),
            ("Jembatan lapuk".into(), "staff 0".into())
        ]
    );
    let refused = merged.verify(Reporter::Known(&record), &a.stamp());
    assert_eq!(refused, Err(Refusal::Conflicts(vec![Field::Title])));

    merged
        .settle(Field::Title, Value::Text("Jembatan ambruk".into()), &a.stamp())
        .unwrap();
    let settled = merged.complaint().unwrap();
    assert_eq!(
        (settled.conflicts.len(), settled.particulars.title.as_str()),
        (0, "Jembatan ambruk")
    );
    assert!(merged.verify(Reporter::Known(&record), &a.stamp()).is_ok());
}

#[test]
fn two_people_who_change_different_fields_do_not_conflict_even_from_one_old_page() {
    let mut a = Desk { machine: 0, ticks: 0 };
    let (mut case, _) = CaseFile::record(id(), &register(), &sample(), &a.stamp()).unwrap();
    let page = case.intake_heads();
    case.amend(
        &page,
        &Particulars {
            title: "Judul lain".into(),
            ..sample()
        },
        &a.stamp(),
    )
    .unwrap();
    case.amend(
        &page,
        &Particulars {
            place: "RT 5".into(),
            ..sample()
        },
        &a.stamp(),
    )
    .unwrap();
    let read = case.complaint().unwrap();
    assert_eq!(
        (read.particulars.title.as_str(), read.particulars.place.as_str()),
        ("Judul lain", "RT 5")
    );
    assert_eq!(read.conflicts, []);
    assert_eq!(
        case.amend(&page, &sample(), &a.stamp()),
        Ok(None),
        "a form sent without a change writes nothing"
    );
}

#[test]
fn a_changed_substance_asks_for_verification_again_before_it_is_forwarded() {
    let (record, mut desk) = (record(), Desk { machine: 0, ticks: 0 });
    let (mut case, _) = CaseFile::record(id(), &register(), &sample(), &desk.stamp()).unwrap();
    case.verify(Reporter::Known(&record), &desk.stamp()).unwrap();
    let base = case.intake_heads();
    case.amend(
        &base,
        &Particulars {
            place: "RT 6".into(),
            ..sample()
        },
        &desk.stamp(),
    )
    .unwrap();
    assert!(case.complaint().unwrap().needs_reverification());
    assert_eq!(
        case.forward(Reporter::Known(&record), &desk.stamp()),
        Err(Refusal::ChangedSinceVerified)
    );
    case.verify(Reporter::Known(&record), &desk.stamp()).unwrap();
    case.forward(Reporter::Known(&record), &desk.stamp()).unwrap();
    assert_eq!(case.complaint().unwrap().standing.stage, Stage::Forwarded);
}

#[test]
fn an_incomplete_complaint_is_recorded_and_cannot_be_verified() {
    let mut desk = Desk { machine: 0, ticks: 0 };
    let bare = Particulars::new(crate::vocabulary::Channel::Phone, UnixMillis(0));
    let (mut case, _) = CaseFile::record(id(), &register(), &bare, &desk.stamp()).unwrap();
    let Err(Refusal::Incomplete(missing)) = case.verify(Reporter::None, &desk.stamp()) else {
        panic!("verified")
    };
    assert_eq!(missing.len(), Missing::ALL.len() - 1, "all but `other`");
}

#[test]
fn what_lapor_does_not_take_is_not_forwarded_but_can_be_closed_as_referred() {
    let (record, mut desk) = (record(), Desk { machine: 0, ticks: 0 });
    let theft = Particulars {
        out_of_scope: Some(crate::vocabulary::OutOfScope::Crime),
        ..sample()
    };
    let (mut case, _) = CaseFile::record(id(), &register(), &theft, &desk.stamp()).unwrap();
    case.verify(Reporter::Known(&record), &desk.stamp()).unwrap();
    let refused = case.forward(Reporter::Known(&record), &desk.stamp());
    assert_eq!(
        refused,
        Err(Refusal::OutOfScope {
            kind: crate::vocabulary::OutOfScope::Crime
        })
    );
    case.close_at_office(OfficeOutcome::Referred, "Polsek Pelaihari", &desk.stamp())
        .unwrap();
    let disposed = case.dispose("Dinas PUPR", &desk.stamp());
    assert!(matches!(disposed, Err(Refusal::NotNow { .. })), "it was never in LAPOR");
    assert_eq!(case.complaint().unwrap().standing.stage, Stage::Closed);
}

#[test]
fn the_hub_notes_each_round_once_and_the_office_cannot_edit_what_the_liaison_holds() {
    let (mut case, mut desk, record) = forwarded();
    assert!(case.receive(&desk.stamp()).is_some());
    assert!(case.receive(&desk.stamp()).is_none());
    let base = case.intake_heads();
    let edit = case.amend(
        &base,
        &Particulars {
            title: "lain".into(),
            ..sample()
        },
        &desk.stamp(),
    );
    assert!(matches!(
        edit,
        Err(Refusal::NotNow {
            stage: Stage::Forwarded,
            ..
        })
    ));
    case.give_back(&[Missing::Where], "Di mana tepatnya?", &desk.stamp())
        .unwrap();
    case.amend(
        &base,
        &Particulars {
            place: "RT 4".into(),
            ..sample()
        },
        &desk.stamp(),
    )
    .unwrap();
    case.verify(Reporter::Known(&record), &desk.stamp()).unwrap();
    case.forward(Reporter::Known(&record), &desk.stamp()).unwrap();
    assert_eq!(
        case.complaint().unwrap().standing,
        Standing {
            stage: Stage::Forwarded,
            round: 2,
            received: false
        }
    );
    assert!(case.receive(&desk.stamp()).is_some());
}

#[test]
fn lapor_steps_follow_each_other_and_repeat_nothing() {
    let (mut case, mut desk, _) = forwarded();
    let tracking_id: TrackingId = "5049672".parse().unwrap();
    assert!(matches!(
        case.enter(&tracking_id, &desk.stamp()),
        Err(Refusal::NotNow { .. })
    ));
    case.accept(&desk.stamp()).unwrap();
    case.enter(&tracking_id, &desk.stamp()).unwrap();
    assert_eq!(case.enter(&tracking_id, &desk.stamp()), Err(Refusal::SameTrackingId));
    case.enter(&"5049673".parse().unwrap(), &desk.stamp()).unwrap();
    assert!(case.see_status("Belum Terdisposisi", &desk.stamp()).unwrap().is_some());
    assert!(case.see_status("Belum Terdisposisi", &desk.stamp()).unwrap().is_none());
    assert!(case.dispose("Dinas PUPR", &desk.stamp()).unwrap().is_some());
    assert!(case.dispose("Dinas PUPR", &desk.stamp()).unwrap().is_none());
    let read = case.complaint().unwrap();
    assert_eq!(read.tracking_id.as_ref().map(TrackingId::as_str), Some("5049673"));
    assert_eq!(read.disposed_to.as_deref(), Some("Dinas PUPR"));
    assert_eq!(read.standing.stage, Stage::Disposed);
    case.close("Selesai di LAPOR", &desk.stamp()).unwrap();
    assert_eq!(case.complaint().unwrap().timeline().len(), 9);
}

#[test]
fn a_clock_that_jumps_back_does_not_bring_an_old_tracking_id_back() {
    let (mut case, mut desk, _) = forwarded();
    case.accept(&desk.stamp()).unwrap();
    case.enter(&"5049672".parse().unwrap(), &desk.stamp()).unwrap();
    let mut at_2009 = desk.stamp();
    at_2009.at = UnixMillis(1_234_567_890_000);
    at_2009.event = EventId::new(at_2009.at, [0; 10]);
    case.enter(&"5049673".parse().unwrap(), &at_2009).unwrap();
    let read = case.complaint().unwrap();
    assert_eq!(read.tracking_id.as_ref().map(TrackingId::as_str), Some("5049673"));
    assert!(
        read.timeline().iter().any(|event| event.at == at_2009.at),
        "the clock's own time is kept as it was"
    );
}
