//! `quarantine …`: what gateways brought and what may not stand in the log.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use titian_domain::airlock::Reason;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::lang::Lang;
use titian_domain::time::UnixMillis;
use titian_host::audit::{self, AT_THE_SHELL, Deed};
use titian_host::casebook::pieces::PieceError;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::store::StoreError;
use titian_sync::item::ItemKind;

use super::Context;
use crate::airlock::Airlock;
use crate::examine::{self, ExamineError};
use crate::store::quarantine::{Aside, Candidate, Which};
use crate::store::replica::ReplicaError;

/// `quarantine …`
#[derive(Subcommand)]
pub enum Command {
    /// List what was put aside, oldest first
    List {
        /// Only what gateways of this office brought
        #[arg(long)]
        office: Option<OfficeCode>,
    },
    /// Show one item: why it is aside, and what it waits for. Never what it says
    Show {
        /// Its number
        number: i64,
    },
    /// Judge again, after an update for instance; what fits goes to its complaint
    Retry {
        /// Its number; everything where it is left out
        number: Option<i64>,
        /// Only what gateways of this office brought
        #[arg(long, conflicts_with = "number")]
        office: Option<OfficeCode>,
    },
    /// Write the bytes of one item and its reason into two files, for whoever looks into it
    Export {
        /// Its number
        number: i64,
        /// The file of the bytes; the reason is written beside it with the ending .json
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Forget the bytes of one item for good. The gateway that brought it keeps its copy, and is told
    Discard {
        /// Its number
        number: i64,
        /// Confirm that nobody needs it any more
        #[arg(long)]
        yes: bool,
    },
}

/// An item as this command shows it.
#[derive(Serialize)]
struct Shown {
    number: i64,
    office: OfficeCode,
    device: u64,
    kind: &'static str,
    complaint: Option<ComplaintId>,
    hash: String,
    reason: &'static str,
    /// The reason in a sentence.
    why: &'static str,
    /// The changes that it waits for, by hash.
    missing: Vec<String>,
    since: UnixMillis,
    bytes: u64,
}

impl From<&Aside> for Shown {
    fn from(one: &Aside) -> Self {
        Self {
            number: one.number,
            office: one.office.clone(),
            device: one.device,
            kind: kind(one.kind),
            complaint: one.complaint,
            hash: one.hash.to_string(),
            reason: one.reason.map_or("unknown", Reason::code),
            why: one
                .reason
                .map_or("a newer program put it aside", |reason| reason.words(Lang::En)),
            missing: one.missing.iter().map(ToString::to_string).collect(),
            since: one.since,
            bytes: one.size,
        }
    }
}

fn kind(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Incarnation => "registration",
        ItemKind::Intake => "intake",
        ItemKind::Handling => "handling",
        ItemKind::Reporter => "reporter",
        ItemKind::ReporterErased => "reporter_erased",
    }
}

/// Runs a `quarantine` command.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List { office } => list(context, office).await,
        Command::Show { number } => show(context, number).await,
        Command::Retry { number, office } => retry(context, Which { number, office }).await,
        Command::Export { number, to } => export(context, number, to).await,
        Command::Discard { number, yes } => discard(context, number, yes).await,
    }
}

