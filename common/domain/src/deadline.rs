//! Deadlines of the procedure's five steps, and why each is what it is.
//!
//! Days are counted from the day after a step begins; a day counts if it is worked (or every day, by setting) and the
//! complainant was at no moment of it the one to act. A step is due at the end of its last counted day. Nothing here
//! reads a clock: what "now" means is asked only by [`state`].

use serde::Serialize;

use crate::calendar::Calendar;
use crate::lang::Lang;
use crate::time::UnixMillis;

mod count;
mod explanation;
mod procedure;
mod words;

pub use count::{DAYS_SCANNED_MAX, Stretch, Why};
pub use explanation::{Beginning, Explanation, Outcome};
pub use procedure::{DayCount, LIMIT_DAYS_MAX, Procedure, ProcedureError, Step, StepRule};
pub use words::{date_words, instant_words};

/// A step that is due within this is "due soon": as steps are due at the end of a day, on that day.
const DUE_SOON_MILLIS: i64 = 24 * 3600 * 1000;

/// The instants of a case file that deadlines run from and end at. What has not happened is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Milestones {
    /// The office received the complaint.
    pub received: UnixMillis,
    /// The office verified it, for the first time.
    pub verified: Option<UnixMillis>,
    /// The office forwarded it, for the last time.
    pub forwarded: Option<UnixMillis>,
    /// The hub received that last forwarding.
    pub delivered: Option<UnixMillis>,
    /// The liaison returned that last forwarding: the office is mending it.
    pub returned: Option<UnixMillis>,
    /// The liaison returned the forwarding before the last one: what the last forwarding answers.
    pub returned_before: Option<UnixMillis>,
    /// The liaison accepted the last forwarding.
    pub accepted: Option<UnixMillis>,
    /// The liaison entered it in LAPOR.
    pub entered: Option<UnixMillis>,
    /// The coordinator disposed it to an institution.
    pub disposed: Option<UnixMillis>,
    /// It was closed, at the office or the hub.
    pub closed: Option<UnixMillis>,
    /// When the complainant was the one to act, in any order.
    pub pauses: Vec<Pause>,
}

/// A time in which the complainant is the one to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The complainant was asked.
    pub from: UnixMillis,
    /// The complainant answered, or the office stopped waiting; `None` while the question is open.
    pub until: Option<UnixMillis>,
}

/// One step of one complaint: when it began, is due and ended, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepDeadline {
    /// Which step.
    pub step: Step,
    /// When it began; `None` if it has not.
    pub started: Option<UnixMillis>,
    /// When it is due; `None` if it has no limit, has not begun, or waits for the complainant.
    pub due: Option<UnixMillis>,
    /// When it ended, by its result or because the complaint was closed.
    pub done: Option<UnixMillis>,
    /// Whether it waits for the complainant, so that no due date can be told.
    pub paused: bool,
    /// Why it is due when it is.
    pub explanation: Explanation,
}

/// How a step stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeadlineState {
    /// What it starts from has not happened.
    NotBegun,
    /// There is time.
    Running {
        /// Until when; `None` if the step has no limit.
        due: Option<UnixMillis>,
    },
    /// It is due today.
    DueSoon {
        /// Until when.
        due: UnixMillis,
    },
    /// Its time is over.
    Overdue {
        /// Since when.
        since: UnixMillis,
    },
    /// The complainant is the one to act.
    Paused,
    /// It is over.
    Done {
        /// Whether it ended after it was due.
        late: bool,
    },
}

/// Gives the five steps with their deadlines, in the procedure's order.
pub fn steps(procedure: &Procedure, calendar: &Calendar, milestones: &Milestones) -> Vec<StepDeadline> {
    let counting = count::Counting::new(procedure, calendar);
    Step::ALL.map(|step| milestones.step(step, &counting)).into()
}

/// Gives the step that is running: what work lists show. `None` once the procedure is over.
pub fn current(steps: &[StepDeadline]) -> Option<&StepDeadline> {
    steps.iter().find(|step| step.started.is_some() && step.done.is_none())
}

