//! Round trips, arbitrary bytes and tampering, from the item to the frame.

use std::collections::{BTreeMap, VecDeque};

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use titian_domain::casefile::CaseFile;
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, EventId, Incarnation};
use titian_domain::particulars::Particulars;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Channel;

use super::codec::Held;
use super::extension::{AuditEnd, CellsWanted, Lease, Quarantined, ReplyExtensions, RequestExtensions, Want, Whole};
use super::frame::{self, Carried, Frame, Piece};
use super::head::{self, ReplyHead, RequestHead, Taken};
use super::history::{HISTORY_BYTES_MAX, HISTORY_ITEMS_MAX, History, HistoryMark};
use super::pack::{LogEntry, Packer, Unpacker};
use super::refusal::Refusal;
use super::seal::{self, Covered, Direction};
use super::{FRAME_BYTES_MAX, FRAME_ITEMS_MAX};
use crate::chain::{Cursor, Mark, RunningHash};
use crate::hub_keys::KeySaid;
use crate::item::{BadItem, HashPrefix, Item, ItemHash, ItemKind};
use crate::reconcile::{Cells, SaltedId};
use crate::varint::Reader;

fn stamp(number: u8) -> Stamp {
    let at = UnixMillis(1_774_000_000_000 + i64::from(number) * 60_000);
    Stamp {
        at,
        trusted: true,
        staff: "Noor Laila".into(),
        event: EventId::new(at, [number; 10]),
        incarnation: Incarnation([7; 16]),
    }
}

/// A complaint as the domain writes it: reporter record, intake, and an edit.
fn complaint(number: u8) -> Vec<Item> {
    let by = stamp(number);
    let id = ComplaintId::new(by.at, [number; 10]);
    let reporter = ReporterRecord {
        name: "Rahma Yulianti".into(),
        ..ReporterRecord::default()
    }
    .salted([number; 16])
    .to_bytes();
    let particulars = Particulars {
        narrative: "Jalan di depan pasar rusak sejak hujan, dan jalan desa juga rusak.".into(),
        reporter: Some(ReporterRecord::hash_of(&reporter)),
        ..Particulars::new(Channel::Visit, by.at)
    };
    let register = "63.01.03/A/2026/0001".parse().unwrap();
    let (mut file, recorded) = CaseFile::record(id, &register, &particulars, &by).unwrap();
    let noted = file.note("Pelapor datang lagi", &stamp(number + 1)).unwrap();
    let intake = |change: titian_domain::document::Change| {
        let item = Item::new(ItemKind::Intake, Some(id), change.bytes).unwrap();
        assert_eq!(item.hash().0, change.hash, "our hash is automerge's");
        item
    };
    let reporter = Item::new(ItemKind::Reporter, Some(id), reporter).unwrap();
    vec![reporter, intake(recorded), intake(noted)]
}

fn queue(items: &[Item]) -> VecDeque<LogEntry> {
    let entry = |(position, item): (u64, &Item)| LogEntry {
        cursor: Cursor {
            position,
            hash: RunningHash([1; 16]),
        },
        item: item.clone(),
    };
    (1..).zip(items).map(entry).collect()
}

/// Sends items through a packer and an unpacker; `known` is what the receiver holds.
fn travel(items: &[Item], known: &[Item], whole: bool) -> Option<Vec<Item>> {
    travel_after(&[], items, known, whole).map(|(arrived, _)| arrived)
}

/// The same after a history; tells also how many bytes it took.
fn travel_after(history: &[Item], items: &[Item], known: &[Item], whole: bool) -> Option<(Vec<Item>, usize)> {
    let mut packer = Packer::new(1, whole, History::of(history)).unwrap();
    let mut unpacker = Unpacker::new(1, History::of(history))?.unwrap();
    let mut entries = queue(items);
    let (mut arrived, mut bytes) = (Vec::new(), 0);
    while let Some(packed) = packer.pack(&mut entries, FRAME_BYTES_MAX).unwrap() {
        bytes += packed.payload.len();
        let drafts = unpacker.open(&packed.payload, packed.count).ok()?;
        let look_up = |prefix: HashPrefix| {
            let item = known.iter().find(|item| item.hash().prefix() == prefix)?;
            let complaint = item.complaint()?;
            Some((
                prefix,
                Held::One {
                    hash: item.hash(),
                    complaint,
                },
            ))
        };
        let held: BTreeMap<_, _> = drafts
            .iter()
            .flat_map(super::codec::Draft::prefixes)
            .filter_map(look_up)
            .collect();
        arrived.extend(unpacker.finish(drafts, &held, packed.check).ok()?);
    }
    Some((arrived, bytes))
}

