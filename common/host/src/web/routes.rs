//! The ways into a program's pages: each says who may take it, and there is no other way to add one.

use std::collections::{HashMap, HashSet};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequestParts as _, Request};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};

use super::layout::Visit;
use super::{PageError, redirect_saying};
use crate::people::{OWN_ACCOUNT, OWN_PASSWORD, OWN_SECOND_FACTOR, Right, Role, Roles, SignedIn};

/// Who may take a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever reaches the program: signing in, and what stands around pages.
    Anybody,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever has signed in and holds this right.
    May(Right),
}

/// One way, as tests and documents list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// How it is asked.
    pub method: Method,
    /// Its path, with `{…}` for what varies.
    pub path: String,
    /// Who may take it.
    pub who: Who,
}

impl Way {
    /// Writes it on a line, with the roles that may take it.
    pub fn line(&self, roles: Roles) -> String {
        let who = match self.who {
            Who::Anybody => "anybody".to_owned(),
            Who::SignedIn => "whoever is signed in".to_owned(),
            Who::May(right) => roles.with(right).collect::<Vec<_>>().join(", "),
        };
        format!("{} {}: {who}\n", self.method, self.path)
    }

    /// Says whether a role alone opens it.
    pub fn is_open_to(&self, role: &Role) -> bool {
        match self.who {
            Who::Anybody | Who::SignedIn => true,
            Who::May(right) => role.rights.contains(&right),
        }
    }
}

/// The ways into a program.
pub struct Routes<S> {
    router: Router<S>,
    ways: Vec<Way>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self {
            router: Router::new(),
            ways: Vec::new(),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Adds a page that is read.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &str, who: Who, handler: H) -> Self {
        self.add(Method::GET, path, who, get(handler))
    }

    /// Adds something that is done.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &str, who: Who, handler: H) -> Self {
        self.add(Method::POST, path, who, post(handler))
    }

    /// Adds something that is done with a body of at most so many bytes: a form with files.
    #[must_use]
    pub fn post_within<H: Handler<T, S>, T: 'static>(self, path: &str, who: Who, bytes_max: usize, handler: H) -> Self {
        let limited = post(handler).layer(DefaultBodyLimit::max(bytes_max));
        self.add(Method::POST, path, who, limited)
    }

    /// Adds the ways of another part.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.ways.extend(other.ways);
        Self {
            router: self.router.merge(other.router),
            ways: self.ways,
        }
    }

    /// Lists the ways.
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// Tells for each path that only takes forms how many of its segments lead to the next page above it. Browsers ask for such a
    /// path as for a page where its answer was read: after a change of the language, or when they come up again.
    pub(super) fn pages_above(&self) -> HashMap<String, usize> {
        let of = |method| {
            let ways = self.ways.iter().filter(move |way| way.method == method);
            ways.map(|way| way.path.as_str())
        };
        let pages: HashSet<_> = of(Method::GET).collect();
        let is_page = |path: &str, segments: &usize| pages.contains(first_segments(path, *segments));
        of(Method::POST)
            .filter(|path| !pages.contains(path))
            .map(|path| {
                let mut above = (0..path.matches('/').count()).rev();
                let next = above.find(|segments| is_page(path, segments));
                (path.to_owned(), next.unwrap_or(0))
            })
            .collect()
    }

    pub(super) fn into_router(self) -> Router<S> {
        self.router
    }

    fn add(mut self, method: Method, path: &str, who: Who, handler: MethodRouter<S>) -> Self {
        let guarded = handler.route_layer(from_fn(move |request: Request, next: Next| admit(who, request, next)));
        self.router = self.router.route(path, guarded);
        self.ways.push(Way {
            method,
            path: path.to_owned(),
            who,
        });
        self
    }
}

/// Cuts a path behind so many segments; of none it leaves `/`.
pub(super) fn first_segments(path: &str, count: usize) -> &str {
    let mut ends = path.match_indices('/').map(|(at, _)| at).skip(1);
    match count.checked_sub(1) {
        None => "/",
        Some(before) => &path[..ends.nth(before).unwrap_or(path.len())],
    }
}

/// Lets a request through to its handler, or turns it away before more of its body is read than the front.
async fn admit(who: Who, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if who == Who::Anybody {
        return pass_on(parts, body, next).await;
    }
    let person = match SignedIn::from_request_parts(&mut parts, &()).await {
        Ok(person) => person,
        Err(nobody) => return nobody.into_response(),
    };
    let path = parts.uri.path();
    let own_account = path == OWN_ACCOUNT || path.starts_with(OWN_PASSWORD);
    let second_factor = own_account || path.starts_with(OWN_SECOND_FACTOR);
    match who {
        _ if person.password_is_given && !own_account => redirect_saying(OWN_ACCOUNT, "notice-password-given", &[]),
        _ if person.second_factor_is_due && !second_factor => {
            redirect_saying(OWN_SECOND_FACTOR, "warning-second-factor-due", &[])
        }
        Who::May(right) if !person.may(right) => PageError::MayNot(right).into_response(),
        _ => pass_on(parts, body, next).await,
    }
}

/// Has a handler answer, if what writes is a form of a page that this person got in this browser.
async fn pass_on(parts: Parts, body: Body, next: Next) -> Response {
    if parts.method != Method::POST {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let Some(visit) = parts.extensions.get::<Visit>().cloned() else {
        return PageError::from(anyhow::anyhow!("this router was not put through web::finish")).into_response();
    };
    match visit.form_token.claim(parts, body).await {
        Some(request) => next.run(request).await,
        None => PageError::user(StatusCode::FORBIDDEN, "form-foreign", "form-foreign-next").into_response(),
    }
}
