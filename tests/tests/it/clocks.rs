//! Offices whose clock is years off: they work, they sync, and no deadline moves with them.

use serde_json::{Value, json};
use titian_demo::cast::{self, Cast, OPERATOR};
use titian_demo::today::{self, DAY_MILLIS};
use titian_demo::visitor::Visitor;

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
    cast.pelaihari.program.shift_clock(offset_to(year)).unwrap();
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

#[test]
fn a_clock_that_jumps_while_the_gateway_runs_dates_nothing_and_moves_no_deadline() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    // Twins: what happens to the second while the clock jumps happens to the first under a right one.
    let mut told = sheet(1);
    told["received_at"] = json!(today::instant(1, "09:00"));
    let [right, jumping] = [(); 2].map(|()| cast.pelaihari.add(&told).unwrap().id);
    let set_clock = |cast: &Cast, offset| cast.pelaihari.program.shift_clock(offset).unwrap();
    set_clock(&cast, 0);
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    let mut operator = Operator(Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap());
    // The running program compares its clock with the hub's, and finds it right.
    operator.press("/sinkronisasi", &[]);
    let days = [
        ("tanya", [("note", "Sejak kapan?")].as_slice(), offset_to(2035)),
        ("jawaban", &[("note", "Sejak dua minggu")], offset_to(2009)),
        ("verifikasi", &[], 10 * DAY_MILLIS),
        ("teruskan", &[], -3 * DAY_MILLIS),
    ];
    for (id, jumps) in [(&right, 0), (&jumping, 1)] {
        for (step, fields, offset) in days {
            set_clock(&cast, offset * jumps);
            operator.press(&format!("/laporan/{id}/{step}"), fields);
        }
    }
    set_clock(&cast, 0);
    operator.press("/sinkronisasi", &[]);

    let shown = [&right, &jumping].map(|id| cast.hub.show(id).unwrap());
    let sure = shown.each_ref().map(|shown| {
        let steps = events(shown).filter(|event| event["side"] == "office" && event["what"]["kind"] != "recorded");
        steps.map(|event| event["trusted"] == true).collect::<Vec<_>>()
    });
    assert_eq!(sure, [vec![true; 4], vec![false; 4]], "{shown:?}");
    let [right, jumping] = shown;
    for same in ["stage", "round", "waits_for_complainant"] {
        assert_eq!(jumping[same], right[same], "{same}");
    }
    let steps = |shown: &Value| shown["steps"].as_array().unwrap().clone();
    for (right, jumping) in steps(&right).iter().zip(steps(&jumping)) {
        let [right_due, due] = [right, &jumping].map(|step| step["due"].as_i64().map(|due| due / DAY_MILLIS));
        let near = match (right_due, due) {
            (Some(right), Some(due)) => (right - due).abs() <= 1,
            (right, due) => right == due,
        };
        assert!(near && jumping["paused"] == right["paused"], "{right}\n{jumping}");
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

/// Whoever presses buttons in the pages; a clock that jumps ends sessions, and then logs in again.
struct Operator(Visitor);

impl Operator {
    fn press(&mut self, path: &str, fields: &[(&str, &str)]) {
        for _ in 0..2 {
            let page = self.0.post(path, fields).unwrap();
            match page.location {
                Some(to) if !to.starts_with("/login") => return,
                _ => _ = self.0.log_in(OPERATOR.name, OPERATOR.password).unwrap(),
            }
        }
        panic!("{path} was refused twice");
    }
}

fn events(shown: &Value) -> impl Iterator<Item = &Value> {
    shown["timeline"].as_array().into_iter().flatten()
}

/// How wrong a clock is that shows the middle of a year.
fn offset_to(year: i64) -> i64 {
    // Counted from 1970 in mean years.
    (year - 1970) * 31_556_952_000 + DAY_MILLIS * 180 - today::now().0
}
