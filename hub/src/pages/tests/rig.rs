//! A hub with a temporary database, people who are signed in, and complaints at every stage.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use titian_domain::casefile::CaseFile;
use titian_domain::document::{Change, Stamp};
use titian_domain::id::{ComplaintId, Incarnation, OfficeCode};
use titian_domain::lang::Lang;
use titian_domain::particulars::Particulars;
use titian_domain::refusal::Refusal;
use titian_domain::reporter::{Reporter, ReporterRecord};
use titian_domain::retention::Periods;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification, OfficeOutcome, Stage};
use titian_host::attachments::AttachmentFiles;
use titian_host::casebook::edit::{self, EditError};
use titian_host::clock::Clock;
use titian_host::facts::Facts;
use titian_host::people::{self, Password, SecondFactor, Signing};
use titian_host::texts::Texts;
use titian_host::web::browser::filled_in;
use titian_host::web::{AllowedHosts, Kit, Layout};
use titian_sync::item::ItemKind;
use tower::ServiceExt as _;

use crate::airlock::Airlock;
use crate::codes::Codes;
use crate::desk::{Desk, Step};
use crate::pages::uploads::Uploads;
use crate::pages::{self, NAV, Pages, Sheet, TEXTS};
use crate::roles::ROLES;
use crate::settings::HubSettings;
use crate::store::HubStore;

/// Wednesday, 11 March 2026, 9.00 WITA.
pub const START: UnixMillis = UnixMillis(1_773_190_800_000);
/// For how long identities are kept here.
const PERIODS: Periods = Periods {
    complaint: Some(5),
    aspiration: Some(2),
    information_request: None,
};
pub const DAY_MILLIS: i64 = 24 * 3600 * 1000;
pub const LIAISON: &str = "rahmi";
pub const OTHER_LIAISON: &str = "yusuf";
pub const COORDINATOR: &str = "taufik";

const PASSWORD: &str = "jembatan bambu";

/// A hub in a temporary folder.
pub struct Rig {
    data: tempfile::TempDir,
    pub desk: Desk,
    pub kit: Kit,
    pub uploads: Uploads,
    router: Router,
    cookies: Vec<(&'static str, String)>,
}

/// What the router answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub html: String,
}

impl Answer {
    /// Where the browser is sent.
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.html);
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// Tells whether the page shows a text, as escaped HTML or not at all.
    pub fn shows(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    #[track_caller]
    pub fn expect(&self, status: StatusCode, texts: &[&str]) {
        assert_eq!(self.status, status, "{}", self.html);
        for text in texts {
            assert!(self.shows(text), "{text:?} is not shown:\n{}", self.html);
        }
    }
}

impl Rig {
    pub async fn new() -> Self {
        Self::asking_a_second_factor_of(&[]).await
    }

    /// A hub that asks a second factor of these roles.
    pub async fn asking_a_second_factor_of(roles: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let facts = Facts::load(folder.path()).unwrap();
        let clock = Clock::manual(START);
        let store = HubStore::open(folder.path()).unwrap();
        let incarnation = Incarnation(clock.random());
        let desk = Desk {
            store,
            files: AttachmentFiles::open(folder.path()).unwrap(),
            clock: clock.clone(),
            rules: facts.rules.clone(),
            incarnation,
        };
        for (code, name) in [
            ("63.01.03", "Kantor Kecamatan Pelaihari"),
            ("63.01.01", "Kantor Kecamatan Takisung"),
        ] {
            let code: OfficeCode = code.parse().unwrap();
            desk.store
                .add_office(code, name.into(), START, clock.random())
                .await
                .unwrap();
        }
        let kit = Kit {
            lock: None,
            store: desk.store.door().clone(),
            clock: clock.clone(),
            texts: Texts::new(TEXTS).unwrap(),
            layout: Layout::new("Titian Hub", NAV),
            second_factor: Some(SecondFactor::required_of(roles)),
            roles: ROLES,
            zone: desk.rules.procedure.zone,
        };
        let settings = HubSettings {
            public_url: "https://hub.tanahlaut.example".into(),
            ..HubSettings::default()
        };
        let codes = Codes::new(&settings);
        let pages = Pages::new(
            kit.clone(),
            (desk.clone(), Airlock::in_this_process(), codes),
            facts.regions.clone(),
            Arc::new(Sheet::bundled()),
            PERIODS,
        );
        let uploads = pages.uploads.clone();
        let router = pages::router(pages, AllowedHosts::loopback());
        let mut rig = Self {
            data: folder,
            desk,
            kit,
            uploads,
            router,
            cookies: Vec::new(),
        };
        rig.sign_in(LIAISON, "Rahmi Hayati", &["liaison"]).await;
        rig.sign_in(OTHER_LIAISON, "Yusuf Amin", &["liaison"]).await;
        rig.sign_in(COORDINATOR, "Taufik Rahman", &["coordinator"]).await;
        rig
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.data.path()
    }

