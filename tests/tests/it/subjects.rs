//! A citizen asks what is held about them: everything of theirs is in the file, nothing of anybody else, and who handed it out is noted.

use std::fs;

use serde_json::{Value, json};
use titian_demo::cast::{Cast, OPERATOR};
use titian_demo::program::Program;
use titian_demo::task::Outcome;
use titian_demo::visitor::{Page, Visitor};

use crate::stage::{Stage, pdf, sheet};

const NAME: &str = "Kanaria Rahmawati";
const NIK: &str = "6301034101900001";
const PHONE: &str = "+6281200000777";
const SCRIPT: &str = "<script>alert('warga')</script>";
const SCRIPT_ESCAPED: &str = "&#60;script&#62;alert(&#39;warga&#39;)&#60;/script&#62;";

/// What of hers stands in the records, the stories, the notes and the attachments.
const HERS: [&str; 15] = [
    NAME,
    NIK,
    PHONE,
    "kanaria@contoh.example",
    "Jalan Kanaria 7",
    "Jalan Lama 3",
    "Parit kanaria tersumbat",
    "Parit kanaria meluap",
    "Cerita kanaria yang panjang tentang parit yang meluap di depan rumahnya setiap hari.",
    "catatan kanaria di kantor",
    "surat kanaria.pdf",
    "application/pdf",
    "5049673",
    "Dinas Kanaria",
    SCRIPT,
];

/// What of a neighbour with a similar name, and of one with the same name, must stand in no file of hers.
const OTHERS: [&str; 7] = [
    "Rahmawatie",
    "6301034101900002",
    "6301034101900003",
    "81200000888",
    "81200000999",
    "Cerita tetangga",
    "Gang Tetangga",
];

fn canary(number: usize) -> Value {
    let mut sheet = sheet(number);
    for (field, value) in [
        ("reporter_name", NAME),
        ("reporter_nik", NIK),
        ("reporter_phone", PHONE),
        ("reporter_email", HERS[3]),
        ("reporter_address", HERS[5]),
    ] {
        sheet[field] = json!(value);
    }
    sheet
}

fn neighbour(number: usize, name: &str, nik: &str, phone: &str) -> Value {
    let mut sheet = sheet(number);
    for (field, value) in [
        (
            "narrative",
            "Cerita tetangga yang tidak boleh ada di berkas orang lain, cukup panjang.",
        ),
        ("place", "Gang Tetangga"),
        ("reporter_name", name),
        ("reporter_nik", nik),
        ("reporter_phone", phone),
    ] {
        sheet[field] = json!(value);
    }
    sheet
}

/// Her two complaints, one corrected and one with a letter, among those of two others; all at the hub, and both programs stopped.
fn known_everywhere(stage: &Stage) -> (Cast, Vec<String>) {
    let mut cast = Cast::set_up(stage).unwrap();
    let office = &cast.pelaihari;
    let amend = |id: &str, sheet: &Value| {
        let args = ["complaint", "amend", id, "--json", "-", "--staff", OPERATOR.name];
        office.program.json_with(&args, &sheet.to_string()).unwrap();
    };
    let mut first = canary(1);
    first["title"] = json!(HERS[6]);
    let one = office.add(&first).unwrap().id;
    first["title"] = json!(format!("{} {SCRIPT}", HERS[7]));
    first["narrative"] = json!(HERS[8]);
    first["reporter_address"] = json!(HERS[4]);
    amend(&one, &first);
    office.step(&["note", &one, "--note", HERS[9]]).unwrap();
    // Recorded under a neighbour's name at first, with the neighbour's story, and put right.
    let similar = neighbour(2, "Kanaria Rahmawatie", OTHERS[1], "+6281200000888");
    let other = office.add(&similar).unwrap().id;
    amend(&other, &canary(2));
    let letter = stage.folder().join(HERS[10]);
    fs::write(&letter, pdf(1, 2_000)).unwrap();
    office.step(&["attach", &other, letter.to_str().unwrap()]).unwrap();

    let similar = neighbour(3, "Kanaria Rahmawatie", OTHERS[1], "+6281200000888");
    office.add(&similar).unwrap();
    // An office that typed the wrong person at first: her data stand in a neighbour's complaint.
    let mistaken = office.add(&canary(4)).unwrap().id;
    amend(
        &mistaken,
        &neighbour(4, "Kanaria Rahmawatie", OTHERS[1], "+6281200000888"),
    );
    // Somebody else of her name.
    office.add(&neighbour(5, NAME, OTHERS[2], "+6281200000999")).unwrap();
    for id in [&one, &other] {
        office.step(&["verify", id]).unwrap();
        office.step(&["forward", id]).unwrap();
    }
    cast.hub.serve().unwrap();
    cast.pelaihari.sync().unwrap();
    cast.hub.program.stop().unwrap();
    cast.hub.step(&["accept", &one]).unwrap();
    cast.hub.step(&["enter", &one, "--tracking-id", HERS[12]]).unwrap();
    cast.hub.step(&["dispose", &one, "--institution", HERS[13]]).unwrap();
    cast.hub.serve().unwrap();
    cast.pelaihari.sync().unwrap();
    cast.hub.program.stop().unwrap();
    (cast, vec![one, other, mistaken])
}

