//! The data are being enciphered: nobody else has them open, and one page asks for patience.

use std::path::Path;

use anyhow::Context as _;
use titian_host::at_rest::{DataKey, KeyFile};
use titian_host::cli::{Failure, print};
use titian_host::clock::Clock;
use titian_host::store::encipher::EncipherError;
use titian_host::web::{self, AllowedHosts};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::open::Opened;
use super::{BRAND, House, Phase};
use crate::at_rest::{self, Access, AtRest, Beginning, Trouble, Unenciphered};

/// What is to be done with the data.
pub enum Work {
    /// They are plain, and are to be enciphered.
    Begin(Beginning),
    /// Enciphering was begun; it goes on.
    GoOn(KeyFile, DataKey),
}

/// Does the work, and opens the data for the office again: enciphered, or as they are where it failed.
pub async fn serve(house: &House, work: Work) -> Result<Phase, Failure> {
    let (close, closing) = oneshot::channel::<()>();
    let router = web::at_work((BRAND, house.texts.clone()), AllowedHosts::loopback());
    let serving = tokio::spawn(web::serve(house.listener()?, web::Plain, router, async {
        _ = closing.await;
    }));
    print::line(&format!(
        "at work: the office's data are being enciphered; see http://{}",
        house.address()?
    ))?;
    let key = match &work {
        Work::Begin(Beginning { key, .. }) | Work::GoOn(_, key) => key.clone(),
    };
    let (data, clock) = (house.data.clone(), house.clock.clone());
    // It reads and writes for minutes. A program that is asked to stop meanwhile stops when it is over.
    let done = tokio::task::spawn_blocking(move || Handle::current().block_on(encipher(&data, work, &clock)));
    let done = done.await.context("enciphering the data broke off")?;
    let trouble = done.err().map(|error| {
        // The head of office is told on the page, and mends it or calls somebody.
        tracing::warn!(%error, "the office's data could not be enciphered");
        Trouble::of(&error)
    });
    // What lies on the disk now says more than what was to be done.
    let (access, file) = match at_rest::look(&house.data)? {
        AtRest::Plain => (Access::Plain, None),
        AtRest::Begun(file) => (Access::Begun(key), Some(file)),
        AtRest::Open(file, _) | AtRest::Locked(file) => {
            house.keep_since_boot(&key);
            (Access::Enciphered(key), Some(file))
        }
    };
    let opened = Opened {
        trouble,
        ..house.open(access, file).await?
    };
    let _ = close.send(());
    serving.await.context("the page that asks for patience broke off")?;
    Ok(Phase::Open(opened))
}

async fn encipher(data: &Path, work: Work, clock: &Clock) -> Result<(), Unenciphered> {
    let claimed = at_rest::claim(data)?;
    match work {
        Work::Begin(beginning) => {
            // It lies there as long as nobody took it away under the running program.
            let gone = || Unenciphered::Database(EncipherError::Copy("the database is gone".to_owned()));
            at_rest::turn_on(data, claimed.ok_or_else(gone)?, beginning, clock).await?;
        }
        Work::GoOn(mut file, key) => {
            at_rest::go_on(data, claimed, &mut file, &key)?;
        }
    }
    Ok(())
}