    /// Signs everybody in anew: after some days their sessions are over.
    pub async fn signed_in_again(mut self) -> Self {
        for (name, cookie) in &mut self.cookies {
            *cookie = session(&self.kit, name).await;
        }
        self
    }

    /// Makes an account and signs it in.
    pub async fn sign_in(&mut self, name: &'static str, full_name: &str, roles: &[&str]) {
        let password = Password::new(PASSWORD.to_owned()).ok().unwrap();
        people::add(
            &self.kit.store,
            &self.kit.clock,
            ROLES,
            (name, full_name, roles),
            password,
        )
        .await
        .unwrap();
        self.cookies.push((name, session(&self.kit, name).await));
    }

    /// Puts a complaint on record at the office, and takes it to a stage.
    pub async fn complaint(&self, serial: u32, reach: Stage, change: impl FnOnce(&mut Particulars)) -> ComplaintId {
        self.complaint_of("63.01.03", serial, reach, change).await
    }

    pub async fn complaint_of(
        &self,
        office: &str,
        serial: u32,
        reach: Stage,
        change: impl FnOnce(&mut Particulars),
    ) -> ComplaintId {
        self.kit.clock.advance_millis(60_000);
        let id = ComplaintId::new(self.desk.now(), self.kit.clock.random());
        let register: titian_domain::id::RegisterNumber = format!("{office}/A/2026/{serial:04}").parse().unwrap();
        let mut particulars = sample(self.desk.now());
        change(&mut particulars);
        let (rules, by) = (self.desk.rules.clone(), self.stamp());
        let recording = self.desk.store.door().write(move |tx| {
            let mut particulars = particulars.clone();
            if particulars.why_nameless.is_empty() {
                let record = reporter().salted(id.bytes());
                particulars.reporter = Some(edit::keep_reporter(tx, (&register.office, id), &record)?);
            }
            edit::record(tx, &rules, (id, &register), &particulars, None, &by)
        });
        recording.await.unwrap();
        let passed = |stage: Stage| stage <= reach;
        if passed(Stage::Verified) {
            self.office(id, |case, reporter, by| Ok(Some(case.verify(reporter, by)?)))
                .await;
        }
        if passed(Stage::Forwarded) {
            self.office(id, |case, reporter, by| Ok(Some(case.forward(reporter, by)?)))
                .await;
            self.edit(id, ItemKind::Handling, |case, _, by| Ok(case.receive(by)))
                .await;
        }
        if reach == Stage::Returned {
            let missing = vec![titian_domain::completeness::Missing::Where];
            self.step(
                id,
                Step::GiveBack {
                    missing,
                    reason: "Sebutkan nomor RT.".into(),
                },
            )
            .await;
            return id;
        }
        let tracking_id = format!("50496{serial:02}").parse().unwrap();
        let steps = [
            (Stage::Accepted, Step::Accept),
            (Stage::Entered, Step::Enter { tracking_id }),
            (
                Stage::Disposed,
                Step::Dispose {
                    institution: "Dinas Kesehatan".into(),
                },
            ),
            (
                Stage::Closed,
                Step::Close {
                    reason: "Selesai di LAPOR.".into(),
                },
            ),
        ];
        for (_, step) in steps.into_iter().filter(|(stage, _)| passed(*stage)) {
            self.step(id, step).await;
        }
        id
    }

