//! Bodies: writing head, frames and signatures from log entries, and reading them as they arrive.

use std::collections::BTreeMap;

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::queue::Queue;
use crate::chain::Cursor;
use crate::item::{HashPrefix, Item};
use crate::reconcile::{Cells, SaltedId};
use crate::varint::Malformed;
use crate::wire::codec::{BadFrame, Draft, Held};
use crate::wire::frame::{self, Carried, Frame};
use crate::wire::pack::{PackError, Packer, Unpacker};
use crate::wire::seal::{self, Covered, Direction, HeadHash};
use crate::wire::{EXCHANGE_FRAMES_MAX, LONE_FRAME_BYTES_MAX};

/// Writes a body.
pub(crate) struct Outgoing {
    key: SigningKey,
    direction: Direction,
    head: Vec<u8>,
    hash: HeadHash,
    packer: Option<Packer>,
    whole: bool,
    dictionary: u64,
    index: u64,
    bytes: usize,
    bytes_max: usize,
    /// The place in the log after the last entry that was packed.
    pub cursor: Cursor,
    finished: bool,
}

impl Outgoing {
    pub fn new(key: SigningKey, direction: Direction, head: Vec<u8>) -> Self {
        let hash = seal::head_hash(&head);
        Self {
            key,
            direction,
            head,
            hash,
            packer: None,
            whole: false,
            dictionary: 0,
            index: 0,
            bytes: 0,
            bytes_max: usize::MAX,
            cursor: Cursor::START,
            finished: false,
        }
    }

    /// Sets how frames are written: with which dictionary, and whether hashes are written in full.
    pub fn packing(mut self, dictionary: u64, whole: bool) -> Self {
        (self.dictionary, self.whole) = (dictionary, whole);
        self
    }

    /// Sets the place from which entries go on; a first frame without items brings the other side there.
    pub fn starting_at(mut self, cursor: Cursor) -> Self {
        self.cursor = cursor;
        self
    }

    /// Bounds the body: what is more has to go into another one.
    pub fn of_at_most(mut self, bytes: usize) -> Self {
        self.bytes_max = bytes;
        self
    }

    pub fn hash(&self) -> HeadHash {
        self.hash
    }

    /// Gives a whole body without frames.
    pub fn head_alone(&mut self) -> Vec<u8> {
        self.finished = true;
        let signature = seal::sign(&self.key, self.direction, &self.hash, Covered::HeadAlone);
        let mut out = std::mem::take(&mut self.head);
        out.extend_from_slice(&signature);
        out
    }

    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Gives the next frame, the first one with the head in front. `end` is where the sender's log ends, where that is
    /// further than the last entry in the queue.
    pub fn frame(&mut self, queue: &mut Queue, end: Option<Cursor>) -> Result<Vec<u8>, PackError> {
        let packed = if queue.is_empty() {
            None
        } else {
            let packer = match &mut self.packer {
                Some(packer) => packer,
                empty => empty.insert(Packer::new(self.dictionary, self.whole)?),
            };
            queue.pack(packer)?
        };
        if let Some(packed) = &packed {
            self.cursor = packed.cursor;
        }
        let all = queue.has_ended();
        // This frame may be as large as one gets, and so may a next one.
        let full = self.bytes + 2 * LONE_FRAME_BYTES_MAX > self.bytes_max;
        let last = all || full || self.index + 1 == EXCHANGE_FRAMES_MAX;
        if all && let Some(end) = end {
            self.cursor = end;
        }
        Ok(self.sealed(&Frame::of(packed, self.cursor, last, last && !all)))
    }

    /// Gives a frame that carries something else than items.
    pub fn carry(&mut self, carried: Carried, last: bool) -> Vec<u8> {
        self.sealed(&Frame {
            carried,
            last,
            more: false,
        })
    }

    fn sealed(&mut self, frame: &Frame) -> Vec<u8> {
        let bytes = frame.to_bytes();
        let covered = Covered::Frame {
            index: self.index,
            bytes: &bytes,
        };
        let signature = seal::sign(&self.key, self.direction, &self.hash, covered);
        let mut out = std::mem::take(&mut self.head);
        out.extend_from_slice(&bytes);
        out.extend_from_slice(&signature);
        self.index += 1;
        self.bytes += out.len();
        self.finished = frame.last;
        out
    }
}

/// Says why a body cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadBody {
    Malformed(Malformed),
    Signature,
    Frame(BadFrame),
    NoMemory,
}

/// The items of a frame that arrived whole and verified.
pub(crate) struct ArrivedFrame {
    pub items: Vec<Item>,
    pub cursor: Cursor,
    pub last: bool,
    pub more: bool,
}

