//! Drives the sync engine over HTTP: does what it says, saves before it sends, and reads while it can.

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, Transaction};
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::attachments::AttachmentFiles;
use titian_host::audit;
use titian_host::casebook::pieces;
use titian_host::casebook::project::Rules;
use titian_host::casebook::{arrive, log, refused};
use titian_host::store::StoreError;
use titian_sync::chain::Cursor;
use titian_sync::digest::Digest;
use titian_sync::engine::gateway::{Exchange, Keys, Outcome, SaveFact, Snapshot, Step, Terms};
use titian_sync::enrol::Fingerprint;
use titian_sync::wire::extension::{ATTACHMENTS_WANTED_MAX, Want};
use titian_sync::wire::history::HISTORY_ITEMS_MAX;
use tokio::time::Instant;

use super::interrupt::Interrupt;
use super::link::Link;
use super::{Uplink, UplinkError};
use crate::desk::Desk;
use crate::store::device::{self, Device, Hub};
use crate::store::{HUB, attachments, register};

/// What came of an exchange.
pub(super) struct Exchanged {
    /// `None` where it was interrupted while it waited for news.
    pub outcome: Option<Outcome>,
    /// Bytes of attachments that were sent or received.
    pub attachment_bytes: u64,
}

/// Makes one exchange with the hub. One that waits for news is given up when `interrupt` resolves.
pub(super) async fn exchange(
    uplink: &Uplink,
    device: &Device,
    hub: &Hub,
    (mut terms, interrupt): (Terms, &mut Interrupt),
) -> Result<Exchanged, UplinkError> {
    let keys = Keys {
        device: SigningKey::from_bytes(&device.key),
        hub: hub.keys.ok_or(UplinkError::HubKey)?,
    };
    let snapshot = snapshot(&uplink.desk, &device.office).await?;
    let unheard = |conn: &Connection| Ok::<_, StoreError>(audit::unheard(conn, HUB)?);
    terms.audit = uplink.desk.store.read(unheard).await?;
    let pins: Vec<_> = keys.hub.all().map(|key| Fingerprint::of(&key)).collect();
    let client = uplink.client(&pins, &device.hub_address)?;
    let waits = terms.wait_seconds > 0;
    let mut driver = Driver {
        uplink,
        office: device.office.clone(),
        link: Link::new(client, &device.hub_address),
        interrupt: Some(interrupt).filter(|_| waits),
        deadline: Instant::now() + uplink.limits.exchange_max,
        attachment_bytes: 0,
    };
    let random = uplink.desk.clock.random();
    let mut engine = Exchange::begin(hub.replica.clone(), snapshot, keys, random).on(terms);
    let result = driver.drive(&mut engine).await;
    if result.as_ref().is_err_and(UplinkError::nothing_was_sent) && !hub.replica.open {
        // Not a byte left this machine, so the hub stands where it stood, and need not be asked.
        uplink
            .desk
            .store
            .write(|tx| Ok::<_, StoreError>(device::nothing_was_sent(tx)?))
            .await?;
    }
    let outcome = result?;
    if outcome.is_some() {
        driver.link.finish().await;
    }
    Ok(Exchanged {
        outcome,
        attachment_bytes: driver.attachment_bytes,
    })
}

/// One exchange that is under way.
struct Driver<'a> {
    uplink: &'a Uplink,
    office: OfficeCode,
    link: Link,
    interrupt: Option<&'a mut Interrupt>,
    deadline: Instant,
    attachment_bytes: u64,
}

