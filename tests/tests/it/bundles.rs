//! Bundles with the real programs: a stick does what the network does, in any mixture, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use titian_demo::cast::{self, Cast, PELAIHARI, TAKISUNG};
use titian_demo::compare;
use titian_demo::program::Program;

use crate::equality::assert_equal;
use crate::stage::{Stage, sheet};

/// How news travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Network,
    Stick,
    /// One after the other, and each stick arrives once more, and late.
    Both,
}

/// A folder that stands for a stick.
pub fn stick(stage: &Stage, name: &str) -> PathBuf {
    let folder = stage.folder().join("sticks").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs a bundle command, and gives its exit code with what it printed as JSON.
pub fn bundle(program: &Program, args: &[&str]) -> (Option<i32>, Value) {
    let outcome = program.run(&[&["--output", "json", "bundle"], args].concat()).unwrap();
    (outcome.code, outcome.json().unwrap_or_default())
}

/// What trouble the only file of an import made.
pub fn trouble(program: &Program, path: &Path) -> (Option<i32>, String) {
    let (code, report) = bundle(program, &["import", text(path)]);
    (
        code,
        report["files"][0]["trouble"].as_str().unwrap_or_default().to_owned(),
    )
}

pub fn taken(program: &Program, path: &Path) -> Value {
    let (code, report) = bundle(program, &["import", text(path)]);
    assert_eq!(code, Some(0), "{report}");
    report["files"].clone()
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// There and back: the gateway's file to the hub, the hub's answer to the gateway.
pub fn carry(cast: &Cast, stage: &Stage, name: &str) -> (PathBuf, PathBuf) {
    let (there, back) = (
        stick(stage, &format!("{name}-there")),
        stick(stage, &format!("{name}-back")),
    );
    let gateway = &cast.pelaihari.program;
    assert_eq!(bundle(gateway, &["export", "--to", text(&there)]).0, Some(0));
    taken(&cast.hub.program, &there);
    assert_eq!(
        bundle(&cast.hub.program, &["export", PELAIHARI.0, "--to", text(&back)]).0,
        Some(0)
    );
    taken(gateway, &back);
    (there, back)
}

/// One exchange of news.
fn exchange(cast: &mut Cast, stage: &Stage, way: Way, number: usize) {
    let by_stick = way == Way::Stick || way == Way::Both && number % 2 == 1;
    if by_stick {
        let (there, back) = carry(cast, stage, &format!("{number}"));
        if way == Way::Both {
            taken(&cast.hub.program, &there);
            taken(&cast.pelaihari.program, &back);
        }
        return;
    }
    cast.hub.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    cast.hub.program.stop().unwrap();
    if way == Way::Both && number > 1 {
        // What was carried before comes once more, older than what the network brought.
        for program in [&cast.hub.program, &cast.pelaihari.program] {
            let end = if program.name() == "hub" { "there" } else { "back" };
            taken(program, &stick(stage, &format!("{}-{end}", number - 1)));
        }
    }
}

/// Plays the story, and gives what both sides show at its end.
fn story(way: Way) -> Vec<(Value, Value)> {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    if way != Way::Network {
        // Joining goes by stick too.
        carry(&cast, &stage, "join");
    }
    let vague = cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let clear = cast::forward(&cast.pelaihari, &sheet(2)).unwrap();
    let waiting = || cast.pelaihari.program.json(&["status"]).unwrap()["waiting_items"].clone();
    assert_ne!(waiting(), json!(0));
    exchange(&mut cast, &stage, way, 1);
    exchange(&mut cast, &stage, way, 2);
    cast.hub.step(&["accept", &clear.id]).unwrap();
    cast.hub
        .step(&["return", &vague.id, "--missing", "where", "--reason", "Di tiang mana?"])
        .unwrap();
    exchange(&mut cast, &stage, way, 3);
    let mended = json!({ "place": "Tiang di depan pasar" }).to_string();
    cast.pelaihari
        .program
        .run_with(&["complaint", "amend", &vague.id, "--json", "-"], &mended)
        .unwrap()
        .success()
        .unwrap();
    cast.pelaihari.step(&["verify", &vague.id]).unwrap();
    cast.pelaihari.step(&["forward", &vague.id]).unwrap();
    exchange(&mut cast, &stage, way, 4);
    cast.hub.step(&["accept", &vague.id]).unwrap();
    exchange(&mut cast, &stage, way, 5);
    // Once more with nothing new: what the last answer brought is known to the hub now.
    exchange(&mut cast, &stage, way, 6);

    let status = cast.pelaihari.program.json(&["status"]).unwrap();
    assert_eq!(status["waiting_items"], json!(0), "{way:?}: {status}");
    assert!(
        status["in_sync_since"].is_number(),
        "{way:?}: the gateway knows it as proved: {status}"
    );
    let offices = cast.hub.program.json(&["office", "list"]).unwrap();
    let office = offices
        .as_array()
        .unwrap()
        .iter()
        .find(|office| office["code"] == PELAIHARI.0)
        .unwrap();
    assert!(
        office["gateways"][0]["in_sync_since"].is_number(),
        "{way:?}: and the hub: {office}"
    );
    let shown = [&vague, &clear].map(|complaint| {
        let here = cast.pelaihari.show(&complaint.id).unwrap();
        let there = cast.hub.show(&complaint.id).unwrap();
        assert_eq!(compare::differences(&here, &there), [""; 0], "{way:?}");
        (here, there)
    });
    cast.stop().unwrap();
    assert_equal(&cast.pelaihari.program, &cast.hub.program, PELAIHARI.0);
    stage.assert_no_errors();
    shown.into()
}

#[test]
fn a_story_ends_alike_over_the_network_by_stick_and_by_both() {
    let ends = [Way::Network, Way::Stick, Way::Both].map(|way| {
        let said = |(here, _): &(Value, Value)| {
            let mut fields = here["fields"].clone();
            // Each run has its own clock, and draws its own salt for the reporter's record.
            for own in ["received_at", "reporter"] {
                assert!(fields.as_object_mut().unwrap().remove(own).is_some());
            }
            json!([here["register"], here["stage"], here["round"], fields, here["delivery"]])
        };
        story(way).iter().map(said).collect::<Vec<_>>()
    });
    assert_eq!(ends[0], ends[1], "a stick does what the network does");
    assert_eq!(ends[0], ends[2], "and so does any mixture");
}

#[test]
fn exporting_delivers_nothing_and_what_was_carried_to_the_wrong_place_says_so() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let (pelaihari, takisung, hub) = (&cast.pelaihari.program, &cast.takisung.program, &cast.hub.program);
    // Complaints cannot be encrypted to a hub of which only the fingerprint is known: the code goes first.
    let join = stick(&stage, "join");
    let (code, exported) = bundle(pelaihari, &["export", "--to", text(&join)]);
    assert_eq!((code, &exported["content"]), (Some(0), &json!("enrol-request")));
    assert_eq!(trouble(takisung, &join), (Some(2), "not-for-here".to_owned()));
    carry(&cast, &stage, "joined");

    cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let (one, two) = (stick(&stage, "one"), stick(&stage, "two"));
    bundle(pelaihari, &["export", "--to", text(&one)]);
    bundle(pelaihari, &["export", "--to", text(&two)]);
    let status = pelaihari.json(&["status"]).unwrap();
    assert_ne!(
        status["waiting_items"],
        json!(0),
        "exporting is not delivering: {status}"
    );

    // The sender itself, another office, another hub.
    assert_eq!(trouble(pelaihari, &one), (Some(2), "not-for-here".to_owned()));
    assert_eq!(trouble(takisung, &one), (Some(2), "not-for-here".to_owned()));
    let other = Stage::new();
    let other_hub = other.hub();
    other_hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    assert_eq!(trouble(&other_hub.program, &one), (Some(2), "not-for-here".to_owned()));
    let said = other_hub.program.run(&["bundle", "import", text(&one)]).unwrap().stderr;
    assert!(
        said.contains("gateway 63.01.03/A made it for hub") && said.contains("next: "),
        "{said}"
    );

    let first = taken(hub, &one);
    assert!(first[0]["taken"]["new_items"].as_u64().unwrap() > 0, "{first}");
    for again in [&one, &two, &one] {
        let again = taken(hub, again);
        assert_eq!(again[0]["taken"]["new_items"], json!(0), "{again}");
    }
    let answer = stick(&stage, "answer");
    bundle(hub, &["export", "63.01.03/A", "--to", text(&answer)]);
    assert_eq!(trouble(hub, &answer), (Some(2), "not-for-here".to_owned()));
    assert_eq!(trouble(takisung, &answer).1, "not-for-here");
    taken(pelaihari, &answer);
    assert_eq!(taken(pelaihari, &answer)[0]["taken"]["new_items"], json!(0));
    assert_eq!(pelaihari.json(&["status"]).unwrap()["waiting_items"], json!(0));
    let shown = bundle(hub, &["show", text(&files(&one)[0])]).1;
    assert_eq!(
        (&shown["gateway"], &shown["opened"]),
        (&json!("63.01.03/A"), &json!(true))
    );
    stage.assert_no_errors();
}

#[test]
fn what_is_no_whole_bundle_is_refused_with_its_name_and_the_next_step() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let (gateway, hub) = (&cast.pelaihari.program, &cast.hub.program);
    carry(&cast, &stage, "join");
    cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let good = stick(&stage, "good");
    bundle(gateway, &["export", "--to", text(&good)]);
    let whole = fs::read(&files(&good)[0]).unwrap();

    let empty = stick(&stage, "empty");
    let outcome = hub.run(&["bundle", "import", text(&empty)]).unwrap();
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert_eq!(
        trouble(hub, &empty.join("gone.titian")),
        (Some(2), "unreadable".to_owned())
    );
    let film = empty.join("film.titian");
    fs::write(&film, vec![0; 1_000_000]).unwrap();
    assert_eq!(trouble(hub, &film), (Some(2), "not-a-bundle".to_owned()));
    let cut = empty.join("cut.titian");
    fs::write(&cut, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(trouble(hub, &cut), (Some(2), "damaged".to_owned()));
    // A good one among them is taken, and the code says that not all were.
    fs::copy(&files(&good)[0], empty.join("good.titian")).unwrap();
    let (code, report) = bundle(hub, &["import", text(&empty)]);
    assert_eq!(code, Some(7), "{report}");
    let named = hub.run(&["bundle", "import", text(&cut)]).unwrap().stderr;
    assert!(named.contains("cut.titian") && named.contains("next: "), "{named}");

    let nowhere = gateway
        .run(&["bundle", "export", "--to", text(&empty.join("gone"))])
        .unwrap();
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.stderr);
    assert!(
        nowhere.stderr.contains("next: nothing here was changed"),
        "{}",
        nowhere.stderr
    );
    assert_eq!(
        hub.run(&["bundle", "export", TAKISUNG.0, "--to", text(&empty)])
            .unwrap()
            .code,
        Some(4),
        "that office's gateway never joined"
    );
    stage.assert_no_errors();
}

