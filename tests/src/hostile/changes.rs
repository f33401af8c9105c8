//! What a hostile device writes: changes that a checksum finds right, and automerge may not survive.

use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{ActorId, AutoCommit, Change, ExpandedChange, ObjType, ROOT};
use sha2::{Digest as _, Sha256};
use titian_domain::casefile::CaseFile;
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, EventId, Incarnation, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_sync::item::{Item, ItemKind};
use titian_sync::varint;

use crate::corpus;
use crate::draw::Draw;

const AT: UnixMillis = UnixMillis(1_773_100_000_000);
/// Bytes in front of what can be mutated: magic, checksum and type; the length is written anew.
const PRELUDE_BYTES: usize = 8;

/// Who writes.
#[derive(Clone)]
pub struct Author {
    /// Its office.
    pub office: OfficeCode,
    /// The program start, registered or not.
    pub incarnation: Incarnation,
    /// Makes its complaints its own.
    pub number: u8,
}

impl Author {
    /// Makes one of an office; the number makes it and its complaints its own.
    pub fn of(office: &OfficeCode, number: u8) -> Self {
        Self {
            office: office.clone(),
            incarnation: Incarnation([number; 16]),
            number,
        }
    }

    fn stamp(&self, event: u64) -> Stamp {
        let mut random = [self.number; 10];
        random[..8].copy_from_slice(&event.to_be_bytes());
        Stamp {
            at: AT,
            trusted: true,
            staff: "Siti".into(),
            event: EventId::new(AT, random),
            incarnation: self.incarnation,
        }
    }

    /// Names one of its complaints.
    pub fn complaint(&self, serial: u32) -> ComplaintId {
        let mut random = [self.number; 10];
        random[..4].copy_from_slice(&serial.to_be_bytes());
        ComplaintId::new(AT, random)
    }

    /// Records a complaint as an honest gateway does, and notes something in it so many times.
    pub fn honest(&self, serial: u32, notes: u64) -> Vec<Vec<u8>> {
        let register = format!(
            "{}/{}/2026/{serial:04}",
            self.office,
            char::from(b'B' + self.number % 8)
        );
        let mut particulars = corpus::complaint(7, u64::from(serial)).particulars;
        particulars.reporter = None;
        let register = register.parse().expect("an office, a letter, a year and a number");
        let (mut case, first) = CaseFile::record(self.complaint(serial), &register, &particulars, &self.stamp(0))
            .expect("the corpus keeps to the limits");
        let mut changes = vec![first.bytes];
        for event in 1..=notes {
            changes.push(
                case.note("dicatat", &self.stamp(event))
                    .expect("a note is always possible")
                    .bytes,
            );
        }
        changes
    }

    /// Writes anything into a complaint that it recorded.
    pub fn forge(&self, honest: &[Vec<u8>], write: impl FnOnce(&mut AutoCommit)) -> Change {
        let mut document = AutoCommit::new();
        let changes = honest.iter().map(|bytes| Change::from_bytes(bytes.clone()));
        let changes: Vec<_> = changes.collect::<Result<_, _>>().expect("honest changes are changes");
        document.apply_changes(changes).expect("honest changes fit together");
        document.set_actor(ActorId::from(self.incarnation.0));
        write(&mut document);
        let hash = document
            .commit_with(CommitOptions::default().with_time(AT.0 / 1000))
            .expect("something was written");
        document.get_change_by_hash(&hash).expect("it was just written")
    }

    /// Gives one of each kind of forgery that has a name of its own.
    pub fn forgeries(&self, honest: &[Vec<u8>]) -> Vec<(&'static str, Vec<u8>)> {
        let raw = |change: Change| change.raw_bytes().to_vec();
        let title = |document: &mut AutoCommit| document.put(ROOT, "title", "x").expect("a put");
        let expand = |change: &dyn Fn(&mut ExpandedChange)| {
            let mut expanded = self.forge(honest, title).decode();
            change(&mut expanded);
            raw(Change::from(expanded))
        };
        let event = self.stamp(900).event.to_string();
        let accepted = r#"{"at":1,"by":"x","kind":"accepted","round":1}"#;
        let deep = format!(
            r#"{{"at":1,"by":"x","kind":"n","d":{}1{}}}"#,
            "[".repeat(6_000),
            "]".repeat(6_000)
        );
        vec![
            ("too_large", raw(self.forge(honest, |document| nest(document, 300)))),
            ("nested", raw(self.forge(honest, |document| nest(document, 50)))),
            (
                "nested",
                raw(self.forge(honest, |document| {
                    document.put_object(ROOT, "title", ObjType::List).expect("a list");
                })),
            ),
            (
                "field",
                raw(self.forge(honest, |document| {
                    document.put(ROOT, "tracking_id", "5049672").expect("a put");
                })),
            ),
            (
                "hubs_own",
                raw(self.forge(honest, |document| {
                    document.put(ROOT, event.as_str(), accepted).expect("a put");
                })),
            ),
            (
                "event",
                raw(self.forge(honest, |document| {
                    document.put(ROOT, event.as_str(), deep.as_str()).expect("a put");
                })),
            ),
            (
                "register",
                raw(self.forge(honest, |document| {
                    document.put(ROOT, "register", "63.01.99/A/2026/0001").expect("a put");
                })),
            ),
            (
                "counter",
                expand(&|change| change.start_op = 1_000_000_000.try_into().expect("not zero")),
            ),
            ("contradicts", expand(&|change| change.seq = 7_000)),
            (
                "writer",
                expand(&|change| change.actor_id = ActorId::from([&[7], &self.incarnation.0[..]].concat())),
            ),
            ("too_large", expand(&|change| change.message = Some("x".repeat(9_000)))),
        ]
    }