async fn list(context: &Context, office: Option<OfficeCode>) -> Result<Exit, Failure> {
    let aside = context.desk.store.aside(Which { number: None, office }).await?;
    let shown: Vec<Shown> = aside.iter().map(Shown::from).collect();
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&shown, |shown| {
        let mut table = Table::new(["number", "office", "device", "complaint", "bytes", "since", "reason"]);
        for one in shown {
            table.push([
                one.number.to_string(),
                one.office.to_string(),
                one.device.to_string(),
                one.complaint.map_or_else(String::new, |id| id.to_string()),
                one.bytes.to_string(),
                one.since.local(zone).format("%Y-%m-%d %H:%M").to_string(),
                one.why.to_owned(),
            ]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

async fn show(context: &Context, number: i64) -> Result<Exit, Failure> {
    let shown = Shown::from(&named(context, number).await?);
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&shown, |shown| {
        let mut table = Table::new(["what", "value"])
            .row(["number", &shown.number.to_string()])
            .row(["office", shown.office.as_str()])
            .row(["brought by device", &shown.device.to_string()])
            .row(["kind", shown.kind])
            .row([
                "complaint",
                &shown.complaint.map_or_else(String::new, |id| id.to_string()),
            ])
            .row(["hash", &shown.hash])
            .row(["bytes", &shown.bytes.to_string()])
            .row(["since", &shown.since.local(zone).format("%Y-%m-%d %H:%M").to_string()])
            .row(["reason", shown.why]);
        for hash in &shown.missing {
            table.push(["waits for", hash.as_str()]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

/// What came of a retry.
#[derive(Serialize)]
struct Retried {
    judged: usize,
    taken: usize,
    still_aside: usize,
}

async fn retry(context: &Context, which: Which) -> Result<Exit, Failure> {
    let store = &context.desk.store;
    if let Some(number) = which.number {
        named(context, number).await?;
    }
    let mut offices: BTreeMap<OfficeCode, Vec<i64>> = BTreeMap::new();
    for one in store.aside(which.clone()).await? {
        offices.entry(one.office).or_default().push(one.number);
    }
    let airlock = Airlock::new();
    let mut retried = Retried {
        judged: 0,
        taken: 0,
        still_aside: 0,
    };
    for (office, numbers) in offices {
        let mut candidates: Vec<Candidate> = Vec::new();
        for number in numbers {
            // Discarded ones have no bytes to judge.
            candidates.extend(store.aside_item(number).await?);
        }
        retried.judged += candidates.len();
        let findings = examine::again((store, &airlock), &office, candidates).await?;
        let desk = context.desk.clone();
        let stamp = move |staff: &str| desk.stamp(staff);
        let rules = context.desk.rules.clone();
        store.carry_out(rules, stamp, office, findings).await?;
    }
    retried.still_aside = store.aside(which).await?.len();
    note(context, None, "retry").await?;
    retried.taken = retried.judged.saturating_sub(retried.still_aside);
    context.output.show(&retried, |retried| {
        Table::new(["judged", "taken", "still aside"]).row([
            retried.judged.to_string(),
            retried.taken.to_string(),
            retried.still_aside.to_string(),
        ])
    })?;
    Ok(Exit::Ok)
}

async fn export(context: &Context, number: i64, to: PathBuf) -> Result<Exit, Failure> {
    let shown = Shown::from(&named(context, number).await?);
    let item = context.desk.store.aside_item(number).await?;
    let body = item.ok_or_else(gone)?.item.into_body();
    let told = serde_json::to_vec_pretty(&shown).map_err(anyhow::Error::from)?;
    note(context, shown.complaint, &format!("export {number}")).await?;
    let mut beside = to.clone().into_os_string();
    beside.push(".json");
    let beside = PathBuf::from(beside);
    for (path, bytes) in [(&to, &body), (&beside, &told)] {
        std::fs::write(path, bytes)
            .map_err(|error| Failure::user(format!("cannot write {}: {error}", path.display()), "name another file"))?;
    }
    context.output.show(&shown, |_| {
        Table::new(["number", "bytes in", "reason in"]).row([
            number.to_string(),
            to.display().to_string(),
            beside.display().to_string(),
        ])
    })?;
    Ok(Exit::Ok)
}

async fn discard(context: &Context, number: i64, yes: bool) -> Result<Exit, Failure> {
    named(context, number).await?;
    if !yes {
        return Err(Failure::user(
            format!("item {number} would be forgotten at the hub for good"),
            "keep it with `quarantine export`, then repeat with --yes",
        ));
    }
    context.desk.store.discard(number).await?;
    note(context, None, &format!("discard {number}")).await?;
    let shown = Shown::from(&named(context, number).await?);
    context.output.show(&shown, |_| {
        Table::new(["number", ""]).row([&number.to_string(), "discarded"])
    })?;
    Ok(Exit::Ok)
}

async fn note(context: &Context, complaint: Option<ComplaintId>, what: &str) -> Result<(), Failure> {
    let (desk, who) = (&context.desk, (AT_THE_SHELL, Deed::Quarantine));
    Ok(audit::note_alone(desk.store.door(), &desk.clock, who, complaint, what).await?)
}

async fn named(context: &Context, number: i64) -> Result<Aside, Failure> {
    let which = Which {
        number: Some(number),
        office: None,
    };
    let found = context.desk.store.aside(which).await?.pop();
    found.ok_or_else(|| {
        Failure::with_exit(
            Exit::NotFound,
            format!("nothing of number {number} is aside"),
            "see `titian-hub quarantine list`",
        )
    })
}

fn gone() -> Failure {
    Failure::with_exit(
        Exit::Conflict,
        "its bytes were discarded",
        "ask the office: its gateway keeps its copy",
    )
}

impl From<ExamineError> for Failure {
    fn from(error: ExamineError) -> Self {
        match error {
            ExamineError::Airlock(error) => Self::Internal(error.into()),
            ExamineError::Store(error) => error.into(),
        }
    }
}

impl From<ReplicaError> for Failure {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::Overtaken => Self::with_exit(
                Exit::Conflict,
                "the office's gateway brought something in the same moment",
                "run it again; nothing was changed",
            ),
            ReplicaError::Store(error) => error.into(),
            ReplicaError::Piece(PieceError::Database(error)) => StoreError::from(error).into(),
            ReplicaError::Piece(error) => Self::Internal(error.into()),
        }
    }
}
