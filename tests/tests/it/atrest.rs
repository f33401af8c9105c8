//! A stolen disk: of an office's data nothing can be read without its secret, and with it everything.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use titian_demo::cast::{Cast, OPERATOR, OTHER_OPERATOR};
use titian_demo::task::Task;
use titian_demo::visitor::Visitor;
use titian_demo::wait;
use titian_tests::moments::Moments;

use crate::disk::{copy, shown};
use crate::stage::{Stage, binaries, list, pdf, registers, sheet};

const SEED: u64 = 20_261_127;
/// Words that stand nowhere else, and an identity that nobody has.
pub const CANARIES: [&str; 4] = [
    "kanariajembatan",
    "Kanaria Rahmawati",
    "6301034101900001",
    "+6281200000777",
];

/// A data folder outside of any rig: its commands, with the secrets that a machine may have.
pub struct Office<'a> {
    pub data: &'a Path,
    pub variables: Vec<(&'static str, &'a Path)>,
}

impl Office<'_> {
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binaries().gateway);
        for name in ["XDG_RUNTIME_DIR", "RUNTIME_DIRECTORY", "CREDENTIALS_DIRECTORY"] {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().copied());
        command.arg("--data").arg(self.data).args(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command and types a line; gives the exit code and what was printed on both sides.
    pub fn run(&self, args: &[&str], typed: &str) -> (Option<i32>, String) {
        let mut child = self.command(args).spawn().unwrap();
        // A command that asks nothing may have ended before it read.
        let _ = writeln!(child.stdin.take().unwrap(), "{typed}");
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.command(&[&["-o", "json"], args].concat()).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn ok(&self, args: &[&str]) -> String {
        let (code, text) = self.run(args, "");
        assert_eq!(code, Some(0), "{args:?}: {text}");
        text
    }

    /// Begins to encipher, copies the code from the screen as a person does, and gives the process and the code.
    pub fn turn_on(&self) -> (Child, String) {
        let mut child = self.command(&["encryption", "turn-on"]).spawn().unwrap();
        let mut code = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut code)
            .unwrap();
        let code = code.trim().to_owned();
        writeln!(child.stdin.take().unwrap(), "{}", code.to_lowercase()).unwrap();
        (child, code)
    }

    pub fn enciphered(&self) -> String {
        let (child, code) = self.turn_on();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        code
    }

    /// Starts the program, locked; gives its page.
    pub fn locked(&self, stage: &Stage) -> (Task, Visitor) {
        let mut command = self.command(&["run", "--listen", "127.0.0.1:0"]);
        let mut task = Task::start("office", &mut command, "", stage.log()).unwrap();
        let address = task.line("locked: open the office's data at ").unwrap();
        (task, Visitor::new(&address).unwrap())
    }
}

/// Saves the files of a complaint into an empty folder, and gives what is in them, in the order of their names.
pub fn saved(office: &Office<'_>, complaint: &str, into: &Path) -> Vec<Vec<u8>> {
    office.ok(&[
        "complaint",
        "attachment",
        "save",
        complaint,
        "--into",
        into.to_str().unwrap(),
    ]);
    let mut names: Vec<_> = fs::read_dir(into).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort_unstable();
    names.iter().map(|name| fs::read(name).unwrap()).collect()
}

pub fn canary(number: usize) -> Value {
    let mut sheet = sheet(number);
    sheet["narrative"] =
        json!("Papan kanariajembatan lepas sejak dua minggu, dan anak sekolah lewat di sana setiap hari.");
    sheet["reporter_name"] = json!(CANARIES[1]);
    sheet["reporter_nik"] = json!(CANARIES[2]);
    sheet["reporter_phone"] = json!(CANARIES[3]);
    sheet
}

/// An office with complaints and a file, all of them with canaries; nothing runs.
pub fn office(stage: &Stage) -> (Cast, String) {
    let cast = Cast::set_up(stage).unwrap();
    let gateway = &cast.pelaihari;
    let first = gateway.add(&canary(1)).unwrap();
    gateway.add(&canary(2)).unwrap();
    let file = gateway.program.data().with_extension("surat.pdf");
    let mut content = pdf(7, 100_000);
    content.extend_from_slice(CANARIES[0].as_bytes());
    fs::write(&file, content).unwrap();
    let attached = gateway
        .program
        .json(&["complaint", "attach", &first.id, file.to_str().unwrap()]);
    attached.unwrap();
    assert_eq!(
        shown(gateway.program.data(), &CANARIES),
        CANARIES,
        "the canaries are where they are sought"
    );
    (cast, first.id)
}

