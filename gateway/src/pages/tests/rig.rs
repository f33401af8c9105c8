//! A gateway's pages over a database in a temporary folder, and a browser of few words.

use std::fmt::Write as _;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::response::Parts;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use titian_domain::completeness::Missing;
use titian_domain::id::Incarnation;
use titian_domain::time::UnixMillis;
use titian_host::attachments::AttachmentFiles;
use titian_host::casebook::edit::{self, EditError};
use titian_host::clock::Clock;
use titian_host::facts::Facts;
use titian_host::people::{self, Password, Signing};
use titian_host::texts::Texts;
use titian_host::web::browser::filled_in;
use titian_host::web::{AllowedHosts, Kit, Layout};
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::code::{EnrolCode, Secret};
use titian_sync::item::ItemKind;
use tokio::sync::mpsc;
use tower::ServiceExt as _;

use crate::capture::{Capture, Shrinking};
use crate::desk::Desk;
use crate::pages::{Ask, Encryption, NAV, Pages, TEXTS};
use crate::roles::ROLES;
use crate::store;
use crate::uplink::Uplink;

/// Friday 27 March 2026, 14.10 WITA.
pub const NOW: UnixMillis = UnixMillis(1_774_591_800_000);

pub struct Rig {
    _folder: tempfile::TempDir,
    pub desk: Desk,
    pub clock: Clock,
    /// What the pages ask of the program around them.
    pub asked: mpsc::Receiver<Ask>,
    router: Router,
    pub cookie: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub text: String,
}

impl Rig {
    /// A gateway that knows its office and has no network; Siti is signed in.
    pub async fn enrolled() -> Self {
        let rig = Self::new().await;
        let answer = rig.post("/sinkronisasi/daftar", &[("code", &code())]).await;
        assert_eq!(
            (answer.status, answer.location.as_str()),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            answer.text
        );
        rig
    }

    /// A gateway that does not know its office; Siti is signed in.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let facts = Facts::load(folder.path()).unwrap();
        let clock = Clock::manual(NOW);
        let store = store::open(folder.path(), None).unwrap();
        let files = AttachmentFiles::open(folder.path()).unwrap();
        let capture = Capture::new(files.clone(), Shrinking::default());
        let desk = Desk {
            store: store.clone(),
            files,
            clock: clock.clone(),
            rules: facts.rules.clone(),
            incarnation: Incarnation(clock.random()),
            verified_by_another: false,
        };
        let texts = Texts::new(&TEXTS).unwrap();
        let kit = Kit {
            lock: None,
            store,
            clock: clock.clone(),
            texts,
            layout: Layout::new("Titian", NAV),
            second_factor: None,
            roles: ROLES,
            zone: desk.rules.procedure.zone,
        };
        let password = || Password::new("jembatan bambu".to_owned()).ok().unwrap();
        people::add(
            &kit.store,
            &clock,
            kit.roles,
            ("siti", "Siti Rahmah", ROLES.first),
            password(),
        )
        .await
        .unwrap();
        let signing = people::login(&kit.store, &clock, "siti", password(), None)
            .await
            .unwrap();
        let Signing::In(token) = signing else {
            panic!("signing in failed")
        };
        let uplink = Uplink::new(desk.clone()).unwrap();
        let (asks, asked) = mpsc::channel(1);
        let encryption = Encryption::new(true, None, asks);
        let pages = Pages::new(kit, desk.clone(), uplink, facts, capture, encryption);
        let router = pages.router(AllowedHosts::loopback());
        Self {
            _folder: folder,
            desk,
            clock,
            asked,
            router,
            cookie: format!("titian_session={}", token.to_cookie()),
        }
    }

    /// Signs in somebody with these roles instead.
    pub async fn sign_in_as(&mut self, name: &str, roles: &[&str]) {
        let password = || Password::new("jembatan bambu".to_owned()).ok().unwrap();
        let (store, clock) = (&self.desk.store, &self.clock);
        let who = (name, "Aminah", roles);
        people::add(store, clock, ROLES, who, password()).await.unwrap();
        self.sign_in_again(name).await;
    }

    /// Signs in with an account that is there, in another browser.
    pub async fn sign_in_again(&mut self, name: &str) {
        let password = Password::new("jembatan bambu".to_owned()).ok().unwrap();
        let signing = people::login(&self.desk.store, &self.clock, name, password, None).await;
        let Ok(Signing::In(token)) = signing else {
            panic!("signing in failed")
        };
        self.cookie = format!("titian_session={}", token.to_cookie());
    }

    /// The same pages in English.
    pub fn in_english(&mut self) {
        self.cookie.push_str("; lang=en");
    }

    pub fn sign_out(&mut self) {
        self.cookie.clear();
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", Vec::new()).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.ask(
            "POST",
            path,
            "application/x-www-form-urlencoded",
            encoded(form).into_bytes(),
        )
        .await
    }

    pub async fn upload(&self, path: &str, file: &str, content: &str) -> Answer {
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\r\n{content}\r\n--x--\r\n"
        );
        self.ask("POST", path, "multipart/form-data; boundary=x", body.into_bytes())
            .await
    }

    /// Puts a complaint on record through the page and gives the address of its page.
    pub async fn record(&self, form: &[(&str, &str)]) -> String {
        let answer = self.post("/laporan/baru", form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.location
    }

    /// Has the hub receive a complaint and its liaison return it, as if an exchange had brought both.
    pub async fn returned(&self, path: &str, missing: &'static [Missing], reason: &'static str) {
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        let rules = self.desk.rules.clone();
        for staff in ["hub", "Rahmi Hayati"] {
            self.clock.advance_millis(60_000);
            let (rules, by) = (rules.clone(), self.desk.stamp(staff, true));
            let editing = self.desk.store.write(move |tx| {
                edit::edit(tx, &rules, (id, ItemKind::Handling), (&by, "step"), |case, _| {
                    if staff == "hub" {
                        return Ok(case.receive(&by));
                    }
                    let returned = case.give_back(missing, reason, &by);
                    returned.map(Some).map_err(EditError::Refused)
                })
            });
            assert!(editing.await.unwrap());
        }
    }

    /// Sends a form with files in it, as a browser does.
    pub async fn send_files(&self, path: &str, form: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, content) in files {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
            body.extend_from_slice(part.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        self.ask("POST", path, "multipart/form-data; boundary=x", body).await
    }

    pub async fn ask(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let (parts, body) = self.exchange(method, path, kind, body).await;
        let text = String::from_utf8(body).unwrap();
        assert!(!text.contains('⟦'), "a text is missing: {text}");
        assert!(
            parts.status != StatusCode::INTERNAL_SERVER_ERROR,
            "{method} {path}: {text}"
        );
        let location = parts
            .headers
            .get(header::LOCATION)
            .map(|to| to.to_str().unwrap().to_owned());
        Answer {
            status: parts.status,
            location: location.unwrap_or_default(),
            text,
        }
    }

    /// Asks as a page of ours does, and gives what comes as it comes.
    pub async fn exchange(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> (Parts, Vec<u8>) {
        let mut request = self.request(method, path, kind, body);
        if method == "POST" {
            let opened = if self.cookie.is_empty() { "/login" } else { "/akun" };
            request = filled_in(&self.router, opened, request).await;
        }
        self.send(request).await
    }

    /// Sends what no form of ours sends.
    pub async fn send(&self, request: Request<Body>) -> (Parts, Vec<u8>) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts, body.collect().await.unwrap().to_bytes().to_vec())
    }

    pub fn request(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &self.cookie);
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo::<SocketAddr>("127.0.0.1:50000".parse().unwrap()));
        request
    }
}

