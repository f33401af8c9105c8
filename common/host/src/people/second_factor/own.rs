//! One's own second factor: set it up, make recovery codes anew, switch it off.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Extension, FromRef, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::doing::{self, FreshCodes, Trial};
use super::rows;
use super::totp::Secret;
use crate::people::extract::token;
use crate::people::signing_in::Answer;
use crate::people::{OWN_ACCOUNT, Password, SignedIn, StaffError};
use crate::store::StoreError;
use crate::web::{Kit, PageError, PageResult, Reader, Routes, Who, qr, redirect, redirect_saying};

/// Where one looks at one's own second factor.
pub(crate) const OWN_SECOND_FACTOR: &str = "/akun/dua-langkah";

/// Gives `/akun/dua-langkah` to a program's router.
pub(super) fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default()
        .get(OWN_SECOND_FACTOR, Who::SignedIn, show)
        .post(OWN_SECOND_FACTOR, Who::SignedIn, offer)
        .post("/akun/dua-langkah/aktif", Who::SignedIn, turn_on)
        .post("/akun/dua-langkah/pemulihan", Who::SignedIn, renew)
        .post("/akun/dua-langkah/mati", Who::SignedIn, switch_off)
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct OwnPage<'a> {
    reader: &'a Reader,
    person: &'a SignedIn,
    is_on: bool,
    recovery_left: u32,
    problem: Option<String>,
}

/// The secret is shown by this page alone, and only until a code of it was right.
#[derive(Template)]
#[template(path = "second_factor_offer.html")]
struct OfferPage<'a> {
    reader: &'a Reader,
    qr: String,
    secret: String,
    account: &'a str,
    problem: Option<String>,
}

/// The codes are shown by this page alone, once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage<'a> {
    reader: &'a Reader,
    person: &'a SignedIn,
    codes: Vec<String>,
}

/// No `Debug`: it holds a password.
#[derive(Deserialize)]
struct PasswordForm {
    password: String,
}

#[derive(Deserialize)]
struct CodeForm {
    code: String,
}

type Asking = (Reader, SignedIn);
type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

async fn show(State(kit): State<Kit>, reader: Reader, person: SignedIn) -> PageResult {
    page(&kit, (&reader, &person), None).await
}

async fn offer(
    State(kit): State<Kit>,
    (reader, person): Asking,
    peer: Peer,
    Form(form): Form<PasswordForm>,
) -> PageResult {
    let password = Password::typed(&form.password);
    let own = (&kit.store, &kit.clock, person.name.as_str());
    match doing::offer(own, password, line(peer)).await? {
        Answer::Right(Some(secret)) => offer_page(&kit, (&reader, &person), &secret, None),
        // In another tab it was switched on meanwhile.
        Answer::Right(None) => Ok(redirect(OWN_SECOND_FACTOR)),
        refused => page(&kit, (&reader, &person), words(&reader, &refused)).await,
    }
}

async fn turn_on(
    State(kit): State<Kit>,
    (reader, person): Asking,
    headers: HeaderMap,
    Form(form): Form<CodeForm>,
) -> PageResult {
    let asking = token(&headers).ok_or_else(PageError::not_found)?;
    let own = (&kit.store, &kit.clock, person.name.as_str());
    match doing::turn_on(own, &form.code, asking).await? {
        Trial::On(codes) => codes_page((&reader, &person), codes),
        Trial::Refused(secret) => {
            let problem = Some(reader.say("sign-in-code-refused"));
            offer_page(&kit, (&reader, &person), &secret, problem)
        }
        Trial::Over => Ok(redirect_saying(
            OWN_SECOND_FACTOR,
            "warning-second-factor-offer-over",
            &[],
        )),
    }
}

async fn renew(
    State(kit): State<Kit>,
    (reader, person): Asking,
    peer: Peer,
    Form(form): Form<PasswordForm>,
) -> PageResult {
    let password = Password::typed(&form.password);
    let own = (&kit.store, &kit.clock, person.name.as_str());
    match doing::renew(own, password, line(peer)).await {
        Ok(Answer::Right(codes)) => codes_page((&reader, &person), codes),
        // In another tab it was switched off meanwhile.
        Err(StaffError::NoSecondFactor) => Ok(redirect(OWN_SECOND_FACTOR)),
        refused => page(&kit, (&reader, &person), words(&reader, &refused?)).await,
    }
}

async fn switch_off(
    State(kit): State<Kit>,
    (reader, person): Asking,
    (headers, peer): (HeaderMap, Peer),
    Form(form): Form<PasswordForm>,
) -> PageResult {
    let asking = token(&headers).ok_or_else(PageError::not_found)?;
    let password = Password::typed(&form.password);
    let own = (&kit.store, &kit.clock, person.name.as_str());
    match doing::switch_off(own, password, line(peer), asking).await {
        Ok(Answer::Right(())) => Ok(redirect_saying(OWN_ACCOUNT, "notice-second-factor-off", &[])),
        Err(StaffError::NoSecondFactor) => Ok(redirect(OWN_SECOND_FACTOR)),
        refused => page(&kit, (&reader, &person), words(&reader, &refused?)).await,
    }
}

fn line(peer: Peer) -> Option<std::net::IpAddr> {
    peer.map(|Extension(ConnectInfo(address))| address.ip())
}

fn words<T>(reader: &Reader, answer: &Answer<T>) -> Option<String> {
    match answer {
        Answer::Right(_) => None,
        Answer::Wrong => Some(reader.say("account-old-wrong")),
        Answer::Wait(millis) => Some(reader.say1("sign-in-wait", "seconds", (millis + 999) / 1000)),
    }
}

async fn page(kit: &Kit, (reader, person): (&Reader, &SignedIn), problem: Option<String>) -> PageResult {
    let name = person.name.clone();
    let reading = kit.store.read(move |connection| {
        Ok::<_, StoreError>((rows::is_on(connection, &name)?, rows::recovery_left(connection, &name)?))
    });
    let (is_on, recovery_left) = reading.await?;
    let page = OwnPage {
        reader,
        person,
        is_on,
        recovery_left,
        problem,
    };
    reader.page_with(status(page.problem.as_ref()), "second-factor-title", &page)
}

fn offer_page(
    kit: &Kit,
    (reader, person): (&Reader, &SignedIn),
    secret: &Secret,
    problem: Option<String>,
) -> PageResult {
    let page = OfferPage {
        reader,
        qr: qr(&secret.uri(kit.layout.brand(), &person.name))?,
        secret: secret.in_groups(),
        account: &person.name,
        problem,
    };
    reader.page_with(status(page.problem.as_ref()), "second-factor-set-up", &page)
}

fn codes_page((reader, person): (&Reader, &SignedIn), FreshCodes(codes): FreshCodes) -> PageResult {
    let page = CodesPage { reader, person, codes };
    reader.page("recovery-title", &page)
}

fn status(problem: Option<&String>) -> StatusCode {
    match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    }
}
