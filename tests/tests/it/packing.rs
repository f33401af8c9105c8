//! Three thousand complaints pass through the compressor and come out as they went in.

use std::collections::{BTreeMap, VecDeque};

use titian_domain::casefile::CaseFile;
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, EventId, Incarnation};
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::dictionary;
use titian_sync::engine::LogEntry;
use titian_sync::item::{Item, ItemKind};
use titian_sync::wire::FRAME_BYTES_MAX;
use titian_sync::wire::history::History;
use titian_sync::wire::pack::{Packer, Unpacker};
use titian_tests::corpus;

const COMPLAINTS: u64 = 3_000;
const INCARNATION: Incarnation = Incarnation([5; 16]);

/// Random-looking, and the same at every run.
fn random<const N: usize>(number: u64) -> [u8; N] {
    ReporterRecord::hash_of(&number.to_le_bytes()).0[..N]
        .try_into()
        .unwrap()
}

fn items() -> Vec<Item> {
    let mut items = vec![Item::incarnation(INCARNATION)];
    for (index, serial) in (0..COMPLAINTS).zip(1_u32..) {
        let complaint = corpus::complaint(2026, index);
        let at = UnixMillis(1_790_000_000_000 + i64::from(serial) * 61_000);
        let id = ComplaintId::new(at, random(index));
        let event = EventId::new(at, random(index + COMPLAINTS));
        let by = Stamp {
            at,
            trusted: true,
            staff: "siti".into(),
            event,
            incarnation: INCARNATION,
        };
        let register = format!("63.01.03/A/2026/{serial:04}").parse().unwrap();
        let (_, change) = CaseFile::record(id, &register, &complaint.particulars, &by).unwrap();
        items.push(Item::new(ItemKind::Reporter, Some(id), complaint.reporter.to_bytes()).unwrap());
        items.push(Item::new(ItemKind::Intake, Some(id), change.bytes).unwrap());
    }
    items
}

#[test]
fn what_is_packed_comes_out_as_it_went_in() {
    let sent = items();
    let mut hash = RunningHash::start([1; 16]);
    let entry = |(position, item): (u64, &Item)| {
        hash = hash.then(item);
        LogEntry {
            cursor: Cursor { position, hash },
            item: item.clone(),
        }
    };
    let mut queue: VecDeque<_> = (1..).zip(&sent).map(entry).collect();
    let mut packer = Packer::new(dictionary::NEWEST, false, History::default()).unwrap();
    let mut unpacker = Unpacker::new(dictionary::NEWEST, History::default()).unwrap().unwrap();
    let mut received = Vec::new();
    while let Some(frame) = packer.pack(&mut queue, FRAME_BYTES_MAX).unwrap() {
        let drafts = unpacker.open(&frame.payload, frame.count).unwrap();
        received.extend(unpacker.finish(drafts, &BTreeMap::new(), frame.check).unwrap());
    }
    assert!(received == sent, "{} of {} items came back", received.len(), sent.len());
}
