//! Full disks: the operator is told, the reserve saves what was being saved, and nothing that was confirmed is lost at
//! either side; with room again everything goes on.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::Value;
use titian_demo::cast::{self, Cast, OPERATOR, PELAIHARI};
use titian_demo::program::Program;
use titian_demo::visitor::{Page, Visitor};
use titian_tests::disk::{self, Disk, Wants};

use crate::equality::{self, assert_equal};
use crate::stage::{Stage, import_row, list, record, registers, sheet};

/// Room for a database, its log and the reserve of 8 MiB.
const DISK_BYTES: u64 = 28 * 1024 * 1024;
/// Until the disk shows itself full: far more than the room that a database has set aside in its own log.
const WRITES_MAX: usize = 600;
/// What a command says that finds no room.
const FREE_SOME_SPACE: &str = "next: free some space on the disk";
/// How much room an exchange finds: none, too little to open the database, enough for a part of what comes, enough.
const ROOM_KIB: [u64; 7] = [0, 8, 40, 60, 90, 150, 400];

#[test]
fn a_full_disk_is_told_and_takes_nothing_that_was_confirmed() {
    if !disk::alone(
        "fulldisks::a_full_disk_is_told_and_takes_nothing_that_was_confirmed",
        Wants::Memory,
    )
    .unwrap()
    {
        return;
    }
    let stage = Stage::new();
    let disk = Disk::small(&stage.folder().join("pelaihari"), DISK_BYTES).unwrap();
    let mut cast = Cast::set_up(&stage).unwrap();
    let ballast = cast.pelaihari.program.data().join("gateway.db.ballast");
    cast.pelaihari.serve().unwrap();
    assert!(ballast.exists());
    let mut operator = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    let mut confirmed = BTreeSet::new();

    // The reserve is there for exactly this: the work in hand is saved.
    disk.fill_but(0).unwrap();
    let saved_by_reserve = (0..WRITES_MAX).find(|number| {
        confirmed.insert(saved(&record(&mut operator, *number).unwrap()).expect("the reserve gives the room"));
        !ballast.exists()
    });
    assert!(saved_by_reserve.is_some(), "the disk never became full");
    assert!(!stage.log().mentions("the reserve was given up").is_empty());

    // When that is used up too, the operator is told on the page and at the terminal.
    disk.fill_but(0).unwrap();
    let refused = (0..WRITES_MAX).find_map(|number| {
        let page = record(&mut operator, number).unwrap();
        confirmed.extend(saved(&page));
        saved(&page).is_none().then_some(page)
    });
    let refused = refused.expect("the disk never became full");
    assert_eq!(refused.status.as_u16(), 507, "{}", refused.text());
    assert!(refused.holds("penuh"), "{}", refused.text());
    let told = cast
        .pelaihari
        .program
        .run_with(&["complaint", "add", "--json", "-"], &sheet(1).to_string())
        .unwrap();
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stderr.contains(FREE_SOME_SPACE), "{}", told.stderr);
    // What is there can still be read.
    let held = || -> BTreeSet<String> { list(&cast.pelaihari.program).iter().map(id).collect() };
    assert!(confirmed.is_subset(&held()));

    // With room again everything goes on, and the next start puts a new reserve aside.
    disk.free().unwrap();
    confirmed.insert(saved(&record(&mut operator, 0).unwrap()).expect("there is room"));
    assert_eq!(confirmed, held(), "confirmed is there, and refused is not");
    cast.pelaihari.program.stop().unwrap();
    cast.pelaihari.serve().unwrap();
    assert!(ballast.exists());
    cast.pelaihari.program.stop().unwrap();
    disk::tell(&format!(
        "{} complaints confirmed around a full disk, 0 lost",
        confirmed.len()
    ))
    .unwrap();
}

#[test]
fn a_program_that_starts_on_a_full_disk_says_so_or_lives_on_its_reserve() {
    if !disk::alone(
        "fulldisks::a_program_that_starts_on_a_full_disk_says_so_or_lives_on_its_reserve",
        Wants::Memory,
    )
    .unwrap()
    {
        return;
    }
    let stage = Stage::new();
    let disk = Disk::small(&stage.folder().join("pelaihari"), DISK_BYTES).unwrap();
    let mut cast = Cast::set_up(&stage).unwrap();
    let before = cast.pelaihari.add(&sheet(1)).unwrap();
    close(&cast.pelaihari.program);
    disk.fill_but(0).unwrap();
    for args in [&["complaint", "list"][..], &["run", "--listen", "127.0.0.1:0"]] {
        let told = cast.pelaihari.program.run(args).unwrap();
        assert_eq!(told.code, Some(1), "{args:?}: {told:?}");
        assert!(told.stderr.contains(FREE_SOME_SPACE), "{args:?}: {}", told.stderr);
    }
    disk.free().unwrap();

    // A program that ran before has a reserve, and starts for it.
    cast.pelaihari.serve().unwrap();
    cast.pelaihari.program.stop().unwrap();
    let ballast = cast.pelaihari.program.data().join("gateway.db.ballast");
    assert!(ballast.exists());
    close(&cast.pelaihari.program);
    disk.fill_but(0).unwrap();
    assert_eq!(registers(&cast.pelaihari.program), [before.register]);
    assert!(!ballast.exists() && !stage.log().mentions("the reserve was given up").is_empty());
    cast.pelaihari.serve().unwrap();
    cast.pelaihari.program.stop().unwrap();
}

