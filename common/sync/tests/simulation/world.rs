//! The simulated world: replicas in memory, whose stores do what a transaction does, and a seeded dice.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};
use titian_domain::id::{ComplaintId, Incarnation};
use titian_domain::time::UnixMillis;
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::digest::Digest;
use titian_sync::engine::gateway::{ReplicaState, SaveFact};
use titian_sync::engine::hub::{DeviceRow, HubFact};
use titian_sync::engine::pieces::{Blob, Partial};
use titian_sync::engine::{Fingerprinted, Held, LeaseHeld, LeaseSeen, LogEntry, Repair};
use titian_sync::hub_keys::{HubKeys, TrustedKeys};
use titian_sync::item::{HashPrefix, Item, ItemHash, ItemKind};
use titian_sync::varint;
use titian_sync::wire::extension::{Want, Whole};
use titian_sync::wire::frame::Piece;
use titian_sync::wire::history::HISTORY_ITEMS_MAX;

use crate::Fault;
use crate::sticks::{Reach, Told};

/// Splitmix64: small, seeded, the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| (self.next() & 0xff) as u8)
    }
}

/// A log with its index, digest and running hash, as one file keeps it.
#[derive(Clone)]
pub struct Log {
    pub entries: Vec<(Item, u64, RunningHash)>,
    pub hashes: BTreeSet<ItemHash>,
    pub digest: Digest,
    epoch: [u8; 16],
}

impl Log {
    pub fn new(epoch: [u8; 16]) -> Self {
        Self {
            entries: Vec::new(),
            hashes: BTreeSet::new(),
            digest: Digest::EMPTY,
            epoch,
        }
    }

