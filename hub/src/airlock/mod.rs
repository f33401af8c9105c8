//! The airlock: a child process judges what gateways bring before the serving process opens a byte of it.
//!
//! One child serves all offices. Whoever wants something judged waits for a turn, first come, first served; an office
//! has at most one request in that queue, and a turn ends after [`TURN_MILLIS_MAX`], so that a page that kills the
//! child again and again delays the honest ones by one turn, not by all of its changes.

pub mod child;
mod message;
mod process;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use titian_domain::airlock::{Reason, Verdict};
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_host::clock::Stopwatch;
use tokio::sync::{Mutex as TurnMutex, MutexGuard, OwnedMutexGuard};

pub use self::process::COMMAND;
use self::process::{Answer, Examiner};

/// How long one page may keep the child before the next office has its turn: hundreds of honest pages.
const TURN_MILLIS_MAX: u64 = 2_000;
/// How often the child may die of one page. Each death costs up to [`child::CPU_SECONDS_MAX`]; what is left of the
/// page is put aside without a look, and can be judged later at somebody's wish.
const DEATHS_MAX: usize = 8;

/// One complaint's intake as it stands, and what is to be judged. Bytes only: nothing of it was opened yet.
pub struct Docket {
    /// The complaint.
    pub complaint: ComplaintId,
    /// The changes in the log, in its order.
    pub held: Vec<Vec<u8>>,
    /// The changes to judge.
    pub new: Vec<Vec<u8>>,
}

/// Why nothing was judged. Nothing was taken either: the gateway comes again.
#[derive(Debug, thiserror::Error)]
pub enum AirlockError {
    /// The child could not be started.
    #[error("the examining process could not be started")]
    Start(#[source] std::io::Error),
    /// The machine was too busy for the child to come to an end.
    #[error("the examining process was not done in {} seconds", process::WALL_MILLIS_MAX / 1000)]
    Overloaded,
}

/// The hub's airlock. Clones share the child and the queue.
#[derive(Clone)]
pub struct Airlock {
    inner: Arc<Inner>,
}

struct Inner {
    /// Tokio's mutex is fair: who asked first has the next turn.
    examiner: TurnMutex<Examiner>,
    /// One page of an office at a time, from reading what is held to the commit.
    offices: Mutex<BTreeMap<OfficeCode, Arc<TurnMutex<()>>>>,
}

/// The right to work on an office's intakes: held from reading to the commit.
pub struct OfficeTurn {
    _guard: OwnedMutexGuard<()>,
}

impl Airlock {
    /// Makes an airlock whose child starts when it is first needed.
    pub fn new() -> Self {
        Self::with(Examiner::process())
    }

    /// Judges in this process, for tests of what comes behind: they have no program to start.
    #[cfg(test)]
    pub fn in_this_process() -> Self {
        Self::with(Examiner::Here)
    }

    fn with(examiner: Examiner) -> Self {
        Self {
            inner: Arc::new(Inner {
                examiner: TurnMutex::new(examiner),
                offices: Mutex::default(),
            }),
        }
    }

    /// Waits until nobody else works on an office's intakes.
    pub async fn office(&self, office: &OfficeCode) -> OfficeTurn {
        let lock = {
            let mut offices = self.inner.offices.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(offices.entry(office.clone()).or_default())
        };
        OfficeTurn {
            _guard: lock.lock_owned().await,
        }
    }

    /// Begins a page; its dockets are judged one after the other.
    pub fn page(&self, office: OfficeCode) -> Page<'_> {
        Page {
            queue: &self.inner.examiner,
            turn: None,
            office,
            deaths: 0,
        }
    }
}

/// A page that is being judged.
pub struct Page<'a> {
    queue: &'a TurnMutex<Examiner>,
    /// The turn that it has, and how long it has it.
    turn: Option<(MutexGuard<'a, Examiner>, Stopwatch)>,
    office: OfficeCode,
    deaths: usize,
}

impl Page<'_> {
    /// Judges one docket; gives a verdict for each new change.
    pub async fn judge(&mut self, docket: Docket) -> Result<Vec<Verdict>, AirlockError> {
        match self.ask(&docket).await? {
            Some(verdicts) => Ok(verdicts),
            // One of them killed the child.
            None => self.judge_one_by_one(docket).await,
        }
    }

    /// Judges each by itself; those that fit join what is held. What waits for one that comes later in the page has
    /// another try, as long as that helps.
    async fn judge_one_by_one(&mut self, mut docket: Docket) -> Result<Vec<Verdict>, AirlockError> {
        let new = std::mem::take(&mut docket.new);
        let mut verdicts = vec![Verdict::Refused(Reason::Deadly); new.len()];
        let mut open: Vec<usize> = if new.len() > 1 {
            (0..new.len()).collect()
        } else {
            Vec::new()
        };
        while !open.is_empty() {
            let before = open.len();
            let mut waiting = Vec::new();
            for index in open {
                docket.new = vec![new[index].clone()];
                if let Some(verdict) = self.ask(&docket).await?.and_then(|mut only| only.pop()) {
                    match verdict {
                        Verdict::Fits => docket.held.push(new[index].clone()),
                        Verdict::Waits(_) => waiting.push(index),
                        Verdict::Refused(_) => {}
                    }
                    verdicts[index] = verdict;
                }
            }
            if waiting.len() == before {
                break;
            }
            open = waiting;
        }
        Ok(verdicts)
    }

    /// Asks the child; `None` if it died of the question.
    async fn ask(&mut self, docket: &Docket) -> Result<Option<Vec<Verdict>>, AirlockError> {
        if self.deaths >= DEATHS_MAX {
            return Ok(Some(vec![Verdict::Refused(Reason::Unexamined); docket.new.len()]));
        }
        let turn = match self.turn.take() {
            Some(turn) if turn.1.millis() <= TURN_MILLIS_MAX => turn,
            // Let go before it is asked for again: whoever waits comes first.
            late => {
                drop(late);
                (self.queue.lock().await, Stopwatch::start())
            }
        };
        let examiner = &mut self.turn.insert(turn).0;
        match examiner.ask(&self.office, docket).await? {
            Answer::Verdicts(verdicts) => Ok(Some(verdicts)),
            Answer::Died => {
                self.deaths += 1;
                tracing::warn!(
                    office.code = %self.office,
                    complaint.id = %docket.complaint,
                    changes = docket.new.len(),
                    "the examining process ended over changes of this complaint"
                );
                Ok(None)
            }
        }
    }
}
