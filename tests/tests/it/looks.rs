//! Who brought a complaint is shown to who may, for a reason that is noted first, whichever way somebody takes to see it.

use serde_json::json;
use titian_demo::cast::{Cast, forward};

use crate::stage::{Stage, sheet};

const NAME: &str = "Kanaria Rahmawati";
const NIK: &str = "6301034101900001";

/// Her complaint, at the office and at the hub; no program runs.
fn known_everywhere(stage: &Stage) -> (Cast, String) {
    let mut cast = Cast::set_up(stage).unwrap();
    let mut canary = sheet(1);
    canary["reporter_name"] = json!(NAME);
    canary["reporter_nik"] = json!(NIK);
    let recorded = forward(&cast.pelaihari, &canary).unwrap();
    cast.hub.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    cast.hub.program.stop().unwrap();
    (cast, recorded.id)
}

#[test]
fn a_command_shows_a_reporter_only_for_a_stated_reason_to_who_may_and_notes_it_first() {
    let stage = Stage::new();
    let (cast, id) = known_everywhere(&stage);
    let id = id.as_str();
    for (program, answers) in [
        (&cast.pelaihari.program, "head"),
        (&cast.hub.program, "liaison,administrator"),
    ] {
        let show = |args: &[&str]| {
            let args = [&["-o", "json", "complaint", "show", id], args].concat();
            let shown = program.run(&args).unwrap();
            (shown.code, shown.stdout.contains(NIK))
        };
        let noted = || {
            let audit = program.run(&["audit", "list", "--complaint", id]).unwrap().stdout;
            audit.matches("identity-shown").count()
        };
        let add = ["staff", "add", "pengurus.data", "--full-name", "Siti Contoh"];
        let add = [&add[..], &["--role", answers, "--password-stdin", "--own-password"]].concat();
        program.run_with(&add, "jembatan-bambu-9").unwrap().success().unwrap();
        let as_keeper = ["--reveal", "request", "--staff", "pengurus.data"];

        assert_eq!(show(&[]), (Some(0), false));
        for without in [&["--reveal"][..], &["--reveal", "rapat"], &["--reveal", ""]] {
            assert_eq!(show(without), (Some(2), false), "{without:?}");
        }
        assert_eq!(noted(), 0);
        assert_eq!(show(&["--reveal", "contact"]), (Some(0), true));
        assert_eq!(show(&as_keeper), (Some(0), true));
        assert_eq!(noted(), 2);
        let audit = program.run(&["audit", "list", "--complaint", id]).unwrap().stdout;
        assert!(audit.contains("contact") && audit.contains("Siti Contoh"), "{audit}");

        let restrict = ["subject", "restrict", id, "--reason", "surat nomor 12"];
        program.json(&restrict).unwrap();
        assert_eq!(show(&["--reveal", "contact"]), (Some(5), false), "{}", program.name());
        assert_eq!(show(&[]), (Some(0), false), "the complaint itself is shown as before");
        assert_eq!(noted(), 2);
        assert_eq!(show(&as_keeper), (Some(0), true), "who answers citizens' requests may");
        assert_eq!(noted(), 3);
    }
    stage.assert_no_errors();
}

#[test]
fn no_reason_that_names_who_brought_it_is_taken_by_any_command_and_that_one_was_is_noted() {
    let stage = Stage::new();
    let (cast, id) = known_everywhere(&stage);
    let id = id.as_str();
    let (csv, page) = (stage.folder().join("register.csv"), stage.folder().join("data.html"));
    let (csv, page) = (csv.to_str().unwrap(), page.to_str().unwrap());
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        let commands = [
            &["subject", "file", page, "--reason"][..],
            &["subject", "restrict", id, "--reason"],
            &["subject", "lift", id, "--reason"],
            &["subject", "erase", id, "--reason"],
            &["export", csv, "--reveal"],
        ];
        for reason in ["surat Kanaria RAHMAWATI", "NIK 6301.0341.0190.0001", "telp 0812 0000 0199"] {
            for command in commands {
                // Sought by another of what is known: what was typed to find them is not all that names them.
                let sought = if reason.contains("NIK") { NAME } else { NIK };
                let tried = program.run_with(&[command, &[reason]].concat(), sought).unwrap();
                assert_eq!(tried.code, Some(2), "{command:?} {reason}: {}", tried.stderr);
                assert!(tried.stderr.contains("without naming"), "{}", tried.stderr);
            }
        }
        // One word of the name is one too many where one person is meant.
        let word = ["subject", "restrict", id, "--reason", "diminta ibu kanaria"];
        assert_eq!(program.run(&word).unwrap().code, Some(2));

        let audit = program.run(&["audit", "list"]).unwrap().stdout;
        assert_eq!(audit.matches("reason-refused").count(), 16, "{audit}");
        for named in ["anaria", "AHMAWATI", NIK, "6301.0341", "0000 0199"] {
            assert!(!audit.contains(named), "{named}: {audit}");
        }
        let shown = program.json(&["complaint", "show", id]).unwrap();
        assert_eq!(shown["restricted"], json!(false), "nothing was done");
        assert!(shown["reporter"].is_object());
        assert!(!std::path::Path::new(csv).exists() && !std::path::Path::new(page).exists());
    }
    stage.assert_no_errors();
}
