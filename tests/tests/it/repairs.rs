//! Backups that come back, data folders that are copied, databases that change places: with the real programs, ending in
//! equality of every complaint on both sides.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use titian_demo::cast::{self, Cast, OTHER_OPERATOR, PELAIHARI};
use titian_demo::compare;
use titian_demo::gateway::Gateway;
use titian_demo::hub::Hub;

use crate::disk::copy;
use crate::stage::{Stage, registers, sheet};

#[test]
fn a_hub_that_comes_back_from_an_older_backup_regains_everything_that_gateways_hold() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let laptop = cast::enrolled(&cast.hub, stage.gateway("laptop"), PELAIHARI.0, OTHER_OPERATOR).unwrap();
    let desk = &cast.pelaihari;
    desk.add(&sheet(1)).unwrap();
    cast.hub.serve().unwrap();
    for gateway in [desk, &laptop] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
    }
    cast.hub.program.stop().unwrap();
    let backup = stage.folder().join("hub-backup");
    copy(cast.hub.program.data(), &backup);

    cast.hub.serve().unwrap();
    let handled = forwarded(desk, 2);
    let other = forwarded(&laptop, 3);
    for gateway in [desk, &laptop] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
    }
    cast.hub.step(&["accept", &handled]).unwrap();
    cast.hub.step(&["enter", &handled, "--tracking-id", "5049672"]).unwrap();
    cast.hub
        .step(&[
            "return",
            &other,
            "--missing",
            "what,when",
            "--reason",
            "Kapan dan di mana?",
        ])
        .unwrap();
    for gateway in [desk, &laptop, desk] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
    }
    let before = cast.hub.show(&handled).unwrap();
    assert_eq!(before["stage"], "entered");

    cast.hub.program.stop().unwrap();
    fs::remove_dir_all(cast.hub.program.data()).unwrap();
    copy(&backup, cast.hub.program.data());
    cast.hub.serve().unwrap();
    assert!(cast.hub.show(&handled).is_err(), "the backup knows nothing of it");

    for gateway in [desk, &laptop, desk, &laptop] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
        assert!(is_proved(gateway));
    }
    let after = cast.hub.show(&handled).unwrap();
    assert_eq!(
        after["stage"], "entered",
        "what the liaison did came back with its proof"
    );
    assert_eq!(after["tracking_id"], before["tracking_id"]);
    assert_eq!(registers(&cast.hub.program).len(), 3);
    for gateway in [desk, &laptop] {
        assert_same(gateway, &cast.hub);
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_gateway_that_comes_back_from_a_backup_is_noticed_and_loses_nothing_that_was_sent() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let desk = &cast.pelaihari;
    cast.hub.serve().unwrap();
    desk.add(&sheet(1)).unwrap();
    assert_eq!(desk.sync().unwrap(), Some(0));
    let backup = stage.folder().join("gateway-backup");
    copy(desk.program.data(), &backup);

    let sent = forwarded(desk, 2);
    assert_eq!(desk.sync().unwrap(), Some(0));
    cast.hub.step(&["accept", &sent]).unwrap();
    assert_eq!(desk.sync().unwrap(), Some(0));
    let given = desk.show(&sent).unwrap()["register"].clone();
    restore_database(&backup, desk);
    assert!(desk.show(&sent).is_err(), "the backup knows nothing of it");
    let status = desk.program.json(&["status"]).unwrap();
    assert_eq!(
        (&status["found"], &status["repair"]),
        (&json!("restored"), &json!("due"))
    );
    // It goes on capturing before it meets the hub.
    let next = desk.add(&sheet(3)).unwrap();
    assert_ne!(given, next.register.as_str(), "a number is never given twice");

    assert_eq!(
        desk.sync().unwrap(),
        Some(0),
        "its own lease lies in the sidecar: it is no copy"
    );
    assert!(is_proved(desk));
    assert_eq!(desk.show(&sent).unwrap()["stage"], "accepted");
    assert_eq!(desk.program.json(&["status"]).unwrap()["repair"], "none");
    assert_same(desk, &cast.hub);
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn of_two_copies_of_a_data_folder_the_second_is_told_and_a_new_code_loses_nothing_of_either() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let desk = &cast.pelaihari;
    cast.hub.serve().unwrap();
    let common = desk.add(&sheet(1)).unwrap();
    assert_eq!(desk.sync().unwrap(), Some(0));
    let twin = stage.gateway("twin");
    copy(desk.program.data(), twin.program.data());

    let (here, there) = (desk.add(&sheet(2)).unwrap(), twin.add(&sheet(3)).unwrap());
    assert_eq!(here.register, there.register, "both count on under one letter");
    assert_eq!(desk.sync().unwrap(), Some(0));
    let refused = twin.program.run(&["sync"]).unwrap();
    assert_eq!(refused.code, Some(8), "{}", refused.stderr);
    assert!(refused.stderr.contains("enrolled anew"), "{}", refused.stderr);
    let status = twin.program.json(&["status"]).unwrap();
    assert!(status["copied_since"].is_i64(), "{status}");
    assert_eq!(status["waiting_complaints"], 1, "its work stays");
    let offices = cast.hub.program.json(&["office", "list"]).unwrap();
    assert!(offices.to_string().contains("\"copied_at\":1"), "{offices}");
    let later = twin.add(&sheet(4)).unwrap();

    twin.enrol(&cast.hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    assert!(twin.add(&sheet(5)).unwrap().register.contains("/B/"));
    for gateway in [&twin, desk, &twin] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
        assert!(is_proved(gateway));
    }
    assert_eq!(twin.program.json(&["status"]).unwrap()["copied_since"], Value::Null);
    let held: BTreeSet<String> = ids(&cast.hub);
    for recorded in [&common, &here, &there, &later] {
        assert!(held.contains(&recorded.id), "{recorded:?}");
    }
    assert_eq!(held.len(), 5);
    // One number, two complaints: whoever asks for it is told of both.
    let ambiguous = desk.program.run(&["complaint", "show", &here.register]).unwrap();
    assert_eq!(ambiguous.code, Some(5));
    assert!(ambiguous.stderr.contains(&here.id) && ambiguous.stderr.contains(&there.id));
    for gateway in [desk, &twin] {
        assert_same(gateway, &cast.hub);
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn another_gateways_database_in_a_known_place_is_noticed_and_ends_in_equality() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let laptop = cast::enrolled(&cast.hub, stage.gateway("laptop"), PELAIHARI.0, OTHER_OPERATOR).unwrap();
    let desk = &cast.pelaihari;
    cast.hub.serve().unwrap();
    desk.add(&sheet(1)).unwrap();
    laptop.add(&sheet(2)).unwrap();
    for gateway in [desk, &laptop] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
    }
    let unsent = laptop.add(&sheet(3)).unwrap();

    // The laptop's database is put in the place of the desk's, and both go on.
    restore_database(laptop.program.data(), desk);
    assert_eq!(desk.program.json(&["status"]).unwrap()["found"], "exchanged");
    let captured = desk.add(&sheet(4)).unwrap();
    assert_eq!(laptop.sync().unwrap(), Some(0));
    assert_eq!(
        desk.sync().unwrap(),
        Some(8),
        "one of the two is a copy of the laptop now"
    );
    desk.enrol(&cast.hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    for gateway in [desk, &laptop] {
        assert_eq!(gateway.sync().unwrap(), Some(0));
        assert!(is_proved(gateway));
    }
    let held = ids(&cast.hub);
    assert!(held.contains(&unsent.id) && held.contains(&captured.id));
    assert_eq!(held.len(), 4);
    for gateway in [desk, &laptop] {
        assert_same(gateway, &cast.hub);
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn what_each_side_holds_and_lacks_is_explained_on_both_sides_until_nothing_is_missing() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let desk = &cast.pelaihari;
    let explain = ["-o", "json", "sync", "explain"];
    let id = forwarded(desk, 1);
    let waiting = desk.program.run(&explain).unwrap();
    assert_eq!(waiting.code, Some(3), "{}", waiting.stderr);
    let told = waiting.json().unwrap();
    let complaint = &told["complaints"][0];
    // The code was typed while the hub was away.
    assert_eq!(
        (&told["why"], &complaint["complaint"]),
        (&json!("not-enrolled"), &json!(id))
    );
    assert_eq!(complaint["there"]["items"], 0);
    assert!(complaint["missing_there"].as_array().unwrap().len() >= 4, "{complaint}");
    assert!(
        complaint["missing_there"].to_string().contains("\"since\":1"),
        "{complaint}"
    );

    cast.hub.serve().unwrap();
    assert_eq!(desk.sync().unwrap(), Some(0));
    let whole = desk.program.run(&explain).unwrap();
    assert_eq!(whole.code, Some(0), "{}", whole.stdout);
    // Each exchange tells the hub how far the one before came.
    assert_eq!(desk.sync().unwrap(), Some(0));
    cast.hub.step(&["accept", &id]).unwrap();
    let at_hub = ["-o", "json", "office", "explain", PELAIHARI.0, &id];
    let silent = cast.hub.program.run(&at_hub).unwrap();
    assert_eq!(silent.code, Some(3), "{}", silent.stderr);
    let gateway = &silent.json().unwrap()[0];
    assert_eq!((&gateway["letter"], &gateway["why"]), (&json!("A"), &json!("silent")));
    assert_eq!(gateway["complaints"][0]["missing_there"].as_array().unwrap().len(), 1);

    for _ in 0..2 {
        assert_eq!(desk.sync().unwrap(), Some(0));
    }
    let there = cast.hub.program.run(&at_hub).unwrap();
    assert_eq!(there.code, Some(0), "{}", there.stdout);
    let here = desk.program.json(&["sync", "explain", &id]).unwrap();
    let there = there.json().unwrap();
    assert_eq!(
        here["complaints"][0]["here"], there[0]["complaints"][0]["here"],
        "the same heads"
    );
    let unknown = cast.hub.program.run(&["office", "explain", "63.01.99"]).unwrap();
    assert_eq!(unknown.code, Some(4));
    cast.stop().unwrap();
    stage.assert_no_errors();
}

/// A complaint that an office forwarded.
fn forwarded(gateway: &Gateway, number: usize) -> String {
    let id = gateway.add(&sheet(number)).unwrap().id;
    gateway.step(&["verify", &id]).unwrap();
    gateway.step(&["forward", &id]).unwrap();
    id
}

fn is_proved(gateway: &Gateway) -> bool {
    gateway.program.json(&["status"]).unwrap()["in_sync_since"].is_i64()
}

fn ids(hub: &Hub) -> BTreeSet<String> {
    let listed = hub.program.json(&["complaint", "list"]).unwrap();
    let rows = listed.as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Every complaint of the hub is at the gateway, and the same; and no other is there.
fn assert_same(gateway: &Gateway, hub: &Hub) {
    let held = ids(hub);
    assert_eq!(registers(&gateway.program).len(), held.len());
    for id in held {
        let (here, there) = (gateway.show(&id).unwrap(), hub.show(&id).unwrap());
        assert_eq!(compare::differences(&here, &there), [""; 0], "{id}");
    }
}

/// Puts the database files of a folder into a gateway's, and nothing of what lies beside them.
fn restore_database(from: &Path, gateway: &Gateway) {
    let is_database = |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with("gateway.db");
    for entry in fs::read_dir(gateway.program.data()).unwrap() {
        let path = entry.unwrap().path();
        if is_database(&path) {
            fs::remove_file(path).unwrap();
        }
    }
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if is_database(&path) {
            fs::copy(&path, gateway.program.data().join(path.file_name().unwrap())).unwrap();
        }
    }
}
