//! Items as they lie in a frame, before compression: what the receiver knows already is not sent.
//!
//! A change loses its magic, checksum and length, and its 32-byte dependencies become a distance back in this stream
//! or the front of a hash that the receiver holds. It takes its complaint from its first dependency, or from the item
//! before it; and where it names the reporter record that passed before it, that becomes a distance back too.

use std::collections::{BTreeMap, VecDeque};

use titian_domain::id::ComplaintId;

use crate::chunk;
use crate::item::{BadItem, HASH_PREFIX_BYTES, HashPrefix, ITEM_BYTES_MAX, Item, ItemHash, ItemKind};
use crate::proof::Proof;
use crate::varint::{self, Malformed, Reader};

/// How far back a dependency may point: 1,024 items are 50 KB of memory on either side.
const BACK_ITEMS_MAX: usize = 1024;

/// Low bits of an item's tag: its kind.
const KIND_MASK: u64 = 0x1f;
/// Tag bit: the complaint is that of the first dependency.
const IMPLIED_COMPLAINT: u64 = 0x20;
/// Tag bit: the complaint is that of the item before.
const SAME_COMPLAINT: u64 = 0x40;
/// Tag bit: the hash of a reporter record that passed is left out; where, and which, follows.
const LIFTED_HASH: u64 = 0x80;
/// All bits of a tag in this version.
const TAG_KNOWN: u64 = 0xff;

/// A reporter record is written together with the intake that names it.
const LIFT_ITEMS_MAX: usize = 4;

/// A dependency follows as its whole hash.
const DEPENDENCY_WHOLE: u64 = 0;
/// A dependency follows as the front of its hash.
const DEPENDENCY_PREFIX: u64 = 1;
/// Any larger number less this is a distance back: 1 is the item just before.
const DEPENDENCY_BACK: u64 = 1;

/// What a receiver holds under the front part of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing, or more than one item: the sender has to write hashes in full.
    Unclear,
    /// Exactly one.
    One {
        /// Its hash.
        hash: ItemHash,
        /// Its complaint.
        complaint: ComplaintId,
    },
}

/// What passed in this stream, so that later items can point back to it.
#[derive(Default)]
pub struct Passed {
    items: VecDeque<(ItemHash, Option<ComplaintId>)>,
}

impl Passed {
    /// Notes an item as passed.
    pub fn push(&mut self, item: &Item) {
        if self.items.len() == BACK_ITEMS_MAX {
            self.items.pop_front();
        }
        self.items.push_back((item.hash(), item.complaint()));
    }

    fn distance(&self, hash: ItemHash) -> Option<u64> {
        let index = self.items.iter().rev().position(|(passed, _)| *passed == hash)?;
        Some(index as u64 + 1)
    }

    fn last_complaint(&self) -> Option<ComplaintId> {
        self.items.back().and_then(|(_, complaint)| *complaint)
    }

    /// Finds the hash of one of the last items in some bytes: where, and how far back the item is.
    fn lift(&self, complaint: Option<ComplaintId>, bytes: &[u8]) -> Option<(usize, u64)> {
        let recent = (1..).zip(self.items.iter().rev()).take(LIFT_ITEMS_MAX);
        recent
            .filter(|(_, (_, theirs))| complaint.is_some() && *theirs == complaint)
            .find_map(|(back, (hash, _))| {
                let at = bytes.windows(hash.0.len()).position(|window| window == hash.0)?;
                Some((at, back))
            })
    }

    fn back(&self, distance: u64) -> Option<(ItemHash, Option<ComplaintId>)> {
        let distance = usize::try_from(distance).ok()?;
        self.items
            .len()
            .checked_sub(distance)
            .and_then(|index| self.items.get(index))
            .copied()
    }
}

