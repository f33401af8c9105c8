//! The second factor at a real hub: with a phone of our own making, from setting it up to losing it.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use serde_json::Value;
use sha1::Sha1;
use titian_demo::cast::{Cast, LIAISON, OPERATOR};
use titian_demo::hub::Hub;
use titian_demo::visitor::{Page, Visitor};
use titian_host::clock::Clock;

use crate::stage::Stage;

const OWN: &str = "/akun/dua-langkah";
const CODE: &str = "/login/kode";
const STEP_MILLIS: i64 = 30_000;

/// The phone of somebody, written after RFC 6238 and nothing of ours. Its clock goes as many steps ahead as the hub's.
struct Phone {
    secret: Vec<u8>,
    steps_ahead: i64,
}

impl Phone {
    fn scanning(page: &Page) -> Self {
        let shown = page.html.split("<code id=\"secret\">").nth(1);
        let shown = shown.unwrap_or_else(|| panic!("no secret: {}", page.text()));
        let secret = shown.split('<').next().unwrap().replace(' ', "");
        Self {
            secret: BASE32_NOPAD.decode(secret.as_bytes()).unwrap(),
            steps_ahead: 0,
        }
    }

    fn code(&self) -> String {
        let step = Clock::system().now().0 / STEP_MILLIS + self.steps_ahead;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).unwrap();
        mac.update(&step.to_be_bytes());
        let mac = mac.finalize().into_bytes();
        let from = usize::from(mac[19] & 15);
        let four: [u8; 4] = mac[from..from + 4].try_into().unwrap();
        format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
    }

    /// Time goes on, here and at the hub.
    fn later(&mut self, hub: &Hub, steps: i64) {
        self.steps_ahead += steps;
        hub.program.shift_clock(self.steps_ahead * STEP_MILLIS).unwrap();
    }

    fn secret(&self) -> String {
        BASE32_NOPAD.encode(&self.secret)
    }
}

/// A hub whose clock the test moves, with a liaison.
fn hub(stage: &Stage) -> Hub {
    let mut hub = stage.hub();
    hub.program.shift_clock(0).unwrap();
    hub.serve().unwrap();
    hub.add_staff(LIAISON).unwrap();
    hub
}

fn visitor(hub: &Hub) -> Visitor {
    Visitor::new(hub.program.address().unwrap()).unwrap()
}

/// Gives the right password in a fresh browser, and is asked for the code.
fn halfway(hub: &Hub) -> Visitor {
    let mut halfway = visitor(hub);
    let asked = halfway.log_in(LIAISON.name, LIAISON.password).unwrap();
    assert!(asked.path.starts_with(CODE), "{}: {}", asked.path, asked.text());
    let inbox = halfway.get("/").unwrap();
    assert!(
        inbox.path.starts_with("/login?next="),
        "no session before the code: {}",
        inbox.path
    );
    halfway
}

/// Switches it on: the phone, the code that did it, the recovery codes.
fn set_up(visitor: &mut Visitor) -> (Phone, String, Vec<String>) {
    let offered = visitor.post(OWN, &[("password", LIAISON.password)]).unwrap();
    let phone = Phone::scanning(&offered);
    let code = phone.code();
    let on = visitor.post(&format!("{OWN}/aktif"), &[("code", &code)]).unwrap();
    let list = on
        .html
        .split("<ol id=\"codes\">")
        .nth(1)
        .and_then(|rest| rest.split("</ol>").next());
    let list = list.unwrap_or_else(|| panic!("no recovery codes: {}", on.text()));
    let codes = list
        .split("<code>")
        .skip(1)
        .map(|code| code.split('<').next().unwrap().to_owned());
    (phone, code, codes.collect())
}

fn is_in(visitor: &mut Visitor) -> bool {
    visitor.get("/").unwrap().path == "/"
}

fn give(visitor: &mut Visitor, code: &str) -> Page {
    visitor.submit(CODE, &[("code", code), ("next", "/")]).unwrap()
}

fn deeds(hub: &Hub) -> Vec<String> {
    let rows = hub.program.json(&["audit", "list", "--limit", "1000"]).unwrap();
    let word = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter().rev();
    rows.map(|row| ["who", "deed", "detail"].map(|key| word(row, key)).join(" "))
        .collect()
}

