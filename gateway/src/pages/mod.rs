//! The gateway's pages: what the office's staff see and do in a browser on this machine.
//!
//! Pages call the [`Desk`], as commands do; they never see the database.

mod amend;
mod attachments;
mod bundle;
mod detail;
mod list;
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
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{get, post};
use titian_host::bundle::browser::BODY_BYTES_MAX;
use titian_host::facts::Facts;
use titian_host::people;
use titian_host::store::StoreError;
use titian_host::web::{AllowedHosts, Kit, NavLink, finish};

use crate::capture::Capture;
use crate::desk::Desk;
use crate::import::FILE_BYTES_MAX;
use crate::uplink::Uplink;

/// The navigation of every page.
pub const NAV: &[NavLink] = &[
    NavLink {
        href: "/",
        key: "nav-list",
    },
    NavLink {
        href: "/laporan/baru",
        key: "nav-record",
    },
    NavLink {
        href: "/impor",
        key: "nav-import",
    },
    NavLink {
        href: "/sinkronisasi",
        key: "nav-sync",
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
}

impl Pages {
    /// Puts the pages together.
    pub fn new(kit: Kit, desk: Desk, uplink: Uplink, facts: Facts, capture: Capture) -> Self {
        Self {
            kit,
            desk,
            uplink,
            capture,
            facts,
            uploads: register::Uploads::default(),
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
        let upload = post(register::check).layer(DefaultBodyLimit::max(FILE_BYTES_MAX + MULTIPART_BYTES_MAX));
        let files = || DefaultBodyLimit::max(attachments::UPLOAD_BYTES_MAX);
        let pages = Router::new()
            .route("/", get(list::show))
            .route(
                "/laporan/baru",
                get(record::blank).merge(post(record::save).layer(files())),
            )
            .route("/laporan/{id}", get(detail::show))
            .route("/laporan/{id}/pelapor", post(detail::reveal))
            .route("/laporan/{id}/pilih", post(detail::settle))
            .route("/laporan/{id}/ubah", get(amend::open).post(amend::save))
            .route("/laporan/{id}/lampiran", post(attachments::add).layer(files()))
            .route("/laporan/{id}/lampiran/{hash}", get(attachments::download))
            .route("/laporan/{id}/lampiran/{hash}/kecil", get(attachments::thumbnail))
            .route("/laporan/{id}/lampiran/{hash}/hapus", post(attachments::detach))
            .route("/laporan/{id}/{step}", post(detail::take))
            .route("/impor", get(register::open).merge(upload))
            .route("/impor/simpan", post(register::save))
            .route("/sinkronisasi", get(sync::show).post(sync::now))
            .route("/sinkronisasi/daftar", post(sync::enrol))
            .route("/sinkronisasi/berkas", post(bundle::make))
            .route("/sinkronisasi/berkas/{name}", get(bundle::save))
            .route(
                "/sinkronisasi/jawaban",
                post(bundle::take).layer(DefaultBodyLimit::max(BODY_BYTES_MAX)),
            )
            .merge(people::routes());
        finish(pages, self, hosts)
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

impl FromRef<Pages> for register::Uploads {
    fn from_ref(pages: &Pages) -> Self {
        pages.uploads.clone()
    }
}
