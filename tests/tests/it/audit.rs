//! What was done stands in the audit log of the machine where it was done, and whoever touches the file is found out.

use rusqlite::Connection;
use serde_json::Value;
use titian_demo::cast::{self, Cast, LIAISON, OPERATOR, PELAIHARI};
use titian_demo::program::Program;
use titian_demo::visitor::Visitor;

use crate::stage::{Stage, sheet};

#[test]
fn steps_looks_and_administration_are_noted_at_both_programs_and_no_citizen_is() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let told = sheet(1);
    let recorded = cast::forward(&cast.pelaihari, &told).unwrap();
    cast.pelaihari.serve().unwrap();
    let mut operator = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    let reporter = format!("/laporan/{}/pelapor", recorded.id);
    operator.post(&reporter, &[]).unwrap();
    operator.post(&reporter, &[("why", "check")]).unwrap();
    cast.pelaihari.program.stop().unwrap();
    assert!(
        cast.pelaihari.step(&["verify", &recorded.id]).is_err(),
        "it is forwarded already"
    );
    cast.hub.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    let mut liaison = Visitor::new(cast.hub.program.address().unwrap()).unwrap();
    liaison.log_in(LIAISON.name, LIAISON.password).unwrap();
    let reveal = format!("/laporan/{}/pelapor", recorded.id);
    liaison.post(&reveal, &[("why", "contact")]).unwrap();
    liaison.post(&reveal, &[]).unwrap();

    let office = rows(&cast.pelaihari.program);
    for wanted in [
        "(program) enrolled 63.01.03/A",
        "(shell) account-added rusdi operator",
        "rusdi signed-in",
        // Without a reason nothing was shown.
        "rusdi identity-shown check",
        "shell refused verify",
    ] {
        let found = office.iter().filter(|row| row.starts_with(wanted)).count();
        assert_eq!(found, 1, "{wanted}: {office:#?}");
    }
    let regency = rows(&cast.hub.program);
    for (wanted, times) in [
        ("(shell) office-added 63.01.03", 1),
        ("(shell) code-made 63.01.03/A", 1),
        ("(program) enrolled 63.01.03/A", 1),
        ("hub step receive", 1),
        ("hasnah signed-in", 1),
        // The second time no reason was given, and nothing was shown.
        ("hasnah identity-shown contact", 1),
    ] {
        let found = regency.iter().filter(|row| row.starts_with(wanted)).count();
        assert_eq!(found, times, "{wanted}: {regency:#?}");
    }
    let of_one = cast
        .pelaihari
        .program
        .json(&["audit", "list", "--complaint", &recorded.id]);
    let of_one: Vec<String> = words(&of_one.unwrap());
    assert_eq!(of_one.len(), 5, "{of_one:#?}");
    for (row, step) in of_one.iter().rev().zip(["step record", "step verify", "step forward"]) {
        assert!(row.contains(step), "{of_one:#?}");
    }
    let said = told.as_object().unwrap();
    for citizens in ["title", "narrative", "place", "reporter_name", "reporter_phone"] {
        let canary = said[citizens].as_str().unwrap();
        for row in office.iter().chain(&regency) {
            assert!(!row.contains(canary), "{row}");
        }
    }
}

#[test]
fn a_file_that_was_touched_is_found_out() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let program = &cast.pelaihari.program;
    cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let end = program.json(&["audit", "verify"]).unwrap();
    let (rows, end) = (end["rows"].as_u64().unwrap(), end["head"].as_str().unwrap().to_owned());
    assert!(rows >= 4, "{end}");
    cast::forward(&cast.pelaihari, &sheet(2)).unwrap();
    assert!(
        program
            .run(&["audit", "verify", "--noted", &end])
            .unwrap()
            .success()
            .is_ok()
    );

    let file = program.data().join("gateway.db");
    let touch = |sql: &str| Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    touch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_shortened");
    // The last rows are cut off, and the end is made to fit: the file alone does not tell.
    touch(&format!(
        "DELETE FROM audit WHERE number >= {rows};
         UPDATE audit_head SET number = {rows} - 1, chain = (SELECT chain FROM audit WHERE number = {rows} - 1)"
    ));
    assert!(program.run(&["audit", "verify"]).unwrap().success().is_ok());
    let found = program.run(&["audit", "verify", "--noted", &end]).unwrap();
    assert_eq!(found.code, Some(1));
    let missing = format!("row {rows} of the audit log is missing");
    assert!(found.stderr.contains(&missing), "{}", found.stderr);
    touch("UPDATE audit SET who = 'budi' WHERE number = 2");
    let found = program.run(&["audit", "verify"]).unwrap();
    assert_eq!(found.code, Some(1));
    assert!(
        found.stderr.contains("row 2 of the audit log was changed") && found.stderr.contains("next: "),
        "{}",
        found.stderr
    );
    let unreadable = program.run(&["audit", "verify", "--noted", PELAIHARI.0]).unwrap();
    assert_eq!(unreadable.code, Some(2));
    assert!(
        unreadable.stderr.contains("64 hexadecimal digits"),
        "{}",
        unreadable.stderr
    );
}

