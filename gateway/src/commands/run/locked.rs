//! The data are locked: one page opens them, and nothing else is served.

use anyhow::Context as _;
use titian_host::at_rest::{KeyFile, Stage};
use titian_host::cli::{Failure, print};
use titian_host::people::{self, Signing};
use titian_host::web::{self, AllowedHosts, Unlocking};
use tokio::sync::{mpsc, oneshot};

use super::at_work::Work;
use super::{BRAND, House, Phase, stopped};
use crate::at_rest::Access;

/// Serves the page that opens the data until somebody did, and gives what is next; none where it was stopped before. Whoever opened
/// them with a password is signed in by it.
pub async fn serve(house: &House, file: KeyFile) -> Result<Option<Phase>, Failure> {
    let address = house.address()?;
    let (opened, mut opening) = mpsc::channel::<Unlocking>(1);
    let (close, closing) = oneshot::channel::<()>();
    let router = web::locked(
        (BRAND, house.texts.clone(), house.clock.clone()),
        AllowedHosts::loopback(),
        (file.clone(), house.by_accounts()),
        opened,
    );
    let serving = tokio::spawn(web::serve(house.listener()?, web::Plain, router, async {
        _ = closing.await;
    }));
    print::line(&format!("locked: open the office's data at http://{address}"))?;
    let Unlocking {
        file,
        key,
        signing,
        ready,
    } = tokio::select! {
        unlocking = opening.recv() => unlocking.context("the page that opens the data has ended")?,
        () = stopped(house.stop.clone()) => return Ok(None),
    };
    let mut session = None;
    let next = if file.stage() == Stage::Enciphering {
        Phase::AtWork(Work::GoOn(file, key))
    } else {
        house.keep_since_boot(&key);
        let opened = house.open(Access::Enciphered(key), Some(file)).await?;
        if let Some((name, password)) = signing {
            let desk = &opened.context.desk;
            match people::login(&desk.store, &desk.clock, &name, password, Some(address.ip())).await {
                Ok(Signing::In(token)) => session = Some(token),
                // The data are open; who cannot be signed in gets the page of signing in.
                Ok(Signing::Code(_) | Signing::Wrong | Signing::Wait(_)) => {}
                Err(error) => tracing::error!(%error, "whoever opened the data could not be signed in"),
            }
        }
        Phase::Open(opened)
    };
    // A browser that went away meanwhile finds the pages when it comes again.
    drop(opening);
    let _ = ready.send(session);
    let _ = close.send(());
    serving.await.context("the page that opens the data broke off")?;
    Ok(Some(next))
}
