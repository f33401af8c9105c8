//! Power cuts: processes are killed at random moments, and nothing that was confirmed is ever missing.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use titian_demo::cast::{self, Cast, OPERATOR, PELAIHARI};
use titian_demo::compare;
use titian_demo::export::{self, Row};
use titian_demo::gateway::Gateway;
use titian_demo::task::Outcome;
use titian_demo::visitor::Visitor;
use titian_tests::draw::Draw;
use titian_tests::moments::Moments;

use crate::stage::{Stage, import_row, list, registers, save, sheet, typed};

const SEED: u64 = 20_260_301;

#[test]
fn a_number_that_a_command_printed_is_never_lost_to_a_kill() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let gateway = &cast.pelaihari;
    let mut moments = Moments::new(SEED, 60_000);
    let mut confirmed = BTreeSet::new();
    for number in 0..40 {
        let args = ["-o", "json", "complaint", "add", "--json", "-"];
        let task = gateway.program.begin(&args, &sheet(number).to_string()).unwrap();
        moments.pass();
        let outcome = task.kill().unwrap();
        moments.learn(outcome.code == Some(0));
        if outcome.code == Some(0) {
            confirmed.insert(outcome.json().unwrap()["register"].as_str().unwrap().to_owned());
        }
    }
    assert!(
        moments.early > 5 && moments.late > 5,
        "{} kills early, {} late",
        moments.early,
        moments.late
    );
    assert_holds(gateway, &confirmed);
    // What was not confirmed may be there or not, but it is whole, and the next one works.
    let next = gateway.add(&sheet(99)).unwrap().register;
    assert_eq!(registers(&gateway.program).last(), Some(&next));
    stage.assert_no_errors();
}

#[test]
fn a_complaint_that_a_page_confirmed_is_never_lost_to_a_kill() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let mut moments = Moments::new(SEED + 1, 60_000);
    let mut confirmed = BTreeSet::new();
    for number in 0..20 {
        cast.pelaihari.serve().unwrap();
        let mut visitor = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
        visitor.log_in(OPERATOR.name, OPERATOR.password).unwrap();
        let form = typed(&mut visitor, number).unwrap();
        let sending = std::thread::spawn(move || save(&mut visitor, &form).ok());
        moments.pass();
        cast.pelaihari.program.kill().unwrap();
        let answer = sending.join().unwrap();
        moments.learn(answer.is_some());
        // An answer leads to the complaint's own page: that is the confirmation on the screen.
        confirmed.extend(answer.map(|page| {
            let path = page
                .location
                .clone()
                .unwrap_or_else(|| panic!("the form was refused: {}", page.text()));
            path.split(['/', '?']).nth(2).unwrap().to_owned()
        }));
    }
    assert!(
        moments.early > 2 && moments.late > 2,
        "{} kills early, {} late",
        moments.early,
        moments.late
    );
    let held: BTreeSet<String> = list(&cast.pelaihari.program)
        .iter()
        .map(|row| text(row, "id"))
        .collect();
    assert!(
        confirmed.is_subset(&held),
        "confirmed and lost: {:?}",
        confirmed.difference(&held).collect::<Vec<_>>()
    );
    stage.assert_no_errors();
}

#[test]
fn an_import_that_is_killed_again_and_again_ends_with_each_row_once() {
    const ROWS: usize = 200;
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let gateway = &cast.pelaihari;
    let before = gateway.add(&sheet(0)).unwrap().register;
    let file = stage.folder().join("register.ndjson");
    let rows: Vec<String> = (1..=ROWS).map(|number| import_row(number).to_string()).collect();
    fs::write(&file, rows.join("\n")).unwrap();
    let args = ["-o", "json", "import", file.to_str().unwrap()];

    let mut moments = Moments::new(SEED + 2, 200_000);
    let mut grown = BTreeSet::from([1]);
    for _ in 0..12 {
        let task = gateway.program.begin(&args, "").unwrap();
        moments.pass();
        let late = task.kill().unwrap().code == Some(0);
        moments.learn(late);
        grown.insert(registers(&gateway.program).len());
        if late {
            break;
        }
    }
    assert!(grown.len() > 1, "no kill came in the middle of the import: {grown:?}");
    gateway.program.run(&args).unwrap().success().unwrap();
    let held = registers(&gateway.program);
    assert_eq!(held.len(), ROWS + 1, "each row once, and the complaint from before");
    assert!(held.contains(&before));
    let again = gateway.program.json(&args[2..]).unwrap();
    assert_eq!((&again["added"], &again["present"]), (&json!(0), &json!(ROWS)));
    stage.assert_no_errors();
}

