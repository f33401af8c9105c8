//! A gateway's side of one exchange.

use std::collections::{BTreeMap, VecDeque};

use ed25519_dalek::{SigningKey, VerifyingKey};
use titian_domain::time::UnixMillis;

use super::body::{ArrivedPiece, BadBody, Fed, Incoming};
use super::lease::LeaseWord;
use super::outgoing::Outgoing;
use super::pieces::{Arriving, Attachments};
use super::queue::Queue;
use super::repair::{Pass, Purpose, Repair};
pub use super::replica::{ReplicaState, SaveFact};
pub use super::request::Terms;
use super::{Held, LogEntry, Refusal};
use crate::chain::{Cursor, Mark};
use crate::digest::Digest;
use crate::hub_keys::TrustedKeys;
use crate::item::HashPrefix;
use crate::reconcile::{Salt, SaltedId};
use crate::varint::Malformed;
use crate::wire::codec::BadFrame;
use crate::wire::extension::Want;
use crate::wire::head::{self, ReplyHead};
use crate::wire::history::{History, HistoryMark};
use crate::wire::pack::PackError;
use crate::wire::seal::{self, Covered, Direction};

/// What the gateway holds when an exchange begins: everything up to here is sent, what comes later waits.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    /// The end of its log.
    pub end: Cursor,
    /// The digest of its log.
    pub digest: Digest,
}

/// The keys of the two sides.
#[derive(Clone)]
pub struct Keys {
    /// The device's secret key.
    pub device: SigningKey,
    /// The hub's public keys: the one that was pinned at enrolment, or what it announced since.
    pub hub: TrustedKeys,
}

/// What the driver has to do next.
pub enum Step {
    /// Save all of it in one transaction, then step on.
    Save(Vec<SaveFact>),
    /// Look up entries of the own log that were written here (origin 0), with `after` < position ≤ `until`, in order;
    /// some hundred at a time. Answer with [`Exchange::entries`]; none if there are no more.
    NeedEntries {
        /// After which position.
        after: u64,
        /// Up to which position.
        until: u64,
    },
    /// Look up the entries at these positions of the own log, in order; from the front as many as memory allows. Answer
    /// with [`Exchange::entries`].
    NeedEntriesAt(Vec<u64>),
    /// Look up the fingerprints of the own log's entries with `after` < position ≤ `until`, in order, without those that
    /// the hub keeps aside; some thousand at a time. Answer with [`Exchange::fingerprints`]; none if there are no more.
    NeedFingerprints {
        /// After which position.
        after: u64,
        /// Up to which position.
        until: u64,
    },
    /// Look up the items that were written here up to a position, in order: the last
    /// [`crate::wire::history::HISTORY_ITEMS_MAX`] of them. Answer with [`Exchange::history`].
    NeedHistory {
        /// After which position.
        after: u64,
        /// Up to which position.
        until: u64,
    },
    /// Read an attachment from an offset on, some kilobytes. Answer with [`Exchange::attachment`].
    NeedAttachment(Want),
    /// Look up what is kept of a large item. Answer with [`Exchange::partial`].
    NeedPartial,
    /// Append this to the request's body.
    Send(Vec<u8>),
    /// The request's body is complete. Step on for what to do with the reply.
    EndOfRequest,
    /// Feed bytes of the reply with [`Exchange::reply`], or tell its end with [`Exchange::reply_end`].
    NeedReply,
    /// Look up the running hash of the own log at a position. Answer with [`Exchange::own_cursor`].
    NeedOwnCursor(u64),
    /// Look up which items the fronts of hashes belong to. Answer with [`Exchange::held`].
    NeedHashes(Vec<HashPrefix>),
    /// Look up the digest now, and whether own entries wait that are not acknowledged. Answer with
    /// [`Exchange::digest`].
    NeedDigest,
    /// The exchange is over.
    Done(Outcome),
}

/// Whether both sides hold the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Proved to.
    Proved,
    /// Proved not to.
    Differs,
    /// Not known: something is still to be sent.
    Unknown,
}

/// What came of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether both sides hold the same.
    pub agreement: Agreement,
    /// Whether another exchange should follow at once.
    pub again: bool,
    /// Why the hub did not take it.
    pub refusal: Option<Refusal>,
}

/// How many exchanges a driver makes in a row before it waits: probe, five rounds of a large repair, whole hashes,
/// dictionary, counter, and some for what does not fit into one.
pub const EXCHANGES_IN_A_ROW_MAX: usize = 12;

/// Ids in a frame: 8 KiB, for a link that dies often.
const FETCH_FRAME_IDS: usize = 1024;