/// Tells how a step stands at an instant.
pub fn state(step: &StepDeadline, now: UnixMillis) -> DeadlineState {
    if let Some(done) = step.done {
        let late = step.due.is_some_and(|due| done > due);
        return DeadlineState::Done { late };
    }
    match step.due {
        _ if step.started.is_none() => DeadlineState::NotBegun,
        _ if step.paused => DeadlineState::Paused,
        Some(due) if now > due => DeadlineState::Overdue { since: due },
        Some(due) if now.plus_millis(DUE_SOON_MILLIS) > due => DeadlineState::DueSoon { due },
        due => DeadlineState::Running { due },
    }
}

impl DeadlineState {
    /// Names the state on a screen.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::NotBegun => lang.pick("belum mulai", "not begun"),
            Self::Running { .. } => lang.pick("berjalan", "running"),
            Self::DueSoon { .. } => lang.pick("batas hari ini", "due today"),
            Self::Overdue { .. } => lang.pick("lewat batas", "overdue"),
            Self::Paused => lang.pick("menunggu pelapor", "waiting for the complainant"),
            Self::Done { late: false } => lang.pick("selesai", "done"),
            Self::Done { late: true } => lang.pick("selesai, terlambat", "done, late"),
        }
    }
}

impl Milestones {
    fn step(&self, step: Step, counting: &count::Counting<'_>) -> StepDeadline {
        let begun = self.begun(step);
        let result = self.result(step);
        let closed = begun.is_some() && result.is_none() && self.closed.is_some();
        let done = result.or(self.closed.filter(|_| begun.is_some()));
        let counted = match (begun, counting.limit(step)) {
            (None, _) => count::Counted::empty(Outcome::NotBegun),
            (Some(_), None) => count::Counted::empty(Outcome::NoLimit),
            (Some((_, start)), Some(limit)) => counting.count(start, limit, &self.pauses_before(done)),
        };
        let due = match counted.outcome {
            Outcome::Due { at } => Some(at),
            _ => None,
        };
        StepDeadline {
            step,
            started: begun.map(|(_, at)| at),
            due,
            done,
            paused: done.is_none() && matches!(counted.outcome, Outcome::Waiting { .. }),
            explanation: counting.explain(step, begun, counted, closed),
        }
    }

    /// Tells what a step began with, and when.
    ///
    /// After a return the office mends and forwards again within the limit of forwarding alone: the reporter was
    /// verified once, the liaison has said what is missing, and verifying again is part of mending it.
    fn begun(&self, step: Step) -> Option<(Beginning, UnixMillis)> {
        match step {
            Step::Received | Step::Verify => Some((Beginning::Received, self.received)),
            Step::Forward => self
                .being_mended()
                .or(self.returned_before)
                .map(|at| (Beginning::Returned, at))
                .or(self.verified.map(|at| (Beginning::Verified, at))),
            Step::Enter if self.being_mended().is_some() => None,
            Step::Enter => self.delivered.map(|at| (Beginning::Delivered, at)),
            Step::WatchDisposition => self.entered.map(|at| (Beginning::Entered, at)),
        }
    }

    /// Tells when a step came to its result. A later result stands in for one whose event is missing or unread: what
    /// is in LAPOR has been forwarded.
    fn result(&self, step: Step) -> Option<UnixMillis> {
        let entered = self.entered.or(self.disposed);
        let delivered = self.delivered.or(self.accepted).or(entered);
        match step {
            Step::Received => Some(self.received),
            Step::Verify => self.verified.or(self.forwarded).or(delivered),
            Step::Forward if self.being_mended().is_some() => None,
            Step::Forward => delivered,
            Step::Enter => entered,
            Step::WatchDisposition => self.disposed,
        }
    }

    /// Gives the return that the office is mending. One that was accepted all the same (two liaisons, two machines)
    /// is not being mended.
    fn being_mended(&self) -> Option<UnixMillis> {
        let taken = self.accepted.or(self.entered).or(self.disposed);
        self.returned.filter(|_| taken.is_none())
    }

    /// Gives the pauses that matter to a step: for one that is done, no question is open any more.
    fn pauses_before(&self, done: Option<UnixMillis>) -> Vec<Pause> {
        let Some(done) = done else {
            return self.pauses.clone();
        };
        let before = self.pauses.iter().filter(|pause| pause.from <= done);
        let cut = |pause: &Pause| Pause {
            from: pause.from,
            until: pause.until.or(Some(done)),
        };
        before.map(cut).collect()
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
