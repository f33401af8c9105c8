//! `retention …`: identities whose time is over, proposals to destroy them, and the record of what was destroyed.

use clap::Subcommand;
use serde_json::json;
use titian_domain::lang::Lang;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Classification;
use titian_host::casebook::erase;
use titian_host::cli::{self, Exit, Failure, Table};
use titian_host::people::{By, Right};

use super::Context;
use crate::settings;
use crate::store::retention::{Proposal, Proposed, RetentionError, Time, Verdict};

/// What a reason is to say; the audit log keeps it.
const ORDERED: &str = "name the decree or letter, without naming a citizen";

/// `retention …`
#[derive(Subcommand)]
pub enum Command {
    /// Show the times that are set, and what is at the end of its time
    Show,
    /// Propose to destroy the identities whose time is over; nothing is destroyed yet
    Propose {
        /// Who does it
        #[command(flatten)]
        by: By,
    },
    /// List the proposals and what was decided
    List,
    /// Show one proposal with all that it names: once decided, the record of what was destroyed
    Record {
        /// Its number
        number: i64,
    },
    /// Confirm a proposal: the identities are erased here and everywhere, the complaints stay
    Destroy {
        /// Its number
        number: i64,
        /// The decree or letter that orders it
        #[arg(long)]
        reason: String,
        /// Who does it
        #[command(flatten)]
        by: By,
    },
    /// Decline a proposal: everything is kept
    Keep {
        /// Its number
        number: i64,
        /// What speaks against it
        #[arg(long)]
        reason: String,
        /// Who does it
        #[command(flatten)]
        by: By,
    },
}

/// Runs a `retention` command.
///
/// # Errors
/// What the person at the shell can mend, or what broke.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Show => show(context).await,
        Command::Propose { by } => propose(context, &by).await,
        Command::List => list(context).await,
        Command::Record { number } => record(context, number).await,
        Command::Destroy { number, reason, by } => decide(context, (number, Verdict::Destroy), &reason, &by).await,
        Command::Keep { number, reason, by } => decide(context, (number, Verdict::Keep), &reason, &by).await,
    }
}

async fn show(context: &Context) -> Result<Exit, Failure> {
    let time = time(context)?;
    let standing = context.desk.store.at_end_of_time(time).await?;
    let years = Classification::ALL
        .iter()
        .map(|class| (class.code(), time.periods.years(*class)));
    let years: std::collections::BTreeMap<_, _> = years.collect();
    let answer = json!({ "years": years, "at_end_of_time": &standing });
    context.output.show(&answer, |_| {
        let mut table = Table::new(["what", "value"]);
        for (class, years) in &years {
            let told = years.map_or_else(|| "no time is set".to_owned(), |years| format!("{years} years"));
            table.push([format!("kept, {class}"), told]);
        }
        let count = standing.over.len();
        let told = if standing.more {
            format!("{count}, and more behind them")
        } else {
            count.to_string()
        };
        table.push(["time is over".to_owned(), told]);
        table.push(["undated".to_owned(), standing.undated.to_string()]);
        table.push(["restricted".to_owned(), standing.restricted.to_string()]);
        table
    })?;
    if time.periods.shortest().is_none() {
        context
            .output
            .say("set retention.complaint_years and the others to what your government's schedule of records says")?;
    }
    if standing.undated > 0 {
        context
            .output
            .say("undated: closed at an office whose clock was not sure; look at them, and use `subject erase`")?;
    }
    if standing.restricted > 0 {
        context
            .output
            .say("restricted: over, but kept until the restriction is lifted with `subject lift`")?;
    }
    Ok(Exit::Ok)
}

async fn propose(context: &Context, by: &By) -> Result<Exit, Failure> {
    let by = context.by(by, Right::Subject).await?;
    let number = context.desk.store.propose_destruction(time(context)?, by).await?;
    record(context, number).await?;
    context.output.say(&format!(
        "nothing is destroyed yet: look through it, then `titian-hub retention destroy {number} --reason …`"
    ))?;
    Ok(Exit::Ok)
}

