//! The airlock's judgement: which changes of a peer may stand in an intake, and why the others may not.
//!
//! This is what the hub's child process runs (see `docs/decisions/0050-airlock.md`). Automerge may panic, loop or fill
//! the memory on hostile bytes: panics are caught here, the rest is for the limits of the process that runs this.

mod case;
mod reason;
mod shape;

pub use self::case::{CHANGES_MAX, DOCUMENT_BYTES_MAX};
pub use self::reason::Reason;
use crate::id::{ComplaintId, OfficeCode};

/// More of what a change waits for is not named: it is there to be shown and looked for, not to be complete.
pub const MISSING_NAMED_MAX: usize = 16;

/// One complaint's intake, and what a peer wants to add to it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The office that the peer belongs to.
    pub office: &'a OfficeCode,
    /// The complaint.
    pub complaint: ComplaintId,
    /// The changes that passed before, in the order of the log.
    pub held: &'a [&'a [u8]],
    /// The changes to judge, in the order in which they came.
    pub new: &'a [&'a [u8]],
}

/// What is to be done with a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may stand in the log, and be opened.
    Fits,
    /// It may not.
    Refused(Reason),
    /// It may, perhaps, once these changes are here.
    Waits(Vec<[u8; 32]>),
}

/// Judges each new change of a case. Those that fit are proved to load together with what was there, in the order of
/// the log, to survive saving and loading, and to read as a complaint.
pub fn judge(case: Case<'_>) -> Vec<Verdict> {
    case::judge(case)
}

#[cfg(test)]
mod tests;
