//! News on a stick: a file for the hub to save, and the hub's answer to take.

use axum::extract::{Multipart, Path, State};
use titian_host::audit::{self, Deed};
use titian_host::bundle::Outgoing;
use titian_host::bundle::browser::{self, Arriving, Outbox, Ready};
use titian_host::store::StoreError;
use titian_host::web::{PageError, PageResult, redirect_saying};
use titian_sync::bundle::PART_BYTES_DEFAULT;

use super::Pages;
use super::typed::Typed;
use super::visitor::Visitor;

/// How the names of files for the hub begin.
const BEGINNING: &str = "titian_";

/// Makes the files that take what the hub has not acknowledged; they are listed on the page then, to be saved.
pub async fn make(State(pages): State<Pages>, visitor: Visitor, typed: Typed) -> PageResult {
    note(&pages, &visitor, Deed::BundleWritten).await?;
    let outbox = outbox(&pages);
    let made = async {
        let outgoing = Outgoing {
            folder: outbox.make_room(BEGINNING)?,
            all: false,
            attachments: typed.has("attachments"),
            part_bytes: PART_BYTES_DEFAULT,
        };
        pages
            .uplink
            .export_bundle(outgoing)
            .await
            .map_err(|failed| failed.trouble)
    };
    let exported = made
        .await
        .map_err(|trouble| browser::page_error(trouble, &visitor.reader))?;
    let notice = if exported.content == "request" {
        "notice-bundle-made"
    } else {
        "notice-bundle-join-made"
    };
    Ok(redirect_saying("/sinkronisasi", notice, &[]))
}

/// Sends one of the files to the browser, to be saved to the stick.
pub async fn save(State(pages): State<Pages>, _visitor: Visitor, Path(name): Path<String>) -> PageResult {
    outbox(&pages).send(&name).await
}

/// Takes the hub's answer from a stick.
pub async fn take(State(pages): State<Pages>, visitor: Visitor, parts: Multipart) -> PageResult {
    let database = pages.kit.store.path();
    let arriving = Arriving::take(database, pages.desk.clock.random(), parts).await;
    let arriving = arriving.map_err(browser::not_taken)?;
    let uplink = pages.uplink.clone();
    // In a task of its own: a closed tab does not end it half way.
    let running = tokio::spawn(async move { uplink.import_bundles(vec![arriving.folder()]).await });
    let report = running.await.map_err(|error| PageError::Internal(error.into()))?;
    note(&pages, &visitor, Deed::BundleRead).await?;
    let report = report.map_err(|trouble| browser::page_error(trouble, &visitor.reader))?;
    browser::result_page(&report, &visitor.reader, "/sinkronisasi")
}

async fn note(pages: &Pages, visitor: &Visitor, deed: Deed) -> Result<(), StoreError> {
    let (kit, who) = (&pages.kit, (visitor.staff.name.as_str(), deed));
    audit::note_alone(&kit.store, &kit.clock, who, None, "").await
}

/// Lists the files that wait to be saved.
pub fn ready(pages: &Pages) -> Vec<Ready> {
    outbox(pages).list(BEGINNING)
}

fn outbox(pages: &Pages) -> Outbox {
    Outbox::beside(pages.kit.store.path())
}
