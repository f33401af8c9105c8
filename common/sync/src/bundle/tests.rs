//! Bundles as a whole: what was written is read, whatever happened on the way is noticed, and nothing panics.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use titian_domain::id::ComplaintId;
use titian_domain::time::UnixMillis;

use super::head::{BundleHead, Sender};
use super::read::{BadBundle, BundleFrame, PartReader, Read, read};
use super::write::{Keys, Write, Writer};
use super::{PART_BYTES_MAX, PART_BYTES_MIN};
use crate::chain::{Cursor, RunningHash};
use crate::engine::LogEntry;
use crate::engine::pieces::Blob;
use crate::item::{BadItem, Item, ItemHash, ItemKind};
use crate::varint;
use crate::wire::codec::BadFrame;
use crate::wire::extension::{ReplyExtensions, Want, Whole};
use crate::wire::frame::Piece;
use ed25519_dalek::SigningKey;

fn gateway() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn hub() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

fn head() -> BundleHead {
    BundleHead {
        sender: Sender::Gateway,
        device: 7,
        gateway: "63.01.03/A".parse().unwrap(),
        bundle: [9; 16],
        part: 1,
        made_at: UnixMillis(1_774_000_000_000),
        newest_dictionary: 1,
        dictionary: 1,
        anew: false,
        start: Cursor::START.mark(),
        end: Cursor::START.mark(),
        holds: Cursor::START.mark(),
        digest: [3; 16],
        extensions: ReplyExtensions::default(),
    }
}

/// A change that builds on another one, which may lie outside of the bundle.
fn change(on: ItemHash, rest: &[u8]) -> Item {
    let mut data = vec![1];
    data.extend_from_slice(&on.0);
    data.extend_from_slice(rest);
    let mut hashed = vec![1];
    varint::put(&mut hashed, data.len() as u64);
    hashed.extend_from_slice(&data);
    let hash = Sha256::digest(&hashed);
    let body = [&[0x85, 0x6f, 0x4a, 0x83][..], &hash[..4], &hashed].concat();
    Item::new(ItemKind::Intake, Some(ComplaintId::from_bytes([on.0[0]; 16])), body).unwrap()
}

/// A log of changes that do not shrink, of so many bytes each.
fn log(lengths: &[usize]) -> Vec<LogEntry> {
    let mut hash = RunningHash::start([5; 16]);
    let mut seed = 1_u64;
    let mut noise = |length| {
        let byte = |_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 56) as u8
        };
        (0..length).map(byte).collect::<Vec<_>>()
    };
    let entry = |(position, length): (u64, &usize)| {
        let item = change(ItemHash([u8::try_from(position / 3).unwrap(); 32]), &noise(*length));
        hash = hash.then(&item);
        LogEntry {
            cursor: Cursor { position, hash },
            item,
        }
    };
    (1..).zip(lengths).map(entry).collect()
}

fn write(log: &[LogEntry], start: Cursor, head: BundleHead, part_bytes: usize) -> Vec<Vec<u8>> {
    write_with_files(log, (start, head), part_bytes, &[])
}

fn hash_of(file: &[u8]) -> ItemHash {
    ItemHash(*blake3::hash(file).as_bytes())
}

fn write_with_files(
    log: &[LogEntry],
    (start, head): (Cursor, BundleHead),
    part_bytes: usize,
    files: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    let keys = Keys {
        sender: gateway(),
        receiver: hub().verifying_key(),
    };
    let head = BundleHead {
        start: start.mark(),
        ..head
    };
    let wanted = |file: &Vec<u8>| Want {
        of: Whole::Attachment,
        hash: hash_of(file),
        offset: 0,
    };
    let mut writer = Writer::begin(keys, head, start, log.len() as u64, None)
        .with_parts_of(part_bytes)
        .with_files(&files.iter().map(wanted).collect::<Vec<_>>());
    let (mut parts, mut part) = (Vec::new(), Vec::new());
    loop {
        match writer.step().unwrap() {
            Write::NeedEntries { after, until } => {
                let wanted = |entry: &&LogEntry| entry.cursor.position > after && entry.cursor.position <= until;
                writer.entries(log.iter().filter(wanted).take(5).cloned().collect());
            }
            Write::NeedFile(want) => {
                let file = files.iter().find(|file| hash_of(file) == want.hash).unwrap();
                let rest = &file[usize::try_from(want.offset).unwrap()..];
                writer.file(Some(Blob {
                    total: file.len() as u64,
                    bytes: rest[..rest.len().min(64 * 1024)].to_vec(),
                }));
            }
            Write::Bytes(bytes) => part.extend(bytes),
            Write::EndOfPart => parts.push(std::mem::take(&mut part)),
            Write::Done => return parts,
        }
    }
}

