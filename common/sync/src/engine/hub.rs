//! The hub's side of one exchange.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ed25519_dalek::SigningKey;

use super::body::{Arrived, ArrivedPiece, Fed, Incoming};
pub use super::ledger::{DeviceRow, HubFact, ScopeState};
use super::outgoing::Outgoing;
use super::pieces::{Arriving, Attachments};
use super::queue::Queue;
use super::sound::Counted;
use super::{Held, Refusal};
use crate::chain::Cursor;
use crate::hub_keys::HubKeys;
use crate::item::HashPrefix;
use crate::proof::Proofs;
use crate::reconcile::{CELLS_MAX, SaltedId};
use crate::varint::Malformed;
use crate::wire::extension::{AuditEnd, Quarantined, Want};
use crate::wire::frame::Carried;
use crate::wire::head::{self, RequestHead, Taken};
use crate::wire::pack::PackError;
use crate::wire::seal::{self, HeadHash};
use crate::wire::{FRAME_BYTES_MAX, HEAD_BYTES_MAX, SIGNATURE_BYTES, VERSION};

/// What the driver has to do next.
pub enum HubStep {
    /// Feed bytes of the request's body with [`HubExchange::feed`], or tell its end with [`HubExchange::feed_end`].
    NeedBody,
    /// Look up a device. Answer with [`HubExchange::device`].
    NeedDevice(u64),
    /// Look up which items of the office the fronts of hashes belong to. Answer with [`HubExchange::held`].
    NeedHashes(Vec<HashPrefix>),
    /// Look up the last items that this device brought, in order, at most so many. Answer with [`HubExchange::history`].
    NeedHistory(usize),
    /// Look up what is kept of a large item of this device. Answer with [`HubExchange::partial`].
    NeedPartial,
    /// Look up what is wanted of this device in pieces: the rest of a large item, and attachments that its office's
    /// intakes name. Answer with [`HubExchange::wants`].
    NeedWants,
    /// Read an attachment of the office from an offset on, some kilobytes. Answer with [`HubExchange::attachment`].
    NeedAttachment(Want),
    /// Wait until the office's log grows, where so many may wait; then step on.
    Wait {
        /// For so many seconds at most.
        seconds: u64,
        /// How long the log is now.
        end: u64,
    },
    /// Save all of it in one transaction, then step on.
    Save(Vec<HubFact>),
    /// Look up the state of the office's log. Answer with [`HubExchange::scope`]. For an unknown device, digest and end
    /// do not matter.
    NeedScope,
    /// Look up the running hash of the office's log at a position. Answer with [`HubExchange::cursor`].
    NeedCursor(u64),
    /// Look up entries of the office's log with `after` < position ≤ `until`, without those that `skip_origin` brought,
    /// in order; some hundred at a time. Answer with [`HubExchange::entries`]; none if there are no more.
    NeedEntries {
        /// After which position.
        after: u64,
        /// Up to which position.
        until: u64,
        /// Whose entries to leave out.
        skip_origin: Option<u64>,
    },
    /// Look up the entries at these positions of the office's log, in order; from the front as many as memory allows.
    /// Answer with [`HubExchange::entries`].
    NeedEntriesAt(Vec<u64>),
    /// Look up the fingerprints of the office's entries with `after` < position ≤ `until`, in order; some thousand at a
    /// time. Answer with [`HubExchange::fingerprints`]; none if there are no more.
    NeedFingerprints {
        /// After which position.
        after: u64,
        /// Up to which position.
        until: u64,
    },
    /// Send this as part of the reply's body. Nothing more has to be read of the request.
    Send(Vec<u8>),
    /// The reply is complete.
    Done,
}

