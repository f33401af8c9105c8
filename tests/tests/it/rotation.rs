//! The hub's key is changed while offices work: by network, by stick, late, and never.

use std::path::Path;

use serde_json::{Value, json};
use titian_demo::cast::PELAIHARI;
use titian_demo::gateway::Gateway;
use titian_demo::hub::Hub;
use titian_tests::moments::Moments;

use crate::bundles::{bundle, stick, taken, text};
use crate::stage::{Stage, sheet};

const SEED: u64 = 20_261_128;

#[test]
fn every_office_goes_along_by_network_by_stick_and_late_and_who_never_came_is_told() {
    let stage = Stage::new();
    let mut hub = hub(&stage, "on");
    let [online, by_stick, late, never] =
        ["online", "by-stick", "late", "never"].map(|name| enrolled(&stage, &hub, name));
    let old_code = hub.enrolment_code(PELAIHARI.0).unwrap();
    let spare_code = hub.enrolment_code(PELAIHARI.0).unwrap();
    assert_eq!(key(&hub, "show")["course"], "steady");

    // The next key is made, beside a hub that serves: it tells of it at once.
    let first = key(&hub, "renew");
    assert_eq!((&first["course"], names(&first["behind"])), (&json!("announcing"), 4));
    assert_eq!(refused(&hub, &["renew"]).0, Some(5), "one change at a time");
    assert_eq!(refused(&hub, &["retire"]).0, Some(5), "not before the switch");
    delivers(&hub, &online, 1);
    carry(&stage, &hub, &by_stick, "told");
    assert_eq!(names(&key(&hub, "show")["behind"]), 2);
    for deed in ["hub-key-trusted", "hub-key-dropped"] {
        let count = noted(&online, deed).len();
        assert_eq!(count, usize::from(deed == "hub-key-trusted"), "{deed}");
    }
    assert_eq!(noted(&by_stick, "hub-key-trusted"), [first["next"].as_str().unwrap()]);

    let (code, told) = refused(&hub, &["switch"]);
    assert_eq!(code, Some(5));
    for word in ["63.01.03/C", "63.01.03/D", "--leave-behind", "next: "] {
        assert!(told.contains(word), "{told}");
    }
    let switched = hub.program.json(&["key", "switch", "--leave-behind"]).unwrap();
    assert_eq!(
        (&switched["present"], &switched["former"]),
        (&first["next"], &first["present"])
    );
    assert_eq!(switched["former_codes"], 2, "{switched}");
    assert_eq!(hub.program.json(&["status"]).unwrap()["gateways_behind_key"], 2);

    // Everybody gets in: by the new key, by the former one, by a code from before and by one from after.
    delivers(&hub, &online, 2);
    carry(&stage, &hub, &by_stick, "switched");
    delivers(&hub, &late, 3);
    let joined = stage.gateway("old-code");
    joined.enrol(&old_code).unwrap();
    delivers(&hub, &joined, 4);
    let fresh = enrolled(&stage, &hub, "new-code");
    delivers(&hub, &fresh, 5);
    let behind = key(&hub, "show")["behind"].clone();
    assert_eq!(
        behind,
        json!(["63.01.03/D"]),
        "late, and with an old code, they have heard of it"
    );

    // The former key goes: who never came is told what to do, and loses nothing.
    let waiting = never.add(&sheet(6)).unwrap();
    let (code, told) = refused(&hub, &["retire"]);
    assert!(
        code == Some(5) && told.contains("63.01.03/D") && told.contains("new codes"),
        "{told}"
    );
    let retired = hub.program.json(&["key", "retire", "--leave-behind"]).unwrap();
    assert_eq!(
        (&retired["course"], &retired["former"]),
        (&json!("steady"), &Value::Null)
    );
    for (number, office) in (7..).zip([&online, &late, &joined, &fresh]) {
        delivers(&hub, office, number);
    }
    carry(&stage, &hub, &by_stick, "retired");
    for office in [&online, &late, &joined, &by_stick] {
        let dropped = noted(office, "hub-key-dropped");
        assert_eq!(
            dropped,
            [first["present"].as_str().unwrap()],
            "{}",
            office.program.name()
        );
    }
    assert_eq!(never.sync().unwrap(), Some(6));
    let status = never.program.json(&["status"]).unwrap();
    let last_error = status["last_error"].as_str().unwrap();
    assert!(
        last_error.starts_with("other-key: ") && last_error.contains("new enrolment code"),
        "{last_error}"
    );
    let spare = stage
        .gateway("spare-code")
        .program
        .run(&["enrol", &spare_code])
        .unwrap();
    assert_eq!(spare.code, Some(6), "a code of the former key: {}", spare.stderr);
    never.enrol(&hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    assert_eq!(never.sync().unwrap(), Some(0));
    assert!(hub.show(&waiting.id).is_ok(), "what waited came with the new code");

    let deeds = hub.program.json(&["audit", "list", "--deed", "key-retired"]).unwrap();
    assert_eq!(deeds[0]["detail"], first["present"]);
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn of_another_hub_that_announces_a_key_nothing_is_believed() {
    let stage = Stage::new();
    let mut hub = hub(&stage, "off");
    let office = enrolled(&stage, &hub, "office");
    hub.program.stop().unwrap();
    // At the same address, with all that the right one knows but its key; and it announces the next one.
    let right = stage.folder().join("right");
    std::fs::rename(hub.program.data(), &right).unwrap();
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let thief = stage.gateway("thief");
    thief.enrol(&hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    key(&hub, "renew");
    assert_eq!(thief.sync().unwrap(), Some(0));
    assert_eq!(noted(&thief, "hub-key-trusted").len(), 1, "who trusts it does hear it");
    office.add(&sheet(1)).unwrap();
    assert_ne!(office.sync().unwrap(), Some(0));
    let status = office.program.json(&["status"]).unwrap();
    assert!(
        status["last_error"].as_str().unwrap().starts_with("other-hub: "),
        "{status}"
    );
    assert!(noted(&office, "hub-key-trusted").is_empty());
    hub.program.stop().unwrap();

    std::fs::rename(hub.program.data(), stage.folder().join("wrong")).unwrap();
    std::fs::rename(&right, hub.program.data()).unwrap();
    hub.serve().unwrap();
    assert_eq!(office.sync().unwrap(), Some(0), "the right one is trusted as before");
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_hub_that_was_put_back_to_before_the_renewal_is_recognised_by_the_key_that_it_has() {
    let stage = Stage::new();
    let mut hub = hub(&stage, "on");
    let office = enrolled(&stage, &hub, "office");
    let before = key(&hub, "show")["present"].clone();
    hub.program.stop().unwrap();
    let backup = stage.folder().join("backup");
    copy(hub.program.data(), &backup);
    hub.serve().unwrap();
    key(&hub, "renew");
    let undone = stick(&stage, "undone");
    assert_eq!(
        bundle(&hub.program, &["export", "all", "--to", text(&undone)]).0,
        Some(0)
    );
    delivers(&hub, &office, 1);
    assert_eq!(noted(&office, "hub-key-trusted").len(), 1);
    hub.program.stop().unwrap();
    std::fs::remove_dir_all(hub.program.data()).unwrap();
    std::fs::rename(&backup, hub.program.data()).unwrap();
    hub.serve().unwrap();
    assert_eq!(key(&hub, "show")["present"], before);
    delivers(&hub, &office, 2);
    assert_eq!(
        noted(&office, "hub-key-dropped").len(),
        1,
        "the key that nobody has any more"
    );
    // And once more: the next change goes as any, and a stick from the one that was undone comes too late.
    let renewed = key(&hub, "renew");
    delivers(&hub, &office, 3);
    taken(&office.program, &undone);
    assert_eq!(
        noted(&office, "hub-key-trusted").first().unwrap(),
        renewed["next"].as_str().unwrap()
    );
    key(&hub, "switch");
    delivers(&hub, &office, 4);
    key(&hub, "retire");
    delivers(&hub, &office, 5);
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_kill_in_any_step_leaves_a_hub_that_every_office_gets_in_to() {
    let stage = Stage::new();
    let mut hub = hub(&stage, "on");
    let office = enrolled(&stage, &hub, "office");
    let mut moments = Moments::new(SEED, 40_000);
    for number in 0..18 {
        let before = key(&hub, "show")["course"].clone();
        let (step, after) = match before.as_str().unwrap() {
            "steady" => ("renew", "announcing"),
            "announcing" => ("switch", "overlapping"),
            _ => ("retire", "steady"),
        };
        let task = hub.program.begin(&["key", step], "").unwrap();
        moments.pass();
        let outcome = task.kill().unwrap();
        moments.learn(outcome.code == Some(0));
        let now = key(&hub, "show")["course"].clone();
        assert!(
            now == after || now == before && outcome.code != Some(0),
            "{step}: {now}"
        );
        delivers(&hub, &office, number);
    }
    assert!(
        moments.early > 2 && moments.late > 2,
        "{} kills early, {} late",
        moments.early,
        moments.late
    );
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn only_who_may_keep_the_hub_changes_its_key() {
    let stage = Stage::new();
    let mut hub = hub(&stage, "off");
    for (name, role) in [("rahmi", "liaison"), ("budi", "administrator")] {
        let add = [
            "staff",
            "add",
            name,
            "--full-name",
            name,
            "--role",
            role,
            "--password-stdin",
        ];
        hub.program
            .run_with(&add, "perahu biru di dermaga\n")
            .unwrap()
            .success()
            .unwrap();
    }
    for step in ["renew", "switch", "retire"] {
        let refused = hub.program.run(&["key", step, "--staff", "rahmi"]).unwrap();
        assert_eq!(refused.code, Some(5), "{step}: {}", refused.stderr);
        assert!(refused.stderr.contains("administrator"), "{}", refused.stderr);
        hub.program
            .run(&["key", step, "--staff", "budi"])
            .unwrap()
            .success()
            .unwrap();
    }
    for deed in ["key-renewed", "key-switched", "key-retired"] {
        let rows = hub.program.json(&["audit", "list", "--deed", deed]).unwrap();
        assert_eq!(rows[0]["who"], "budi", "{deed}");
    }
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

fn hub(stage: &Stage, tls: &str) -> Hub {
    let mut hub = stage.hub();
    std::fs::create_dir_all(hub.program.data()).unwrap();
    if tls == "on" {
        std::fs::write(hub.program.data().join("hub.toml"), "[tls]\nmode = \"on\"\n").unwrap();
    }
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    hub
}

fn enrolled(stage: &Stage, hub: &Hub, name: &str) -> Gateway {
    let office = stage.gateway(name);
    office.enrol(&hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    office
}

/// Takes one step of a change that is not refused.
fn key(hub: &Hub, step: &str) -> Value {
    hub.program.json(&["key", step]).unwrap()
}

fn refused(hub: &Hub, words: &[&str]) -> (Option<i32>, String) {
    let outcome = hub.program.run(&[&["key"], words].concat()).unwrap();
    (outcome.code, outcome.stderr)
}

fn names(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

/// Records something, and sees it arrive over the network.
fn delivers(hub: &Hub, office: &Gateway, number: usize) {
    let recorded = office.add(&sheet(number)).unwrap();
    assert_eq!(office.sync().unwrap(), Some(0), "{} {number}", office.program.name());
    assert_eq!(hub.show(&recorded.register).unwrap()["id"], recorded.id.as_str());
}

/// Records something, and sees it arrive by stick: the hub's answer first, so that the office hears what is new.
fn carry(stage: &Stage, hub: &Hub, office: &Gateway, name: &str) {
    let recorded = office.add(&sheet(90)).unwrap();
    for way in ["there", "back"] {
        let answer = stick(stage, &format!("{name}-{way}-answer"));
        assert_eq!(
            bundle(&hub.program, &["export", "63.01.03/B", "--to", text(&answer)]).0,
            Some(0)
        );
        taken(&office.program, &answer);
        let request = stick(stage, &format!("{name}-{way}-request"));
        assert_eq!(bundle(&office.program, &["export", "--to", text(&request)]).0, Some(0));
        taken(&hub.program, &request);
    }
    assert!(hub.show(&recorded.register).is_ok());
    let answer = stick(stage, &format!("{name}-last"));
    assert_eq!(
        bundle(&hub.program, &["export", "63.01.03/B", "--to", text(&answer)]).0,
        Some(0)
    );
    taken(&office.program, &answer);
    assert_eq!(office.program.json(&["status"]).unwrap()["waiting_items"], 0);
}

/// What an office noted of this deed, the newest first.
fn noted(office: &Gateway, deed: &str) -> Vec<String> {
    let rows = office.program.json(&["audit", "list", "--deed", deed]).unwrap();
    let details = rows.as_array().unwrap().iter();
    details.map(|row| row["detail"].as_str().unwrap().to_owned()).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
