//! A citizen's right to be forgotten: an identity that was erased at one place is nowhere, on no machine, and comes back from no backup.

use std::path::Path;

use serde_json::{Value, json};
use titian_demo::cast::{Cast, OPERATOR};
use titian_demo::program::Program;
use titian_demo::visitor::Visitor;
use titian_demo::wait;

use crate::disk::{copy, shown};
use crate::stage::{Stage, list, sheet};

/// An identity that nobody has, in the three forms in which one is sought, and what else the record says.
const NAME: &str = "Kanaria Rahmawati";
const NIK: &str = "6301034101900001";
const PHONE: &str = "+6281200000777";
const CANARIES: [&str; 4] = [NAME, NIK, PHONE, "kanaria@contoh.example"];

fn canary(number: usize) -> Value {
    let mut sheet = sheet(number);
    sheet["reporter_name"] = json!(NAME);
    sheet["reporter_nik"] = json!(NIK);
    sheet["reporter_phone"] = json!(PHONE);
    sheet["reporter_email"] = json!(CANARIES[3]);
    sheet
}

fn find(program: &Program, sought: &str) -> Vec<String> {
    let outcome = program.run_with(&["-o", "json", "subject", "find"], sought).unwrap();
    let found = outcome.json().unwrap();
    found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Two complaints of the canary among many of others, one of them corrected, all of them at the hub; both programs stopped.
fn known_everywhere(stage: &Stage) -> (Cast, Vec<String>) {
    let mut cast = Cast::set_up(stage).unwrap();
    let gateway = &cast.pelaihari;
    let mut ids = Vec::new();
    for number in 0..60 {
        let is_hers = number == 20 || number == 59;
        let recorded = gateway
            .add(&if is_hers { canary(number) } else { sheet(number) })
            .unwrap();
        if number == 20 {
            // A correction is another record: the former one is hers too.
            let mut corrected = canary(20);
            corrected["reporter_address"] = json!("Jalan Kanaria 7");
            let args = ["complaint", "amend", &recorded.id, "--json", "-"];
            gateway.program.json_with(&args, &corrected.to_string()).unwrap();
        }
        gateway.step(&["verify", &recorded.id]).unwrap();
        gateway.step(&["forward", &recorded.id]).unwrap();
        if is_hers {
            ids.push(recorded.id);
        }
    }
    cast.hub.serve().unwrap();
    assert_eq!(gateway.sync().unwrap(), Some(0));
    cast.hub.program.stop().unwrap();
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        assert_eq!(
            shown(program.data(), &CANARIES),
            CANARIES,
            "the canaries are where they are sought"
        );
    }
    (cast, ids)
}

fn assert_forgotten(program: &Program) {
    let forgotten = || Ok(shown(program.data(), &CANARIES).is_empty().then_some(()));
    wait::until("no trace is left", forgotten).unwrap();
}

fn erase(program: &Program, ids: &[String]) -> Value {
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let args = [
        &["subject", "erase", "--reason", "surat nomor 12 tanggal 3 Maret"],
        ids.as_slice(),
    ]
    .concat();
    program.json(&args).unwrap()
}

#[test]
fn who_was_erased_at_the_hub_is_nowhere_and_the_complaints_are_still_there() {
    let stage = Stage::new();
    let (mut cast, ids) = known_everywhere(&stage);
    for sought in [NAME, "kanaria rahmawati", "63.01.03.410190.0001", "0812-0000-0777"] {
        assert_eq!(find(&cast.hub.program, sought), ids, "{sought}");
    }
    assert!(
        find(&cast.hub.program, "Rahma").is_empty(),
        "a part of a name is not a person"
    );
    let before = list(&cast.pelaihari.program);
    let done = erase(&cast.hub.program, &ids);
    assert_eq!(done, json!({ "complaints": 2, "records": 3, "traces_removed": true }));
    assert_forgotten(&cast.hub.program);
    assert!(find(&cast.hub.program, NIK).is_empty());

    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    cast.pelaihari.sync().unwrap();
    assert_forgotten(&cast.pelaihari.program);
    // Both sides hold the same, and the complaints go on.
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    let status = cast.pelaihari.program.json(&["status"]).unwrap();
    assert!(status["in_sync_since"].is_number(), "{status}");
    assert_eq!(list(&cast.pelaihari.program), before);
    let mut visitor = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    visitor.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    assert_eq!(visitor.get(&format!("/laporan/{}", ids[0])).unwrap().status, 200);
    cast.stop().unwrap();
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        program.json(&["projections", "rebuild"]).unwrap();
        program.json(&["audit", "verify"]).unwrap();
        assert_forgotten(program);
    }
    let audit = cast.hub.program.run(&["audit", "list"]).unwrap().stdout;
    assert!(audit.contains("surat nomor 12") && !audit.contains(NAME), "{audit}");
    stage.assert_no_errors();
}

