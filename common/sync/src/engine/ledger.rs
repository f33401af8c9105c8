//! What the hub keeps of devices and offices between exchanges, and the facts that change it.

use ed25519_dalek::VerifyingKey;
use titian_domain::time::UnixMillis;

use super::lease::LeaseSeen;
use crate::chain::Cursor;
use crate::digest::Digest;
use crate::item::Item;
use crate::wire::extension::AuditEnd;
use crate::wire::frame::Piece;

/// What the hub keeps of a device. The driver keeps beside it to which office it belongs, and gives only that office's
/// log to the exchange.
#[derive(Clone, Copy, Debug)]
pub struct DeviceRow {
    /// The device's public key.
    pub key: VerifyingKey,
    /// Whether it was shut out.
    pub revoked: bool,
    /// The counter of its last request.
    pub counter: u64,
    /// How far the hub holds the device's log: the cursor that came with its last frame.
    pub acked: Cursor,
    /// Its leases.
    pub lease: LeaseSeen,
    /// The hub's key that it last bound a request to, as far as that is known.
    pub hub: Option<VerifyingKey>,
}

/// Something that has to be durable before the exchange goes on. All facts of one step belong into one transaction.
#[derive(Clone, PartialEq, Eq)]
pub enum HubFact {
    /// The device used this counter. Refuse the transaction if the stored one is not lower.
    Counter {
        /// The device.
        device: u64,
        /// Its counter.
        counter: u64,
        /// Its leases from now on.
        lease: LeaseSeen,
    },
    /// A second living copy of the device was here, and was refused.
    Copied {
        /// The device.
        device: u64,
    },
    /// A frame. Items that are there already, known by their hash, are skipped.
    Frame {
        /// The device that brought it: the origin of its items.
        device: u64,
        /// The items, in order; each belongs into the log of the device's office.
        items: Vec<Item>,
        /// What has to be stored as acknowledged now. Refuse the transaction if it is not: another request of this
        /// device overtook this one.
        before: Cursor,
        /// What is acknowledged afterwards.
        acked: Cursor,
    },
    /// A piece, where it is wanted and belongs directly behind what is kept of the same whole; else it is let be. At
    /// offset 0 of a large item it begins anew whatever is kept of one from this device.
    Piece {
        /// The device that brought it.
        device: u64,
        /// The piece.
        piece: Piece,
    },
    /// What is kept of a large item of this device can go: it has become an item, or was found to be broken.
    PartialDropped {
        /// The device.
        device: u64,
    },
    /// Where the audit log of the device ends.
    AuditEnd {
        /// The device.
        device: u64,
        /// Where.
        end: AuditEnd,
    },
    /// The reply that is about to be made tells the device where the hub's audit log ends.
    AuditTold {
        /// The device.
        device: u64,
        /// Where.
        end: AuditEnd,
    },
    /// The device's request was bound to this one of the hub's two keys: it trusts that one.
    Bound {
        /// The device.
        device: u64,
        /// The key.
        key: VerifyingKey,
    },
    /// All frames are taken, and this is how both sides stand.
    Exchanged {
        /// The device.
        device: u64,
        /// Whether both sides are proved to hold the same.
        in_sync: bool,
        /// How much of the office's log the gateway showed that it holds; `None` if its place is not in that log.
        holds: Option<u64>,
    },
}

/// The office's log, after the frames were saved.
#[derive(Clone, Copy, Debug)]
pub struct ScopeState {
    /// The digest of all its items.
    pub digest: Digest,
    /// Its end; at position 0 the hash does not matter.
    pub end: Cursor,
    /// The hub's clock.
    pub now: UnixMillis,
}