#[test]
fn each_sync_leaves_the_end_of_the_log_at_the_other_side() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let end = |program: &Program| program.json(&["audit", "verify"]).unwrap()["head"].clone();
    let ends_at = |program: &Program, of: &str| -> Vec<Value> {
        let ends = program.json(&["audit", "ends", "--of", of]).unwrap();
        ends.as_array().unwrap().iter().map(|end| end["head"].clone()).collect()
    };
    cast.hub.serve().unwrap();
    cast.pelaihari.sync().unwrap();
    let office = end(&cast.pelaihari.program);
    let name = format!("{}/A", PELAIHARI.0);
    assert_eq!(ends_at(&cast.hub.program, &name)[0], office);
    // Once more: the hub noted that it received the complaint after it had told its end.
    cast.pelaihari.sync().unwrap();
    assert_eq!(ends_at(&cast.pelaihari.program, "hub")[0], end(&cast.hub.program));

    // The gateway's log is cut behind its back, and goes on as if nothing had been.
    let file = cast.pelaihari.program.data().join("gateway.db");
    Connection::open(&file)
        .unwrap()
        .execute_batch(
            "DROP TRIGGER audit_is_not_shortened;
             DELETE FROM audit WHERE number > 2;
             UPDATE audit_head SET number = 2, chain = (SELECT chain FROM audit WHERE number = 2)",
        )
        .unwrap();
    assert!(
        cast.pelaihari
            .program
            .run(&["audit", "verify"])
            .unwrap()
            .success()
            .is_ok()
    );
    cast.pelaihari.sync().unwrap();
    let regency = rows(&cast.hub.program);
    let noticed = regency.iter().any(|row| row.contains("other-log-set-back"));
    assert!(noticed, "{regency:#?}");
    let noted = office.as_str().unwrap();
    let found = cast
        .pelaihari
        .program
        .run(&["audit", "verify", "--noted", noted])
        .unwrap();
    assert_eq!(found.code, Some(1), "{}", found.stdout);
}

#[test]
fn a_bundle_carries_the_end_of_the_log_too() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    cast.pelaihari.sync().unwrap();
    cast.hub.program.stop().unwrap();
    cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    let stick = stage.folder().join("stick");
    std::fs::create_dir(&stick).unwrap();
    let path = stick.to_str().unwrap();
    cast.pelaihari
        .program
        .run(&["bundle", "export", "--to", path])
        .unwrap()
        .success()
        .unwrap();
    // Writing it was noted before it was written.
    let office = cast.pelaihari.program.json(&["audit", "verify"]).unwrap()["head"].clone();
    for part in std::fs::read_dir(&stick).unwrap() {
        let part = part.unwrap().path();
        cast.hub
            .program
            .run(&["bundle", "import", part.to_str().unwrap()])
            .unwrap()
            .success()
            .unwrap();
    }
    let name = format!("{}/A", PELAIHARI.0);
    let ends = cast.hub.program.json(&["audit", "ends", "--of", &name]).unwrap();
    assert_eq!(ends[0]["head"], office);
}

fn rows(program: &Program) -> Vec<String> {
    words(&program.json(&["audit", "list", "--limit", "1000"]).unwrap())
}

fn words(rows: &Value) -> Vec<String> {
    let word = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let row = |row: &Value| ["who", "deed", "detail"].map(|key| word(row, key)).join(" ");
    rows.as_array().unwrap().iter().map(row).collect()
}
