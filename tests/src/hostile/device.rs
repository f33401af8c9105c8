//! The device itself: its keys, its log in memory, and its exchanges with a hub.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use ed25519_dalek::{SigningKey, VerifyingKey};
use titian_domain::id::{ComplaintId, GatewayLetter, OfficeCode};
use titian_sync::bundle::label::GatewayName;
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::digest::Digest;
use titian_sync::engine::gateway::{Exchange, Keys, Outcome, ReplicaState, SaveFact, Snapshot, Step};
use titian_sync::engine::{Fingerprinted, Held, LogEntry};
use titian_sync::enrol::code::EnrolCode;
use titian_sync::enrol::message::{EnrolReply, EnrolRequest};
use titian_sync::item::Item;
use titian_sync::wire::extension::{Quarantined, RequestExtensions};
use titian_sync::wire::frame::{Carried, Frame};
use titian_sync::wire::head::RequestHead;
use titian_sync::wire::seal::{self, Covered, Direction};

/// A hub that keeps a request waiting for longer has failed.
const ANSWER_SECONDS_MAX: u64 = 240;

/// An enrolled device.
#[derive(Clone)]
pub struct Device {
    /// Its office.
    pub office: OfficeCode,
    /// What the hub said last that it keeps aside.
    pub quarantined: Vec<Quarantined>,
    /// The complaints of which the hub ever gave it anything.
    pub given: BTreeSet<ComplaintId>,
    address: String,
    pub(super) key: SigningKey,
    pub(super) hub: VerifyingKey,
    pub(super) state: ReplicaState,
    pub(super) log: Vec<LogEntry>,
    epoch: RunningHash,
    letter: GatewayLetter,
}

impl Device {
    /// Enrols with a code of the hub at an address; the number makes its key its own.
    ///
    /// # Errors
    /// When the hub refuses.
    pub fn enrol(address: &str, code: &str, number: u8) -> Result<Self> {
        let code = EnrolCode::parse(code)?;
        let key = SigningKey::from_bytes(&[number; 32]);
        let request = EnrolRequest::new(&code, &key, "PC asing");
        let answer = post(address, "/enrol/v1", &request.to_json())?;
        let (enrolled, hub) = EnrolReply::open(&answer, &code, &request)?;
        Ok(Self {
            office: enrolled.office,
            letter: enrolled.letter,
            quarantined: Vec::new(),
            given: BTreeSet::new(),
            address: address.to_owned(),
            key,
            hub,
            state: ReplicaState::enrolled(enrolled.device, enrolled.dictionary),
            epoch: RunningHash([number; 16]),
            log: Vec::new(),
        })
    }

    /// Gives its name.
    pub fn name(&self) -> GatewayName {
        GatewayName {
            office: self.office.clone(),
            letter: self.letter.clone(),
        }
    }

    /// Gives the number that the hub knows it by.
    pub fn number(&self) -> u64 {
        self.state.device
    }

    /// Gives a device that says it is this one and has another key.
    #[must_use]
    pub fn with_key(&self, number: u8) -> Self {
        Self {
            key: SigningKey::from_bytes(&[number; 32]),
            ..self.clone()
        }
    }

    /// Gives a device that has this one's key and says it has another number.
    #[must_use]
    pub fn numbered(&self, device: u64) -> Self {
        let mut other = self.clone();
        other.state.device = device;
        other
    }

    /// Appends to the log what the next exchange sends.
    pub fn push(&mut self, item: Item) {
        let before = self.log.last().map_or(self.epoch, |entry| entry.cursor.hash);
        let cursor = Cursor {
            position: self.log.len() as u64 + 1,
            hash: before.then(&item),
        };
        self.log.push(LogEntry { cursor, item });
    }

    /// Makes one exchange.
    ///
    /// # Errors
    /// When the hub gives no reply of the protocol.
    pub fn exchange(&mut self) -> Result<Outcome> {
        let mut digest = Digest::EMPTY;
        let aside: BTreeSet<[u8; 8]> = self.quarantined.iter().map(|entry| entry.front).collect();
        for entry in &self.log {
            let fingerprint = entry.item.fingerprint();
            if !aside.iter().any(|front| fingerprint.starts_with(front)) {
                digest.add(&entry.item);
            }
        }
        let end = self.log.last().map_or(Cursor::START, |entry| entry.cursor);
        let snapshot = Snapshot { end, digest };
        let keys = Keys {
            device: self.key.clone(),
            hub: self.hub.into(),
        };
        let mut random = [self.key.as_bytes()[0]; 8];
        random[..4].copy_from_slice(&self.state.counter.to_le_bytes()[..4]);
        let mut exchange = Exchange::begin(self.state.clone(), snapshot, keys, random);
        let (mut body, mut reply) = (Vec::new(), None);
        let mut step = exchange.step()?;
        loop {
            step = match step {
                Step::Save(facts) => {
                    for fact in &facts {
                        self.save(fact);
                    }
                    exchange.step()?
                }
                Step::NeedEntries { after, until } => {
                    let wanted = self.log.iter().filter(|entry| {
                        let position = entry.cursor.position;
                        position > after && position <= until
                    });
                    exchange.entries(wanted.take(200).cloned().collect());
                    exchange.step()?
                }
                Step::NeedEntriesAt(positions) => {
                    let at = |position: &u64| self.log.iter().find(|entry| entry.cursor.position == *position);
                    exchange.entries(positions.iter().filter_map(at).cloned().collect());
                    exchange.step()?
                }
                Step::NeedFingerprints { after, until } => {
                    let wanted = self.log.iter().filter(|entry| {
                        let position = entry.cursor.position;
                        position > after && position <= until
                    });
                    let items: Vec<_> = wanted.map(fingerprinted).collect();
                    exchange.fingerprints(&items)?
                }
                Step::Send(bytes) => {
                    body.extend(bytes);
                    exchange.step()?
                }
                Step::EndOfRequest => {
                    reply = Some(post(&self.address, "/sync/v1", &body)?);
                    exchange.step()?
                }
                Step::NeedReply => {
                    match reply.take() {
                        Some(bytes) if !bytes.is_empty() => exchange.reply(&bytes),
                        _ => exchange.reply_end(),
                    }
                    exchange.step()?
                }
                Step::NeedOwnCursor(position) => {
                    let index = usize::try_from(position)?.checked_sub(1);
                    let own = index.and_then(|index| self.log.get(index));
                    exchange.own_cursor(own.map(|entry| entry.cursor))?
                }
                // Its compressor starts from nothing.
                Step::NeedHistory { .. } => {
                    exchange.history(Vec::new());
                    exchange.step()?
                }
                // It has no files, and keeps no parts.
                Step::NeedAttachment(_) => {
                    exchange.attachment(None);
                    exchange.step()?
                }
                Step::NeedPartial => exchange.partial(None)?,
                // It keeps nothing of what the hub sends: whatever that refers to is unclear to it.
                Step::NeedHashes(prefixes) => {
                    let held: BTreeMap<_, _> = prefixes.into_iter().map(|prefix| (prefix, Held::Unclear)).collect();
                    exchange.held(&held)?
                }
                Step::NeedDigest => exchange.digest(&digest, false),
                Step::Done(outcome) => return Ok(outcome),
            };
        }
    }