/// Writes an item. `whole` writes hashes in full where the receiver may not hold what they refer to.
pub fn write(out: &mut Vec<u8>, item: &Item, passed: &Passed, whole: bool) {
    let kind = u64::from(item.kind().code());
    let same = item.complaint().is_some() && passed.last_complaint() == item.complaint();
    let parts = item.kind().is_change().then(|| chunk::parse(item.body())).flatten();
    let Some(parts) = parts else {
        varint::put(out, if same { kind | SAME_COMPLAINT } else { kind });
        put_complaint(out, item.complaint().filter(|_| !same));
        varint::put(out, item.body().len() as u64);
        out.extend_from_slice(item.body());
        return;
    };
    let first = parts.dependencies().next();
    let implied = first.is_some_and(|hash| match passed.distance(hash).and_then(|back| passed.back(back)) {
        Some((_, complaint)) => complaint == item.complaint(),
        None => !whole,
    });
    let lifted = passed.lift(item.complaint(), parts.rest);
    let flag = |on: bool, bit: u64| if on { bit } else { 0 };
    let subject = flag(implied, IMPLIED_COMPLAINT) | flag(same && !implied, SAME_COMPLAINT);
    varint::put(out, kind | subject | flag(lifted.is_some(), LIFTED_HASH));
    put_complaint(out, item.complaint().filter(|_| subject == 0));
    if item.kind() == ItemKind::Handling {
        out.extend_from_slice(&item.proof().0);
    }
    varint::put(out, parts.dependencies().len() as u64);
    parts
        .dependencies()
        .for_each(|hash| put_dependency(out, hash, passed, whole));
    let Some((at, back)) = lifted else {
        varint::put(out, parts.rest.len() as u64);
        out.extend_from_slice(parts.rest);
        return;
    };
    let (before, after) = (&parts.rest[..at], &parts.rest[at + 32..]);
    varint::put(out, at as u64);
    varint::put(out, back);
    varint::put(out, (before.len() + after.len()) as u64);
    out.extend_from_slice(before);
    out.extend_from_slice(after);
}

fn put_dependency(out: &mut Vec<u8>, hash: ItemHash, passed: &Passed, whole: bool) {
    match passed.distance(hash) {
        Some(back) => varint::put(out, DEPENDENCY_BACK + back),
        None if whole => {
            varint::put(out, DEPENDENCY_WHOLE);
            out.extend_from_slice(&hash.0);
        }
        None => {
            varint::put(out, DEPENDENCY_PREFIX);
            out.extend_from_slice(&hash.prefix().0);
        }
    }
}

/// Gives an item as a sample for [`crate::dictionary::train`].
pub fn sample(item: &Item) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, item, &Passed::default(), false);
    out
}

fn put_complaint(out: &mut Vec<u8>, complaint: Option<ComplaintId>) {
    if let Some(complaint) = complaint {
        out.extend_from_slice(&complaint.bytes());
    }
}

enum Dependency {
    Whole(ItemHash),
    Prefix(HashPrefix),
    Back(u64),
}

enum Subject {
    None,
    Named(ComplaintId),
    Implied,
    Same,
}

/// An item as it was read, with what it refers to not yet looked up. No `Debug`: it may hold somebody's identity.
pub struct Draft {
    kind: ItemKind,
    subject: Subject,
    proof: Proof,
    dependencies: Vec<Dependency>,
    /// Where a hash was left out of the rest, and how far back its item is.
    lifted: Option<(usize, u64)>,
    rest: Vec<u8>,
}