fn file(program: &Program, sought: &str, args: &[&str]) -> Outcome {
    program
        .run_with(&[&["-o", "json", "subject", "file"], args].concat(), sought)
        .unwrap()
}

#[test]
fn the_file_has_everything_of_one_person_and_nothing_of_another_at_both_programs() {
    let stage = Stage::new();
    let (cast, ids) = known_everywhere(&stage);
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        let path = |name: &str| stage.folder().join(format!("{}-{name}", program.name()));
        let (page, portable) = (path("data.html"), path("data.json"));
        let args = [
            page.to_str().unwrap(),
            "--json",
            portable.to_str().unwrap(),
            "--reason",
            "surat nomor 12",
        ];
        let made = file(program, NIK, &args);
        assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
        assert_eq!(made.json().unwrap(), json!({ "complaints": 3, "files": 2 }));
        let html = fs::read_to_string(&page).unwrap();
        for marker in HERS {
            let marker = if marker == SCRIPT { SCRIPT_ESCAPED } else { marker };
            assert!(html.contains(marker), "{marker} in {}", program.name());
        }
        assert!(
            !html.contains("<script") && !html.contains("http://"),
            "it stands alone"
        );
        assert!(html.contains("Nilai lama") || html.contains("nilai lama"));
        // Who did it, in the case file and in the audit log of this machine; this file itself too.
        assert!(html.contains("Ahmad Rusdi") && html.contains("Pasal 11") && html.contains("surat nomor 12"));
        assert_eq!(html.matches("Berkas data diserahkan kepada orangnya").count(), 3);
        let text = fs::read_to_string(&portable).unwrap();
        let told: Value = serde_json::from_str(&text).unwrap();
        for marker in HERS {
            assert!(
                text.contains(marker),
                "{marker} in the portable form of {}",
                program.name()
            );
        }
        for (document, form) in [(&html, "page"), (&text, "portable form")] {
            for marker in OTHERS {
                assert!(
                    !document.contains(marker),
                    "{marker} in the {form} of {}",
                    program.name()
                );
            }
        }
        let complaints = told["complaints"].as_array().unwrap();
        let hers = complaints
            .iter()
            .map(|one| one["brought_by_this_person"].as_bool().unwrap());
        assert_eq!(hers.collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(complaints[2]["id"], json!(ids[2]));
        assert_eq!(complaints[2]["records_of_others_left_out"], json!(1));
        assert_eq!(
            complaints[0]["identities"].as_array().unwrap().len(),
            2,
            "the former address too"
        );
        assert_eq!(complaints[1]["records_of_others_left_out"], json!(1));
        assert_eq!(complaints[1]["attachments"][0]["name"], json!(HERS[10]));

        #[cfg(unix)]
        for path in [&page, &portable] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let english = path("data-en.html");
        let args = [english.to_str().unwrap(), "--lang", "en", "--reason", "surat nomor 12"];
        assert_eq!(file(program, PHONE, &args).code, Some(0));
        assert!(
            fs::read_to_string(&english)
                .unwrap()
                .contains("The personal data that we hold about you")
        );
        let audit = program.run(&["audit", "list"]).unwrap().stdout;
        assert!(
            audit.contains("subject-file") && audit.contains("surat nomor 12"),
            "{audit}"
        );
        assert!(
            !audit.contains(NIK) && !audit.contains(NAME) && !audit.contains("81200000777"),
            "{audit}"
        );
        assert_eq!(program.run(&["audit", "verify"]).unwrap().code, Some(0));
    }
    stage.assert_no_errors();
}