#[test]
fn after_a_cut_the_compressor_knows_what_it_knew() {
    let items: Vec<_> = (0..40).flat_map(complaint).collect();
    let (before, after) = items.split_at(60);
    let (arrived, with) = travel_after(before, after, &[], false).unwrap();
    assert!(arrived == after);
    let (_, without) = travel_after(&[], after, before, false).unwrap();
    assert!(
        with * 10 < without * 9,
        "{with} bytes with a history, {without} without"
    );
    // An item that both hold is pointed to, not looked up.
    assert!(travel_after(&items[..2], &items[2..3], &[], false).is_some_and(|(arrived, _)| arrived == items[2..3]));
}

#[test]
fn a_history_with_a_husk_is_not_taken_for_one_with_the_record() {
    let items: Vec<_> = (0..3).flat_map(complaint).collect();
    let erase = |item: &Item| match item.kind() {
        ItemKind::Reporter => Item::new(ItemKind::Reporter, item.complaint(), Item::husk(item.hash())).unwrap(),
        _ => item.clone(),
    };
    let husks: Vec<_> = items.iter().map(erase).collect();
    assert!(
        items
            .iter()
            .map(Item::fingerprint)
            .eq(husks.iter().map(Item::fingerprint))
    );
    assert_ne!(History::mark(&items), History::mark(&husks));
    assert!(
        travel(&husks, &[], false).is_some_and(|arrived| arrived == husks),
        "husks travel like records"
    );
}

#[test]
fn a_history_is_bounded_and_told_by_what_is_in_it() {
    let items: Vec<_> = (0..90).flat_map(complaint).collect();
    let mut kept = items.clone();
    History::trim(&mut kept);
    assert!(kept.len() <= HISTORY_ITEMS_MAX && kept.len() > 20);
    assert!(kept.iter().map(|item| item.body().len()).sum::<usize>() <= HISTORY_BYTES_MAX);
    assert!(kept == items[items.len() - kept.len()..]);
    let mark = History::mark(&kept);
    kept.swap(0, 1);
    assert_ne!(History::mark(&kept), mark);
}

#[test]
fn frames_are_about_as_large_as_is_wished() {
    let items: Vec<_> = (0..250).flat_map(complaint).collect();
    for wished in [2_048, 4_096] {
        let mut packer = Packer::new(1, false, History::default()).unwrap();
        let mut entries = queue(&items);
        let mut sizes = Vec::new();
        while let Some(packed) = packer.pack(&mut entries, wished).unwrap() {
            sizes.push(packed.payload.len());
        }
        sizes.pop();
        assert!(sizes.iter().all(|size| *size < wished * 3 / 2), "{sizes:?}");
        assert!(sizes.iter().sum::<usize>() > sizes.len() * wished / 2, "{sizes:?}");
    }
}

#[test]
fn an_item_that_may_not_fit_into_a_frame_is_packed_alone_and_to_the_same_bytes_again() {
    let id = Some(ComplaintId::from_bytes([1; 16]));
    let mut narrative = vec![0; 40_000];
    blake3::Hasher::new().finalize_xof().fill(&mut narrative);
    let change = crate::chunk::build(&[], &narrative);
    let items = [complaint(1).remove(0), Item::new(ItemKind::Intake, id, change).unwrap()];
    let mut entries = queue(&items);
    let mut packer = Packer::new(1, false, History::default()).unwrap();
    assert!(
        packer
            .pack(&mut entries, FRAME_BYTES_MAX)
            .unwrap()
            .is_some_and(|packed| packed.count == 1)
    );
    assert!(packer.pack(&mut entries, FRAME_BYTES_MAX).unwrap().is_none());
    let alone = || Packer::alone(&entries[0], 1).unwrap();
    assert!(alone().payload == alone().payload && alone().payload.len() > FRAME_BYTES_MAX);
}