/// Says why the items of a frame cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// Not in the form of the protocol.
    #[error("a frame is malformed")]
    Malformed(#[source] Malformed),
    /// It refers to something that is not held here, or not clearly.
    #[error("a frame refers to an item that is not held here; it has to be sent with whole hashes")]
    Unresolved,
    /// One of its items is none.
    #[error("a frame holds something that is no item")]
    Item(#[source] BadItem),
    /// The compressed stream is broken.
    #[error("a frame does not unfold")]
    Compression,
}

impl Draft {
    /// Reads one item.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let tag = reader.varint()?;
        let kind = u8::try_from(tag & KIND_MASK)
            .ok()
            .and_then(ItemKind::from_code)
            .ok_or(Malformed::Unknown("item kind"))?;
        let has = |bit: u64| tag & bit != 0;
        let only_changes = has(IMPLIED_COMPLAINT) || has(LIFTED_HASH);
        let both = has(IMPLIED_COMPLAINT) && has(SAME_COMPLAINT);
        if tag & !TAG_KNOWN != 0 || both || only_changes && !kind.is_change() {
            return Err(Malformed::Unknown("item tag"));
        }
        let subject = match kind {
            ItemKind::Incarnation => Subject::None,
            _ if has(IMPLIED_COMPLAINT) => Subject::Implied,
            _ if has(SAME_COMPLAINT) => Subject::Same,
            _ => Subject::Named(ComplaintId::from_bytes(reader.array()?)),
        };
        let proof = match kind {
            ItemKind::Handling => Proof(reader.array()?),
            _ => Proof::NONE,
        };
        let mut dependencies = Vec::new();
        if kind.is_change() {
            for _ in 0..reader.limited(chunk::DEPENDENCIES_MAX, "dependencies")? {
                dependencies.push(match reader.varint()? {
                    DEPENDENCY_WHOLE => Dependency::Whole(ItemHash(reader.array()?)),
                    DEPENDENCY_PREFIX => Dependency::Prefix(HashPrefix(reader.array::<HASH_PREFIX_BYTES>()?)),
                    back => Dependency::Back(back - DEPENDENCY_BACK),
                });
            }
        }
        let mut lifted = None;
        if has(LIFTED_HASH) {
            lifted = Some((reader.limited(ITEM_BYTES_MAX, "item")?, reader.varint()?));
        }
        let length = reader.limited(ITEM_BYTES_MAX, "item")?;
        Ok(Self {
            kind,
            subject,
            proof,
            dependencies,
            lifted,
            rest: reader.bytes(length)?.to_vec(),
        })
    }

    /// Lists the front parts of hashes that have to be looked up.
    pub fn prefixes(&self) -> impl Iterator<Item = HashPrefix> {
        self.dependencies.iter().filter_map(|dependency| match dependency {
            Dependency::Prefix(prefix) => Some(*prefix),
            _ => None,
        })
    }

    /// Puts the item together. A wrong look-up gives an item with another hash: the frame's check shows it.
    pub fn finish(self, passed: &Passed, held: &BTreeMap<HashPrefix, Held>) -> Result<Item, BadFrame> {
        let mut hashes = Vec::with_capacity(self.dependencies.len());
        let mut first_complaint = None;
        for dependency in &self.dependencies {
            let (hash, complaint) = match dependency {
                Dependency::Whole(hash) => (*hash, None),
                Dependency::Prefix(prefix) => match held.get(prefix) {
                    Some(Held::One { hash, complaint }) => (*hash, Some(*complaint)),
                    _ => return Err(BadFrame::Unresolved),
                },
                Dependency::Back(distance) => passed.back(*distance).ok_or(BadFrame::Unresolved)?,
            };
            if hashes.is_empty() {
                first_complaint = complaint;
            }
            hashes.push(hash);
        }
        let complaint = match self.subject {
            Subject::None => None,
            Subject::Named(complaint) => Some(complaint),
            Subject::Implied => Some(first_complaint.ok_or(BadFrame::Unresolved)?),
            Subject::Same => Some(passed.last_complaint().ok_or(BadFrame::Unresolved)?),
        };
        let mut rest = self.rest;
        if let Some((at, back)) = self.lifted {
            let (hash, _) = passed.back(back).ok_or(BadFrame::Unresolved)?;
            let at = at.min(rest.len());
            rest.splice(at..at, hash.0);
        }
        let body = if self.kind.is_change() {
            chunk::build(&hashes, &rest)
        } else {
            rest
        };
        let item = Item::new(self.kind, complaint, body).map_err(BadFrame::Item)?;
        Ok(item.with_proof(self.proof))
    }
}
