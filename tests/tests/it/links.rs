//! What the programs make of the link between them: waiting at the hub, items larger than a frame, a link that dies again
//! and again, and a proxy on the way.

use std::time::Duration;

use serde_json::json;
use titian_demo::cast::{self, Cast, OPERATOR, PELAIHARI};
use titian_demo::gateway::Gateway;
use titian_demo::hub::Hub;
use titian_demo::rig::Rig;
use titian_demo::wait;
use titian_tests::badlink::{BadLink, Cut, Weather};
use titian_tests::draw::Draw;
use titian_tests::proxy::Proxy;
use titian_tests::{corpus, register};

use crate::equality;
use crate::stage::{Stage, pdf, registers, sheet};

const SEED: u64 = 20_261_125;

/// A hub, and an office behind a link.
fn behind(rig: &Rig, weather: Weather) -> (Hub, Gateway, BadLink) {
    let mut hub = rig.hub();
    hub.serve().unwrap();
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let link = BadLink::to(hub.program.address().unwrap(), Weather::FAIR, SEED).unwrap();
    let office = rig.gateway("office");
    let code = hub
        .program
        .json(&["office", "code", PELAIHARI.0, "--url", &link.address()])
        .unwrap();
    office.enrol(code["code"].as_str().unwrap()).unwrap();
    office.add_staff(OPERATOR).unwrap();
    link.turn(weather);
    (hub, office, link)
}