    /// Takes a step at the office.
    pub async fn office(
        &self,
        id: ComplaintId,
        work: impl Fn(&mut CaseFile, Reporter<'_>, &Stamp) -> Result<Option<Change>, Refusal> + Send + 'static,
    ) {
        self.edit(id, ItemKind::Intake, work).await;
    }

    /// Has the office close a complaint by a clock that is known to be right, or not.
    pub async fn close_at_office(&self, id: ComplaintId, by_a_sure_clock: bool) {
        let (rules, mut by) = (self.desk.rules.clone(), self.stamp());
        by.trusted = by_a_sure_clock;
        let closing = self.desk.store.door().write(move |tx| {
            edit::edit(tx, &rules, (id, ItemKind::Intake), (&by, "close"), |case, _| {
                let closed = case.close_at_office(OfficeOutcome::Withdrawn, "Dicabut.", &by);
                closed.map(Some).map_err(EditError::Refused)
            })
        });
        assert!(closing.await.unwrap());
    }

    async fn edit(
        &self,
        id: ComplaintId,
        kind: ItemKind,
        work: impl Fn(&mut CaseFile, Reporter<'_>, &Stamp) -> Result<Option<Change>, Refusal> + Send + 'static,
    ) {
        let (rules, by) = (self.desk.rules.clone(), self.stamp());
        let editing = self.desk.store.door().write(move |tx| {
            edit::edit(tx, &rules, (id, kind), (&by, "step"), |case, reporter| {
                work(case, reporter, &by).map_err(EditError::Refused)
            })
        });
        assert!(editing.await.unwrap());
    }

    async fn step(&self, id: ComplaintId, step: Step) {
        self.kit.clock.advance_millis(1_000);
        assert!(self.desk.step("Rahmi Hayati", id, step).await.unwrap());
    }

    fn stamp(&self) -> Stamp {
        self.kit.clock.advance_millis(1_000);
        self.desk.stamp("Siti Aminah")
    }

    pub async fn stage(&self, id: ComplaintId) -> Stage {
        self.desk.show(id).await.unwrap().complaint.standing.stage
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_as(LIAISON, Lang::Id, path).await
    }

    pub async fn get_as(&self, who: &str, lang: Lang, path: &str) -> Answer {
        self.send(self.request(who, lang, Method::GET, path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_as(LIAISON, path, fields).await
    }

    pub async fn post_as(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| {
            text.bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect::<Vec<_>>()
                .concat()
        };
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let request = self
            .request(who, Lang::Id, Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(pairs.join("&"))).unwrap()).await
    }

    /// Uploads a file; `cut` leaves out the end of the request.
    pub async fn upload(&self, name: &str, bytes: &[u8], cut: usize) -> Answer {
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        let mut body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
        body.truncate(body.len() - cut);
        let request = self
            .request(LIAISON, Lang::Id, Method::POST, "/impor-lapor")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Asks as a page of ours does.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        if request.method() == Method::POST {
            let cookies = request.headers()[header::COOKIE].as_bytes();
            let opened = if cookies.starts_with(b"titian_session=;") {
                "/login"
            } else {
                "/akun"
            };
            request = filled_in(&self.router, opened, request).await;
        }
        self.send_as_is(request).await
    }

    /// Sends what no form of ours sends.
    pub async fn send_as_is(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer {
            status,
            headers,
            html: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub fn request(&self, who: &str, lang: Lang, method: Method, path: &str) -> axum::http::request::Builder {
        let token = self
            .cookies
            .iter()
            .find(|(name, _)| *name == who)
            .map_or("", |(_, token)| token);
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, format!("titian_session={token}; lang={}", lang.tag()))
    }
}

async fn session(kit: &Kit, name: &str) -> String {
    match people::login(&kit.store, &kit.clock, name, Password::typed(PASSWORD), None).await {
        Ok(Signing::In(token)) => token.to_cookie(),
        _ => panic!("{name} cannot sign in"),
    }
}

pub fn path(id: ComplaintId) -> String {
    format!("/laporan/{id}")
}

pub fn reporter() -> ReporterRecord {
    ReporterRecord {
        name: "Rahma Yulianti".into(),
        nik: "6301035503889902".into(),
        phone: "+6281200000101".into(),
        ..ReporterRecord::default()
    }
}

fn sample(received_at: UnixMillis) -> Particulars {
    Particulars {
        classification: Some(Classification::Complaint),
        category: "Pekerjaan Umum dan Penataan Ruang".into(),
        title: "Jembatan kayu lapuk".into(),
        narrative: "Papan jembatan di RT 4 lapuk.\nDua anak sudah terperosok.".into(),
        event_date: "2026-03-09".into(),
        region: "63.01.03.1004".into(),
        place: "RT 4, dekat surau".into(),
        institution: "Dinas Pekerjaan Umum".into(),
        ..Particulars::new(Channel::Visit, received_at)
    }
}
