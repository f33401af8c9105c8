//! News on a stick: what offices bring is taken, and answers are made for them to carry back.

use axum::extract::{Multipart, Path, State};
use titian_host::audit::{self, Deed};
use titian_host::bundle::Outgoing;
use titian_host::bundle::browser::{self, Arriving, Outbox, Ready};
use titian_host::store::StoreError;
use titian_host::web::{PageError, PageResult, redirect_saying};
use titian_sync::bundle::PART_BYTES_DEFAULT;

use super::{Caller, Pages};
use crate::bundle::Post;
use crate::store::bundle::Addressee;

/// Takes the files that offices brought.
pub async fn take(State(pages): State<Pages>, caller: Caller, parts: Multipart) -> PageResult {
    let arriving = Arriving::take(pages.kit.store.path(), pages.desk.clock.random(), parts).await;
    let arriving = arriving.map_err(browser::not_taken)?;
    let post = post(&pages).await?;
    // In a task of its own: a closed tab does not end it half way.
    let running = tokio::spawn(async move { post.import(vec![arriving.folder()]).await });
    let report = running.await.map_err(|error| PageError::Internal(error.into()))?;
    note(&pages, &caller, Deed::BundleRead, "").await?;
    let report = report.map_err(|trouble| browser::page_error(trouble, &caller.words.reader))?;
    browser::result_page(&report, &caller.words.reader, "/kantor")
}

/// Makes the answer for a gateway; it is listed beside the gateway then, to be saved.
pub async fn answer(State(pages): State<Pages>, caller: Caller, Path(device): Path<u64>) -> PageResult {
    let mut addressees = pages.desk.store.addressees(None).await?;
    addressees.retain(|addressee| addressee.device == device);
    let Some(addressee) = addressees.first() else {
        return Err(PageError::not_found());
    };
    let name = addressee.name.to_string();
    let (beginning, post) = (beginning(addressee), post(&pages).await?);
    note(&pages, &caller, Deed::BundleWritten, &name).await?;
    let made = async {
        let outgoing = Outgoing {
            folder: outbox(&pages).make_room(&beginning)?,
            all: false,
            // Only what this gateway said to lack, and that is little.
            attachments: true,
            part_bytes: PART_BYTES_DEFAULT,
        };
        post.export(addressees, outgoing).await.map_err(|failed| failed.trouble)
    };
    made.await
        .map_err(|trouble| browser::page_error(trouble, &caller.words.reader))?;
    Ok(redirect_saying("/kantor", "notice-answer-made", &[("gateway", &name)]))
}

async fn note(pages: &Pages, caller: &Caller, deed: Deed, to: &str) -> Result<(), StoreError> {
    let (kit, who) = (&pages.kit, (caller.staff.name.as_str(), deed));
    audit::note_alone(&kit.store, &kit.clock, who, None, to).await
}

/// Sends one of the files to the browser, to be saved to the stick.
pub async fn save(State(pages): State<Pages>, _caller: Caller, Path(name): Path<String>) -> PageResult {
    outbox(&pages).send(&name).await
}

/// Lists the files that wait to be saved for a gateway.
pub fn ready(pages: &Pages, office: &str, letter: &str) -> Vec<Ready> {
    outbox(pages).list(&format!("titian_hub_{office}-{letter}_"))
}

fn beginning(addressee: &Addressee) -> String {
    format!("titian_hub_{}-{}_", addressee.name.office, addressee.name.letter)
}

fn outbox(pages: &Pages) -> Outbox {
    Outbox::beside(pages.kit.store.path())
}

async fn post(pages: &Pages) -> Result<Post, PageError> {
    Ok(Post {
        desk: pages.desk.clone(),
        keys: pages.desk.keys().await?,
        airlock: pages.airlock.clone(),
    })
}