#[test]
fn items_arrive_as_they_were_sent() {
    let items: Vec<_> = (0..40).flat_map(complaint).collect();
    assert!(travel(&items, &[], false).is_some_and(|arrived| arrived == items));
    assert!(travel(&items, &[], true).is_some_and(|arrived| arrived == items));
}

#[test]
fn an_edit_needs_what_it_builds_on_at_the_other_side_or_whole_hashes() {
    let known = complaint(3);
    let edit = &known[2..];
    assert!(travel(edit, &known, false).is_some_and(|arrived| arrived == edit));
    assert!(travel(edit, &[], false).is_none());
    assert!(travel(edit, &[], true).is_some_and(|arrived| arrived == edit));
}

#[test]
fn a_front_part_that_means_another_item_here_is_noticed() {
    let (items, others) = (complaint(3), complaint(5));
    let packed = Packer::new(1, false, History::default())
        .unwrap()
        .pack(&mut queue(&items[2..]), FRAME_BYTES_MAX)
        .unwrap()
        .unwrap();
    let mut unpacker = Unpacker::new(1, History::default()).unwrap().unwrap();
    let drafts = unpacker.open(&packed.payload, 1).unwrap();
    let wrong = Held::One {
        hash: others[1].hash(),
        complaint: others[1].complaint().unwrap(),
    };
    let held = drafts[0].prefixes().map(|prefix| (prefix, wrong)).collect();
    assert!(unpacker.finish(drafts, &held, packed.check).is_err());
}

#[test]
fn a_frame_stays_within_its_limit_however_badly_its_items_shrink() {
    let noise = |seed: u64, length: usize| -> Vec<u8> {
        let mut bytes = vec![0; length];
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        hasher.finalize_xof().fill(&mut bytes);
        bytes
    };
    let id = Some(ComplaintId::from_bytes([1; 16]));
    let items: Vec<_> = (0..200u64)
        .map(|seed| {
            let length = usize::try_from(seed * 37 % 3_900).unwrap() + 1;
            let mut record = noise(seed, length);
            // As every record does: another beginning is a husk.
            record[0] = b'{';
            Item::new(ItemKind::Reporter, id, record).unwrap()
        })
        .collect();
    let mut packer = Packer::new(1, false, History::default()).unwrap();
    let mut entries = queue(&items);
    let mut count = 0;
    while let Some(packed) = packer.pack(&mut entries, FRAME_BYTES_MAX).unwrap() {
        count += packed.count;
        assert!(packed.count <= FRAME_ITEMS_MAX);
        let frame = Frame::of_items(packed).to_bytes();
        assert!(frame.len() + super::SIGNATURE_BYTES <= FRAME_BYTES_MAX);
    }
    assert_eq!(count, items.len());
    assert!(travel(&items, &[], false).is_some_and(|arrived| arrived == items));
}

#[test]
fn only_plain_changes_with_a_right_checksum_are_items() {
    let id = Some(ComplaintId::from_bytes([1; 16]));
    let good = complaint(1)[1].body().to_vec();
    let of = |body: Vec<u8>| Item::new(ItemKind::Intake, id, body).err();
    for index in 0..good.len() {
        let mut body = good.clone();
        body[index] ^= 1;
        assert_eq!(of(body), Some(BadItem::NotAChange), "byte {index}");
    }
    let mut bundle = good.clone();
    bundle[8] = 2;
    assert_eq!(of(bundle), Some(BadItem::NotAChange));
    assert_eq!(of([&good[..], b"x"].concat()), Some(BadItem::NotAChange));
    assert_eq!(of(Vec::new()), Some(BadItem::NotAChange));
    assert_eq!(
        Item::new(ItemKind::Intake, None, good).err(),
        Some(BadItem::WrongComplaint)
    );
    assert_eq!(
        Item::new(ItemKind::Incarnation, None, vec![0; 15]).err(),
        Some(BadItem::WrongLength)
    );
    assert_eq!(
        of(vec![0; crate::item::ITEM_BYTES_MAX + 1]),
        Some(BadItem::TooLarge(crate::item::ITEM_BYTES_MAX + 1))
    );
}

