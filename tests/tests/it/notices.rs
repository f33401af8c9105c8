//! What citizens are told about their data: chosen by who may, named by each complaint, known at the hub and in exports.

use std::fs;

use serde_json::Value;
use titian_demo::cast::Cast;
use titian_demo::program::Program;

use crate::stage::{Stage, import_row, sheet};

fn version(program: &Program) -> String {
    program.json(&["notice", "show"]).unwrap()["version"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn exit(program: &Program, args: &[&str]) -> Option<i32> {
    program.run(args).unwrap().code
}

#[test]
fn each_complaint_names_the_text_that_was_in_force_at_both_sides_and_in_exports() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let office = &cast.pelaihari;
    let file = |name: &str| stage.folder().join(name).to_str().unwrap().to_owned();
    let standard = version(&office.program);
    let first = office.add(&sheet(0)).unwrap();

    let own = file("pemberitahuan.txt");
    fs::write(&own, "Data Anda disimpan lima tahun.\r\n").unwrap();
    assert_eq!(exit(&office.program, &["notice", "set", &own]), Some(0));
    let chosen = version(&office.program);
    assert_ne!(chosen, standard);
    let second = office.add(&sheet(1)).unwrap();
    let rows = file("lama.ndjson");
    fs::write(&rows, import_row(0).to_string()).unwrap();
    let taken = office.program.run(&["-o", "json", "import", &rows]).unwrap();
    assert_eq!(taken.code, Some(0), "{} {}", taken.stdout, taken.stderr);
    assert_eq!(exit(&office.program, &["notice", "reset"]), Some(0));
    assert_eq!(version(&office.program), standard);

    cast.hub.serve().unwrap();
    cast.pelaihari.sync().unwrap();
    cast.hub.program.stop().unwrap();
    for (recorded, told) in [(&first, &standard), (&second, &chosen)] {
        for shown in [
            cast.pelaihari.show(&recorded.id).unwrap(),
            cast.hub.show(&recorded.id).unwrap(),
        ] {
            assert_eq!(shown["notice"], Value::from(told.as_str()));
        }
    }
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        let csv = file(&format!("{}.csv", program.name()));
        assert_eq!(exit(program, &["export", &csv]), Some(0));
        let text = fs::read_to_string(&csv).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let headers = reader.headers().unwrap().clone();
        let at = |name: &str| headers.iter().position(|of| of == name).unwrap();
        let (register, notice) = (at("Nomor agenda"), at("Versi pemberitahuan data pribadi"));
        let mut told: Vec<_> = reader
            .records()
            .map(|row| row.unwrap())
            .map(|row| {
                (
                    row[register].to_owned(),
                    row[notice].trim_start_matches('\'').to_owned(),
                )
            })
            .collect();
        told.sort_unstable();
        let told: Vec<_> = told.iter().map(|(_, version)| version.as_str()).collect();
        assert_eq!(
            told,
            [standard.as_str(), chosen.as_str(), ""],
            "the third came from an older register"
        );
    }
    stage.assert_no_errors();
}

#[test]
fn who_keeps_the_office_chooses_the_text_and_that_is_noted() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let office = &cast.pelaihari.program;
    let file = |name: &str, text: &[u8]| {
        let path = stage.folder().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let add = [
        "staff",
        "add",
        "petugas",
        "--full-name",
        "Budi Contoh",
        "--role",
        "operator",
        "--password-stdin",
    ];
    office.run_with(&add, "jembatan-bambu-9").unwrap().success().unwrap();
    let own = file("own.txt", "Data Anda disimpan lima tahun.".as_bytes());
    let before = version(office);
    assert_eq!(exit(office, &["notice", "set", &own, "--staff", "petugas"]), Some(5));
    for (name, text) in [
        ("empty.txt", Vec::new()),
        ("latin.txt", b"Data Anda \xe9".to_vec()),
        ("long.txt", vec![b'a'; 6_001]),
        ("huge.txt", vec![b'a'; 1 << 20]),
    ] {
        assert_eq!(exit(office, &["notice", "set", &file(name, &text)]), Some(2), "{name}");
    }
    assert_eq!(exit(office, &["notice", "set", "there-is-none.txt"]), Some(2));
    assert_eq!(exit(office, &["notice", "show", "no-version"]), Some(2));
    assert_eq!(exit(office, &["notice", "show", "0123456789ab"]), Some(4));
    assert_eq!(version(office), before, "nothing was chosen");
    assert_eq!(exit(office, &["notice", "set", &own]), Some(0));
    let chosen = version(office);
    let audit = office.run(&["audit", "list"]).unwrap().stdout;
    assert!(audit.contains("notice-chosen") && audit.contains(&chosen), "{audit}");
    let list = office.json(&["notice", "list"]).unwrap();
    assert_eq!(list[0]["version"], Value::from(chosen));
    assert_eq!(exit(office, &["audit", "verify"]), Some(0));
    stage.assert_no_errors();
}
