//! An office turns encryption on in its browser, and whatever breaks meanwhile is finished there too.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rusqlite::Connection;
use serde_json::Value;
use titian_demo::cast::{Cast, OPERATOR, OTHER_OPERATOR};
use titian_demo::task::Task;
use titian_demo::visitor::Visitor;
use titian_demo::wait;
use titian_tests::moments::Moments;

use crate::atrest::{CANARIES, Office, office, saved};
use crate::browser::Browser;
use crate::disk::{copy, shown};
use crate::stage::{Stage, list, pdf, record, registers};

const SEED: u64 = 20_261_128;
/// How often a power cut is tried until enough of them came in the middle.
const CUTS_MAX: usize = 60;

#[test]
fn a_power_cut_while_enciphering_is_finished_in_the_browser_and_loses_nothing() {
    let stage = Stage::new();
    let (cast, complaint) = office(&stage);
    let plain = cast.pelaihari.program.data();
    for number in 0..12 {
        let file = plain.with_extension(format!("{number}.pdf"));
        fs::write(&file, pdf(number * 2 + 11, 60_000)).unwrap();
        let attach = ["complaint", "attach", &complaint, file.to_str().unwrap()];
        cast.pelaihari.program.json(&attach).unwrap();
    }
    let out = plain.with_extension("saved");
    fs::create_dir(&out).unwrap();
    let whole = Office {
        data: plain,
        variables: vec![],
    };
    let files = saved(&whole, &complaint, &out);
    let before = list(&cast.pelaihari.program);
    let mut moments = Moments::new(SEED, 60_000);
    let mut finished = 0;
    for round in 0..CUTS_MAX {
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
        if is_begun(&data) {
            finished += 1;
            let (mut task, mut visitor) = office.locked(&stage);
            assert!(visitor.get("/").unwrap().holds("Penyandian belum selesai"));
            let wrong = visitor.post("/buka", &[("code", "bukan kode")]).unwrap();
            assert!(wrong.status == 422 && is_begun(&data), "{}", wrong.text());
            assert_eq!(visitor.post("/buka", &[("code", &code)]).unwrap().status, 303);
            task.line("at work: ").unwrap();
            task.line("listening on ").unwrap();
            assert!(!is_begun(&data));
            assert_eq!(task.stop().unwrap().code, Some(0));
            assert_eq!(shown(&data, &CANARIES), [""; 0], "round {round}");
            let after: Value = office.json(&["complaint", "list"]);
            assert_eq!(after.as_array().unwrap(), &before, "round {round}");
            let out = data.with_extension(format!("saved{round}"));
            fs::create_dir(&out).unwrap();
            assert!(saved(&office, &complaint, &out) == files, "round {round}");
        }
        fs::remove_dir_all(&data).unwrap();
        if finished == 3 {
            break;
        }
    }
    assert_eq!(finished, 3, "{} early, {} late", moments.early, moments.late);
    stage.assert_no_errors();
}

const PASSWORD: (&str, &str) = ("password", OPERATOR.password);