/// What came of the bytes so far.
pub(crate) enum Arrived {
    /// More bytes are needed.
    Nothing,
    /// The front parts of hashes are to be looked up.
    LookUp(Vec<HashPrefix>),
    Frame(ArrivedFrame),
    Cells {
        cover: Cursor,
        cells: Cells,
        last: bool,
    },
    Fetch(Vec<SaltedId>),
    /// A frame that this version does not know.
    Skipped {
        last: bool,
        more: bool,
    },
}

struct Opened {
    drafts: Vec<Draft>,
    wanted: Vec<HashPrefix>,
    check: [u8; 4],
    cursor: Cursor,
    last: bool,
    more: bool,
}

/// Reads the frames of a body.
pub(crate) struct Incoming {
    key: VerifyingKey,
    direction: Direction,
    head: HeadHash,
    dictionary: u64,
    unpacker: Option<Unpacker>,
    opened: Option<Opened>,
    index: u64,
}

impl Incoming {
    pub fn new(key: VerifyingKey, direction: Direction, head: HeadHash, dictionary: u64) -> Self {
        Self {
            key,
            direction,
            head,
            dictionary,
            unpacker: None,
            opened: None,
            index: 0,
        }
    }

    /// Tells whether the next frame is here as a whole; fails if its signature does not hold.
    pub fn is_here(&self, buffer: &[u8]) -> Result<bool, BadBody> {
        self.find(buffer).map(|found| found.is_some())
    }

    fn find<'a>(&self, buffer: &'a [u8]) -> Result<Option<frame::Found<'a>>, BadBody> {
        let Some(found) = frame::find(buffer, self.index).map_err(BadBody::Malformed)? else {
            return Ok(None);
        };
        let covered = Covered::Frame {
            index: self.index,
            bytes: found.bytes,
        };
        if !seal::verify(&self.key, self.direction, &self.head, covered, found.signature) {
            return Err(BadBody::Signature);
        }
        Ok(Some(found))
    }

    /// Reads on. What was read is taken from the front of `buffer`.
    pub fn poll(&mut self, buffer: &mut Vec<u8>) -> Result<Arrived, BadBody> {
        if self.opened.is_none() {
            let Some(found) = self.find(buffer)? else {
                return Ok(Arrived::Nothing);
            };
            let frame = Frame::read(found.body).map_err(BadBody::Malformed)?;
            let length = found.length;
            buffer.drain(..length);
            self.index += 1;
            if frame.last && !buffer.is_empty() {
                return Err(BadBody::Malformed(Malformed::Contradiction("the last frame")));
            }
            let last = frame.last;
            let (count, check, cursor, payload) = match frame.carried {
                Carried::Items {
                    count,
                    check,
                    cursor,
                    payload,
                } => (count, check, cursor, payload),
                Carried::Cells { cover, cells } => return Ok(Arrived::Cells { cover, cells, last }),
                // Items follow: where none do, nothing says where the sender's log stands.
                Carried::Fetch { ids } if !last => return Ok(Arrived::Fetch(ids)),
                _ => {
                    return Ok(Arrived::Skipped { last, more: frame.more });
                }
            };
            let drafts = if count == 0 {
                Vec::new()
            } else {
                self.unpack(&payload, count)?
            };
            let mut wanted: Vec<_> = drafts.iter().flat_map(Draft::prefixes).collect();
            wanted.sort_unstable();
            wanted.dedup();
            self.opened = Some(Opened {
                drafts,
                wanted,
                check,
                cursor,
                last: frame.last,
                more: frame.more,
            });
        }
        match &self.opened {
            Some(opened) if !opened.wanted.is_empty() => Ok(Arrived::LookUp(opened.wanted.clone())),
            _ => self.finish(&BTreeMap::new()).map(Arrived::Frame),
        }
    }

    /// Finishes the frame whose look-ups were asked for.
    pub fn finish(&mut self, held: &BTreeMap<HashPrefix, Held>) -> Result<ArrivedFrame, BadBody> {
        let opened = self.opened.take().ok_or(BadBody::Frame(BadFrame::Unresolved))?;
        let items = match &mut self.unpacker {
            Some(unpacker) if !opened.drafts.is_empty() => unpacker
                .finish(opened.drafts, held, opened.check)
                .map_err(BadBody::Frame)?,
            _ => Vec::new(),
        };
        Ok(ArrivedFrame {
            items,
            cursor: opened.cursor,
            last: opened.last,
            more: opened.more,
        })
    }

    fn unpack(&mut self, payload: &[u8], count: usize) -> Result<Vec<Draft>, BadBody> {
        let unpacker = match &mut self.unpacker {
            Some(unpacker) => unpacker,
            empty => {
                let started = Unpacker::new(self.dictionary).ok_or(BadBody::Frame(BadFrame::Compression))?;
                empty.insert(started.map_err(|_| BadBody::NoMemory)?)
            }
        };
        unpacker.open(payload, count).map_err(BadBody::Frame)
    }
}