/// Says why a request gets no reply of the protocol.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The body is no request: answer HTTP 400.
    #[error("this is not a request of the sync protocol")]
    Malformed(#[source] Malformed),
    /// No memory for the compressor: answer HTTP 503.
    #[error("the compressor could not start")]
    Compressor(#[from] PackError),
    /// The driver answered what was not asked.
    #[error("an answer came that was not asked for")]
    Driver,
}

pub(super) enum Phase {
    Head,
    Device,
    Seal,
    /// The items that the compressor started from are looked up.
    History,
    Frames,
    /// A piece of a large item waits for what is kept of it.
    Partial(ArrivedPiece),
    /// News are waited for, up to so many seconds.
    Wait(u64),
    Scope,
    Recognise(ScopeState),
    /// A pass over the office's set, for cells or for what is fetched.
    Count(ScopeState),
    Gather(ScopeState),
    Send,
    Finished,
}

/// One exchange: a request and its reply.
pub struct HubExchange {
    pub(super) keys: HubKeys,
    /// The key that the request is bound to: the reply is signed with it.
    pub(super) key: SigningKey,
    pub(super) phase: Phase,
    pub(super) fed: Fed,
    pub(super) head: Option<RequestHead>,
    pub(super) hash: HeadHash,
    pub(super) device: Option<DeviceRow>,
    pub(super) acked: Cursor,
    /// What was acknowledged before the frame that was last handed out to be saved.
    pub(super) before: Cursor,
    /// Whether the request is known to come from the device that it names.
    pub(super) verified: bool,
    pub(super) taken: Taken,
    pub(super) refusal: Option<Refusal>,
    pub(super) unsaved: Vec<HubFact>,
    pub(super) incoming: Option<Incoming>,
    pub(super) arriving: Arriving,
    /// What this side wants in pieces, once that was looked up.
    pub(super) wants: Option<Vec<Want>>,
    pub(super) attachments: Attachments,
    pub(super) has_waited: bool,
    pub(super) cursor_unknown: bool,
    pub(super) queue: Queue,
    pub(super) outgoing: Option<Outgoing>,
    pub(super) end: Cursor,
    /// What the gateway lacks, by its own word.
    pub(super) fetch: BTreeSet<SaltedId>,
    pub(super) counted: Counted,
    /// Frames of cells that wait to be sent.
    pub(super) cells: VecDeque<Carried>,
    /// What is kept aside of the device, and whether it knows that already.
    pub(super) aside: Option<(Vec<Quarantined>, bool)>,
    /// Where the hub's audit log ends, if the device has not heard that.
    pub(super) audit: Option<AuditEnd>,
}

impl HubExchange {
    /// Begins with the hub's secret keys.
    pub fn begin(keys: impl Into<HubKeys>) -> Self {
        let keys = keys.into();
        Self {
            fetch: BTreeSet::new(),
            counted: Counted::Nothing,
            cells: VecDeque::new(),
            key: keys.present().clone(),
            keys,
            phase: Phase::Head,
            fed: Fed::default(),
            head: None,
            hash: [0; 32],
            device: None,
            acked: Cursor::START,
            before: Cursor::START,
            verified: false,
            taken: Taken::Unsaid,
            refusal: None,
            unsaved: Vec::new(),
            incoming: None,
            arriving: Arriving::default(),
            wants: None,
            attachments: Attachments::default(),
            has_waited: false,
            cursor_unknown: false,
            queue: Queue::closed(),
            outgoing: None,
            end: Cursor::START,
            aside: None,
            audit: None,
        }
    }

    /// Tells, before [`HubStep::NeedScope`] is answered, where the hub's audit log ends, if the verified device has not
    /// heard that.
    pub fn audit(&mut self, end: Option<AuditEnd>) {
        let (Some(end), Some(device)) = (end, self.verified_device()) else {
            return;
        };
        self.audit = Some(end);
        self.unsaved.push(HubFact::AuditTold { device, end });
    }

    /// Tells, before [`HubStep::NeedScope`] is answered, what is kept aside of the device that was verified, and
    /// whether it was told exactly this already. The reply says it where it is news or the digests differ.
    pub fn aside(&mut self, list: Vec<Quarantined>, told: bool) {
        self.aside = Some((list, told));
    }

    /// Says what to do next.
    pub fn step(&mut self) -> Result<HubStep, HubError> {
        match &self.phase {
            Phase::Head => self.read_head(),
            Phase::Device => Ok(HubStep::NeedDevice(self.head()?.device)),
            Phase::Seal => self.check_seal(),
            Phase::History => self.need_history(),
            Phase::Frames => self.read_frame(),
            Phase::Partial(_) => Ok(HubStep::NeedPartial),
            Phase::Wait(seconds) => {
                let seconds = *seconds;
                Ok(self.wait(seconds))
            }
            Phase::Scope => Ok(HubStep::NeedScope),
            Phase::Recognise(_) => Ok(HubStep::NeedCursor(self.head()?.cursor.position)),
            Phase::Count(_) => self.need_fingerprints(),
            Phase::Gather(_) | Phase::Send => self.send(),
            Phase::Finished => Ok(HubStep::Done),
        }
    }

    /// Answers [`HubStep::NeedBody`]. Bytes behind the last frame are ignored.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.fed.bytes.extend_from_slice(bytes);
    }

    /// Answers [`HubStep::NeedBody`]: the body has ended. (If the connection broke, drop the exchange instead.)
    pub fn feed_end(&mut self) {
        self.fed.ended = true;
    }

    /// How many bytes to feed at most before the next step, so that memory stays bounded.
    pub const FEED_BYTES_MAX: usize = HEAD_BYTES_MAX + FRAME_BYTES_MAX + SIGNATURE_BYTES;

    /// Answers [`HubStep::NeedDevice`].
    pub fn device(&mut self, row: Option<DeviceRow>) {
        self.phase = Phase::Seal;
        self.acked = row.map_or(Cursor::START, |row| row.acked);
        self.device = row;
        match row {
            // Whatever its request turns out to be bound to: this key it can verify.
            Some(row) => self.key = self.keys.known_to(row.hub).clone(),
            None => self.refuse(Refusal::UnknownDevice),
        }
    }

    /// Answers [`HubStep::NeedHashes`] with what the office holds under each; those not named count as unclear.
    pub fn held(&mut self, held: &BTreeMap<HashPrefix, Held>) -> Result<HubStep, HubError> {
        let frame = self.incoming.as_mut().ok_or(HubError::Driver)?.finish(held);
        self.take_frame(frame)
    }

    /// Tells which device this exchange is with, once its signature was verified.
    pub fn verified_device(&self) -> Option<u64> {
        self.head.as_ref().filter(|_| self.verified).map(|head| head.device)
    }

    pub(super) fn proofs(&self) -> &Proofs {
        self.keys.proofs()
    }

    pub(super) fn head(&self) -> Result<&RequestHead, HubError> {
        self.head.as_ref().ok_or(HubError::Driver)
    }

    fn read_head(&mut self) -> Result<HubStep, HubError> {
        let Some(found) = head::find(&self.fed.bytes).map_err(HubError::Malformed)? else {
            return self.more();
        };
        self.hash = seal::head_hash(found.bytes);
        if found.version != VERSION {
            self.refuse(Refusal::Version {
                newest: u64::from(VERSION),
            });
            return self.step();
        }
        let head = RequestHead::read(found).map_err(HubError::Malformed)?;
        let length = found.bytes.len();
        self.fed.bytes.drain(..length);
        self.head = Some(head);
        self.phase = Phase::Device;
        self.step()
    }

    fn read_frame(&mut self) -> Result<HubStep, HubError> {
        let incoming = self.incoming.as_mut().ok_or(HubError::Driver)?;
        // A loop, not a recursion: a body may hold thousands of frames that are skipped.
        let arrived = loop {
            match incoming.poll(&mut self.fed.bytes) {
                Ok(Arrived::Skipped { last: false, .. }) => {}
                arrived => break arrived,
            }
        };
        match arrived {
            Ok(Arrived::Nothing) if self.fed.ended => {
                // Ended without a last frame: what came whole is taken, and the reply says how far that is.
                self.taken = Taken::UpTo(self.acked.mark());
                self.phase = Phase::Scope;
                self.step()
            }
            Ok(Arrived::Nothing) => Ok(HubStep::NeedBody),
            Ok(Arrived::LookUp(prefixes)) => Ok(HubStep::NeedHashes(prefixes)),
            Ok(Arrived::Frame(frame)) => self.take_frame(Ok(frame)),
            Ok(Arrived::Piece(piece)) => self.take_piece(piece),
            Ok(Arrived::Fetch(ids)) => {
                if self.fetch.len() + ids.len() > CELLS_MAX {
                    return Err(HubError::Malformed(Malformed::TooLarge("what is fetched")));
                }
                self.fetch.extend(ids);
                self.step()
            }
            // Only the hub makes cells.
            Ok(Arrived::Cells { .. }) => Err(HubError::Malformed(Malformed::Unknown("frame"))),
            Ok(Arrived::Skipped { .. }) => {
                self.phase = Phase::Scope;
                self.step()
            }
            Err(bad) => self.take_frame(Err(bad)),
        }
    }

    /// Tells that of the last [`HubStep::Save`] everything is durable but the frame, and why.
    pub fn refuse_frame(&mut self, refusal: Refusal) {
        self.acked = self.before;
        self.refuse(refusal);
    }

    /// Takes no more of the request. What was saved stays, and the reply says how far that is.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
        if self.verified {
            self.taken = Taken::UpTo(self.acked.mark());
        }
        self.phase = Phase::Scope;
    }

    pub(super) fn more(&self) -> Result<HubStep, HubError> {
        if self.fed.ended {
            Err(HubError::Malformed(Malformed::Truncated))
        } else {
            Ok(HubStep::NeedBody)
        }
    }
}