#[test]
fn the_head_turns_encryption_on_in_the_browser_and_a_stolen_disk_shows_nothing() {
    let stage = Stage::new();
    let (cast, complaint) = office(&stage);
    let data = cast.pelaihari.program.data();
    let before = registers(&cast.pelaihari.program);
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let office = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    let (mut task, mut head) = at_work(&office, &stage);
    assert!(head.get("/").unwrap().holds("Data kantor belum disandikan"));
    let wrong = head.post("/enkripsi/nyalakan", &[("password", "salah")]).unwrap();
    assert_eq!(wrong.status, 422);
    let code = ask_for_code(&mut head, "nyalakan");
    for wrong in ["", "bukan kode", &code[1..]] {
        let page = head.post("/enkripsi/kode", &[("code", wrong)]).unwrap();
        assert!(page.status == 422 && page.html.contains(&code), "{}", page.text());
    }
    assert!(!keys(data).exists() && is_plain(data), "nothing was begun");

    type_back(&mut head, &mut task, &code.to_lowercase());
    let page = head.get("/enkripsi").unwrap();
    assert!(
        page.status == 200 && page.holds("Data kantor disandikan"),
        "{}",
        page.text()
    );
    assert!(page.holds(OPERATOR.name), "whoever turned it on opens the data at once");
    assert!(!head.get("/").unwrap().holds("belum disandikan"));
    let shows = |head: &mut Visitor| {
        head.get(&format!("/laporan/{complaint}"))
            .unwrap()
            .holds("kanariajembatan")
    };
    assert!(shows(&mut head));
    assert_eq!(shown(data, &CANARIES), [""; 0]);
    let log = office.json(&["audit", "list", "--deed", "encryption-turned-on"]);
    assert_eq!(log.as_array().unwrap().len(), 1);
    assert_eq!(log[0]["who"], OPERATOR.name);
    assert_eq!(task.stop().unwrap().code, Some(0));

    // Switched off and on: the password that was typed opens the data, and so does the paper.
    let stolen = Office {
        data,
        variables: vec![],
    };
    for secret in [&[("name", OPERATOR.name), PASSWORD][..], &[("code", &code)]] {
        let (mut task, mut visitor) = stolen.locked(&stage);
        assert!(visitor.get("/enkripsi").unwrap().holds("Data kantor terkunci"));
        assert_eq!(visitor.post("/buka", secret).unwrap().status, 303);
        task.line("listening on ").unwrap();
        if secret.len() == 1 {
            visitor.log_in(OPERATOR.name, OPERATOR.password).unwrap();
        }
        assert!(shows(&mut visitor));
        task.stop().unwrap();
    }
    assert_eq!(registers_of(&office), before);
    assert!(stage.log().mentions(&code).is_empty() && stage.log().mentions(OPERATOR.password).is_empty());
    assert!(!holds(data, code.as_bytes()) && !holds(data, OPERATOR.password.as_bytes()));
    stage.assert_no_errors();
}

#[test]
fn what_was_acknowledged_while_encryption_was_turned_on_is_there() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    let data = cast.pelaihari.program.data();
    let office = Office {
        data,
        variables: vec![],
    };
    let (mut task, mut head, address) = serving(&office, &stage);
    let (over, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (until, counted) = (Arc::clone(&over), Arc::clone(&count));
    let mut operator = Visitor::new(&address).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    let recording = std::thread::spawn(move || {
        let mut confirmed = Vec::new();
        for number in 10.. {
            if until.load(Ordering::SeqCst) {
                break;
            }
            // Between two phases a connection may end without an answer: then nothing is confirmed.
            match record(&mut operator, number) {
                Ok(page) if page.status == 303 => confirmed.push(page.location.unwrap()),
                Ok(_) | Err(_) => {}
            }
            counted.store(confirmed.len(), Ordering::SeqCst);
        }
        confirmed
    });
    let more_than = |least| {
        let enough = || Ok((count.load(Ordering::SeqCst) > least).then_some(()));
        wait::until("the operator records", enough).unwrap();
    };
    more_than(0);
    let code = ask_for_code(&mut head, "nyalakan");
    let before = count.load(Ordering::SeqCst);
    type_back(&mut head, &mut task, &code);
    more_than(before);
    over.store(true, Ordering::SeqCst);
    let confirmed = recording.join().unwrap();
    for complaint in &confirmed {
        assert_eq!(head.get(complaint).unwrap().status, 200, "{complaint}");
    }
    task.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn an_exchange_that_a_page_began_does_not_go_on_once_the_data_are_closed() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    let data = cast.pelaihari.program.data();
    let office = Office {
        data,
        variables: vec![],
    };
    // In the hub's place something takes connections and says nothing.
    let hub = office.json(&["status"])["hub"].as_str().unwrap().to_owned();
    let silent = TcpListener::bind(hub.split_once("//").unwrap().1).unwrap();
    let (mut task, mut head, address) = serving(&office, &stage);
    silent.accept().unwrap();
    let mut operator = Visitor::new(&address).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    let exchange = std::thread::spawn(move || drop(operator.post("/sinkronisasi", &[])));
    let code = ask_for_code(&mut head, "nyalakan");
    type_back(&mut head, &mut task, &code);
    let page = head.get("/enkripsi").unwrap();
    assert!(page.holds("Data kantor disandikan"), "{}", page.text());
    exchange.join().unwrap();
    task.stop().unwrap();
    assert_eq!(shown(data, &CANARIES), [""; 0]);
    stage.assert_no_errors();
}

