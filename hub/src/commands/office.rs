//! `office add|list|explain|code|revoke`: the offices, and the one-time codes by which their gateways join.

use clap::Subcommand;
use serde::Serialize;
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::audit::AT_THE_SHELL;
use titian_host::cli::{Exit, Failure, Table};
use titian_sync::bundle::label::GatewayName;

use super::Context;
use crate::codes::{Codes, NoCode};
use crate::settings;
use crate::store::explain::AtGateway;
use crate::store::office::OfficeError;

/// `office …`
#[derive(Subcommand)]
pub enum Command {
    /// Add an office
    Add {
        /// The code of its sub-district, e.g. 63.01.03
        code: OfficeCode,
        /// Its name; from the region table where it is left out
        #[arg(long)]
        name: Option<String>,
    },
    /// List the offices and their gateways
    List,
    /// Show what each gateway of an office holds, what is missing, since when and why; exit code 3 if something is
    Explain {
        /// The code of the office's sub-district
        office: OfficeCode,
        /// Which complaint: its id, register number or Tracking ID; all that are not whole if left out
        complaint: Option<String>,
    },
    /// Make a one-time code with which one gateway of an office joins
    Code {
        /// The code of the office's sub-district
        office: OfficeCode,
        /// Where the gateway finds the hub; the setting `public_url`, or where it was last served, if left out
        #[arg(long)]
        url: Option<String>,
    },
    /// Shut a gateway out, e.g. of a stolen PC: from its next request on it is refused. What it brought stays, and a new
    /// code lets its office in again
    Revoke {
        /// The gateway, e.g. 63.01.03/A
        gateway: GatewayName,
    },
}

/// A gateway that is shut out now.
#[derive(Serialize)]
struct ShutOut {
    revoked: String,
}

/// Runs an `office` command.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Add { code, name } => add(context, code, name).await,
        Command::List => list(context).await,
        Command::Explain { office, complaint } => explain(context, office, complaint).await,
        Command::Code { office, url } => code(context, office, url).await,
        Command::Revoke { gateway } => revoke(context, gateway).await,
    }
}

async fn add(context: &Context, code: OfficeCode, name: Option<String>) -> Result<Exit, Failure> {
    let known = context.facts.regions.name(code.as_str()).map(str::to_owned);
    let name = name.or(known).ok_or_else(|| {
        Failure::user(
            format!("the region table has no sub-district {code}"),
            "check the code, or give a name with --name",
        )
    })?;
    let (now, epoch) = (context.desk.now(), context.desk.clock.random());
    context
        .desk
        .store
        .add_office(code.clone(), name.clone(), now, epoch)
        .await?;
    context
        .output
        .show(&serde_json::json!({ "code": code, "name": name }), |_| {
            Table::new(["office", "name"]).row([code.as_str(), &name])
        })?;
    Ok(Exit::Ok)
}

async fn list(context: &Context) -> Result<Exit, Failure> {
    let offices = context.desk.store.offices().await?;
    let zone = context.desk.rules.procedure.zone;
    let time = |at: Option<UnixMillis>| {
        at.map_or_else(
            || "never".to_owned(),
            |at| at.local(zone).format("%Y-%m-%d %H:%M").to_string(),
        )
    };
    context.output.show(&offices, |offices| {
        let mut table = Table::new([
            "office",
            "name",
            "complaints",
            "gateway",
            "machine",
            "last seen",
            "identical since",
        ]);
        for office in offices {
            let (code, complaints) = (office.code.as_str(), office.complaints.to_string());
            if office.gateways.is_empty() {
                table.push([code, &office.name, &complaints, "none enrolled"]);
            }
            for gateway in &office.gateways {
                let letter = if gateway.revoked {
                    format!("{} (revoked)", gateway.letter)
                } else if let Some(at) = gateway.copied_at {
                    format!("{} (a copy was refused {})", gateway.letter, time(Some(at)))
                } else {
                    gateway.letter.clone()
                };
                let (seen, since) = (time(gateway.last_seen), time(gateway.in_sync_since));
                table.push([
                    code,
                    &office.name,
                    &complaints,
                    &letter,
                    &gateway.machine,
                    &seen,
                    &since,
                ]);
            }
        }
        table
    })?;
    Ok(Exit::Ok)
}