#[test]
fn a_file_is_made_only_where_it_is_clear_who_is_meant_and_by_who_may() {
    let stage = Stage::new();
    let (cast, ids) = known_everywhere(&stage);
    let program = &cast.pelaihari.program;
    let path = stage.folder().join("data.html");
    let name = path.to_str().unwrap();
    let reason = ["--reason", "surat nomor 12"];
    let try_file = |sought: &str, args: &[&str]| file(program, sought, &[&[name], args].concat()).code;

    // Two people of one name: a person chooses the complaints, or gives the NIK.
    assert_eq!(try_file(NAME, &reason), Some(5));
    assert_eq!(try_file("Kanaria Tidak Dikenal", &reason), Some(4));
    assert_eq!(
        try_file(NIK, &[&["63.01.03/A/2026/0003"], reason.as_slice()].concat()),
        Some(4)
    );
    assert_eq!(try_file(NIK, &["--reason", " "]), Some(2));
    assert_eq!(try_file(" ", &reason), Some(2));
    assert_eq!(
        try_file(NIK, &[reason.as_slice(), &["--staff", OPERATOR.name]].concat()),
        Some(0)
    );
    fs::remove_file(&path).unwrap();
    let add = [
        "staff",
        "add",
        "pencatat",
        "--full-name",
        "Siti Contoh",
        "--role",
        "operator",
        "--password-stdin",
    ];
    program.run_with(&add, "jembatan-bambu-9").unwrap().success().unwrap();
    assert_eq!(
        try_file(NIK, &[reason.as_slice(), &["--staff", "pencatat"]].concat()),
        Some(5)
    );
    assert!(!path.exists(), "nothing was begun");
    for change in ["restrict", "lift", "erase"] {
        let args = ["subject", change, &ids[0], "--reason", "surat", "--staff", "pencatat"];
        assert_eq!(program.run(&args).unwrap().code, Some(5), "{change}");
    }

    assert_eq!(
        try_file(NAME, &[&[ids[0].as_str(), ids[1].as_str()], reason.as_slice()].concat()),
        Some(0)
    );
    let html = fs::read_to_string(&path).unwrap();
    assert!(html.contains(HERS[8]) && html.contains(HERS[10]));
    assert!(OTHERS.iter().all(|marker| !html.contains(marker)));
    // What is there is not written over, nor is the second file made then.
    let portable = stage.folder().join("data.json");
    let args = [&["--json", portable.to_str().unwrap()], reason.as_slice()].concat();
    assert_eq!(try_file(NIK, &args), Some(5));
    assert!(!portable.exists() && fs::read_to_string(&path).unwrap() == html);
    let audit = program.run(&["audit", "list"]).unwrap().stdout;
    assert_eq!(
        audit.matches("subject-file").count(),
        5,
        "three for the operator's, two that were chosen: {audit}"
    );
    stage.assert_no_errors();
}

/// Somebody who is signed in with one role.
fn signed_in(program: &Program, name: &str, role: &str) -> Visitor {
    let add = [
        "staff",
        "add",
        name,
        "--full-name",
        "Siti Contoh",
        "--role",
        role,
        "--password-stdin",
        "--own-password",
    ];
    program.run_with(&add, "jembatan-bambu-9").unwrap().success().unwrap();
    let mut visitor = Visitor::new(program.address().unwrap()).unwrap();
    visitor.log_in(name, "jembatan-bambu-9").unwrap();
    visitor
}

/// The ways on which something is done for a citizen.
const WAYS: [&str; 5] = [
    "/warga/cari",
    "/warga/berkas",
    "/warga/hapus",
    "/warga/batasi",
    "/warga/cabut",
];

