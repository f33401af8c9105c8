//! One Automerge document: registers and events at its root, one change per edit.
//!
//! Events stand at the root under their ULID (26 capitals and digits), registers under their lower-case names. No
//! nested map has to be created first, so two replicas that start one document at once cannot conflict on it.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{ActorId, AutoCommit, ChangeHash, ROOT, ReadDoc as _, ScalarValue};

use crate::casefile::Writing;
use crate::id::{EventId, Incarnation, ReporterHash};
use crate::particulars::{Field, Value};
use crate::time::UnixMillis;

/// Length of an event's key: a ULID.
pub(crate) const EVENT_KEY_LEN: usize = 26;
/// All fields at once, the number, the version and an event are twenty; some room for fields to come.
pub(crate) const OPERATIONS_MAX: usize = 64;

/// Who writes, when, and under which identities; all of it comes from the shell.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The writer's clock.
    pub at: UnixMillis,
    /// Whether that clock is known to be right.
    pub trusted: bool,
    /// The staff member.
    pub staff: String,
    /// A fresh identity for the event that this edit may append.
    pub event: EventId,
    /// The running program.
    pub incarnation: Incarnation,
}

/// One edit, as the log keeps it and the wire carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Automerge's own hash of it.
    pub hash: [u8; 32],
    /// The raw (uncompressed) change chunk.
    pub bytes: Vec<u8>,
}

/// Says why bytes are no usable change. Never repeats a byte of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadChange {
    /// Not a change chunk, or one that contradicts itself.
    #[error("these bytes are not an Automerge change")]
    Unreadable,
    /// Automerge panicked on it.
    #[error("the Automerge library cannot process this change")]
    Unprocessable,
    /// It does not fit the changes that are there, such as a second change with one sequence number.
    #[error("this change contradicts one that is already here")]
    Contradicts,
    /// It writes something else than plain values at the root, or more of them than any of ours.
    #[error("this change writes something that belongs to no case file")]
    Foreign,
}

/// What can be told of a change without merging it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFacts {
    /// Automerge's hash of it.
    pub hash: [u8; 32],
    /// The program that wrote it.
    pub incarnation: Incarnation,
    /// The changes that it builds on.
    pub dependencies: Vec<[u8; 32]>,
}

/// The state of a document that somebody looked at: what an edit is based on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads(Vec<ChangeHash>);

/// One of several values of a register that were written without knowledge of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// What was written.
    pub value: Value,
    /// Who wrote it.
    pub staff: String,
    /// When, by that machine's clock, to the second.
    pub at: UnixMillis,
}

/// Reads what a change says of itself.
pub fn inspect(bytes: &[u8]) -> Result<ChangeFacts, BadChange> {
    let change = read(bytes)?;
    let actor = change.actor_id().to_bytes();
    // Automerge writes edits that are based on an older state under a prefixed form of the actor.
    let start = actor.len().checked_sub(16).ok_or(BadChange::Unreadable)?;
    let incarnation = Incarnation(actor[start..].try_into().map_err(|_| BadChange::Unreadable)?);
    let dependencies = change.deps().iter().map(|hash| hash.0).collect();
    Ok(ChangeFacts {
        hash: change.hash().0,
        incarnation,
        dependencies,
    })
}

/// Tells when a change was written, by the clock of who wrote it, to the second; `None` of bytes that are no change.
pub fn written_at(bytes: &[u8]) -> Option<UnixMillis> {
    let seconds = parse(bytes).ok()?.timestamp();
    Some(UnixMillis(seconds.saturating_mul(1000)))
}

/// Only type 1 is a plain change: other chunks can unfold without limit or hang the reader.
const CHANGE_CHUNK_TYPE: u8 = 1;
/// Magic (4), checksum (4): the chunk type stands behind them.
const CHUNK_TYPE_OFFSET: usize = 8;

/// Reads a change, whatever it writes.
pub(crate) fn read(bytes: &[u8]) -> Result<automerge::Change, BadChange> {
    if bytes.get(CHUNK_TYPE_OFFSET) != Some(&CHANGE_CHUNK_TYPE) {
        return Err(BadChange::Unreadable);
    }
    guarded(|| automerge::Change::from_bytes(bytes.to_vec()).map_err(|_| BadChange::Unreadable))
}

/// Lists what a change writes.
pub(crate) fn operations(change: &automerge::Change) -> Result<Vec<Op>, BadChange> {
    if change.len() > OPERATIONS_MAX {
        return Err(BadChange::Foreign);
    }
    guarded(|| Ok(change.decode().operations))
}