    pub fn end(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The place after so many entries.
    pub fn cursor(&self, position: u64) -> Option<Cursor> {
        let hash = match usize::try_from(position).unwrap() {
            0 => RunningHash::start(self.epoch),
            position => self.entries.get(position - 1)?.2,
        };
        Some(Cursor { position, hash })
    }

    pub fn append(&mut self, item: &Item, origin: u64) {
        if self.hashes.insert(item.hash()) {
            let hash = self.cursor(self.end()).unwrap().hash.then(item);
            self.digest.add(item);
            self.entries.push((item.clone(), origin, hash));
        }
    }

    /// A few entries in a range of positions.
    pub fn range(&self, after: u64, until: u64, wanted: impl Fn(u64) -> bool) -> Vec<LogEntry> {
        let entry = |(position, (item, origin, hash)): (u64, &(Item, u64, RunningHash))| {
            let cursor = Cursor { position, hash: *hash };
            (position <= until && wanted(*origin)).then(|| LogEntry {
                cursor,
                item: item.clone(),
            })
        };
        let behind = self.entries.iter().skip(usize::try_from(after).unwrap());
        (after + 1..).zip(behind).filter_map(entry).take(7).collect()
    }

    /// The entries at some positions, two at a time as if they were large.
    pub fn at(&self, positions: &[u64]) -> Vec<LogEntry> {
        let one = |position: &u64| self.range(position - 1, *position, |_| true);
        positions.iter().take(2).flat_map(one).collect()
    }

    /// Fingerprints in a range of positions, a few at a time in a small log.
    pub fn fingerprints(&self, after: u64, until: u64) -> Vec<Fingerprinted> {
        let until = usize::try_from(until).unwrap().min(self.entries.len());
        let after = usize::try_from(after).unwrap().min(until);
        let count = 20.max(self.entries.len() / 30);
        let entries = self.entries[after..until].iter().take(count);
        let listed = entries
            .zip(after as u64 + 1..)
            .map(|((item, ..), position)| Fingerprinted {
                position,
                fingerprint: item.fingerprint(),
            });
        listed.collect()
    }

    /// The last items of one origin, up to a position.
    pub fn last_of(&self, origin: u64, (after, until): (u64, u64), count: usize) -> Vec<Item> {
        let own = self.entries[usize::try_from(after).unwrap()..usize::try_from(until.max(after)).unwrap()]
            .iter()
            .filter(|(_, of, _)| *of == origin);
        let mut items: Vec<_> = own
            .rev()
            .take(count.min(HISTORY_ITEMS_MAX))
            .map(|(item, ..)| item.clone())
            .collect();
        items.reverse();
        items
    }

    /// The attachments that the items name.
    pub fn attachments(&self) -> Vec<(ItemHash, u64)> {
        let named = |(item, ..): &(Item, u64, RunningHash)| {
            let body = item.body();
            let at = body.windows(ATTACHED.len()).position(|window| window == ATTACHED)? + ATTACHED.len();
            let hash = ItemHash(*body[at..].first_chunk().unwrap());
            Some((hash, u64::from_le_bytes(*body[at + 32..].first_chunk().unwrap())))
        };
        self.entries.iter().filter_map(named).collect()
    }

    pub fn held(&self, prefixes: &[HashPrefix]) -> BTreeMap<HashPrefix, Held> {
        let look_up = |prefix: &HashPrefix| {
            let (low, high) = prefix.range();
            let mut found = self
                .entries
                .iter()
                .filter(|(item, ..)| (low..=high).contains(&item.hash()));
            let held = match (found.next(), found.next()) {
                (Some((item, ..)), None) => item.complaint().map(|complaint| Held::One {
                    hash: item.hash(),
                    complaint,
                }),
                _ => None,
            };
            (*prefix, held.unwrap_or(Held::Unclear))
        };
        prefixes.iter().map(look_up).collect()
    }

    pub fn complaints(&self) -> Vec<ComplaintId> {
        let all: BTreeSet<_> = self.entries.iter().filter_map(|(item, ..)| item.complaint()).collect();
        all.into_iter().collect()
    }

    /// The heads of one document: changes that no other builds on.
    fn heads(&self, complaint: ComplaintId, kind: ItemKind) -> Vec<ItemHash> {
        let of = |item: &&Item| item.complaint() == Some(complaint) && item.kind() == kind;
        let items: Vec<_> = self.entries.iter().map(|(item, ..)| item).filter(of).collect();
        let built_on: BTreeSet<_> = items.iter().flat_map(|item| item.dependencies()).collect();
        items
            .iter()
            .map(|item| item.hash())
            .filter(|hash| !built_on.contains(hash))
            .collect()
    }

    /// Writes something here: a change on top of what is known.
    pub fn edit(&mut self, dice: &mut Dice, kind: ItemKind, actor: &mut Actor) {
        self.edit_naming(&[], dice, kind, actor);
    }

    /// Attaches a file to something here.
    pub fn attach(&mut self, files: &mut Shelf, dice: &mut Dice, actor: &mut Actor) {
        let named = files.attach(dice);
        self.edit_naming(&named, dice, ItemKind::Intake, actor);
    }

    fn edit_naming(&mut self, named: &[u8], dice: &mut Dice, kind: ItemKind, actor: &mut Actor) {
        let known = self.complaints();
        let complaint = if known.is_empty() || kind == ItemKind::Intake && dice.below(3) == 0 {
            ComplaintId::new(UnixMillis(1_774_000_000_000), dice.bytes())
        } else {
            known[dice.below(known.len())]
        };
        if kind == ItemKind::Intake {
            self.append(&Item::incarnation(Incarnation(actor.incarnation)), 0);
        }
        let item = if named.is_empty() && kind == ItemKind::Intake && dice.below(8) == 0 {
            // As every record begins: another beginning is a husk.
            let record = [b"{", dice.bytes::<60>().as_slice()].concat();
            Item::new(ItemKind::Reporter, Some(complaint), record).unwrap()
        } else {
            let dependencies = self.heads(complaint, kind);
            // Some changes do not shrink, so that some exchanges take several frames.
            let length = match dice.below(24) {
                0..4 => 7_000,
                // And some do not fit into a frame.
                4 => 20_000 + dice.below(10_000),
                _ => 40,
            };
            actor.sequence += 1;
            let mut rest = actor.incarnation.to_vec();
            rest.extend(actor.sequence.to_le_bytes());
            rest.extend_from_slice(named);
            rest.extend((0..length).map(|_| (dice.next() & 0xff) as u8));
            Item::new(kind, Some(complaint), change(&dependencies, &rest)).unwrap()
        };
        self.append(&item, 0);
    }
}

/// Who writes changes: one run of a program, and how many it has written.
#[derive(Clone)]
pub struct Actor {
    pub incarnation: [u8; 16],
    pub sequence: u64,
}

impl Actor {
    pub fn new(dice: &mut Dice) -> Self {
        Self {
            incarnation: dice.bytes(),
            sequence: 0,
        }
    }
}

/// The document, the actor and the sequence number of a change: of one that [`Log::edit`] wrote, or of a real one.
pub type Authorship = (Option<ComplaintId>, ItemKind, Vec<u8>, u64);

pub fn authorship(item: &Item, real: bool) -> Option<Authorship> {
    let body = item.kind().is_change().then(|| item.body())?;
    // Magic, checksum, type, length; then the dependencies and their number.
    let mut reader = varint::Reader::new(&body[9..]);
    reader.varint().unwrap();
    reader.bytes(1 + 32 * item.dependencies().len()).unwrap();
    let (actor, sequence) = if real {
        let length = usize::from(reader.u8().unwrap());
        (reader.bytes(length).unwrap(), reader.varint().unwrap())
    } else {
        (reader.bytes(16).unwrap(), u64::from_le_bytes(reader.array().unwrap()))
    };
    // The simulation's own changes are numbered through; automerge numbers those of each document.
    let complaint = item.complaint().filter(|_| real);
    Some((complaint, item.kind(), actor.to_vec(), sequence))
}

/// A change chunk with content that nobody opens.
pub fn change(dependencies: &[ItemHash], rest: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    varint::put(&mut data, dependencies.len() as u64);
    for hash in dependencies {
        data.extend_from_slice(&hash.0);
    }
    data.extend_from_slice(rest);
    let mut hashed = vec![1];
    varint::put(&mut hashed, data.len() as u64);
    hashed.extend_from_slice(&data);
    let hash = Sha256::digest(&hashed);
    [&[0x85, 0x6f, 0x4a, 0x83][..], &hash[..4], &hashed].concat()
}

/// Stands in a change before the hash and length of an attachment.
const ATTACHED: &[u8] = b"titian attached";

/// What lies beside a log: attachments whole and in part, and the large items that are on their way.
#[derive(Clone, Default)]
pub struct Shelf {
    whole: BTreeMap<ItemHash, Vec<u8>>,
    parts: BTreeMap<ItemHash, Vec<u8>>,
    /// By who brings it.
    partials: BTreeMap<u64, Partial>,
}

impl Shelf {
    /// Attaches a file here, and gives what the change that says so has in it.
    pub fn attach(&mut self, dice: &mut Dice) -> Vec<u8> {
        let length = 1 + dice.below(60_000);
        let bytes: Vec<u8> = (0..length).map(|_| (dice.next() & 0xff) as u8).collect();
        let hash = ItemHash(*blake3::hash(&bytes).as_bytes());
        let named = [ATTACHED, &hash.0, &(bytes.len() as u64).to_le_bytes()].concat();
        self.whole.insert(hash, bytes);
        named
    }

