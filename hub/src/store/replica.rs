//! The hub's side of sync as it stands in the database: devices, frames, and what they lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ed25519_dalek::{SigningKey, VerifyingKey};
use rusqlite::{OptionalExtension as _, Transaction, named_params, params};
use titian_domain::airlock::{Reason, Verdict};
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_host::attachments::AttachmentFiles;
use titian_host::audit::{self, Deed};
use titian_host::casebook::edit::EditError;
use titian_host::casebook::pieces::{self, PieceError};
use titian_host::casebook::project::Rules;
use titian_host::casebook::{arrive, edit, log};
use titian_host::store::StoreError;
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::dictionary;
use titian_sync::digest::Digest;
use titian_sync::engine::hub::{DeviceRow, HubFact, ScopeState};
use titian_sync::engine::{Fingerprinted, Held, LeaseSeen, LogEntry};
use titian_sync::enrol::message::{EnrolError, EnrolReply, EnrolRequest, Enrolled};
use titian_sync::hub_keys::HubKeys;
use titian_sync::item::{HashPrefix, Item, ItemKind};
use titian_sync::wire::extension::AuditEnd;

use super::office::kept_code;
use super::{HubStore, keys, quarantine};
use crate::examine::Findings;
use crate::store::quarantine::{QUARANTINE_BYTES_MAX, QUARANTINE_ITEMS_MAX, Ruling};

/// The name under which the hub itself writes: it notes that a forwarded round arrived.
const HUB_ITSELF: &str = "hub";

/// Why facts of an exchange could not be made durable.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// Another request of this device overtook this one, or the device is gone.
    #[error("another request of this device came in between")]
    Overtaken,
    /// What arrived in pieces could not be kept.
    #[error(transparent)]
    Piece(#[from] PieceError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ReplicaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<EditError> for ReplicaError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Store(error) => Self::Store(error),
            EditError::Refused(_) | EditError::NotFound => Self::Overtaken,
        }
    }
}

impl HubStore {
    /// Looks a device up, with the office that it belongs to.
    pub async fn device(&self, number: u64) -> Result<Option<(DeviceRow, OfficeCode)>, StoreError> {
        self.door()
            .read(move |conn| {
                let found = conn
                    .prepare_cached(
                        "SELECT key, revoked_at IS NOT NULL, counter, acked, acked_chain, lease_generation, lease_previous,
                             lease_current, office, hub_key FROM device WHERE number = ?1",
                    )?
                    .query_row([number], |row| {
                        let acked = Cursor {
                            position: row.get(3)?,
                            hash: RunningHash(row.get(4)?),
                        };
                        let lease = LeaseSeen {
                            generation: row.get(5)?,
                            previous: row.get(6)?,
                            current: row.get(7)?,
                        };
                        let key = VerifyingKey::from_bytes(&row.get(0)?).ok();
                        let hub: Option<[u8; 32]> = row.get(9)?;
                        let row_of = |key| Ok::<_, rusqlite::Error>(DeviceRow {
                            key,
                            revoked: row.get(1)?,
                            counter: row.get(2)?,
                            acked,
                            lease,
                            hub: hub.and_then(|key| VerifyingKey::from_bytes(&key).ok()),
                        });
                        Ok((key.map(row_of).transpose()?, row.get::<_, String>(8)?))
                    })
                    .optional()?;
                Ok(found.and_then(|(row, office)| Some((row?, office.parse().ok()?))))
            })
            .await
    }

    /// Makes the facts of one step durable, all in one transaction, and carries out what was found out about its frame.
    /// `stamp` gives a fresh one for every event.
    pub async fn save_exchange(
        &self,
        rules: Arc<Rules>,
        stamp: impl Fn(&str) -> Stamp + Send + 'static,
        (office, files): (OfficeCode, AttachmentFiles),
        (facts, findings): (Vec<HubFact>, Findings),
    ) -> Result<Saved, ReplicaError> {
        self.door()
            .write(move |tx| {
                let mut saved = Saved::All;
                let hub = Here {
                    tx,
                    rules: &rules,
                    stamp: &stamp,
                    office: &office,
                };
                for fact in &facts {
                    match fact {
                        HubFact::Frame { device, items, .. }
                            if let Some(kept) = is_too_much(tx, *device, items, &findings)? =>
                        {
                            saved = Saved::QuarantineFull { kept };
                        }
                        HubFact::Piece { device, piece } => pieces::keep(tx, &files, (&office, *device), piece)?,
                        HubFact::PartialDropped { device } => pieces::drop_partial(tx, *device)?,
                        _ => hub.save_fact(fact, &findings)?,
                    }
                }
                Ok(saved)
            })
            .await
    }

