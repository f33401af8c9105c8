//! Frames: a unit of progress, signed, and durable at the other side before the next one has arrived.

use super::extension::Whole;
use super::pack::Packed;
use super::{EXCHANGE_FRAMES_MAX, FRAME_BYTES_MAX, FRAME_ITEMS_MAX};
use crate::chain::{Cursor, RunningHash};
use crate::item::ItemHash;
use crate::reconcile::{Cells, SaltedId};
use crate::varint::{self, Malformed, Reader};

/// Low bits of a frame's first byte: what it carries. A kind that is not known is skipped; 4 is reserved for whole
/// documents.
const KIND_MASK: u8 = 0x0f;
/// Entries of the sender's log.
const KIND_ITEMS: u8 = 0;
/// A piece of something that does not fit into a frame.
const KIND_PIECE: u8 = 1;
/// Coded cells of the sender's set.
const KIND_CELLS: u8 = 2;
/// Salted ids of items that the sender lacks.
const KIND_FETCH: u8 = 5;
/// Bit: no frame follows.
const LAST: u8 = 0x10;
/// Bit: the sender has more, in another exchange.
const MORE: u8 = 0x20;
/// Bits that this version knows.
const KNOWN: u8 = KIND_MASK | LAST | MORE;

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// Entries of the sender's log.
    Items {
        /// How many.
        count: usize,
        /// The front of a hash over their fingerprints; zeros if there are none.
        check: [u8; 4],
        /// The place in the sender's log after them.
        cursor: Cursor,
        /// The items, compressed.
        payload: Vec<u8>,
    },
    /// A piece of something that does not fit into a frame.
    Piece(Piece),
    /// Coded cells of the sender's set of items.
    Cells {
        /// Which items they cover: those before this place in the sender's log.
        cover: Cursor,
        /// The cells.
        cells: Cells,
    },
    /// Items that the sender lacks.
    Fetch {
        /// Their ids under the salt of this reconciliation.
        ids: Vec<SaltedId>,
    },
    /// Something that this version skips.
    Unknown,
}

/// A piece of an attachment, or of an item that does not fit into a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Of what.
    pub of: Whole,
    /// What the whole is known by.
    pub hash: ItemHash,
    /// How many bytes the whole has.
    pub total: u64,
    /// Where the piece belongs.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it carries.
    pub carried: Carried,
    /// Whether it is the last one.
    pub last: bool,
    /// Whether the sender has more, in another exchange.
    pub more: bool,
}

impl Frame {
    /// Makes a frame of packed items that is not the last one.
    pub fn of_items(packed: Packed) -> Self {
        let carried = Carried::Items {
            count: packed.count,
            check: packed.check,
            cursor: packed.cursor,
            payload: packed.payload,
        };
        Self {
            carried,
            last: false,
            more: false,
        }
    }

    /// Writes the frame with its length in front, without its signature.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = self.body();
        let mut out = Vec::with_capacity(body.len() + 3);
        varint::put(&mut out, body.len() as u64);
        out.append(&mut body);
        out
    }

    /// Writes what stands behind the length.
    pub fn body(&self) -> Vec<u8> {
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let flags = flag(self.last, LAST) | flag(self.more, MORE);
        let mut body = Vec::new();
        match &self.carried {
            Carried::Items {
                count,
                check,
                cursor,
                payload,
            } => {
                body.push(KIND_ITEMS | flags);
                varint::put(&mut body, *count as u64);
                if *count > 0 {
                    body.extend_from_slice(check);
                }
                put_cursor(&mut body, *cursor);
                body.extend_from_slice(payload);
            }
            Carried::Piece(piece) => {
                body.push(KIND_PIECE | flags);
                varint::put(&mut body, piece.of.code());
                body.extend_from_slice(&piece.hash.0);
                varint::put(&mut body, piece.total);
                varint::put(&mut body, piece.offset);
                body.extend_from_slice(&piece.bytes);
            }
            Carried::Cells { cover, cells } => {
                body.push(KIND_CELLS | flags);
                put_cursor(&mut body, *cover);
                varint::put(&mut body, cells.first());
                cells.write(&mut body);
            }
            Carried::Fetch { ids } => {
                body.push(KIND_FETCH | flags);
                for SaltedId(id) in ids {
                    body.extend_from_slice(&id.to_le_bytes());
                }
            }
            Carried::Unknown => body.push(KIND_MASK | flags),
        }
        body
    }

    /// Reads a frame that was found.
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let first = reader.u8()?;
        if first & !KNOWN != 0 {
            return Err(Malformed::Unknown("frame flag"));
        }
        let (last, more) = (first & LAST != 0, first & MORE != 0);
        if more && !last {
            return Err(Malformed::Contradiction("the last frame"));
        }
        let carried = match first & KIND_MASK {
            KIND_ITEMS => read_items(&mut reader)?,
            KIND_PIECE => Carried::Piece(read_piece(&mut reader)?),
            KIND_CELLS => Carried::Cells {
                cover: read_cursor(&mut reader)?,
                cells: Cells::read(reader.varint()?, &mut reader)?,
            },
            KIND_FETCH => Carried::Fetch {
                ids: read_ids(reader.rest())?,
            },
            _ => Carried::Unknown,
        };
        Ok(Self { carried, last, more })
    }
}