#[test]
fn what_keeps_encryption_from_beginning_is_told_and_leaves_the_data_as_they_were() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    let data = cast.pelaihari.program.data();
    let office = Office {
        data,
        variables: vec![],
    };
    fs::write(data.join("gateway.toml"), "[encryption]\nunlock = \"start\"\n").unwrap();
    let (mut task, mut head) = at_work(&office, &stage);
    let beside = Connection::open(data.join("gateway.db")).unwrap();
    beside.execute_batch("BEGIN; SELECT count(*) FROM item").unwrap();
    let code = ask_for_code(&mut head, "nyalakan");
    type_back(&mut head, &mut task, &code);
    let page = head.get("/enkripsi").unwrap();
    assert!(
        page.status == 200 && page.holds("Penyandian tidak jadi"),
        "{}",
        page.text()
    );
    assert!(!keys(data).exists() && is_plain(data));
    assert_eq!(record(&mut head, 10).unwrap().status, 303);
    drop(beside);

    // There is no place for the copy.
    let copy = data.join("gateway.db.enciphering");
    fs::create_dir(&copy).unwrap();
    let code = ask_for_code(&mut head, "nyalakan");
    type_back(&mut head, &mut task, &code);
    let page = head.get("/enkripsi").unwrap();
    assert!(
        page.status == 200 && page.holds("Penyandian berhenti"),
        "{}",
        page.text()
    );
    assert!(page.holds("belum disandikan") && !keys(data).exists() && is_plain(data));
    assert_eq!(record(&mut head, 11).unwrap().status, 303);
    fs::remove_dir(&copy).unwrap();

    let code = ask_for_code(&mut head, "nyalakan");
    type_back(&mut head, &mut task, &code);
    let page = head.get("/enkripsi").unwrap();
    assert!(page.holds("Data kantor disandikan") && !page.holds("Penyandian berhenti"));
    assert!(
        !page.holds(OPERATOR.name),
        "no password opens them, as the setting says"
    );
    assert_eq!(shown(data, &CANARIES), [""; 0]);
    task.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_file_that_cannot_be_enciphered_leaves_the_office_at_work_until_it_is_mended() {
    let stage = Stage::new();
    let (cast, complaint) = office(&stage);
    let data = cast.pelaihari.program.data();
    let files = attach_more(&cast, &complaint, 8);
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let office = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    let (mut task, mut head) = at_work(&office, &stage);
    // Nobody can read it, not even whoever may read everything.
    let obstacle = data.join("attachments").join("0f".repeat(32));
    fs::create_dir(&obstacle).unwrap();
    let code = ask_for_code(&mut head, "nyalakan");
    type_back(&mut head, &mut task, &code);
    let as_before = |head: &mut Visitor| {
        let page = head.get("/enkripsi").unwrap();
        assert!(
            page.status == 200 && page.holds("Penyandian berhenti"),
            "{}",
            page.text()
        );
        assert!(is_begun(data) && is_plain(data));
        for hash in &files {
            let file = head.get(&format!("/laporan/{complaint}/lampiran/{hash}")).unwrap();
            assert_eq!(file.status, 200, "{hash}");
        }
    };
    as_before(&mut head);
    assert_eq!(record(&mut head, 10).unwrap().status, 303);
    assert_eq!(task.stop().unwrap().code, Some(0));

    // After a start the password that turned it on is enough; it fails again, and the office works.
    let (mut task, mut head) = office.locked(&stage);
    assert!(head.get("/").unwrap().holds("Penyandian belum selesai"));
    let by_password = [("name", OPERATOR.name), PASSWORD];
    assert_eq!(head.post("/buka", &by_password).unwrap().status, 303);
    task.line("at work: ").unwrap();
    task.line("listening on ").unwrap();
    head.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    as_before(&mut head);
    assert!(head.get("/").unwrap().holds("belum selesai"));

    fs::remove_dir(&obstacle).unwrap();
    assert_eq!(head.post("/enkripsi/lanjutkan", &[]).unwrap().status, 303);
    task.line("at work: ").unwrap();
    task.line("listening on ").unwrap();
    assert!(head.get("/enkripsi").unwrap().holds("Data kantor disandikan"));
    for hash in &files {
        let file = head.get(&format!("/laporan/{complaint}/lampiran/{hash}")).unwrap();
        assert_eq!(file.status, 200, "{hash}");
    }
    task.stop().unwrap();
    assert_eq!(shown(data, &CANARIES), [""; 0]);
    assert_eq!(list_of(&office).len(), 3);
    assert_eq!(office.run(&["lock"], "").0, Some(0));
    assert_eq!(office.run(&["unlock"], &code).0, Some(0), "the paper stayed good");
    stage.assert_no_errors();
}