    /// Carries out what was found out about items that were aside: those that fit go into the log.
    pub async fn carry_out(
        &self,
        rules: Arc<Rules>,
        stamp: impl Fn(&str) -> Stamp + Send + 'static,
        office: OfficeCode,
        findings: Findings,
    ) -> Result<(), ReplicaError> {
        self.door()
            .write(move |tx| {
                let hub = Here {
                    tx,
                    rules: &rules,
                    stamp: &stamp,
                    office: &office,
                };
                hub.check_marks(&findings)?;
                let touched = hub.judge_again(&findings)?;
                hub.receive(touched)
            })
            .await
    }

    /// Gives the state of an office's log.
    pub async fn scope(&self, office: OfficeCode, now: UnixMillis) -> Result<ScopeState, StoreError> {
        self.door()
            .read(move |conn| {
                let scope = log::scope(conn, &office)?;
                Ok(scope.map_or(
                    ScopeState {
                        digest: Digest::EMPTY,
                        end: Cursor::START,
                        now,
                    },
                    |scope| ScopeState {
                        digest: scope.digest,
                        end: scope.cursor,
                        now,
                    },
                ))
            })
            .await
    }

    /// Tells how long an office's log is.
    pub async fn length(&self, office: OfficeCode) -> Result<u64, StoreError> {
        self.door()
            .read(move |conn| Ok(log::scope(conn, &office)?.map_or(0, |scope| scope.cursor.position)))
            .await
    }

    /// Gives the cursor at a position of an office's log.
    pub async fn cursor_at(&self, office: OfficeCode, position: u64) -> Result<Option<Cursor>, StoreError> {
        self.door()
            .read(move |conn| Ok(log::cursor_at(conn, &office, position)?))
            .await
    }

    /// Reads entries of an office's log.
    pub async fn entries(
        &self,
        office: OfficeCode,
        span: (u64, u64),
        skip_origin: Option<u64>,
    ) -> Result<Vec<LogEntry>, StoreError> {
        self.door()
            .read(move |conn| Ok(log::entries(conn, &office, span, log::Whose::NotFrom(skip_origin))?))
            .await
    }

    /// Reads the entries at some positions of an office's log.
    pub async fn entries_at(&self, office: OfficeCode, positions: Vec<u64>) -> Result<Vec<LogEntry>, StoreError> {
        self.door()
            .read(move |conn| Ok(log::entries_at(conn, &office, &positions)?))
            .await
    }

    /// Reads fingerprints of an office's log, without a body.
    pub async fn fingerprints(&self, office: OfficeCode, span: (u64, u64)) -> Result<Vec<Fingerprinted>, StoreError> {
        self.door()
            .read(move |conn| Ok(log::fingerprints(conn, &office, span)?))
            .await
    }

    /// Gives where the audit log ends, if a device has not heard that.
    pub async fn unheard(&self, device: u64) -> Result<Option<AuditEnd>, StoreError> {
        self.door().read(move |conn| Ok(audit::unheard(conn, device)?)).await
    }

    /// Finds out what shortened dependencies mean.
    pub async fn held(
        &self,
        office: OfficeCode,
        prefixes: Vec<HashPrefix>,
    ) -> Result<BTreeMap<HashPrefix, Held>, StoreError> {
        self.door()
            .read(move |conn| {
                let mut held = log::held(conn, &office, &prefixes)?;
                quarantine::find_held(conn, &office, &mut held)?;
                Ok(held)
            })
            .await
    }

    /// Takes an enrolment: spends the code, and makes the device. The same request may come again, where its answer
    /// was lost; another device's may not. The reply is signed with the key that the code names.
    pub async fn enrol(
        &self,
        keys: HubKeys,
        request: EnrolRequest,
        now: UnixMillis,
    ) -> Result<Result<(Enrolled, EnrolReply), EnrolError>, StoreError> {
        self.door().write(move |tx| Ok(enrol(tx, &keys, &request, now)?)).await
    }
}

/// What became of the facts of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// All are durable.
    All,
    /// All but the frame: more of it would have to be put aside than there is room for.
    QuarantineFull {
        /// How many items of this device are aside.
        kept: usize,
    },
}

/// Gives how many items of a device are aside, if there is no room for those that a frame brings.
pub(super) fn is_too_much(
    tx: &Transaction<'_>,
    device: u64,
    items: &[Item],
    findings: &Findings,
) -> rusqlite::Result<Option<usize>> {
    let aside = |item: &&Item| matches!(findings.ruling(item), Some(Ruling::Aside(..)));
    let (mut more, mut bytes) = (0, 0);
    for item in items.iter().filter(aside) {
        (more, bytes) = (more + 1, bytes + item.body().len());
    }
    if more == 0 {
        return Ok(None);
    }
    let (kept, weight) = quarantine::weight(tx, device)?;
    let full = kept + more > QUARANTINE_ITEMS_MAX || weight + bytes > QUARANTINE_BYTES_MAX;
    Ok(full.then_some(kept))
}