fn open(part: &[u8]) -> Result<(BundleHead, Vec<BundleFrame>), BadBundle> {
    read(part, hub().verifying_key(), |_| Some(gateway().verifying_key()))
}

fn hashes<'a>(frames: impl IntoIterator<Item = &'a BundleFrame>) -> Vec<ItemHash> {
    let items = frames.into_iter().flat_map(|frame| &frame.items);
    items.map(Item::hash).collect()
}

#[test]
fn what_was_written_is_read_and_ends_where_the_log_does() {
    let log = log(&[50, 9_000, 9_000, 20, 200_000, 30]);
    let parts = write(&log, Cursor::START, head(), PART_BYTES_MAX);
    assert_eq!(parts.len(), 1);
    let (read_head, frames) = open(&parts[0]).unwrap();
    assert_eq!(read_head, head());
    assert_eq!(
        hashes(&frames),
        log.iter().map(|entry| entry.item.hash()).collect::<Vec<_>>()
    );
    let last = frames.last().unwrap();
    assert!(last.last && !last.more && frames.len() > 3);
    assert_eq!(last.cursor, log.last().unwrap().cursor);
}

/// Reads the pieces of files in a part.
fn pieces(part: &[u8]) -> Vec<Piece> {
    let mut reader = PartReader::begin(hub().verifying_key());
    reader.feed(part);
    reader.feed_end();
    let mut pieces = Vec::new();
    loop {
        match reader.step().unwrap() {
            Read::NeedSender(_) => reader.sender(gateway().verifying_key()).unwrap(),
            Read::Piece(piece) => pieces.push(piece.piece),
            Read::Done => return pieces,
            _ => {}
        }
    }
}

#[test]
fn files_follow_the_items_and_go_on_in_the_next_part() {
    let log = log(&[50, 250_000, 250_000, 250_000, 60]);
    let noise = |seed: u8, bytes: usize| {
        let mut reader = blake3::Hasher::new().update(&[seed]).finalize_xof();
        let mut file = vec![0; bytes];
        reader.fill(&mut file);
        file
    };
    let files = [noise(1, 1_500_000), noise(2, 5), noise(3, 700_000)];
    let parts = write_with_files(&log, (Cursor::START, head()), PART_BYTES_MIN, &files);
    assert!(parts.len() >= 4, "{}", parts.len());
    let (mut all, mut arrived) = (Vec::new(), std::collections::BTreeMap::<_, Vec<u8>>::new());
    for (number, part) in (1..).zip(&parts) {
        assert!(part.len() <= PART_BYTES_MIN, "{}", part.len());
        let (head, frames) = open(part).unwrap();
        assert_eq!(head.part, number);
        all.extend(hashes(&frames));
        for piece in pieces(part) {
            assert_eq!(all.len(), log.len(), "items first");
            let file = arrived.entry(piece.hash).or_default();
            assert_eq!(file.len() as u64, piece.offset);
            file.extend(piece.bytes);
        }
    }
    assert_eq!(all, log.iter().map(|entry| entry.item.hash()).collect::<Vec<_>>());
    assert_eq!(arrived, files.into_iter().map(|file| (hash_of(&file), file)).collect());
}

#[test]
fn a_bundle_with_nothing_in_it_still_says_where_both_sides_stand() {
    let log = log(&[50, 50]);
    let end = log[1].cursor;
    let parts = write(&log, end, head(), PART_BYTES_MAX);
    let (read_head, frames) = open(&parts[0]).unwrap();
    assert_eq!((read_head.start, frames.len()), (end.mark(), 1));
    assert_eq!((frames[0].items.len(), frames[0].cursor), (0, end));
}

