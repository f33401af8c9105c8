//! `serve`: the pages, and the endpoints that gateways talk to.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use titian_host::cli::{Exit, Failure, print};
use titian_host::texts::Texts;
use titian_host::web::{self, AllowedHosts, Kit, Layout};
use tokio::net::TcpListener;

use super::Context;
use crate::pages::{self, Pages, Sheet};
use crate::receive::{self, Receiver};
use crate::settings::{self, HubSettings};

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
    store.door().check().await?;
    store.door().keep_ballast().await;
    if let Some(count) = store.renew(context.desk.rules.clone()).await? {
        tracing::debug!(complaints = count, "lists, search and deadlines were derived anew");
    }
    let receiver = Receiver {
        desk: context.desk.clone(),
        key: context.key().await?,
    };
    let listener = TcpListener::bind(&settings.listen).await.map_err(|error| {
        Failure::user(
            format!("cannot listen on {}: {error}", settings.listen),
            "choose another address with --listen",
        )
    })?;
    let address = listener.local_addr().context("a bound socket has an address")?;
    let public = if settings.public_url.is_empty() {
        format!("http://{address}")
    } else {
        settings.public_url.clone()
    };
    store.note_address(public).await?;
    let router = pages(&context, &settings)?.merge(receive::router(receiver));
    print::line(&format!("listening on http://{address}"))?;
    web::serve(listener, router, web::shutdown_signal()).await;
    Ok(Exit::Ok)
}

/// The file that replaces the order and the labels of the transcription sheet.
const SHEET_FILE: &str = "transcription-sheet.toml";

fn pages(context: &Context, settings: &HubSettings) -> Result<Router, Failure> {
    let kit = Kit {
        store: context.desk.store.door().clone(),
        clock: context.desk.clock.clone(),
        texts: Texts::new(pages::TEXTS).context("the texts of the pages are broken")?,
        layout: Layout::new("Titian Hub", pages::NAV),
        roles: pages::ROLES,
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
        context.desk.clone(),
        context.facts.regions.clone(),
        Arc::new(sheet),
    );
    // Where the hub is reached under a name, that name is what browsers say; a bare listener is for tests and tunnels.
    let public = settings.public_url.trim_start_matches("http://").trim_end_matches('/');
    let names = [settings.listen.as_str(), public].map(without_port);
    let hosts = AllowedHosts::loopback().and(names.into_iter().filter(|name| !name.is_empty()));
    Ok(pages::router(pages, hosts))
}

/// Browsers name the port too, but whoever reaches the program has found that already.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
