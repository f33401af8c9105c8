//! The bytes on the wire: heads, frames, their signatures, and the compressed items in them.
//!
//! `docs/protocol.md` is authoritative; the layouts there are what this module reads and writes.

pub mod codec;
pub mod extension;
pub mod frame;
pub mod head;
pub mod history;
pub mod pack;
pub mod refusal;
pub mod seal;
#[cfg(test)]
mod tests;
pub(crate) mod words;

/// The version of the protocol that this program speaks.
pub const VERSION: u8 = 1;

/// What a frame may take on the wire, signature included: a unit of progress that is larger than what one connection
/// survives never arrives.
pub const FRAME_BYTES_MAX: usize = 16 * 1024;

/// Frames of a link that breaks often: smaller ones cost more in signatures than a cut loses. Measured.
pub const FRAME_BYTES_FLOOR: usize = 1_536;

/// What a frame may unfold to: one item of the largest size, or many that shrink well.
pub const FRAME_PLAIN_BYTES_MAX: usize = crate::item::ITEM_BYTES_MAX + 64 * 1024;

/// Small items shrink well together; more in one frame than this would make one commit long.
pub const FRAME_ITEMS_MAX: usize = 512;

/// A head with the longest lists of wants and quarantined items in it stays below this.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;

/// 64 MiB each way; what is more travels in the next exchange.
pub const EXCHANGE_FRAMES_MAX: u64 = 4096;

/// Length of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;
