//! Bodies: reading them as they arrive. Writing them is in `outgoing`.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

use crate::chain::Cursor;
use crate::item::{HashPrefix, Item};
use crate::reconcile::{Cells, SaltedId};
use crate::varint::Malformed;
use crate::wire::codec::{BadFrame, Draft, Held};
use crate::wire::frame::{self, Carried, Frame, Piece};
use crate::wire::history::History;
use crate::wire::pack::Unpacker;
use crate::wire::seal::{self, Covered, Direction, HeadHash};

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

/// A piece that arrived whole and verified.
pub(crate) struct ArrivedPiece {
    pub piece: Piece,
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
    Piece(ArrivedPiece),
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

/// What was fed of a body and not read yet.
#[derive(Default)]
pub(super) struct Fed {
    pub bytes: Vec<u8>,
    /// No more will come.
    pub ended: bool,
}

/// Reads the frames of a body.
pub(crate) struct Incoming {
    key: VerifyingKey,
    direction: Direction,
    head: HeadHash,
    dictionary: u64,
    history: History,
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
            history: History::default(),
            unpacker: None,
            opened: None,
            index: 0,
        }
    }

    /// Tells with which dictionary the frames were packed.
    pub fn dictionary(&self) -> u64 {
        self.dictionary
    }

    /// Sets the items that the compressor started from.
    pub fn start_after(&mut self, history: History) {
        self.history = history;
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
                Carried::Piece(piece) => {
                    let more = frame.more;
                    return Ok(Arrived::Piece(ArrivedPiece { piece, last, more }));
                }
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
                let history = std::mem::take(&mut self.history);
                let started = Unpacker::new(self.dictionary, history).ok_or(BadBody::Frame(BadFrame::Compression))?;
                empty.insert(started.map_err(|_| BadBody::NoMemory)?)
            }
        };
        unpacker.open(payload, count).map_err(BadBody::Frame)
    }
}
