//! Who brought a complaint is shown to who may, for a reason that is noted first, whichever way somebody takes to see it.

use serde_json::json;
use titian_demo::cast::{Cast, forward};
use titian_demo::program::Program;
use titian_demo::visitor::Visitor;

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
        let refused = ["audit", "list", "--complaint", id, "--deed", "look-refused"];
        assert_eq!(program.json(&refused).unwrap().as_array().unwrap().len(), 1);
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
        for reason in [
            "surat Kanaria RAHMAWATI",
            "NIK 6301.0341.0190.0001",
            "telp 0812 0000 0199",
        ] {
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

/// Somebody who is signed in with one role.
fn signed_in(program: &Program, role: &str) -> Visitor {
    let add = ["staff", "add", role, "--full-name", "Siti Contoh", "--role", role];
    let add = [&add[..], &["--password-stdin", "--own-password"]].concat();
    program.run_with(&add, "jembatan-bambu-9").unwrap().success().unwrap();
    let mut visitor = Visitor::new(program.address().unwrap()).unwrap();
    visitor.log_in(role, "jembatan-bambu-9").unwrap();
    visitor
}

#[test]
fn no_list_of_either_program_tells_whose_a_complaint_is_where_that_is_hidden() {
    let stage = Stage::new();
    let (mut cast, id) = known_everywhere(&stage);
    let mut anonymous = sheet(2);
    anonymous["reporter_name"] = json!("Kanaria Tersembunyi");
    anonymous["anonymous"] = json!(true);
    let hidden = forward(&cast.pelaihari, &anonymous).unwrap().id;
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    let mut operator = signed_in(&cast.pelaihari.program, "operator");
    let mut liaison = signed_in(&cast.hub.program, "liaison");
    let mut coordinator = signed_in(&cast.hub.program, "coordinator");
    // Which of the two are found by a word: by who may see names, on pages, in what is saved from them and by commands, and by who may not.
    let mut found = |cast: &Cast, name: &str| {
        let registers = [&id, &hidden].map(|id| cast.hub.show(id).unwrap()["register"].as_str().unwrap().to_owned());
        let told = |text: &str, by: &[String; 2]| by.iter().map(|one| text.contains(one)).collect::<Vec<_>>();
        let ids = [id.clone(), hidden.clone()];
        let (mut ways, mut blind) = (Vec::new(), Vec::new());
        let pages = [(&mut operator, false), (&mut liaison, false), (&mut coordinator, true)];
        for (visitor, is_blind) in pages {
            let list = visitor.submit("/cari", &[("text", name)]).unwrap().html;
            let saved = visitor
                .post("/ekspor", &[("form", "csv"), ("text", name)])
                .unwrap()
                .html;
            assert_eq!(told(&list, &ids), told(&saved, &registers));
            if is_blind {
                blind = told(&list, &ids);
            } else {
                ways.push(told(&list, &ids));
            }
        }
        for program in [&cast.pelaihari.program, &cast.hub.program] {
            let list = program.run(&["complaint", "list", "--search", name]).unwrap().stdout;
            ways.push(told(&list, &ids));
        }
        assert!(ways.iter().all(|way| *way == ways[0]), "{ways:?}");
        (ways.remove(0), blind)
    };
    let nobody = || vec![false, false];
    assert_eq!(found(&cast, "Kanaria"), (vec![true, false], nobody()));
    assert_eq!(found(&cast, "Tersembunyi"), (nobody(), nobody()));
    for (setter, lifter) in [
        (&cast.pelaihari.program, &cast.hub.program),
        (&cast.hub.program, &cast.pelaihari.program),
    ] {
        let change = |program: &Program, what: &str| {
            let args = ["subject", what, &id, "--reason", "surat nomor 12"];
            assert_eq!(program.json(&args).unwrap(), json!({ "changed": 1 }));
            assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
        };
        change(setter, "restrict");
        assert_eq!(found(&cast, "Kanaria"), (nobody(), nobody()));
        let by_words = (vec![true, true], vec![true, true]);
        assert_eq!(found(&cast, "Lampu"), by_words, "by its words as before");
        change(lifter, "lift");
        assert_eq!(found(&cast, "Kanaria"), (vec![true, false], nobody()));
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_refused_look_at_a_restricted_identity_is_noted_whichever_way_it_was_tried() {
    let stage = Stage::new();
    let (mut cast, id) = known_everywhere(&stage);
    let path = format!("/laporan/{id}");
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        program
            .json(&["subject", "restrict", &id, "--reason", "surat nomor 12"])
            .unwrap();
    }
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    let (operator, liaison) = (
        signed_in(&cast.pelaihari.program, "operator"),
        signed_in(&cast.hub.program, "liaison"),
    );
    for (program, mut visitor, tries) in [
        (
            &cast.pelaihari.program,
            operator,
            [
                ("pelapor", ("why", "contact"), "contact"),
                ("ubah", ("open_reporter", "yes"), "amend"),
                ("berkas", ("why", "check"), "check"),
            ],
        ),
        (
            &cast.hub.program,
            liaison,
            [
                ("pelapor", ("why", "contact"), "contact"),
                ("lembar-salin", ("why", "transcribe"), "transcribe"),
                ("berkas", ("why", "request"), "request"),
            ],
        ),
    ] {
        let list = |deed: &str| {
            let args = ["audit", "list", "--complaint", &id, "--deed", deed];
            program.json(&args).unwrap().as_array().unwrap().clone()
        };
        for (way, field, why) in tries {
            let before = list("look-refused").len();
            let page = visitor.post(&format!("{path}/{way}"), &[field]).unwrap();
            assert!(!page.html.contains(NIK) && !page.html.contains(NAME), "{way}");
            let refused = list("look-refused");
            assert_eq!(refused.len(), before + 1, "{way}");
            assert_eq!(
                (&refused[0]["who"], &refused[0]["detail"]),
                (&json!(visitor_name(program)), &json!(why))
            );
        }
        assert_eq!(list("identity-shown"), [json!(null); 0]);
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

fn visitor_name(program: &Program) -> &'static str {
    if program.name() == "hub" { "liaison" } else { "operator" }
}