/// Nothing is done for a reason with the name in it of who was sought by number, and that one was refused is noted.
fn refuses_reasons_that_name(program: &Program, visitor: &mut Visitor, id: &str) {
    let refusals = || {
        let audit = program.run(&["audit", "list"]).unwrap().stdout;
        assert!(!audit.to_lowercase().contains("kanaria"), "{audit}");
        audit.matches("reason-refused").count()
    };
    let before = refusals();
    assert_eq!(before, WAYS.len(), "those that named who was sought");
    let named = [
        ("sought", NIK),
        ("reason", "surat dari kanaria"),
        ("complaint", id),
        ("sure", "yes"),
    ];
    for way in WAYS {
        let refused = visitor.post(way, &named).unwrap();
        assert_eq!(refused.status, 422, "{way}");
        assert!(
            refused.holds("tidak boleh memuat nama") && !refused.html.contains(id),
            "{way}"
        );
    }
    assert_eq!(refusals(), before + WAYS.len());
}

#[test]
fn the_page_finds_prints_saves_and_erases_for_those_who_may_and_nobody_else() {
    let stage = Stage::new();
    let (mut cast, ids) = known_everywhere(&stage);
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    for (program, may, may_not) in [
        (&cast.pelaihari.program, "head", "operator"),
        (&cast.hub.program, "administrator", "coordinator"),
    ] {
        let mut nobody = signed_in(program, "petugas.biasa", may_not);
        assert!(!nobody.get("/").unwrap().html.contains("href=\"/warga\""));
        assert_eq!(nobody.get("/warga").unwrap().status, 403);
        let mut visitor = signed_in(program, "pengurus.data", may);
        assert!(visitor.get("/").unwrap().html.contains("href=\"/warga\""));
        let asked = |sought: &'static str, reason: &'static str| [("sought", sought), ("reason", reason)];
        let hers = asked(NIK, "surat nomor 12");
        for way in WAYS {
            assert_eq!(nobody.post(way, &hers).unwrap().status, 403, "{way}");
            // Without a reason, or with one that names the citizen, nothing is looked up.
            for reason in ["", "surat dari kanaria rahmawati"] {
                let refused = visitor.post(way, &asked(NAME, reason)).unwrap();
                assert_eq!(refused.status, 422, "{way}");
                assert!(!refused.html.contains(&ids[0]));
            }
        }
        refuses_reasons_that_name(program, &mut visitor, &ids[0]);
        let found = visitor.post("/warga/cari", &asked(NAME, "surat nomor 12")).unwrap();
        assert_eq!(found.status, 200);
        // Hers, the one in which she stood by mistake, and the one of her namesake: a person chooses.
        assert_eq!(found.html.matches("name=\"complaint\"").count(), 4);
        assert!(found.html.contains("••••••••••••0001") && found.html.contains("••••••••••••0003"));
        assert!(!found.html.contains(NIK) && found.path == "/warga/cari");
        // Nothing is handed out before complaints are chosen.
        let unchosen = visitor.post("/warga/berkas", &hers).unwrap();
        assert_eq!(unchosen.status, 422);
        assert!(!unchosen.html.contains(HERS[8]));

        let chosen: Vec<_> = ids.iter().map(|id| ("complaint", id.as_str())).collect();
        let with = |more: &[(&'static str, &'static str)]| [&hers[..], &chosen[..], more].concat();
        let printed = visitor.post("/warga/berkas", &with(&[("form", "page")])).unwrap();
        assert_eq!(printed.status, 200);
        let saved = visitor.post("/warga/berkas", &with(&[("form", "json")])).unwrap();
        let told: Value = serde_json::from_str(&saved.html).unwrap();
        assert_eq!(told["complaints"].as_array().unwrap().len(), 3);
        for marker in HERS {
            let escaped = if marker == SCRIPT { SCRIPT_ESCAPED } else { marker };
            assert!(
                printed.html.contains(escaped),
                "{marker} on the page of {}",
                program.name()
            );
            assert!(saved.html.contains(marker), "{marker} from {}", program.name());
        }
        assert!(!printed.html.contains(SCRIPT));
        for marker in OTHERS {
            assert!(
                !printed.html.contains(marker) && !saved.html.contains(marker),
                "{marker}"
            );
        }
        let audit = program.run(&["audit", "list"]).unwrap().stdout;
        assert_eq!(audit.matches("subject-file").count(), 6, "{audit}");
        assert!(
            audit.contains("4 complaints: surat nomor 12") && !audit.contains(NAME),
            "{audit}"
        );
    }

    // Erasing says first what it does, and does it only then.
    let mut visitor = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    visitor.log_in("pengurus.data", "jembatan-bambu-9").unwrap();
    let chosen = [
        ("sought", NIK),
        ("reason", "surat nomor 13"),
        ("complaint", ids[0].as_str()),
        ("complaint", ids[1].as_str()),
    ];
    let asked = visitor.post("/warga/hapus", &chosen).unwrap();
    assert_eq!(asked.status, 200);
    assert!(asked.holds("Penghapusan tidak dapat dibatalkan."));
    let known = |program: &Program| {
        let found = program.run_with(&["-o", "json", "subject", "find"], NIK).unwrap();
        found.json().unwrap().as_array().unwrap().len()
    };
    assert_eq!(known(&cast.pelaihari.program), 3, "nothing is erased yet");
    let done = visitor
        .submit("/warga/hapus", &[chosen.as_slice(), &[("sure", "yes")]].concat())
        .unwrap();
    assert!(
        done.status == 200 && done.holds("Identitas pelapor pada 2 laporan dihapus."),
        "{}",
        done.text()
    );
    assert_eq!(known(&cast.pelaihari.program), 1);
    cast.stop().unwrap();
    stage.assert_no_errors();
}