/// An office's part of the database, within one transaction.
pub(super) struct Here<'a> {
    pub tx: &'a Transaction<'a>,
    pub rules: &'a Rules,
    pub stamp: &'a dyn Fn(&str) -> Stamp,
    pub office: &'a OfficeCode,
}

impl Here<'_> {
    pub fn save_fact(&self, fact: &HubFact, findings: &Findings) -> Result<(), ReplicaError> {
        let Self { tx, office, .. } = self;
        let changed = match fact {
            HubFact::Counter { device, counter, lease } => tx
                .prepare_cached(
                    "UPDATE device SET counter = ?2, last_seen = ?3, lease_generation = ?4, lease_previous = ?5, lease_current = ?6
                     WHERE number = ?1 AND counter < ?2",
                )?
                .execute(params![
                    device,
                    counter,
                    self.now().0,
                    lease.generation,
                    lease.previous,
                    lease.current
                ])?,
            HubFact::Copied { device } => {
                tracing::warn!(office.code = %office, device.number = device, "a second living copy of a gateway was refused");
                tx.prepare_cached("UPDATE device SET copied_at = ?2 WHERE number = ?1")?
                    .execute(params![device, self.now().0])?
            }
            HubFact::Frame {
                device,
                items,
                before,
                acked,
            } => {
                self.take_frame((*device, items), *device, findings)?;
                tx.prepare_cached("UPDATE device SET acked = ?2, acked_chain = ?3 WHERE number = ?1 AND acked = ?4")?
                    .execute(params![device, acked.position, acked.hash.0, before.position])?
            }
            // Where the files are known.
            HubFact::Piece { .. } | HubFact::PartialDropped { .. } => 1,
            HubFact::AuditEnd { device, end } => {
                audit::keep(tx, *device, *end, self.now())?;
                1
            }
            HubFact::AuditTold { device, end } => {
                audit::heard(tx, *device, *end)?;
                1
            }
            HubFact::Bound { device, key } => keys::bound(tx, *device, *key)?,
            HubFact::Exchanged {
                device,
                in_sync,
                holds,
            } => {
                quarantine::note_told(tx, *device)?;
                let position = log::scope(tx, office)?.map_or(0, |scope| scope.cursor.position);
                tx.prepare_cached(
                    "UPDATE device SET in_sync_position = :position, in_sync_since = CASE
                         WHEN NOT :in_sync THEN NULL
                         WHEN in_sync_position = :position THEN coalesce(in_sync_since, :now)
                         ELSE :now END,
                         holds = CASE WHEN :in_sync THEN :position ELSE :holds END, holds_at = :now
                     WHERE number = :device",
                )?
                .execute(named_params! {
                    ":device": device, ":in_sync": in_sync, ":position": position, ":holds": holds, ":now": self.now().0,
                })?
            }
        };
        if changed == 1 {
            Ok(())
        } else {
            Err(ReplicaError::Overtaken)
        }
    }

    pub fn now(&self) -> UnixMillis {
        (self.stamp)(HUB_ITSELF).at
    }

    /// Takes what a device brought; `origin` gets it from nobody again.
    pub fn take_frame(
        &self,
        (device, items): (u64, &[Item]),
        origin: u64,
        findings: &Findings,
    ) -> Result<(), ReplicaError> {
        self.check_marks(findings)?;
        let mut counting = Vec::with_capacity(items.len());
        for item in items {
            let foreign = match item.complaint() {
                Some(id) => log::is_of_another_office(self.tx, self.office, id)?,
                None => false,
            };
            match findings.ruling(item).ok_or(ReplicaError::Overtaken)? {
                Ruling::Known => {}
                // Another office's frame came in between.
                Ruling::Counts if foreign => self.put_aside(device, item, (Reason::OtherOffice, &[]))?,
                Ruling::Counts => counting.push(item.clone()),
                Ruling::Aside(reason, missing) => self.put_aside(device, item, (*reason, missing))?,
            }
        }
        let mut touched = arrive::take(self.tx, self.rules, self.office, &counting, origin)?;
        touched.extend(self.judge_again(findings)?);
        self.receive(touched)
    }

    /// What was judged must still stand as it was looked at: a command in another process may have come in between.
    fn check_marks(&self, findings: &Findings) -> Result<(), ReplicaError> {
        for (complaint, mark) in &findings.marks {
            if quarantine::mark(self.tx, *complaint)? != *mark {
                return Err(ReplicaError::Overtaken);
            }
        }
        Ok(())
    }

    fn put_aside(&self, device: u64, item: &Item, why: (Reason, &[[u8; 32]])) -> Result<(), ReplicaError> {
        tracing::warn!(
            office.code = %self.office, device.number = device, item.hash = %item.hash(), reason = why.0.code(),
            "an item was put aside; see `titian-hub quarantine list`"
        );
        Ok(quarantine::put(self.tx, self.office, (device, item), why, self.now())?)
    }

    /// Lets out of the quarantine what fits by now.
    fn judge_again(&self, findings: &Findings) -> Result<BTreeSet<ComplaintId>, ReplicaError> {
        let mut touched = BTreeSet::new();
        for (candidate, verdict) in &findings.again {
            let number = candidate.number.ok_or(ReplicaError::Overtaken)?;
            let changed = match verdict {
                Verdict::Fits => {
                    let item = std::slice::from_ref(&candidate.item);
                    touched.extend(arrive::take(self.tx, self.rules, self.office, item, candidate.device)?);
                    quarantine::release(self.tx, number)?
                }
                Verdict::Refused(reason) => quarantine::rule_again(self.tx, number, (*reason, &[]))?,
                Verdict::Waits(missing) => quarantine::rule_again(self.tx, number, (Reason::Waiting, missing))?,
            };
            if changed != 1 {
                return Err(ReplicaError::Overtaken);
            }
        }
        Ok(touched)
    }

    /// Notes of each complaint that a forwarded round arrived.
    fn receive(&self, touched: BTreeSet<ComplaintId>) -> Result<(), ReplicaError> {
        for id in touched {
            let by = (self.stamp)(HUB_ITSELF);
            match edit::edit(
                self.tx,
                self.rules,
                (id, ItemKind::Handling),
                (&by, "receive"),
                |case, _| Ok(case.receive(&by)),
            ) {
                // Its first change has not arrived yet; the round is noted when it does.
                Ok(_) | Err(EditError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn enrol(
    tx: &Transaction<'_>,
    keys: &HubKeys,
    request: &EnrolRequest,
    now: UnixMillis,
) -> rusqlite::Result<Result<(Enrolled, EnrolReply), EnrolError>> {
    let Some(code) = kept_code(tx, request.code_id())? else {
        return Ok(Err(EnrolError::UnknownCode));
    };
    let proved = |hub| {
        Some((
            hub,
            request
                .verify(&code.secret_hash, &SigningKey::verifying_key(hub))
                .ok()?,
        ))
    };
    let Some((hub, key)) = keys.all().find_map(proved) else {
        return Ok(Err(EnrolError::Unproved));
    };
    let key = key.to_bytes();
    let device = match code.used_by {
        Some(used) if used.key == key && !used.is_revoked => used.device,
        Some(_) => return Ok(Err(EnrolError::Used)),
        None if now > code.expires_at => return Ok(Err(EnrolError::Expired)),
        None => {
            let device: u64 = tx.query_row(
                "INSERT INTO device (office, letter, key, machine, enrolled_at, acked_chain)
                 VALUES (?1, ?2, ?3, ?4, ?5, zeroblob(16)) RETURNING number",
                params![
                    code.office.as_str(),
                    code.letter.as_str(),
                    key,
                    request.machine(),
                    now.0
                ],
                |row| row.get(0),
            )?;
            // The way out for a copy is a code of its own: what was told about copies of this office is over.
            tx.execute(
                "UPDATE device SET copied_at = NULL WHERE office = ?1",
                [code.office.as_str()],
            )?;
            tx.execute(
                "UPDATE enrolment_code SET device = ?2 WHERE code_id = ?1",
                params![request.code_id().0, device],
            )?;
            let entry = audit::Entry {
                at: now,
                who: audit::BY_ITSELF,
                deed: Deed::Enrolled,
                complaint: None,
                detail: &format!("{}/{}", code.office, code.letter.as_str()),
            };
            audit::note(tx, entry)?;
            device
        }
    };
    keys::bound(tx, device, hub.verifying_key())?;
    let epoch = log::cursor_at(tx, &code.office, 0)?.map_or([0; 16], |cursor| cursor.hash.0);
    let enrolled = Enrolled {
        device,
        epoch,
        office: code.office,
        letter: code.letter,
        hub_time: now,
        dictionary: dictionary::NEWEST,
    };
    let reply = EnrolReply::new(&enrolled, request, hub);
    Ok(Ok((enrolled, reply)))
}

#[cfg(test)]
pub(crate) mod tests;