#[test]
fn the_head_renews_the_code_and_locks_the_data_in_the_browser() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    cast.pelaihari.add_staff(OTHER_OPERATOR).unwrap();
    let data = cast.pelaihari.program.data();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let office = Office {
        data,
        variables: vec![("XDG_RUNTIME_DIR", memory.path())],
    };
    let former = office.enciphered();
    let (mut task, mut head, address) = serving(&office, &stage);
    let code = ask_for_code(&mut head, "kode-baru");
    let mut other = Visitor::new(&address).unwrap();
    other.log_in(OTHER_OPERATOR.name, OTHER_OPERATOR.password).unwrap();
    assert_eq!(other.post("/enkripsi/kode", &[("code", &code)]).unwrap().status, 303);
    let renewed = office.json(&["audit", "list", "--deed", "data-code-renewed"]);
    assert_eq!(renewed.as_array().unwrap().len(), 0, "it was shown to somebody else");
    let page = head.submit("/enkripsi/kode", &[("code", &code)]).unwrap();
    assert!(page.holds("Kode pemulihan yang baru berlaku"), "{}", page.text());
    let renewed = office.json(&["audit", "list", "--deed", "data-code-renewed"]);
    assert_eq!(renewed[0]["who"], OPERATOR.name);
    // Pressed twice: nobody is told to throw away the paper that is good.
    let again = head.submit("/enkripsi/kode", &[("code", &code)]).unwrap();
    assert!(again.holds("Kode itu berlaku."), "{}", again.text());
    let former_again = head.submit("/enkripsi/kode", &[("code", &former)]).unwrap();
    assert!(former_again.holds("tidak ditunggu lagi"), "{}", former_again.text());

    assert_eq!(
        head.post("/enkripsi/kunci", &[("password", "salah")]).unwrap().status,
        422
    );
    assert_eq!(office.run(&["complaint", "list"], "").0, Some(0));
    assert_eq!(head.post("/enkripsi/kunci", &[PASSWORD]).unwrap().status, 303);
    task.line("locked: ").unwrap();
    assert_eq!(office.run(&["complaint", "list"], "").0, Some(5));
    assert_eq!(
        fs::read_dir(memory.path()).unwrap().count(),
        0,
        "no key is left in memory"
    );
    assert!(head.get("/enkripsi").unwrap().holds("Data kantor terkunci"));
    assert_eq!(head.post("/buka", &[("code", &former)]).unwrap().status, 422);
    assert_eq!(head.post("/buka", &[("code", &code)]).unwrap().status, 303);
    task.line("listening on ").unwrap();
    assert_eq!(head.get("/enkripsi").unwrap().status, 200, "the session lasts");
    task.stop().unwrap();
    stage.assert_no_errors();
}

#[tokio::test]
async fn a_person_with_a_browser_turns_encryption_on_and_is_back_at_work() {
    let stage = Stage::new();
    let (cast, _) = office(&stage);
    let data = cast.pelaihari.program.data();
    let office = Office {
        data,
        variables: vec![],
    };
    let mut task = start(&office, &stage);
    let address = task.line("listening on ").unwrap();
    let mut browser = Browser::open("encryption").await;
    browser.log_in(&address, OPERATOR).await;
    browser.shoot("reminder").await;
    browser.press("main .notice-info a").await;
    browser.shoot("plain").await;
    // Who changes the language where a form was answered is led to the page that the form stands on, and can begin again.
    browser.write("#password", OPERATOR.password).await;
    browser.press("main form[action$='/nyalakan'] button").await;
    browser.press(".lang-link").await;
    assert_eq!(browser.path().await, "/enkripsi");
    browser.shoot("english").await;
    browser.write("#password", OPERATOR.password).await;
    browser.press("main form[action$='/nyalakan'] button").await;
    browser.shoot("english-code").await;
    browser.press(".lang-link").await;
    assert_eq!(browser.path().await, "/enkripsi");
    browser.write("#password", OPERATOR.password).await;
    browser.press("main form[action$='/nyalakan'] button").await;
    browser.shoot("code").await;
    let code = browser.text("#code").await;
    browser.write("#typed", "bukan kode").await;
    browser.press("main form[action$='/kode'] button").await;
    browser.shoot("wrong").await;
    browser.write("#typed", &code).await;
    browser.press("main form[action$='/kode'] button").await;
    browser.shoot("at-work").await;
    // The page looks by itself.
    browser.wait_for("main form[action$='/kunci']").await;
    browser.shoot("on").await;
    assert_eq!(browser.path().await, "/enkripsi");
    assert_eq!(shown(data, &CANARIES), [""; 0]);
    browser.write("#lock-password", OPERATOR.password).await;
    browser.press("main form[action$='/kunci'] button").await;
    browser.shoot("locked").await;
    browser.close().await;
    task.stop().unwrap();
    stage.assert_no_errors();
}

