//! Sticks that are bad, full or in bad hands, with the real programs: clear words, and nothing lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;
use titian_demo::cast::{self, Cast, OPERATOR, PELAIHARI};
use titian_demo::program::Program;
use titian_demo::visitor::Visitor;
use titian_sync::item::{Item, ItemKind};
use titian_tests::disk::{self, Disk, Wants};
use titian_tests::hostile::Device;
use titian_tests::hostile::changes::{Author, bomb};

use crate::bundles::{bundle, carry, files, long_register, stick, taken, text, trouble};
use crate::equality::assert_equal;
use crate::stage::{Stage, pdf, sheet};

/// Room for two parts of the smallest size, and not for a third.
const STICK_BYTES: u64 = 5 * 512 * 1024;

#[test]
fn a_stick_without_room_keeps_the_parts_that_are_whole_and_says_which() {
    if !disk::alone(
        "sticks::a_stick_without_room_keeps_the_parts_that_are_whole_and_says_which",
        Wants::Memory,
    )
    .unwrap()
    {
        return;
    }
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let (gateway, hub) = (&cast.pelaihari.program, &cast.hub.program);
    carry(&cast, &stage, "join");
    let register = stage.folder().join("register.ndjson");
    fs::write(&register, long_register(250)).unwrap();
    gateway.run(&["import", text(&register)]).unwrap().success().unwrap();

    let folder = stage.folder().join("small");
    let small = Disk::small(&folder, STICK_BYTES).unwrap();
    let outcome = gateway
        .run(&["bundle", "export", "--to", text(&folder), "--part-size", "1"])
        .unwrap();
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    let whole = files(&folder);
    assert!(!whole.is_empty(), "{}", outcome.stderr);
    for file in &whole {
        assert_eq!(
            file.extension().and_then(|end| end.to_str()),
            Some("titian"),
            "{whole:?}"
        );
        assert!(outcome.stderr.contains(text(file)), "{}", outcome.stderr);
    }
    assert!(outcome.stderr.contains("whole and usable"), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("next: nothing here was changed"),
        "{}",
        outcome.stderr
    );
    // They are worth what they hold, and a stick with more room brings the rest.
    for report in taken(hub, &folder).as_array().unwrap() {
        assert_eq!(report["taken"]["more_parts"], json!(true), "{report}");
        assert_eq!(report["taken"]["waits_for_earlier"], json!(false), "{report}");
    }
    drop(small);
    carry(&cast, &stage, "rest");
    assert_eq!(gateway.json(&["status"]).unwrap()["waiting_items"], json!(0));
    stage.assert_no_errors();
}

#[test]
fn a_file_cut_or_changed_anywhere_is_a_clear_error_and_the_whole_one_is_taken_afterwards() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let (gateway, hub) = (&cast.pelaihari.program, &cast.hub.program);
    carry(&cast, &stage, "join");
    for number in 1..=3 {
        cast::forward(&cast.pelaihari, &sheet(number)).unwrap();
    }
    let good = stick(&stage, "good");
    assert_eq!(bundle(gateway, &["export", "--to", text(&good)]).0, Some(0));
    let file = files(&good).remove(0);
    let whole = fs::read(&file).unwrap();
    let bad = stick(&stage, "bad");
    for number in 0..24 {
        let at = whole.len() * number / 24;
        fs::write(bad.join(format!("cut-{number:02}.titian")), &whole[..at]).unwrap();
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        fs::write(bad.join(format!("changed-{number:02}.titian")), &changed).unwrap();
    }
    let (code, report) = bundle(hub, &["import", text(&bad)]);
    assert_ne!(code, Some(0), "{report}");
    for file in report["files"].as_array().unwrap() {
        let kind = file["trouble"].as_str();
        assert!(
            // One bit of the version's line makes it a later version's file.
            matches!(kind, Some("damaged" | "not-a-bundle" | "not-for-here" | "newer")),
            "{file}"
        );
        assert!(file["next"].is_string(), "{file}");
    }
    assert!(taken(hub, &file)[0]["taken"]["new_items"].as_u64().unwrap() > 0);
    let back = stick(&stage, "back");
    bundle(hub, &["export", PELAIHARI.0, "--to", text(&back)]);
    let answer = files(&back).remove(0);
    let whole = fs::read(&answer).unwrap();
    for number in 0..24 {
        fs::write(&answer, &whole[..whole.len() * number / 24]).unwrap();
        let said = trouble(gateway, &answer);
        assert!(matches!(said.1.as_str(), "damaged" | "not-a-bundle"), "{said:?}");
    }
    assert_ne!(gateway.json(&["status"]).unwrap()["waiting_items"], json!(0));
    fs::write(&answer, &whole).unwrap();
    taken(gateway, &answer);
    assert_eq!(gateway.json(&["status"]).unwrap()["waiting_items"], json!(0));
    stage.assert_no_errors();
}