    pub fn wants(&self, log: &Log, from: u64) -> Vec<Want> {
        let partial = self.partials.get(&from).map(Partial::want);
        let lacks = log
            .attachments()
            .into_iter()
            .filter(|(hash, _)| !self.whole.contains_key(hash));
        let want = |(hash, _)| Want {
            of: Whole::Attachment,
            hash,
            offset: self.parts.get(&hash).map_or(0, |part| part.len() as u64),
        };
        partial.into_iter().chain(lacks.map(want)).take(6).collect()
    }

    pub fn read(&self, want: &Want) -> Option<Blob> {
        let whole = self.whole.get(&want.hash)?;
        let rest = whole.get(usize::try_from(want.offset).unwrap()..)?;
        Some(Blob {
            total: whole.len() as u64,
            bytes: rest[..rest.len().min(9_000)].to_vec(),
        })
    }

    pub fn partial(&self, from: u64) -> Option<Partial> {
        self.partials.get(&from).cloned()
    }

    pub fn drop_partial(&mut self, from: u64) {
        self.partials.remove(&from);
    }

    pub fn holds(&self, hash: &ItemHash) -> bool {
        self.whole.contains_key(hash)
    }

    /// Keeps a piece where it belongs.
    pub fn put(&mut self, log: &Log, from: u64, piece: &Piece) {
        if piece.of == Whole::Item {
            if piece.offset == 0 {
                let (hash, bytes) = (piece.hash, Vec::new());
                self.partials.insert(from, Partial { hash, bytes });
            }
            let kept = self.partials.get_mut(&from).filter(|kept| kept.hash == piece.hash);
            if let Some(kept) = kept.filter(|kept| kept.bytes.len() as u64 == piece.offset) {
                kept.bytes.extend_from_slice(&piece.bytes);
            }
            return;
        }
        let is_named = log.attachments().contains(&(piece.hash, piece.total));
        let part = self.parts.entry(piece.hash).or_default();
        if !is_named || part.len() as u64 != piece.offset || self.whole.contains_key(&piece.hash) {
            return;
        }
        part.extend_from_slice(&piece.bytes);
        if part.len() as u64 == piece.total {
            let whole = self.parts.remove(&piece.hash).unwrap();
            if blake3::hash(&whole).as_bytes() == &piece.hash.0 {
                self.whole.insert(piece.hash, whole);
            }
        }
    }
}

/// From whom a gateway gets what it gets.
pub const HUB: u64 = 1;

/// A gateway: what is in its file, beside it, and in its memory.
#[derive(Clone)]
pub struct Gateway {
    pub office: usize,
    pub key: SigningKey,
    pub log: Log,
    pub shelf: Shelf,
    pub state: ReplicaState,
    /// The hub said that a copy of this was there.
    pub copied: bool,
    /// The lease as the sidecar keeps it: written after each save, and not brought back by a backup of the file.
    pub sidecar: LeaseHeld,
    /// This run of the program.
    pub actor: Actor,
    /// Whether its identity may be alive twice: it was copied, or brought back together with its sidecar.
    pub doubtful: bool,
    /// How far the hub's log was ever held.
    pub reach: Reach,
    /// The hub's time when it was last heard of.
    pub heard: Option<UnixMillis>,
    /// The keys of the hub that it trusts.
    pub trusted: TrustedKeys,
}

impl Gateway {
    pub fn save(&mut self, facts: &[SaveFact]) {
        let cursor = self.state.cursor;
        for fact in facts {
            match fact {
                SaveFact::Items { items, .. } => items.iter().for_each(|item| self.log.append(item, HUB)),
                SaveFact::Piece(piece) => self.shelf.put(&self.log, HUB, piece),
                SaveFact::PartialDropped => self.shelf.drop_partial(HUB),
                SaveFact::HubKeys(trusted) => self.trusted = **trusted,
                SaveFact::Answered { hub_time, .. } => self.heard = self.heard.max(Some(*hub_time)),
                _ => {}
            }
            self.copied |= matches!(fact, SaveFact::Copied);
            self.state.apply(fact);
        }
        self.reach.moved(cursor, self.state.cursor);
        self.sidecar = self.state.lease;
    }

