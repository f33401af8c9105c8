//! Enrolment with the real programs: a code works once, and a refused one changes nothing.

use std::path::PathBuf;

use titian_demo::cast::PELAIHARI;
use titian_demo::gateway::Gateway;

use crate::stage::Stage;

#[test]
fn a_used_code_neither_enrols_a_second_machine_nor_harms_the_first() {
    let stage = Stage::new();
    let mut hub = stage.hub();
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let code = hub.enrolment_code(PELAIHARI.0).unwrap();
    let first = stage.gateway("first");
    first.enrol(&code).unwrap();
    let sheet = serde_json::json!({ "channel": "visit", "title": "Lampu jalan padam" });
    let recorded = first.add(&sheet).unwrap();

    let second = stage.gateway("second");
    assert_eq!(
        second.program.run(&["enrol", &code]).unwrap().code,
        Some(8),
        "the code is spent"
    );
    assert!(
        second.add(&sheet).is_err(),
        "no number is given under another gateway's letter"
    );

    assert_eq!(first.program.run(&["enrol", &code]).unwrap().code, Some(8));
    assert_eq!(first.sync().unwrap(), Some(0), "the first one goes on as it was");
    assert_eq!(hub.show(&recorded.register).unwrap()["id"], recorded.id.as_str());

    let another = hub.enrolment_code(PELAIHARI.0).unwrap();
    first.enrol(&another).unwrap();
    let next = first.add(&sheet).unwrap();
    assert!(
        next.register.starts_with("63.01.03/B/"),
        "a new code brings its own letter: {}",
        next.register
    );
    assert_eq!(first.sync().unwrap(), Some(0));
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_gateway_restored_from_an_old_copy_goes_on_after_its_last_number_once_it_met_the_hub() {
    let stage = Stage::new();
    let mut hub = stage.hub();
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let office = stage.gateway("office");
    office.enrol(&hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    let sheet = serde_json::json!({ "channel": "letter", "title": "Air keruh" });
    office.add(&sheet).unwrap();
    let copy: Vec<_> = database(&office)
        .into_iter()
        .map(|file| (std::fs::read(&file).unwrap(), file))
        .collect();
    let second = office.add(&sheet).unwrap();
    assert!(second.register.ends_with("/0002"), "{}", second.register);
    assert_eq!(office.sync().unwrap(), Some(0));

    for file in database(&office) {
        std::fs::remove_file(file).unwrap();
    }
    for (content, file) in copy {
        std::fs::write(file, content).unwrap();
    }
    assert_eq!(office.sync().unwrap(), Some(0));
    assert_eq!(
        office.show(&second.register).unwrap()["id"],
        second.id.as_str(),
        "the hub gave it back"
    );
    let third = office.add(&sheet).unwrap();
    assert!(third.register.ends_with("/0003"), "{}", third.register);
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

/// Lists the files of the office's database: a copy without its log is not what it seems.
#[test]
fn a_gateway_that_was_shut_out_is_refused_at_once_keeps_its_work_and_comes_back_with_a_new_code() {
    let stage = Stage::new();
    let mut hub = stage.hub();
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let office = stage.gateway("office");
    office.enrol(&hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    let sheet = serde_json::json!({ "channel": "visit", "title": "Gorong-gorong tersumbat" });
    let before = office.add(&sheet).unwrap();
    assert_eq!(office.sync().unwrap(), Some(0));

    let name = format!("{}/A", PELAIHARI.0);
    let revoke = |gateway: &str| hub.program.run(&["office", "revoke", gateway]).unwrap();
    assert_eq!(revoke(&format!("{}/B", PELAIHARI.0)).code, Some(4), "no such gateway");
    revoke(&name).success().unwrap();
    assert_eq!(revoke(&name).code, Some(5), "a second time is no deed");
    // The hub goes on running: the next request is refused.
    let after = office.add(&sheet).unwrap();
    let refused = office.program.run(&["sync"]).unwrap();
    assert_eq!(refused.code, Some(8), "{}", refused.stderr);
    assert!(refused.stderr.contains("no longer accepts"), "{}", refused.stderr);
    let status = office.program.json(&["status"]).unwrap();
    assert_eq!(status["waiting_complaints"], 1, "its work stays: {status}");
    assert!(hub.show(&after.register).is_err());
    assert!(hub.show(&before.register).is_ok(), "what it brought before stays");
    let noted = hub
        .program
        .json(&["audit", "list", "--deed", "gateway-revoked"])
        .unwrap();
    assert_eq!(noted[0]["detail"], name.as_str());
    assert_eq!(noted.as_array().map(Vec::len), Some(1), "{noted}");

    office.enrol(&hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    assert_eq!(office.sync().unwrap(), Some(0));
    assert_eq!(hub.show(&after.register).unwrap()["id"], after.id.as_str());
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

fn database(office: &Gateway) -> Vec<PathBuf> {
    let files = std::fs::read_dir(office.program.data())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("gateway.db"))
        .collect()
}