/// Gives key and value where an operation puts a plain value at the root, or takes one away (no value): the only kinds
/// that a case file has. Automerge settles a conflict for the value that shows by taking the others away.
pub(crate) fn plain(operation: &Op) -> Option<(&str, Option<&ScalarValue>)> {
    match (&operation.obj, &operation.key, &operation.action, operation.insert) {
        (ObjectId::Root, Key::Map(key), OpType::Put(value), false) => Some((key.as_str(), Some(value))),
        (ObjectId::Root, Key::Map(key), OpType::Delete, false) => Some((key.as_str(), None)),
        _ => None,
    }
}

/// Reads a change that may be merged: automerge overflows the stack on maps in maps, which nothing can catch, so they
/// are kept from it on every machine.
fn parse(bytes: &[u8]) -> Result<automerge::Change, BadChange> {
    let change = read(bytes)?;
    if operations(&change)?.iter().all(|operation| plain(operation).is_some()) {
        Ok(change)
    } else {
        Err(BadChange::Foreign)
    }
}

/// Turns a panic of the library into an error: its input came from a peer or from a disk.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, BadChange>) -> Result<T, BadChange> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(BadChange::Unprocessable))
}

/// An Automerge document as titian uses it.
#[derive(Clone)]
pub(crate) struct Document(AutoCommit);

impl Document {
    pub(crate) fn empty() -> Self {
        Self(AutoCommit::new())
    }

