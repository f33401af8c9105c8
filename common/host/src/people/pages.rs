//! The pages of signing in, signing out, and the first account.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Extension, FromRef, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use super::extract::{cookie_name, session_cookie, token};
use super::password::{PASSWORD_LETTERS_MAX, PASSWORD_LETTERS_MIN, Password};
use super::signing_in::{Adding, add_as};
use super::{Signing, StaffError, accounts, directory, login, logout, own, second_factor};
use crate::store::StoreError;
use crate::web::{Kit, PageError, PageResult, Reader, Routes, Who, redirect, redirect_saying, set_cookie};

/// Gives `/login`, `/logout`, `/setup` and `/akun` to a program's router.
pub fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default()
        .get("/login", Who::Anybody, login_page)
        .post("/login", Who::Anybody, sign_in)
        .post("/logout", Who::Anybody, sign_out)
        .get("/setup", Who::Anybody, setup_page)
        .post("/setup", Who::Anybody, set_up)
        .and(directory::routes())
        .and(own::routes())
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    reader: &'a Reader,
    name: &'a str,
    next: &'a str,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    reader: &'a Reader,
    name: &'a str,
    full_name: &'a str,
    problem: Option<String>,
    password_letters_min: usize,
}

#[derive(Deserialize)]
struct Onward {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct LoginForm {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct SetupForm {
    name: String,
    full_name: String,
    password: String,
}

type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

async fn login_page(
    State(kit): State<Kit>,
    reader: Reader,
    headers: HeaderMap,
    peer: Peer,
    Query(onward): Query<Onward>,
) -> PageResult {
    if reader.signed_in.is_some() {
        return Ok(redirect(&onward.next));
    }
    if !any_account(&kit).await? {
        if at_this_machine(&peer, &headers) {
            return Ok(redirect("/setup"));
        }
        return Err(PageError::user(
            StatusCode::FORBIDDEN,
            "sign-in-none-yet",
            "sign-in-none-yet-next",
        ));
    }
    let page = LoginPage {
        reader: &reader,
        name: "",
        next: &onward.next,
        problem: None,
    };
    reader.page("sign-in", &page)
}

async fn sign_in(
    State(kit): State<Kit>,
    reader: Reader,
    headers: HeaderMap,
    peer: Peer,
    Form(form): Form<LoginForm>,
) -> PageResult {
    let from = peer.map(|Extension(ConnectInfo(address))| address.ip());
    let password = Password::typed(&form.password);
    let problem = match login(&kit.store, &kit.clock, &form.name, password, from).await? {
        Signing::In(token) => {
            kit.learn(&form.name, &form.password).await;
            let mut response = redirect(&form.next);
            response
                .headers_mut()
                .append(header::SET_COOKIE, session_cookie(&headers, &token));
            return Ok(response);
        }
        Signing::Code(halfway) => return Ok(second_factor::ask_for_code(&headers, &halfway, &form.next)),
        Signing::Wrong => reader.say("sign-in-wrong"),
        Signing::Wait(millis) => reader.say1("sign-in-wait", "seconds", (millis + 999) / 1000),
    };
    let page = LoginPage {
        reader: &reader,
        name: &form.name,
        next: &form.next,
        problem: Some(problem),
    };
    reader.page_with(StatusCode::UNPROCESSABLE_ENTITY, "sign-in", &page)
}

async fn sign_out(State(kit): State<Kit>, headers: HeaderMap) -> PageResult {
    if let Some(token) = token(&headers) {
        logout(&kit.store, &kit.clock, token).await?;
    }
    let mut response = redirect_saying("/login", "notice-signed-out", &[]);
    let gone = set_cookie(&cookie_name(&headers), "", "Strict", Some(0));
    response.headers_mut().append(header::SET_COOKIE, gone);
    Ok(response)
}

async fn setup_page(State(kit): State<Kit>, reader: Reader, headers: HeaderMap, peer: Peer) -> PageResult {
    may_set_up(&kit, &headers, &peer).await?;
    setup_form(&reader, StatusCode::OK, ("", ""), None)
}

async fn set_up(
    State(kit): State<Kit>,
    reader: Reader,
    headers: HeaderMap,
    peer: Peer,
    Form(form): Form<SetupForm>,
) -> PageResult {
    may_set_up(&kit, &headers, &peer).await?;
    let added = match Password::new(form.password.clone()) {
        Ok(password) => {
            let who = (form.name.as_str(), form.full_name.as_str(), kit.roles.first);
            add_as(&kit.store, &kit.clock, kit.roles, who, password, Adding::First).await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = added {
        let problem = in_words(&reader, error)?;
        let typed = (form.name.as_str(), form.full_name.as_str());
        return setup_form(&reader, StatusCode::UNPROCESSABLE_ENTITY, typed, Some(problem));
    }
    let form = LoginForm {
        name: form.name,
        password: form.password,
        next: "/".to_owned(),
    };
    sign_in(State(kit), reader, headers, peer, Form(form)).await
}

fn setup_form(
    reader: &Reader,
    status: StatusCode,
    (name, full_name): (&str, &str),
    problem: Option<String>,
) -> Result<Response, PageError> {
    let page = SetupPage {
        reader,
        name,
        full_name,
        problem,
        password_letters_min: PASSWORD_LETTERS_MIN,
    };
    reader.page_with(status, "setup-title", &page)
}

async fn may_set_up(kit: &Kit, headers: &HeaderMap, peer: &Peer) -> Result<(), PageError> {
    if any_account(kit).await? {
        return Err(PageError::user(
            StatusCode::CONFLICT,
            "setup-closed",
            "setup-closed-next",
        ));
    }
    if !at_this_machine(peer, headers) {
        return Err(PageError::user(
            StatusCode::FORBIDDEN,
            "setup-elsewhere",
            "setup-elsewhere-next",
        ));
    }
    Ok(())
}

/// Says whether the browser runs on this machine. What a proxy passes on comes from elsewhere, whatever its address.
fn at_this_machine(peer: &Peer, headers: &HeaderMap) -> bool {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let is_here = |Extension(ConnectInfo(address)): &Extension<ConnectInfo<SocketAddr>>| {
        address.ip().to_canonical().is_loopback()
    };
    !passed_on && peer.as_ref().is_some_and(is_here)
}

async fn any_account(kit: &Kit) -> Result<bool, StoreError> {
    kit.store.read(|connection| Ok(accounts::any(connection)?)).await
}

pub(super) fn in_words(reader: &Reader, error: StaffError) -> Result<String, PageError> {
    Ok(match error {
        StaffError::Name => reader.say("staff-name-wrong"),
        StaffError::FullName => reader.say("staff-full-name-wrong"),
        StaffError::PasswordCommon => reader.say("staff-password-common"),
        StaffError::PasswordShort => reader.say1("staff-password-short", "letters", PASSWORD_LETTERS_MIN),
        StaffError::PasswordLong => reader.say1("staff-password-long", "letters", PASSWORD_LETTERS_MAX),
        StaffError::Taken => reader.say("staff-name-taken"),
        StaffError::NoRole | StaffError::Role(_) => reader.say("staff-role-missing"),
        StaffError::LastAdministrator => reader.say("staff-last-administrator"),
        StaffError::NoSecondFactor => reader.say("second-factor-none"),
        StaffError::NotFirst => {
            return Err(PageError::user(
                StatusCode::CONFLICT,
                "setup-closed",
                "setup-closed-next",
            ));
        }
        error => return Err(error.into()),
    })
}

impl From<StaffError> for PageError {
    fn from(error: StaffError) -> Self {
        match error {
            StaffError::Store(error) => error.into(),
            error => Self::Internal(error.into()),
        }
    }
}
