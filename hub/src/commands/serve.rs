//! `serve`: the pages, and the endpoints that gateways talk to.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use titian_host::bundle::browser;
use titian_host::casebook::erase;
use titian_host::cli::{Exit, Failure, print};
use titian_host::people::{SecondFactor, second_factor};
use titian_host::texts::Texts;
use titian_host::web::{self, AllowedHosts, Kit, Layout};
use tokio::net::TcpListener;

use super::Context;
use crate::airlock::Airlock;
use crate::codes::Codes;
use crate::pages::{self, Pages, Sheet};
use crate::receive::{self, Receiver};
use crate::roles::ROLES;
use crate::settings::{self, HubSettings};
use crate::tls::{Certificate, CertificateError, Tls};
use crate::turns::Turns;
use crate::waiting_room::WaitingRoom;

/// `serve`
#[derive(clap::Args)]
pub struct Args {
    /// Address of pages and endpoints; port 0 takes any free one
    #[arg(long)]
    listen: Option<String>,
    /// Where gateways and browsers find the hub
    #[arg(long)]
    public_url: Option<String>,
}

/// Runs `serve`, until the machine or a person stops it.
pub async fn run(context: Context, args: Args) -> Result<Exit, Failure> {
    let flags =
        |sources: titian_host::config::Sources| sources.flag("listen", args.listen).flag("public_url", args.public_url);
    let settings = settings::load(&context.folder, flags)?.values;
    let store = &context.desk.store;
    store.door().keep_ballast().await;
    if let Some(count) = store.renew(context.desk.rules.clone()).await? {
        tracing::debug!(complaints = count, "lists, search and deadlines were derived anew");
    }
    second_factor::forget_halfway(store.door()).await?;
    let (waiting, closing) = WaitingRoom::open();
    // Made at the first start, before anybody asks for it.
    context.desk.keys().await?;
    let codes = Codes::new(&settings);
    let tls = settings.speaks_tls().then(|| tls(&context, &settings)).transpose()?;
    context.desk.files.tidy(store.door()).await?;
    browser::tidy(store.door().path());
    let airlock = Airlock::new();
    let receiver = Receiver {
        desk: context.desk.clone(),
        airlock: airlock.clone(),
        waiting,
        turns: Turns::default(),
    };
    let listener = TcpListener::bind(&settings.listen).await.map_err(|error| {
        Failure::user(
            format!("cannot listen on {}: {error}", settings.listen),
            "choose another address with --listen",
        )
    })?;
    let address = listener.local_addr().context("a bound socket has an address")?;
    let here = format!("{}://{address}", if tls.is_some() { "https" } else { "http" });
    let public = if settings.public_url.is_empty() {
        here.clone()
    } else {
        settings.public_url.clone()
    };
    store.note_address(public).await?;
    let router = pages(&context, &settings, (airlock, codes))?.merge(receive::router(receiver));
    print::line(&format!("listening on {here}"))?;
    let shutdown = async {
        web::shutdown_signal().await;
        closing.close();
    };
    let serving = async {
        match tls {
            Some(tls) => web::serve(listener, tls, router, shutdown).await,
            None => web::serve(listener, web::Plain, router, shutdown).await,
        }
    };
    tokio::select! {
        () = serving => Ok(Exit::Ok),
        damage = store.door().damage() => Err(damage.into()),
        () = erase::scrubbing(store.door().clone()) => Ok(Exit::Ok),
    }
}

fn tls(context: &Context, settings: &HubSettings) -> Result<Tls, Failure> {
    let (chain, own_key) = (&settings.tls.certificate, &settings.tls.key);
    let certificate = if chain.is_empty() {
        Certificate::own(&context.folder, names(settings))
    } else {
        Certificate::read(Path::new(chain), Path::new(own_key))
    };
    let certificate = certificate.map_err(|error| match error {
        CertificateError::Make(_) => Failure::Internal(error.into()),
        _ => Failure::user(
            error.to_string(),
            "correct tls.certificate and tls.key; the hub's own certificate is made anew once its two files are removed",
        ),
    })?;
    Tls::new(context.desk.clone(), certificate).map_err(|error| {
        Failure::user(
            format!("the certificate for browsers and its key cannot be used: {error}"),
            "see that tls.certificate and tls.key belong to each other",
        )
    })
}

/// The names under which browsers ask for the hub.
fn names(settings: &HubSettings) -> Vec<String> {
    let listen = without_port(&settings.listen);
    let public = without_port(host(&settings.public_url));
    let is_a_name = |name: &&str| !name.is_empty() && !matches!(*name, "0.0.0.0" | "[::]");
    let names = ["localhost", "127.0.0.1", listen, public].into_iter().filter(is_a_name);
    let unique: BTreeSet<_> = names.map(|name| name.trim_matches(['[', ']']).to_owned()).collect();
    unique.into_iter().collect()
}

/// The file that replaces the order and the labels of the transcription sheet.
const SHEET_FILE: &str = "transcription-sheet.toml";

fn pages(context: &Context, settings: &HubSettings, (airlock, codes): (Airlock, Codes)) -> Result<Router, Failure> {
    let kit = Kit {
        lock: None,
        store: context.desk.store.door().clone(),
        clock: context.desk.clock.clone(),
        texts: Texts::new(pages::TEXTS).context("the texts of the pages are broken")?,
        layout: Layout::new("Titian Hub", pages::NAV),
        second_factor: Some(SecondFactor::required_of(&settings.people.second_factor)),
        roles: ROLES,
        zone: context.desk.rules.procedure.zone,
    };
    let path = context.folder.join(SHEET_FILE);
    let sheet = match std::fs::read_to_string(&path) {
        Ok(text) => Sheet::parse(&text)
            .map_err(|error| Failure::user(format!("{}: {error}", path.display()), "mend or remove the file"))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Sheet::bundled(),
        Err(error) => {
            return Err(Failure::user(
                format!("cannot read {}: {error}", path.display()),
                "check its permissions",
            ));
        }
    };
    let pages = Pages::new(
        kit,
        (context.desk.clone(), airlock, codes),
        context.facts.regions.clone(),
        Arc::new(sheet),
        settings.retention.periods(),
    );
    // Where the hub is reached under a name, that name is what browsers say; a bare listener is for tests and tunnels.
    let names = [settings.listen.as_str(), host(&settings.public_url)].map(without_port);
    let hosts = AllowedHosts::loopback().and(names.into_iter().filter(|name| !name.is_empty()));
    Ok(pages::router(pages, hosts))
}

/// What stands between the scheme and the path of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// Browsers name the port too, but whoever reaches the program has found that already.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