/// Says why an exchange cannot go on. What was saved stays; the next exchange begins from there.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The reply ended early.
    #[error("the hub's reply was cut off")]
    Cut,
    /// The reply is not in the form of the protocol.
    #[error("the hub's reply is malformed")]
    Malformed(#[source] Malformed),
    /// The reply was not signed by the hub of this enrolment.
    #[error("the reply was not signed by the hub that this gateway is enrolled with")]
    Signature,
    /// A frame of the reply cannot be taken.
    #[error("the hub sent something that this gateway cannot take")]
    Frame(#[source] BadFrame),
    /// No memory for the compressor.
    #[error("the compressor could not start")]
    Compressor(#[from] PackError),
    /// The driver answered what was not asked.
    #[error("an answer came that was not asked for")]
    Driver,
}

impl From<BadBody> for ExchangeError {
    fn from(bad: BadBody) -> Self {
        match bad {
            BadBody::Malformed(malformed) => Self::Malformed(malformed),
            BadBody::Signature => Self::Signature,
            BadBody::Frame(frame) => Self::Frame(frame),
            BadBody::NoMemory => Self::Compressor(PackError::from(std::io::Error::other("out of memory"))),
        }
    }
}

pub(super) enum Phase {
    Begin,
    Gather,
    Send,
    EndOfRequest,
    ReplyHead,
    OwnCursor {
        head: ReplyHead,
        at: Mark,
    },
    ReplyFrames,
    /// A piece of a large item waits for what is kept of it.
    Partial(ArrivedPiece),
    /// What the cells mean is being found out.
    Pass {
        pass: Pass,
        after: u64,
    },
    Compare,
    Finished,
}

/// One exchange: a request and its reply.
pub struct Exchange {
    pub(super) state: ReplicaState,
    pub(super) snapshot: Snapshot,
    pub(super) keys: Keys,
    pub(super) phase: Phase,
    pub(super) purpose: Purpose,
    /// Sets the cells of a repair that begins now apart from any other.
    pub(super) salt: Salt,
    lease_word: LeaseWord,
    /// Ids to be fetched, a frame's worth each.
    pub(super) fetch: VecDeque<Vec<SaltedId>>,
    /// The hub stands at a place that is not in this log, or before what it was found to hold.
    pub(super) lost: bool,
    /// Not all that waits was sent and taken: others may have brought it.
    pub(super) unsure: bool,
    pub(super) hub_time: UnixMillis,
    pub(super) terms: Terms,
    pub(super) queue: Queue,
    pub(super) attachments: Attachments,
    /// What the frames are compressed with, once that was looked up.
    pub(super) history: Option<(History, Option<HistoryMark>)>,
    /// Whether the hub has to know that history.
    pub(super) tells_history: bool,
    pub(super) arriving: Arriving,
    pub(super) outgoing: Option<Outgoing>,
    /// Where the hub will stand if it takes all that is sent.
    pub(super) hoped: Cursor,
    pub(super) incoming: Option<Incoming>,
    pub(super) fed: Fed,
    pub(super) digest: Option<crate::digest::DigestMark>,
    /// The hub's key that signed a reply without frames.
    pub(super) signer: Option<VerifyingKey>,
    pub(super) outcome: Outcome,
}

impl Exchange {
    /// Begins an exchange from what is stored. `random` are fresh random bytes: no two exchanges have the same.
    pub fn begin(mut state: ReplicaState, snapshot: Snapshot, keys: Keys, random: LeaseWord) -> Self {
        if state.open && matches!(state.repair, Repair::Known(_)) {
            // How much of it arrived is not known: what differs now is less.
            state.repair = state.repair.anew();
        }
        let purpose = match &state.repair {
            Repair::Due(_) | Repair::Cells(_) => Purpose::Sound,
            Repair::Known(_) => Purpose::Mend,
            _ if state.open => Purpose::Probe,
            _ => Purpose::News,
        };
        let (queue, fetch) = match &state.repair {
            Repair::Known(difference) => (
                Queue::listed(difference.ours.iter().copied(), difference.until),
                difference.theirs.chunks(FETCH_FRAME_IDS).map(<[_]>::to_vec).collect(),
            ),
            _ => (Queue::new(state.acked.position), VecDeque::new()),
        };
        let mut salt = [0; 8];
        salt.copy_from_slice(&blake3::derive_key("titian 2026 reconciliation salt", &random)[..8]);
        Self {
            purpose,
            salt: Salt(salt),
            lease_word: random,
            fetch,
            lost: false,
            unsure: matches!(purpose, Purpose::Probe | Purpose::Sound),
            hub_time: UnixMillis(0),
            queue,
            hoped: state.acked,
            state,
            snapshot,
            keys,
            phase: Phase::Begin,
            terms: Terms::default(),
            attachments: Attachments::default(),
            history: None,
            tells_history: false,
            arriving: Arriving::default(),
            outgoing: None,
            incoming: None,
            fed: Fed::default(),
            digest: None,
            signer: None,
            outcome: Outcome {
                agreement: Agreement::Unknown,
                again: false,
                refusal: None,
            },
        }
    }

    /// Says what to do next.
    pub fn step(&mut self) -> Result<Step, ExchangeError> {
        match &self.phase {
            Phase::Begin => {
                self.phase = Phase::Gather;
                let lease = self.state.lease.drawn(self.lease_word);
                let counter = self.state.counter + 1;
                let mut facts = vec![SaveFact::CounterUsed(counter), SaveFact::Lease(lease)];
                if self.state.in_flight {
                    facts.push(SaveFact::FrameBytes(self.state.smaller_frames()));
                }
                Ok(self.save(facts))
            }
            Phase::Gather | Phase::Send => self.send(),
            Phase::EndOfRequest => {
                self.phase = Phase::ReplyHead;
                Ok(Step::EndOfRequest)
            }
            Phase::ReplyHead => self.read_head(),
            Phase::OwnCursor { at, .. } => Ok(Step::NeedOwnCursor(at.position)),
            Phase::ReplyFrames => self.read_frame(),
            Phase::Partial(_) => Ok(Step::NeedPartial),
            Phase::Pass { after, .. } => Ok(Step::NeedFingerprints {
                after: *after,
                until: self.snapshot.end.position,
            }),
            Phase::Compare => Ok(Step::NeedDigest),
            Phase::Finished => Ok(Step::Done(self.outcome)),
        }
    }

    /// Answers [`Step::NeedEntries`] and [`Step::NeedEntriesAt`].
    pub fn entries(&mut self, entries: Vec<LogEntry>) {
        self.queue.offer(entries);
    }

    /// Answers [`Step::NeedReply`] with bytes of the reply's body.
    pub fn reply(&mut self, bytes: &[u8]) {
        self.fed.bytes.extend_from_slice(bytes);
    }

    /// Answers [`Step::NeedReply`]: the reply has ended.
    pub fn reply_end(&mut self) {
        self.fed.ended = true;
    }

    /// Answers [`Step::NeedHashes`] with what is held under each of them; those that are not named count as unclear.
    pub fn held(&mut self, held: &BTreeMap<HashPrefix, Held>) -> Result<Step, ExchangeError> {
        let incoming = self.incoming.as_mut().ok_or(ExchangeError::Driver)?;
        let frame = incoming.finish(held);
        self.take_frame(frame)
    }

    pub(super) fn save(&mut self, facts: Vec<SaveFact>) -> Step {
        for fact in &facts {
            self.state.apply(fact);
        }
        Step::Save(facts)
    }

    fn read_head(&mut self) -> Result<Step, ExchangeError> {
        let Some(found) = head::find(&self.fed.bytes).map_err(ExchangeError::Malformed)? else {
            return self.more();
        };
        let to = self.outgoing.as_ref().ok_or(ExchangeError::Driver)?.hash();
        let direction = Direction::Reply { to };
        let reply = ReplyHead::read(found).map_err(ExchangeError::Malformed)?;
        let hash = seal::head_hash(found.bytes);
        let length = found.bytes.len();
        if let Some(dictionary) = reply.dictionary {
            // The first frame's signature covers the head too: nothing is believed before it holds.
            let incoming = Incoming::new(self.keys.hub.newest(), direction, hash, dictionary);
            if !incoming.is_here(&self.fed.bytes[length..])? {
                return self.more();
            }
            self.incoming = Some(incoming);
            self.fed.bytes.drain(..length);
        } else {
            let Some(signature) = self.fed.bytes[length..].first_chunk() else {
                return self.more();
            };
            let signed_by = |key| seal::verify(&key, direction, &hash, Covered::HeadAlone, signature);
            self.signer = self.keys.hub.all().find(|key| signed_by(*key));
            // Whoever could read the request knows the key that it is bound to; the older one is good for a refusal.
            if self.signer.is_none() || self.is_by_older() && reply.refusal.is_none() {
                return Err(ExchangeError::Signature);
            }
            self.fed.bytes.clear();
        }
        self.judge(reply)
    }

    pub(super) fn more(&self) -> Result<Step, ExchangeError> {
        if self.fed.ended {
            Err(ExchangeError::Cut)
        } else {
            Ok(Step::NeedReply)
        }
    }
}