/// Tries every way to her identity but the one for citizens' requests, and tells at which of them it was shown.
fn shown_to(program: &Program, visitor: &mut Visitor, id: &str, stage: &Stage) -> Vec<&'static str> {
    let at_hub = program.name() == "hub";
    let path = format!("/laporan/{id}");
    let sees = |page: &Page| page.html.contains(NIK) || page.html.contains("Jalan Kanaria 7");
    let mut shown = Vec::new();
    let page = visitor.post(&format!("{path}/pelapor"), &[("why", "contact")]).unwrap();
    shown.extend(sees(&page).then_some("page"));
    if at_hub {
        let sheet = visitor
            .post(&format!("{path}/lembar-salin"), &[("why", "transcribe")])
            .unwrap();
        shown.extend(sees(&sheet).then_some("sheet"));
    } else {
        let opened = visitor
            .post(&format!("{path}/ubah"), &[("open_reporter", "yes")])
            .unwrap();
        shown.extend(sees(&opened).then_some("amend"));
    }
    let said = program
        .run(&["-o", "json", "complaint", "show", id, "--reveal", "contact"])
        .unwrap()
        .stdout;
    shown.extend(said.contains(NIK).then_some("command"));
    let csv = stage.folder().join("register.csv");
    let export = ["export", csv.to_str().unwrap(), "--reveal", "rapat"];
    program.run(&export).unwrap().success().unwrap();
    // Her other records stand in it as they did: only the one that is restricted is masked.
    let register = program.json(&["complaint", "show", id]).unwrap()["register"]
        .as_str()
        .unwrap()
        .to_owned();
    let text = fs::read_to_string(&csv).unwrap();
    let row = text.split("\r\n").find(|row| row.starts_with(&register)).unwrap();
    shown.extend(row.contains(NIK).then_some("export"));
    fs::remove_file(&csv).unwrap();
    shown
}

/// Erasing is refused while one of the complaints is restricted, for all that were named.
fn keeps_what_is_restricted(program: &Program, ids: &[&str]) {
    let erase = [&["subject", "erase"][..], ids, &["--reason", "surat nomor 13"]].concat();
    let refused = program.run(&erase).unwrap();
    assert_eq!(refused.code, Some(5), "{}", program.name());
    assert!(refused.stderr.contains("subject lift"), "{}", refused.stderr);
}

