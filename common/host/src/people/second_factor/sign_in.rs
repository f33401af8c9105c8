//! The second page of signing in: the code of the app, or a recovery code.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Extension, FromRef, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use super::doing::{self, Step};
use super::halfway::{self, Halfway};
use crate::people::extract::{percent, session_cookie};
use crate::store::StoreError;
use crate::web::{Kit, PageResult, Reader, Routes, Who, redirect, redirect_saying};

const CODE: &str = "/login/kode";

/// Gives `/login/kode` to a program's router.
pub(super) fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default()
        .get(CODE, Who::Anybody, show)
        .post(CODE, Who::Anybody, try_code)
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage<'a> {
    reader: &'a Reader,
    next: &'a str,
    problem: Option<String>,
}

#[derive(Deserialize)]
struct Onward {
    #[serde(default)]
    next: String,
}

/// What was typed. No `Debug`: it may hold a recovery code.
#[derive(Deserialize)]
struct CodeForm {
    code: String,
    #[serde(default)]
    next: String,
}

/// Leads who gave the right password to the question for the code.
pub(in crate::people) fn ask_for_code(headers: &HeaderMap, halfway: &Halfway, next: &str) -> Response {
    let mut response = redirect(&format!("{CODE}?next={}", percent(next)));
    response
        .headers_mut()
        .append(header::SET_COOKIE, halfway.to_cookie(headers));
    response
}

async fn show(State(kit): State<Kit>, reader: Reader, headers: HeaderMap, Query(onward): Query<Onward>) -> PageResult {
    if reader.signed_in.is_some() {
        return Ok(redirect(&onward.next));
    }
    let Some(halfway) = Halfway::from_headers(&headers) else {
        return Ok(begin_again(&headers, "warning-code-over", &onward.next));
    };
    let now = kit.clock.now();
    let finding = kit
        .store
        .read(move |connection| Ok::<_, StoreError>(halfway::find(connection, &halfway, now)?));
    if finding.await?.is_none() {
        return Ok(begin_again(&headers, "warning-code-over", &onward.next));
    }
    page(&reader, &onward.next, None)
}

async fn try_code(
    State(kit): State<Kit>,
    reader: Reader,
    headers: HeaderMap,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Form(form): Form<CodeForm>,
) -> PageResult {
    let from = peer.map(|Extension(ConnectInfo(address))| address.ip());
    let Some(halfway) = Halfway::from_headers(&headers) else {
        return Ok(begin_again(&headers, "warning-code-over", &form.next));
    };
    let problem = match doing::sign_in((&kit.store, &kit.clock), halfway, &form.code, from).await? {
        Step::In(token, left) => {
            let mut response = match left {
                None => redirect(&form.next),
                Some(left) => {
                    let left = left.to_string();
                    redirect_saying(&form.next, "warning-recovery-used", &[("left", &left)])
                }
            };
            for cookie in [session_cookie(&headers, &token), Halfway::gone(&headers)] {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        Step::Over => return Ok(begin_again(&headers, "warning-code-over", &form.next)),
        Step::TooMany => return Ok(begin_again(&headers, "warning-code-too-many", &form.next)),
        Step::Refused => reader.say("sign-in-code-refused"),
        Step::Wait(millis) => reader.say1("sign-in-wait", "seconds", (millis + 999) / 1000),
    };
    page(&reader, &form.next, Some(problem))
}

fn begin_again(headers: &HeaderMap, why: &str, next: &str) -> Response {
    let mut response = redirect_saying(&format!("/login?next={}", percent(next)), why, &[]);
    response
        .headers_mut()
        .append(header::SET_COOKIE, Halfway::gone(headers));
    response
}

fn page(reader: &Reader, next: &str, problem: Option<String>) -> PageResult {
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = CodePage { reader, next, problem };
    reader.page_with(status, "sign-in-code-title", &page)
}