#[test]
fn a_stolen_disk_shows_nothing_and_whoever_has_the_secret_misses_nothing() {
    let stage = Stage::new();
    let (cast, complaint) = office(&stage);
    let data = cast.pelaihari.program.data();
    let before = registers(&cast.pelaihari.program);
    let office = Office {
        data,
        variables: vec![],
    };
    assert!(office.ok(&["encryption", "show"]).contains("plain"));
    let code = office.enciphered();
    assert_eq!(shown(data, &CANARIES), [""; 0]);
    let (exit, text) = office.run(&["complaint", "list"], "");
    assert!(
        exit == Some(5) && text.contains("locked") && text.contains("unlock"),
        "{text}"
    );

    let (mut task, mut visitor) = office.locked(&stage);
    for path in ["/", "/laporan/baru", "/login"] {
        let page = visitor.get(path).unwrap();
        assert_eq!(page.status, 503, "{path}");
        assert!(page.holds("Data kantor terkunci"));
    }
    let by_password = [("name", OPERATOR.name), ("password", OPERATOR.password)];
    assert_eq!(
        visitor.post("/buka", &by_password).unwrap().status,
        422,
        "no password was learned yet"
    );
    let mut wrong = code.clone();
    wrong.replace_range(0..1, if wrong.starts_with('X') { "Y" } else { "X" });
    assert_eq!(visitor.post("/buka", &[("code", &wrong)]).unwrap().status, 422);
    assert_eq!(visitor.post("/buka", &[("code", &code)]).unwrap().status, 303);
    task.line("listening on ").unwrap();
    visitor.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    assert!(
        visitor
            .get(&format!("/laporan/{complaint}"))
            .unwrap()
            .holds("kanariajembatan")
    );
    assert_eq!(task.stop().unwrap().code, Some(0));
    assert_eq!(shown(data, &CANARIES), [""; 0]);

    // Now the operator's own password opens the data, and signs in.
    let (mut task, mut visitor) = office.locked(&stage);
    let opened = visitor.post("/buka", &by_password).unwrap();
    assert_eq!(opened.status, 303);
    task.line("listening on ").unwrap();
    let page = visitor.get(&format!("/laporan/{complaint}")).unwrap();
    assert!(
        page.status == 200 && page.holds("kanariajembatan"),
        "signed in by the same password"
    );
    let list = visitor.get("/").unwrap();
    assert!(
        before.iter().all(|register| list.html.contains(register)),
        "{}",
        list.text()
    );
    assert_eq!(task.stop().unwrap().code, Some(0));
    assert_eq!(shown(data, &CANARIES), [""; 0]);
    stage.assert_no_errors();
}

#[test]
fn attached_files_are_the_same_behind_the_lock_and_travel_to_the_hub() {
    let stage = Stage::new();
    let (mut cast, complaint) = office(&stage);
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let data = cast.pelaihari.program.data().to_owned();
    let office = Office {
        data: &data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    office.enciphered();
    let out = data.with_extension("saved");
    fs::create_dir(&out).unwrap();
    let sent = fs::read(data.with_extension("surat.pdf")).unwrap();
    assert!(saved(&office, &complaint, &out) == [sent.clone()]);
    cast.hub.serve().unwrap();
    office.ok(&["complaint", "verify", &complaint]);
    office.ok(&["complaint", "forward", &complaint]);
    office.ok(&["sync"]);
    let there = fs::read_dir(cast.hub.program.data().join("attachments")).unwrap();
    let there: Vec<_> = there.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(there == [sent], "the hub holds the file itself");
    assert_eq!(shown(&data, &CANARIES), [""; 0]);
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn the_key_lasts_until_the_machine_stops_and_a_code_can_be_renewed() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    let data = cast.pelaihari.program.data();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let office = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    let first = office.enciphered();
    office.ok(&["complaint", "list"]);
    office.ok(&["lock"]);
    assert_eq!(office.run(&["complaint", "list"], "").0, Some(5));
    assert_eq!(office.run(&["unlock"], "bukan kode").0, Some(2));
    assert_eq!(office.run(&["unlock"], &first).0, Some(0));
    office.ok(&["complaint", "list"]);

    // A new code: shown, typed back, and the former one is worth nothing.
    let mut child = office.command(&["encryption", "renew-code"]).spawn().unwrap();
    let mut second = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut second)
        .unwrap();
    write!(child.stdin.take().unwrap(), "{second}").unwrap();
    assert!(child.wait().unwrap().success());
    office.ok(&["lock"]);
    assert_eq!(office.run(&["unlock"], &first).0, Some(2));
    assert_eq!(office.run(&["unlock"], second.trim()).0, Some(0));
    let kept = fs::read_dir(memory.path()).unwrap().count();
    assert_eq!(kept, 1, "one key, and nothing else");

    // On a disk the key is not kept: it would lie beside what it opens.
    office.ok(&["lock"]);
    let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let elsewhere = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", disk.path())],
    };
    let (exit, text) = elsewhere.run(&["unlock"], second.trim());
    assert!(exit == Some(5) && text.contains("tmpfs"), "{text}");
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 0);
    stage.assert_no_errors();
}

