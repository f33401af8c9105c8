//! The page of a program whose data folder is locked: nothing else is served until somebody opens it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use titian_domain::lang::Lang;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::assets;
use super::bare::{Bare, answer};
use super::form_token::{Browser, FormToken};
use super::guard::{AllowedHosts, may_write};
use super::middleware::{choose_language, protect};
use super::notice::redirect;
use super::reader::lang_of;
use crate::at_rest::{DataKey, KeyFile, RecoveryCode, Stage};
use crate::clock::Clock;
use crate::people::{Password, SessionToken, session_cookie};
use crate::texts::Texts;

/// Where the page sends what was typed.
const UNLOCK: &str = "/buka";
/// Wrong tries that cost nothing: people mistype.
const TRIES_FREE: u32 = 3;
/// The pause after the next one; it doubles with each, up to the longest. Whoever has the disk can try without this page, so
/// that it only keeps an open office from being a place to guess.
const PAUSE_MILLIS: i64 = 1_000;
const PAUSE_MILLIS_MAX: i64 = 60_000;

/// Somebody opened the data folder.
pub struct Unlocking {
    /// The key file that was opened, as it is now.
    pub file: KeyFile,
    /// The key.
    pub key: DataKey,
    /// Whose password did it: they are signed in with it too.
    pub signing: Option<(String, Password)>,
    /// Takes the session, and is the sign that the pages are there; dropped where they could not be made.
    pub ready: oneshot::Sender<Option<SessionToken>>,
}

/// What the page works with.
#[derive(Clone)]
struct Locked {
    brand: &'static str,
    texts: Texts,
    hosts: Arc<AllowedHosts>,
    file: Arc<KeyFile>,
    by_accounts: bool,
    clock: Clock,
    tries: Arc<Mutex<Tries>>,
    opened: mpsc::Sender<Unlocking>,
}

/// The wrong tries since the program started, and until when the next has to wait.
#[derive(Default)]
struct Tries {
    wrong: u32,
    not_before: i64,
}

#[derive(Template)]
#[template(path = "locked.html")]
struct LockedPage<'a> {
    bare: Bare<'a>,
    title: &'static str,
    intro: &'static str,
    by_accounts: bool,
    name: &'a str,
    problem: Option<String>,
}

/// What a page needs to know of who asks: what they sent, and what their forms carry.
type Asking<'a> = (&'a HeaderMap, &'a FormToken);

