//! What passes the airlock and what does not, change by change.

use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{ActorId, AutoCommit, ObjType, ROOT, ScalarValue};

use super::*;
use crate::casefile::{CaseFile, Place};
use crate::document::Stamp;
use crate::event::{Event, IntakeEvent};
use crate::id::{EventId, Incarnation};
use crate::particulars::{Field, sample};
use crate::time::UnixMillis;

const AT: UnixMillis = UnixMillis(1_773_100_000_000);

fn office() -> OfficeCode {
    "63.01.03".parse().unwrap()
}

fn id() -> ComplaintId {
    ComplaintId::new(AT, [9; 10])
}

fn stamp(machine: u8, event: u8) -> Stamp {
    Stamp {
        at: AT,
        trusted: true,
        staff: "Siti".into(),
        event: EventId::new(AT, [event; 10]),
        incarnation: Incarnation([machine; 16]),
    }
}

/// Records a complaint, amends it twice from the same page, and notes something: all that honest gateways do.
fn honest() -> Vec<Vec<u8>> {
    let register = "63.01.03/A/2026/0001".parse().unwrap();
    let (mut case, first) = CaseFile::record(id(), &register, &sample(), &stamp(1, 1)).unwrap();
    let seen = case.intake_heads();
    let mut changes = vec![first.bytes];
    for (machine, title) in [(1, "Jembatan"), (1, "Titian"), (2, "Titian kayu")] {
        let mut new = sample();
        new.title = title.into();
        changes.push(case.amend(&seen, &new, &stamp(machine, 2)).unwrap().unwrap().bytes);
    }
    // For the value that shows, which automerge writes by taking the others away.
    let complaint = case.complaint().unwrap();
    let shown = complaint.particulars.get(Field::Title);
    changes.push(case.settle(Field::Title, shown, &stamp(2, 4)).unwrap().bytes);
    changes.push(case.note("lihat", &stamp(2, 3)).unwrap().bytes);
    let restricted = case.restrict(Place::Office, "surat 12", &stamp(2, 5)).unwrap();
    changes.push(restricted.unwrap().bytes);
    let lifted = case.lift_restrictions(Place::Office, "surat 13", &stamp(2, 6)).unwrap();
    changes.push(lifted.unwrap().bytes);
    changes
}

fn judged(held: &[Vec<u8>], new: &[Vec<u8>]) -> Vec<Verdict> {
    judge(Case {
        office: &office(),
        complaint: id(),
        held: &held.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        new: &new.iter().map(Vec::as_slice).collect::<Vec<_>>(),
    })
}

/// Builds on the honest changes whatever somebody wants to write, as a machine of this office.
fn forge(write: impl FnOnce(&mut AutoCommit)) -> Vec<u8> {
    let mut document = AutoCommit::new();
    let all = honest();
    let parse = |bytes: &Vec<u8>| automerge::Change::from_bytes(bytes.clone()).unwrap();
    document
        .apply_changes(all.iter().map(parse).collect::<Vec<_>>())
        .unwrap();
    document.set_actor(ActorId::from([3; 16]));
    write(&mut document);
    let options = CommitOptions::default().with_message("Mallory").with_time(AT.0 / 1000);
    let hash = document.commit_with(options).unwrap();
    document.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec()
}

fn reason(write: impl FnOnce(&mut AutoCommit)) -> Reason {
    match judged(&honest(), &[forge(write)])[..] {
        [Verdict::Refused(reason)] => reason,
        ref other => panic!("{other:?}"),
    }
}

fn event(machine: u8, text: &str) -> (String, ScalarValue) {
    (stamp(machine, machine).event.to_string(), ScalarValue::Str(text.into()))
}

#[test]
fn what_honest_gateways_write_fits_in_any_order_and_any_portions() {
    let all = honest();
    assert_eq!(judged(&[], &all), vec![Verdict::Fits; all.len()]);
    let mut backwards = all.clone();
    backwards.reverse();
    assert_eq!(judged(&[], &backwards), vec![Verdict::Fits; all.len()]);
    for split in 1..all.len() {
        let (held, new) = all.split_at(split);
        assert_eq!(judged(held, new), vec![Verdict::Fits; new.len()], "{split}");
        assert_eq!(
            judged(&all, new),
            vec![Verdict::Fits; new.len()],
            "what is there already"
        );
    }
}

