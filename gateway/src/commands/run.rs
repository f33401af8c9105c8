//! `run`: the pages on this machine, and syncing in the background.

use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::time::Duration;

use anyhow::Context as _;
use titian_host::at_rest::{KeyFile, Lock, SinceBoot};
use titian_host::bundle::browser;
use titian_host::casebook::{erase, project};
use titian_host::cli::{Exit, Failure, Output, print};
use titian_host::clock::Clock;
use titian_host::people::{self, Signing};
use titian_host::store::{Store, StoreError};
use titian_host::texts::Texts;
use titian_host::web::{self, AllowedHosts, Kit, Layout, Unlocking};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use super::Context;
use crate::at_rest::{self, AtRest};
use crate::capture::Capture;
use crate::pages::{self, Pages};
use crate::roles::ROLES;
use crate::settings::{self, Unlock};
use crate::uplink::{self, Uplink};

/// The program's name over every page.
const BRAND: &str = "Titian";

/// `run`
#[derive(clap::Args)]
pub struct Args {
    /// Address of the pages, on this machine; port 0 takes any free one
    #[arg(long)]
    listen: Option<String>,
    /// Seconds between two exchanges when nothing happens here
    #[arg(long)]
    sync_every: Option<u64>,
}

/// Runs `run`, until the machine or a person stops it. Where the data are locked it serves the page that opens them first.
pub async fn run(data: PathBuf, output: Output, args: Args) -> Result<Exit, Failure> {
    let flags = |sources: titian_host::config::Sources| {
        sources
            .flag("listen", args.listen)
            .flag("sync.interval_seconds", args.sync_every)
    };
    let settings = settings::load(&data, flags)?.values;
    // One for both phases: a signal that comes between them must not be lost.
    let mut stop = pin!(web::shutdown_signal());
    let by_accounts = settings.encryption.unlock == Unlock::Login;
    let (context, lock, listener) = match at_rest::look(&data)? {
        AtRest::Plain => {
            let context = super::open(data, output, None).await?;
            (context, None, listen(&settings.listen).await?)
        }
        AtRest::Open(file, key) => {
            let context = super::open(data, output, Some(&key)).await?;
            (
                context,
                Some(Lock::new(file, key, by_accounts)),
                listen(&settings.listen).await?,
            )
        }
        AtRest::Locked(file) => {
            let listener = listen(&settings.listen).await?;
            match unlocked((data, output), (file, by_accounts), listener, stop.as_mut()).await? {
                Some((context, lock, listener)) => (context, Some(lock), listener),
                None => return Ok(Exit::Ok),
            }
        }
    };
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
    let address = listener.local_addr().context("a bound socket has an address")?;
    let kit = Kit {
        store: store.clone(),
        clock: context.desk.clock.clone(),
        texts: Texts::new(&pages::TEXTS).context("the texts of the pages are broken")?,
        layout: Layout::new(BRAND, pages::NAV),
        lock: lock.clone(),
        second_factor: None,
        roles: ROLES,
        zone: context.desk.rules.procedure.zone,
    };
    let capture = Capture::new(context.desk.files.clone(), settings.attachments.shrinking());
    let pages = Pages::new(
        kit,
        context.desk.clone(),
        uplink.clone(),
        context.facts.clone(),
        capture,
    );
    pages.name_place().await?;
    let router = pages.router(AllowedHosts::loopback());
    print::line(&format!("listening on http://{address}"))?;
    let interval = Duration::from_secs(settings.sync.interval_seconds);
    tokio::select! {
        () = web::serve(listener, web::Plain, router, stop) => {}
        () = uplink::background(uplink, interval) => {}
        damage = store.damage() => return Err(damage.into()),
        () = follow(lock, store.clone()) => {}
        () = erase::scrubbing(store.clone()) => {}
    }
    Ok(Exit::Ok)
}

async fn listen(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::user(
            format!("cannot listen on {address}: {error}"),
            "choose another port with --listen",
        )
    })
}

async fn follow(lock: Option<Lock>, store: Store) {
    match lock {
        Some(lock) => lock.follow(store).await,
        None => std::future::pending().await,
    }
}

/// Serves the page that opens the data until somebody did, and gives what the program then works with; none where it was stopped
/// before. Whoever opened them with a password is signed in by it.
async fn unlocked(
    (data, output): (PathBuf, Output),
    (file, by_accounts): (KeyFile, bool),
    listener: TcpListener,
    stop: Pin<&mut impl Future<Output = ()>>,
) -> Result<Option<(Context, Lock, TcpListener)>, Failure> {
    let address = listener.local_addr().context("a bound socket has an address")?;
    let listener = listener.into_std().context("a socket can be held twice")?;
    let again = listener.try_clone().context("a socket can be held twice")?;
    let (opened, mut opening) = mpsc::channel::<Unlocking>(1);
    let (close, closing) = oneshot::channel::<()>();
    let clock = Clock::from_env().map_err(|error| Failure::user(error.to_string(), "correct or unset the variable"))?;
    let texts = Texts::new(&pages::TEXTS).context("the texts of the pages are broken")?;
    let router = web::locked(
        (BRAND, texts, clock),
        AllowedHosts::loopback(),
        (file.clone(), by_accounts),
        opened,
    );
    let listener = TcpListener::from_std(listener).context("a socket can be held twice")?;
    let serving = tokio::spawn(web::serve(listener, web::Plain, router, async { _ = closing.await }));
    print::line(&format!("locked: open the office's data at http://{address}"))?;
    let Unlocking { key, signing, ready } = tokio::select! {
        unlocking = opening.recv() => unlocking.context("the page that opens the data has ended")?,
        () = stop => return Ok(None),
    };
    match SinceBoot::of(&data).keep(&key) {
        Ok(true) => {}
        Ok(false) => tracing::info!("this machine has no folder for what ends with it: each start asks anew"),
        Err(error) => tracing::warn!(%error, "the key could not be kept until the machine stops"),
    }
    let context = super::open(data, output, Some(&key)).await?;
    let mut session = None;
    if let Some((name, password)) = signing {
        let desk = &context.desk;
        match people::login(&desk.store, &desk.clock, &name, password, Some(address.ip())).await {
            Ok(Signing::In(token)) => session = Some(token),
            // The data are open; who cannot be signed in gets the page of signing in.
            Ok(Signing::Code(_) | Signing::Wrong | Signing::Wait(_)) => {}
            Err(error) => tracing::error!(%error, "whoever opened the data could not be signed in"),
        }
    }
    // A browser that went away meanwhile finds the pages when it comes again.
    let _ = ready.send(session);
    let _ = close.send(());
    serving.await.context("the page that opens the data broke off")?;
    let listener = TcpListener::from_std(again).context("a socket can be held twice")?;
    Ok(Some((context, Lock::new(file, key, by_accounts), listener)))
}