#[test]
fn the_machine_opens_the_data_itself_where_it_has_a_key_store() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    let data = cast.pelaihari.program.data();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let unlocked = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    unlocked.enciphered();
    let code = unlocked.ok(&["encryption", "machine-code"]);
    let credentials = tempfile::tempdir_in("/dev/shm").unwrap();
    fs::write(credentials.path().join("titian-gateway-code"), code.trim()).unwrap();
    let machine = Office {
        data,
        variables: vec![("CREDENTIALS_DIRECTORY", credentials.path())],
    };
    machine.ok(&["complaint", "list"]);
    fs::write(credentials.path().join("titian-gateway-code"), "rusak").unwrap();
    assert_eq!(machine.run(&["complaint", "list"], "").0, Some(5));
    stage.assert_no_errors();
}

#[test]
fn a_leavers_password_opens_nothing_and_with_the_setting_no_password_does() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    cast.pelaihari.add_staff(OTHER_OPERATOR).unwrap();
    let data = cast.pelaihari.program.data();
    let office = Office {
        data,
        variables: vec![],
    };
    let code = office.enciphered();
    let by_password = [("name", OPERATOR.name), ("password", OPERATOR.password)];
    let opens = |visitor: &mut Visitor| visitor.post("/buka", &by_password).unwrap().status == 303;
    let keys = || fs::read_to_string(data.join("gateway.keys.json")).unwrap();
    let open_and_sign_in = || {
        let (mut task, mut visitor) = office.locked(&stage);
        assert_eq!(visitor.post("/buka", &[("code", &code)]).unwrap().status, 303);
        task.line("listening on ").unwrap();
        visitor.log_in(OPERATOR.name, OPERATOR.password).unwrap();
        assert!(keys().contains(OPERATOR.name));
        task
    };
    let shut_out = || {
        wait::until("the leaver is shut out", || {
            Ok((!keys().contains(OPERATOR.name)).then_some(()))
        })
        .unwrap();
    };
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let shell = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    assert_eq!(shell.run(&["unlock"], &code).0, Some(0));

    let task = open_and_sign_in();
    task.stop().unwrap();
    shell.ok(&["staff", "disable", OPERATOR.name]);
    // The next start shuts out whoever left meanwhile.
    let (mut task, mut visitor) = office.locked(&stage);
    visitor.post("/buka", &[("code", &code)]).unwrap();
    task.line("listening on ").unwrap();
    shut_out();
    task.stop().unwrap();
    let (task, mut visitor) = office.locked(&stage);
    assert!(!opens(&mut visitor));
    task.stop().unwrap();

    // And while it runs, whoever is closed by a command beside it.
    shell.ok(&["staff", "enable", OPERATOR.name]);
    let task = open_and_sign_in();
    shell.ok(&["staff", "disable", OPERATOR.name]);
    shut_out();
    task.stop().unwrap();

    shell.ok(&["staff", "enable", OPERATOR.name]);
    open_and_sign_in().stop().unwrap();
    let (task, mut visitor) = office.locked(&stage);
    assert!(opens(&mut visitor));
    task.stop().unwrap();
    fs::write(data.join("gateway.toml"), "[encryption]\nunlock = \"start\"\n").unwrap();
    let (task, mut visitor) = office.locked(&stage);
    assert!(!visitor.get("/").unwrap().html.contains("name=\"password\""));
    assert!(!opens(&mut visitor));
    task.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn nothing_is_enciphered_under_a_program_that_works_with_it() {
    let stage = Stage::new();
    let (mut cast, complaint) = office(&stage);
    cast.pelaihari.serve().unwrap();
    let data = cast.pelaihari.program.data().to_owned();
    let office = Office {
        data: &data,
        variables: vec![],
    };
    let (exit, text) = office.run(&["encryption", "turn-on"], "");
    assert!(exit == Some(5) && text.contains("stop `titian-gateway run`"), "{text}");
    assert!(!data.join("gateway.keys.json").exists(), "nothing was begun");
    let out = data.with_extension("saved");
    fs::create_dir(&out).unwrap();
    assert_eq!(saved(&office, &complaint, &out).len(), 1, "the file is as it was");
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_lost_key_file_is_told_as_such_and_no_new_one_takes_its_place() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    let data = cast.pelaihari.program.data();
    let office = Office {
        data,
        variables: vec![],
    };
    let code = office.enciphered();
    let (keys, away) = (data.join("gateway.keys.json"), data.join("away.json"));
    fs::rename(&keys, &away).unwrap();
    for args in [["complaint", "list"], ["encryption", "turn-on"], ["encryption", "show"]] {
        let (exit, text) = office.run(&args, "");
        assert!(
            exit != Some(0) && text.contains("key file") && text.contains("backup"),
            "{text}"
        );
        assert!(!keys.exists());
    }
    // Beside a plain database of an older backup it opens nothing either, and both are kept.
    fs::rename(&away, &keys).unwrap();
    let sealed = data.join("sealed");
    fs::rename(data.join("gateway.db"), &sealed).unwrap();
    fs::write(data.join("gateway.db"), b"SQLite format 3\0").unwrap();
    let (exit, text) = office.run(&["complaint", "list"], "");
    assert!(exit == Some(5) && text.contains("another backup"), "{text}");
    fs::rename(&sealed, data.join("gateway.db")).unwrap();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let open = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    assert_eq!(open.run(&["unlock"], &code).0, Some(0));
    open.ok(&["complaint", "list"]);
    stage.assert_no_errors();
}