fn keeps_what_is_restricted_on_the_page(keeper: &mut Visitor, asked: &[(&str, &str)]) {
    let sure = [asked, &[("sure", "yes")]].concat();
    let refused = keeper.submit("/warga/hapus", &sure).unwrap();
    assert!(
        refused.status == 422 && refused.holds("Cabut dulu pembatasannya."),
        "{}",
        refused.text()
    );
}

#[test]
fn a_restriction_of_either_side_holds_at_both_until_it_is_lifted() {
    let stage = Stage::new();
    let (mut cast, ids) = known_everywhere(&stage);
    let id = ids[0].as_str();
    let register = cast.hub.show(id).unwrap()["register"].as_str().unwrap().to_owned();
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    let mut operator = signed_in(&cast.pelaihari.program, "petugas.biasa", "operator");
    let mut liaison = signed_in(&cast.hub.program, "penghubung", "liaison");
    let all = (
        ["page", "amend", "command", "export"],
        ["page", "sheet", "command", "export"],
    );
    let nothing: [&str; 0] = [];
    let mut shown = |cast: &Cast| {
        let at_office = shown_to(&cast.pelaihari.program, &mut operator, id, &stage);
        (at_office, shown_to(&cast.hub.program, &mut liaison, id, &stage))
    };
    let (at_office, at_hub) = shown(&cast);
    assert_eq!(
        (at_office.as_slice(), at_hub.as_slice()),
        (all.0.as_slice(), all.1.as_slice())
    );

    // Set at the office, by command.
    let restrict = ["subject", "restrict", &register, "--reason", "surat nomor 12"];
    assert_eq!(cast.pelaihari.program.json(&restrict).unwrap(), json!({ "changed": 1 }));
    assert_eq!(
        cast.pelaihari.program.json(&restrict).unwrap(),
        json!({ "changed": 0 }),
        "once is enough"
    );
    cast.pelaihari.sync().unwrap();
    let (at_office, at_hub) = shown(&cast);
    assert_eq!(
        (at_office.as_slice(), at_hub.as_slice()),
        (nothing.as_slice(), nothing.as_slice())
    );
    assert_eq!(cast.hub.show(id).unwrap()["restricted"], json!(true));
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        keeps_what_is_restricted(program, &[id, &ids[1]]);
    }
    // Her other complaint is as it was, and work goes on with this one.
    assert_eq!(cast.hub.show(&ids[1]).unwrap()["restricted"], json!(false));
    cast.hub.step(&["dispose", id, "--institution", "Dinas Lain"]).unwrap();
    let mut head = signed_in(&cast.pelaihari.program, "camat", "head");
    let told = head
        .post(&format!("/laporan/{id}/pelapor"), &[("why", "request")])
        .unwrap();
    assert!(
        told.html.contains(NIK) && told.html.contains("dibatasi"),
        "who answers for the office may look"
    );
    let page = head.get(&format!("/laporan/{id}")).unwrap();
    assert!(
        page.holds("Identitas pelapor dibatasi") && page.holds("surat nomor 12"),
        "{}",
        page.text()
    );

    // Lifted at the hub, on the page.
    let mut keeper = signed_in(&cast.hub.program, "pengurus.data", "administrator");
    let asked = [("sought", NIK), ("reason", "surat nomor 14"), ("complaint", id)];
    assert!(keeper.post("/warga/cari", &asked).unwrap().holds("dibatasi"));
    keeps_what_is_restricted_on_the_page(&mut keeper, &asked);
    let lifted = keeper.submit("/warga/cabut", &asked).unwrap();
    assert!(lifted.holds("Pembatasan pada 1 laporan dicabut."), "{}", lifted.text());
    cast.pelaihari.sync().unwrap();
    let (at_office, at_hub) = shown(&cast);
    assert_eq!(
        (at_office.as_slice(), at_hub.as_slice()),
        (all.0.as_slice(), all.1.as_slice())
    );

    // Set at the hub, on the page, and lifted at the office.
    assert!(
        keeper
            .submit("/warga/batasi", &asked)
            .unwrap()
            .holds("Identitas pelapor pada 1 laporan dibatasi.")
    );
    cast.pelaihari.sync().unwrap();
    let (at_office, at_hub) = shown(&cast);
    assert_eq!(
        (at_office.as_slice(), at_hub.as_slice()),
        (nothing.as_slice(), nothing.as_slice())
    );
    let lift = [
        "subject",
        "lift",
        &register,
        "--reason",
        "surat nomor 15",
        "--staff",
        "camat",
    ];
    assert_eq!(cast.pelaihari.program.json(&lift).unwrap(), json!({ "changed": 1 }));
    cast.pelaihari.sync().unwrap();
    assert_eq!(cast.hub.show(id).unwrap()["restricted"], json!(false));
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        assert_eq!(program.run(&["audit", "verify"]).unwrap().code, Some(0));
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_case_file_is_printed_with_its_trail_masked_unless_somebody_who_may_says_why() {
    let stage = Stage::new();
    let (mut cast, ids) = known_everywhere(&stage);
    let id = ids[0].as_str();
    let way = format!("/laporan/{id}/berkas");
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    let story = [HERS[6], HERS[7], HERS[8], HERS[9], HERS[12], HERS[13], SCRIPT_ESCAPED];
    let identity = [NIK, HERS[3], HERS[4], HERS[5], "81200000777"];
    let printed = |visitor: &mut Visitor, why: &str| visitor.post(&way, &[("why", why)]).unwrap();
    for (program, plain, overseer) in [
        (&cast.pelaihari.program, "operator", "operator,head"),
        (&cast.hub.program, "liaison", "liaison,administrator"),
    ] {
        let mut visitor = signed_in(program, "petugas.biasa", plain);
        let page = visitor.get(&format!("/laporan/{id}")).unwrap();
        assert!(
            page.html.contains(&format!("action=\"{way}\"")),
            "the page of the complaint leads there"
        );
        let masked = printed(&mut visitor, "");
        assert_eq!(masked.status, 200);
        for marker in story {
            assert!(
                masked.html.contains(marker),
                "{marker} on the paper of {}",
                program.name()
            );
        }
        for marker in identity {
            assert!(
                !masked.html.contains(marker),
                "{marker} on the masked paper of {}",
                program.name()
            );
        }
        assert!(!masked.html.contains("<script>alert"));
        assert!(masked.holds("Catatan audit dicetak oleh yang berwenang membacanya."));
        assert!(
            !masked.holds("Berkas laporan dicetak"),
            "the audit log is for those who may read it"
        );
        let open = printed(&mut visitor, "contact");
        assert!(
            identity.iter().all(|marker| open.html.contains(marker)),
            "{}",
            program.name()
        );

        let mut overseer = signed_in(program, "pengurus.data", overseer);
        let with_trail = printed(&mut overseer, "");
        assert_eq!(
            with_trail.html.matches("Berkas laporan dicetak").count(),
            3,
            "this one too"
        );
        assert!(with_trail.holds("Identitas pelapor dilihat") && with_trail.holds("tanpa identitas pelapor"));
        assert!(!with_trail.html.contains(NIK));
        let none = format!("/laporan/{}/berkas", "0".repeat(26));
        assert_eq!(visitor.post(&none, &[("why", "")]).unwrap().status, 404);
        let audit = program.run(&["audit", "list"]).unwrap().stdout;
        assert_eq!(audit.matches("case-printed").count(), 3, "{audit}");
    }
    // Who only reads has no identity on paper, whatever they send.
    let mut coordinator = signed_in(&cast.hub.program, "koordinator", "coordinator");
    assert_eq!(printed(&mut coordinator, "contact").status, 403);
    assert_eq!(printed(&mut coordinator, "").status, 200);
    // Nor has anybody else while it is restricted.
    let restrict = ["subject", "restrict", id, "--reason", "surat nomor 12"];
    cast.hub.program.json(&restrict).unwrap();
    let mut liaison = Visitor::new(cast.hub.program.address().unwrap()).unwrap();
    liaison.log_in("petugas.biasa", "jembatan-bambu-9").unwrap();
    let refused = printed(&mut liaison, "contact");
    assert!(refused.status == 403 && !refused.html.contains(NIK));
    assert!(printed(&mut liaison, "").holds("dibatasi"));
    cast.stop().unwrap();
    stage.assert_no_errors();
}
