//! Why a step is due when it is, as data; [`words`](super::words) says it.

use serde::Serialize;

use super::{DayCount, Step, Stretch};
use crate::time::{UnixMillis, Zone};

/// Why a step is due when it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Which step.
    pub step: Step,
    /// What it began with; `None` if it has not begun.
    pub begun: Option<Begun>,
    /// Within how many days it is to be done; `None`: without limit.
    pub limit: Option<u32>,
    /// Which days count.
    pub count: DayCount,
    /// Where a day ends.
    pub zone: Zone,
    /// The days after the beginning, up to the due date or to where the clock stands still.
    pub stretches: Vec<Stretch>,
    /// What came out.
    pub outcome: Outcome,
    /// Years of which a day was counted although the holiday table says nothing about them.
    pub unknown_years: Vec<i32>,
    /// Whether closing the complaint ended the step, and not its result.
    pub closed: bool,
}

/// What a step began with, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Begun {
    /// What it began with.
    pub by: Beginning,
    /// When.
    pub at: UnixMillis,
}

/// What a step begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Beginning {
    /// The office received the complaint.
    Received,
    /// The office verified it.
    Verified,
    /// The liaison returned it.
    Returned,
    /// The hub received it.
    Delivered,
    /// The liaison entered it in LAPOR.
    Entered,
}

/// What counting came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing to count from yet.
    NotBegun,
    /// The step has no limit.
    NoLimit,
    /// A due date.
    Due {
        /// The last millisecond in which the step is in time.
        at: UnixMillis,
    },
    /// The complainant is the one to act.
    Waiting {
        /// Since when.
        since: UnixMillis,
    },
    /// No day to count within [`DAYS_SCANNED_MAX`](super::DAYS_SCANNED_MAX).
    NoDayFound,
}
