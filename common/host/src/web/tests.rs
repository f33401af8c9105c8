//! What the web kit promises, by `oneshot` and once over a real connection.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Form, Router};
use http_body_util::BodyExt as _;
use titian_domain::lang::Lang;
use titian_domain::time::{UnixMillis, Zone};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;
use tower::ServiceExt as _;

use super::serve::{Patience, serve_with};
use super::*;
use crate::audit::AUDIT_MIGRATION;
use crate::people::{
    GIVEN_MIGRATION, PEOPLE_MIGRATION, ROLES_MIGRATION, Right, Roles, SECOND_FACTOR_MIGRATION, THROTTLE_MIGRATION,
};

const NAV: &[NavLink] = &[NavLink {
    href: "/",
    key: "sign-in",
    right: Right::Read,
}];

const NOBODY: Roles = Roles { all: &[], first: &[] };

#[derive(askama::Template)]
#[template(source = "<p>{{ words }}</p>", ext = "html")]
struct Plain {
    words: &'static str,
}

/// A form that is open to whoever reaches the program.
#[derive(askama::Template)]
#[template(source = "<form method=\"post\" action=\"/save\"></form>", ext = "html")]
struct Sheet;

struct Rig {
    _folder: tempfile::TempDir,
    router: Router,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let texts = [
            (Lang::Id, "notice-saved = Laporan { $number } tersimpan.\n"),
            (Lang::En, "notice-saved = Complaint { $number } saved.\n"),
        ];
        let kit = Kit {
            lock: None,
            store: Store::open(
                folder.path().join("a.db"),
                &[
                    PEOPLE_MIGRATION,
                    THROTTLE_MIGRATION,
                    ROLES_MIGRATION,
                    AUDIT_MIGRATION,
                    GIVEN_MIGRATION,
                    SECOND_FACTOR_MIGRATION,
                ],
            )
            .unwrap(),
            clock: Clock::manual(UnixMillis(1_774_000_000_000)),
            texts: Texts::new(&texts).unwrap(),
            layout: Layout::new("Titian", NAV),
            second_factor: None,
            roles: NOBODY,
            zone: Zone::Wita,
        };
        kit.layout.set_place("Kecamatan Bati-Bati");
        let pages = Routes::default()
            .get("/", Who::Anybody, |reader: Reader| async move {
                reader.page("sign-in", &Plain { words: "<b>isi</b>" })
            })
            .get("/sheet", Who::Anybody, |reader: Reader| async move {
                reader.page("sign-in", &Sheet)
            })
            .post("/save", Who::Anybody, || async {
                redirect_saying("/", "notice-saved", &[("number", "63.01.03/A/2026/0042")])
            })
            .post("/sheet/save", Who::Anybody, || async {})
            .post("/sheet/part/{number}/save", Who::Anybody, || async {})
            .post("/form", Who::Anybody, |Form(_): Form<Vec<(String, u8)>>| async {
                "fine"
            })
            .get("/broken", Who::Anybody, async |State(_): State<Kit>| {
                PageError::from(anyhow::anyhow!("the secret cause"))
            })
            .get("/panics", Who::Anybody, panics);
        Self {
            _folder: folder,
            router: finish(pages, kit, AllowedHosts::loopback()),
        }
    }

    async fn ask(&self, request: Request<Body>) -> (StatusCode, header::HeaderMap, String) {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn send(
        &self,
        form: axum::http::request::Builder,
        typed: &'static str,
    ) -> (StatusCode, header::HeaderMap, String) {
        let form = form
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = form.body(Body::from(typed)).unwrap();
        self.ask(browser::filled_in(&self.router, "/sheet", form).await).await
    }

    async fn get(&self, path: &str) -> (StatusCode, header::HeaderMap, String) {
        self.ask(request("GET", path).body(Body::empty()).unwrap()).await
    }
}

async fn panics() -> &'static str {
    panic!("on purpose");
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:8420")
}

#[tokio::test]
async fn a_page_has_its_frame_escaped_words_and_strict_headers() {
    let (status, headers, html) = Rig::new().get("/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        html.contains("<html lang=\"id\">") && html.contains("Kecamatan Bati-Bati"),
        "{html}"
    );
    assert!(html.contains("<p>&#60;b&#62;isi&#60;/b&#62;</p>"), "{html}");
    assert!(
        !html.contains('⟦') && !html.contains("style=") && !html.contains(" onclick"),
        "{html}"
    );
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"),
        "{policy}"
    );
}

