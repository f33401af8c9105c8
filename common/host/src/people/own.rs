//! One's own account: its password, and where one is signed in.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Extension, FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::SignedIn;
use super::extract::{cookie_name, session_cookie, token};
use super::pages::in_words;
use super::password::{PASSWORD_LETTERS_MIN, Password};
use super::second_factor::{self, OWN_SECOND_FACTOR};
use super::sessions::{self, Running};
use super::signing_in::{Answer, change_password, note, with_password};
use crate::audit::Deed;
use crate::people::Right;
use crate::store::StoreError;
use crate::web::{Kit, PageResult, Reader, Routes, Who, redirect_saying, set_cookie};

/// Where one looks at one's own account.
pub(crate) const OWN_ACCOUNT: &str = "/akun";

/// Where one changes one's password.
pub(crate) const OWN_PASSWORD: &str = "/akun/sandi";

const MINUTE_MILLIS: i64 = 60_000;

/// How the audit log tells that all sessions were ended at once.
const EVERYWHERE: &str = "everywhere";

/// Gives `/akun` to a program's router.
pub(super) fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default()
        .get(OWN_ACCOUNT, Who::SignedIn, show)
        .post(OWN_PASSWORD, Who::SignedIn, change)
        .post("/akun/keluar", Who::SignedIn, leave_everywhere)
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    reader: &'a Reader,
    person: &'a SignedIn,
    sessions: Vec<Line>,
    /// Whether they have a second factor, where the program offers one.
    second_factor: Option<bool>,
    problem: Option<String>,
    password_letters_min: usize,
}

struct Line {
    begun: String,
    used: String,
    is_this: bool,
}

#[derive(Deserialize)]
struct ChangeForm {
    old: String,
    new: String,
}

/// No `Debug`: it holds a password.
#[derive(Deserialize)]
struct LeaveForm {
    password: String,
}

async fn show(State(kit): State<Kit>, reader: Reader, person: SignedIn, headers: HeaderMap) -> PageResult {
    page(&kit, &reader, &person, &headers, None).await
}

async fn change(
    State(kit): State<Kit>,
    (reader, person): (Reader, SignedIn),
    headers: HeaderMap,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Form(form): Form<ChangeForm>,
) -> PageResult {
    let from = peer.map(|Extension(ConnectInfo(address))| address.ip());
    let problem = match Password::new(form.new.clone()) {
        Err(error) => in_words(&reader, error)?,
        // Who gave it would go on knowing it.
        Ok(_) if form.new == form.old => reader.say("account-same"),
        Ok(new) => {
            let old = Password::typed(&form.old);
            match change_password(&kit.store, &kit.clock, &person.name, (old, new), from).await? {
                Answer::Right(token) => {
                    kit.learn(&person.name, &form.new).await;
                    let mut response = redirect_saying(OWN_ACCOUNT, "notice-password-changed", &[]);
                    response
                        .headers_mut()
                        .append(header::SET_COOKIE, session_cookie(&headers, &token));
                    return Ok(response);
                }
                Answer::Wrong => reader.say("account-old-wrong"),
                Answer::Wait(millis) => reader.say1("sign-in-wait", "seconds", (millis + 999) / 1000),
            }
        }
    };
    page(&kit, &reader, &person, &headers, Some(problem)).await
}

async fn leave_everywhere(
    State(kit): State<Kit>,
    (reader, person): (Reader, SignedIn),
    headers: HeaderMap,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Form(form): Form<LeaveForm>,
) -> PageResult {
    let from = peer.map(|Extension(ConnectInfo(address))| address.ip());
    let password = Password::typed(&form.password);
    let leaving = with_password(
        (&kit.store, &kit.clock),
        (&person.name, password),
        from,
        |tx, proved| {
            sessions::end_all(tx, &proved.name)?;
            Ok(note(tx, proved.now, (&proved.name, Deed::SignedOut), EVERYWHERE)?)
        },
    );
    let problem = match leaving.await? {
        Answer::Right(()) => {
            let mut response = redirect_saying("/login", "notice-signed-out-everywhere", &[]);
            let gone = set_cookie(&cookie_name(&headers), "", "Strict", Some(0));
            response.headers_mut().append(header::SET_COOKIE, gone);
            return Ok(response);
        }
        Answer::Wrong => reader.say("account-old-wrong"),
        Answer::Wait(millis) => reader.say1("sign-in-wait", "seconds", (millis + 999) / 1000),
    };
    page(&kit, &reader, &person, &headers, Some(problem)).await
}

async fn page(
    kit: &Kit,
    reader: &Reader,
    person: &SignedIn,
    headers: &HeaderMap,
    problem: Option<String>,
) -> PageResult {
    let now = kit.clock.now();
    let (name, token) = (person.name.clone(), token(headers));
    let reading = kit.store.read(move |connection| {
        Ok::<_, StoreError>((
            sessions::running(connection, &name, token.as_ref(), now)?,
            second_factor::is_on(connection, &name)?,
        ))
    });
    let (running, has_second_factor) = reading.await?;
    let ago = |millis: i64| match millis / MINUTE_MILLIS {
        minutes @ ..60 => reader.say1("ago-minutes", "count", minutes.max(0)),
        minutes => reader.say1("ago-hours", "count", minutes / 60),
    };
    let line = |session: Running| Line {
        begun: ago(now.0 - session.created_at.0),
        used: ago(now.0 - session.last_seen_at.0),
        is_this: session.is_this,
    };
    let page = AccountPage {
        sessions: running.into_iter().map(line).collect(),
        second_factor: kit.second_factor.as_ref().map(|_| has_second_factor),
        password_letters_min: PASSWORD_LETTERS_MIN,
        reader,
        person,
        problem,
    };
    let status = if page.problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    reader.page_with(status, "account-title", &page)
}
