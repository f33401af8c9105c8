//! Files of complaints with the real program: attached, listed, saved, taken away, and never half there.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use titian_demo::cast::PELAIHARI;
use titian_demo::gateway::Gateway;

use crate::stage::{Stage, pdf, sheet};

fn write(folder: &Path, name: &str, content: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

fn code(gateway: &Gateway, args: &[&str]) -> Option<i32> {
    gateway.program.run(args).unwrap().code
}

/// A gateway that knows its office; the hub is gone again.
fn enrolled(stage: &Stage) -> Gateway {
    let mut hub = stage.hub();
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let gateway = stage.gateway("office");
    gateway.enrol(&hub.enrolment_code(PELAIHARI.0).unwrap()).unwrap();
    hub.program.stop().unwrap();
    gateway
}

#[test]
fn files_are_attached_listed_saved_and_taken_away_from_the_shell() {
    let stage = Stage::new();
    let gateway = enrolled(&stage);
    let complaint = gateway.add(&sheet(1)).unwrap().register;
    let letter = pdf(1, 200_000);
    let good = write(stage.folder(), "surat warga.pdf", &letter);
    let bad = write(stage.folder(), "foto.jpg", b"<html>not a photo</html>");

    // The good one is taken, the other told; alone the bad one is an error of its own.
    let outcome = gateway
        .program
        .run(&["-o", "json", "complaint", "attach", &complaint, &good, &bad])
        .unwrap();
    assert_eq!(outcome.code, Some(7));
    let told: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(
        (&told[0]["changed"], &told[0]["bytes"]),
        (&true.into(), &letter.len().into())
    );
    assert!(
        told[1]["error"]
            .as_str()
            .unwrap()
            .contains("foto.jpg: LAPOR does not take this kind of file")
    );
    assert_eq!(code(&gateway, &["complaint", "attach", &complaint, &bad]), Some(2));
    assert_eq!(
        code(&gateway, &["complaint", "attach", &complaint, "no-such-file"]),
        Some(4)
    );
    assert_eq!(
        code(&gateway, &["complaint", "attach", "no-such-complaint", &good]),
        Some(4)
    );
    let again = gateway
        .program
        .json(&["complaint", "attach", &complaint, &good])
        .unwrap();
    assert_eq!(again[0]["changed"], false);

    let list = gateway
        .program
        .json(&["complaint", "attachment", "list", &complaint])
        .unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(
        (&list[0]["name"], &list[0]["whole"]),
        (&"surat warga.pdf".into(), &true.into())
    );
    assert_eq!(
        (&list[0]["media_type"], &list[0]["at_hub"]),
        (&"application/pdf".into(), &0.into())
    );
    assert_eq!(gateway.show(&complaint).unwrap()["attachments"], list);

    let add = ["staff", "add", "pencatat", "--full-name", "Siti Contoh"];
    let add = [&add[..], &["--role", "operator", "--password-stdin"]].concat();
    let added = gateway.program.run_with(&add, "jembatan-bambu-9").unwrap();
    added.success().unwrap();
    let folder = stage.folder().join("saved");
    fs::create_dir(&folder).unwrap();
    let into = folder.to_str().unwrap();
    let hash = list[0]["hash"].as_str().unwrap();
    let save = [
        "complaint",
        "attachment",
        "save",
        &complaint,
        &hash[..8],
        "--into",
        into,
        "--staff",
        "pencatat",
    ];
    assert_eq!(code(&gateway, &save), Some(0));
    let noted = gateway
        .program
        .json(&["audit", "list", "--deed", "attachment-shown"])
        .unwrap();
    let noted = noted.as_array().unwrap();
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert_eq!(noted[0]["who"], "Siti Contoh");
    assert_eq!(noted[0]["detail"], format!("copy of {}", &hash[..12]));
    let saved = format!("{}-{}.pdf", complaint.replace('/', "-"), &hash[..8]);
    assert_eq!(names(&folder), std::slice::from_ref(&saved));
    assert_eq!(fs::read(folder.join(saved)).unwrap(), letter);
    assert_eq!(code(&gateway, &save), Some(2), "nothing is overwritten");
    let unknown = ["complaint", "attachment", "save", &complaint, "000000", "--into", into];
    assert_eq!(code(&gateway, &unknown), Some(4));
    let all = ["audit", "list", "--deed", "attachment-shown"];
    let noted = gateway.program.json(&all).unwrap().as_array().unwrap().len();
    assert_eq!(
        noted, 2,
        "the one that was not written over too, and nothing that is not there"
    );

    assert_eq!(
        code(&gateway, &["complaint", "detach", &complaint, &hash[..8]]),
        Some(0)
    );
    assert_eq!(gateway.show(&complaint).unwrap()["attachments"], serde_json::json!([]));
    assert_eq!(
        code(&gateway, &["complaint", "detach", &complaint, &hash[..8]]),
        Some(4)
    );
    stage.assert_no_errors();
}

#[test]
fn a_start_tidies_what_a_crash_left_and_finds_what_lies_there() {
    let stage = Stage::new();
    let mut gateway = enrolled(&stage);
    let complaint = gateway.add(&sheet(1)).unwrap().register;
    let file = write(stage.folder(), "surat.pdf", &pdf(2, 50_000));
    gateway.step(&["attach", &complaint, &file]).unwrap();
    let attachments: PathBuf = gateway.program.data().join("attachments");
    let whole = names(&attachments);
    assert_eq!(whole.len(), 1);
    for ending in ["draft", "17.tmp"] {
        fs::write(attachments.join(format!("{}.{ending}", "ab".repeat(32))), b"half").unwrap();
    }
    fs::write(attachments.join(format!("{}.part", "cd".repeat(32))), b"half").unwrap();
    gateway.serve().unwrap();
    gateway.program.stop().unwrap();
    let mut left = vec![whole[0].clone(), format!("{}.part", "cd".repeat(32))];
    left.sort_unstable();
    assert_eq!(names(&attachments), left);

    // Lost with a disk: told, and not an error of the program.
    fs::remove_file(attachments.join(&whole[0])).unwrap();
    let list = gateway
        .program
        .json(&["complaint", "attachment", "list", &complaint])
        .unwrap();
    assert_eq!((&list[0]["whole"], &list[0]["held"]), (&false.into(), &0.into()));
    let into = stage.folder().to_str().unwrap();
    assert_eq!(
        code(
            &gateway,
            &["complaint", "attachment", "save", &complaint, "--into", into]
        ),
        Some(7)
    );
    // Attached again from where it came, it is whole again.
    gateway.step(&["attach", &complaint, &file]).unwrap();
    let list = gateway
        .program
        .json(&["complaint", "attachment", "list", &complaint])
        .unwrap();
    assert_eq!(list[0]["whole"], true);
    stage.assert_no_errors();
}
