//! Bodies: writing head, frames and signatures from log entries and pieces.

use ed25519_dalek::SigningKey;

use super::pieces::{Attachments, LARGE_BYTES_MAX, Parcel};
use super::queue::Queue;
use crate::chain::Cursor;
use crate::wire::extension::Want;
use crate::wire::frame::{Carried, Frame, Piece};
use crate::wire::history::History;
use crate::wire::pack::{PackError, Packed, Packer};
use crate::wire::seal::{self, Covered, Direction, HeadHash};
use crate::wire::{EXCHANGE_FRAMES_MAX, FRAME_BYTES_FLOOR, FRAME_BYTES_MAX, SIGNATURE_BYTES};

/// What a frame says of a piece beside its bytes: length, kind, what, hash, total and offset.
const PIECE_OVERHEAD_BYTES: usize = 3 + 1 + 1 + 32 + 5 + 5;

/// What is kept free at the end of a bundle's part: no large item is divided between two, so that each can be used alone.
/// Its pieces take a little more than itself.
const ROOM_BYTES: usize = LARGE_BYTES_MAX + LARGE_BYTES_MAX / 32 + 2 * FRAME_BYTES_MAX;
/// And how many frames that may be.
const ROOM_FRAMES: u64 = (ROOM_BYTES / FRAME_BYTES_MAX) as u64 + 2;

/// Writes a body.
pub(crate) struct Outgoing {
    key: SigningKey,
    direction: Direction,
    head: Vec<u8>,
    hash: HeadHash,
    packer: Option<Packer>,
    history: History,
    whole: bool,
    dictionary: u64,
    frame_bytes: usize,
    /// What the receiver wants, as far as it said.
    wants: Vec<Want>,
    /// A large item that is under way.
    parcel: Option<Parcel>,
    index: u64,
    /// The place in the log after the last entry that was sent as a whole.
    pub cursor: Cursor,
    /// Whether the other side was told where the log ends.
    end_is_told: bool,
    /// Whether it is a part of a bundle: attachments that are left are in another part, for nobody asks for them again.
    is_part: bool,
    bytes: usize,
    course: Course,
}

