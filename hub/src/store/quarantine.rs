//! What was put aside: changes that may not stand in the log, each with its reason. Nothing here is ever opened.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params, params};
use titian_domain::airlock::{Reason, Verdict};
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_host::casebook::log;
use titian_host::store::StoreError;
use titian_sync::engine::Held;
use titian_sync::item::{HashPrefix, Item, ItemHash, ItemKind};
use titian_sync::wire::extension::{QUARANTINED_MAX, Quarantined};

use super::HubStore;

/// The most items that are kept aside of one device: a head has room for so many. Honest gateways have none.
pub const QUARANTINE_ITEMS_MAX: usize = QUARANTINED_MAX;
/// The most that they weigh together.
pub const QUARANTINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// An item that was put aside, as administrators see it.
#[derive(Clone, Debug)]
pub struct Aside {
    /// By which it is named here.
    pub number: i64,
    /// The office of the gateway that brought it.
    pub office: OfficeCode,
    /// That gateway.
    pub device: u64,
    /// What it is.
    pub kind: ItemKind,
    /// To which complaint it belongs.
    pub complaint: Option<ComplaintId>,
    /// By which it is known.
    pub hash: ItemHash,
    /// Why it was put aside; `None` for a reason of a newer program.
    pub reason: Option<Reason>,
    /// The changes that it waits for.
    pub missing: Vec<ItemHash>,
    /// Since when.
    pub since: UnixMillis,
    /// How many bytes it has.
    pub size: u64,
}

/// Which items are meant.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Only this one.
    pub number: Option<i64>,
    /// Only of this office.
    pub office: Option<OfficeCode>,
}

/// An item on trial.
#[derive(Clone)]
pub struct Candidate {
    /// The item.
    pub item: Item,
    /// Under which number it was put aside before; `None` if it has just come.
    pub number: Option<i64>,
    /// The gateway that brought it.
    pub device: u64,
}

/// A complaint whose intake somebody wants to add to.
pub struct Hearing {
    /// The complaint.
    pub complaint: ComplaintId,
    /// The position of its last intake item: what is held must still be all of it when the verdicts are carried out.
    pub mark: u64,
    /// The changes in the log, in its order.
    pub held: Vec<Vec<u8>>,
    /// What is to be judged: what came, and what waited.
    pub candidates: Vec<Candidate>,
}

/// What is to be done with an item that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It may stand in the log.
    Counts,
    /// It is aside already, and stays there.
    Known,
    /// It is put aside.
    Aside(Reason, Vec<[u8; 32]>),
}

impl From<Verdict> for Ruling {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fits => Self::Counts,
            Verdict::Refused(reason) => Self::Aside(reason, Vec::new()),
            Verdict::Waits(missing) => Self::Aside(Reason::Waiting, missing),
        }
    }
}

/// What can be told of an item without opening it.
pub enum Sorted {
    /// Decided.
    Ruled(Ruling),
    /// To be judged.
    Open,
}