    /// Sends one frame with any payload, signed as it should be, and tells whether the hub answered in the protocol.
    ///
    /// # Errors
    /// When the hub gives no answer at all.
    pub fn send_payload(&mut self, count: usize, payload: Vec<u8>) -> Result<()> {
        self.state.counter += 1;
        let cursor = Cursor {
            position: self.state.acked.position + count as u64,
            hash: RunningHash([1; 16]),
        };
        let frame = Frame {
            carried: Carried::Items {
                count,
                check: [0; 4],
                cursor,
                payload,
            },
            last: true,
            more: false,
        }
        .to_bytes();
        let head = RequestHead {
            frames: true,
            whole: false,
            loose: false,
            newest_dictionary: self.state.dictionary,
            dictionary: self.state.dictionary,
            device: self.state.device,
            counter: self.state.counter,
            cursor: self.state.cursor.mark(),
            start: self.state.acked.mark(),
            digest: Digest::EMPTY.mark(),
            extensions: RequestExtensions::default(),
        }
        .to_bytes();
        let direction = Direction::Request { hub: self.hub };
        let covered = Covered::Frame {
            index: 0,
            bytes: &frame,
        };
        let signature = seal::sign(&self.key, direction, &seal::head_hash(&head), covered);
        let body = [&head[..], &frame, &signature].concat();
        ensure!(!post(&self.address, "/sync/v1", &body)?.is_empty(), "an empty answer");
        Ok(())
    }

    fn save(&mut self, fact: &SaveFact) {
        self.state.apply(fact);
        match fact {
            SaveFact::Quarantined(list) => self.quarantined.clone_from(list),
            SaveFact::Items { items, .. } => self.given.extend(items.iter().filter_map(Item::complaint)),
            _ => {}
        }
    }
}

fn fingerprinted(entry: &LogEntry) -> Fingerprinted {
    Fingerprinted {
        position: entry.cursor.position,
        fingerprint: entry.item.fingerprint(),
    }
}

/// Gives the body of a request that carries some items, as the engine writes it; nobody is enrolled with its keys.
pub fn sample_body(items: Vec<Item>) -> Vec<u8> {
    let key = SigningKey::from_bytes(&[1; 32]);
    let hub = SigningKey::from_bytes(&[2; 32]).verifying_key();
    let mut device = Device {
        office: "63.01.03".parse().expect("three pairs of digits"),
        letter: "A".parse().expect("a letter"),
        quarantined: Vec::new(),
        given: BTreeSet::new(),
        address: String::new(),
        key: key.clone(),
        hub,
        state: ReplicaState::enrolled(1, 0),
        epoch: RunningHash([0; 16]),
        log: Vec::new(),
    };
    for item in items {
        device.push(item);
    }
    let snapshot = Snapshot {
        end: device.log.last().map_or(Cursor::START, |entry| entry.cursor),
        digest: Digest::EMPTY,
    };
    let keys = Keys {
        device: key,
        hub: hub.into(),
    };
    let mut exchange = Exchange::begin(device.state, snapshot, keys, [3; 8]);
    let (mut body, mut log) = (Vec::new(), Some(device.log));
    while let Ok(step) = exchange.step() {
        match step {
            Step::NeedHistory { .. } => exchange.history(Vec::new()),
            Step::NeedEntries { .. } => exchange.entries(log.take().unwrap_or_default()),
            Step::Send(bytes) => body.extend(bytes),
            Step::Save(_) => {}
            _ => break,
        }
    }
    body
}

/// Sends a request and gives the body of the answer, whatever its status.
///
/// # Errors
/// When there is no answer.
pub fn post(address: &str, path: &str, body: &[u8]) -> Result<Vec<u8>> {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).context("the hub does not take connections")?;
    stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))?;
    // The oldest version: the answer is what comes until the connection closes.
    let head = format!(
        "POST {path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    // A hub that has heard enough answers before it has read everything.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).context("the hub does not answer")?;
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        bail!("what answers speaks no HTTP");
    };
    Ok(answer.split_off(end + 4))
}
