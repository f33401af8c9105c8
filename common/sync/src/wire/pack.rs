//! Compression of a stream of frames: one model of words and one zstd stream per direction, flushed in each frame, so
//! that later frames profit from earlier ones and each can be read as soon as it has arrived.

use std::collections::{BTreeMap, VecDeque};

use zstd::stream::raw::{CParameter, DParameter, Decoder, Encoder, InBuffer, Operation as _, OutBuffer};

use super::codec::{self, BadFrame, Draft, Held, Passed};
use super::history::History;
use super::words::{Parted, Words};
use super::{FRAME_BYTES_MAX, FRAME_ITEMS_MAX, FRAME_PLAIN_BYTES_MAX, SIGNATURE_BYTES};
use crate::chain::Cursor;
use crate::item::{HashPrefix, ITEM_BYTES_MAX, Item};
use crate::varint::Reader;
use crate::{dictionary, varint};

/// How far back the compressor looks: 256 KiB. It bounds memory on both sides.
const WINDOW_LOG: u32 = 18;
/// Chosen by measure, see `docs/protocol.md`: 11 MB/s on one core.
const LEVEL: i32 = 19;
/// The powers of two of the sizes of the compressor's two tables of 4-byte entries, each of which the dictionary has once more.
/// (Measured on 3,000 complaints: twice as large saves nothing; half as many hashes cost 0.1 percent, half a tree 0.6.)
const HASH_TABLE_LOG: u32 = 15;
const TREE_LOG: u32 = 16;
/// Where the compressor starts a block anew at the latest: 32 KiB, about what goes into a frame. It keeps buffers for a whole
/// block, 0.7 MB with the 128 KiB that it would take by itself, and blocks end with each frame anyway.
const BLOCK_BYTES_MAX: u32 = 32 * 1024;
/// The shortest match. Three would take a table of half a megabyte more and save 0.15 percent.
const MATCH_BYTES_MIN: u32 = 4;

/// A zstd stream starts with these four bytes; they are not sent.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Length, kind, count, check, cursor and signature of a frame.
const FRAME_OVERHEAD_BYTES: usize = 4 + 2 + 4 + 4 + 26 + SIGNATURE_BYTES;
/// What the compressed items of a frame may take.
const PAYLOAD_BYTES_MAX: usize = FRAME_BYTES_MAX - FRAME_OVERHEAD_BYTES;
/// Room in which every item fits alone, however little it shrinks.
const ALONE_BYTES_MAX: usize = 2 * ITEM_BYTES_MAX;
/// What zstd may add to bytes that do not shrink: stream and block headers.
const GROWTH_BYTES_MAX: usize = 64;
/// With less room than this part of it a frame is full: a smaller group of items costs more in headers than it fills.
const GROUP_PARTS_MIN: usize = 8;
/// What items shrink to before any were seen, in 256ths.
const SHRINK_FIRST: usize = 72;

/// An entry of a log, on its way to the other side.
#[derive(Clone)]
pub struct LogEntry {
    /// The place in the log after this entry.
    pub cursor: Cursor,
    /// The entry.
    pub item: Item,
}

/// The compressed items of one frame.
pub struct Packed {
    /// How many.
    pub count: usize,
    /// The front of a hash over their fingerprints.
    pub check: [u8; 4],
    /// The place in the sender's log after the last of them.
    pub cursor: Cursor,
    /// The compressed bytes.
    pub payload: Vec<u8>,
    /// What they unfold to.
    plain_bytes: usize,
}

