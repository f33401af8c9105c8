//! `audit list|verify|ends`: the audit log from a shell, the same in both programs.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;
use titian_domain::id::ComplaintId;
use titian_domain::time::{UnixMillis, Zone};

use super::{Deed, Filter, Head, KeptEnd, Row, kept, list, verify};
use crate::cli::{Exit, Failure, Output, Table};
use crate::store::{Store, StoreError};

/// Rows that are shown where nobody says how many.
const SHOWN: u32 = 100;

/// Look at what was done at this machine, and prove that the record of it was not touched.
#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AuditCommand {
    /// Show rows, the newest first.
    List {
        /// Only those of this complaint, by its id.
        #[arg(long)]
        complaint: Option<ComplaintId>,
        /// Only those of this account or staff member.
        #[arg(long)]
        who: Option<String>,
        /// Only those of this kind, such as identity-shown.
        #[arg(long, value_parser = Deed::ALL.map(Deed::code))]
        deed: Option<String>,
        /// Only those since the beginning of this day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        since: Option<chrono::NaiveDate>,
        /// At most so many.
        #[arg(long, default_value_t = SHOWN)]
        limit: u32,
    },
    /// Go through all rows and tell where the log ends; exit code 1 if one was changed or is missing. Write the end down
    /// elsewhere: with --noted it proves later that nothing before it was touched since.
    Verify {
        /// An end that was written down before, as NUMBER:HASH; more than one may be given.
        #[arg(long, value_name = "NUMBER:HASH")]
        noted: Vec<Head>,
    },
    /// Show where the audit logs of others ended each time that a sync or a bundle told it, the newest first. On the machine of
    /// that log `audit verify --noted` proves with them that nothing before was touched.
    Ends {
        /// Only those of this one: hub, or a gateway such as 63.01.03/A.
        #[arg(long)]
        of: Option<String>,
    },
}

/// Gives what others are called, by their number.
pub type Names = fn(&Connection) -> rusqlite::Result<BTreeMap<u64, String>>;

#[derive(Serialize)]
struct End {
    of: String,
    head: String,
    at: UnixMillis,
}

#[derive(Serialize)]
struct Verified {
    rows: u64,
    head: String,
}

impl AuditArgs {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the log was touched, or the database fails.
    pub async fn run(self, store: &Store, names: Names, zone: Zone, output: Output) -> Result<Exit, Failure> {
        match self.command {
            AuditCommand::List {
                complaint,
                who,
                deed,
                since,
                limit,
            } => {
                let filter = Filter {
                    complaint,
                    who,
                    deed,
                    since: since.map(|day| UnixMillis::start_of_day(day, zone)),
                    before: None,
                    limit,
                };
                let rows = store
                    .read(move |connection| Ok::<_, StoreError>(list(connection, &filter)?))
                    .await?;
                output.show(&rows, |rows| table(rows, zone))?;
                Ok(Exit::Ok)
            }
            AuditCommand::Verify { noted } => {
                let verified = store
                    .read(move |connection| Ok::<_, StoreError>(verify(connection, &noted)?))
                    .await?;
                let head = verified.map_err(|finding| {
                    Failure::with_exit(
                        Exit::Failed,
                        finding.to_string(),
                        "keep this data folder as it is, copy it, and tell who answers for the office's data",
                    )
                })?;
                let verified = Verified {
                    rows: head.number,
                    head: head.to_string(),
                };
                output.show(&verified, |verified| {
                    Table::new(["rows", "end"]).row([verified.rows.to_string(), verified.head.clone()])
                })?;
                Ok(Exit::Ok)
            }
            AuditCommand::Ends { of } => {
                let ends = store
                    .read(move |connection| Ok::<_, StoreError>(ends_of(connection, names, of.as_deref())?))
                    .await?;
                output.show(&ends, |ends| {
                    let mut table = Table::new(["of", "end", "told at"]);
                    for end in ends {
                        let at = end.at.local(zone).format("%Y-%m-%d %H:%M:%S").to_string();
                        table.push([end.of.clone(), end.head.clone(), at]);
                    }
                    table
                })?;
                Ok(Exit::Ok)
            }
        }
    }
}

fn ends_of(connection: &Connection, names: Names, of: Option<&str>) -> rusqlite::Result<Vec<End>> {
    let called = names(connection)?;
    let shown = |end: KeptEnd| End {
        of: called.get(&end.whose).cloned().unwrap_or_else(|| end.whose.to_string()),
        head: end.head.to_string(),
        at: end.at,
    };
    let wanted = |end: &End| of.is_none_or(|of| of == end.of);
    Ok(kept(connection)?.into_iter().map(shown).filter(wanted).collect())
}

fn table(rows: &[Row], zone: Zone) -> Table {
    let mut table = Table::new(["number", "when", "who", "deed", "detail", "complaint"]);
    for row in rows {
        table.push([
            row.number.to_string(),
            row.at.local(zone).format("%Y-%m-%d %H:%M:%S").to_string(),
            row.who.clone(),
            row.deed.clone(),
            row.detail.clone(),
            row.complaint.map(|id| id.to_string()).unwrap_or_default(),
        ]);
    }
    table
}