impl Driver<'_> {
    async fn drive(&mut self, engine: &mut Exchange) -> Result<Option<Outcome>, UplinkError> {
        loop {
            let mut step = engine.step()?;
            // Some answers are steps themselves.
            loop {
                step = match step {
                    Step::Done(outcome) => return Ok(Some(outcome)),
                    Step::EndOfRequest => {
                        if !self.link.end(self.interrupt.as_deref_mut()).await? {
                            return Ok(None);
                        }
                        break;
                    }
                    other => match self.answer(engine, other).await? {
                        Some(step) => step,
                        None => break,
                    },
                };
            }
        }
    }

    /// Does what the engine says; gives its next step where the answer to it is one.
    async fn answer(&mut self, engine: &mut Exchange, step: Step) -> Result<Option<Step>, UplinkError> {
        let (store, office) = (&self.uplink.desk.store, self.office.clone());
        match step {
            Step::Save(facts) => {
                self.attachment_bytes += facts.iter().map(received).sum::<u64>();
                let leased = facts.iter().any(|fact| matches!(fact, SaveFact::Lease(_)));
                save(self.uplink, facts).await?;
                if leased {
                    self.uplink.sidecar.keep(&self.uplink.desk).await?;
                }
            }
            Step::NeedEntries { after, until } => {
                let read = store.read(move |conn| {
                    Ok::<_, StoreError>(log::entries(conn, &office, (after, until), log::Whose::WrittenHere)?)
                });
                engine.entries(read.await?);
            }
            Step::NeedEntriesAt(positions) => {
                let read = store.read(move |conn| Ok::<_, StoreError>(log::entries_at(conn, &office, &positions)?));
                engine.entries(read.await?);
            }
            Step::NeedFingerprints { after, until } => {
                let read =
                    store.read(move |conn| Ok::<_, StoreError>(log::fingerprints(conn, &office, (after, until))?));
                return Ok(Some(engine.fingerprints(&read.await?)?));
            }
            Step::NeedHistory { after, until } => {
                let span = (after, until);
                let read = store.read(move |conn| {
                    Ok::<_, StoreError>(log::last_of(conn, &office, log::WRITTEN_HERE, span, HISTORY_ITEMS_MAX)?)
                });
                engine.history(read.await?);
            }
            Step::NeedAttachment(want) => self.attach(engine, want).await?,
            Step::NeedPartial => {
                let read = store.read(|conn| Ok::<_, StoreError>(pieces::partial(conn, HUB)?));
                return Ok(Some(engine.partial(read.await?)?));
            }
            Step::Send(bytes) => {
                UplinkError::bounded(self.link.send(bytes)).await?;
                if Instant::now() >= self.deadline {
                    engine.wind_down();
                }
            }
            Step::NeedReply => match self.link.reply().await? {
                Some(bytes) => engine.reply(&bytes),
                None => engine.reply_end(),
            },
            Step::NeedOwnCursor(position) => {
                let read = store.read(move |conn| Ok::<_, StoreError>(log::cursor_at(conn, &office, position)?));
                return Ok(Some(engine.own_cursor(read.await?)?));
            }
            Step::NeedHashes(prefixes) => {
                let read = store.read(move |conn| Ok::<_, StoreError>(log::held(conn, &office, &prefixes)?));
                return Ok(Some(engine.held(&read.await?)?));
            }
            Step::NeedDigest => {
                let read = store.read(move |conn| {
                    let digest = log::scope(conn, &office)?.map_or(Digest::EMPTY, |scope| scope.digest);
                    Ok::<_, StoreError>((digest, device::waiting(conn)?.items > 0))
                });
                let (digest, unsent) = read.await?;
                return Ok(Some(engine.digest(&digest, unsent)));
            }
            Step::EndOfRequest | Step::Done(_) => {}
        }
        Ok(None)
    }

    /// Reads a part of an attachment for the engine, unless a text was written meanwhile: that goes first.
    async fn attach(&mut self, engine: &mut Exchange, want: Want) -> Result<(), UplinkError> {
        let (files, office) = (self.uplink.files.clone(), self.office.clone());
        let read = self.uplink.desk.store.read(move |conn| {
            let urgent = device::waiting(conn)?.items > 0;
            Ok::<_, StoreError>((urgent, pieces::read(conn, &files, &office, &want)?))
        });
        let (urgent, blob) = read.await?;
        if urgent {
            engine.hold_attachments();
        } else {
            self.attachment_bytes += blob.as_ref().map_or(0, |blob| blob.bytes.len() as u64);
            engine.attachment(blob);
        }
        Ok(())
    }
}

