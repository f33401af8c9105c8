//! Drives the sync engine over HTTP: does what it says, saves before it sends, and reads while it can.

use bytes::Bytes;
use ed25519_dalek::{SigningKey, VerifyingKey};
use futures_util::stream;
use reqwest::{Body, Response};
use rusqlite::Transaction;
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::casebook::project::Rules;
use titian_host::casebook::{arrive, log, refused};
use titian_host::store::StoreError;
use titian_sync::chain::Cursor;
use titian_sync::digest::Digest;
use titian_sync::engine::gateway::{Exchange, ExchangeError, Keys, Outcome, SaveFact, Snapshot, Step};
use titian_sync::enrol::Fingerprint;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Silence, Uplink, UplinkError};
use crate::desk::Desk;
use crate::store::device::{self, Device, Hub};
use crate::store::register;

/// The origin of items that came from the hub; 0 is this gateway itself.
const FROM_HUB: u64 = 1;

/// How many frames wait between the engine and the socket: enough to keep it busy, little to hold in memory.
const FRAMES_WAITING_MAX: usize = 4;

/// The path of the sync endpoint.
const PATH: &str = "/sync/v1";

/// Makes one exchange with the hub.
pub(super) async fn exchange(uplink: &Uplink, device: &Device, hub: &Hub) -> Result<Outcome, UplinkError> {
    let result = drive(uplink, device, hub).await;
    if result.as_ref().is_err_and(UplinkError::nothing_was_sent) && !hub.replica.open {
        // Not a byte left this machine, so the hub stands where it stood, and need not be asked.
        uplink
            .desk
            .store
            .write(|tx| Ok::<_, StoreError>(device::nothing_was_sent(tx)?))
            .await?;
    }
    result
}