    /// What the program does at a start: a fresh incarnation, and a look at the sidecar.
    pub fn start(&mut self, dice: &mut Dice, fault: Option<Fault>) {
        if fault == Some(Fault::ActorReused) {
            // Goes on from what the file says that it wrote last.
            let written = self.log.entries.iter().filter_map(|(item, ..)| authorship(item, false));
            let ours = written.filter(|(_, _, actor, _)| *actor == self.actor.incarnation);
            self.actor.sequence = ours.map(|(.., sequence)| sequence).max().unwrap_or(0);
        } else {
            self.actor = Actor::new(dice);
        }
        if self.sidecar != self.state.lease {
            self.state.lease = self.sidecar;
            self.state.repair = Repair::DUE;
        }
    }

    pub fn has_unsent(&self) -> bool {
        !self
            .log
            .range(self.state.acked.position, u64::MAX, |origin| origin == 0)
            .is_empty()
    }
}

/// The hub: what is in its file, its keys among it.
#[derive(Clone)]
pub struct Hub {
    pub keys: HubKeys,
    pub offices: Vec<Log>,
    pub shelves: Vec<Shelf>,
    pub devices: BTreeMap<u64, (usize, DeviceRow)>,
    pub fault: Option<Fault>,
    /// Its clock, right or wrong.
    pub now: UnixMillis,
    pub actor: Actor,
    /// What gateways said in their last bundles.
    pub told: BTreeMap<u64, Told>,
    /// How far their logs were ever held.
    pub reach: BTreeMap<u64, Reach>,
}

impl Hub {
    /// Enrols a device; gives its number.
    pub fn enrol(&mut self, office: usize, key: &SigningKey) -> u64 {
        let number = self.devices.keys().last().map_or(1, |last| last + 1);
        let row = DeviceRow {
            key: key.verifying_key(),
            revoked: false,
            counter: 0,
            acked: Cursor::START,
            lease: LeaseSeen::default(),
            hub: Some(self.keys.present().verifying_key()),
        };
        self.devices.insert(number, (office, row));
        number
    }

    /// One transaction; `Err` if a condition does not hold, and then nothing is changed.
    pub fn save(&mut self, facts: &[HubFact]) -> Result<(), ()> {
        for fact in facts {
            match fact {
                HubFact::Counter { device, counter, lease } => {
                    let row = &mut self.devices.get_mut(device).unwrap().1;
                    if row.counter >= *counter {
                        return Err(());
                    }
                    (row.counter, row.lease) = (*counter, *lease);
                }
                HubFact::Frame {
                    device,
                    items,
                    before,
                    acked,
                } => {
                    let (office, row) = self.devices.get_mut(device).unwrap();
                    if row.acked != *before {
                        return Err(());
                    }
                    self.reach.entry(*device).or_default().moved(row.acked, *acked);
                    row.acked = *acked;
                    let forgotten = usize::from(self.fault == Some(Fault::ItemForgotten));
                    for item in items.iter().skip(forgotten) {
                        self.offices[*office].append(item, *device);
                    }
                }
                HubFact::Piece { device, piece } => {
                    let office = self.devices[device].0;
                    self.shelves[office].put(&self.offices[office], *device, piece);
                }
                HubFact::PartialDropped { device } => self.shelves[self.devices[device].0].drop_partial(*device),
                HubFact::Bound { device, key } => self.devices.get_mut(device).unwrap().1.hub = Some(*key),
                HubFact::Exchanged { .. }
                | HubFact::Copied { .. }
                | HubFact::AuditEnd { .. }
                | HubFact::AuditTold { .. } => {}
            }
        }
        Ok(())
    }
}
