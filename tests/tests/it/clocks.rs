//! Offices whose clock is years off: they work, they sync, and no deadline moves with them.

use serde_json::{Value, json};
use titian_demo::cast::{self, Cast};
use titian_demo::today::{self, DAY_MILLIS};

use crate::stage::{Stage, sheet};

#[test]
fn an_office_in_2009_delivers_and_its_deadlines_stay_in_the_present() {
    deadlines_stay_in_the_present(2009);
}

#[test]
fn an_office_in_2035_delivers_and_its_deadlines_stay_in_the_present() {
    deadlines_stay_in_the_present(2035);
}

fn deadlines_stay_in_the_present(year: i64) {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    // Middle of that year, counted from 1970 in mean years.
    let there = (year - 1970) * 31_556_952_000 + DAY_MILLIS * 180;
    cast.pelaihari.program.shift_clock(there - today::now().0);
    cast.hub.serve().unwrap();
    let mut told = sheet(1);
    told["received_at"] = json!(today::instant(1, "09:00"));
    let recorded = cast::forward(&cast.pelaihari, &told).unwrap();
    assert_eq!(
        cast.pelaihari.sync().unwrap(),
        Some(0),
        "a wrong clock is no reason to be refused"
    );

    for shown in [
        cast.hub.show(&recorded.id).unwrap(),
        cast.pelaihari.show(&recorded.id).unwrap(),
    ] {
        assert_eq!(shown["stage"], "forwarded");
        let steps = shown["steps"].as_array().unwrap();
        for due in steps.iter().filter_map(|step| step["due"].as_i64()) {
            let days = (due - today::now().0) / DAY_MILLIS;
            assert!((-20..=20).contains(&days), "due in {days} days: {shown}");
        }
        assert!(
            steps.iter().any(|step| step["due"].is_i64()),
            "no deadline at all: {shown}"
        );
        let office: Vec<&Value> = events(&shown).filter(|event| event["side"] == "office").collect();
        assert!(
            office.iter().all(|event| event["trusted"] == false),
            "the hub never confirmed that clock: {shown}"
        );
        assert!(events(&shown).any(|event| event["side"] == "hub" && event["trusted"] == true));
    }
    let next = cast.pelaihari.add(&told).unwrap();
    let this_year = format!("/{}/", &today::date(0)[..4]);
    assert!(
        next.register.contains(&this_year),
        "a receipt of another year: {}",
        next.register
    );
    // After the exchange the gateway knows that its clock is wrong, and says so.
    let status = cast.pelaihari.program.json(&["status"]).unwrap();
    assert_eq!(status["clock_is_trusted"], false, "{status}");
    cast.stop().unwrap();
    stage.assert_no_errors();
}

fn events(shown: &Value) -> impl Iterator<Item = &Value> {
    shown["timeline"].as_array().into_iter().flatten()
}