async fn explain(context: &Context, office: OfficeCode, complaint: Option<String>) -> Result<Exit, Failure> {
    let store = &context.desk.store;
    let known = store.offices().await?.into_iter().any(|row| row.code == office);
    if !known {
        return Err(OfficeError::Unknown(office).into());
    }
    let complaint = match complaint {
        Some(name) => Some(store.find(&name).await?),
        None => None,
    };
    let gateways = store.explain(office, complaint).await?;
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&gateways, |gateways| {
        let mut table = Table::new([
            "gateway",
            "why",
            "complaint",
            "register",
            "missing there",
            "since",
            "missing here",
        ]);
        for gateway in gateways {
            let gateway_words = [gateway.letter.clone(), gateway.why.to_owned()];
            if gateway.complaints.is_empty() {
                table.push(gateway_words.clone());
            }
            for explained in &gateway.complaints {
                let [_, register, _, _, there, since, here, _] = explained.cells(zone);
                let [letter, why] = gateway_words.clone();
                table.push([
                    letter,
                    why,
                    explained.complaint.to_string(),
                    register,
                    there,
                    since,
                    here,
                ]);
            }
        }
        table
    })?;
    let whole = gateways.iter().all(AtGateway::is_whole);
    Ok(if whole { Exit::Ok } else { Exit::NotDelivered })
}

async fn code(context: &Context, office: OfficeCode, url: Option<String>) -> Result<Exit, Failure> {
    let settings = settings::load(&context.folder, |sources| sources.flag("public_url", url))?.values;
    let fresh = Codes::new(&settings).make(&context.desk, office, AT_THE_SHELL).await?;
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&fresh, |fresh| {
        Table::new(["what", "value"])
            .row(["office", fresh.office.as_str()])
            .row(["gateway letter", fresh.letter.as_str()])
            .row(["hub", &fresh.hub])
            .row([
                "usable until",
                &fresh.expires_at.local(zone).format("%Y-%m-%d %H:%M").to_string(),
            ])
            .row(["code", &fresh.code])
    })?;
    context
        .output
        .say("the code works once, for one gateway, and is not shown again")?;
    Ok(Exit::Ok)
}

async fn revoke(context: &Context, gateway: GatewayName) -> Result<Exit, Failure> {
    context.desk.store.revoke(gateway.clone(), context.desk.now()).await?;
    let shut_out = ShutOut {
        revoked: gateway.to_string(),
    };
    context
        .output
        .show(&shut_out, |shut_out| Table::new(["revoked"]).row([&shut_out.revoked]))?;
    context.output.say(&format!(
        "from its next request on {gateway} is refused; if its office still has the PC, give it a new code: \
         titian-hub office code {}",
        gateway.office
    ))?;
    Ok(Exit::Ok)
}

impl From<NoCode> for Failure {
    fn from(error: NoCode) -> Self {
        match error {
            NoCode::NoAddress => Self::user(error.to_string(), "give it with --url, or set public_url"),
            NoCode::Address(bad) => Self::user(bad.to_string(), "give the hub's address with --url"),
            NoCode::Office(error) => error.into(),
        }
    }
}

impl From<OfficeError> for Failure {
    fn from(error: OfficeError) -> Self {
        let what = error.to_string();
        match error {
            OfficeError::Exists(_) | OfficeError::Revoked(_) => {
                Self::with_exit(Exit::Conflict, what, "see `titian-hub office list`")
            }
            OfficeError::Unknown(_) => Self::with_exit(Exit::NotFound, what, "add it with `titian-hub office add`"),
            OfficeError::NoGateway(_) => Self::with_exit(
                Exit::NotFound,
                what,
                "see `titian-hub office list`; write it as 63.01.03/A",
            ),
            OfficeError::NoLetterLeft(_) => Self::with_exit(
                Exit::Conflict,
                what,
                "letters are never given twice; register a second office code",
            ),
            OfficeError::Store(error) => error.into(),
        }
    }
}