#[test]
fn parts_are_of_bounded_size_continue_each_other_and_each_is_read_alone() {
    let log = log(&[120_000; 40]);
    let parts = write(&log, Cursor::START, head(), PART_BYTES_MIN);
    assert!(parts.len() >= 5, "{}", parts.len());
    let (mut place, mut all) = (Cursor::START.mark(), Vec::new());
    // Backwards, with nothing known of the others.
    let mut opened: Vec<_> = parts.iter().rev().map(|part| open(part).unwrap()).collect();
    opened.reverse();
    for (number, (part, (head, frames))) in (1..).zip(parts.iter().zip(&opened)) {
        assert!(part.len() <= PART_BYTES_MIN, "{}", part.len());
        assert_eq!((head.part, head.start), (number, place));
        let last = frames.last().unwrap();
        assert_eq!(last.more, number < parts.len() as u64);
        place = last.cursor.mark();
        all.extend(hashes(frames));
    }
    assert_eq!(all, log.iter().map(|entry| entry.item.hash()).collect::<Vec<_>>());
}

#[test]
fn a_part_cut_at_any_byte_is_told_from_a_whole_one() {
    let part = write(&log(&[50, 900, 900]), Cursor::START, head(), PART_BYTES_MAX).remove(0);
    for length in 0..part.len() {
        assert_eq!(open(&part[..length]).err(), Some(BadBundle::Cut), "{length}");
    }
    let longer = [&part[..], b"x"].concat();
    assert!(matches!(open(&longer).err(), Some(BadBundle::Malformed(_))));
}

#[test]
fn a_part_with_any_bit_flipped_is_refused() {
    let part = write(&log(&[50, 60]), Cursor::START, head(), PART_BYTES_MAX).remove(0);
    for at in 0..part.len() * 8 {
        let mut changed = part.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(open(&changed).is_err(), "bit {at}");
    }
}

#[test]
fn a_part_counts_at_its_receiver_and_from_its_sender_only() {
    let part = write(&log(&[50]), Cursor::START, head(), PART_BYTES_MAX).remove(0);
    let elsewhere = read(&part, gateway().verifying_key(), |_| Some(gateway().verifying_key()));
    assert_eq!(elsewhere.err(), Some(BadBundle::Signature));
    let forged = read(&part, hub().verifying_key(), |_| Some(hub().verifying_key()));
    assert_eq!(forged.err(), Some(BadBundle::Signature));
    let unknown = read(&part, hub().verifying_key(), |_| None);
    assert_eq!(unknown.err(), Some(BadBundle::Signature));
}

#[test]
fn a_gateway_can_bring_no_handling_and_the_hub_can() {
    let intake = change(ItemHash([1; 32]), b"step");
    let body = intake.body().to_vec();
    let handling = Item::new(ItemKind::Handling, intake.complaint(), body).unwrap();
    let cursor = Cursor {
        position: 1,
        hash: RunningHash::start([5; 16]).then(&handling),
    };
    let log = [LogEntry { cursor, item: handling }];
    let part = write(&log, Cursor::START, head(), PART_BYTES_MAX).remove(0);
    let refused = BadBundle::Frame(BadFrame::Item(BadItem::NotFromGateway));
    assert_eq!(open(&part).err(), Some(refused));
    let from_hub = BundleHead {
        sender: Sender::Hub { cursor_unknown: false },
        ..head()
    };
    let part = write(&log, Cursor::START, from_hub, PART_BYTES_MAX).remove(0);
    assert_eq!(open(&part).unwrap().1[0].items.len(), 1);
}

#[test]
fn frames_of_two_parts_cannot_be_mixed() {
    let log = log(&[9_000, 9_000, 9_000]);
    let one = write(&log, Cursor::START, head(), PART_BYTES_MAX).remove(0);
    let other_head = BundleHead {
        bundle: [8; 16],
        ..head()
    };
    let other = write(&log, Cursor::START, other_head, PART_BYTES_MAX).remove(0);
    assert_eq!(one.len(), other.len());
    let middle = one.len() / 2;
    let mixed = [&one[..middle], &other[middle..]].concat();
    assert_eq!(open(&mixed).err(), Some(BadBundle::Signature));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = open(&bytes);
    }

    #[test]
    fn a_head_followed_by_anything_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = open(&[head().to_bytes(), bytes].concat());
    }
}
