//! Opening a part: bytes go in, a verified head and its frames come out.

use ed25519_dalek::VerifyingKey;

use super::head::{BundleHead, Sender};
use crate::chain::{Cursor, Mark};
use crate::dictionary;
use crate::engine::body::{Arrived, ArrivedFrame, ArrivedPiece, BadBody, Incoming};
use crate::engine::pieces::{self, Arriving, Put};
use crate::item::{BadItem, Item};
use crate::varint::Malformed;
use crate::wire::codec::BadFrame;
use crate::wire::extension::Whole;
use crate::wire::frame::Piece;
use crate::wire::head;
use crate::wire::seal::{self, Direction};
use crate::wire::{FRAME_BYTES_MAX, HEAD_BYTES_MAX, SIGNATURE_BYTES};

/// Says why a part cannot be read on. What was read of it before stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    /// It ends before its last frame.
    #[error("the bundle ends too early: it was cut off while it was written or copied")]
    Cut,
    /// Not in the form of the protocol.
    #[error("the bundle is malformed")]
    Malformed(#[source] Malformed),
    /// Not signed by who it says it is from, for who reads it.
    #[error("the bundle is not signed by its sender for this receiver")]
    Signature,
    /// A frame cannot be taken.
    #[error("the bundle holds something that cannot be taken")]
    Frame(#[source] BadFrame),
    /// It was written with a dictionary that this program does not have.
    #[error("the bundle was made by a newer version of the program")]
    Dictionary,
    /// No memory for the decompressor.
    #[error("the decompressor could not start")]
    NoMemory,
    /// The driver answered what was not asked.
    #[error("an answer came that was not asked for")]
    Driver,
}

impl From<BadBody> for BadBundle {
    fn from(bad: BadBody) -> Self {
        match bad {
            BadBody::Malformed(malformed) => Self::Malformed(malformed),
            BadBody::Signature => Self::Signature,
            BadBody::Frame(frame) => Self::Frame(frame),
            BadBody::NoMemory => Self::NoMemory,
        }
    }
}

/// A frame of a part.
pub struct BundleFrame {
    /// The place in the sender's log before the items.
    pub start: Mark,
    /// The items, in order.
    pub items: Vec<Item>,
    /// The place in the sender's log after them.
    pub cursor: Cursor,
    /// Whether it is the last one of its part.
    pub last: bool,
    /// Whether another part follows this one; only in the last frame.
    pub more: bool,
}

/// A piece of a file, in a part.
pub struct BundlePiece {
    /// The piece.
    pub piece: Piece,
    /// Whether it is the last frame of its part.
    pub last: bool,
    /// Whether another part follows this one; only in the last frame.
    pub more: bool,
}

/// What the driver has to do next.
pub enum Read {
    /// Feed bytes with [`PartReader::feed`], or tell their end with [`PartReader::feed_end`].
    NeedBytes,
    /// This is what the part claims to be: look up its sender's key. Answer with [`PartReader::sender`], or stop here.
    NeedSender(BundleHead),
    /// The head holds: its signature, together with that of the first frame, was verified.
    Head(BundleHead),
    /// A verified frame.
    Frame(BundleFrame),
    /// A verified piece of a file: keep it where it is wanted.
    Piece(BundlePiece),
    /// All of it was read.
    Done,
}

enum Phase {
    Head,
    Sender,
    Seal,
    Frames,
    Rest,
}

/// Reads one part, as it was decrypted.
pub struct PartReader {
    receiver: VerifyingKey,
    phase: Phase,
    buffer: Vec<u8>,
    ended: bool,
    head: Option<BundleHead>,
    incoming: Option<Incoming>,
    /// A large item of which some pieces came.
    arriving: Arriving,
    hash: seal::HeadHash,
    /// How far the frames that were read reach.
    place: Mark,
}

impl PartReader {
    /// Begins with the public key of who reads.
    pub fn begin(receiver: VerifyingKey) -> Self {
        Self {
            receiver,
            phase: Phase::Head,
            buffer: Vec::new(),
            ended: false,
            head: None,
            incoming: None,
            arriving: Arriving::default(),
            hash: [0; 32],
            place: Cursor::START.mark(),
        }
    }

    /// How many bytes to feed at most before the next step, so that memory stays bounded.
    pub const FEED_BYTES_MAX: usize = HEAD_BYTES_MAX + FRAME_BYTES_MAX + SIGNATURE_BYTES;

    /// Answers [`Read::NeedBytes`].
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Answers [`Read::NeedBytes`]: the part has ended.
    pub fn feed_end(&mut self) {
        self.ended = true;
    }

    /// Answers [`Read::NeedSender`].
    pub fn sender(&mut self, key: VerifyingKey) -> Result<(), BadBundle> {
        let head = self.head.as_ref().ok_or(BadBundle::Driver)?;
        let direction = match head.sender {
            Sender::Gateway => Direction::BundleRequest { hub: self.receiver },
            Sender::Hub { .. } => Direction::BundleReply { device: self.receiver },
        };
        if head.dictionary > dictionary::NEWEST {
            return Err(BadBundle::Dictionary);
        }
        self.incoming = Some(Incoming::new(key, direction, self.hash, head.dictionary));
        self.phase = Phase::Seal;
        Ok(())
    }

    /// Says what to do next.
    pub fn step(&mut self) -> Result<Read, BadBundle> {
        match self.phase {
            Phase::Head => {
                let Some(found) = head::find(&self.buffer).map_err(BadBundle::Malformed)? else {
                    return self.more();
                };
                self.hash = seal::head_hash(found.bytes);
                let head = BundleHead::read(found).map_err(BadBundle::Malformed)?;
                let length = found.bytes.len();
                self.buffer.drain(..length);
                self.place = head.start;
                self.head = Some(head);
                self.phase = Phase::Sender;
                self.step()
            }
            Phase::Sender => Ok(Read::NeedSender(self.head.clone().ok_or(BadBundle::Driver)?)),
            Phase::Seal => {
                let incoming = self.incoming.as_ref().ok_or(BadBundle::Driver)?;
                if !incoming.is_here(&self.buffer)? {
                    return self.more();
                }
                self.phase = Phase::Frames;
                Ok(Read::Head(self.head.clone().ok_or(BadBundle::Driver)?))
            }
            Phase::Frames => loop {
                let incoming = self.incoming.as_mut().ok_or(BadBundle::Driver)?;
                let arrived = incoming.poll(&mut self.buffer)?;
                if let Some(read) = self.take(arrived)? {
                    return Ok(read);
                }
            },
            Phase::Rest if !self.buffer.is_empty() => {
                Err(BadBundle::Malformed(Malformed::Contradiction("the last frame")))
            }
            Phase::Rest if self.ended => Ok(Read::Done),
            Phase::Rest => Ok(Read::NeedBytes),
        }
    }

    /// Takes what arrived; gives nothing where the driver has nothing to do about it.
    fn take(&mut self, arrived: Arrived) -> Result<Option<Read>, BadBundle> {
        match arrived {
            Arrived::Nothing => self.more().map(Some),
            // A bundle depends on nothing that its receiver may not hold.
            Arrived::LookUp(_) => Err(BadBundle::Frame(BadFrame::Unresolved)),
            Arrived::Frame(frame) => self.take_frame(frame).map(Some),
            Arrived::Piece(piece) => self.take_piece(piece),
            // Cells and what they lead to belong into exchanges where both sides answer.
            Arrived::Cells { .. } | Arrived::Fetch(_) => Err(BadBundle::Malformed(Malformed::Unknown("frame kind"))),
            Arrived::Skipped { last: false, .. } => Ok(None),
            Arrived::Skipped { .. } => {
                self.phase = Phase::Rest;
                self.step().map(Some)
            }
        }
    }

    fn take_frame(&mut self, frame: ArrivedFrame) -> Result<Read, BadBundle> {
        self.check(&frame)?;
        if frame.last {
            self.phase = Phase::Rest;
        }
        let start = std::mem::replace(&mut self.place, frame.cursor.mark());
        Ok(Read::Frame(BundleFrame {
            start,
            items: frame.items,
            cursor: frame.cursor,
            last: frame.last,
            more: frame.more,
        }))
    }

    fn take_piece(&mut self, arrived: ArrivedPiece) -> Result<Option<Read>, BadBundle> {
        let ArrivedPiece { piece, last, more } = arrived;
        if piece.of == Whole::Attachment {
            if last {
                self.phase = Phase::Rest;
            }
            return Ok(Some(Read::Piece(BundlePiece { piece, last, more })));
        }
        let dictionary = self.head.as_ref().ok_or(BadBundle::Driver)?.dictionary;
        match self.arriving.put(&piece) {
            Put::Kept if !last => Ok(None),
            Put::Whole(packed) => {
                let frame = pieces::unfold(&packed, dictionary)?;
                self.take_frame(ArrivedFrame { last, more, ..frame }).map(Some)
            }
            // A part holds all of a large item, in order.
            _ => Err(BadBundle::Malformed(Malformed::Contradiction("a large item"))),
        }
    }

    /// What holds over HTTP holds here: a gateway brings nothing of the hub's, and a place moves over what is brought.
    fn check(&mut self, frame: &ArrivedFrame) -> Result<(), BadBundle> {
        let head = self.head.as_ref().ok_or(BadBundle::Driver)?;
        if self.arriving.is_open {
            return Err(BadBundle::Malformed(Malformed::Contradiction("a large item")));
        }
        let allowed = |item: &Item| head.sender != Sender::Gateway || item.kind().may_be_written_by_gateway();
        if !frame.items.iter().all(allowed) {
            return Err(BadBundle::Frame(BadFrame::Item(BadItem::NotFromGateway)));
        }
        if frame.cursor.position < self.place.position + frame.items.len() as u64 {
            return Err(BadBundle::Malformed(Malformed::Contradiction(
                "the place after a frame",
            )));
        }
        Ok(())
    }

    fn more(&self) -> Result<Read, BadBundle> {
        if self.ended {
            Err(BadBundle::Cut)
        } else {
            Ok(Read::NeedBytes)
        }
    }
}

/// Reads a whole decrypted part from memory: its head and frames, or why it is none.
pub fn read(
    bytes: &[u8],
    receiver: VerifyingKey,
    sender: impl FnOnce(&BundleHead) -> Option<VerifyingKey>,
) -> Result<(BundleHead, Vec<BundleFrame>), BadBundle> {
    let mut reader = PartReader::begin(receiver);
    let mut pieces = bytes.chunks(PartReader::FEED_BYTES_MAX);
    let (mut sender, mut head, mut frames) = (Some(sender), None, Vec::new());
    loop {
        match reader.step()? {
            Read::NeedBytes => match pieces.next() {
                Some(piece) => reader.feed(piece),
                None => reader.feed_end(),
            },
            Read::NeedSender(claimed) => {
                let key = sender.take().and_then(|sender| sender(&claimed));
                reader.sender(key.ok_or(BadBundle::Signature)?)?;
            }
            Read::Head(verified) => head = Some(verified),
            Read::Frame(frame) => frames.push(frame),
            // A file is wanted or not; that is not looked at here.
            Read::Piece(_) => {}
            Read::Done => return Ok((head.ok_or(BadBundle::Driver)?, frames)),
        }
    }
}