    /// Gives changes that build on one that never comes.
    pub fn orphans(&self, serial: u32, count: u64) -> Vec<Item> {
        let all = self.honest(serial, count + 1);
        let orphans = all.into_iter().skip(2);
        orphans.filter_map(|bytes| self.item(serial, bytes)).collect()
    }

    /// Wraps a change for the wire; `None` if it is not even a chunk with a right checksum.
    pub fn item(&self, serial: u32, bytes: Vec<u8>) -> Option<Item> {
        Item::new(ItemKind::Intake, Some(self.complaint(serial)), bytes).ok()
    }
}

/// Puts maps into maps: automerge follows them by recursion.
fn nest(document: &mut AutoCommit, depth: usize) {
    let mut inner = ROOT;
    for _ in 0..depth {
        inner = document.put_object(&inner, "a", ObjType::Map).expect("a map");
    }
}

/// Changes some bytes of a change and makes its checksum right again.
pub fn mutate(bytes: &[u8], draw: &mut Draw) -> Vec<u8> {
    let mut mutated = bytes.to_vec();
    let at = |draw: &mut Draw, length: usize| {
        let span = (length - PRELUDE_BYTES - 4) as u64;
        PRELUDE_BYTES + 4 + usize::try_from(draw.below(span)).expect("a place in the change")
    };
    for _ in 0..=draw.below(4) {
        let place = at(draw, mutated.len());
        mutated[place] = u8::try_from(draw.below(256)).expect("below 256");
    }
    if draw.one_in(8) {
        mutated.truncate(at(draw, mutated.len()).max(PRELUDE_BYTES + 40));
    }
    chunk(1, &body(&mutated))
}

/// Few bytes that say "two thousand million operations": what counts them never ends.
pub fn bomb(author: &Author) -> Vec<u8> {
    const RUN: i64 = 2_000_000_000;
    let text = |word: &str| {
        let mut run = signed(RUN);
        varint::put(&mut run, word.len() as u64);
        run.extend_from_slice(word.as_bytes());
        run
    };
    let number = |value: u64| {
        let mut run = signed(RUN);
        varint::put(&mut run, value);
        run
    };
    let mut insert = Vec::new();
    varint::put(&mut insert, RUN.unsigned_abs());
    let columns = [
        (0x15, text("title")),
        (0x34, insert),
        (0x42, number(1)),
        (0x56, number(0)),
        (0x70, number(0)),
    ];
    let mut data = vec![0, 16];
    data.extend_from_slice(&author.incarnation.0);
    // Sequence number, first operation, time, message, other actors, columns.
    data.extend_from_slice(&[1, 1, 0, 0, 0]);
    varint::put(&mut data, columns.len() as u64);
    for (specification, column) in &columns {
        varint::put(&mut data, *specification);
        varint::put(&mut data, column.len() as u64);
    }
    for (_, column) in &columns {
        data.extend_from_slice(column);
    }
    chunk(1, &data)
}

/// Puts a chunk of any type together, with a right checksum.
pub fn chunk(kind: u8, data: &[u8]) -> Vec<u8> {
    let mut rest = vec![kind];
    varint::put(&mut rest, data.len() as u64);
    rest.extend_from_slice(data);
    let checksum = Sha256::digest(&rest);
    [&[0x85, 0x6f, 0x4a, 0x83][..], &checksum[..4], &rest].concat()
}

/// Gives what stands behind the length of a chunk.
fn body(bytes: &[u8]) -> Vec<u8> {
    let mut reader = varint::Reader::new(&bytes[PRELUDE_BYTES + 1..]);
    match reader.varint() {
        Ok(_) => reader.rest().to_vec(),
        Err(_) => bytes[PRELUDE_BYTES + 2..].to_vec(),
    }
}

/// Writes a number as automerge's run lengths are written.
fn signed(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 && low & 0x40 == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}