/// Says that the compressor failed, which only a lack of memory explains.
#[derive(Debug, thiserror::Error)]
#[error("the compressor failed")]
pub struct PackError(#[from] std::io::Error);

/// Makes the frames of one direction of one exchange.
pub struct Packer {
    encoder: Encoder<'static>,
    words: Words,
    passed: Passed,
    whole: bool,
    started: bool,
    /// To how much the last items shrank, in 256ths.
    shrink: usize,
}

/// Items that are flushed together: a frame holds one or a few groups.
#[derive(Default)]
struct Group {
    count: usize,
    plain: Vec<u8>,
    parted: Parted,
}

impl Packer {
    /// Starts a stream with a numbered dictionary; one that is not known is an error. `whole` writes all hashes in full.
    pub fn new(dictionary: u64, whole: bool, history: History) -> Result<Self, PackError> {
        let prepared = dictionary::prepared(dictionary).ok_or_else(|| std::io::Error::other("no such dictionary"))?;
        let mut words = prepared.words.clone();
        let mut encoder = if history.plain.is_empty() {
            Encoder::with_dictionary(LEVEL, prepared.bytes)?
        } else {
            words.learn(&history.plain);
            Encoder::with_dictionary(LEVEL, &[prepared.bytes, &history.plain].concat())?
        };
        encoder.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
        encoder.set_parameter(CParameter::HashLog(HASH_TABLE_LOG))?;
        encoder.set_parameter(CParameter::ChainLog(TREE_LOG))?;
        encoder.set_parameter(CParameter::MinMatch(MATCH_BYTES_MIN))?;
        encoder.set_parameter(CParameter::MaxBlockSize(BLOCK_BYTES_MAX))?;
        encoder.set_parameter(CParameter::ContentSizeFlag(false))?;
        encoder.set_parameter(CParameter::ChecksumFlag(false))?;
        encoder.set_parameter(CParameter::DictIdFlag(false))?;
        Ok(Self {
            encoder,
            words,
            passed: history.passed,
            whole,
            started: false,
            shrink: SHRINK_FIRST,
        })
    }

    /// Packs entries from the front of a queue into one frame, until it holds about `frame_bytes` or the queue is empty;
    /// `None` if the queue is empty, or the entry at its front may not fit into any frame.
    ///
    /// The compressed size is known only afterwards and cannot be taken back, so a frame is filled in groups that
    /// would fit even if zstd did not shrink them at all, each as large as what is left is expected to take.
    pub fn pack(&mut self, entries: &mut VecDeque<LogEntry>, frame_bytes: usize) -> Result<Option<Packed>, PackError> {
        let wanted = frame_bytes.saturating_sub(FRAME_OVERHEAD_BYTES);
        self.pack_within(entries, PAYLOAD_BYTES_MAX, wanted)
    }

    /// Packs one entry that may not fit into a frame: in a stream of its own and with hashes written in full, so that
    /// it is packed to the same bytes again.
    pub fn alone(entry: &LogEntry, dictionary: u64) -> Result<Packed, PackError> {
        let mut entries = VecDeque::from([entry.clone()]);
        Self::new(dictionary, true, History::default())?
            .pack_within(&mut entries, ALONE_BYTES_MAX, 0)?
            .ok_or_else(|| std::io::Error::other("an item of no length").into())
    }

    fn pack_within(
        &mut self,
        entries: &mut VecDeque<LogEntry>,
        payload_bytes_max: usize,
        wanted: usize,
    ) -> Result<Option<Packed>, PackError> {
        let Some(first) = entries.front() else { return Ok(None) };
        let mut packed = Packed {
            count: 0,
            check: [0; 4],
            cursor: first.cursor,
            payload: Vec::new(),
            plain_bytes: 0,
        };
        let mut check = blake3::Hasher::new_derive_key(CHECK_CONTEXT);
        loop {
            let room = payload_bytes_max.saturating_sub(packed.payload.len() + GROWTH_BYTES_MAX);
            let left = wanted.saturating_sub(packed.payload.len());
            if packed.count > 0 && left <= wanted / GROUP_PARTS_MIN {
                break;
            }
            let hoped = left * 256 / self.shrink;
            let group = self.group(entries, (room, hoped), &mut packed, &mut check);
            if group.count == 0 {
                break;
            }
            let compressed = self.compress(&group.parted.bytes)?;
            let coded = self.words.encode(&group.parted);
            self.shrink = ((compressed.len() + coded.len()) * 256 / group.plain.len().max(1)).clamp(16, 256);
            for section in [compressed, coded] {
                varint::put(&mut packed.payload, section.len() as u64);
                packed.payload.extend_from_slice(&section);
            }
            self.words.learn(&group.plain);
        }
        packed.check = front(&check);
        Ok((packed.count > 0).then_some(packed))
    }

    /// Takes as many entries as surely fit and hopefully fill the frame; the first of a frame only has to fit.
    fn group(
        &mut self,
        entries: &mut VecDeque<LogEntry>,
        (room, hoped): (usize, usize),
        packed: &mut Packed,
        check: &mut blake3::Hasher,
    ) -> Group {
        let mut group = Group::default();
        while let Some(entry) = entries.front().filter(|_| packed.count < FRAME_ITEMS_MAX) {
            let mut plain = Vec::new();
            codec::write(&mut plain, &entry.item, &self.passed, self.whole);
            let parted = self.words.part(&plain);
            let alone = packed.count == 0;
            let fits = group.parted.bytes_max() + parted.bytes_max() <= room
                && (alone || packed.plain_bytes + plain.len() <= ITEM_BYTES_MAX);
            let fills = group.plain.len() + plain.len() <= hoped;
            if !fits || !fills && !alone {
                break;
            }
            check.update(&entry.item.fingerprint());
            self.passed.push(&entry.item);
            packed.cursor = entry.cursor;
            packed.count += 1;
            packed.plain_bytes += plain.len();
            group.count += 1;
            group.plain.append(&mut plain);
            group.parted.append(parted);
            entries.pop_front();
        }
        group
    }

    fn compress(&mut self, plain: &[u8]) -> Result<Vec<u8>, PackError> {
        let mut out = Vec::new();
        let mut buffer = [0; 4096];
        let mut input = InBuffer::around(plain);
        loop {
            let mut output = OutBuffer::around(&mut buffer[..]);
            let unread = input.pos() < plain.len();
            let left = if unread {
                self.encoder.run(&mut input, &mut output)?
            } else {
                self.encoder.flush(&mut output)?
            };
            out.extend_from_slice(output.as_slice());
            if !unread && left == 0 {
                break;
            }
        }
        if !self.started {
            self.started = true;
            out.drain(..ZSTD_MAGIC.len().min(out.len()));
        }
        Ok(out)
    }
}

const CHECK_CONTEXT: &str = "titian 2026 frame check";

fn front(hasher: &blake3::Hasher) -> [u8; 4] {
    let mut check = [0; 4];
    check.copy_from_slice(&hasher.finalize().as_bytes()[..4]);
    check
}

/// Reads the frames of one direction of one exchange.
pub struct Unpacker {
    decoder: Decoder<'static>,
    words: Words,
    passed: Passed,
    started: bool,
}

impl Unpacker {
    /// Starts a stream with a numbered dictionary; `None` if it is not known here.
    pub fn new(number: u64, history: History) -> Option<Result<Self, PackError>> {
        let prepared = dictionary::prepared(number)?;
        let start = || {
            let mut words = prepared.words.clone();
            let mut decoder = if history.plain.is_empty() {
                Decoder::with_prepared_dictionary(&prepared.decoder)?
            } else {
                words.learn(&history.plain);
                Decoder::with_dictionary(&[prepared.bytes, &history.plain].concat())?
            };
            decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG))?;
            Ok(Self {
                decoder,
                words,
                passed: history.passed,
                started: false,
            })
        };
        Some(start())
    }

    /// Unfolds a frame and reads its items; what they refer to has to be looked up before [`Self::finish`].
    pub fn open(&mut self, payload: &[u8], count: usize) -> Result<Vec<Draft>, BadFrame> {
        let plain = self.unfold(payload)?;
        let mut reader = Reader::new(&plain);
        let drafts: Result<Vec<_>, _> = (0..count).map(|_| Draft::read(&mut reader)).collect();
        let drafts = drafts.map_err(BadFrame::Malformed)?;
        if !reader.is_empty() {
            return Err(BadFrame::Malformed(varint::Malformed::Contradiction(
                "the number of items",
            )));
        }
        Ok(drafts)
    }

    /// Puts the items together and checks that they are those that the sender meant.
    pub fn finish(
        &mut self,
        drafts: Vec<Draft>,
        held: &BTreeMap<HashPrefix, Held>,
        check: [u8; 4],
    ) -> Result<Vec<Item>, BadFrame> {
        let mut hasher = blake3::Hasher::new_derive_key(CHECK_CONTEXT);
        let mut items = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let item = draft.finish(&self.passed, held)?;
            hasher.update(&item.fingerprint());
            self.passed.push(&item);
            items.push(item);
        }
        // Signed by the sender and yet another item: a front part was resolved to another hash than the sender meant.
        if front(&hasher) == check {
            Ok(items)
        } else {
            Err(BadFrame::Unresolved)
        }
    }

    fn unfold(&mut self, payload: &[u8]) -> Result<Vec<u8>, BadFrame> {
        let mut plain = Vec::new();
        let mut reader = Reader::new(payload);
        while !reader.is_empty() {
            let mut section = || {
                let length = reader.limited(FRAME_PLAIN_BYTES_MAX, "section")?;
                reader.bytes(length)
            };
            let compressed = section().map_err(BadFrame::Malformed)?;
            let coded = section().map_err(BadFrame::Malformed)?;
            let bytes = self.decompress(compressed)?;
            let group = self.words.join(&bytes, coded).map_err(BadFrame::Malformed)?;
            if plain.len() + group.len() > FRAME_PLAIN_BYTES_MAX {
                return Err(BadFrame::Malformed(varint::Malformed::TooLarge("an unfolded frame")));
            }
            self.words.learn(&group);
            plain.extend_from_slice(&group);
        }
        Ok(plain)
    }

    fn decompress(&mut self, payload: &[u8]) -> Result<Vec<u8>, BadFrame> {
        let mut plain = Vec::new();
        if !self.started {
            self.started = true;
            self.feed(&ZSTD_MAGIC, &mut plain)?;
        }
        self.feed(payload, &mut plain)?;
        Ok(plain)
    }

    fn feed(&mut self, bytes: &[u8], plain: &mut Vec<u8>) -> Result<(), BadFrame> {
        let mut buffer = [0; 8192];
        let mut input = InBuffer::around(bytes);
        loop {
            let before = input.pos();
            let mut output = OutBuffer::around(&mut buffer[..]);
            self.decoder
                .run(&mut input, &mut output)
                .map_err(|_| BadFrame::Compression)?;
            let made = output.as_slice();
            if plain.len() + made.len() > FRAME_PLAIN_BYTES_MAX {
                return Err(BadFrame::Malformed(varint::Malformed::TooLarge("an unfolded frame")));
            }
            plain.extend_from_slice(made);
            if input.pos() == bytes.len() && made.len() < 8192 {
                return Ok(());
            }
            if input.pos() == before && made.is_empty() {
                return Err(BadFrame::Compression);
            }
        }
    }
}
