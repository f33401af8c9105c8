//! Running hashes over a log, and the cursors that prove how far two logs agree.

use std::fmt;

use crate::item::Item;

/// The hash over a log up to and including one entry. It starts from the log's epoch, so that a match proves the epoch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RunningHash(pub [u8; 16]);

/// How much of a running hash a head carries: enough to recognise a log, and forging it would harm only the forger.
pub const RECOGNITION_BYTES: usize = 8;

impl RunningHash {
    /// Starts a log from its epoch: sixteen random bytes, drawn when the log is made.
    pub fn start(epoch: [u8; 16]) -> Self {
        Self(epoch)
    }

    /// Goes on by one entry.
    #[must_use]
    pub fn then(self, item: &Item) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("titian 2026 running hash");
        hasher.update(&self.0);
        hasher.update(&item.fingerprint());
        let mut next = [0; 16];
        next.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(next)
    }

    /// Gives the part that a head carries.
    pub fn recognition(self) -> [u8; RECOGNITION_BYTES] {
        let mut front = [0; RECOGNITION_BYTES];
        front.copy_from_slice(&self.0[..RECOGNITION_BYTES]);
        front
    }
}

impl fmt::Debug for RunningHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// A place in somebody's log: after how many entries, and the running hash there.
///
/// Whoever owns the log makes cursors into it; the other side keeps the last one that it was given as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// How many entries lie before it.
    pub position: u64,
    /// The running hash over those entries.
    pub hash: RunningHash,
}

impl Cursor {
    /// The start of any log: "I hold nothing of yours". Recognised by everybody.
    pub const START: Self = Self {
        position: 0,
        hash: RunningHash([0; 16]),
    };

    /// Gives the form in which a head carries it.
    pub fn mark(self) -> Mark {
        Mark {
            position: self.position,
            hash: if self.position == 0 {
                [0; RECOGNITION_BYTES]
            } else {
                self.hash.recognition()
            },
        }
    }
}

/// A cursor as a head carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How many entries lie before it.
    pub position: u64,
    /// The front of the running hash; zeros at the start of a log.
    pub hash: [u8; RECOGNITION_BYTES],
}
