//! What both sides know already when a body begins: the items that passed before it. The compressor starts from them, so
//! that a cut does not cost what it had learned, and an edit is told by the complaint that it belongs to.

use super::codec::{self, Passed};
use crate::item::Item;

/// Items of a history: the last of the sender's that the receiver holds. Measured: more save next to nothing.
pub const HISTORY_ITEMS_MAX: usize = 256;

/// What a history may take: loading it costs each body that carries items, on both sides.
pub const HISTORY_BYTES_MAX: usize = 192 * 1024;

/// What a head says of the history that its body was compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryMark {
    /// How many items, at most [`HISTORY_ITEMS_MAX`].
    pub items: u64,
    /// The first bytes of a hash over them, in their order.
    pub check: [u8; 4],
}

/// The items that passed before a body, ready for the compressor.
#[derive(Default)]
pub struct History {
    pub(super) plain: Vec<u8>,
    pub(super) passed: Passed,
}

impl History {
    /// Keeps of some items, in order, the last ones that a history may hold.
    pub fn trim(items: &mut Vec<Item>) {
        let mut bytes = 0;
        let fits = |item: &&Item| {
            bytes += item.body().len();
            bytes <= HISTORY_BYTES_MAX
        };
        let kept = items.iter().rev().take(HISTORY_ITEMS_MAX).take_while(fits).count();
        items.drain(..items.len() - kept);
    }

    /// Makes it of items, in the order in which they passed.
    pub fn of(items: &[Item]) -> Self {
        let mut history = Self::default();
        for item in items {
            codec::write(&mut history.plain, item, &history.passed, false);
            history.passed.push(item);
        }
        history
    }

    /// Says which items they are, and in which form.
    pub fn mark(items: &[Item]) -> HistoryMark {
        let mut hasher = blake3::Hasher::new_derive_key("titian 2026 history check");
        for item in items {
            hasher.update(&item.fingerprint());
            // The one kind of item that is known alike and may lie in two forms: a compressor must start from the same one.
            if item.is_husk() {
                hasher.update(b"husk");
            }
        }
        let mut check = [0; 4];
        check.copy_from_slice(&hasher.finalize().as_bytes()[..4]);
        HistoryMark {
            items: items.len() as u64,
            check,
        }
    }
}
