//! Changes among others: causes present, counters in order, and the result proved.

use std::collections::{BTreeMap, BTreeSet};

use super::shape::{Shaped, shape};
use super::{Case, MISSING_NAMED_MAX, Reason, Verdict};
use crate::casefile::CaseFile;
use crate::document::{self, Document};
use crate::particulars::NARRATIVE_CHARS_MAX;

/// An intake with more changes than this is not one that people write: each of them is loaded with every change.
pub const CHANGES_MAX: usize = 4_096;
/// What an intake may weigh with all its history: both long texts rewritten some fifty times, two bytes a letter.
pub const DOCUMENT_BYTES_MAX: usize = 100 * 2 * NARRATIVE_CHARS_MAX;
/// How far the operations of a change may be numbered beyond what is here: edits that are not here yet count too.
const COUNTER_AHEAD_MAX: u64 = 10_000;

type Hash = [u8; 32];

/// What is known of the changes of a document that passed.
#[derive(Clone, Default)]
struct Known {
    hashes: BTreeSet<Hash>,
    /// Which change stands at a writer's place.
    places: BTreeSet<(Vec<u8>, u64)>,
    events: BTreeSet<String>,
    operations_max: u64,
    bytes: usize,
}

impl Known {
    fn add(&mut self, change: &automerge::Change, events: &[String]) {
        self.hashes.insert(change.hash().0);
        let actor = change.actor_id().to_bytes().to_vec();
        self.places.insert((actor, change.seq()));
        self.events.extend(events.iter().cloned());
        self.operations_max = self.operations_max.max(change.max_op());
        self.bytes += change.raw_bytes().len();
    }

    fn missing(&self, change: &automerge::Change) -> Vec<Hash> {
        let missing = change.deps().iter().map(|hash| hash.0);
        let missing = missing.filter(|hash| !self.hashes.contains(hash));
        missing.take(MISSING_NAMED_MAX).collect()
    }

    /// Tells whether a change whose dependencies are all here fits in between the others.
    fn check(&self, shaped: &Shaped) -> Result<(), Reason> {
        let Shaped { change, events, begins } = shaped;
        let first = self.hashes.is_empty();
        if *begins != first || change.deps().is_empty() != first {
            return Err(if first { Reason::NoComplaint } else { Reason::Register });
        }
        let actor = change.actor_id().to_bytes().to_vec();
        let follows = change.seq() == 1 || self.places.contains(&(actor.clone(), change.seq() - 1));
        if !follows || self.places.contains(&(actor, change.seq())) {
            return Err(Reason::Contradicts);
        }
        let start = change.start_op().get();
        if start > self.operations_max.saturating_add(COUNTER_AHEAD_MAX) {
            return Err(Reason::Counter);
        }
        if events.iter().any(|key| self.events.contains(key)) {
            return Err(Reason::Event);
        }
        let bytes = self.bytes + change.raw_bytes().len();
        if self.hashes.len() >= CHANGES_MAX || bytes > DOCUMENT_BYTES_MAX {
            return Err(Reason::TooLarge);
        }
        Ok(())
    }
}

pub(super) fn judge(case: Case<'_>) -> Vec<Verdict> {
    let mut known = Known::default();
    for bytes in case.held {
        // What passed before and cannot be read now was damaged on the disk: it is left out here as it is there.
        if let Ok(change) = document::read(bytes) {
            known.add(&change, &[]);
        }
    }
    known.events = Document::load(case.held.iter().copied()).0.event_keys();
    let mut verdicts: Vec<Option<Verdict>> = vec![None; case.new.len()];
    let mut pending = BTreeMap::new();
    for (index, bytes) in case.new.iter().enumerate() {
        match shape(case.office, bytes) {
            Ok(shaped) if known.hashes.contains(&shaped.change.hash().0) => verdicts[index] = Some(Verdict::Fits),
            Ok(shaped) => _ = pending.insert(index, shaped),
            Err(reason) => verdicts[index] = Some(Verdict::Refused(reason)),
        }
    }
    // All that fit at once, proved once; only where that fails, each by itself.
    let before = (known.clone(), verdicts.clone());
    let fitting = settle(&mut known, &pending, &mut verdicts, |_, _| Ok(()));
    if prove(&case, &fitting).is_err() {
        (known, verdicts) = before;
        settle(&mut known, &pending, &mut verdicts, |fitting, index| {
            let with: Vec<_> = fitting.iter().copied().chain([index]).collect();
            prove(&case, &with)
        });
    }
    let waits = |index: usize| {
        let missing = pending.get(&index).map(|shaped| known.missing(&shaped.change));
        Verdict::Waits(missing.unwrap_or_default())
    };
    let verdicts = verdicts.into_iter().enumerate();
    verdicts
        .map(|(index, verdict)| verdict.unwrap_or_else(|| waits(index)))
        .collect()
}

/// Takes changes whose dependencies are here, until there are no more; gives those that fit, in the order in which
/// they were taken. What waits gets no verdict.
fn settle(
    known: &mut Known,
    pending: &BTreeMap<usize, Shaped>,
    verdicts: &mut [Option<Verdict>],
    proof: impl Fn(&[usize], usize) -> Result<(), Reason>,
) -> Vec<usize> {
    let mut fitting = Vec::new();
    loop {
        let mut progress = false;
        for (&index, shaped) in pending {
            if verdicts[index].is_some() || !known.missing(&shaped.change).is_empty() {
                continue;
            }
            progress = true;
            let twice = known.hashes.contains(&shaped.change.hash().0);
            let checked = if twice {
                Ok(())
            } else {
                known.check(shaped).and_then(|()| proof(&fitting, index))
            };
            verdicts[index] = Some(match checked {
                Ok(()) => Verdict::Fits,
                Err(reason) => Verdict::Refused(reason),
            });
            if checked.is_ok() && !twice {
                known.add(&shaped.change, &shaped.events);
                fitting.push(index);
            }
        }
        if !progress {
            return fitting;
        }
    }
}

/// Proves that the case file loads with these changes exactly as the serving process will load it, that it can be
/// saved and loaded again, and that it reads as a complaint.
fn prove(case: &Case<'_>, fitting: &[usize]) -> Result<(), Reason> {
    if fitting.is_empty() {
        return Ok(());
    }
    let new: BTreeSet<_> = fitting.iter().copied().collect();
    let all = || {
        let held = case.held.iter().copied();
        held.chain(new.iter().map(|&index| case.new[index]))
    };
    let (mut document, bad) = Document::load(all());
    if let Some((_, reason)) = bad.into_iter().find(|(index, _)| *index >= case.held.len()) {
        return Err(reason.into());
    }
    if !document.missing_dependencies().is_empty() || !document.reloads() {
        return Err(Reason::NotReloadable);
    }
    document::guarded(|| {
        let file = CaseFile::load(case.complaint, all(), []);
        Ok(file.complaint().map(|complaint| complaint.milestones()))
    })
    .map_err(Reason::from)?
    .map(|_| ())
    .ok_or(Reason::NoComplaint)
}