#[test]
fn a_backup_of_either_side_that_is_put_back_forgets_again_at_the_next_contact() {
    let stage = Stage::new();
    let (mut cast, ids) = known_everywhere(&stage);
    let folders = [
        cast.pelaihari.program.data().to_owned(),
        cast.hub.program.data().to_owned(),
    ];
    let backup = |data: &Path| data.with_extension("backup");
    for data in &folders {
        copy(data, &backup(data));
    }
    let put_back = |data: &Path| {
        // The sidecar is no part of what is put back: it tells that something was.
        let sidecar = data.join("gateway.sidecar.json");
        let kept = std::fs::read(&sidecar).ok();
        std::fs::remove_dir_all(data).unwrap();
        copy(&backup(data), data);
        if let Some(kept) = kept {
            std::fs::write(sidecar, kept).unwrap();
        }
        assert_eq!(shown(data, &CANARIES), CANARIES);
    };
    erase(&cast.pelaihari.program, &ids);
    // The next complaint is compressed after the last ones that the hub holds, and hers is a husk at one side only.
    for number in 60..70 {
        cast.pelaihari.add(&sheet(number)).unwrap();
    }
    cast.hub.serve().unwrap();
    let outcome = cast.pelaihari.program.run(&["sync"]).unwrap();
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert_forgotten(&cast.hub.program);

    put_back(&folders[0]);
    cast.pelaihari.serve().unwrap();
    wait::until("the office heard of it", || {
        cast.pelaihari.sync()?;
        Ok(find(&cast.pelaihari.program, NIK).is_empty().then_some(()))
    })
    .unwrap();
    assert_forgotten(&cast.pelaihari.program);

    cast.hub.program.stop().unwrap();
    put_back(&folders[1]);
    cast.hub.serve().unwrap();
    wait::until("the hub heard of it", || {
        cast.pelaihari.sync()?;
        Ok(find(&cast.hub.program, NIK).is_empty().then_some(()))
    })
    .unwrap();
    assert_forgotten(&cast.hub.program);
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn only_who_answers_for_the_office_erases_and_what_is_not_there_erases_nothing() {
    let stage = Stage::new();
    let (mut cast, ids) = known_everywhere(&stage);
    let program = &cast.pelaihari.program;
    let as_role = |name: &str, role: &str| {
        let args = [
            "staff",
            "add",
            name,
            "--full-name",
            "Siti Contoh",
            "--role",
            role,
            "--password-stdin",
        ];
        program.run_with(&args, "jembatan-bambu-9").unwrap().success().unwrap();
    };
    as_role("pencatat", "operator");
    as_role("camat", "head");
    let code = |args: &[&str]| program.run_with(args, NIK).unwrap().code;
    assert_eq!(code(&["subject", "find", "--staff", "pencatat"]), Some(5));
    assert_eq!(
        code(&["subject", "erase", &ids[0], "--reason", "surat", "--staff", "pencatat"]),
        Some(5)
    );
    assert_eq!(code(&["subject", "erase", &ids[0], "--reason", " "]), Some(2));
    // One of them is not there: none is erased.
    assert_eq!(
        code(&["subject", "erase", &ids[0], "63.01.03/A/2026/9999", "--reason", "surat"]),
        Some(4)
    );
    assert_eq!(find(program, NIK), ids);
    assert_eq!(
        code(&["subject", "erase", &ids[0], "--reason", "surat", "--staff", "camat"]),
        Some(0)
    );
    assert_eq!(find(program, NIK), ids[1..]);
    cast.stop().unwrap();
    stage.assert_no_errors();
}
