//! What accounts and sessions promise.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use titian_domain::time::UnixMillis;
use tower::ServiceExt as _;

mod forms;
mod keeping;
mod second_factor;

use super::*;
use crate::audit::{self, AUDIT_MIGRATION};
use crate::clock::Clock;
use crate::store::Store;
use crate::texts::Texts;
use crate::web::browser::filled_in;
use crate::web::{AllowedHosts, Kit, Layout, Reader, Who, finish};

const MIGRATIONS: &[Migration] = &[
    PEOPLE_MIGRATION,
    THROTTLE_MIGRATION,
    ROLES_MIGRATION,
    AUDIT_MIGRATION,
    GIVEN_MIGRATION,
    SECOND_FACTOR_MIGRATION,
];

const ROLES: Roles = Roles {
    all: &[
        Role {
            code: "operator",
            rights: &[Right::Read],
        },
        Role {
            code: "administrator",
            rights: &[Right::Administer],
        },
    ],
    first: &["operator", "administrator"],
};

const HERE: &str = "127.0.0.1:50000";
const ELSEWHERE: &str = "10.0.0.7:50000";

/// A form that is open to whoever reaches the program.
#[derive(askama::Template)]
#[template(source = "<form method=\"post\" action=\"/login\"></form>", ext = "html")]
struct Form;

struct Rig {
    folder: tempfile::TempDir,
    kit: Kit,
    router: Router,
}

impl Rig {
    fn new() -> Self {
        Self::asking_of(&[])
    }

    /// A program that asks a second factor of these roles.
    fn asking_of(roles: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kit = Kit {
            lock: None,
            store: Store::open(folder.path().join("a.db"), MIGRATIONS).unwrap(),
            clock: Clock::manual(UnixMillis(1_774_000_000_000)),
            texts: Texts::new(&[]).unwrap(),
            layout: Layout::new("Titian", &[]),
            second_factor: Some(SecondFactor::required_of(&accounts::owned(roles))),
            roles: ROLES,
            zone: titian_domain::time::Zone::Wita,
        };
        let pages = routes()
            .get("/private", Who::SignedIn, |who: SignedIn| async move {
                format!("{}, may administer: {}", who.full_name, who.may(Right::Administer))
            })
            .get("/form", Who::Anybody, |reader: Reader| async move {
                reader.page("sign-in", &Form)
            })
            .post("/private", Who::SignedIn, async || {})
            .get("/accounts", Who::May(Right::Administer), async || "all of them")
            .and(super::second_factor::routes());
        let router = finish(pages, kit.clone(), AllowedHosts::loopback());
        Self { folder, kit, router }
    }

    async fn with_siti() -> Self {
        Self::new().and_siti().await
    }

    async fn and_siti(self) -> Self {
        let rig = self;
        let password = Password::new("jembatan bambu".to_owned()).ok().unwrap();
        let who = ("Siti.Rahmah", "Siti Rahmah", &["operator"][..]);
        add(&rig.kit.store, &rig.kit.clock, rig.kit.roles, who, password)
            .await
            .unwrap();
        rig
    }

    async fn ask(&self, peer: &str, method: &str, path: &str, cookie: &str, form: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8420")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        let mut request = request.body(Body::from(form.to_owned())).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        if method == "POST" {
            request = filled_in(&self.router, "/form", request).await;
        }
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        assert!(!text.contains('⟦'), "{text}");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(ELSEWHERE, "GET", path, cookie, "").await
    }

    async fn sign_in(&self, password: &str) -> Answer {
        let form = format!("name=Siti.Rahmah&password={password}&next=/private");
        self.ask(ELSEWHERE, "POST", "/login", "", &form).await
    }

    async fn session(&self) -> String {
        self.sign_in("jembatan+bambu").await.cookie()
    }

    /// What the audit log says was done with accounts, the oldest first.
    async fn noted(&self, deed: &str) -> Vec<String> {
        let filter = audit::Filter {
            deed: Some(deed.to_owned()),
            limit: 100,
            ..audit::Filter::default()
        };
        let reading = self
            .kit
            .store
            .read(move |connection| Ok::<_, StoreError>(audit::list(connection, &filter)?));
        let rows = reading.await.unwrap();
        rows.iter()
            .rev()
            .map(|row| format!("{}: {}", row.who, row.detail))
            .collect()
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn cookie(&self) -> String {
        self.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    }
}

