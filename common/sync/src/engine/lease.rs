//! Leases: single-use words that show two living copies of one device at the first contact of the second.
//!
//! Each request uses one word up and names the next. The gateway draws the next one itself and keeps it before it sends,
//! so that a request whose reply was lost is told from one of a copy.

use crate::wire::extension::Lease;

/// One lease.
pub type LeaseWord = [u8; 8];

/// What a gateway keeps of its lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaseHeld {
    /// How many leases were used up.
    pub generation: u64,
    /// The one that the next request shows.
    pub shown: LeaseWord,
    /// The one after that, once it is drawn: it stays the same until the hub has answered.
    pub next: Option<LeaseWord>,
}

impl LeaseHeld {
    /// Draws the next lease, unless one was drawn for a request whose answer is not known.
    #[must_use]
    pub(super) fn drawn(self, random: LeaseWord) -> Self {
        Self {
            next: Some(self.next.unwrap_or(random)),
            ..self
        }
    }

    /// What a request says; `None` before the next lease is drawn.
    pub(super) fn to_show(self) -> Option<Lease> {
        self.next.map(|next| Lease {
            generation: self.generation,
            shown: self.shown,
            next,
        })
    }

    /// The hub has taken the request: its lease is used up.
    #[must_use]
    pub(super) fn used(self) -> Self {
        match self.next {
            Some(next) => Self {
                generation: self.generation + 1,
                shown: next,
                next: None,
            },
            None => self,
        }
    }
}

/// What the hub keeps of a device's leases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaseSeen {
    /// How many leases were used up.
    pub generation: u64,
    /// The last one that was used up.
    pub previous: LeaseWord,
    /// The one that the next request has to show.
    pub current: LeaseWord,
}

impl LeaseSeen {
    /// Takes what a request shows; `None` if another copy of the device was here before.
    pub(super) fn take(self, lease: Lease) -> Option<Self> {
        let expected = lease.shown == self.current;
        let reply_was_lost = lease.next == self.current && lease.shown == self.previous;
        // This hub was restored from a copy that is older than the device's last contact.
        let hub_is_older = lease.generation > self.generation;
        if reply_was_lost {
            return Some(self);
        }
        (expected || hub_is_older).then_some(Self {
            generation: lease.generation.saturating_add(1),
            previous: lease.shown,
            current: lease.next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(held: LeaseHeld, random: u8) -> (LeaseHeld, Lease) {
        let held = held.drawn([random; 8]);
        (held, held.to_show().unwrap())
    }

    #[test]
    fn one_device_goes_on_for_ever_and_a_lost_reply_changes_nothing() {
        let (mut held, mut hub) = (LeaseHeld::default(), LeaseSeen::default());
        for round in 1..50 {
            let (drawn, lease) = request(held, round);
            hub = hub.take(lease).unwrap();
            // The reply was lost; the same words come again, though other random bytes are at hand.
            let (again, repeated) = request(drawn, round + 100);
            assert_eq!((again, repeated), (drawn, lease));
            assert_eq!(hub.take(repeated), Some(hub));
            held = drawn.used();
        }
        assert_eq!((held.generation, held.shown), (hub.generation, hub.current));
    }

    #[test]
    fn the_second_of_two_copies_is_refused_however_far_the_first_went() {
        let (held, lease) = request(LeaseHeld::default(), 1);
        let hub = LeaseSeen::default().take(lease).unwrap();
        let copy = held.used();
        let (first, lease) = request(held.used(), 2);
        let mut hub = hub.take(lease).unwrap();
        assert_eq!(hub.take(request(copy, 3).1), None);
        hub = hub.take(request(first.used(), 4).1).unwrap();
        assert_eq!(hub.take(request(copy, 3).1), None);
        // A copy that was made while a request was open is refused too, once the other has gone on.
        assert_eq!(hub.take(request(first, 5).1), None);
    }

    #[test]
    fn a_hub_from_an_older_backup_takes_a_device_that_went_on() {
        let (held, lease) = request(LeaseHeld::default(), 1);
        let backup = LeaseSeen::default().take(lease).unwrap();
        let (held, lease) = request(held.used(), 2);
        backup.take(lease).unwrap();
        let (_, lease) = request(held.used(), 3);
        let restored = backup.take(lease).unwrap();
        assert_eq!((restored.generation, restored.current), (3, [3; 8]));
    }
}