#[test]
fn a_bomb_is_refused_before_it_has_unfolded() {
    let mut bomb = Vec::new();
    // A zstd frame (without its magic) of blocks that repeat one byte 128 KiB each.
    bomb.extend([0x00, 0x40]);
    for _ in 0..4_000 {
        bomb.extend([0x02, 0x00, 0x10, b'a']);
    }
    let mut payload = Vec::new();
    crate::varint::put(&mut payload, bomb.len() as u64);
    payload.extend_from_slice(&bomb);
    payload.push(0);
    assert!(
        Unpacker::new(0, History::default())
            .unwrap()
            .unwrap()
            .open(&payload, 1)
            .is_err()
    );
}

fn mark() -> impl Strategy<Value = Mark> {
    (any::<u64>(), any::<[u8; 8]>()).prop_map(|(position, hash)| Mark {
        position,
        hash: if position == 0 { [0; 8] } else { hash },
    })
}

prop_compose! {
    fn lease()(generation: u64, shown: [u8; 8], next: [u8; 8]) -> Lease {
        Lease { generation, shown, next }
    }
}

prop_compose! {
    fn cells()(salt: [u8; 8], first: u64, most: u64, held: u64) -> CellsWanted {
        CellsWanted { salt, first, most, held }
    }
}

fn wants() -> impl Strategy<Value = Vec<Want>> {
    let want = (any::<bool>(), any::<[u8; 32]>(), any::<u64>()).prop_map(|(item, hash, offset)| Want {
        of: if item { Whole::Item } else { Whole::Attachment },
        hash: ItemHash(hash),
        offset,
    });
    prop::collection::vec(want, 0..4)
}

fn audit() -> impl Strategy<Value = Option<AuditEnd>> {
    prop::option::of(any::<(u64, [u8; 32])>().prop_map(|(rows, chain)| AuditEnd { rows, chain }))
}

prop_compose! {
    fn request_extensions()(
        lease in prop::option::of(lease()), wait_seconds: u64, cells in prop::option::of(cells()), wants in wants(),
        history in prop::option::of(any::<(u64, [u8; 4])>()), frame_bytes: u64, audit in audit(),
        two_keys: bool,
    ) -> RequestExtensions {
        let history = history.map(|(items, check)| HistoryMark { items, check });
        RequestExtensions { lease, wait_seconds, cells, wants, history, frame_bytes, audit, two_keys }
    }
}

prop_compose! {
    fn reply_extensions()(
        quarantined in any::<Option<Vec<([u8; 8], u64)>>>(), wants in wants(), audit in audit(),
        keys in any::<Option<Option<[u8; 32]>>>(),
    ) -> ReplyExtensions {
        let entry = |(front, reason)| Quarantined { front, reason };
        let quarantined = quarantined.map(|list| list.into_iter().map(entry).collect());
        let keys = keys.map(|key| key.map_or(KeySaid::Only, KeySaid::Newer));
        ReplyExtensions { quarantined, wants, audit, keys }
    }
}

prop_compose! {
    fn request_head()(
        flags in any::<[bool; 3]>(), numbers in any::<[u64; 4]>(), cursor in mark(), start in mark(), digest: [u8; 16],
        extensions in request_extensions(),
    ) -> RequestHead {
        let [frames, whole, loose] = flags;
        let [newest_dictionary, dictionary, device, counter] = numbers;
        let dictionary = if frames { dictionary } else { 0 };
        RequestHead {
            frames, whole, loose, newest_dictionary, dictionary, device, counter, cursor, start, digest, extensions,
        }
    }
}