#[test]
fn news_from_the_hub_arrive_at_once_although_the_interval_is_an_hour() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let recorded = cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    cast.pelaihari.serve().unwrap();
    let is_there = || Ok(cast.hub.show(&recorded.id).is_ok().then_some(()));
    wait::until("the first exchange after the start", is_there).unwrap();
    cast.hub.step(&["accept", &recorded.id]).unwrap();
    let is_accepted = || Ok((cast.pelaihari.show(&recorded.id)?["stage"] == "accepted").then_some(()));
    wait::until("the acceptance at the office", is_accepted).unwrap();
    // A request that waits at the hub does not keep a hub from stopping.
    cast.hub.program.stop().unwrap();
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_gateway_with_nothing_to_say_waits_in_one_request() {
    let stage = Stage::new();
    let (mut hub, mut office, link) = behind(&stage, Weather::FAIR);
    assert_eq!(office.sync().unwrap(), Some(0));
    link.counted();
    link.reset();
    office.serve().unwrap();
    let waits = || Ok((link.counted_so_far().requests >= 2).then_some(()));
    wait::until("the exchange after the start, and the wait", waits).unwrap();
    // That nothing happens can only be seen by looking for a while.
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(link.counted_so_far().requests, 2);
    office.program.stop().unwrap();
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn what_a_command_writes_beside_a_running_gateway_does_not_wait_for_the_interval() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    let recorded = cast.pelaihari.add(&sheet(1)).unwrap();
    let is_there = || Ok(cast.hub.show(&recorded.id).is_ok().then_some(()));
    wait::until("the complaint at the hub", is_there).unwrap();
    // And a command that syncs gets its turn although the gateway waits at the hub.
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_complaint_larger_than_a_frame_arrives_over_a_link_that_dies_every_30_kb() {
    let stage = Stage::new();
    let (mut hub, office, link) = behind(&stage, Weather::cut(Cut::Both(30_000)));
    let mut draw = Draw::new(SEED, 0);
    // Letters that no compressor shrinks below a frame.
    let narrative: String = (0..18_000)
        .map(|_| char::from_u32(0x4e00 + u32::try_from(draw.below(20_000)).unwrap()).unwrap())
        .collect();
    let mut long = sheet(1);
    long["narrative"] = json!(narrative);
    let recorded = office.add(&long).unwrap();
    office.add(&sheet(2)).unwrap();
    assert_eq!(office.sync().unwrap(), Some(0));
    let shown = hub.show(&recorded.id).unwrap().to_string();
    assert!(shown.contains(&narrative), "the text is there, letter for letter");
    assert_eq!(registers(&hub.program).len(), 2, "what came after it is there too");
    let counted = link.counted();
    assert!(counted.resets > 0, "the link did not die: {counted:?}");
    // The text is some 36 KB on the wire; it did not begin anew at each cut.
    assert!(counted.bytes() < 90_000, "{counted:?}");
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_register_arrives_over_a_link_that_dies_every_10_kb_at_less_than_one_and_a_half_times_the_bytes() {
    let stage = Stage::new();
    let complaints: Vec<_> = (0..250).map(|index| corpus::complaint(SEED, index)).collect();
    let mut bytes = Vec::new();
    for weather in [Weather::FAIR, Weather::cut(Cut::Both(10_000))] {
        let rig = Stage::new();
        let (mut hub, office, link) = behind(&rig, weather);
        let file = rig.folder().join("register.ndjson");
        std::fs::write(&file, register::ndjson(&complaints).unwrap()).unwrap();
        office
            .program
            .run(&["import", file.to_str().unwrap()])
            .unwrap()
            .success()
            .unwrap();
        let estimated = office.program.json(&["sync", "--estimate"]).unwrap();
        let untouched = office.program.json(&["status"]).unwrap()["waiting_items"].clone();
        assert_eq!(estimated["waiting_items"], untouched, "nothing was sent");
        link.reset();
        assert_eq!(
            office.sync().unwrap(),
            Some(0),
            "in one command, without asking anybody"
        );
        let counted = link.counted().bytes();
        if bytes.is_empty() {
            let estimated = estimated["text_bytes"].as_u64().unwrap();
            assert!(
                estimated * 20 > counted * 19 && estimated * 20 < counted * 21,
                "{estimated} bytes estimated, {counted} counted"
            );
        }
        bytes.push(counted);
        assert_eq!(registers(&hub.program).len(), 250);
        hub.program.stop().unwrap();
        rig.assert_no_errors();
    }
    assert!(
        bytes[1] * 2 < bytes[0] * 3,
        "{} bytes undisturbed, {} with cuts",
        bytes[0],
        bytes[1]
    );
    stage.assert_no_errors();
}

#[test]
fn files_follow_their_texts_over_a_link_that_dies_every_30_kb_and_reach_the_office_s_other_machine() {
    let stage = Stage::new();
    let (mut hub, office, link) = behind(&stage, Weather::cut(Cut::Both(30_000)));
    let recorded = office.add(&sheet(1)).unwrap();
    let mut sizes = 0;
    for (seed, length) in [(1, 150_000), (2, 60_000), (3, 500)] {
        let path = stage.folder().join(format!("surat-{seed}.pdf"));
        let content = pdf(seed, length);
        sizes += content.len() as u64;
        std::fs::write(&path, content).unwrap();
        office.step(&["attach", &recorded.id, path.to_str().unwrap()]).unwrap();
    }
    let estimated = office.program.json(&["sync", "--estimate"]).unwrap();
    assert_eq!(estimated["waiting_files"], 3);
    link.reset();
    let synced = office.program.json(&["sync"]).unwrap();
    assert_eq!(
        (&synced["delivered"], &synced["waiting_files"]),
        (&true.into(), &0.into())
    );
    let counted = link.counted();
    assert!(counted.resets > 3, "the link did not die: {counted:?}");
    assert!(
        counted.bytes() * 2 < sizes * 3,
        "{counted:?} for {sizes} bytes of files"
    );
    equality::assert_holds_files(&hub.program, PELAIHARI.0);
    for file in office.show(&recorded.id).unwrap()["attachments"].as_array().unwrap() {
        assert_eq!(file["at_hub"], file["bytes"], "the office is told that the hub has it");
    }
    let nothing = office.program.json(&["sync", "--estimate"]).unwrap();
    assert_eq!(
        (&nothing["waiting_files"], &nothing["file_bytes"]),
        (&0.into(), &0.into())
    );

    // The other machine of the office fetches them.
    let other = cast::enrolled(&hub, stage.gateway("laptop"), PELAIHARI.0, OPERATOR).unwrap();
    assert_eq!(other.sync().unwrap(), Some(0));
    equality::assert_equal(&other.program, &hub.program, PELAIHARI.0);
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn in_the_quiet_hours_texts_go_and_files_wait() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let office = &cast.pelaihari;
    let settings = office.program.data().join("gateway.toml");
    std::fs::write(&settings, "[sync]\nquiet_hours = \"00:00-23:59\"\n").unwrap();
    let recorded = office.add(&sheet(1)).unwrap();
    let path = stage.folder().join("surat.pdf");
    std::fs::write(&path, pdf(1, 40_000)).unwrap();
    office.step(&["attach", &recorded.id, path.to_str().unwrap()]).unwrap();
    // Between 23.59 and midnight files may go: whoever runs this then sees them go.
    if office.sync().unwrap() == Some(3) {
        let shown = cast.hub.show(&recorded.id).unwrap();
        assert_eq!(
            (
                &shown["attachments"][0]["held"],
                office.show(&recorded.id).unwrap()["delivery"].as_str()
            ),
            (&0.into(), Some("at_hub"))
        );
    }
    std::fs::remove_file(&settings).unwrap();
    assert_eq!(office.sync().unwrap(), Some(0));
    assert_eq!(cast.hub.show(&recorded.id).unwrap()["attachments"][0]["whole"], true);
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_proxy_from_the_environment_is_used_and_an_exception_from_it_is_respected() {
    let proxy = Proxy::start().unwrap();
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let through = stage.gateway_with("office", &[("http_proxy", proxy.address())]);
    let through = cast::enrolled(&cast.hub, through, PELAIHARI.0, OPERATOR).unwrap();
    through.add(&sheet(1)).unwrap();
    assert_eq!(through.sync().unwrap(), Some(0));
    let used = proxy.passed();
    assert!(used >= 2, "enrolment and exchange go through the proxy: {used}");
    let around = stage.gateway_with("around", &[("http_proxy", proxy.address()), ("no_proxy", "127.0.0.1")]);
    let around = cast::enrolled(&cast.hub, around, PELAIHARI.0, OPERATOR).unwrap();
    assert_eq!(around.sync().unwrap(), Some(0));
    assert_eq!(proxy.passed(), used, "the exception goes around it");
    cast.stop().unwrap();
    stage.assert_no_errors();
}
