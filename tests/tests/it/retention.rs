//! An identity whose time is over: proposed, confirmed by a person, and then nowhere, at the hub and at the office.

use serde_json::json;
use titian_demo::cast::{Cast, forward};
use titian_demo::program::Program;
use titian_demo::wait;

use crate::disk::shown;
use crate::stage::{Stage, sheet};

const NAME: &str = "Kanaria Rahmawati";
const YEAR_MILLIS: i64 = 366 * 86_400_000;

fn code(program: &Program, args: &[&str]) -> Option<i32> {
    program.run(args).unwrap().code
}

#[test]
fn an_identity_whose_time_is_over_is_destroyed_everywhere_once_a_person_confirmed_it() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let mut canary = sheet(1);
    canary["reporter_name"] = json!(NAME);
    let finished = forward(&cast.pelaihari, &canary).unwrap();
    let open = forward(&cast.pelaihari, &sheet(2)).unwrap();
    cast.hub.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    for step in [
        &["accept", &finished.id][..],
        &["enter", &finished.id, "--tracking-id", "9500001"],
        &["dispose", &finished.id, "--institution", "Dinas Kesehatan"],
    ] {
        cast.hub.step(step).unwrap();
    }
    cast.hub.program.stop().unwrap();
    let hub = &cast.hub.program;
    // Until a government has set its times nothing is ever over.
    hub.shift_clock(50 * YEAR_MILLIS).unwrap();
    assert_eq!(code(hub, &["retention", "propose"]), Some(4));
    std::fs::write(hub.data().join("hub.toml"), "[retention]\ncomplaint_years = 101\n").unwrap();
    assert_eq!(code(hub, &["retention", "show"]), Some(2));
    std::fs::write(hub.data().join("hub.toml"), "[retention]\ncomplaint_years = 5\n").unwrap();
    hub.shift_clock(4 * YEAR_MILLIS).unwrap();
    assert_eq!(code(hub, &["retention", "propose"]), Some(4));
    hub.shift_clock(6 * YEAR_MILLIS).unwrap();
    let shown_over = hub.json(&["retention", "show"]).unwrap();
    assert_eq!(
        shown_over["at_end_of_time"]["over"][0]["complaint"],
        json!(finished.id),
        "{shown_over}"
    );
    assert_eq!(shown_over["at_end_of_time"]["over"].as_array().unwrap().len(), 1);

    // Not while it is restricted, though its time is over.
    let letter = ["--reason", "surat nomor 12"];
    hub.json(&["subject", "restrict", &finished.id, letter[0], letter[1]])
        .unwrap();
    let standing = hub.json(&["retention", "show"]).unwrap();
    assert_eq!(standing["at_end_of_time"]["restricted"], json!(1), "{standing}");
    assert_eq!(code(hub, &["retention", "propose"]), Some(4));
    hub.json(&["subject", "lift", &finished.id, letter[0], letter[1]])
        .unwrap();

    assert_eq!(code(hub, &["retention", "propose"]), Some(0));
    assert_eq!(code(hub, &["retention", "propose"]), Some(5), "one at a time");
    assert_eq!(code(hub, &["retention", "destroy", "1", "--reason", " "]), Some(2));
    assert_eq!(code(hub, &["retention", "destroy", "2", "--reason", "SK"]), Some(4));
    assert_eq!(code(hub, &["retention", "record", "2"]), Some(4));
    assert_eq!(
        shown(hub.data(), &[NAME]),
        [NAME],
        "nothing is destroyed by proposing it"
    );
    assert_eq!(
        code(hub, &["retention", "destroy", "1", "--reason", "SK Bupati 100/12"]),
        Some(0)
    );
    assert_eq!(code(hub, &["retention", "keep", "1", "--reason", "terlambat"]), Some(5));
    let record = hub.json(&["retention", "record", "1"]).unwrap();
    assert_eq!(
        record["identities"][0]["register"],
        json!(finished.register),
        "{record}"
    );
    assert_eq!(record["proposal"]["decision"]["destroyed"], json!(1));
    assert_eq!(record["proposal"]["decision"]["reason"], json!("SK Bupati 100/12"));
    let forgotten = |program: &Program| {
        let gone = || Ok(shown(program.data(), &[NAME]).is_empty().then_some(()));
        wait::until("no trace is left", gone).unwrap();
    };
    forgotten(hub);
    hub.json(&["audit", "verify"]).unwrap();

    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    forgotten(&cast.pelaihari.program);
    let kept = cast.pelaihari.program.json(&["complaint", "show", &open.id]).unwrap();
    assert!(kept["reporter"].is_object() || kept["reporter"].is_string(), "{kept}");
    cast.stop().unwrap();
    stage.assert_no_errors();
}