prop_compose! {
    fn reply_head()(
        in_sync: bool, cursor_unknown: bool, dictionary in any::<Option<u64>>(), time in 0..i64::MAX, at in mark(),
        taken in 0..3usize, refused in 0..13u64, datum: u64, digest in any::<Option<[u8; 16]>>(),
        extensions in reply_extensions(),
    ) -> ReplyHead {
        let refusal = match refused {
            0 => None,
            1 => Some(Refusal::UnknownDevice),
            2 => Some(Refusal::Revoked),
            3 => Some(Refusal::BadSignature),
            4 => Some(Refusal::Replayed { last: datum }),
            5 => Some(Refusal::Version { newest: datum }),
            6 => Some(Refusal::Elsewhere),
            7 => Some(Refusal::Unresolved),
            8 => Some(Refusal::Dictionary { newest: datum }),
            9 => Some(Refusal::BadItem { position: datum }),
            10 => Some(Refusal::Busy { millis: datum }),
            11 => Some(Refusal::Copied),
            _ => Some(Refusal::QuarantineFull { kept: datum }),
        };
        let taken = [Taken::Unsaid, Taken::All, Taken::UpTo(at)][taken];
        ReplyHead { taken, in_sync, dictionary, cursor_unknown, refusal, hub_time: UnixMillis(time), digest, extensions }
    }
}

fn carried() -> impl Strategy<Value = Carried> {
    let piece = (
        any::<bool>(),
        any::<[u8; 32]>(),
        0..u64::from(u32::MAX),
        prop::collection::vec(any::<u8>(), 1..40),
    );
    prop_oneof![
        piece.prop_map(|(item, hash, offset, bytes)| Carried::Piece(Piece {
            of: if item { Whole::Item } else { Whole::Attachment },
            hash: ItemHash(hash),
            total: offset + bytes.len() as u64 + 3,
            offset,
            bytes,
        })),
        (0..9_000_u64, any::<Vec<[u8; 12]>>(), 0..3_u64, any::<[u8; 16]>()).prop_map(
            |(first, cells, position, hash)| {
                let cells = cells.concat();
                let cover = Cursor {
                    position,
                    hash: RunningHash(hash),
                };
                Carried::Cells {
                    cover: if position == 0 { Cursor::START } else { cover },
                    cells: Cells::read(first, &mut Reader::new(&cells)).unwrap(),
                }
            }
        ),
        any::<Vec<u64>>().prop_map(|ids| Carried::Fetch {
            ids: ids.into_iter().map(SaltedId).collect()
        }),
    ]
}

#[test]
fn a_piece_beyond_its_whole_and_an_empty_one_are_refused() {
    let piece = |total, offset, bytes: &[u8]| {
        let carried = Carried::Piece(Piece {
            of: Whole::Attachment,
            hash: ItemHash([1; 32]),
            total,
            offset,
            bytes: bytes.to_vec(),
        });
        let bytes = Frame {
            carried,
            last: false,
            more: false,
        }
        .to_bytes();
        Frame::read(&bytes[1..]).is_ok()
    };
    assert!(piece(10, 8, b"ab"));
    assert!(!piece(9, 8, b"ab"));
    assert!(!piece(10, u64::MAX, b"ab"));
    assert!(!piece(10, 8, b""));
}

#[test]
fn an_extension_that_is_not_known_is_skipped_if_it_may_be() {
    let head = ReplyHead::read(head::find(&[1, 5, 0, 0, 14, 1, 9]).unwrap().unwrap());
    assert_eq!(head.unwrap().extensions, ReplyExtensions::default());
    for refused in [[1, 5, 0, 0, 9, 1, 9], [1, 5, 0, 0, 14, 2, 9]] {
        assert!(ReplyHead::read(head::find(&refused).unwrap().unwrap()).is_err());
    }
    // Twice the same, and in falling order.
    for refused in [[1, 6, 0, 0, 14, 0, 14, 0], [1, 6, 0, 0, 16, 0, 14, 0]] {
        assert!(ReplyHead::read(head::find(&refused).unwrap().unwrap()).is_err());
    }
}