#[derive(Deserialize)]
struct UnlockForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// Makes the pages of a locked program; with `by_accounts` a password opens it, and the code always does. What opened it goes
/// to `opened`.
pub fn locked(
    (brand, texts, clock): (&'static str, Texts, Clock),
    hosts: AllowedHosts,
    (file, by_accounts): (KeyFile, bool),
    opened: mpsc::Sender<Unlocking>,
) -> Router {
    let state = Locked {
        brand,
        texts,
        hosts: Arc::new(hosts),
        file: Arc::new(file),
        by_accounts,
        clock,
        tries: Arc::default(),
        opened,
    };
    Router::new()
        .route(UNLOCK, post(unlock))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .route("/lang/{lang}", get(choose_language))
        .fallback(show)
        .with_state(state.clone())
        .layer(from_fn_with_state(state, pass))
}

impl Locked {
    fn say(&self, lang: Lang, key: &str) -> String {
        self.texts.say(lang, key)
    }

    /// Gives the key file as it is now: a command may renew the code while this page waits.
    fn file(&self) -> KeyFile {
        let mut file = KeyFile::clone(&self.file);
        file.read_again();
        file
    }

    fn page(&self, (headers, token): Asking<'_>, status: StatusCode, name: &str, problem: Option<String>) -> Response {
        let (title, intro) = match self.file().stage() {
            Stage::Enciphered => ("locked-title", "locked-intro"),
            Stage::Enciphering => ("locked-begun-title", "locked-begun-intro"),
        };
        let page = LockedPage {
            bare: Bare::new(self.brand, &self.texts, headers),
            title,
            intro,
            by_accounts: self.by_accounts,
            name,
            problem,
        };
        answer(status, &page, |html| token.fill(html))
    }

    /// Finds the key by what was typed.
    async fn key(&self, file: &KeyFile, form: &UnlockForm) -> Option<DataKey> {
        if !form.code.is_empty() {
            return file.open_by_code(&RecoveryCode::parse(&form.code)?);
        }
        if !self.by_accounts {
            return None;
        }
        let password = Password::typed(&form.password);
        let opened = file.open_by_password(&form.name, password).await;
        opened.unwrap_or_else(|error| {
            tracing::error!(%error, "a password could not be tried");
            None
        })
    }
}

async fn show(State(locked): State<Locked>, Extension(token): Extension<FormToken>, headers: HeaderMap) -> Response {
    // Not the status of success: a program that asks for something else must not take this page for the answer.
    locked.page((&headers, &token), StatusCode::SERVICE_UNAVAILABLE, "", None)
}

async fn unlock(
    State(locked): State<Locked>,
    Extension(token): Extension<FormToken>,
    headers: HeaderMap,
    Form(form): Form<UnlockForm>,
) -> Response {
    let lang = lang_of(&headers);
    let refuse = |problem| {
        locked.page(
            (&headers, &token),
            StatusCode::UNPROCESSABLE_ENTITY,
            &form.name,
            Some(problem),
        )
    };
    // One after the other: many at once shall not keep an old PC busy.
    let mut tries = locked.tries.lock().await;
    let wait = tries.not_before - locked.clock.steady().0;
    if wait > 0 {
        let seconds = ((wait + 999) / 1000).to_string();
        return refuse(
            locked
                .texts
                .say_with(lang, "sign-in-wait", &[("seconds", seconds.into())]),
        );
    }
    let file = locked.file();
    let Some(key) = locked.key(&file, &form).await else {
        tries.wrong += 1;
        if let Some(over) = tries.wrong.checked_sub(TRIES_FREE) {
            let pause = PAUSE_MILLIS.saturating_mul(1_i64.checked_shl(over).unwrap_or(i64::MAX));
            tries.not_before = locked.clock.steady().0 + pause.min(PAUSE_MILLIS_MAX);
        }
        tracing::warn!("a try to open the data folder failed");
        let wrong = if form.code.is_empty() {
            "locked-wrong"
        } else {
            "locked-code-wrong"
        };
        return refuse(locked.say(lang, wrong));
    };
    let (ready, opened) = oneshot::channel();
    let signing = form
        .code
        .is_empty()
        .then(|| (form.name.clone(), Password::typed(&form.password)));
    let unlocking = Unlocking {
        file,
        key,
        signing,
        ready,
    };
    if locked.opened.send(unlocking).await.is_err() {
        // Somebody opened them while this one waited for its turn.
        return redirect("/");
    }
    let Ok(session) = opened.await else {
        return refuse(locked.say(lang, "locked-failed"));
    };
    let mut response = redirect("/");
    if let Some(session) = session {
        response
            .headers_mut()
            .append(header::SET_COOKIE, session_cookie(&headers, &session));
    }
    response
}

async fn pass(State(locked): State<Locked>, mut request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let browser = Browser::of(&headers, &locked.clock);
    let token = browser.token(None);
    request.extensions_mut().insert(token.clone());
    let refuse = |key| {
        let problem = locked.say(lang_of(&headers), key);
        locked.page((&headers, &token), StatusCode::FORBIDDEN, "", Some(problem))
    };
    let mut response = if !locked.hosts.admit(&headers) {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    } else if !may_write(request.method(), &headers) {
        refuse("error-other-site")
    } else if request.method() == Method::POST {
        let (parts, body) = request.into_parts();
        match token.claim(parts, body).await {
            Some(request) => next.run(request).await,
            None => refuse("form-foreign"),
        }
    } else {
        next.run(request).await
    };
    browser.keep(&headers, response.headers_mut());
    protect(&mut response);
    // The pages that follow are served anew: a browser shall not send its next request on a connection that ends with this one.
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
