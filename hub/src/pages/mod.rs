//! The hub's pages: where the liaison works. They call the desk, and nothing of the database.

mod attachments;
mod bundle;
mod codes;
mod detail;
mod inbox;
mod lapor_import;
mod offices;
mod quarantine;
mod reporter;
mod retention;
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
use axum::extract::{self, FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use titian_domain::id::ComplaintId;
use titian_domain::lang::Lang;
use titian_domain::region::Regions;
use titian_domain::retention::Periods;
use titian_host::audit;
use titian_host::bundle::browser::BODY_BYTES_MAX;
use titian_host::export;
use titian_host::people::{self, Right, SignedIn};
use titian_host::subject::Side;
use titian_host::web::{AllowedHosts, Kit, NavLink, PageError, Reader, Routes, Searches, Who, finish};

pub use sheet::Sheet;
use uploads::Uploads;
use words::Words;

use crate::airlock::Airlock;
use crate::codes::Codes;
use crate::desk::{Desk, DeskError};
use crate::store::subject;

/// The links on top of every page.
pub const NAV: &[NavLink] = &[
    NavLink {
        href: "/",
        key: "nav-inbox",
        right: Right::Read,
    },
    NavLink {
        href: "/menunggu",
        key: "nav-waiting",
        right: Right::Read,
    },
    NavLink {
        href: "/impor-lapor",
        key: "nav-import",
        right: Right::Import,
    },
    NavLink {
        href: "/kantor",
        key: "nav-offices",
        right: Right::Read,
    },
    NavLink {
        href: "/retensi",
        key: "nav-retention",
        right: Right::Subject,
    },
    NavLink {
        href: "/catatan",
        key: "nav-audit",
        right: Right::Audit,
    },
    NavLink {
        href: "/warga",
        key: "nav-subject",
        right: Right::Subject,
    },
];

/// The texts of these pages.
pub const TEXTS: &[(Lang, &str)] = &[
    (Lang::Id, include_str!("../../texts/id/hub.ftl")),
    (Lang::En, include_str!("../../texts/en/hub.ftl")),
];

/// What the pages work with.
#[derive(Clone)]
pub struct Pages {
    kit: Kit,
    desk: Desk,
    airlock: Airlock,
    codes: Codes,
    regions: Arc<Regions>,
    sheet: Arc<Sheet>,
    periods: Periods,
    uploads: Uploads,
    searches: Searches,
}

impl Pages {
    /// Puts together what the pages work with.
    pub fn new(
        kit: Kit,
        (desk, airlock, codes): (Desk, Airlock, Codes),
        regions: Arc<Regions>,
        sheet: Arc<Sheet>,
        periods: Periods,
    ) -> Self {
        Self {
            kit,
            desk,
            airlock,
            codes,
            regions,
            sheet,
            periods,
            uploads: Uploads::default(),
            searches: Searches::default(),
        }
    }
}

impl FromRef<Pages> for Side {
    fn from_ref(pages: &Pages) -> Self {
        subject::side(&pages.desk)
    }
}

impl FromRef<Pages> for Kit {
    fn from_ref(pages: &Pages) -> Self {
        pages.kit.clone()
    }
}

/// Gives everything that the hub shows in a browser, signing in included.
pub fn router(pages: Pages, hosts: AllowedHosts) -> Router {
    finish(routes(), pages, hosts)
}

/// Lists every way into the pages, and who may take it.
pub(crate) fn routes() -> Routes<Pages> {
    let may = Who::May;
    Routes::default()
        .get("/", may(Right::Read), inbox::show)
        .post("/cari", may(Right::Read), inbox::search)
        .get("/menunggu", may(Right::Read), waiting::show)
        .get("/kantor", may(Right::Read), offices::show)
        .post("/kantor/{office}/kode", may(Right::Administer), codes::make)
        .get("/karantina", may(Right::Read), quarantine::show)
        .post_within("/kantor/berkas", may(Right::Exchange), BODY_BYTES_MAX, bundle::take)
        .post("/kantor/jawaban/{device}", may(Right::Exchange), bundle::answer)
        .get("/kantor/jawaban/berkas/{name}", may(Right::Exchange), bundle::save)
        .get("/laporan/{id}", may(Right::Read), detail::show)
        .get("/laporan/{id}/lampiran/{hash}", may(Right::Read), attachments::download)
        .post("/laporan/{id}/pelapor", may(Right::Reveal), detail::reveal)
        .post("/laporan/{id}/terima", may(Right::Accept), steps::accept)
        .post("/laporan/{id}/kembalikan", may(Right::Accept), steps::give_back)
        .post("/laporan/{id}/disposisi", may(Right::Accept), steps::dispose)
        .post("/laporan/{id}/tutup", may(Right::Accept), steps::close)
        .post("/laporan/{id}/lapor", may(Right::Enter), steps::enter)
        .get("/laporan/{id}/lembar-salin", may(Right::Read), transcription::show)
        .post("/laporan/{id}/lembar-salin", may(Right::Reveal), transcription::open)
        .get("/impor-lapor", may(Right::Import), lapor_import::form)
        .post_within(
            "/impor-lapor",
            may(Right::Import),
            lapor_import::BODY_BYTES_MAX,
            lapor_import::upload,
        )
        .get("/impor-lapor/{token}", may(Right::Import), lapor_import::preview)
        .post("/impor-lapor/{token}", may(Right::Import), lapor_import::apply)
        .get("/retensi", may(Right::Subject), retention::show)
        .post("/retensi", may(Right::Subject), retention::propose)
        .get("/retensi/{number}", may(Right::Subject), retention::record)
        .post("/retensi/{number}/musnahkan", may(Right::Subject), retention::destroy)
        .post("/retensi/{number}/simpan", may(Right::Subject), retention::keep)
        .and(audit::routes())
        .and(export::routes())
        .and(people::second_factor::routes())
        .and(titian_host::subject::routes())
        .and(people::routes())
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
    /// Tells whether the caller may do something.
    pub fn may(&self, right: Right) -> bool {
        self.staff.may(right)
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