/// How far a body is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    Going,
    /// The next frame is the last one.
    WindingDown,
    /// All of it was given; `more` is left.
    Finished {
        more: bool,
    },
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
            history: History::default(),
            whole: false,
            dictionary: 0,
            frame_bytes: FRAME_BYTES_MAX,
            wants: Vec::new(),
            parcel: None,
            index: 0,
            cursor: Cursor::START,
            end_is_told: false,
            is_part: false,
            bytes: 0,
            course: Course::Going,
        }
    }

    /// Sets how frames are written: with which dictionary, and whether hashes are written in full.
    pub fn packing(mut self, dictionary: u64, whole: bool) -> Self {
        (self.dictionary, self.whole) = (dictionary, whole);
        self
    }

    /// Sets the items that the compressor starts from.
    pub fn after(mut self, history: History) -> Self {
        self.history = history;
        self
    }

    /// Sets about how large a frame is to be.
    pub fn framing(mut self, frame_bytes: usize) -> Self {
        self.frame_bytes = frame_bytes.clamp(FRAME_BYTES_FLOOR, FRAME_BYTES_MAX);
        self
    }

    /// Sets the place from which entries go on, and which large items the receiver holds in part.
    pub fn going_on(mut self, cursor: Cursor, wants: &[Want]) -> Self {
        (self.cursor, self.wants) = (cursor, wants.to_vec());
        self
    }

    /// Makes it a part of a bundle: what is left, attachments too, is in another part.
    pub fn for_part(mut self) -> Self {
        self.is_part = true;
        self
    }

    /// Tells whether the last frame said that something is left.
    pub fn has_more(&self) -> bool {
        self.course == Course::Finished { more: true }
    }

    /// Tells whether no large item is under way: a part of a bundle ends only here.
    pub fn is_between_items(&self) -> bool {
        self.parcel.is_none()
    }

    /// Tells whether a large item still goes into a part of so many bytes.
    pub fn has_room(&self, part_bytes: usize) -> bool {
        self.bytes + ROOM_BYTES <= part_bytes && self.index + ROOM_FRAMES <= EXCHANGE_FRAMES_MAX
    }

    pub fn hash(&self) -> HeadHash {
        self.hash
    }

    /// Gives a whole body without frames.
    pub fn head_alone(&mut self) -> Vec<u8> {
        self.course = Course::Finished { more: false };
        let signature = seal::sign(&self.key, self.direction, &self.hash, Covered::HeadAlone);
        let mut out = std::mem::take(&mut self.head);
        out.extend_from_slice(&signature);
        out
    }

    pub fn is_finished(&self) -> bool {
        matches!(self.course, Course::Finished { .. })
    }

    /// Makes the next frame the last one.
    pub fn wind_down(&mut self) {
        self.course = Course::WindingDown;
    }

    /// Gives the next frame, the first one with the head in front. `end` is where the sender's log ends, where that is
    /// further than the last entry in the queue.
    pub fn frame(
        &mut self,
        queue: &mut Queue,
        attachments: &mut Attachments,
        end: Option<Cursor>,
    ) -> Result<Vec<u8>, PackError> {
        let carried = self.carried(queue, attachments, end)?;
        let items_are_sent = queue.has_ended() && (end.is_none() || self.end_is_told);
        let all_is_sent = items_are_sent && attachments.is_done();
        let winds_down = self.course == Course::WindingDown || self.index + 1 == EXCHANGE_FRAMES_MAX;
        let last = winds_down || all_is_sent;
        let nothing_is_left = if self.is_part { all_is_sent } else { items_are_sent };
        Ok(self.sealed(&Frame {
            carried,
            last,
            more: last && !nothing_is_left,
        }))
    }

    /// Takes what goes into the next frame: items first, then pieces of attachments.
    fn carried(
        &mut self,
        queue: &mut Queue,
        attachments: &mut Attachments,
        end: Option<Cursor>,
    ) -> Result<Carried, PackError> {
        if self.parcel.is_none()
            && let Some(packed) = self.pack(queue)?
        {
            self.cursor = packed.cursor;
            let mut frame = Frame::of_items(packed);
            if let (true, Some(end), Carried::Items { cursor, .. }) = (queue.has_ended(), end, &mut frame.carried) {
                (self.cursor, self.end_is_told, *cursor) = (end, true, end);
            }
            return Ok(frame.carried);
        }
        // A large item is not begun where it cannot be ended.
        let may_begin = !(self.is_part && self.course == Course::WindingDown);
        if may_begin && let Some(piece) = self.parcel_piece(queue)? {
            return Ok(Carried::Piece(piece));
        }
        if let Some(end) = end.filter(|_| !self.end_is_told && queue.has_ended()) {
            (self.cursor, self.end_is_told) = (end, true);
        } else if let Some(piece) = attachments.next(self.piece_bytes()) {
            return Ok(Carried::Piece(piece));
        }
        Ok(Carried::Items {
            count: 0,
            check: [0; 4],
            cursor: self.cursor,
            payload: Vec::new(),
        })
    }

    fn pack(&mut self, queue: &mut Queue) -> Result<Option<Packed>, PackError> {
        if queue.is_empty() {
            return Ok(None);
        }
        let packer = match &mut self.packer {
            Some(packer) => packer,
            empty => empty.insert(Packer::new(
                self.dictionary,
                self.whole,
                std::mem::take(&mut self.history),
            )?),
        };
        queue.pack(packer, self.frame_bytes)
    }

    /// Gives the next piece of the entry in front, which did not fit into a frame; `None` if there is no entry.
    fn parcel_piece(&mut self, queue: &mut Queue) -> Result<Option<Piece>, PackError> {
        let bytes_max = self.piece_bytes();
        let mut parcel = match (self.parcel.take(), queue.front()) {
            (Some(parcel), _) => parcel,
            (None, Some(entry)) => Parcel::of(entry, self.dictionary, &self.wants)?,
            (None, None) => return Ok(None),
        };
        let piece = parcel.next(bytes_max);
        if parcel.is_sent() {
            self.cursor = parcel.cursor;
            queue.pop();
        } else {
            self.parcel = Some(parcel);
        }
        Ok(Some(piece))
    }

    fn piece_bytes(&self) -> usize {
        self.frame_bytes - PIECE_OVERHEAD_BYTES - SIGNATURE_BYTES
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
        if frame.last {
            self.course = Course::Finished { more: frame.more };
        }
        out
    }
}
