//! Identities whose time is over: what is proposed to be destroyed, what somebody decided, and the record of it.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::Serialize;
use titian_domain::id::ComplaintId;
use titian_domain::retention::{Finished, Periods, over_at};
use titian_domain::time::{UnixMillis, Zone};
use titian_domain::vocabulary::{Classification, Stage};
use titian_host::audit::{self, Deed};
use titian_host::casebook::edit::EditError;
use titian_host::casebook::project::{self, Rules};
use titian_host::casebook::{erase, reason};
use titian_host::store::StoreError;
use titian_sync::item::ItemKind;

use super::HubStore;

/// What somebody can look through before they confirm it, and what is erased in one transaction.
pub const ROWS_MAX: usize = 500;

/// The shortest year: what is younger than so many of them is surely not over, and is not even looked at.
const YEAR_MILLIS: i64 = 365 * 86_400_000;

/// By what is decided whether the time of an identity is over.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// The times that are set.
    pub periods: Periods,
    /// The zone in which days end.
    pub zone: Zone,
    /// The moment.
    pub now: UnixMillis,
}

/// A complaint whose reporter's identity was kept for as long as it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Over {
    /// The complaint.
    pub complaint: ComplaintId,
    /// The office's number.
    pub register: String,
    /// The class that it is kept by.
    pub class: Classification,
    /// For how many years it is kept.
    pub years: u32,
    /// When it was finished.
    pub finished_at: UnixMillis,
}

/// What stands at the end of its time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// What can be proposed now: the oldest, at most [`ROWS_MAX`].
    pub over: Vec<Over>,
    /// Whether there is more.
    pub more: bool,
    /// Finished at a time that only an unsure clock tells: never proposed, to be looked at by a person.
    pub undated: usize,
    /// Over, but restricted: kept until the restriction is lifted.
    pub restricted: usize,
}

/// A proposal, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Its number.
    pub number: i64,
    /// When it was made.
    pub made_at: UnixMillis,
    /// By whom.
    pub made_by: String,
    /// How many identities it names.
    pub rows: usize,
    /// What was decided; `None` while it waits.
    pub decision: Option<Decision>,
}

/// What somebody decided about a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// When.
    pub at: UnixMillis,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// How many identities were destroyed.
    pub destroyed: usize,
}

/// One identity of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// What it is.
    #[serde(flatten)]
    pub over: Over,
    /// What became of it; `None` while nobody decided.
    pub destroyed: Option<bool>,
}

/// What somebody decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Destroy what is still at the end of its time.
    Destroy,
    /// Keep all of it.
    Keep,
}

/// Why a proposal was not made, or nothing decided.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// There is no such proposal.
    #[error("there is no proposal {0}")]
    NotFound(i64),
    /// Somebody decided before.
    #[error("proposal {0} is decided already")]
    Decided(i64),
    /// One at a time: two would name the same identities.
    #[error("proposal {0} is not decided yet")]
    Waiting(i64),
    /// Nothing is at the end of its time.
    #[error("no identity is at the end of its time")]
    Nothing,
    /// The ground names who brought one of the complaints.
    #[error("the reason names who brought complaint {0}")]
    NamesThem(ComplaintId),
    /// An erasure failed.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl From<rusqlite::Error> for RetentionError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Edit(error.into())
    }
}

impl From<StoreError> for RetentionError {
    fn from(error: StoreError) -> Self {
        Self::Edit(error.into())
    }
}

impl HubStore {
    /// Tells what is at the end of its time.
    pub async fn at_end_of_time(&self, time: Time) -> Result<Standing, StoreError> {
        self.0.read(move |conn| Ok(standing(conn, time)?)).await
    }

