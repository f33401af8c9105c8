//! TLS between the real programs: who is spoken to, what is never sent, and what a handshake costs.

use std::path::Path;

use serde_json::Value;
use titian_demo::cast::{self, LIAISON, OPERATOR, PELAIHARI};
use titian_demo::gateway::Gateway;
use titian_demo::hub::Hub;
use titian_demo::today::{self, DAY_MILLIS};
use titian_demo::visitor::Visitor;
use titian_demo::wait;
use titian_tests::badlink::{BadLink, Counted, Weather};
use titian_tests::proxy::Proxy;

use crate::stage::{Stage, sheet};

/// What a handshake and its end may cost in all, both ways.
const HANDSHAKE_BYTES_MAX: u64 = 800;
/// More than the first message of a handshake and the word that ends it; less than any request.
const NOTHING_SENT_BYTES_MAX: u64 = 300;

#[test]
fn an_office_delivers_over_tls_and_the_liaison_reads_it_on_the_same_port() {
    let stage = Stage::new();
    let (mut hub, link) = hub(&stage);
    hub.add_staff(LIAISON).unwrap();
    let office = enrolled(&stage, &hub, &link);
    assert_eq!(link.counted().connections, 1, "enrolment and first exchange share one");
    let recorded = office.add(&sheet(1)).unwrap();
    assert_eq!(office.sync().unwrap(), Some(0));
    assert_eq!(hub.show(&recorded.register).unwrap()["id"], recorded.id.as_str());
    assert_eq!(link.counted().requests, 0, "no request could be read on the way");

    let certificate = hub.program.data().join("certificate.pem");
    let mut liaison = Visitor::trusting(hub.program.address().unwrap(), &certificate).unwrap();
    liaison.log_in(LIAISON.name, LIAISON.password).unwrap();
    let page = liaison.get(&format!("/laporan/{}", recorded.id)).unwrap();
    assert!(page.holds(&recorded.register), "{}", page.text());
    let mut stranger = Visitor::new(hub.program.address().unwrap()).unwrap();
    assert!(
        stranger.get("/").is_err(),
        "a browser that was not told to trust it warns"
    );
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_hub_with_another_key_is_refused_at_any_date_before_anything_is_sent() {
    let stage = Stage::new();
    let (mut hub, link) = hub(&stage);
    let office = enrolled(&stage, &hub, &link);
    let recorded = office.add(&sheet(1)).unwrap();
    // Somebody else's hub at the same address.
    hub.program.stop().unwrap();
    std::fs::remove_dir_all(hub.program.data()).unwrap();
    serve(&mut hub, "on");
    for year in [2009, 2026, 2035] {
        in_year(&office, year);
        link.counted();
        link.reset();
        assert_eq!(office.sync().unwrap(), Some(6), "in {year}");
        let Counted { up, connections, .. } = link.counted();
        // The second one asks for the pinned key by name: a hub that changes its keys has two.
        assert_eq!(connections, 2);
        assert!(up <= 2 * NOTHING_SENT_BYTES_MAX, "{up} bytes in {year}");
        let status = office.program.json(&["status"]).unwrap();
        let told = status["last_error"].as_str().unwrap();
        assert!(
            told.starts_with("other-key: ") && told.contains("clock is not the reason"),
            "{told}"
        );
    }
    assert_eq!(
        office.show(&recorded.id).unwrap()["stage"],
        "recorded",
        "nothing is lost"
    );
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn an_office_in_2009_and_in_2035_delivers_over_tls() {
    let stage = Stage::new();
    let (mut hub, link) = hub(&stage);
    let office = enrolled(&stage, &hub, &link);
    for year in [2009, 2035] {
        in_year(&office, year);
        let recorded = office.add(&sheet(1)).unwrap();
        assert_eq!(office.sync().unwrap(), Some(0), "in {year}");
        assert!(hub.show(&recorded.id).is_ok());
    }
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_connection_that_broke_goes_on_with_its_session() {
    let stage = Stage::new();
    let (mut hub, link) = hub(&stage);
    let mut office = enrolled(&stage, &hub, &link);
    office.add_staff(OPERATOR).unwrap();
    // A request that waits for news would come again by itself.
    std::fs::write(office.program.data().join("gateway.toml"), "[sync]\nwait_seconds = 0\n").unwrap();
    let bare = {
        assert_eq!(office.sync().unwrap(), Some(0));
        link.counted();
        link.reset();
        assert_eq!(office.sync().unwrap(), Some(0));
        link.counted()
    };
    office.serve().unwrap();
    let in_contact = || {
        let counted = link.counted_so_far();
        Ok((counted.down > bare.down + bare.down / 2).then_some(()))
    };
    wait::until("the exchange after the start", in_contact).unwrap();
    let mut operator = Visitor::new(office.program.address().unwrap()).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    operator.submit("/sinkronisasi", &[]).unwrap();
    link.hold(true);
    link.hold(false);
    link.counted();
    link.reset();
    operator.submit("/sinkronisasi", &[]).unwrap();
    let resumed = link.counted_so_far();
    assert_eq!(resumed.connections, 1, "a new one");
    // A resumed session shows no key and no signature: the hub sends less, and the office names the session.
    assert!(resumed.down + 100 < bare.down, "{resumed:?} after {bare:?}");
    assert!(resumed.up > bare.up, "{resumed:?} after {bare:?}");
    office.program.stop().unwrap();

    // What both cost beside the exchange itself, of which the protocol's page tells.
    let exchange = 301;
    for counted in [bare, resumed] {
        let handshake = counted.bytes() - exchange;
        assert!(handshake <= HANDSHAKE_BYTES_MAX, "{handshake} bytes: {counted:?}");
    }
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_hub_that_speaks_tls_no_more_is_not_spoken_to() {
    let stage = Stage::new();
    let (mut hub, link) = hub(&stage);
    let office = enrolled(&stage, &hub, &link);
    office.add(&sheet(1)).unwrap();
    hub.program.stop().unwrap();
    serve(&mut hub, "auto");
    assert!(hub.program.address().unwrap().starts_with("http://"));
    link.counted();
    link.reset();
    assert_eq!(office.sync().unwrap(), Some(6));
    let counted = link.counted();
    assert!(
        counted.up <= NOTHING_SENT_BYTES_MAX && counted.requests == 0,
        "{counted:?}"
    );
    let status = office.program.json(&["status"]).unwrap();
    assert!(
        status["last_error"].as_str().unwrap().starts_with("not-secured: "),
        "{status}"
    );
    hub.program.stop().unwrap();
    serve(&mut hub, "on");
    assert_eq!(office.sync().unwrap(), Some(0), "and once it does again, all goes on");
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn plain_http_to_another_machine_has_to_be_allowed_at_both_ends() {
    let stage = Stage::new();
    let mut hub = stage.hub();
    serve(&mut hub, "auto");
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let link = BadLink::to(hub.program.address().unwrap(), Weather::FAIR, 1).unwrap();
    // It leads here, but is no loopback address: as good as another machine.
    let elsewhere = link.address().replace("127.0.0.1", "0.0.0.0");
    let code = ["office", "code", PELAIHARI.0, "--url", &elsewhere];
    let refused = hub.program.run(&code).unwrap();
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("unencrypted"), "{}", refused.stderr);

    configure(&hub, "behind-proxy", "");
    let made = hub.program.json(&code).unwrap();
    let office = stage.gateway("office");
    let refused = office.program.run(&["enrol", made["code"].as_str().unwrap()]).unwrap();
    assert_eq!(refused.code, Some(5), "{}", refused.stderr);
    assert!(refused.stderr.contains("unencrypted") && refused.stderr.contains("sync.plain_http"));
    assert_eq!(link.counted(), Counted::default(), "nobody was called");

    std::fs::write(
        office.program.data().join("gateway.toml"),
        "[sync]\nplain_http = true\n",
    )
    .unwrap();
    assert_eq!(office.sync().unwrap(), Some(0));
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn an_office_behind_a_proxy_delivers_through_a_tunnel_that_sees_nothing() {
    let stage = Stage::new();
    let (mut hub, _) = hub(&stage);
    let proxy = Proxy::start().unwrap();
    let office = stage.gateway_with("office", &[("https_proxy", proxy.address())]);
    let office = cast::enrolled(&hub, office, PELAIHARI.0, OPERATOR).unwrap();
    let recorded = office.add(&sheet(1)).unwrap();
    assert_eq!(office.sync().unwrap(), Some(0));
    assert_eq!(hub.show(&recorded.register).unwrap()["id"], recorded.id.as_str());
    assert!(proxy.tunnels() > 0, "it goes through the proxy");
    assert_eq!(proxy.passed(), 0, "no request could be read on the way");
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn a_configured_certificate_is_for_browsers_and_a_missing_one_is_named() {
    let stage = Stage::new();
    let (mut hub, link) = hub(&stage);
    let office = enrolled(&stage, &hub, &link);
    hub.program.stop().unwrap();
    let (chain, key) = (
        stage.folder().join("regency.pem"),
        stage.folder().join("regency-key.pem"),
    );
    std::fs::rename(hub.program.data().join("certificate.pem"), &chain).unwrap();
    std::fs::rename(hub.program.data().join("certificate-key.pem"), &key).unwrap();
    configure(&hub, "on", &files(&chain, &key));
    hub.serve().unwrap();
    let mut visitor = Visitor::trusting(hub.program.address().unwrap(), &chain).unwrap();
    visitor.get("/").unwrap();
    assert!(
        !hub.program.data().join("certificate.pem").exists(),
        "none of its own is made"
    );
    assert_eq!(office.sync().unwrap(), Some(0), "an office does not see it");
    hub.program.stop().unwrap();

    configure(&hub, "on", &files(&stage.folder().join("gone.pem"), &key));
    let refused = hub.program.run(&["serve", "--listen", "127.0.0.1:0"]).unwrap();
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("gone.pem") && refused.stderr.contains("next: "),
        "{}",
        refused.stderr
    );
    stage.assert_no_errors();
}

/// A hub that serves TLS with an office in it, and the link before it.
fn hub(stage: &Stage) -> (Hub, BadLink) {
    let mut hub = stage.hub();
    serve(&mut hub, "on");
    assert!(hub.program.address().unwrap().starts_with("https://"));
    hub.add_office(PELAIHARI.0, PELAIHARI.1).unwrap();
    let link = BadLink::to(hub.program.address().unwrap(), Weather::FAIR, 1).unwrap();
    (hub, link)
}

fn serve(hub: &mut Hub, mode: &str) {
    configure(hub, mode, "");
    hub.serve().unwrap();
}

fn configure(hub: &Hub, mode: &str, files: &str) {
    std::fs::create_dir_all(hub.program.data()).unwrap();
    let settings = format!("[tls]\nmode = \"{mode}\"\n{files}");
    std::fs::write(hub.program.data().join("hub.toml"), settings).unwrap();
}

fn files(chain: &Path, key: &Path) -> String {
    format!("certificate = {}\nkey = {}\n", quoted(chain), quoted(key))
}

fn quoted(path: &Path) -> Value {
    path.to_str().unwrap().into()
}

fn enrolled(stage: &Stage, hub: &Hub, link: &BadLink) -> Gateway {
    let code = ["office", "code", PELAIHARI.0, "--url", &link.address()];
    let made = hub.program.json(&code).unwrap();
    let office = stage.gateway("office");
    office.enrol(made["code"].as_str().unwrap()).unwrap();
    office
}

/// Sets an office's clock to the middle of a year, counted from 1970 in mean years.
fn in_year(office: &Gateway, year: i64) {
    let there = (year - 1970) * 31_556_952_000 + DAY_MILLIS * 180;
    office.program.shift_clock(there - today::now().0).unwrap();
}
