//! What does not fit into a frame, attachments and large items: cut into pieces here, put together again there.
//!
//! The receiver keeps every piece before it looks at the next one, and says from which offset it wants more. So a cut
//! costs one piece, whatever the whole weighs.

use std::collections::{BTreeMap, VecDeque};

use super::LogEntry;
use super::body::{ArrivedFrame, BadBody};
use crate::chain::Cursor;
use crate::item::{ITEM_BYTES_MAX, ItemHash};
use crate::varint::Malformed;
use crate::wire::codec::BadFrame;
use crate::wire::extension::{Want, Whole};
use crate::wire::frame::{Carried, Frame, Piece};
use crate::wire::history::History;
use crate::wire::pack::{PackError, Packer, Unpacker};

/// What the packed form of a large item may take: such an item does not shrink at all.
pub const LARGE_BYTES_MAX: usize = ITEM_BYTES_MAX + 4 * 1024;

/// What one exchange carries of attachments in one direction: then both sides look for new texts again.
pub const ATTACHMENT_BYTES_PER_EXCHANGE: u64 = 256 * 1024;

/// What is durable here of a large item: the front of its packed form. No `Debug`: it is somebody's text.
#[derive(Clone, PartialEq, Eq)]
pub struct Partial {
    /// The BLAKE3 of the whole packed form.
    pub hash: ItemHash,
    /// The bytes from the first one on.
    pub bytes: Vec<u8>,
}

impl Partial {
    /// Says what is still wanted of it.
    pub fn want(&self) -> Want {
        Want {
            of: Whole::Item,
            hash: self.hash,
            offset: self.bytes.len() as u64,
        }
    }
}

/// Bytes of an attachment, as the driver reads them.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    /// How many bytes the whole has.
    pub total: u64,
    /// The bytes from the offset on that was asked for, as many as the driver likes to read at once.
    pub bytes: Vec<u8>,
}

/// A large item that is being sent.
pub(crate) struct Parcel {
    hash: ItemHash,
    packed: Vec<u8>,
    offset: usize,
    /// The place in the log after the item.
    pub cursor: Cursor,
}

impl Parcel {
    /// Packs an item, and begins where the receiver, by its wants, holds the same bytes already.
    pub fn of(entry: &LogEntry, dictionary: u64, wants: &[Want]) -> Result<Self, PackError> {
        let packed = Frame::of_items(Packer::alone(entry, dictionary)?).body();
        let hash = ItemHash(*blake3::hash(&packed).as_bytes());
        let held = wants
            .iter()
            .find(|want| want.of == Whole::Item && want.hash == hash)
            .and_then(|want| usize::try_from(want.offset).ok())
            .filter(|offset| *offset < packed.len());
        Ok(Self {
            hash,
            packed,
            offset: held.unwrap_or(0),
            cursor: entry.cursor,
        })
    }

    /// Gives the next piece.
    pub fn next(&mut self, bytes_max: usize) -> Piece {
        let rest = &self.packed[self.offset..];
        let bytes = rest[..rest.len().min(bytes_max)].to_vec();
        let offset = self.offset as u64;
        self.offset += bytes.len();
        Piece {
            of: Whole::Item,
            hash: self.hash,
            total: self.packed.len() as u64,
            offset,
            bytes,
        }
    }

    pub fn is_sent(&self) -> bool {
        self.offset == self.packed.len()
    }
}

/// The attachments that one exchange sends, in the order of the receiver's wants.
#[derive(Default)]
pub(crate) struct Attachments {
    wants: VecDeque<Want>,
    /// What may still be sent.
    budget: u64,
    at_hand: Option<Blob>,
}

impl Attachments {
    pub fn wanted(wants: &[Want], budget: u64) -> Self {
        let attachment = |want: &&Want| want.of == Whole::Attachment;
        Self {
            wants: wants.iter().filter(attachment).copied().collect(),
            budget,
            at_hand: None,
        }
    }

    /// Says what has to be read next.
    pub fn lacks(&self) -> Option<Want> {
        let next = self.wants.front().filter(|_| !self.is_done());
        next.filter(|_| self.at_hand.is_none()).copied()
    }

    /// Takes what was read; `None` or nothing lets this one be.
    pub fn offer(&mut self, blob: Option<Blob>) {
        match blob.filter(|blob| !blob.bytes.is_empty()) {
            Some(blob) => self.at_hand = Some(blob),
            None => drop(self.wants.pop_front()),
        }
    }

    pub fn is_done(&self) -> bool {
        self.wants.is_empty() || self.budget == 0
    }

    /// Sends no more.
    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// Gives the next piece of what was read.
    pub fn next(&mut self, bytes_max: usize) -> Option<Piece> {
        let mut blob = self.at_hand.take()?;
        let want = self.wants.front_mut()?;
        let most = bytes_max.min(usize::try_from(self.budget).unwrap_or(usize::MAX));
        let rest = blob.bytes.split_off(blob.bytes.len().min(most));
        let bytes = std::mem::replace(&mut blob.bytes, rest);
        let piece = Piece {
            of: Whole::Attachment,
            hash: want.hash,
            total: blob.total,
            offset: want.offset,
            bytes,
        };
        let sent = piece.bytes.len() as u64;
        want.offset += sent;
        self.budget -= sent;
        if want.offset >= blob.total {
            self.wants.pop_front();
        } else if !blob.bytes.is_empty() {
            self.at_hand = Some(blob);
        }
        Some(piece)
    }
}