#[test]
fn what_a_stick_in_bad_hands_brings_goes_aside_change_by_change_and_honest_work_is_taken() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let code = cast.hub.enrolment_code(PELAIHARI.0).unwrap();
    let mut device = Device::enrol(cast.hub.program.address().unwrap(), &code, 40).unwrap();
    cast.hub.program.stop().unwrap();
    let author = Author::of(&device.office, 40);
    device.push(Item::incarnation(author.incarnation));
    let honest = author.honest(1, 3);
    device.push(author.item(1, honest[0].clone()).unwrap());
    let mut expected = BTreeMap::new();
    for (reason, bytes) in author.forgeries(&honest[..1]) {
        if let Some(item) = author.item(1, bytes) {
            *expected.entry(reason).or_insert(0) += 1;
            device.push(item);
        }
    }
    // The child dies of this one; the hub does not.
    device.push(author.item(2, bomb(&author)).unwrap());
    device.push(author.item(3, author.honest(3, 0).remove(0)).unwrap());
    let hub = &cast.hub.program;
    let folder = stick(&stage, "hostile");
    let file = device.bundle(&folder, "a.titian").unwrap();
    let report = taken(hub, &file);
    let aside = report[0]["taken"]["aside_items"].as_u64().unwrap();
    assert!(aside >= expected.len() as u64, "{report}");
    let list = hub.json(&["quarantine", "list"]).unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len() as u64, aside);
    let reasons: Vec<_> = list.iter().filter_map(|one| one["reason"].as_str()).collect();
    assert!(reasons.contains(&"deadly"), "{reasons:?}");
    for serial in [1, 3] {
        let shown = cast.hub.show(&author.complaint(serial).to_string()).unwrap();
        assert_eq!(shown["unmerged"], json!(0), "{shown}");
    }
    // Once more: nothing comes of it, and it is told apart from honest work that came before.
    let again = taken(hub, &file);
    assert_eq!(again[0]["taken"]["new_items"], json!(0), "{again}");
    assert_eq!(again[0]["taken"]["aside_items"].as_u64(), Some(aside), "{again}");

    // A handling of its own making makes the whole frame no frame of a gateway.
    let before = cast.hub.show(&author.complaint(3).to_string()).unwrap();
    let forged = author.honest(3, 1).remove(1);
    device.push(Item::new(ItemKind::Handling, Some(author.complaint(3)), forged).unwrap());
    let file = device.bundle(&folder, "b.titian").unwrap();
    assert_eq!(trouble(hub, &file), (Some(2), "damaged".to_owned()));
    assert_eq!(cast.hub.show(&author.complaint(3).to_string()).unwrap(), before);

    shut_out(hub.data(), &device.name().letter.to_string());
    let file = device.bundle(&folder, "c.titian").unwrap();
    assert_eq!(trouble(hub, &file), (Some(8), "revoked".to_owned()));
    stage.assert_no_errors();
}

#[test]
fn the_answer_tells_an_office_what_was_put_aside_and_that_it_counts_again() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    carry(&cast, &stage, "join");
    cast.pelaihari.serve().unwrap();
    let mut operator = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    let complaint = cast.pelaihari.add(&sheet(1)).unwrap();
    // A note of the running program: its incarnation is registered with it.
    let note = format!("/laporan/{}/catatan", complaint.id);
    operator.submit(&note, &[("note", "Sudah dilihat")]).unwrap();
    carry(&cast, &stage, "one");
    let data = cast.hub.program.data().join("hub.db");
    let refused = |cast: &Cast| cast.pelaihari.program.json(&["status"]).unwrap()["refused_items"].clone();

    // As after a damage at the hub: its log does not name this writer any more.
    let hub = rusqlite::Connection::open(&data).unwrap();
    hub.execute_batch("CREATE TABLE kept AS SELECT sequence, hash FROM item WHERE kind = 0")
        .unwrap();
    hub.execute_batch("UPDATE item SET hash = randomblob(32) WHERE kind = 0")
        .unwrap();
    operator.submit(&note, &[("note", "Menunggu suku cadang")]).unwrap();
    carry(&cast, &stage, "two");
    assert_eq!(refused(&cast), json!(1));
    assert_eq!(cast.pelaihari.show(&complaint.id).unwrap()["delivery"], "refused");

    hub.execute_batch(
        "UPDATE item SET hash = kept.hash FROM kept WHERE item.sequence = kept.sequence; DROP TABLE kept",
    )
    .unwrap();
    drop(hub);
    assert_eq!(cast.hub.program.json(&["quarantine", "retry"]).unwrap()["taken"], 1);
    carry(&cast, &stage, "three");
    assert_eq!(refused(&cast), json!(0));
    assert_eq!(cast.pelaihari.show(&complaint.id).unwrap()["delivery"], "at_hub");
    cast.stop().unwrap();
    assert_equal(&cast.pelaihari.program, &cast.hub.program, PELAIHARI.0);
}

