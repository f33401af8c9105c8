//! `run`: the pages on this machine, and syncing in the background, in phases: the data are locked, open, or being enciphered.

mod at_work;
mod locked;
mod open;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use titian_host::at_rest::{DataKey, KeyFile, Lock, SinceBoot};
use titian_host::cli::{Exit, Failure, Output};
use titian_host::clock::Clock;
use titian_host::texts::Texts;
use titian_host::web;
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::at_work::Work;
use self::open::Opened;
use crate::at_rest::{self, Access, AtRest};
use crate::pages;
use crate::settings::{self, GatewaySettings, Unlock};

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

/// What the program is at, until it is stopped.
enum Phase {
    /// It serves the page that opens the data.
    Locked(KeyFile),
    /// It enciphers the data, and serves the page that asks for patience.
    AtWork(Work),
    /// It serves the office, and syncs in the background.
    Open(Opened),
}

/// What outlives every phase.
struct House {
    data: PathBuf,
    output: Output,
    settings: GatewaySettings,
    clock: Clock,
    texts: Texts,
    /// Held all the time, so that a browser that asks between two phases waits and is not refused.
    listener: std::net::TcpListener,
    /// Turns true when the program is asked to stop; in one place, since a signal between two phases must not be lost.
    stop: watch::Receiver<bool>,
}

/// Runs `run`, until the machine or a person stops it.
pub async fn run(data: PathBuf, output: Output, args: Args) -> Result<Exit, Failure> {
    let flags = |sources: titian_host::config::Sources| {
        sources
            .flag("listen", args.listen)
            .flag("sync.interval_seconds", args.sync_every)
    };
    let settings = settings::load(&data, flags)?.values;
    let (asked_to_stop, stop) = watch::channel(false);
    tokio::spawn(async move {
        web::shutdown_signal().await;
        let _ = asked_to_stop.send(true);
    });
    let found = at_rest::look(&data)?;
    let house = House {
        listener: listen(&settings.listen).await?,
        clock: Clock::from_env().map_err(|error| Failure::user(error.to_string(), "correct or unset the variable"))?,
        texts: Texts::new(&pages::TEXTS).context("the texts of the pages are broken")?,
        data,
        output,
        settings,
        stop,
    };
    let mut phase = Some(match found {
        AtRest::Plain => Phase::Open(house.open(Access::Plain, None).await?),
        AtRest::Open(file, key) => Phase::Open(house.open(Access::Enciphered(key), Some(file)).await?),
        AtRest::Locked(file) | AtRest::Begun(file) => Phase::Locked(file),
    });
    while let Some(now) = phase {
        phase = match now {
            Phase::Locked(file) => locked::serve(&house, file).await?,
            Phase::AtWork(work) => Some(at_work::serve(&house, work).await?),
            Phase::Open(opened) => open::serve(&house, opened).await?,
        };
    }
    Ok(Exit::Ok)
}

impl House {
    /// Opens the data for the office; `file` is what keeps the key.
    async fn open(&self, access: Access, file: Option<KeyFile>) -> Result<Opened, Failure> {
        let context = super::open(self.data.clone(), self.output, &access).await?;
        let lock = access.key().zip(file);
        let lock = lock.map(|(key, file)| Lock::new(file, key.clone(), self.by_accounts()));
        Ok(Opened {
            context,
            lock,
            trouble: None,
        })
    }

    /// Has later starts find the key, until the machine stops.
    fn keep_since_boot(&self, key: &DataKey) {
        match SinceBoot::of(&self.data).keep(key) {
            Ok(true) => {}
            Ok(false) => tracing::info!("this machine has no folder for what ends with it: each start asks anew"),
            Err(error) => tracing::warn!(%error, "the key could not be kept until the machine stops"),
        }
    }

    /// Whether passwords of accounts open the data.
    fn by_accounts(&self) -> bool {
        self.settings.encryption.unlock == Unlock::Login
    }

    /// Gives the socket to the runtime that asks.
    fn listener(&self) -> Result<TcpListener, Failure> {
        let again = self.listener.try_clone().and_then(TcpListener::from_std);
        Ok(again.context("a socket can be held twice")?)
    }

    fn address(&self) -> Result<SocketAddr, Failure> {
        Ok(self.listener.local_addr().context("a bound socket has an address")?)
    }
}

/// Resolves when the program is asked to stop.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // Whoever tells it lives as long as the program.
    let _ = stop.wait_for(|asked| *asked).await;
}

async fn listen(address: &str) -> Result<std::net::TcpListener, Failure> {
    let bound = TcpListener::bind(address).await.and_then(TcpListener::into_std);
    bound.map_err(|error| {
        Failure::user(
            format!("cannot listen on {address}: {error}"),
            "choose another port with --listen",
        )
    })
}