#[test]
fn parts_count_in_any_order_and_a_missing_one_holds_back_only_what_follows_it() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let (gateway, hub) = (&cast.pelaihari.program, &cast.hub.program);
    carry(&cast, &stage, "join");
    let register = stage.folder().join("register.ndjson");
    fs::write(&register, long_register(200)).unwrap();
    gateway.run(&["import", text(&register)]).unwrap().success().unwrap();

    let there = stick(&stage, "there");
    assert_eq!(
        bundle(gateway, &["export", "--to", text(&there), "--part-size", "1"]).0,
        Some(0)
    );
    let parts = files(&there);
    assert!(parts.len() >= 3, "{parts:?}");
    assert!(parts.iter().all(|part| fs::metadata(part).unwrap().len() < 1 << 20));
    for (number, part) in parts.iter().enumerate().skip(1).rev() {
        let report = taken(hub, part);
        assert_eq!(
            report[0]["taken"]["waits_for_earlier"],
            json!(true),
            "part {}",
            number + 1
        );
    }
    let answer = |name: &str| {
        let back = stick(&stage, name);
        assert_eq!(bundle(hub, &["export", "all", "--to", text(&back)]).0, Some(0));
        taken(gateway, &back);
        gateway.json(&["status"]).unwrap()["waiting_items"].as_u64().unwrap()
    };
    assert!(
        answer("early") > 0,
        "the first part is missing: nothing of them is delivered"
    );
    assert_eq!(taken(hub, &parts[0])[0]["taken"]["waits_for_earlier"], json!(false));
    assert_eq!(answer("late"), 0, "now all of them count, though each was carried once");
    stage.assert_no_errors();
}

/// Complaints whose texts do not shrink.
pub fn long_register(count: u64) -> String {
    let mut seed = 1_u64;
    let mut letter = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + u8::try_from((seed >> 40) % 26).unwrap())
    };
    let mut lines = String::new();
    for number in 0..count {
        let narrative: String = (0..19_000).map(|_| letter()).collect();
        let row = json!({
            "channel": "letter", "title": format!("Surat nomor {number}"), "narrative": narrative,
            "received_at": "2026-03-02",
        });
        lines.push_str(&row.to_string());
        lines.push('\n');
    }
    lines
}
