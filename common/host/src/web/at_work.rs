//! The page of a program that is at work on its own data: it asks for patience, and looks again by itself.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::assets;
use super::bare::{Bare, answer};
use super::guard::AllowedHosts;
use super::middleware::{choose_language, protect};
use crate::texts::Texts;

/// How soon the page looks again: no old PC is kept busy, and nobody waits for long after the end.
const LOOKING_SECONDS: u32 = 3;

#[derive(Clone)]
struct AtWork {
    brand: &'static str,
    texts: Texts,
    hosts: Arc<AllowedHosts>,
}

#[derive(Template)]
#[template(path = "at_work.html")]
struct AtWorkPage<'a> {
    bare: Bare<'a>,
    title: &'static str,
    /// Whether it looks again by itself: not where a form was sent, which the reader can send again.
    refreshing: bool,
    seconds: u32,
}

/// Makes the pages of a program that is at work: whatever is asked, it says so, and takes nothing.
pub fn at_work((brand, texts): (&'static str, Texts), hosts: AllowedHosts) -> Router {
    let state = AtWork {
        brand,
        texts,
        hosts: Arc::new(hosts),
    };
    Router::new()
        .route("/assets/{hash}/{name}", get(assets::serve))
        .route("/lang/{lang}", get(choose_language))
        .fallback(show)
        .with_state(state.clone())
        .layer(from_fn_with_state(state, pass))
}

async fn show(State(at_work): State<AtWork>, method: Method, headers: HeaderMap) -> Response {
    let page = AtWorkPage {
        bare: Bare::new(at_work.brand, &at_work.texts, &headers),
        title: "at-work-title",
        refreshing: method == Method::GET,
        seconds: LOOKING_SECONDS,
    };
    answer(StatusCode::SERVICE_UNAVAILABLE, &page, str::to_owned)
}

async fn pass(State(at_work): State<AtWork>, request: Request, next: Next) -> Response {
    let mut response = if at_work.hosts.admit(request.headers()) {
        next.run(request).await
    } else {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    };
    protect(&mut response);
    // The pages that follow are served anew: a browser shall not send its next request on a connection that ends with this one.
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