/// Takes in what a program that ended in haste left beside its database: with its room the next one would get by.
fn close(program: &Program) {
    let database = Connection::open(program.data().join("gateway.db")).unwrap();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

#[test]
fn an_exchange_with_a_full_disk_at_the_gateway_goes_on_when_there_is_room() {
    if !disk::alone(
        "fulldisks::an_exchange_with_a_full_disk_at_the_gateway_goes_on_when_there_is_room",
        Wants::Memory,
    )
    .unwrap()
    {
        return;
    }
    an_exchange_with_a_full_disk("pelaihari");
}

#[test]
fn an_exchange_with_a_full_disk_at_the_hub_goes_on_when_there_is_room() {
    if !disk::alone(
        "fulldisks::an_exchange_with_a_full_disk_at_the_hub_goes_on_when_there_is_room",
        Wants::Memory,
    )
    .unwrap()
    {
        return;
    }
    an_exchange_with_a_full_disk("hub");
}

/// News wait in both directions, and one side has room for all, for some or for none of them.
fn an_exchange_with_a_full_disk(side: &str) {
    let stage = Stage::new();
    let disk = Disk::small(&stage.folder().join(side), DISK_BYTES).unwrap();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let mut failed = 0;
    for (round, free) in ROOM_KIB.into_iter().enumerate() {
        news_at_both(&mut cast, &stage, round);
        empty_log(&cast.pelaihari.program);
        // The hub's reserve would save the day: it is used up here.
        let _ = std::fs::remove_file(cast.hub.program.data().join("hub.db.ballast"));
        disk.fill_but(free * 1024).unwrap();
        let outcome = cast.pelaihari.program.run(&["sync"]).unwrap();
        disk.free().unwrap();
        let acknowledged = equality::acknowledged_items(&cast.pelaihari.program, PELAIHARI.0);
        let there = equality::items(&cast.hub.program, PELAIHARI.0);
        assert!(
            acknowledged.is_subset(&there),
            "acknowledged and not there, with {free} KiB free"
        );
        if outcome.code != Some(0) {
            failed += 1;
            let told = match side {
                "hub" => "the hub has no room or too much to do",
                _ => "free some space on the disk",
            };
            assert!(outcome.stderr.contains(told), "{free} KiB free: {outcome:?}");
        }
        // The same programs go on: nobody has to start them again.
        assert_eq!(cast.pelaihari.sync().unwrap(), Some(0), "after {free} KiB free");
    }
    assert!(failed > 0, "the disk was never full in an exchange");
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    assert_equal(&cast.pelaihari.program, &cast.hub.program, PELAIHARI.0);
    cast.stop().unwrap();
    disk::tell(&format!(
        "{failed} of {} exchanges failed for a full disk, 0 items lost",
        ROOM_KIB.len()
    ))
    .unwrap();
}

/// Lets the database of a program that does not run hide no room: whoever closes it last empties its log.
fn empty_log(program: &Program) {
    let database = Connection::open(program.data().join("gateway.db")).unwrap();
    database.query_row("SELECT count(*) FROM item", [], |_| Ok(())).unwrap();
    database.close().unwrap();
}

/// A register of forty rows at the gateway, and what came before accepted at the hub.
fn news_at_both(cast: &mut Cast, stage: &Stage, round: usize) {
    for number in 0..3 {
        cast::forward(&cast.pelaihari, &sheet(round * 10 + number)).unwrap();
    }
    let rows: Vec<String> = (0..40)
        .map(|number| import_row(1_000 * (round + 1) + number).to_string())
        .collect();
    let file = stage.folder().join("register.ndjson");
    std::fs::write(&file, rows.join("\n")).unwrap();
    cast.pelaihari
        .program
        .json(&["import", file.to_str().unwrap()])
        .unwrap();
    for row in list(&cast.hub.program).iter().filter(|row| row["stage"] == "forwarded") {
        cast.hub.step(&["accept", &id(row)]).unwrap();
    }
}

/// Gives the complaint that an answer confirms: it leads to its own page.
fn saved(page: &Page) -> Option<String> {
    let path = page.location.as_ref()?;
    Some(path.split(['/', '?']).nth(2).unwrap().to_owned())
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}
