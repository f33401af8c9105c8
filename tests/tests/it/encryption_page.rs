//! An office turns encryption on in its browser, and whatever breaks meanwhile is finished there too.

use std::fs;

use serde_json::Value;
use titian_tests::moments::Moments;

use crate::atrest::{CANARIES, Office, office, saved};
use crate::disk::{copy, shown};
use crate::stage::{Stage, list, pdf};

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

/// Tells whether enciphering a folder was begun and is not finished.
fn is_begun(data: &std::path::Path) -> bool {
    fs::read_to_string(data.join("gateway.keys.json")).is_ok_and(|keys| keys.contains("\"enciphering\""))
}