async fn list(context: &Context) -> Result<Exit, Failure> {
    let proposals = context.desk.store.proposals().await?;
    context.output.show(&proposals, |proposals| {
        let mut table = Table::new([
            "number",
            "made",
            "by",
            "identities",
            "decided",
            "by",
            "destroyed",
            "reason",
        ]);
        for one in proposals {
            table.push(line(context, one));
        }
        table
    })?;
    Ok(Exit::Ok)
}

fn line(context: &Context, one: &Proposal) -> Vec<String> {
    let mut line = vec![
        one.number.to_string(),
        day(context, one.made_at),
        one.made_by.clone(),
        one.rows.to_string(),
    ];
    if let Some(decision) = &one.decision {
        let (at, by) = (day(context, decision.at), decision.by.clone());
        line.extend([at, by, decision.destroyed.to_string(), decision.reason.clone()]);
    }
    line
}

async fn record(context: &Context, number: i64) -> Result<Exit, Failure> {
    let found = context.desk.store.proposal(number).await?;
    let (proposal, rows) = found.ok_or(RetentionError::NotFound(number))?;
    let answer = json!({ "proposal": &proposal, "identities": &rows });
    context.output.show(&answer, |_| {
        let mut table = Table::new(["register number", "class", "years", "finished", "outcome"]);
        for Proposed { over, destroyed } in &rows {
            let outcome = match destroyed {
                None => "proposed",
                Some(true) => "destroyed",
                Some(false) => "kept",
            };
            table.push([
                over.register.clone(),
                over.class.label(Lang::En).to_owned(),
                over.years.to_string(),
                day(context, over.finished_at),
                outcome.to_owned(),
            ]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

async fn decide(context: &Context, which: (i64, Verdict), reason: &str, by: &By) -> Result<Exit, Failure> {
    let by = context.by(by, Right::Subject).await?;
    let reason = cli::reason("--reason", reason, ORDERED)?;
    let (desk, time) = (&context.desk, time(context)?);
    let destroyed = desk
        .store
        .decide_destruction(desk.rules.clone(), time, which, (by, reason))
        .await?;
    if let Err(error) = erase::scrub(desk.store.door()).await {
        tracing::warn!(%error, "traces are left in the write-ahead log; it is emptied at the next start");
    }
    record(context, which.0).await?;
    context.output.say(&format!("{destroyed} identities were destroyed"))?;
    Ok(Exit::Ok)
}

fn time(context: &Context) -> Result<Time, Failure> {
    let settings = settings::load(&context.folder, |sources| sources)?.values;
    Ok(Time {
        periods: settings.retention.periods(),
        zone: context.desk.rules.procedure.zone,
        now: context.desk.now(),
    })
}

fn day(context: &Context, at: UnixMillis) -> String {
    at.date(context.desk.rules.procedure.zone).to_string()
}

impl From<RetentionError> for Failure {
    fn from(error: RetentionError) -> Self {
        let what = error.to_string();
        match error {
            RetentionError::NotFound(_) => Self::with_exit(Exit::NotFound, what, "see `titian-hub retention list`"),
            RetentionError::Decided(number) => Self::with_exit(
                Exit::Conflict,
                what,
                format!("see `titian-hub retention record {number}`"),
            ),
            RetentionError::Waiting(number) => Self::with_exit(
                Exit::Conflict,
                what,
                format!("decide it with `titian-hub retention destroy {number}` or `keep {number}`"),
            ),
            RetentionError::Nothing => Self::with_exit(
                Exit::NotFound,
                what,
                "see `titian-hub retention show` for the times that are set",
            ),
            RetentionError::NamesThem(_) => Self::user(
                "--reason: it names a citizen whose identity this is about, and the audit log would keep that",
                ORDERED,
            ),
            RetentionError::Edit(titian_host::casebook::edit::EditError::Store(error)) => error.into(),
            RetentionError::Edit(error) => Self::Internal(error.into()),
        }
    }
}