impl HubStore {
    /// Decides on what needs no judgement: owners, writers, what is known already.
    pub async fn sort(&self, office: OfficeCode, device: u64, items: Vec<Item>) -> Result<Vec<Sorted>, StoreError> {
        self.door()
            .read(move |conn| {
                let sorted = items.iter().map(|item| sort(conn, &office, device, item, &items));
                Ok(sorted.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Decides anew on an item that is aside.
    pub async fn sort_again(&self, office: OfficeCode, item: Item) -> Result<Sorted, StoreError> {
        self.door()
            .read(move |conn| Ok(sort_anew(conn, &office, &item, &[])?))
            .await
    }

    /// Gathers what a complaint's new changes are judged with: what is held, and what waited for them.
    pub async fn hearing(
        &self,
        office: OfficeCode,
        complaint: ComplaintId,
        candidates: Vec<Candidate>,
    ) -> Result<Hearing, StoreError> {
        self.door()
            .read(move |conn| {
                let mut hearing = Hearing {
                    complaint,
                    mark: mark(conn, complaint)?,
                    held: log::bodies(conn, complaint, ItemKind::Intake)?,
                    candidates,
                };
                for waiting in waiting(conn, &office, complaint)? {
                    let fingerprint = waiting.item.fingerprint();
                    if !hearing
                        .candidates
                        .iter()
                        .any(|one| one.item.fingerprint() == fingerprint)
                    {
                        hearing.candidates.push(waiting);
                    }
                }
                Ok(hearing)
            })
            .await
    }

    /// Gives what is aside of a device as the wire carries it, and whether its gateway was told exactly this.
    pub async fn told(&self, device: u64) -> Result<(Vec<Quarantined>, bool), StoreError> {
        self.door()
            .read(move |conn| {
                let list = of_device(conn, device)?;
                let mark = conn
                    .prepare_cached("SELECT quarantine_told FROM device WHERE number = ?1")?
                    .query_row([device], |row| row.get::<_, Option<Vec<u8>>>(0))?;
                let told = mark.map_or(list.is_empty(), |mark| mark == list_mark(&list));
                Ok((list, told))
            })
            .await
    }

    /// Lists what was put aside.
    pub async fn aside(&self, which: Which) -> Result<Vec<Aside>, StoreError> {
        self.door().read(move |conn| Ok(list(conn, &which)?)).await
    }

    /// Gives an item with its bytes; `None` if there is none of that number, or its bytes were discarded.
    pub async fn aside_item(&self, number: i64) -> Result<Option<Candidate>, StoreError> {
        self.door().read(move |conn| Ok(candidate(conn, number)?)).await
    }

    /// Forgets the bytes of an item for good. That it was refused stays known, so that the gateway is told. Gives
    /// whether there was one.
    pub async fn discard(&self, number: i64) -> Result<bool, StoreError> {
        self.door()
            .write(move |tx| {
                let sql = "UPDATE quarantine SET body = NULL, missing = x'', reason = ?2 WHERE number = ?1";
                Ok(tx.execute(sql, params![number, Reason::Discarded.number()])? == 1)
            })
            .await
    }
}

fn sort(conn: &Connection, office: &OfficeCode, device: u64, item: &Item, frame: &[Item]) -> rusqlite::Result<Sorted> {
    if is_aside(conn, device, item)? {
        return Ok(Sorted::Ruled(Ruling::Known));
    }
    sort_anew(conn, office, item, frame)
}

fn sort_anew(conn: &Connection, office: &OfficeCode, item: &Item, frame: &[Item]) -> rusqlite::Result<Sorted> {
    let aside = |reason| Sorted::Ruled(Ruling::Aside(reason, Vec::new()));
    if let Some(id) = item.complaint()
        && log::is_of_another_office(conn, office, id)?
    {
        return Ok(aside(Reason::OtherOffice));
    }
    if item.kind() != ItemKind::Intake || log::holds(conn, office, item.hash())? {
        return Ok(Sorted::Ruled(Ruling::Counts));
    }
    let Some(writer) = item.written_by() else {
        return Ok(aside(Reason::Writer));
    };
    // A change counts only if its incarnation was registered by a gateway of this office: the registration travels in
    // the same log, before the first change.
    let registration = Item::incarnation(writer).hash();
    let here = frame.iter().any(|item| item.hash() == registration);
    if here || log::holds(conn, office, registration)? {
        Ok(Sorted::Open)
    } else {
        Ok(aside(Reason::Unregistered))
    }
}

/// Gives the position of a complaint's last intake item; 0 if there is none.
pub(super) fn mark(conn: &Connection, complaint: ComplaintId) -> rusqlite::Result<u64> {
    conn.prepare_cached("SELECT ifnull(max(position), 0) FROM item WHERE complaint = ?1 AND kind = ?2")?
        .query_row(params![complaint.bytes(), ItemKind::Intake.code()], |row| row.get(0))
}

pub(super) fn is_aside(conn: &Connection, device: u64, item: &Item) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM quarantine WHERE device = ?1 AND fingerprint = ?2")?
        .exists(params![device, item.fingerprint()])
}

/// Counts what is kept aside of a device, and its bytes.
pub(super) fn weight(conn: &Connection, device: u64) -> rusqlite::Result<(usize, usize)> {
    conn.prepare_cached("SELECT count(*), ifnull(sum(length(body)), 0) FROM quarantine WHERE device = ?1")?
        .query_row([device], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Finds out what shortened dependencies mean that are not in the log: what follows a change that is aside names it.
pub(super) fn find_held(
    conn: &Connection,
    office: &OfficeCode,
    all: &mut BTreeMap<HashPrefix, Held>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT hash, complaint FROM quarantine
         WHERE office = ?1 AND hash BETWEEN ?2 AND ?3 AND complaint IS NOT NULL LIMIT 2",
    )?;
    for (prefix, held) in all.iter_mut().filter(|(_, held)| **held == Held::Unclear) {
        let (low, high) = prefix.range();
        let found: Vec<([u8; 32], [u8; 16])> = statement
            .query_map(params![office.as_str(), low.0, high.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        if let [(hash, complaint)] = found[..] {
            *held = Held::One {
                hash: ItemHash(hash),
                complaint: ComplaintId::from_bytes(complaint),
            };
        }
    }
    Ok(())
}

/// Puts an item aside.
pub(super) fn put(
    tx: &Transaction<'_>,
    office: &OfficeCode,
    (device, item): (u64, &Item),
    (reason, missing): (Reason, &[[u8; 32]]),
    now: UnixMillis,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO quarantine (office, device, kind, complaint, hash, fingerprint, reason, missing, since, size, body)
         VALUES (:office, :device, :kind, :complaint, :hash, :fingerprint, :reason, :missing, :since, :size, :body)
         ON CONFLICT (device, fingerprint) DO NOTHING",
    )?
    .execute(named_params! {
        ":office": office.as_str(), ":device": device, ":kind": item.kind().code(),
        ":complaint": item.complaint().map(ComplaintId::bytes), ":hash": item.hash().0,
        ":fingerprint": item.fingerprint(), ":reason": reason.number(), ":missing": missing.concat(),
        ":since": now.0, ":size": item.body().len(), ":body": item.body(),
    })?;
    Ok(())
}

/// Notes another reason of an item that stays aside.
pub(super) fn rule_again(
    tx: &Transaction<'_>,
    number: i64,
    (reason, missing): (Reason, &[[u8; 32]]),
) -> rusqlite::Result<usize> {
    tx.prepare_cached("UPDATE quarantine SET reason = ?2, missing = ?3 WHERE number = ?1 AND body IS NOT NULL")?
        .execute(params![number, reason.number(), missing.concat()])
}

/// Takes an item out: it goes into the log.
pub(super) fn release(tx: &Transaction<'_>, number: i64) -> rusqlite::Result<usize> {
    tx.prepare_cached("DELETE FROM quarantine WHERE number = ?1 AND body IS NOT NULL")?
        .execute([number])
}

/// Notes the list of a device as told: the reply that is about to be made says it where it is news.
pub(super) fn note_told(tx: &Transaction<'_>, device: u64) -> rusqlite::Result<()> {
    let mark = list_mark(&of_device(tx, device)?);
    tx.prepare_cached("UPDATE device SET quarantine_told = ?2 WHERE number = ?1")?
        .execute(params![device, mark])?;
    Ok(())
}

fn list_mark(list: &[Quarantined]) -> Vec<u8> {
    let entry = |entry: &Quarantined| [entry.front.as_slice(), &entry.reason.to_le_bytes()].concat();
    list.iter().flat_map(entry).collect()
}

pub(super) fn of_device(conn: &Connection, device: u64) -> rusqlite::Result<Vec<Quarantined>> {
    conn.prepare_cached("SELECT fingerprint, reason FROM quarantine WHERE device = ?1 ORDER BY fingerprint")?
        .query_map([device], |row| {
            let fingerprint: [u8; 32] = row.get(0)?;
            let mut front = [0; 8];
            front.copy_from_slice(&fingerprint[..8]);
            Ok(Quarantined {
                front,
                reason: row.get(1)?,
            })
        })?
        .collect()
}

fn waiting(conn: &Connection, office: &OfficeCode, complaint: ComplaintId) -> rusqlite::Result<Vec<Candidate>> {
    conn.prepare_cached(
        "SELECT number, device, kind, complaint, body FROM quarantine
         WHERE complaint = ?1 AND office = ?2 AND reason = ?3 AND body IS NOT NULL ORDER BY number",
    )?
    .query_map(
        params![complaint.bytes(), office.as_str(), Reason::Waiting.number()],
        read_candidate,
    )?
    .collect()
}

fn candidate(conn: &Connection, number: i64) -> rusqlite::Result<Option<Candidate>> {
    conn.prepare_cached(
        "SELECT number, device, kind, complaint, body FROM quarantine WHERE number = ?1 AND body IS NOT NULL",
    )?
    .query_row([number], read_candidate)
    .optional()
}

fn list(conn: &Connection, which: &Which) -> rusqlite::Result<Vec<Aside>> {
    conn.prepare_cached(
        "SELECT number, office, device, kind, complaint, hash, reason, missing, since, size FROM quarantine
         WHERE (?1 IS NULL OR number = ?1) AND (?2 IS NULL OR office = ?2) ORDER BY number",
    )?
    .query_map(
        params![which.number, which.office.as_ref().map(OfficeCode::as_str)],
        read_aside,
    )?
    .collect()
}

fn read_aside(row: &Row<'_>) -> rusqlite::Result<Aside> {
    let missing: Vec<u8> = row.get(7)?;
    let (missing, _) = missing.as_chunks::<32>();
    Ok(Aside {
        number: row.get(0)?,
        office: row.get::<_, String>(1)?.parse().map_err(|_| damaged("an office"))?,
        device: row.get(2)?,
        kind: ItemKind::from_code(row.get(3)?).ok_or_else(|| damaged("a kind"))?,
        complaint: row.get::<_, Option<[u8; 16]>>(4)?.map(ComplaintId::from_bytes),
        hash: ItemHash(row.get(5)?),
        reason: Reason::from_number(row.get(6)?),
        missing: missing.iter().map(|hash| ItemHash(*hash)).collect(),
        since: UnixMillis(row.get(8)?),
        size: row.get(9)?,
    })
}

fn read_candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    let kind = ItemKind::from_code(row.get(2)?).ok_or_else(|| damaged("a kind"))?;
    let complaint = row.get::<_, Option<[u8; 16]>>(3)?.map(ComplaintId::from_bytes);
    Ok(Candidate {
        number: row.get(0)?,
        device: row.get(1)?,
        // Checked when it came; what cannot be read now was damaged on the disk.
        item: Item::new(kind, complaint, row.get(4)?).map_err(|_| damaged("an item"))?,
    })
}

fn damaged(what: &str) -> rusqlite::Error {
    let message = format!("{what} in the quarantine is damaged");
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, message.into())
}
