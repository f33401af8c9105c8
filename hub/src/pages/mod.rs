//! The hub's pages: where the liaison works. They call the desk, and nothing of the database.

mod attachments;
mod bundle;
mod detail;
mod inbox;
mod lapor_import;
mod offices;
mod quarantine;
mod reporter;
mod sheet;
mod steps;
mod timeline;
mod transcription;
mod typed;
mod uploads;
mod waiting;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{self, DefaultBodyLimit, FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use titian_domain::id::ComplaintId;
use titian_domain::lang::Lang;
use titian_domain::region::Regions;
use titian_host::bundle::browser::BODY_BYTES_MAX;
use titian_host::people::{self, SignedIn};
use titian_host::web::{AllowedHosts, Kit, NavLink, PageError, Reader, finish};

pub use sheet::Sheet;
use uploads::Uploads;
use words::Words;

use crate::airlock::Airlock;
use crate::desk::{Desk, DeskError};

/// The links on top of every page.
pub const NAV: &[NavLink] = &[
    NavLink {
        href: "/",
        key: "nav-inbox",
    },
    NavLink {
        href: "/menunggu",
        key: "nav-waiting",
    },
    NavLink {
        href: "/impor-lapor",
        key: "nav-import",
    },
    NavLink {
        href: "/kantor",
        key: "nav-offices",
    },
];

/// The texts of these pages.
pub const TEXTS: &[(Lang, &str)] = &[
    (Lang::Id, include_str!("../../texts/id/hub.ftl")),
    (Lang::En, include_str!("../../texts/en/hub.ftl")),
];

/// The role that takes the steps here.
const LIAISON: &str = "liaison";
/// The role that may also take them.
const ADMINISTRATOR: &str = "administrator";
/// The role that only reads here: it disposes inside LAPOR.
const COORDINATOR: &str = "coordinator";
/// Every role of the hub, the first account's first.
pub const ROLES: &[&str] = &[LIAISON, COORDINATOR, ADMINISTRATOR];

/// What the pages work with.
#[derive(Clone)]
pub struct Pages {
    kit: Kit,
    desk: Desk,
    airlock: Airlock,
    regions: Arc<Regions>,
    sheet: Arc<Sheet>,
    uploads: Uploads,
}

impl Pages {
    /// Puts together what the pages work with.
    pub fn new(kit: Kit, (desk, airlock): (Desk, Airlock), regions: Arc<Regions>, sheet: Arc<Sheet>) -> Self {
        Self {
            kit,
            desk,
            airlock,
            regions,
            sheet,
            uploads: Uploads::default(),
        }
    }
}

impl FromRef<Pages> for Kit {
    fn from_ref(pages: &Pages) -> Self {
        pages.kit.clone()
    }
}

/// Gives everything that the hub shows in a browser, signing in included.
pub fn router(pages: Pages, hosts: AllowedHosts) -> Router {
    finish(routes().merge(people::routes()), pages, hosts)
}

fn routes() -> Router<Pages> {
    Router::new()
        .route("/", get(inbox::show))
        .route("/menunggu", get(waiting::show))
        .route("/kantor", get(offices::show))
        .route("/karantina", get(quarantine::show))
        .route(
            "/kantor/berkas",
            post(bundle::take).layer(DefaultBodyLimit::max(BODY_BYTES_MAX)),
        )
        .route("/kantor/jawaban/{device}", post(bundle::answer))
        .route("/kantor/jawaban/berkas/{name}", get(bundle::save))
        .route("/laporan/{id}", get(detail::show))
        .route("/laporan/{id}/lampiran/{hash}", get(attachments::download))
        .route("/laporan/{id}/pelapor", post(detail::reveal))
        .route("/laporan/{id}/terima", post(steps::accept))
        .route("/laporan/{id}/kembalikan", post(steps::give_back))
        .route("/laporan/{id}/disposisi", post(steps::dispose))
        .route("/laporan/{id}/tutup", post(steps::close))
        .route("/laporan/{id}/lapor", post(steps::enter))
        .route(
            "/laporan/{id}/lembar-salin",
            get(transcription::show).post(transcription::reveal),
        )
        .route(
            "/impor-lapor",
            get(lapor_import::form)
                .post(lapor_import::upload)
                .layer(DefaultBodyLimit::max(lapor_import::BODY_BYTES_MAX)),
        )
        .route(
            "/impor-lapor/{token}",
            get(lapor_import::preview).post(lapor_import::apply),
        )
}

/// Who asks, and the words to answer with.
#[derive(Clone)]
pub struct Caller {
    /// The words.
    pub words: Words,
    /// Who is signed in.
    pub staff: SignedIn,
}

impl FromRequestParts<Pages> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Response> {
        let staff = <SignedIn as FromRequestParts<_>>::from_request_parts(parts, pages).await;
        let staff = staff.map_err(IntoResponse::into_response)?;
        let reader = Reader::from_request_parts(parts, pages)
            .await
            .map_err(IntoResponse::into_response)?;
        let words = Words::new(reader, pages.desk.rules.procedure.zone, pages.desk.now());
        Ok(Self { words, staff })
    }
}

impl Caller {
    /// Tells whether the caller may take steps, or only read.
    pub fn may_act(&self) -> bool {
        [LIAISON, ADMINISTRATOR].contains(&self.staff.role.as_str())
    }
}

/// Who takes a step: the liaison. Everybody else is told to ask one.
pub struct Liaison(pub Caller);

impl FromRequestParts<Pages> for Liaison {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, pages).await?;
        if caller.may_act() {
            return Ok(Self(caller));
        }
        Err(PageError::user(StatusCode::FORBIDDEN, "only-liaison", "only-liaison-next").into_response())
    }
}

/// The complaint that an address names.
pub struct Named(pub ComplaintId);

impl FromRequestParts<Pages> for Named {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, PageError> {
        let path = extract::Path::<String>::from_request_parts(parts, pages).await;
        let extract::Path(name) = path.map_err(|_| PageError::not_found())?;
        name.parse().map(Self).map_err(|_| no_such_complaint())
    }
}

fn no_such_complaint() -> PageError {
    PageError::user(StatusCode::NOT_FOUND, "no-such-complaint", "no-such-complaint-next")
}

impl Words {
    /// Says why the desk did not do something, where no form is there to say it beside.
    pub fn refusal(&self, error: DeskError) -> PageError {
        match error {
            // Pages name complaints by id, which is never ambiguous; a search shows all that fit.
            DeskError::NotFound | DeskError::Ambiguous(_) => no_such_complaint(),
            DeskError::Store(error) => error.into(),
            DeskError::Refused(refusal) => {
                PageError::user(StatusCode::CONFLICT, refusal.words(self.lang), "refused-next")
            }
            DeskError::TrackingIdTaken { register } => {
                let what = self.say1("tracking-taken", "register", register);
                PageError::user(StatusCode::CONFLICT, what, "refused-next")
            }
        }
    }
}

#[cfg(test)]
mod tests;