/// Counts what a fact brings of an attachment.
fn received(fact: &SaveFact) -> u64 {
    match fact {
        SaveFact::Piece(piece) => piece.bytes.len() as u64,
        _ => 0,
    }
}

async fn snapshot(desk: &Desk, office: &OfficeCode) -> Result<Snapshot, StoreError> {
    let office = office.clone();
    desk.store
        .read(move |conn| {
            let scope = log::scope(conn, &office)?;
            Ok(scope.map_or(
                Snapshot {
                    end: Cursor::START,
                    digest: Digest::EMPTY,
                },
                |scope| Snapshot {
                    end: scope.cursor,
                    digest: scope.digest,
                },
            ))
        })
        .await
}

/// Makes facts durable, all in one transaction.
async fn save(uplink: &Uplink, facts: Vec<SaveFact>) -> Result<(), UplinkError> {
    let desk = &uplink.desk;
    let (rules, files, now) = (desk.rules.clone(), uplink.files.clone(), desk.clock.now());
    let compared = facts.iter().any(|fact| matches!(fact, SaveFact::Answered { .. }));
    desk.store
        .write(move |tx| {
            // Enrolled anew while this exchange ran: its facts are about a device that is gone.
            let device = device::read(tx)?.ok_or(UplinkError::NotEnrolled)?;
            let mut replica = device.hub.as_ref().ok_or(UplinkError::NotEnrolled)?.replica.clone();
            for fact in &facts {
                replica.apply(fact);
                save_one(tx, &device, fact, (&rules, &files), now)?;
            }
            device::keep(tx, &replica)?;
            if facts.contains(&SaveFact::InSync) {
                attachments::agreed(tx, &replica.wanted, ATTACHMENTS_WANTED_MAX)?;
            }
            Ok::<_, UplinkError>(())
        })
        .await?;
    if compared {
        desk.clock.believe();
    }
    Ok(())
}

fn save_one(
    tx: &Transaction<'_>,
    device: &Device,
    fact: &SaveFact,
    (rules, files): (&Rules, &AttachmentFiles),
    now: UnixMillis,
) -> Result<(), UplinkError> {
    match fact {
        SaveFact::Items { items, .. } => {
            let arrived = arrive::take(tx, rules, &device.office, items, HUB)?;
            if !arrived.is_empty() {
                register::catch_up(tx, device)?;
            }
        }
        SaveFact::Answered { hub_time, .. } => device::clock_measured(tx, *hub_time, now)?,
        SaveFact::Quarantined(list) => refused::take_list(tx, &device.office, list, now)?,
        SaveFact::Wanted(wants) => attachments::wanted_by_hub(tx, wants)?,
        SaveFact::Piece(piece) => pieces::keep(tx, files, (&device.office, HUB), piece)?,
        SaveFact::PartialDropped => pieces::drop_partial(tx, HUB)?,
        SaveFact::Repair(repair) => device::repairing(tx, repair, now)?,
        SaveFact::AuditHeard(end) => audit::heard(tx, HUB, *end)?,
        SaveFact::AuditEnd(end) => audit::keep(tx, HUB, *end, now)?,
        SaveFact::HubKeys(heard) => {
            let before = device
                .hub
                .as_ref()
                .and_then(|hub| hub.keys)
                .ok_or(UplinkError::HubKey)?;
            device::trust(tx, &before, heard, now)?;
        }
        SaveFact::UnusableHubKey => tracing::warn!("the hub announced a key that cannot be used; it is passed over"),
        SaveFact::Copied => device::copied(tx, now)?,
        SaveFact::InSync => device::proved(tx, now)?,
        SaveFact::Differs => device::disproved(tx)?,
        _ => {}
    }
    Ok(())
}
