//! A browser of few words, for tests that send forms to a router: it opens a page first, as people do.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::form_token::FIELD;

/// Gives a form as a browser sends it that opened `page` first: with the token of that page and with the cookies that it brought.
///
/// # Panics
/// When the page has no form that writes, or when the form that is to be sent has another type than forms have.
pub async fn filled_in(router: &Router, page: &str, form: Request) -> Request {
    let (mut parts, body) = form.into_parts();
    let mut opening = Request::new(Body::empty());
    *opening.uri_mut() = page.parse().expect("a page has an address");
    *opening.headers_mut() = parts.headers.clone();
    *opening.extensions_mut() = parts.extensions.clone();
    let opened = router.clone().oneshot(opening).await.expect("a router cannot fail");
    let (opened, html) = opened.into_parts();
    let html = html.collect().await.expect("a page comes whole").to_bytes();
    let token =
        token_in(&String::from_utf8_lossy(&html)).unwrap_or_else(|| panic!("{page} has no form: {}", opened.status));
    remember(&opened.headers, &mut parts.headers);
    let typed = body.collect().await.expect("a form comes whole").to_bytes();
    let kind = parts
        .headers
        .get(header::CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let first = match String::from_utf8_lossy(kind).split_once("boundary=") {
        Some((_, boundary)) => {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{FIELD}\"\r\n\r\n{token}\r\n")
        }
        None if typed.is_empty() => format!("{FIELD}={token}"),
        None => format!("{FIELD}={token}&"),
    };
    Request::from_parts(parts, Body::from([first.as_bytes(), &typed].concat()))
}

fn token_in(html: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("name=\"{FIELD}\" value=\""))?;
    rest.split('"').next().map(str::to_owned)
}

/// Adds the cookies that an answer brought to those that a request carries.
fn remember(answer: &HeaderMap, request: &mut HeaderMap) {
    let brought = answer
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok());
    for pair in brought.filter_map(|cookie| cookie.split(';').next()) {
        let kept = request
            .get(header::COOKIE)
            .and_then(|kept| kept.to_str().ok())
            .unwrap_or_default();
        let both = if kept.is_empty() {
            pair.to_owned()
        } else {
            format!("{kept}; {pair}")
        };
        request.insert(header::COOKIE, both.parse().expect("a cookie is made of visible ASCII"));
    }
}