#[tokio::test]
async fn somebody_with_the_right_password_is_let_in_and_led_on() {
    let rig = Rig::with_siti().await;
    let asked = rig.get("/private", "").await;
    assert_eq!(
        (asked.status, asked.location()),
        (StatusCode::SEE_OTHER, "/login?next=/private")
    );
    let signed_in = rig.sign_in("jembatan+bambu").await;
    assert_eq!(signed_in.location(), "/private");
    let cookie = signed_in.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.starts_with("titian_session_8420=") && cookie.contains("HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    assert_eq!(
        rig.get("/private", &signed_in.cookie()).await.text,
        "Siti Rahmah, may administer: false"
    );
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_name_get_the_same_answer() {
    let rig = Rig::with_siti().await;
    let wrong = rig.sign_in("jembatan+baja").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("tidak cocok") && wrong.text.contains("Siti.Rahmah") && !wrong.text.contains("baja"));
    let nobody = rig
        .ask(
            ELSEWHERE,
            "POST",
            "/login",
            "",
            "name=Siti.Rahmeh&password=x&next=/private",
        )
        .await;
    // Each page has forms of its own.
    let worded = |answer: &Answer| {
        answer
            .text
            .replace(&forms::token_in(&answer.text), "")
            .replace("Rahmeh", "Rahmah")
    };
    assert_eq!(worded(&nobody), worded(&wrong));
}

#[tokio::test]
async fn many_failures_make_the_right_password_wait_and_waiting_helps() {
    let rig = Rig::with_siti().await;
    for _ in 0..6 {
        rig.sign_in("salah").await;
        rig.kit.clock.advance_millis(10);
    }
    let waiting = rig.sign_in("jembatan+bambu").await;
    assert!(
        waiting.status == StatusCode::UNPROCESSABLE_ENTITY && waiting.text.contains("Tunggu 2 detik"),
        "{}",
        waiting.text
    );
    rig.kit.clock.advance_millis(2_000);
    assert_eq!(rig.sign_in("jembatan+bambu").await.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.sign_in("salah").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rig.sign_in("jembatan+bambu").await.status, StatusCode::SEE_OTHER);
}

