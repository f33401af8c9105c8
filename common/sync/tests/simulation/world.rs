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
use titian_sync::engine::{Held, LogEntry};
use titian_sync::item::{HashPrefix, Item, ItemHash, ItemKind};
use titian_sync::varint;

use crate::Fault;

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
        let entry = |(index, (item, origin, hash)): (usize, &(Item, u64, RunningHash))| {
            let position = index as u64 + 1;
            let cursor = Cursor { position, hash: *hash };
            (position > after && position <= until && wanted(*origin)).then(|| LogEntry {
                cursor,
                item: item.clone(),
            })
        };
        self.entries.iter().enumerate().filter_map(entry).take(7).collect()
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
    pub fn edit(&mut self, dice: &mut Dice, kind: ItemKind) {
        let known = self.complaints();
        let complaint = if known.is_empty() || kind == ItemKind::Intake && dice.below(3) == 0 {
            ComplaintId::new(UnixMillis(1_774_000_000_000), dice.bytes())
        } else {
            known[dice.below(known.len())]
        };
        let item = match dice.below(8) {
            0 if kind == ItemKind::Intake => Item::incarnation(Incarnation(dice.bytes())),
            1 if kind == ItemKind::Intake => {
                Item::new(ItemKind::Reporter, Some(complaint), dice.bytes::<60>().to_vec()).unwrap()
            }
            _ => {
                let dependencies = self.heads(complaint, kind);
                // Some changes do not shrink, so that some exchanges take several frames.
                let length = if dice.below(4) == 0 { 7_000 } else { 40 };
                let rest: Vec<u8> = (0..length).map(|_| (dice.next() & 0xff) as u8).collect();
                Item::new(kind, Some(complaint), change(&dependencies, &rest)).unwrap()
            }
        };
        self.append(&item, 0);
    }
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

/// A gateway: what is in its file, and its key.
#[derive(Clone)]
pub struct Gateway {
    pub office: usize,
    pub key: SigningKey,
    pub log: Log,
    pub state: ReplicaState,
}

impl Gateway {
    pub fn save(&mut self, facts: &[SaveFact]) {
        for fact in facts {
            if let SaveFact::Items { items, .. } = fact {
                // The hub brought it.
                for item in items {
                    self.log.append(item, 1);
                }
            }
            self.state.apply(fact);
        }
    }

    pub fn has_unsent(&self) -> bool {
        !self
            .log
            .range(self.state.acked.position, u64::MAX, |origin| origin == 0)
            .is_empty()
    }
}

/// The hub: what is in its file, and its key.
#[derive(Clone)]
pub struct Hub {
    pub key: SigningKey,
    pub offices: Vec<Log>,
    pub devices: BTreeMap<u64, (usize, DeviceRow)>,
    pub fault: Option<Fault>,
}

impl Hub {
    /// One transaction; `Err` if a condition does not hold, and then nothing is changed.
    pub fn save(&mut self, facts: &[HubFact]) -> Result<(), ()> {
        for fact in facts {
            match fact {
                HubFact::Counter { device, counter } => {
                    let row = &mut self.devices.get_mut(device).unwrap().1;
                    if row.counter >= *counter {
                        return Err(());
                    }
                    row.counter = *counter;
                }
                HubFact::Restarted { device } => self.devices.get_mut(device).unwrap().1.acked = Cursor::START,
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
                    row.acked = *acked;
                    let forgotten = usize::from(self.fault == Some(Fault::ItemForgotten));
                    for item in items.iter().skip(forgotten) {
                        self.offices[*office].append(item, *device);
                    }
                }
                HubFact::Exchanged { .. } => {}
            }
        }
        Ok(())
    }
}