proptest! {
    #[test]
    fn a_frame_of_any_kind_reads_back(carried in carried(), last: bool) {
        let frame = Frame { carried, last, more: false };
        let bytes = frame.to_bytes();
        let mut reader = Reader::new(&bytes);
        reader.varint().unwrap();
        prop_assert_eq!(Frame::read(reader.rest()), Ok(frame));
    }

    #[test]
    fn a_request_head_reads_back_and_every_front_of_it_asks_for_more(head in request_head()) {
        let bytes = head.to_bytes();
        let found = head::find(&bytes).unwrap().unwrap();
        prop_assert_eq!(found.bytes, &bytes[..]);
        prop_assert_eq!(RequestHead::read(found), Ok(head));
        for cut in 0..bytes.len() {
            prop_assert_eq!(head::find(&bytes[..cut]), Ok(None));
        }
    }

    #[test]
    fn a_reply_head_reads_back(head in reply_head()) {
        let bytes = head.to_bytes();
        prop_assert_eq!(ReplyHead::read(head::find(&bytes).unwrap().unwrap()), Ok(head));
    }

    #[test]
    fn an_extension_is_skipped_if_its_number_is_even(head in request_head(), number in 13..100u64, body: Vec<u8>) {
        let head = RequestHead { extensions: RequestExtensions::default(), ..head };
        let body = &body[..body.len().min(60)];
        let mut bytes = head.to_bytes();
        bytes.push(u8::try_from(number).unwrap());
        bytes.push(u8::try_from(body.len()).unwrap());
        bytes.extend_from_slice(body);
        bytes[1] = u8::try_from(bytes.len() - 2).unwrap();
        prop_assume!(bytes[1] < 0x80);
        let read = RequestHead::read(head::find(&bytes).unwrap().unwrap());
        prop_assert_eq!(read.is_ok(), number % 2 == 0);
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), count in 0..4usize) {
        if let Ok(Some(found)) = head::find(&bytes) {
            let _ = (RequestHead::read(found), ReplyHead::read(found));
        }
        if let Ok(Some(found)) = frame::find(&bytes, 0) {
            let _ = Frame::read(found.body);
        }
        let _ = Frame::read(&bytes);
        let _ = Unpacker::new(1, History::default()).unwrap().unwrap().open(&bytes, count).is_ok();
        let _ = super::codec::Draft::read(&mut Reader::new(&bytes)).is_ok();
        let _ = Item::new(ItemKind::Intake, Some(ComplaintId::from_bytes([1; 16])), bytes).is_ok();
    }

    #[test]
    fn a_mutated_payload_gives_the_same_items_or_none(at: prop::sample::Index, bit in 0..8u32) {
        let items: Vec<_> = (0..3).flat_map(complaint).collect();
        let packed = Packer::new(1, false, History::default()).unwrap().pack(&mut queue(&items), FRAME_BYTES_MAX).unwrap().unwrap();
        let mut payload = packed.payload;
        let index = at.index(payload.len());
        payload[index] ^= 1 << bit;
        let mut unpacker = Unpacker::new(1, History::default()).unwrap().unwrap();
        if let Ok(drafts) = unpacker.open(&payload, packed.count)
            && let Ok(arrived) = unpacker.finish(drafts, &BTreeMap::new(), packed.check)
        {
            prop_assert!(arrived == items);
        }
    }
}

#[test]
fn a_signature_holds_for_one_place_in_one_body_in_one_direction() {
    let key = SigningKey::from_bytes(&[1; 32]);
    let hub = SigningKey::from_bytes(&[2; 32]).verifying_key();
    let (request, reply) = (Direction::Request { hub }, Direction::Reply { to: [3; 32] });
    let frame = |index| Covered::Frame { index, bytes: b"frame" };
    let signature = seal::sign(&key, request, &[4; 32], frame(0));
    let holds = |direction, head, covered| seal::verify(&key.verifying_key(), direction, head, covered, &signature);
    assert!(holds(request, &[4; 32], frame(0)));
    assert!(!holds(request, &[4; 32], frame(1)));
    assert!(!holds(request, &[5; 32], frame(0)));
    assert!(!holds(reply, &[4; 32], frame(0)));
    assert!(!holds(request, &[4; 32], Covered::HeadAlone));
    let other_hub = Direction::Request {
        hub: key.verifying_key(),
    };
    assert!(!holds(other_hub, &[4; 32], frame(0)));
}
