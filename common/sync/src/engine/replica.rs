//! What a gateway keeps about its hub between exchanges, and the facts that change it.

use titian_domain::time::UnixMillis;

use crate::chain::Cursor;
use crate::dictionary;
use crate::item::Item;

/// How far the repair of a difference has come. Kept by the driver as its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mend {
    /// Nothing is known to differ.
    #[default]
    No = 0,
    /// The next request begins both logs anew.
    Due = 1,
    /// Both logs are being sent anew.
    Running = 2,
    /// That did not help: the difference is shown until somebody mends it.
    Tried = 3,
}

impl Mend {
    /// Finds the value of a stored number; an unknown one counts as nothing known.
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Due,
            2 => Self::Running,
            3 => Self::Tried,
            _ => Self::No,
        }
    }
}

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
    pub mend: Mend,
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
            mend: Mend::No,
        }
    }

    /// Applies what a fact says about this state, so that a driver can store it whole.
    pub fn apply(&mut self, fact: &SaveFact) {
        match fact {
            SaveFact::CounterUsed(counter) => (self.counter, self.open) = (*counter, true),
            SaveFact::CounterSeen(counter) => self.counter = *counter,
            SaveFact::Answered { open, .. } => self.open = *open,
            SaveFact::Acked(cursor) => self.acked = *cursor,
            SaveFact::Items { cursor, .. } => self.cursor = *cursor,
            SaveFact::Whole(whole) => self.whole = *whole,
            SaveFact::Dictionary(number) => self.dictionary = *number,
            SaveFact::Mend(mend) => self.mend = *mend,
            SaveFact::Restarted => (self.cursor, self.acked) = (Cursor::START, Cursor::START),
            SaveFact::InSync | SaveFact::Differs => {}
        }
    }
}

/// Something that has to be durable before the exchange goes on. All facts of one step belong into one transaction.
#[derive(Clone, PartialEq, Eq)]
pub enum SaveFact {
    /// A request with this counter is about to be sent, and is open until answered.
    CounterUsed(u64),
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
    Mend(Mend),
    /// Both logs begin anew: cursor and acknowledgement return to the start.
    Restarted,
    /// Both sides are proved to hold the same.
    InSync,
    /// Both sides hold different things although nothing waits to be sent.
    Differs,
}