#[test]
fn a_liaison_signs_in_with_a_phone_and_without_it_by_paper_and_each_code_opens_once() {
    let stage = Stage::talkative();
    let mut hub = hub(&stage);
    let mut here = visitor(&hub);
    here.log_in(LIAISON.name, LIAISON.password).unwrap();
    let (mut phone, first, recovery) = set_up(&mut here);
    assert_eq!(recovery.len(), 10);
    assert!(is_in(&mut here));

    let mut other = halfway(&hub);
    let used = give(&mut other, &first);
    assert_eq!(
        used.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "it switched the factor on"
    );
    assert!(used.holds("periksa jam ponsel"), "{}", used.text());
    phone.later(&hub, 2);
    let code = phone.code();
    give(&mut other, &code);
    assert!(is_in(&mut other));
    let mut third = halfway(&hub);
    assert_eq!(
        give(&mut third, &code).status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "twice"
    );

    let told = give(&mut third, &recovery[3]);
    assert!(is_in(&mut third) && told.holds("tersisa 9"), "{}", told.text());
    let mut fourth = halfway(&hub);
    assert_eq!(
        give(&mut fourth, &recovery[3]).status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "twice"
    );
    hub.program.stop().unwrap();
    hub.serve().unwrap();
    for stale in [&mut here, &mut other, &mut fourth] {
        // The first request after a restart meets the connection of before.
        let _ = stale.get("/login");
    }
    let asked = fourth.get(CODE).unwrap();
    assert!(asked.path.starts_with("/login?next="), "{}", asked.path);
    phone.later(&hub, 2);
    let over = give(&mut fourth, &phone.code());
    assert!(
        over.path.starts_with("/login?next=") && !is_in(&mut fourth),
        "a restart ends what was begun"
    );

    let off = ["staff", "second-factor-off", LIAISON.name];
    assert_eq!(hub.program.run(&off).unwrap().code, Some(0));
    assert_eq!(hub.program.run(&off).unwrap().code, Some(5), "there is none any more");
    let nobody = hub.program.run(&["staff", "second-factor-off", "nobody"]).unwrap();
    assert_eq!(nobody.code, Some(4), "{}", nobody.stderr);
    assert!(!is_in(&mut here) && !is_in(&mut other), "its sessions end");
    let page = here.log_in(LIAISON.name, LIAISON.password).unwrap();
    assert_eq!(page.path, "/", "the password alone is asked for");

    let noted = deeds(&hub);
    let here = "hasnah sign-in-code-refused 127.0.0.1".to_owned();
    for (wanted, times) in [
        ("hasnah second-factor-on ", 1),
        (here.as_str(), 3),
        ("hasnah recovery-code-used 9", 1),
        ("(shell) second-factor-taken-off hasnah", 1),
    ] {
        let found = noted.iter().filter(|row| *row == wanted).count();
        assert_eq!(found, times, "{wanted}: {noted:#?}");
    }
    hub.program.stop().unwrap();
    let secret = phone.secret();
    for kept in recovery.iter().chain([&secret, &code]) {
        let found = stage.log().mentions(kept);
        assert!(
            found.is_empty() && !noted.iter().any(|row| row.contains(kept)),
            "{found:#?}"
        );
    }
    stage.assert_no_errors();
}

#[test]
fn whoever_has_a_role_that_must_have_it_sets_it_up_first() {
    let stage = Stage::new();
    let mut hub = hub(&stage);
    hub.program.stop().unwrap();
    let settings = hub.program.data().join("hub.toml");
    std::fs::write(&settings, "[people]\nsecond_factor = [\"operator\"]\n").unwrap();
    let unknown = hub.program.run(&["config", "show"]).unwrap();
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("people.second_factor"), "{}", unknown.stderr);
    std::fs::write(&settings, "[people]\nsecond_factor = [\"liaison\"]\n").unwrap();
    hub.serve().unwrap();

    let mut liaison = visitor(&hub);
    let led = liaison.log_in(LIAISON.name, LIAISON.password).unwrap();
    assert!(
        led.path == OWN && led.holds("Aktifkan dulu"),
        "{}: {}",
        led.path,
        led.text()
    );
    for path in ["/", "/kantor", "/akun/semua", "/catatan"] {
        assert_eq!(liaison.get(path).unwrap().path, OWN, "{path}");
    }
    let (mut phone, _, _) = set_up(&mut liaison);
    assert!(is_in(&mut liaison));
    phone.later(&hub, 2);
    let mut again = halfway(&hub);
    give(&mut again, &phone.code());
    assert!(is_in(&mut again));
    hub.program.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn an_office_is_offered_none_for_its_clock_may_be_wrong() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.pelaihari.serve().unwrap();
    let mut operator = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    operator.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    let own = operator.get("/akun").unwrap();
    assert!(
        own.status == StatusCode::OK && !own.holds("dua langkah"),
        "{}",
        own.text()
    );
    for path in [OWN, CODE] {
        assert_eq!(operator.get(path).unwrap().status, StatusCode::NOT_FOUND, "{path}");
    }
    let program = &cast.pelaihari.program;
    let unknown = program.run(&["staff", "second-factor-off", OPERATOR.name]).unwrap();
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    cast.stop().unwrap();
    stage.assert_no_errors();
}