#[test]
fn a_change_whose_cause_is_missing_waits_for_it_by_name() {
    let all = honest();
    let first = crate::document::inspect(&all[0]).unwrap().hash;
    assert_eq!(judged(&[], &all[1..2]), [Verdict::Waits(vec![first])]);
    let verdicts = judged(&[], &all[1..]);
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Waits(_))));
}

#[test]
fn what_follows_a_refused_change_waits_and_the_others_pass() {
    let all = honest();
    let mut document = AutoCommit::new();
    let parse = |bytes: &Vec<u8>| automerge::Change::from_bytes(bytes.clone()).unwrap();
    document
        .apply_changes(all.iter().map(parse).collect::<Vec<_>>())
        .unwrap();
    document.set_actor(ActorId::from([3; 16]));
    let mut made = Vec::new();
    for key in ["zzz", "title"] {
        document.put(ROOT, key, "x").unwrap();
        let hash = document.commit().unwrap();
        made.push(document.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec());
    }
    let mut new = made.clone();
    new.push(all[4].clone());
    new.push(all[5].clone());
    let verdicts = judged(&all[..4], &new);
    assert_eq!(verdicts[0], Verdict::Refused(Reason::Field));
    assert!(matches!(verdicts[1], Verdict::Waits(_)), "{verdicts:?}");
    assert_eq!(verdicts[2], Verdict::Fits);
}

#[test]
fn only_plain_values_of_known_fields_may_stand_at_the_root() {
    type Write = fn(&mut AutoCommit);
    let cases: [(Reason, Write); 12] = [
        (Reason::Nested, |doc| {
            doc.put_object(ROOT, "title", ObjType::Map).unwrap();
        }),
        (Reason::Nested, |doc| {
            doc.put_object(ROOT, "title", ObjType::Text).unwrap();
        }),
        (Reason::Register, |doc| doc.delete(ROOT, "register").unwrap()),
        (Reason::Field, |doc| doc.put(ROOT, "tracking_id", "5049672").unwrap()),
        (Reason::Field, |doc| doc.put(ROOT, "title", 5).unwrap()),
        (Reason::Field, |doc| {
            doc.put(ROOT, "title", ScalarValue::counter(5)).unwrap();
        }),
        (Reason::Field, |doc| doc.put(ROOT, "reporter", vec![1; 31]).unwrap()),
        (Reason::Field, |doc| doc.put(ROOT, "anonymous", "yes").unwrap()),
        (Reason::TooLarge, |doc| doc.put(ROOT, "title", "a".repeat(256)).unwrap()),
        (Reason::Counter, |doc| doc.put(ROOT, "received_at", i64::MAX).unwrap()),
        (Reason::Register, |doc| {
            doc.put(ROOT, "register", "63.01.01/A/2026/0001").unwrap();
        }),
        (Reason::Register, |doc| {
            doc.put(ROOT, "register", "63.01.03/A/2026/0002").unwrap();
        }),
    ];
    for (index, (expected, write)) in cases.into_iter().enumerate() {
        assert_eq!(reason(write), expected, "case {index}");
    }
}