impl Answer {
    /// Gives the value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self
            .text
            .split_once(&start)
            .unwrap_or_else(|| panic!("no field {name} in {}", self.text))
            .1;
        rest.split('"').next().unwrap().to_owned()
    }

    pub fn says(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

/// A code for Pelaihari, gateway A, of a hub that nothing listens for.
pub fn code() -> String {
    let code = EnrolCode {
        secret: Secret([7; 14]),
        hub: Fingerprint([9; 16]),
        office: "63.01.03".parse().unwrap(),
        letter: "A".parse().unwrap(),
        address: "http://127.0.0.1:1".to_owned(),
    };
    code.to_text().unwrap()
}

/// A sheet that nothing is missing from.
pub const COMPLETE: &[(&str, &str)] = &[
    ("channel", "visit"),
    ("received_at", "2026-03-27T10:15"),
    ("classification", "complaint"),
    ("title", "Jembatan kayu di RT 4 lapuk"),
    (
        "narrative",
        "Papan jembatan lapuk.\r\nDua anak sudah terperosok minggu ini.",
    ),
    ("event_date", "9/3/2026"),
    ("region", "63.01.03.2008"),
    ("place", "RT 4, dekat surau"),
    ("institution", "Dinas Pekerjaan Umum dan Penataan Ruang"),
    ("category", "Infrastruktur"),
    ("reporter_name", "Rahma Yulianti"),
    ("reporter_nik", "6301034107900001"),
    ("reporter_phone", "0812-3456-7890"),
];

/// A sheet with some fields changed.
pub fn with<'a>(form: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes).copied().collect()
}

fn encoded(form: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in form {
        let _ = write!(text, "{}{name}=", if text.is_empty() { "" } else { "&" });
        for byte in value.bytes() {
            let _ = if byte.is_ascii_alphanumeric() {
                write!(text, "{}", char::from(byte))
            } else {
                write!(text, "%{byte:02X}")
            };
        }
    }
    text
}