fn read_items(reader: &mut Reader<'_>) -> Result<Carried, Malformed> {
    let count = reader.limited(FRAME_ITEMS_MAX, "number of items")?;
    let check = if count > 0 { reader.array()? } else { [0; 4] };
    let cursor = read_cursor(reader)?;
    if count == 0 && !reader.is_empty() {
        return Err(Malformed::Contradiction("the number of items"));
    }
    Ok(Carried::Items {
        count,
        check,
        cursor,
        payload: reader.rest().to_vec(),
    })
}

fn read_piece(reader: &mut Reader<'_>) -> Result<Piece, Malformed> {
    let piece = Piece {
        of: Whole::from_code(reader.varint()?)?,
        hash: ItemHash(reader.array()?),
        total: reader.varint()?,
        offset: reader.varint()?,
        bytes: reader.rest().to_vec(),
    };
    let end = piece.offset.checked_add(piece.bytes.len() as u64);
    if piece.bytes.is_empty() || end.is_none_or(|end| end > piece.total) {
        return Err(Malformed::Contradiction("the place of a piece"));
    }
    Ok(piece)
}

fn put_cursor(out: &mut Vec<u8>, cursor: Cursor) {
    varint::put(out, cursor.position);
    if cursor.position > 0 {
        out.extend_from_slice(&cursor.hash.0);
    }
}

fn read_cursor(reader: &mut Reader<'_>) -> Result<Cursor, Malformed> {
    match reader.varint()? {
        0 => Ok(Cursor::START),
        position => Ok(Cursor {
            position,
            hash: RunningHash(reader.array()?),
        }),
    }
}

fn read_ids(bytes: &[u8]) -> Result<Vec<SaltedId>, Malformed> {
    match bytes.as_chunks() {
        (ids, []) => Ok(ids.iter().map(|id| SaltedId(u64::from_le_bytes(*id))).collect()),
        _ => Err(Malformed::Truncated),
    }
}

/// A frame, found in front of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The frame from its length to its last byte: what its signature covers.
    pub bytes: &'a [u8],
    /// What stands behind the length.
    pub body: &'a [u8],
    /// The signature.
    pub signature: &'a [u8; super::SIGNATURE_BYTES],
    /// How many bytes all of it takes.
    pub length: usize,
}

/// Finds the frame in front of some bytes; `None` if more bytes are needed.
pub fn find(bytes: &[u8], index: u64) -> Result<Option<Found<'_>>, Malformed> {
    if index >= EXCHANGE_FRAMES_MAX {
        return Err(Malformed::TooLarge("number of frames"));
    }
    let mut reader = Reader::new(bytes);
    let length = match reader.limited(FRAME_BYTES_MAX, "frame") {
        Ok(length) => length,
        Err(Malformed::Truncated) => return Ok(None),
        Err(malformed) => return Err(malformed),
    };
    let Ok(body) = reader.bytes(length) else {
        return Ok(None);
    };
    let frame = &bytes[..bytes.len() - reader.rest().len()];
    let Some(signature) = reader.rest().first_chunk() else {
        return Ok(None);
    };
    Ok(Some(Found {
        bytes: frame,
        body,
        signature,
        length: frame.len() + signature.len(),
    }))
}