#[test]
fn events_are_of_the_office_appended_and_never_replaced() {
    let write = |text: &'static str| {
        let (key, value) = event(7, text);
        judged(&honest(), &[forge(move |doc| doc.put(ROOT, key, value).unwrap())])
    };
    let refused = |reason| [Verdict::Refused(reason)];
    assert_eq!(write(r#"{"at":1,"by":"x","kind":"noted","note":"n"}"#), [Verdict::Fits]);
    assert_eq!(
        write(r#"{"at":1,"by":"x","kind":"teleported","to":[1]}"#),
        [Verdict::Fits],
        "a newer program's kind is kept"
    );
    assert_eq!(write("no event"), refused(Reason::Event));
    assert_eq!(
        write(r#"{"at":1,"by":"x","kind":"restriction_lifted","lifts":["<b>"],"reason":"r"}"#),
        refused(Reason::Event)
    );
    assert_eq!(
        write(r#"{"at":1,"by":"x","kind":"accepted","round":1}"#),
        refused(Reason::HubsOwn)
    );
    assert_eq!(
        write(r#"{"at":-1,"by":"x","kind":"noted","note":"n"}"#),
        refused(Reason::Counter)
    );
    let deep = format!(
        r#"{{"at":1,"by":"x","kind":"newer","deep":{}1{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let (key, _) = event(7, "");
    assert_eq!(reason(|doc| doc.put(ROOT, key, deep.as_str()).unwrap()), Reason::Event);
    // The first event of the honest history, rewritten.
    let forged = Event {
        id: stamp(1, 1).event,
        at: AT,
        trusted: true,
        staff: "Siti".into(),
        what: IntakeEvent::Noted {
            note: "tidak pernah".into(),
        },
    };
    let text = forged.to_text();
    assert_eq!(
        reason(|doc| doc.put(ROOT, forged.id.to_string(), text.as_str()).unwrap()),
        Reason::Event
    );
}

#[test]
fn a_writers_place_is_taken_once_and_counters_stay_in_proportion() {
    let note = |text: &'static str| move |doc: &mut AutoCommit| doc.put(ROOT, "place", text).unwrap();
    let (one, other) = (forge(note("a")), forge(note("b")));
    assert_eq!(
        judged(&honest(), &[one.clone(), other.clone()]),
        [Verdict::Fits, Verdict::Refused(Reason::Contradicts)]
    );
    let mut held = honest();
    held.push(one);
    assert_eq!(judged(&held, &[other]), [Verdict::Refused(Reason::Contradicts)]);

    let expanded = |change: &dyn Fn(&mut automerge::ExpandedChange)| {
        let honest_one = automerge::Change::from_bytes(forge(note("c"))).unwrap();
        let mut expanded = honest_one.decode();
        change(&mut expanded);
        automerge::Change::from(expanded).raw_bytes().to_vec()
    };
    for (expected, bytes) in [
        (
            Reason::Unreadable,
            expanded(&|one| one.start_op = u64::MAX.try_into().unwrap()),
        ),
        (
            Reason::Counter,
            expanded(&|one| one.start_op = 1_000_000.try_into().unwrap()),
        ),
        (Reason::Counter, expanded(&|one| one.time = i64::MAX)),
        (Reason::Contradicts, expanded(&|one| one.seq = u64::MAX)),
        (Reason::Contradicts, expanded(&|one| one.seq = 2)),
        (Reason::Writer, expanded(&|one| one.actor_id = ActorId::from([3; 15]))),
        (Reason::Writer, expanded(&|one| one.actor_id = ActorId::from([3; 18]))),
        (Reason::TooLarge, expanded(&|one| one.message = Some("x".repeat(5_000)))),
        (Reason::Nested, expanded(&|one| one.extra_bytes = vec![1])),
        (Reason::Register, expanded(&|one| one.deps.clear())),
    ] {
        let verdicts = judged(&honest(), &[bytes]);
        assert_eq!(verdicts, [Verdict::Refused(expected)]);
    }
}

#[test]
fn what_does_not_begin_with_a_register_number_is_no_complaint() {
    let mut document = AutoCommit::new();
    document.set_actor(ActorId::from([3; 16]));
    document.put(ROOT, "title", "x").unwrap();
    let hash = document.commit().unwrap();
    let bytes = document.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec();
    assert_eq!(judged(&[], &[bytes]), [Verdict::Refused(Reason::NoComplaint)]);
}

#[test]
fn thousands_of_mutations_pass_only_if_the_case_file_still_loads() {
    let all = honest();
    let (held, last) = all.split_at(4);
    let (mut fit, mut refused) = (0, 0);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    for _ in 0..4_000 {
        let base = if draw(2) == 0 { &last[0] } else { &all[0] };
        let held = if std::ptr::eq(base, &raw const last[0]) {
            held
        } else {
            &[]
        };
        let mut mutated = base.clone();
        for _ in 0..=draw(3) {
            // Behind magic, checksum, type and length.
            let at = 11 + draw(mutated.len() - 11);
            mutated[at] = u8::try_from(draw(256)).unwrap();
        }
        mend_checksum(&mut mutated);
        match &judged(held, std::slice::from_ref(&mutated))[..] {
            [Verdict::Fits] => {
                fit += 1;
                let with = held.iter().chain([&mutated]).map(Vec::as_slice);
                let case = CaseFile::load(id(), with, []);
                assert!(case.unmerged().is_empty() && case.complaint().is_some());
            }
            _ => refused += 1,
        }
    }
    assert!(fit > 10 && refused > 2_000, "{fit} fit, {refused} did not");
}

/// Makes the checksum of a mutated chunk right again.
fn mend_checksum(chunk: &mut [u8]) {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(&chunk[8..]);
    chunk[4..8].copy_from_slice(&hash[..4]);
}