#[test]
fn a_power_cut_while_enciphering_loses_nothing_and_it_goes_on_where_it_was() {
    let stage = Stage::new();
    let (cast, complaint) = office(&stage);
    let plain = cast.pelaihari.program.data();
    for number in 0..12 {
        let file = plain.with_extension(format!("{number}.pdf"));
        fs::write(&file, pdf(number * 2 + 11, 60_000)).unwrap();
        let file = file.to_str().unwrap();
        cast.pelaihari
            .program
            .json(&["complaint", "attach", &complaint, file])
            .unwrap();
    }
    let out = plain.with_extension("saved");
    fs::create_dir(&out).unwrap();
    let files = saved(
        &Office {
            data: plain,
            variables: vec![],
        },
        &complaint,
        &out,
    );
    assert_eq!(files.len(), 13);
    let before = list(&cast.pelaihari.program);
    let mut moments = Moments::new(SEED, 60_000);
    let mut half_done = 0;
    for round in 0..14 {
        let data = plain.with_extension(format!("cut{round}"));
        copy(plain, &data);
        let memory = tempfile::tempdir_in("/dev/shm").unwrap();
        let office = Office {
            data: &data,
            variables: vec![("XDG_RUNTIME_DIR", memory.path())],
        };
        let (mut child, code) = office.turn_on();
        moments.pass();
        child.kill().unwrap();
        let done = child.wait().unwrap().success();
        moments.learn(done);
        if data.join("gateway.keys.json").exists() && !done {
            half_done += 1;
            let (exit, text) = office.run(&["complaint", "list"], "");
            assert!(
                exit == Some(5) && text.contains("not finished") || exit == Some(0),
                "{text}"
            );
            let (exit, text) = office.run(&["encryption", "turn-on"], &code);
            assert_eq!(exit, Some(0), "{text}");
        } else if !done {
            office.enciphered();
        }
        assert_eq!(shown(&data, &CANARIES), [""; 0], "round {round}");
        let after: Value = office.json(&["complaint", "list"]);
        assert_eq!(after.as_array().unwrap(), &before, "round {round}");
        let out = data.with_extension(format!("saved{round}"));
        fs::create_dir(&out).unwrap();
        assert!(saved(&office, &complaint, &out) == files, "round {round}");
        fs::remove_dir_all(&data).unwrap();
    }
    assert!(
        moments.early > 3 && half_done > 0,
        "{} early, {half_done} half done",
        moments.early
    );
    stage.assert_no_errors();
}