/// What a piece of a large item led to.
pub(crate) enum Put {
    /// It does not belong where this side stands: it changes nothing.
    Ignored,
    /// It has to be kept.
    Kept,
    /// The packed form is whole.
    Whole(Vec<u8>),
    /// What was put together is not what was meant: it begins again from nothing.
    Broken,
}

/// A large item that is being received.
#[derive(Default)]
pub(crate) struct Arriving {
    partial: Option<Partial>,
    /// Whether what was kept before this exchange is here.
    pub is_loaded: bool,
    /// Whether pieces came in this body and the item is not whole: entries behind it cannot be taken.
    pub is_open: bool,
}

impl Arriving {
    /// Takes what was kept before this exchange.
    pub fn load(&mut self, partial: Option<Partial>) {
        (self.partial, self.is_loaded) = (partial, true);
    }

    pub fn put(&mut self, piece: &Piece) -> Put {
        self.is_open = true;
        let mut partial = self
            .partial
            .take()
            .filter(|partial| partial.hash == piece.hash)
            .unwrap_or(Partial {
                hash: piece.hash,
                bytes: Vec::new(),
            });
        if piece.offset != partial.bytes.len() as u64 {
            self.partial = Some(partial).filter(|partial| !partial.bytes.is_empty());
            return Put::Ignored;
        }
        if piece.total > LARGE_BYTES_MAX as u64 {
            return Put::Broken;
        }
        partial.bytes.extend_from_slice(&piece.bytes);
        if (partial.bytes.len() as u64) < piece.total {
            self.partial = Some(partial);
            return Put::Kept;
        }
        if blake3::hash(&partial.bytes).as_bytes() != &piece.hash.0 {
            return Put::Broken;
        }
        self.is_open = false;
        Put::Whole(partial.bytes)
    }
}

/// Unfolds the packed form of a large item: it is a frame of one item, in a stream of its own.
pub(crate) fn unfold(packed: &[u8], dictionary: u64) -> Result<ArrivedFrame, BadBody> {
    let frame = Frame::read(packed).map_err(BadBody::Malformed)?;
    let Carried::Items {
        count: 1,
        check,
        cursor,
        payload,
    } = frame.carried
    else {
        return Err(BadBody::Malformed(Malformed::Contradiction("a large item")));
    };
    let unpacker = Unpacker::new(dictionary, History::default()).ok_or(BadBody::Frame(BadFrame::Compression))?;
    let mut unpacker = unpacker.map_err(|_| BadBody::NoMemory)?;
    let drafts = unpacker.open(&payload, 1).map_err(BadBody::Frame)?;
    let items = unpacker
        .finish(drafts, &BTreeMap::new(), check)
        .map_err(BadBody::Frame)?;
    Ok(ArrivedFrame {
        items,
        cursor,
        last: false,
        more: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(whole: &[u8], offset: usize, length: usize) -> Piece {
        Piece {
            of: Whole::Item,
            hash: ItemHash(*blake3::hash(whole).as_bytes()),
            total: whole.len() as u64,
            offset: offset as u64,
            bytes: whole[offset..offset + length].to_vec(),
        }
    }

    #[test]
    fn an_item_is_whole_when_its_hash_is_right_and_begins_anew_when_not() {
        let whole = b"a long narrative";
        let mut arriving = Arriving::default();
        assert!(matches!(arriving.put(&piece(whole, 0, 6)), Put::Kept));
        assert!(matches!(arriving.put(&piece(whole, 8, 2)), Put::Ignored));
        assert!(arriving.is_open);
        assert!(matches!(arriving.put(&piece(whole, 6, 10)), Put::Whole(bytes) if bytes == whole));
        assert!(!arriving.is_open);

        let mut forged = piece(whole, 6, 10);
        forged.bytes[3] ^= 1;
        assert!(matches!(arriving.put(&piece(whole, 0, 6)), Put::Kept));
        assert!(matches!(arriving.put(&forged), Put::Broken));
        assert!(arriving.is_open, "what stands behind it cannot be taken");
        assert!(matches!(arriving.put(&forged), Put::Ignored));
        let endless = Piece {
            total: LARGE_BYTES_MAX as u64 + 1,
            ..piece(whole, 0, 6)
        };
        assert!(matches!(arriving.put(&endless), Put::Broken));
    }

    #[test]
    fn what_was_kept_before_goes_on_from_there() {
        let whole = b"a long narrative";
        let mut arriving = Arriving::default();
        let kept = Partial {
            hash: piece(whole, 0, 0).hash,
            bytes: whole[..9].to_vec(),
        };
        assert_eq!(kept.want().offset, 9);
        arriving.load(Some(kept));
        assert!(matches!(arriving.put(&piece(whole, 9, 7)), Put::Whole(bytes) if bytes == whole));
    }
}