#[test]
fn an_exchange_that_is_killed_on_either_side_loses_and_doubles_nothing() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let file = stage.folder().join("register.ndjson");
    let rows: Vec<String> = (1..=150).map(|number| import_row(number).to_string()).collect();
    fs::write(&file, rows.join("\n")).unwrap();
    cast.pelaihari
        .program
        .json(&["import", file.to_str().unwrap()])
        .unwrap();

    let mut draw = Draw::new(SEED + 3, 0);
    let mut moments = Moments::new(SEED + 4, 200_000);
    let mut confirmed = BTreeSet::new();
    for number in 0..20 {
        cast.hub.serve().unwrap();
        confirmed.insert(cast::forward(&cast.pelaihari, &sheet(number)).unwrap().register);
        let syncing = cast.pelaihari.program.begin(&["sync"], "").unwrap();
        moments.pass();
        let outcome = if draw.one_in(2) {
            cast.hub.program.kill().unwrap();
            syncing.wait().unwrap()
        } else {
            syncing.kill().unwrap()
        };
        moments.learn(outcome.code == Some(0));
        assert_delivered_means_delivered(&mut cast, &outcome);
        cast.hub.program.kill().unwrap();
    }
    assert!(
        moments.early > 3 && moments.late > 3,
        "{} kills early, {} late",
        moments.early,
        moments.late
    );
    cast.hub.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    assert_holds(&cast.pelaihari, &confirmed);
    assert_same(&cast);
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn an_import_from_lapor_that_is_killed_is_done_as_a_whole_or_not_at_all() {
    const COMPLAINTS: usize = 6;
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let ids: Vec<_> = (0..COMPLAINTS)
        .map(|number| cast::forward(&cast.pelaihari, &sheet(number)).unwrap().id)
        .collect();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    let tracking_id = |number: usize| format!("{}", 9_300_000 + number);
    for (number, id) in ids.iter().enumerate() {
        cast.hub.step(&["accept", id]).unwrap();
        cast.hub
            .step(&["enter", id, "--tracking-id", &tracking_id(number)])
            .unwrap();
    }
    let mut moments = Moments::new(SEED + 5, 60_000);
    for round in 0..14 {
        let file = stage.folder().join(format!("export-{round}.xlsx"));
        let row = |number: usize| Row {
            tracking_id: tracking_id(number),
            status: format!("Putaran {round}"),
            disposed_to: "Dinas Perhubungan".into(),
            ..Row::default()
        };
        export::write(&file, &(0..COMPLAINTS).map(row).collect::<Vec<_>>()).unwrap();
        let task = cast
            .hub
            .program
            .begin(&["lapor", "import", file.to_str().unwrap()], "")
            .unwrap();
        moments.pass();
        let late = task.kill().unwrap().code == Some(0);
        moments.learn(late);
        let rows = list(&cast.hub.program);
        let statuses: BTreeSet<String> = rows.iter().map(|row| row["lapor_status"].to_string()).collect();
        assert_eq!(statuses.len(), 1, "half an import: {statuses:?}");
        let done = statuses.contains(&format!("\"Putaran {round}\""));
        assert!(done || !late, "the import was confirmed and is not there");
    }
    assert!(
        moments.early > 2 && moments.late > 2,
        "{} kills early, {} late",
        moments.early,
        moments.late
    );
    cast.stop().unwrap();
    stage.assert_no_errors();
}

/// An exchange that ended with 0 promised that the hub has everything.
fn assert_delivered_means_delivered(cast: &mut Cast, outcome: &Outcome) {
    if outcome.code != Some(0) {
        return;
    }
    let at_hub: BTreeSet<String> = registers(&cast.hub.program).into_iter().collect();
    let here: BTreeSet<String> = registers(&cast.pelaihari.program).into_iter().collect();
    assert!(
        here.is_subset(&at_hub),
        "confirmed as delivered and missing: {:?}",
        here.difference(&at_hub)
    );
}

fn assert_holds(gateway: &Gateway, confirmed: &BTreeSet<String>) {
    let held = registers(&gateway.program);
    let distinct: BTreeSet<String> = held.iter().cloned().collect();
    assert_eq!(
        held.len(),
        distinct.len(),
        "a register number was given twice: {held:?}"
    );
    assert!(
        confirmed.is_subset(&distinct),
        "confirmed and lost: {:?}",
        confirmed.difference(&distinct).collect::<Vec<_>>()
    );
    for register in confirmed {
        assert_eq!(text(&gateway.show(register).unwrap(), "register"), *register);
    }
}

/// The office and the hub hold the same: every row of the lists, and some complaints in full.
fn assert_same(cast: &Cast) {
    let of = |program| -> Vec<Value> {
        let mut rows = list(program);
        rows.retain(|row| row["office"] == PELAIHARI.0);
        rows.sort_by_key(|row| text(row, "id"));
        rows
    };
    let (here, there) = (of(&cast.pelaihari.program), of(&cast.hub.program));
    assert_eq!(here.len(), there.len());
    for (here, there) in here.iter().zip(&there) {
        let differences = compare::differences(here, there);
        assert!(differences.is_empty(), "{here} and {there} differ in {differences:?}");
    }
    for row in here.iter().step_by(here.len() / 10 + 1) {
        let id = text(row, "id");
        let (here, there) = (cast.pelaihari.show(&id).unwrap(), cast.hub.show(&id).unwrap());
        assert_eq!(compare::differences(&here, &there), [""; 0], "{here} {there}");
    }
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}
