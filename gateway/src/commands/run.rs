//! `run`: the pages on this machine, and syncing in the background.

use std::time::Duration;

use anyhow::Context as _;
use titian_host::bundle::browser;
use titian_host::casebook::project;
use titian_host::cli::{Exit, Failure, print};
use titian_host::store::StoreError;
use titian_host::texts::Texts;
use titian_host::web::{self, AllowedHosts, Kit, Layout};
use tokio::net::TcpListener;

use super::Context;
use crate::capture::Capture;
use crate::pages::{self, Pages};
use crate::roles::ROLES;
use crate::settings;
use crate::uplink::{self, Uplink};

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

/// Runs `run`, until the machine or a person stops it.
pub async fn run(context: Context, args: Args) -> Result<Exit, Failure> {
    let flags = |sources: titian_host::config::Sources| {
        sources
            .flag("listen", args.listen)
            .flag("sync.interval_seconds", args.sync_every)
    };
    let settings = settings::load(&context.folder, flags)?.values;
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
    let listener = TcpListener::bind(&settings.listen).await.map_err(|error| {
        Failure::user(
            format!("cannot listen on {}: {error}", settings.listen),
            "choose another port with --listen",
        )
    })?;
    let address = listener.local_addr().context("a bound socket has an address")?;
    let kit = Kit {
        store: store.clone(),
        clock: context.desk.clock.clone(),
        texts: Texts::new(&pages::TEXTS).context("the texts of the pages are broken")?,
        layout: Layout::new("Titian", pages::NAV),
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
        () = web::serve(listener, web::Plain, router, web::shutdown_signal()) => {}
        () = uplink::background(uplink, interval) => {}
        damage = store.damage() => return Err(damage.into()),
    }
    Ok(Exit::Ok)
}
