//! The gateway's pages: what the office's staff see and do in a browser on this machine.
//!
//! Pages call the [`Desk`], as commands do; they never see the database.

mod amend;
mod attachments;
mod bundle;
mod detail;
mod encryption;
mod list;
mod notice;
mod progress;
mod record;
mod register;
mod sheet;
mod sync;
mod timeline;
mod trouble;
mod typed;
mod visitor;
mod words;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::FromRef;
use titian_host::audit;
use titian_host::bundle::browser::BODY_BYTES_MAX;
use titian_host::export;
use titian_host::facts::Facts;
use titian_host::people::{self, Right};
use titian_host::store::StoreError;
use titian_host::subject::Side;
use titian_host::web::{AllowedHosts, Kit, NavLink, Routes, Searches, Who, finish};

use self::attachments::UPLOAD_BYTES_MAX;
pub use self::encryption::{Ask, Encryption};
use crate::capture::Capture;
use crate::desk::Desk;
use crate::import::FILE_BYTES_MAX;
use crate::store::subject;
use crate::uplink::Uplink;

/// The navigation of every page.
pub const NAV: &[NavLink] = &[
    NavLink {
        href: "/",
        key: "nav-list",
        right: Right::Read,
    },
    NavLink {
        href: "/laporan/baru",
        key: "nav-record",
        right: Right::Record,
    },
    NavLink {
        href: "/impor",
        key: "nav-import",
        right: Right::Import,
    },
    NavLink {
        href: "/sinkronisasi",
        key: "nav-sync",
        right: Right::Read,
    },
    NavLink {
        href: encryption::ENCRYPTION,
        key: "nav-encryption",
        right: Right::Administer,
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

/// The gateway's texts in both languages.
pub const TEXTS: [(titian_domain::lang::Lang, &str); 2] = [
    (
        titian_domain::lang::Lang::Id,
        include_str!("../../texts/id/gateway.ftl"),
    ),
    (
        titian_domain::lang::Lang::En,
        include_str!("../../texts/en/gateway.ftl"),
    ),
];

/// The frame of a multipart body around the file in it.
const MULTIPART_BYTES_MAX: usize = 16 << 10;

/// What the pages work with.
#[derive(Clone)]
pub struct Pages {
    /// What every page of either program needs.
    pub kit: Kit,
    /// The office's desk.
    pub desk: Desk,
    /// The way to the hub.
    pub uplink: Uplink,
    /// Takes files.
    pub capture: Capture,
    /// Regions, categories and the rules by which days are counted.
    pub facts: Facts,
    /// Registers that were looked at and not yet taken over.
    pub uploads: register::Uploads,
    /// What people search for.
    pub searches: Searches,
    /// What is done about the office's data at rest.
    pub encryption: Encryption,
}

impl Pages {
    /// Puts the pages together.
    pub fn new(kit: Kit, desk: Desk, uplink: Uplink, facts: Facts, capture: Capture, encryption: Encryption) -> Self {
        Self {
            kit,
            desk,
            uplink,
            capture,
            facts,
            uploads: register::Uploads::default(),
            searches: Searches::default(),
            encryption,
        }
    }

    /// Writes the office's name over every page, once it is known.
    pub async fn name_place(&self) -> Result<(), StoreError> {
        if let Some(office) = self.uplink.status().await?.office {
            let name = self.facts.regions.full_name(&office).unwrap_or(office);
            self.kit.layout.set_place(name);
        }
        Ok(())
    }

    /// Builds the router, complete with frame, guards and accounts.
    pub fn router(self, hosts: AllowedHosts) -> Router {
        finish(routes(), self, hosts)
    }
}

/// Lists every way into the pages, and who may take it.
pub(crate) fn routes() -> Routes<Pages> {
    let may = Who::May;
    let mut routes = Routes::default()
        .get("/", may(Right::Read), list::show)
        .post("/cari", may(Right::Read), list::search)
        .get("/laporan/baru", may(Right::Record), record::blank)
        .post_within("/laporan/baru", may(Right::Record), UPLOAD_BYTES_MAX, record::save)
        .get("/laporan/{id}", may(Right::Read), detail::show)
        .post("/laporan/{id}/pelapor", may(Right::Reveal), detail::reveal)
        .post("/laporan/{id}/pilih", may(Right::Record), detail::settle)
        .get("/laporan/{id}/ubah", may(Right::Record), amend::open)
        .post("/laporan/{id}/ubah", may(Right::Record), amend::save)
        .post_within(
            "/laporan/{id}/lampiran",
            may(Right::Record),
            UPLOAD_BYTES_MAX,
            attachments::add,
        )
        .get("/laporan/{id}/lampiran/{hash}", may(Right::Read), attachments::download)
        .get(
            "/laporan/{id}/lampiran/{hash}/kecil",
            may(Right::Read),
            attachments::thumbnail,
        )
        .post(
            "/laporan/{id}/lampiran/{hash}/hapus",
            may(Right::Record),
            attachments::detach,
        )
        .get("/laporan/{id}/tanda-terima", may(Right::Read), notice::receipt)
        .get(notice::NOTICE_PATH, may(Right::Read), notice::in_force)
        .get("/pemberitahuan/{version}", may(Right::Read), notice::of_version)
        .get("/impor", may(Right::Import), register::open)
        .post_within(
            "/impor",
            may(Right::Import),
            FILE_BYTES_MAX + MULTIPART_BYTES_MAX,
            register::check,
        )
        .post("/impor/simpan", may(Right::Import), register::save)
        .get("/sinkronisasi", may(Right::Read), sync::show)
        .post("/sinkronisasi", may(Right::Exchange), sync::now)
        .post("/sinkronisasi/daftar", may(Right::Administer), sync::enrol)
        .post("/sinkronisasi/berkas", may(Right::Exchange), bundle::make)
        .get("/sinkronisasi/berkas/{name}", may(Right::Exchange), bundle::save)
        .post_within(
            "/sinkronisasi/jawaban",
            may(Right::Exchange),
            BODY_BYTES_MAX,
            bundle::take,
        )
        .get(encryption::ENCRYPTION, may(Right::Administer), encryption::show)
        .post("/enkripsi/nyalakan", may(Right::Administer), encryption::turn_on)
        .post("/enkripsi/kode-baru", may(Right::Administer), encryption::renew)
        .post("/enkripsi/kode", may(Right::Administer), encryption::typed_back)
        .post("/enkripsi/lanjutkan", may(Right::Administer), encryption::go_on)
        .post("/enkripsi/kunci", may(Right::Administer), encryption::lock);
    for (name, right) in detail::STEPS {
        let take = move |desk, facts, visitor, id, typed| detail::take(name, desk, facts, visitor, id, typed);
        routes = routes.post(&format!("/laporan/{{id}}/{name}"), may(right), take);
    }
    routes
        .and(audit::routes())
        .and(export::routes())
        .and(titian_host::subject::routes())
        .and(people::routes())
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

impl FromRef<Pages> for Desk {
    fn from_ref(pages: &Pages) -> Self {
        pages.desk.clone()
    }
}

impl FromRef<Pages> for Uplink {
    fn from_ref(pages: &Pages) -> Self {
        pages.uplink.clone()
    }
}

impl FromRef<Pages> for Facts {
    fn from_ref(pages: &Pages) -> Self {
        pages.facts.clone()
    }
}

impl FromRef<Pages> for Searches {
    fn from_ref(pages: &Pages) -> Self {
        pages.searches.clone()
    }
}

impl FromRef<Pages> for register::Uploads {
    fn from_ref(pages: &Pages) -> Self {
        pages.uploads.clone()
    }
}