    /// Proposes what is at the end of its time, and gives the proposal's number.
    pub async fn propose_destruction(&self, time: Time, by: String) -> Result<i64, RetentionError> {
        let proposing = self.0.write(move |tx| {
            if let Some(waiting) = waiting(tx)? {
                return Err(RetentionError::Waiting(waiting));
            }
            let over = standing(tx, time)?.over;
            if over.is_empty() {
                return Err(RetentionError::Nothing);
            }
            tx.prepare_cached("INSERT INTO retention_proposal (made_at, made_by) VALUES (?1, ?2)")?
                .execute(params![time.now.0, by])?;
            let number = tx.last_insert_rowid();
            for one in &over {
                tx.prepare_cached(
                    "INSERT INTO retention_row (proposal, complaint, register, class, years, finished_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    number,
                    one.complaint.bytes(),
                    one.register,
                    one.class.code(),
                    one.years,
                    one.finished_at.0
                ])?;
            }
            let detail = format!("proposal {number}: {} identities", over.len());
            note(tx, time.now, (&by, Deed::RetentionProposed), &detail)?;
            Ok(number)
        });
        proposing.await
    }

    /// Decides about a proposal, for good. What is no longer at the end of its time is kept in any case: a complaint that was opened
    /// again, a class whose time was made longer, an identity that was restricted meanwhile. Gives how many identities were destroyed.
    pub async fn decide_destruction(
        &self,
        rules: Arc<Rules>,
        time: Time,
        (number, verdict): (i64, Verdict),
        (by, reason): (String, String),
    ) -> Result<usize, RetentionError> {
        let who = by.clone();
        let deciding = self.0.write(move |tx| {
            let known = proposal(tx, number)?.ok_or(RetentionError::NotFound(number))?;
            if known.decision.is_some() {
                return Err(RetentionError::Decided(number));
            }
            let mut destroyed = 0;
            let rows = rows(tx, number)?;
            for row in &rows {
                if reason::names_reporter(tx, row.over.complaint, &reason)? {
                    return Err(RetentionError::NamesThem(row.over.complaint));
                }
            }
            for row in rows {
                let id = row.over.complaint;
                let is_over = verdict == Verdict::Destroy && matches!(judge(tx, id, time)?, Judged::Over(_));
                if is_over {
                    let why = format!("retention proposal {number}: {reason}");
                    erase::erase(tx, &rules, &[id], (&by, time.now), &why)?;
                    destroyed += 1;
                }
                tx.prepare_cached("UPDATE retention_row SET destroyed = ?3 WHERE proposal = ?1 AND complaint = ?2")?
                    .execute(params![number, id.bytes(), is_over])?;
            }
            tx.prepare_cached(
                "UPDATE retention_proposal SET decided_at = ?2, decided_by = ?3, reason = ?4 WHERE number = ?1",
            )?
            .execute(params![number, time.now.0, by, reason])?;
            let detail = format!("proposal {number}: {destroyed} of {} identities destroyed", known.rows);
            note(tx, time.now, (&by, Deed::RetentionDecided), &detail)?;
            Ok(destroyed)
        });
        let decided = deciding.await;
        if let Err(RetentionError::NamesThem(id)) = decided {
            let noting = self.0.write(move |tx| {
                let entry = audit::Entry {
                    at: time.now,
                    who: &who,
                    deed: Deed::ReasonRefused,
                    complaint: Some(id),
                    detail: "retention",
                };
                Ok::<_, StoreError>(audit::note(tx, entry)?)
            });
            noting.await?;
        }
        decided
    }

    /// Lists all proposals, the newest first.
    pub async fn proposals(&self) -> Result<Vec<Proposal>, StoreError> {
        let sql = format!("{PROPOSALS} ORDER BY number DESC");
        self.0
            .read(move |conn| {
                Ok(conn
                    .prepare_cached(&sql)?
                    .query_map([], read_proposal)?
                    .collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Gives a proposal with all that it names, in the order of the register.
    pub async fn proposal(&self, number: i64) -> Result<Option<(Proposal, Vec<Proposed>)>, StoreError> {
        self.0
            .read(move |conn| match proposal(conn, number)? {
                Some(found) => Ok(Some((found, rows(conn, number)?))),
                None => Ok(None),
            })
            .await
    }
}

/// Where an identity stands with its time.
enum Judged {
    Over(Over),
    NotOver,
    Undated,
    Restricted,
}

fn standing(conn: &Connection, time: Time) -> rusqlite::Result<Standing> {
    let mut standing = Standing::default();
    let Some(shortest) = time.periods.shortest() else {
        return Ok(standing);
    };
    let latest = time.now.plus_millis(-YEAR_MILLIS.saturating_mul(shortest.into()));
    let mut statement = conn.prepare_cached(
        "SELECT id FROM complaint WHERE stage IN (?1, ?2) AND stage_since <= ?3 AND EXISTS (
             SELECT 1 FROM item JOIN reporter ON reporter.hash = item.hash
             WHERE item.complaint = complaint.id AND item.kind = ?4)
         ORDER BY stage_since, id",
    )?;
    let finished = (Stage::Disposed.code(), Stage::Closed.code());
    let ids = statement.query_map(
        params![finished.0, finished.1, latest.0, ItemKind::Reporter.code()],
        |row| Ok(ComplaintId::from_bytes(row.get(0)?)),
    )?;
    for id in ids {
        match judge(conn, id?, time)? {
            Judged::Over(_) if standing.over.len() == ROWS_MAX => standing.more = true,
            Judged::Over(over) => standing.over.push(over),
            Judged::Undated => standing.undated += 1,
            Judged::Restricted => standing.restricted += 1,
            Judged::NotOver => {}
        }
    }
    Ok(standing)
}

fn judge(conn: &Connection, id: ComplaintId, time: Time) -> rusqlite::Result<Judged> {
    let Some(complaint) = project::load(conn, id)?.complaint() else {
        return Ok(Judged::NotOver);
    };
    let class = complaint.retention_class();
    let Some(years) = time.periods.years(class) else {
        return Ok(Judged::NotOver);
    };
    Ok(match complaint.finished() {
        Finished::NotYet => Judged::NotOver,
        Finished::SomeTime => Judged::Undated,
        Finished::At(at) if over_at(at, years, time.zone) >= time.now => Judged::NotOver,
        Finished::At(_) if complaint.is_restricted() => Judged::Restricted,
        Finished::At(finished_at) => Judged::Over(Over {
            complaint: id,
            register: complaint.register.to_string(),
            class,
            years,
            finished_at,
        }),
    })
}

fn note(tx: &Transaction<'_>, at: UnixMillis, (who, deed): (&str, Deed), detail: &str) -> rusqlite::Result<()> {
    let entry = audit::Entry {
        at,
        who,
        deed,
        complaint: None,
        detail,
    };
    audit::note(tx, entry)
}

fn waiting(conn: &Connection) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT number FROM retention_proposal WHERE decided_at IS NULL";
    conn.query_row(sql, [], |row| row.get(0)).optional()
}

const PROPOSALS: &str = "SELECT number, made_at, made_by, decided_at, decided_by, reason,
        (SELECT count(*) FROM retention_row WHERE proposal = number),
        (SELECT count(*) FROM retention_row WHERE proposal = number AND destroyed = 1)
    FROM retention_proposal";

fn proposal(conn: &Connection, number: i64) -> rusqlite::Result<Option<Proposal>> {
    conn.prepare_cached(&format!("{PROPOSALS} WHERE number = ?1"))?
        .query_row([number], read_proposal)
        .optional()
}

fn read_proposal(row: &Row<'_>) -> rusqlite::Result<Proposal> {
    let decided_at: Option<i64> = row.get(3)?;
    let decision = match decided_at {
        Some(at) => Some(Decision {
            at: UnixMillis(at),
            by: row.get(4)?,
            reason: row.get(5)?,
            destroyed: row.get(7)?,
        }),
        None => None,
    };
    Ok(Proposal {
        number: row.get(0)?,
        made_at: UnixMillis(row.get(1)?),
        made_by: row.get(2)?,
        rows: row.get(6)?,
        decision,
    })
}

fn rows(conn: &Connection, number: i64) -> rusqlite::Result<Vec<Proposed>> {
    conn.prepare_cached(
        "SELECT complaint, register, class, years, finished_at, destroyed FROM retention_row
         WHERE proposal = ?1 ORDER BY register, complaint",
    )?
    .query_map([number], |row| {
        let class: String = row.get(2)?;
        Ok(Proposed {
            over: Over {
                complaint: ComplaintId::from_bytes(row.get(0)?),
                register: row.get(1)?,
                // Written from the same list of words.
                class: class.parse().unwrap_or(Classification::Complaint),
                years: row.get(3)?,
                finished_at: UnixMillis(row.get(4)?),
            },
            destroyed: row.get(5)?,
        })
    })?
    .collect()
}