async fn drive(uplink: &Uplink, device: &Device, hub: &Hub) -> Result<Outcome, UplinkError> {
    let office = device.office.clone();
    let snapshot = snapshot(&uplink.desk, &office).await?;
    let keys = Keys {
        device: SigningKey::from_bytes(&device.key),
        hub: VerifyingKey::from_bytes(&hub.key).map_err(|_| UplinkError::HubKey)?,
    };
    let client = uplink.client(Fingerprint::of(&keys.hub), &device.hub_address)?;
    let random = uplink.desk.clock.random();
    let mut engine = Exchange::begin(hub.replica.clone(), snapshot, keys, random);
    let mut link = Link::new(client, &device.hub_address);
    loop {
        let mut step = engine.step()?;
        // Some answers are steps themselves.
        loop {
            step = match step {
                Step::Save(facts) => {
                    let leased = facts.iter().any(|fact| matches!(fact, SaveFact::Lease(_)));
                    save(&uplink.desk, facts).await?;
                    if leased {
                        uplink.sidecar.keep(&uplink.desk).await?;
                    }
                    break;
                }
                Step::NeedEntries { after, until } => {
                    let office = office.clone();
                    let read = uplink.desk.store.read(move |conn| {
                        Ok::<_, StoreError>(log::entries(conn, &office, (after, until), log::Whose::WrittenHere)?)
                    });
                    engine.entries(read.await?);
                    break;
                }
                Step::NeedEntriesAt(positions) => {
                    let office = office.clone();
                    let read = uplink
                        .desk
                        .store
                        .read(move |conn| Ok::<_, StoreError>(log::entries_at(conn, &office, &positions)?));
                    engine.entries(read.await?);
                    break;
                }
                Step::NeedFingerprints { after, until } => {
                    let office = office.clone();
                    let read = uplink
                        .desk
                        .store
                        .read(move |conn| Ok::<_, StoreError>(log::fingerprints(conn, &office, (after, until))?));
                    engine.fingerprints(&read.await?)?
                }
                Step::Send(bytes) => {
                    UplinkError::bounded(link.send(bytes)).await?;
                    break;
                }
                Step::EndOfRequest => {
                    link.end().await?;
                    break;
                }
                Step::NeedReply => {
                    match link.reply().await? {
                        Some(bytes) => engine.reply(&bytes),
                        None => engine.reply_end(),
                    }
                    break;
                }
                Step::NeedOwnCursor(position) => {
                    let office = office.clone();
                    let read = uplink
                        .desk
                        .store
                        .read(move |conn| Ok::<_, StoreError>(log::cursor_at(conn, &office, position)?));
                    engine.own_cursor(read.await?)?
                }
                Step::NeedHashes(prefixes) => {
                    let office = office.clone();
                    let read = uplink
                        .desk
                        .store
                        .read(move |conn| Ok::<_, StoreError>(log::held(conn, &office, &prefixes)?));
                    engine.held(&read.await?)?
                }
                Step::NeedDigest => {
                    let office = office.clone();
                    let read = uplink.desk.store.read(move |conn| {
                        let digest = log::scope(conn, &office)?.map_or(Digest::EMPTY, |scope| scope.digest);
                        Ok::<_, StoreError>((digest, device::waiting(conn)?.items > 0))
                    });
                    let (digest, unsent) = read.await?;
                    engine.digest(&digest, unsent)
                }
                Step::Done(outcome) => return Ok(outcome),
            };
        }
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
async fn save(desk: &Desk, facts: Vec<SaveFact>) -> Result<(), UplinkError> {
    let (rules, now) = (desk.rules.clone(), desk.clock.now());
    let compared = facts.iter().any(|fact| matches!(fact, SaveFact::Answered { .. }));
    desk.store
        .write(move |tx| {
            // Enrolled anew while this exchange ran: its facts are about a device that is gone.
            let device = device::read(tx)?.ok_or(UplinkError::NotEnrolled)?;
            let mut replica = device.hub.as_ref().ok_or(UplinkError::NotEnrolled)?.replica.clone();
            for fact in &facts {
                replica.apply(fact);
                save_one(tx, &device, fact, &rules, now)?;
            }
            Ok::<_, UplinkError>(device::keep(tx, &replica)?)
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
    rules: &Rules,
    now: UnixMillis,
) -> Result<(), UplinkError> {
    match fact {
        SaveFact::Items { items, .. } => {
            let arrived = arrive::take(tx, rules, &device.office, items, FROM_HUB)?;
            if !arrived.is_empty() {
                register::catch_up(tx, device)?;
            }
        }
        SaveFact::Answered { hub_time, .. } => device::clock_measured(tx, *hub_time, now)?,
        SaveFact::Repair(repair) => device::repairing(tx, repair, now)?,
        SaveFact::Copied => device::copied(tx, now)?,
        SaveFact::Quarantined(list) => refused::take_list(tx, &device.office, list, now)?,
        SaveFact::InSync => device::proved(tx, now)?,
        SaveFact::Differs => device::disproved(tx)?,
        _ => {}
    }
    Ok(())
}

/// One HTTP request: a body of known length where all of it fits into the first piece, else a stream.
struct Link {
    client: reqwest::Client,
    url: String,
    first: Option<Bytes>,
    stream: Option<(mpsc::Sender<Bytes>, JoinHandle<reqwest::Result<Response>>)>,
    response: Option<Response>,
}

impl Link {
    fn new(client: reqwest::Client, address: &str) -> Self {
        let url = format!("{}{PATH}", address.trim_end_matches('/'));
        Self {
            client,
            url,
            first: None,
            stream: None,
            response: None,
        }
    }

    /// Passes a piece of the body on. Where the connection is gone already, [`Self::end`] tells.
    async fn send(&mut self, bytes: Vec<u8>) {
        let bytes = Bytes::from(bytes);
        let Some((sender, _)) = &self.stream else {
            match self.first.take() {
                None => self.first = Some(bytes),
                Some(first) => {
                    let (sender, receiver) = mpsc::channel(FRAMES_WAITING_MAX);
                    let pieces = stream::unfold(receiver, |mut receiver: mpsc::Receiver<Bytes>| async move {
                        receiver
                            .recv()
                            .await
                            .map(|bytes| (Ok::<_, std::io::Error>(bytes), receiver))
                    });
                    let request = self.client.post(&self.url).body(Body::wrap_stream(pieces));
                    let running = tokio::spawn(request.send());
                    let _ = sender.send(first).await;
                    let _ = sender.send(bytes).await;
                    self.stream = Some((sender, running));
                }
            }
            return;
        };
        let _ = sender.send(bytes).await;
    }

    /// Ends the body and waits for the reply to begin.
    async fn end(&mut self) -> Result<(), UplinkError> {
        let response = if let Some((sender, running)) = self.stream.take() {
            drop(sender);
            UplinkError::bounded(running)
                .await?
                .map_err(|_| UplinkError::Unreachable(Silence::Broke))?
        } else {
            let body = self.first.take().unwrap_or_default();
            UplinkError::bounded(self.client.post(&self.url).body(body).send()).await?
        };
        let response = response.map_err(|error| UplinkError::unreachable(&error))?;
        match response.status().as_u16() {
            200 => self.response = Some(response),
            503 => return Err(UplinkError::HubInTrouble),
            status => return Err(UplinkError::NotAHub { status }),
        }
        Ok(())
    }

    async fn reply(&mut self) -> Result<Option<Bytes>, UplinkError> {
        let response = self.response.as_mut().ok_or(ExchangeError::Driver)?;
        UplinkError::bounded(response.chunk())
            .await?
            .map_err(|error| UplinkError::unreachable(&error))
    }
}