/// How many of so many tries, a second apart, are looked at at all.
async fn guesses(rig: &Rig, tries: u32, try_at: impl Fn(u32) -> (String, &'static str)) -> u32 {
    let mut looked_at = 0;
    for number in 0..tries {
        let (name, from) = try_at(number);
        let password = Password::typed(&format!("kata sandi {number}"));
        let from = from.parse().ok();
        let signing = login(&rig.kit.store, &rig.kit.clock, &name, password, from).await;
        looked_at += u32::from(matches!(signing.unwrap(), Signing::Wrong));
        // Each costs a hash: without the waits the test would go on for minutes before it fails.
        assert!(looked_at < 100, "{looked_at} guesses in {number} seconds");
        rig.kit.clock.advance_millis(1_000);
    }
    looked_at
}

#[tokio::test]
async fn of_ten_thousand_tries_few_are_guesses() {
    let rig = Rig::with_siti().await;
    let lines = ["203.0.113.9", "203.0.113.10", "2001:db8::1", "127.0.0.1"];
    let at_one_account = |number: u32| ("siti.rahmah".to_owned(), lines[number as usize % lines.len()]);
    // Four are free, then waits that double for eight, then one in five minutes.
    assert!((30..50).contains(&guesses(&rig, 10_000, at_one_account).await));
    rig.kit.clock.advance_millis(86_400_000);
    let at_many_accounts = |number: u32| (format!("siti{number}"), "203.0.113.9");
    assert!((45..65).contains(&guesses(&rig, 10_000, at_many_accounts).await));
    // Another line is not held up by it, nor is who sits at this machine.
    let signing = async |from: &str| {
        let password = Password::typed("jembatan bambu");
        login(
            &rig.kit.store,
            &rig.kit.clock,
            "siti.rahmah",
            password,
            from.parse().ok(),
        )
        .await
    };
    assert!(matches!(signing("203.0.113.9").await.unwrap(), Signing::Wait(_)));
    assert!(matches!(signing("203.0.113.10").await.unwrap(), Signing::In(_)));
    assert!(matches!(signing("127.0.0.1").await.unwrap(), Signing::In(_)));
}

#[tokio::test]
async fn tries_at_once_are_no_more_guesses_than_one_after_the_other() {
    let rig = Rig::with_siti().await;
    let tries = (0..12).map(|number| {
        let password = Password::typed(&format!("kata sandi {number}"));
        login(&rig.kit.store, &rig.kit.clock, "siti.rahmah", password, None)
    });
    let signings = futures_util::future::join_all(tries).await;
    let guesses = signings.iter().filter(|signing| matches!(signing, Ok(Signing::Wrong)));
    assert_eq!(guesses.count(), 5);
}

#[tokio::test]
async fn waits_go_on_after_a_restart() {
    let mut rig = Rig::with_siti().await;
    for _ in 0..5 {
        rig.sign_in("salah").await;
    }
    let path = rig.folder.path().join("a.db");
    rig.kit.store = Store::open(path, MIGRATIONS).unwrap();
    let password = Password::typed("jembatan bambu");
    let signing = login(&rig.kit.store, &rig.kit.clock, "siti.rahmah", password, None).await;
    assert!(matches!(signing.unwrap(), Signing::Wait(2_000)));
}

#[tokio::test]
async fn a_disabled_account_cannot_sign_in_and_its_session_is_over() {
    let rig = Rig::with_siti().await;
    let cookie = rig.session().await;
    rig.kit
        .store
        .write(|tx| accounts::set_disabled(tx, "siti.rahmah", true))
        .await
        .unwrap();
    assert_eq!(rig.get("/private", &cookie).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        rig.sign_in("jembatan+bambu").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn an_idle_session_ends_and_a_used_one_lives_to_the_end_of_the_day() {
    let rig = Rig::with_siti().await;
    let cookie = rig.session().await;
    let step = SESSION_IDLE_MILLIS_MAX - 1;
    let mut lived = 0;
    while lived + step < SESSION_MILLIS_MAX {
        rig.kit.clock.advance_millis(step);
        lived += step;
        assert_eq!(
            rig.get("/private", &cookie).await.status,
            StatusCode::OK,
            "after {lived}"
        );
    }
    rig.kit.clock.advance_millis(SESSION_MILLIS_MAX - lived + 1);
    assert_eq!(rig.get("/private", &cookie).await.status, StatusCode::SEE_OTHER);
    let cookie = rig.session().await;
    rig.kit.clock.advance_millis(SESSION_IDLE_MILLIS_MAX + 1);
    assert_eq!(rig.get("/private", &cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_sent_after_the_session_ended_says_how_to_lose_nothing() {
    let rig = Rig::with_siti().await;
    let answer = rig.ask(ELSEWHERE, "POST", "/private", "", "title=Jalan+rusak").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer.text.contains("di tab lain") && answer.text.contains("target=\"_blank\""),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_at_the_server() {
    let rig = Rig::with_siti().await;
    let cookie = rig.session().await;
    let out = rig.ask(ELSEWHERE, "POST", "/logout", &cookie, "").await;
    assert_eq!(out.location(), "/login");
    assert_eq!(rig.get("/private", &cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_and_out_is_noted_and_what_was_typed_is_not() {
    let rig = Rig::with_siti().await;
    rig.sign_in("salah").await;
    let other = "name=jembatan+bambu&password=x&next=/";
    rig.ask(ELSEWHERE, "POST", "/login", "", other).await;
    let cookie = rig.session().await;
    for _ in 0..2 {
        rig.ask(ELSEWHERE, "POST", "/logout", &cookie, "").await;
    }
    let filter = audit::Filter {
        limit: 10,
        ..audit::Filter::default()
    };
    let reading = rig.kit.store.read(move |connection| {
        Ok::<_, StoreError>((audit::list(connection, &filter)?, audit::verify(connection, &[])?))
    });
    let (rows, verified) = reading.await.unwrap();
    assert_eq!(verified.map(|head| head.number), Ok(5));
    let rows: Vec<_> = rows
        .iter()
        .rev()
        .map(|row| (row.who.as_str(), row.deed.as_str(), row.detail.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("(shell)", "account-added", "siti.rahmah operator"),
            ("siti.rahmah", "sign-in-failed", "10.0.0.7"),
            ("(unknown)", "sign-in-failed", "10.0.0.7"),
            ("siti.rahmah", "signed-in", "10.0.0.7"),
            ("siti.rahmah", "signed-out", ""),
        ]
    );
}

#[tokio::test]
async fn the_first_account_is_made_at_this_machine_and_only_once() {
    let rig = Rig::new();
    let form = "name=budi&full_name=Budi+Santoso&password=sungai+barito";
    assert_eq!(
        rig.ask(ELSEWHERE, "POST", "/setup", "", form).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(rig.get("/login", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(rig.ask(HERE, "GET", "/login", "", "").await.location(), "/setup");
    assert_eq!(rig.ask(HERE, "GET", "/setup", "", "").await.status, StatusCode::OK);
    let short = rig
        .ask(
            HERE,
            "POST",
            "/setup",
            "",
            "name=budi&full_name=Budi+Santoso&password=abc",
        )
        .await;
    assert!(
        short.text.contains("paling sedikit 8") && short.text.contains("Budi Santoso"),
        "{}",
        short.text
    );
    let made = rig.ask(HERE, "POST", "/setup", "", form).await;
    assert_eq!(
        rig.get("/private", &made.cookie()).await.text,
        "Budi Santoso, may administer: true"
    );
    assert_eq!(
        rig.ask(HERE, "POST", "/setup", "", form).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn the_first_account_is_not_made_through_a_proxy_on_this_machine() {
    let rig = Rig::new();
    let mut request = Request::builder()
        .uri("/setup")
        .header(header::HOST, "localhost:8420")
        .header("x-forwarded-for", "203.0.113.9")
        .body(Body::empty())
        .unwrap();
    request
        .extensions_mut()
        .insert(ConnectInfo(HERE.parse::<SocketAddr>().unwrap()));
    assert_eq!(
        rig.router.clone().oneshot(request).await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn of_two_first_accounts_at_once_one_is_made() {
    let rig = Rig::new();
    let first = async |name: &str| {
        let password = Password::new("sungai barito".to_owned()).ok().unwrap();
        let who = (name, "Budi Santoso", &["operator"][..]);
        signing_in::add_as(
            &rig.kit.store,
            &rig.kit.clock,
            rig.kit.roles,
            who,
            password,
            signing_in::Adding::First,
        )
        .await
    };
    let (one, two) = tokio::join!(first("budi"), first("ali"));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|made| **made).count(), 1);
    assert!(matches!(one.and(two), Err(StaffError::NotFirst)));
}

#[tokio::test]
async fn an_account_that_cannot_be_is_refused_with_its_reason() {
    let rig = Rig::with_siti().await;
    let attempt = async |name: &str, full_name: &str, roles: &[&str]| {
        let password = Password::new("sungai barito".to_owned()).ok().unwrap();
        add(
            &rig.kit.store,
            &rig.kit.clock,
            rig.kit.roles,
            (name, full_name, roles),
            password,
        )
        .await
        .unwrap_err()
    };
    assert!(matches!(
        attempt("siti.rahmah", "Siti Lain", &["operator"]).await,
        StaffError::Taken
    ));
    assert!(matches!(attempt("a b", "Ali", &["operator"]).await, StaffError::Name));
    assert!(matches!(attempt("ali", " ", &["operator"]).await, StaffError::FullName));
    assert!(matches!(
        attempt("ali", "Ali", &["operator", "king"]).await,
        StaffError::Role(_)
    ));
    assert!(matches!(attempt("ali", "Ali", &[]).await, StaffError::NoRole));
}

#[tokio::test]
async fn who_lacks_the_right_is_told_who_has_it_and_that_is_noted() {
    let rig = Rig::with_siti().await;
    let cookie = rig.session().await;
    let refused = rig.get("/accounts", &cookie).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text.contains("Mintalah rekan yang berwenang: Administrator."),
        "{}",
        refused.text
    );
    let password = Password::new("sungai barito".to_owned()).ok().unwrap();
    let who = ("siti.2", "Siti Dua", &["operator", "administrator"][..]);
    add(&rig.kit.store, &rig.kit.clock, rig.kit.roles, who, password)
        .await
        .unwrap();
    let form = "name=siti.2&password=sungai+barito&next=/";
    let cookie = rig.ask(ELSEWHERE, "POST", "/login", "", form).await.cookie();
    assert_eq!(rig.get("/accounts", &cookie).await.text, "all of them");
    assert_eq!(
        rig.get("/private", &cookie).await.text,
        "Siti Dua, may administer: true"
    );
    assert_eq!(rig.noted("way-refused").await, ["siti.rahmah: GET /accounts"]);
}

#[tokio::test]
async fn an_account_of_the_time_of_one_role_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let before = Store::open(path.clone(), &MIGRATIONS[..2]).unwrap();
    let sql =
        "INSERT INTO staff (name, full_name, password_hash, role, created_at) VALUES ('a', 'A', '', 'operator', 0)";
    before
        .write(move |tx| Ok::<_, StoreError>(tx.execute(sql, [])?))
        .await
        .unwrap();
    drop(before);
    let after = Store::open(path, MIGRATIONS).unwrap();
    let all = after
        .read(|connection| Ok::<_, StoreError>(list(connection)?))
        .await
        .unwrap();
    assert_eq!(all[0].roles, ["operator"]);
}

#[tokio::test]
async fn a_command_in_somebodys_name_needs_their_right() {
    let rig = Rig::with_siti().await;
    let may = async |name: Option<&str>, right| {
        let by = By {
            name: name.map(str::to_owned),
        };
        by.may(&rig.kit.store, ROLES, right).await
    };
    assert_eq!(may(None, Right::Administer).await.ok().as_deref(), Some("shell"));
    assert_eq!(
        may(Some("siti.rahmah"), Right::Read).await.ok().as_deref(),
        Some("Siti Rahmah")
    );
    assert!(may(Some("siti.rahmah"), Right::Administer).await.is_err());
    assert!(may(Some("ali"), Right::Read).await.is_err());
    let closing = rig
        .kit
        .store
        .write(|tx| accounts::set_disabled(tx, "siti.rahmah", true));
    closing.await.unwrap();
    assert!(may(Some("siti.rahmah"), Right::Read).await.is_err());
}
