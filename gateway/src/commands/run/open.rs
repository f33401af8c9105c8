//! The data are open: the office works in its pages, and news travel in the background.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use titian_host::at_rest::Lock;
use titian_host::bundle::browser;
use titian_host::casebook::{erase, project};
use titian_host::cli::{Failure, print};
use titian_host::store::{Store, StoreError};
use titian_host::texts::Texts;
use titian_host::web::{self, AllowedHosts, Kit, Layout};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot, watch};

use super::at_work::Work;
use super::{BRAND, House, Phase, stopped};
use crate::at_rest::Trouble;
use crate::capture::Capture;
use crate::commands::Context;
use crate::pages::{self, Ask, Encryption, Pages};
use crate::roles::ROLES;
use crate::settings::GatewaySettings;
use crate::uplink::{self, Uplink};

/// The data as this phase works with them.
pub struct Opened {
    /// What every command works with.
    pub context: Context,
    /// The key file with its key, where they are enciphered.
    pub lock: Option<Lock>,
    /// Why enciphering them failed, where it did just now.
    pub trouble: Option<Trouble>,
}

/// An office at work.
struct Office {
    opened: Opened,
    by_accounts: bool,
    settings: GatewaySettings,
    texts: Texts,
    listener: TcpListener,
    stop: watch::Receiver<bool>,
}

/// Serves the office until it is stopped, or until somebody asks for what the data must be closed for; gives what is next.
///
/// It has a runtime of its own. When that ends, everything is over that belongs to the open data, whoever began it: requests that a
/// browser left behind, exchanges, work on files. So nothing in this process reads or writes them any more.
pub async fn serve(house: &House, opened: Opened) -> Result<Option<Phase>, Failure> {
    let office = Office {
        opened,
        by_accounts: house.by_accounts(),
        settings: house.settings.clone(),
        texts: house.texts.clone(),
        listener: house.listener.try_clone().context("a socket can be held twice")?,
        stop: house.stop.clone(),
    };
    let (done, over) = oneshot::channel();
    let run = move || {
        let runtime = Builder::new_multi_thread().enable_all().build();
        let ended = match &runtime {
            Ok(runtime) => runtime.block_on(office.run()),
            Err(error) => Err(Failure::Internal(anyhow::anyhow!("no threads for the pages: {error}"))),
        };
        // It waits for what blocks.
        drop(runtime);
        let _ = done.send(ended);
    };
    let started = thread::Builder::new().name("office".to_owned()).spawn(run);
    started.context("no thread for the pages")?;
    over.await.context("the pages broke off")?
}

impl Office {
    async fn run(self) -> Result<Option<Phase>, Failure> {
        let Self {
            opened: Opened { context, lock, trouble },
            by_accounts,
            settings,
            texts,
            listener,
            stop,
        } = self;
        let store = &context.desk.store;
        store.keep_ballast().await;
        let rules = context.desk.rules.clone();
        if let Some(count) = store
            .write(move |tx| Ok::<_, StoreError>(project::renew(tx, &rules)?))
            .await?
        {
            tracing::debug!(complaints = count, "lists, search and deadlines were derived anew");
        }
        context.desk.files.tidy(store).await?;
        browser::tidy(store.path());
        let uplink = Uplink::new(context.desk.clone())?
            .allowing_plain_http(settings.sync.plain_http)
            .within(&settings.sync);
        let kit = Kit {
            store: store.clone(),
            clock: context.desk.clock.clone(),
            texts,
            layout: Layout::new(BRAND, pages::NAV),
            lock: lock.clone(),
            second_factor: None,
            roles: ROLES,
            zone: context.desk.rules.procedure.zone,
        };
        let capture = Capture::new(context.desk.files.clone(), settings.attachments.shrinking());
        // One is enough: whatever is asked ends this phase.
        let (asks, mut asked) = mpsc::channel(1);
        let pages = Pages::new(
            kit,
            context.desk.clone(),
            uplink.clone(),
            context.facts.clone(),
            capture,
            Encryption::new(by_accounts, trouble, asks),
        );
        pages.name_place().await?;
        let router = pages.router(AllowedHosts::loopback());
        let listener = tokio::net::TcpListener::from_std(listener).context("a socket can be served from here")?;
        let address = listener.local_addr().context("a bound socket has an address")?;
        print::line(&format!("listening on http://{address}"))?;
        let interval = Duration::from_secs(settings.sync.interval_seconds);
        let mut ask = None;
        let over = async {
            tokio::select! {
                () = stopped(stop) => {}
                asked = asked.recv() => ask = asked,
            }
        };
        tokio::select! {
            () = web::serve(listener, web::Plain, router, over) => {}
            () = uplink::background(uplink, interval) => {}
            damage = store.damage() => return Err(damage.into()),
            () = follow(lock.clone(), store.clone()) => {}
            () = erase::scrubbing(store.clone()) => {}
        }
        Ok(next(ask, lock).await)
    }
}

/// Gives what was asked for; none where the program is to stop.
async fn next(ask: Option<Ask>, lock: Option<Lock>) -> Option<Phase> {
    match (ask?, lock) {
        (Ask::Encipher(beginning), _) => Some(Phase::AtWork(Work::Begin(beginning))),
        (Ask::GoOn, Some(lock)) => {
            let (file, key) = lock.parts().await;
            Some(Phase::AtWork(Work::GoOn(file, key)))
        }
        (Ask::Lock, Some(lock)) => Some(Phase::Locked(lock.parts().await.0)),
        // The page asks for neither where there is nothing to lock.
        (Ask::GoOn | Ask::Lock, None) => None,
    }
}

async fn follow(lock: Option<Lock>, store: Store) {
    match lock {
        Some(lock) => lock.follow(store).await,
        None => std::future::pending().await,
    }
}