/// Shuts a gateway of Pelaihari out: there is no command for it yet.
fn shut_out(data: &Path, letter: &str) {
    let conn = rusqlite::Connection::open(data.join("hub.db")).unwrap();
    let sql = "UPDATE device SET revoked_at = 1 WHERE office = ?1 AND letter = ?2";
    assert_eq!(conn.execute(sql, [PELAIHARI.0, letter]).unwrap(), 1);
}

#[test]
fn attachments_travel_by_stick_both_ways_where_they_are_asked_to() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let second = stage.gateway("second");
    second.enrol(&cast.hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    cast.hub.program.stop().unwrap();
    carry(&cast, &stage, "join");
    let (hub, first) = (&cast.hub.program, &cast.pelaihari.program);
    let complaint = cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let letter = pdf(3, 2_500_000);
    let path = stage.folder().join("surat.pdf");
    fs::write(&path, &letter).unwrap();
    first
        .run(&["complaint", "attach", &complaint.id, text(&path)])
        .unwrap()
        .success()
        .unwrap();

    // Texts alone, unless somebody asks for more.
    let texts = stick(&stage, "texts");
    bundle(first, &["export", "--to", text(&texts)]);
    assert!(fs::metadata(&files(&texts)[0]).unwrap().len() < 100_000);
    let there = stick(&stage, "there");
    let export = ["export", "--to", text(&there), "--attachments", "--part-size", "1"];
    let (code, exported) = bundle(first, &export);
    assert_eq!((code, &exported["attachments"]), (Some(0), &json!(1)));
    let parts = files(&there);
    assert!(parts.len() >= 3, "{parts:?}");
    // The last part first: what it belongs to is not known yet, and that is said.
    let early = taken(hub, parts.last().unwrap());
    assert_eq!(early[0]["taken"]["files_wait"], json!(true), "{early}");
    let all = taken(hub, &there);
    let whole: u64 = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["taken"]["files"].as_u64().unwrap())
        .sum();
    assert_eq!(whole, 1, "{all}");
    assert_eq!(saved(hub, &complaint.id, &stage, "hub"), letter);
    let answer = stick(&stage, "answer");
    bundle(hub, &["export", "all", "--to", text(&answer)]);
    bundle(first, &["import", text(&answer)]);
    // The answer said that it is there: nothing is sent twice.
    let (_, again) = bundle(
        first,
        &["export", "--to", text(&stick(&stage, "again")), "--attachments"],
    );
    assert_eq!(again["attachments"], json!(0), "{again}");

    // The other gateway of the office learns of it from one answer, and gets it with the next.
    bundle(&second.program, &["import", text(&answer)]);
    let wants = stick(&stage, "wants");
    bundle(&second.program, &["export", "--to", text(&wants)]);
    taken(hub, &wants);
    let back = stick(&stage, "back");
    assert_eq!(
        bundle(hub, &["export", "all", "--to", text(&back), "--attachments"]).0,
        Some(0)
    );
    bundle(&second.program, &["import", text(&back)]);
    assert_eq!(saved(&second.program, &complaint.id, &stage, "second"), letter);
    stage.assert_no_errors();
}

/// Saves the only attachment of a complaint, and gives its bytes.
fn saved(program: &Program, complaint: &str, stage: &Stage, name: &str) -> Vec<u8> {
    let into = stick(stage, &format!("saved-{name}"));
    let args = ["complaint", "attachment", "save", complaint, "--into", text(&into)];
    program.run(&args).unwrap().success().unwrap();
    fs::read(&files(&into)[0]).unwrap()
}
