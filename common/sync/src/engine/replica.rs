//! What a gateway keeps about its hub between exchanges, and the facts that change it.

use titian_domain::time::UnixMillis;

use super::lease::LeaseHeld;
use super::repair::Repair;
use crate::chain::Cursor;
use crate::dictionary;
use crate::hub_keys::TrustedKeys;
use crate::item::Item;
use crate::wire::extension::{AuditEnd, Quarantined, Want};
use crate::wire::frame::Piece;
use crate::wire::{FRAME_BYTES_FLOOR, FRAME_BYTES_MAX};

/// What a gateway keeps about its hub between exchanges. [`SaveFact`]s change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    /// The number that the hub gave this device.
    pub device: u64,
    /// The counter of the last request.
    pub counter: u64,
    /// Whether an exchange was begun whose answer never came: then the next one only asks where the hub stands.
    pub open: bool,
    /// What this gateway holds of the hub's log.
    pub cursor: Cursor,
    /// What the hub has acknowledged of this gateway's log.
    pub acked: Cursor,
    /// Whether hashes have to be written in full.
    pub whole: bool,
    /// The newest dictionary that both sides are known to have.
    pub dictionary: u64,
    /// How far the repair of a difference has come.
    pub repair: Repair,
    /// The lease that shows this to be the only living copy of the device.
    pub lease: LeaseHeld,
    /// About how large frames are: smaller after each cut, larger after each body that came through.
    pub frame_bytes: usize,
    /// Whether frames were on their way when last heard of: if an exchange begins so, the link broke.
    pub in_flight: bool,
    /// After which position of this log the hub is known to hold what this device brought, one after the other.
    pub history_from: u64,
    /// What the hub said last that it wants in pieces.
    pub wanted: Vec<Want>,
}

impl ReplicaState {
    /// The state after enrolment.
    pub fn enrolled(device: u64, hub_dictionary: u64) -> Self {
        Self {
            device,
            counter: 0,
            open: false,
            cursor: Cursor::START,
            acked: Cursor::START,
            whole: false,
            dictionary: hub_dictionary.min(dictionary::NEWEST),
            repair: Repair::No,
            lease: LeaseHeld::default(),
            frame_bytes: FRAME_BYTES_MAX,
            in_flight: false,
            history_from: 0,
            wanted: Vec::new(),
        }
    }

    /// Says how large frames are after the link broke.
    pub(super) fn smaller_frames(&self) -> usize {
        (self.frame_bytes / 2).max(FRAME_BYTES_FLOOR)
    }

    /// Says how large frames are after a body came through.
    pub(super) fn larger_frames(&self) -> usize {
        (self.frame_bytes * 2).min(FRAME_BYTES_MAX)
    }

    /// Applies what a fact says about this state, so that a driver can store it whole.
    pub fn apply(&mut self, fact: &SaveFact) {
        match fact {
            SaveFact::CounterUsed(counter) | SaveFact::CounterSeen(counter) => self.counter = *counter,
            SaveFact::Sending => (self.open, self.in_flight) = (true, true),
            SaveFact::Receiving => self.in_flight = true,
            SaveFact::FrameBytes(bytes) => (self.frame_bytes, self.in_flight) = (*bytes, false),
            SaveFact::HistoryFrom(position) => self.history_from = *position,
            SaveFact::Wanted(wants) => self.wanted.clone_from(wants),
            SaveFact::Answered { open, .. } => self.open = *open,
            SaveFact::Acked(cursor) => self.acked = *cursor,
            SaveFact::Items { cursor, .. } => self.cursor = *cursor,
            SaveFact::Whole(whole) => self.whole = *whole,
            SaveFact::Dictionary(number) => self.dictionary = *number,
            SaveFact::Repair(repair) => self.repair = repair.clone(),
            SaveFact::Lease(lease) => self.lease = *lease,
            SaveFact::Piece(_)
            | SaveFact::PartialDropped
            | SaveFact::Quarantined(_)
            | SaveFact::AuditHeard(_)
            | SaveFact::AuditEnd(_)
            | SaveFact::HubKeys(_)
            | SaveFact::UnusableHubKey
            | SaveFact::InSync
            | SaveFact::Differs
            | SaveFact::Copied => {}
        }
    }
}

/// Something that has to be durable before the exchange goes on. All facts of one step belong into one transaction.
#[derive(Clone, PartialEq, Eq)]
pub enum SaveFact {
    /// A request with this counter is about to be sent.
    CounterUsed(u64),
    /// Frames are about to be sent: how far the hub comes with them is open until it is answered.
    Sending,
    /// Frames of a reply are about to arrive.
    Receiving,
    /// About how large frames are from now on; none is on its way.
    FrameBytes(usize),
    /// What lies before this position is no history to the hub: it was brought under another name, or kept aside.
    HistoryFrom(u64),
    /// What the hub wants in pieces.
    Wanted(Vec<Want>),
    /// A piece, where it belongs directly behind what is kept of the same whole; else it is let be. At offset 0 of a large
    /// item it begins anew whatever is kept of one.
    Piece(Piece),
    /// What is kept of a large item can go: it has become an item, or was found to be broken.
    PartialDropped,
    /// The hub has seen this counter: go on from there.
    CounterSeen(u64),
    /// The hub answered.
    Answered {
        /// The hub's clock, to measure the own one against.
        hub_time: UnixMillis,
        /// Whether it remains open how far the hub came.
        open: bool,
    },
    /// The hub holds this gateway's log up to here: the only "delivered" there is. It goes back only where the hub
    /// itself lost something.
    Acked(Cursor),
    /// Entries of the hub's log. Those that are here already, known by their hash, are skipped.
    Items {
        /// The items, in order.
        items: Vec<Item>,
        /// The place in the hub's log after them.
        cursor: Cursor,
    },
    /// Whether hashes have to be written in full from now on.
    Whole(bool),
    /// The newest dictionary that both sides have.
    Dictionary(u64),
    /// How far the repair of a difference has come.
    Repair(Repair),
    /// The lease; durable before it is shown.
    Lease(LeaseHeld),
    /// Another living copy of this device was at the hub.
    Copied,
    /// The whole list of what the hub keeps aside of this device. Those items no longer count in the digest; what is
    /// not on the list counts again.
    Quarantined(Vec<Quarantined>),
    /// The hub has heard where this gateway's audit log ended.
    AuditHeard(AuditEnd),
    /// Where the hub's audit log ends.
    AuditEnd(AuditEnd),
    /// The keys of the hub that are trusted from now on; the next exchange begins with them.
    HubKeys(Box<TrustedKeys>),
    /// The hub announced what is no key: what was trusted stays.
    UnusableHubKey,
    /// Both sides are proved to hold the same.
    InSync,
    /// Both sides hold different things although nothing waits to be sent.
    Differs,
}
