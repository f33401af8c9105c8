//! Who is signed in: an extractor for handlers that need somebody.

use std::fmt::Write as _;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::rights::{Right, Rights};
use super::sessions::{self, SessionToken};
use crate::store::StoreError;
use crate::web::{FormSecret, Kit, PageError, Visit, cookie, per_port, redirect, set_cookie};

const COOKIE: &str = "titian_session";

/// Somebody who has signed in. A handler that takes it answers everybody else with the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The login name.
    pub name: String,
    /// The name that events carry.
    pub full_name: String,
    /// What this person may do here.
    pub rights: Rights,
    /// Whether somebody else chose their password: then they choose another before they do anything here.
    pub password_is_given: bool,
    /// Whether one of their roles asks for a second factor that they lack: then they set it up before they do anything here.
    pub second_factor_is_due: bool,
}

impl SignedIn {
    /// Says whether this person may do something.
    pub fn may(&self, right: Right) -> bool {
        self.rights.has(right)
    }
}

/// Why nobody is let in.
pub struct NotSignedIn(Response);

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotSignedIn> {
        let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
        if let Some(signed_in) = visit.signed_in {
            return Ok(signed_in);
        }
        if parts.method == Method::GET || parts.method == Method::HEAD {
            let next = percent(&visit.path_and_query);
            return Err(NotSignedIn(redirect(&format!("/login?next={next}"))));
        }
        // A redirect would throw away what was typed: sign in elsewhere, then send it again.
        let over = PageError::user(StatusCode::UNAUTHORIZED, "session-over", "session-over-next");
        Err(NotSignedIn(over.into_response()))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts
            .extensions
            .get::<Visit>()
            .and_then(|visit| visit.signed_in.clone()))
    }
}

/// Gives the token of the session that a request carries.
pub fn token(headers: &HeaderMap) -> Option<SessionToken> {
    cookie(headers, &cookie_name(headers)).and_then(SessionToken::from_cookie)
}

/// Names the session's cookie on this port.
pub(super) fn cookie_name(headers: &HeaderMap) -> String {
    per_port(COOKIE, headers)
}

/// Makes the cookie that keeps somebody signed in until the browser closes.
pub(crate) fn session_cookie(headers: &HeaderMap, token: &SessionToken) -> HeaderValue {
    set_cookie(&cookie_name(headers), &token.to_cookie(), "Strict", None)
}

/// Finds out who sends a request, once for the guards, the frame and the handler, and what their forms are bound to.
pub(crate) async fn who(kit: &Kit, headers: &HeaderMap) -> Option<(SignedIn, FormSecret)> {
    let token = token(headers)?;
    let now = kit.clock.now();
    let (sought, roles, offered) = (token.clone(), kit.roles, kit.second_factor.clone());
    let finding = kit.store.read(move |connection| {
        Ok::<_, StoreError>(sessions::find(connection, (roles, offered.as_ref()), &sought, now)?)
    });
    match finding.await {
        Ok(Some(found)) => {
            if found.touch {
                let touching = kit
                    .store
                    .write(move |tx| Ok::<_, StoreError>(sessions::touch(tx, &token, now)?));
                if let Err(error) = touching.await {
                    tracing::warn!(%error, "the use of a session could not be noted");
                }
            }
            Some((found.signed_in, found.form_secret))
        }
        Ok(None) => None,
        Err(error) => {
            tracing::error!(%error, "a session could not be looked up");
            None
        }
    }
}

/// Writes a path so that it can stand in a query.
pub(super) fn percent(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}