fn start(office: &Office<'_>, stage: &Stage) -> Task {
    let mut command = office.command(&["run", "--listen", "127.0.0.1:0"]);
    Task::start("office", &mut command, "", stage.log()).unwrap()
}

/// Starts the program of an office whose data are open, and gives its head, signed in, and its address.
fn serving(office: &Office<'_>, stage: &Stage) -> (Task, Visitor, String) {
    let mut task = start(office, stage);
    let address = task.line("listening on ").unwrap();
    let mut head = Visitor::new(&address).unwrap();
    head.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    (task, head, address)
}

fn at_work(office: &Office<'_>, stage: &Stage) -> (Task, Visitor) {
    let (task, head, _) = serving(office, stage);
    (task, head)
}

/// Asks for a code with the password, and copies it from the screen.
fn ask_for_code(head: &mut Visitor, step: &str) -> String {
    let page = head.post(&format!("/enkripsi/{step}"), &[PASSWORD]).unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    let rest = page.html.split_once("<code id=\"code\">").unwrap().1;
    rest.split('<').next().unwrap().to_owned()
}

/// Types the code back, and waits until the pages are there again.
fn type_back(head: &mut Visitor, task: &mut Task, code: &str) {
    let page = head.post("/enkripsi/kode", &[("code", code)]).unwrap();
    assert_eq!(
        (page.status.as_u16(), page.location.as_deref()),
        (303, Some("/enkripsi")),
        "{}",
        page.text()
    );
    task.line("at work: ").unwrap();
    task.line("listening on ").unwrap();
}

/// Attaches some more files, and gives the names of all in the folder.
fn attach_more(cast: &Cast, complaint: &str, count: usize) -> Vec<String> {
    let data = cast.pelaihari.program.data();
    for number in 0..count {
        let file = data.with_extension(format!("{number}.pdf"));
        fs::write(&file, pdf(number as u64 * 2 + 11, 20_000)).unwrap();
        let attach = ["complaint", "attach", complaint, file.to_str().unwrap()];
        cast.pelaihari.program.json(&attach).unwrap();
    }
    let names = fs::read_dir(data.join("attachments")).unwrap();
    names
        .map(|name| name.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.contains('.'))
        .collect()
}

fn list_of(office: &Office<'_>) -> Vec<Value> {
    office.json(&["complaint", "list"]).as_array().unwrap().clone()
}

fn registers_of(office: &Office<'_>) -> Vec<String> {
    let rows = list_of(office);
    let mut registers: Vec<_> = rows
        .iter()
        .map(|row| row["register"].as_str().unwrap().to_owned())
        .collect();
    registers.sort_unstable();
    registers
}

fn keys(data: &Path) -> std::path::PathBuf {
    data.join("gateway.keys.json")
}

fn is_plain(data: &Path) -> bool {
    fs::read(data.join("gateway.db"))
        .unwrap()
        .starts_with(b"SQLite format 3")
}

/// Tells whether some bytes stand in any file of a folder.
fn holds(data: &Path, sought: &[u8]) -> bool {
    fs::read_dir(data).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, sought);
        }
        let bytes = fs::read(path).unwrap_or_default();
        bytes.windows(sought.len()).any(|found| found == sought)
    })
}

/// Tells whether enciphering a folder was begun and is not finished.
fn is_begun(data: &Path) -> bool {
    fs::read_to_string(keys(data)).is_ok_and(|keys| keys.contains("\"enciphering\""))
}