    /// Builds a document from its changes, in any order; those that cannot be merged are left out and listed by index.
    pub(crate) fn load<'a>(changes: impl IntoIterator<Item = &'a [u8]>) -> (Self, Vec<(usize, BadChange)>) {
        let mut bad = Vec::new();
        let mut good = Vec::new();
        for (index, bytes) in changes.into_iter().enumerate() {
            match parse(bytes) {
                Ok(change) => good.push((index, change)),
                Err(reason) => bad.push((index, reason)),
            }
        }
        let all = good.iter().map(|(_, change)| change.clone()).collect();
        if let Ok(document) = Self::empty().with(all) {
            return (document, bad);
        }
        // One of them spoils the batch: find it by merging one at a time.
        let mut document = Self::empty();
        for (index, change) in good {
            match document.clone().with(vec![change]) {
                Ok(merged) => document = merged,
                Err(reason) => bad.push((index, reason)),
            }
        }
        (document, bad)
    }

    fn with(mut self, changes: Vec<automerge::Change>) -> Result<Self, BadChange> {
        guarded(move || {
            self.0.apply_changes(changes).map_err(|_| BadChange::Contradicts)?;
            Ok(self)
        })
    }

    /// Writes registers and events in one change, based on what the writer looked at.
    pub(crate) fn write(&mut self, base: Option<&Heads>, by: &Stamp, puts: Vec<(String, ScalarValue)>) -> Change {
        self.0.set_actor(ActorId::from(by.incarnation.0));
        let stale = base.filter(|base| **base != self.heads());
        if let Some(base) = stale {
            self.0.isolate(&base.0);
        }
        for (key, value) in puts {
            self.0.put(ROOT, key, value).expect("the root map takes any scalar");
        }
        // Automerge counts seconds.
        let options = CommitOptions::default()
            .with_message(by.staff.clone())
            .with_time(by.at.0.div_euclid(1000));
        let hash = self.0.commit_with(options).expect("a put makes a change");
        let change = self.0.get_change_by_hash(&hash).expect("the change was just written");
        if stale.is_some() {
            self.0.integrate();
        }
        Change {
            hash: change.hash().0,
            bytes: change.raw_bytes().to_vec(),
        }
    }

    pub(crate) fn heads(&mut self) -> Heads {
        let mut heads = self.0.get_heads();
        heads.sort_unstable();
        Heads(heads)
    }

    /// Gives the document as it was at some heads; `None` if it does not hold them.
    pub(crate) fn at(&self, heads: &Heads) -> Option<Self> {
        self.0.clone().fork_at(&heads.0).ok().map(Self)
    }

    /// Counts the changes that others build on and that are not here.
    pub(crate) fn missing_dependencies(&self) -> Vec<[u8; 32]> {
        self.0.get_missing_deps(&[]).into_iter().map(|hash| hash.0).collect()
    }

    /// Tells whether the document can be saved, and is the same when it was loaded again.
    pub(crate) fn reloads(&mut self) -> bool {
        let again = || {
            let heads = self.heads();
            let mut loaded = AutoCommit::load(&self.0.save())
                .map(Self)
                .map_err(|_| BadChange::Unreadable)?;
            let same = |key: &String| self.0.get_all(ROOT, key).ok() == loaded.0.get_all(ROOT, key).ok();
            let keys: Vec<_> = self.0.keys(ROOT).collect();
            let equal = keys.iter().all(same) && loaded.0.keys(ROOT).eq(keys);
            Ok(equal && loaded.heads() == heads)
        };
        guarded(again).unwrap_or(false)
    }

    /// Lists the keys that are no field's: those of the events.
    pub(crate) fn event_keys(&self) -> BTreeSet<String> {
        let keys = self.0.keys(ROOT);
        keys.filter(|key| key.len() == EVENT_KEY_LEN).collect()
    }

    /// Reads the winning value of a register.
    pub(crate) fn value(&self, key: &str) -> Option<Value> {
        let (value, _) = self.0.get(ROOT, key).ok()??;
        to_value(&value)
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        match self.value(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Lists the values of a register that stand against each other; empty where there is no conflict.
    pub(crate) fn contenders(&self, key: &str) -> Vec<Contender> {
        let all = self.0.get_all(ROOT, key).unwrap_or_default();
        if all.len() < 2 {
            return Vec::new();
        }
        let contender = |(value, op): (automerge::Value<'_>, automerge::ObjId)| {
            let hash = self.0.hash_for_opid(&op);
            let document = self.0.clone();
            let change = hash.and_then(|hash| document.get_change_by_hash(&hash));
            Some(Contender {
                value: to_value(&value)?,
                staff: change
                    .as_ref()
                    .and_then(|change| change.message().map(str::to_owned))
                    .unwrap_or_default(),
                at: UnixMillis(change.map_or(0, |change| change.timestamp().saturating_mul(1000))),
            })
        };
        let contenders: Vec<_> = all.into_iter().filter_map(contender).collect();
        // Two people who wrote the same do not contradict each other.
        let same = contenders.windows(2).all(|pair| pair[0].value == pair[1].value);
        if same { Vec::new() } else { contenders }
    }

    /// Lists what each change wrote into fields, each after what it builds on.
    pub(crate) fn writings(&self) -> Vec<Writing> {
        let mut document = self.0.clone();
        let writing = |change: automerge::Change| {
            let operations = operations(&change).ok()?;
            let value = |operation: &Op| {
                let (key, value) = plain(operation)?;
                let field = key.parse::<Field>().ok()?;
                Some((field, scalar(value?)?))
            };
            Some(Writing {
                staff: change.message().map(str::to_owned).unwrap_or_default(),
                at: UnixMillis(change.timestamp().saturating_mul(1000)),
                values: operations.iter().filter_map(value).collect(),
            })
        };
        let written = document.get_changes(&[]).into_iter().filter_map(writing);
        written.filter(|writing| !writing.values.is_empty()).collect()
    }

    /// Lists the events: every text under a ULID.
    pub(crate) fn events(&self) -> Vec<(EventId, String)> {
        let event = |key: String| {
            let id: EventId = (key.len() == EVENT_KEY_LEN).then(|| key.parse().ok())??;
            Some((id, self.text(&key)?))
        };
        self.0.keys(ROOT).filter_map(event).collect()
    }
}

fn to_value(value: &automerge::Value<'_>) -> Option<Value> {
    scalar(value.as_scalar()?)
}

fn scalar(value: &ScalarValue) -> Option<Value> {
    match value {
        ScalarValue::Str(text) => Some(Value::Text(text.to_string())),
        ScalarValue::Boolean(flag) => Some(Value::Flag(*flag)),
        ScalarValue::Int(millis) => Some(Value::Instant(UnixMillis(*millis))),
        ScalarValue::Bytes(bytes) => Some(Value::Reporter(ReporterHash(bytes.as_slice().try_into().ok()?))),
        _ => None,
    }
}

impl From<Value> for ScalarValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Str(text.into()),
            Value::Flag(flag) => Self::Boolean(flag),
            Value::Instant(at) => Self::Int(at.0),
            Value::Reporter(hash) => Self::Bytes(hash.0.to_vec()),
        }
    }
}

impl fmt::Display for Heads {
    /// Writes the heads as a page carries them in a hidden field: hashes with dots between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, head) in self.0.iter().enumerate() {
            write!(f, "{}{head}", if index == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl FromStr for Heads {
    type Err = BadChange;

    fn from_str(text: &str) -> Result<Self, BadChange> {
        let parse = |hash: &str| hash.parse::<ChangeHash>().map_err(|_| BadChange::Unreadable);
        let mut heads: Vec<_> = text
            .split('.')
            .filter(|hash| !hash.is_empty())
            .map(parse)
            .collect::<Result<_, _>>()?;
        heads.sort_unstable();
        Ok(Self(heads))
    }
}

#[cfg(test)]
mod tests;
