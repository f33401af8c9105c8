//! Restrictions hold whatever arrives first, and until somebody who knew of them lifts them.

use super::*;

/// Builds the case file from changes in some order, each of them twice.
fn read(intake: &[Vec<u8>], handling: &[Vec<u8>], backwards: bool) -> CaseFile {
    let order = |changes: &[Vec<u8>]| {
        let mut all: Vec<Vec<u8>> = changes.iter().chain(changes).cloned().collect();
        if backwards {
            all.reverse();
        }
        all
    };
    let (intake, handling) = (order(intake), order(handling));
    CaseFile::load(
        id(),
        intake.iter().map(Vec::as_slice),
        handling.iter().map(Vec::as_slice),
    )
}

#[test]
fn a_restriction_holds_until_somebody_who_knew_of_it_lifts_it_in_any_order() {
    let (mut office, mut hub) = (Desk { machine: 0, ticks: 0 }, Desk { machine: 2, ticks: 0 });
    let (mut case, recorded) = CaseFile::record(id(), &register(), &sample(), &office.stamp()).unwrap();
    let (mut intake, mut handling) = (vec![recorded.bytes], Vec::new());
    assert!(!case.complaint().unwrap().is_restricted());
    assert_eq!(
        case.restrict(Place::Office, " ", &office.stamp()),
        Err(Refusal::Blank { field: "reason" })
    );

    // Both sides restrict, and the hub lifts what it knows of: its own.
    let mut at_hub = read(&intake, &handling, false);
    intake.push(
        case.restrict(Place::Office, "surat 12", &office.stamp())
            .unwrap()
            .unwrap()
            .bytes,
    );
    assert_eq!(
        case.restrict(Place::Office, "surat 12", &office.stamp()),
        Ok(None),
        "once is enough"
    );
    handling.push(
        at_hub
            .restrict(Place::Hub, "surat 13", &hub.stamp())
            .unwrap()
            .unwrap()
            .bytes,
    );
    handling.push(
        at_hub
            .lift_restrictions(Place::Hub, "selesai", &hub.stamp())
            .unwrap()
            .unwrap()
            .bytes,
    );
    assert!(!at_hub.complaint().unwrap().is_restricted());
    assert_eq!(at_hub.lift_restrictions(Place::Hub, "selesai", &hub.stamp()), Ok(None));
    let held = |intake: &[Vec<u8>], handling: &[Vec<u8>]| {
        let held = [false, true].map(|backwards| read(intake, handling, backwards).complaint().unwrap().restrictions());
        assert_eq!(held[0], held[1], "the order of arrival does not matter");
        held[0].iter().map(|one| one.reason.clone()).collect::<Vec<_>>()
    };
    assert_eq!(held(&intake, &handling), ["surat 12"]);

    // Who knows of it lifts it, at the other side too; a lifting that arrives before what it lifts lifts it all the same.
    let mut at_hub = read(&intake, &handling, false);
    handling.push(
        at_hub
            .lift_restrictions(Place::Hub, "surat 14", &hub.stamp())
            .unwrap()
            .unwrap()
            .bytes,
    );
    assert!(held(&intake, &handling).is_empty());
    assert!(held(&intake[..1], &handling).is_empty());
    // And it can be set again.
    let mut case = read(&intake, &handling, true);
    intake.push(
        case.restrict(Place::Office, "surat 15", &office.stamp())
            .unwrap()
            .unwrap()
            .bytes,
    );
    assert_eq!(held(&intake, &handling), ["surat 15"]);
    // It is no stage, and forbids no step.
    assert_eq!(
        read(&intake, &handling, false).complaint().unwrap().standing.stage,
        Stage::Recorded
    );
}

#[test]
fn a_name_leads_nobody_to_what_somebody_made_anonymous_whatever_somebody_else_wrote_meanwhile() {
    for (first, second) in [(0, 1), (1, 0)] {
        let (mut one, mut other) = (
            Desk {
                machine: first,
                ticks: 5,
            },
            Desk {
                machine: second,
                ticks: 5,
            },
        );
        let (case, recorded) = CaseFile::record(id(), &register(), &sample(), &one.stamp()).unwrap();
        assert!(!case.complaint().unwrap().hides_name());
        let mut intake = vec![recorded.bytes];
        let anonymous = |case: &mut CaseFile, anonymous: bool, by: &Stamp| {
            let sheet = Particulars {
                anonymous,
                ..case.complaint().unwrap().particulars
            };
            let base = case.intake_heads();
            case.amend(&base, &sheet, by).unwrap().unwrap().bytes
        };
        let (mut here, mut there) = (read(&intake, &[], false), read(&intake, &[], false));
        intake.push(anonymous(&mut here, true, &one.stamp()));
        intake.push(anonymous(&mut there, true, &other.stamp()));
        intake.push(anonymous(&mut there, false, &other.stamp()));
        assert!(!there.complaint().unwrap().hides_name());
        assert!(read(&intake, &[], false).complaint().unwrap().hides_name());
    }
}
