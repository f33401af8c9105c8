//! `key show|renew|switch|retire`: the hub's key is changed in three steps, and every gateway goes along.

use clap::Subcommand;
use titian_host::casebook::erase;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::people::{By, Right};

use super::Context;
use crate::store::keys::{Course, KeyError, Standing, Taken};

/// `key …`
#[derive(Subcommand)]
pub enum Command {
    /// Show the fingerprints, how far a change is, and which gateways have not heard of it
    Show,
    /// Make the next key. Gateways are told of it at their next exchange, by network or stick; nothing else changes yet
    Renew {
        #[command(flatten)]
        by: By,
    },
    /// Make the next key the present one. The former one still holds for who has not heard of the new one
    Switch {
        /// Also while some gateways have not heard of it: they have until `key retire`
        #[arg(long)]
        leave_behind: bool,
        #[command(flatten)]
        by: By,
    },
    /// Destroy the former key. Who trusts no other needs a new enrolment code afterwards
    Retire {
        /// Also while some gateways trust no other: they will need new enrolment codes
        #[arg(long)]
        leave_behind: bool,
        #[command(flatten)]
        by: By,
    },
}

/// Runs a `key` command.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let (store, clock) = (&context.desk.store, &context.desk.clock);
    let standing = match command {
        Command::Show => store.key_standing(clock.random(), context.desk.now()).await?,
        Command::Renew { by } => {
            let by = taken(context, &by).await?;
            store.renew_key([clock.random(), clock.random()], by).await?
        }
        Command::Switch { leave_behind, by } => {
            let by = taken(context, &by).await?;
            store.switch_key(leave_behind, by).await?
        }
        Command::Retire { leave_behind, by } => {
            let by = taken(context, &by).await?;
            let standing = store.retire_key(leave_behind, by).await?;
            // Where a serving hub is reading just now it does the rest itself, within seconds.
            erase::scrub(store.door()).await?;
            standing
        }
    };
    show(context, &standing)?;
    Ok(Exit::Ok)
}

async fn taken(context: &Context, by: &By) -> Result<Taken, Failure> {
    Ok(Taken {
        who: context.by(by, Right::Administer).await?,
        at: context.desk.now(),
    })
}

fn show(context: &Context, standing: &Standing) -> Result<(), Failure> {
    let zone = context.desk.rules.procedure.zone;
    context.output.show(standing, |standing| {
        let mut table = Table::new(["what", "value"]).row(["present key", standing.present.as_str()]);
        if let Some(next) = &standing.next {
            table.push(["next key", next.as_str()]);
        }
        if let Some(former) = &standing.former {
            table.push(["former key", former.as_str()]);
        }
        if let Some(since) = standing.since {
            table.push(["since", &since.local(zone).format("%Y-%m-%d %H:%M").to_string()]);
        }
        if standing.course != Course::Steady {
            let behind = if standing.behind.is_empty() {
                "all have".to_owned()
            } else {
                format!("all but {}", standing.behind.join(", "))
            };
            table.push(["gateways that have heard the newest key", &behind]);
            table.push(["codes that name the former key", &standing.former_codes.to_string()]);
        }
        table
    })?;
    context.output.say(next_step(standing))
}

fn next_step(standing: &Standing) -> &'static str {
    match standing.course {
        Course::Steady => "copy the data folder: a backup from before a change of keys has another key",
        Course::Announcing if standing.behind.is_empty() => "every gateway has heard of it: titian-hub key switch",
        Course::Announcing => {
            "wait until every gateway has been in contact, by network or stick; then titian-hub key switch"
        }
        Course::Overlapping if standing.behind.is_empty() => {
            "every gateway trusts the present key: titian-hub key retire, once no older code is to be used"
        }
        Course::Overlapping => "who has not heard of it still gets in by the former key, until titian-hub key retire",
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let what = error.to_string();
        match error {
            KeyError::UnderWay => Self::with_exit(
                Exit::Conflict,
                what,
                "see `titian-hub key show`; go on with `titian-hub key switch` and `titian-hub key retire`",
            ),
            KeyError::NoNext => Self::with_exit(Exit::Conflict, what, "make one with `titian-hub key renew`"),
            KeyError::NoFormer => Self::with_exit(Exit::Conflict, what, "see `titian-hub key show`"),
            KeyError::Behind(_) => Self::with_exit(
                Exit::Conflict,
                what,
                "have them exchange news, by network or stick; with --leave-behind it is done all the same: until `key retire` \
                 they get in by the former key, and after it they need new codes",
            ),
            KeyError::Store(error) => error.into(),
        }
    }
}