#[tokio::test]
async fn a_wrong_host_is_refused_before_anything_is_routed() {
    let rig = Rig::new();
    for (method, path) in [("GET", "/"), ("GET", "/assets/x/titian.css"), ("POST", "/save")] {
        let asked = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "evil.example");
        let (status, ..) = rig.ask(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn a_write_from_another_site_is_refused_in_words() {
    let asked = request("POST", "/save").header(header::ORIGIN, "http://evil.example");
    let (status, _, html) = Rig::new().ask(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(html.contains("situs lain"), "{html}");
}

#[tokio::test]
async fn the_language_is_chosen_kept_and_leads_back_to_the_page() {
    let rig = Rig::new();
    let (status, headers, _) = rig.get("/lang/en?back=/complaints%3Fstage%3Dverified").await;
    assert_eq!(
        (status, headers[header::LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, "/complaints?stage=verified")
    );
    let cookie = headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("lang=en;"), "{cookie}");
    let asked = request("GET", "/")
        .header(header::COOKIE, "lang=en")
        .body(Body::empty())
        .unwrap();
    assert!(rig.ask(asked).await.2.contains("<html lang=\"en\">"));
    let (_, headers, _) = rig.get("/lang/en?back=//evil.example").await;
    assert_eq!(headers[header::LOCATION], "/");
}

#[tokio::test]
async fn a_notice_is_said_once_after_the_redirect() {
    let rig = Rig::new();
    let (status, headers, _) = rig.send(request("POST", "/save"), "").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let cookie = headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    let asked = request("GET", "/")
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    let (_, headers, html) = rig.ask(asked).await;
    assert!(html.contains("Laporan 63.01.03/A/2026/0042 tersimpan."), "{html}");
    assert!(headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn what_broke_inside_is_never_shown() {
    let rig = Rig::new();
    for path in ["/broken", "/panics"] {
        let (status, _, html) = rig.get(path).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            html.contains("sampaikan kode ini") && !html.contains("secret") && !html.contains('⟦'),
            "{html}"
        );
    }
}

#[tokio::test]
async fn errors_of_routing_and_of_forms_are_pages_with_a_next_step() {
    let rig = Rig::new();
    let (status, _, html) = rig.get("/nowhere").await;
    assert!(status == StatusCode::NOT_FOUND && html.contains("tidak ada"), "{html}");
    let (status, _, html) = rig.send(request("POST", "/sheet"), "").await;
    assert!(
        status == StatusCode::METHOD_NOT_ALLOWED && html.contains("Kembali"),
        "{html}"
    );
    let (status, _, html) = rig.send(request("POST", "/form"), "a=many").await;
    assert!(
        status.is_client_error() && html.contains("Isian tidak dapat dibaca"),
        "{status} {html}"
    );
}

#[tokio::test]
async fn where_only_forms_go_a_browser_that_asks_for_a_page_is_led_to_the_one_above() {
    let rig = Rig::new();
    for (path, page) in [
        ("/save", "/"),
        ("/sheet/save", "/sheet"),
        ("/sheet/part/7/save", "/sheet"),
        ("/sheet/part/7%2f8/save", "/sheet"),
    ] {
        let (status, headers, _) = rig.get(path).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(headers[header::LOCATION], page, "{path}");
    }
    // The way there and back of a change of the language.
    let (_, headers, _) = rig.get("/lang/en?back=%2Fsheet%2Fsave").await;
    assert_eq!(headers[header::LOCATION], "/sheet/save");
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_hash_of_their_content() {
    let rig = Rig::new();
    let (_, _, html) = rig.get("/").await;
    let url = html
        .split('"')
        .find(|part| part.ends_with("titian.css"))
        .unwrap()
        .to_owned();
    let (status, headers, css) = rig.get(&url).await;
    assert_eq!(
        (status, headers[header::CONTENT_TYPE].to_str().unwrap()),
        (StatusCode::OK, "text/css; charset=utf-8")
    );
    assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable") && css.contains(".masthead"));
    let (_, headers, _) = rig.get("/assets/old/titian.css").await;
    assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(rig.get("/assets/old/nothing.css").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_template_renders_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    let kit = Kit {
        lock: None,
        store: Store::open(
            folder.path().join("a.db"),
            &[
                PEOPLE_MIGRATION,
                THROTTLE_MIGRATION,
                ROLES_MIGRATION,
                AUDIT_MIGRATION,
                GIVEN_MIGRATION,
                SECOND_FACTOR_MIGRATION,
            ],
        )
        .unwrap(),
        clock: Clock::system(),
        texts: Texts::new(&[]).unwrap(),
        layout: Layout::new("Titian", NAV),
        second_factor: None,
        roles: NOBODY,
        zone: Zone::Wita,
    };
    for lang in Lang::ALL {
        let reader = Reader::sample(&kit, lang, None);
        let page = reader
            .page("error-title", &Plain { words: "isi" })
            .unwrap()
            .into_response();
        let bytes = page.into_body().collect().await.unwrap().to_bytes();
        assert!(!String::from_utf8_lossy(&bytes).contains('⟦'));
    }
}

#[tokio::test]
async fn the_server_sends_a_length_no_date_and_stops_when_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route(
        "/",
        get(
            |axum::extract::ConnectInfo(peer): axum::extract::ConnectInfo<std::net::SocketAddr>| async move {
                peer.ip().to_string()
            },
        ),
    );
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, crate::web::Plain, router, async {
        drop(stopped.await);
    }));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let answer = answer.to_lowercase();
    assert!(
        answer.contains("content-length: 9\r\n") && answer.ends_with("127.0.0.1"),
        "{answer}"
    );
    assert!(!answer.contains("\r\ndate:"), "{answer}");
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_connection_has_to_ask_soon_and_may_then_idle_for_longer() {
    let patience = Patience {
        first_head: Duration::from_millis(50),
        idle: Duration::from_secs(3),
        body: Duration::from_secs(3),
        answer: Duration::from_secs(3),
    };
    let address = serving(patience, Router::new().route("/", get(|| async { "here" }))).await;
    let lived = async |asks: bool| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let begun = Instant::now();
        if asks {
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await
                .unwrap();
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.ends_with("here"), asks, "{answer}");
        begun.elapsed()
    };
    assert!(lived(false).await < patience.idle);
    assert!(lived(true).await >= patience.idle);
}

async fn serving(patience: Patience, router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_with(
        patience,
        listener,
        crate::web::Plain,
        router,
        std::future::pending(),
    ));
    address
}

#[tokio::test]
async fn a_body_has_to_go_on_coming() {
    let patience = Patience {
        first_head: Duration::from_secs(30),
        idle: Duration::from_secs(30),
        body: Duration::from_secs(1),
        answer: Duration::from_secs(30),
    };
    let router = Router::new().route("/", post(async |body: Bytes| body.len().to_string()));
    let address = serving(patience, router).await;
    // For three times as long as one waits for the next kilobyte: each tenth of a second so many bytes.
    let sent = async |bytes: usize| {
        const PIECES: usize = 30;
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let (mut answers, mut asks) = stream.into_split();
        let sending = async {
            let length = bytes * PIECES;
            let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
            asks.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..PIECES {
                // Who was given up finds the line closed.
                let _ = asks.write_all(&vec![b'x'; bytes]).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let answering = async {
            let mut answer = vec![0; 200];
            let count = answers.read(&mut answer).await.unwrap();
            String::from_utf8(answer[..count].to_vec()).unwrap()
        };
        tokio::join!(sending, answering).1
    };
    assert!(sent(1).await.starts_with("HTTP/1.1 400 "), "a byte now and then");
    assert!(sent(1024).await.ends_with("30720"), "slow, and it goes on");
}

#[tokio::test]
async fn an_answer_has_to_go_on_being_taken() {
    // Far more than the kernel holds for the two ends of a connection.
    const ANSWER_BYTES: usize = 32 << 20;
    const PIECES: usize = 32;
    let patience = Patience {
        first_head: Duration::from_secs(30),
        idle: Duration::from_secs(30),
        body: Duration::from_secs(30),
        answer: Duration::from_secs(1),
    };
    let router = Router::new().route("/", get(async || vec![b'x'; ANSWER_BYTES]));
    let address = serving(patience, router).await;
    // For three times as long as an answer may wait: nothing, or a piece of it each tenth of a second.
    let taken = async |piece: usize| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = vec![0; piece];
        for _ in 0..PIECES {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stream.read_exact(&mut answer).await.unwrap();
        }
        let mut rest = Vec::new();
        // Who is given up may find the line reset.
        let _ = stream.read_to_end(&mut rest).await;
        piece * PIECES + rest.len()
    };
    let bytes = taken(0).await;
    assert!(bytes < ANSWER_BYTES, "{bytes} taken once nobody waited for it");
    let bytes = taken(ANSWER_BYTES / PIECES / 2).await;
    assert!(bytes > ANSWER_BYTES, "slow, and it goes on: {bytes}");
}
