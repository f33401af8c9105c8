//! The two state machines of an exchange: what a gateway does, and what the hub does.
//!
//! Both work alike. The driver calls `step` and does what it says: save, send, or look something up and answer. It then
//! calls `step` again. Calling `step` after `Save` declares that what was to be saved is durable; if saving fails, the
//! driver drops the machine and later begins anew from what is stored. So nothing is ever sent before it is saved.

mod admit;
mod answer;
mod arrive;
pub(crate) mod body;
pub mod gateway;
pub mod hub;
mod judge;
mod lease;
mod ledger;
pub(crate) mod outgoing;
pub mod pieces;
pub(crate) mod queue;
mod repair;
mod replica;
mod request;
mod sound;

pub use self::lease::{LeaseHeld, LeaseSeen, LeaseWord};
pub use self::repair::Repair;
pub use crate::wire::codec::Held;
pub use crate::wire::pack::LogEntry;
pub use crate::wire::refusal::Refusal;

/// An entry of a log as a repair sees it: nothing of its body has to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprinted {
    /// Its position in the log.
    pub position: u64,
    /// Its fingerprint.
    pub fingerprint: [u8; 32],
}
