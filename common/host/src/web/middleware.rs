//! What stands around every page: the guards, who is signed in, error pages, and the headers that browsers obey.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, MatchedPath, Path, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE32_NOPAD;
use futures_util::FutureExt as _;
use serde::Deserialize;

use super::cookie::set_cookie;
use super::error::{self, Broken, Forbidden, PageError, Text, Unrendered};
use super::form_token::Browser;
use super::guard::{AllowedHosts, may_write};
use super::layout::Visit;
use super::notice::{Pending, redirect};
use super::reader::{LANG_COOKIE, Reader};
use super::routes::{Routes, Who, first_segments};
use super::{Kit, assets};
use crate::audit::{self, Deed};
use crate::clock::Stopwatch;
use crate::people;
use crate::texts::Value;

/// The choice of a language is kept for a year.
const LANG_SECONDS: u32 = 31_536_000;

/// What browsers are told on every answer. `same-origin` keeps our addresses from other sites, and still lets the
/// oldest browsers say where a write comes from.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

#[derive(Clone)]
struct Around {
    kit: Kit,
    hosts: Arc<AllowedHosts>,
    pages_above: Arc<HashMap<String, usize>>,
}

impl Around {
    /// Gives the page above a path to which only forms go.
    fn page_above<'a>(&self, route: Option<&str>, path: &'a str) -> Option<&'a str> {
        let segments = *self.pages_above.get(route?)?;
        Some(first_segments(path, segments))
    }
}

/// Completes a program's router of pages: assets, language, guards, who is signed in, error pages, security headers.
///
/// Only pages go through here; the sync endpoints of a hub are merged with the result, outside.
pub fn finish<S>(pages: Routes<S>, state: S, hosts: AllowedHosts) -> Router
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    let pages = pages.get("/assets/{hash}/{name}", Who::Anybody, assets::serve).get(
        "/lang/{lang}",
        Who::Anybody,
        choose_language,
    );
    let around = Around {
        kit: Kit::from_ref(&state),
        hosts: Arc::new(hosts),
        pages_above: Arc::new(pages.pages_above()),
    };
    pages
        .into_router()
        .fallback(async || PageError::not_found())
        .with_state(state)
        .layer(from_fn_with_state(around, pass))
}

async fn pass(State(around): State<Around>, mut request: Request, next: Next) -> Response {
    let stopwatch = Stopwatch::start();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let mut visit = Visit {
        headers: request.headers().clone(),
        path: request.uri().path().to_owned(),
        path_and_query: request
            .uri()
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        ..Visit::default()
    };
    let browser = Browser::of(&visit.headers, &around.kit.clock);
    visit.form_token = browser.token(None);
    let mut response = if !around.hosts.admit(&visit.headers) {
        // The name itself is not repeated: it is a stranger's text.
        (
            StatusCode::MISDIRECTED_REQUEST,
            "This program does not answer under that host name.\n",
        )
            .into_response()
    } else if may_write(&method, &visit.headers) {
        if let Some((person, secret)) = people::who(&around.kit, &visit.headers).await {
            visit.form_token = browser.token(Some((&person.name, &secret)));
            visit.signed_in = Some(person);
        }
        request.extensions_mut().insert(visit.clone());
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let broke = |_| PageError::Internal(anyhow::anyhow!("the handler panicked")).into_response();
        let answer = answered.unwrap_or_else(broke);
        if let (Some(Forbidden(_)), Some(person)) = (answer.extensions().get(), &visit.signed_in) {
            let way = format!("{method} {}", route.as_deref().unwrap_or_default());
            note_refused(&around.kit, person, &way).await;
        }
        let is_only_for_forms = method == Method::GET && answer.status() == StatusCode::METHOD_NOT_ALLOWED;
        let above = is_only_for_forms.then(|| around.page_above(route.as_deref(), &visit.path));
        match above.flatten() {
            Some(page) => redirect(page),
            None => in_words(&around.kit, &visit, answer),
        }
    } else {
        let refusal = PageError::user(StatusCode::FORBIDDEN, "error-other-site", "error-other-site-next");
        in_words(&around.kit, &visit, refusal.into_response())
    };
    let route = route.as_deref().unwrap_or("none");
    let (status, millis) = (response.status().as_u16(), stopwatch.millis());
    tracing::debug!(http.method = %method, http.route = route, http.status = status, millis, "a page was given");
    if let Some(cookie) = response
        .extensions()
        .get::<Pending>()
        .and_then(|notice| notice.set(&visit.headers))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    browser.keep(&visit.headers, response.headers_mut());
    protect(&mut response);
    response
}

/// Adds what browsers are told on every answer.
pub(super) fn protect(response: &mut Response) {
    for (name, value) in HEADERS {
        // A download brings a stricter policy of its own.
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    let caching = response.headers_mut().entry(header::CACHE_CONTROL);
    caching.or_insert(HeaderValue::from_static("no-store"));
}

/// Notes that somebody asked for what their roles do not allow. They are refused whether that can be noted or not.
async fn note_refused(kit: &Kit, person: &people::SignedIn, way: &str) {
    let who = (person.name.as_str(), Deed::WayRefused);
    if let Err(error) = audit::note_alone(&kit.store, &kit.clock, who, None, way).await {
        tracing::error!(%error, "that somebody was refused could not be noted");
    }
}

/// Turns an error into a page in the reader's language.
fn in_words(kit: &Kit, visit: &Visit, mut response: Response) -> Response {
    let status = response.status();
    let reader = || Reader::new(kit.clone(), visit.clone());
    if let Some(Broken(error)) = response.extensions_mut().remove::<Broken>() {
        let reference = BASE32_NOPAD.encode(&kit.clock.random::<5>());
        tracing::error!(error.reference = reference, "a page could not be given: {error:#}");
        let reader = reader();
        let next = reader.say_with("error-internal-next", &[("reference", Value::from(reference))]);
        return error::page(&reader, status, &"error-internal".into(), &Text::Said(next));
    }
    if let Some(Forbidden(right)) = response.extensions_mut().remove::<Forbidden>() {
        let reader = reader();
        let roles = kit.roles.with(right).map(|role| reader.say(&format!("role-{role}")));
        let next = reader.say1("error-may-not-next", "roles", roles.collect::<Vec<_>>().join(", "));
        return error::page(&reader, status, &"error-may-not".into(), &Text::Said(next));
    }
    if let Some(Unrendered { what, next }) = response.extensions_mut().remove::<Unrendered>() {
        return error::page(&reader(), status, &what, &next);
    }
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if status.is_client_error() && kind.is_none_or(|kind| kind.starts_with(b"text/plain")) {
        let (what, next) = error::words_of(status);
        return error::page(&reader(), status, &what, &next);
    }
    response
}

#[derive(Deserialize)]
pub(super) struct Back {
    back: Option<String>,
}

pub(super) async fn choose_language(Path(lang): Path<String>, Query(back): Query<Back>) -> Result<Response, PageError> {
    let lang = match lang.as_str() {
        "id" => "id",
        "en" => "en",
        _ => return Err(PageError::not_found()),
    };
    let mut response = redirect(back.back.as_deref().unwrap_or("/"));
    let cookie = set_cookie(LANG_COOKIE, lang, "Lax", Some(LANG_SECONDS));
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
