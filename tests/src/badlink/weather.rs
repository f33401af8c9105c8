//! What a link does to the connections on it, and what of that befalls one of them: drawn from a seed, never by chance.

use std::time::Duration;

use crate::draw::Draw;

/// What a link does to the connections on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// How long a byte takes from the gateway to the hub. A connection's first byte also waits for one round trip, as it
    /// would for the handshake of TCP.
    pub delay_up: Duration,
    /// How long a byte takes from the hub to the gateway.
    pub delay_down: Duration,
    /// Bytes a second that the line carries each way, shared by all connections.
    pub bytes_per_second: Option<u32>,
    /// Where every connection is reset.
    pub cut: Option<Cut>,
    /// Connections are reset besides, after this many bytes of both ways on average.
    pub lost_every: Option<u64>,
    /// One byte in so many is another one when it arrives, on average.
    pub corrupt_every: Option<u64>,
    /// Of a hundred connections, how many have their upward bytes sent again on a connection of their own, at the same
    /// time or after the next one; what the hub says to that reaches nobody.
    pub repeated_percent: u64,
    /// Of a hundred connections, how many are held back until the next one has overtaken them.
    pub overtaken_percent: u64,
}

/// After how many bytes of each connection it is reset. That many arrive, and not one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Counted from the gateway to the hub.
    Up(u64),
    /// Counted from the hub to the gateway.
    Down(u64),
    /// Counted both ways together.
    Both(u64),
}

impl Weather {
    /// Nothing happens, at once.
    pub const FAIR: Self = Self {
        delay_up: Duration::ZERO,
        delay_down: Duration::ZERO,
        bytes_per_second: None,
        cut: None,
        lost_every: None,
        corrupt_every: None,
        repeated_percent: 0,
        overtaken_percent: 0,
    };

    /// Fair weather over a long way: half of the round trip in each direction.
    pub const fn round_trip(millis: u64) -> Self {
        Self {
            delay_up: Duration::from_millis(millis / 2),
            delay_down: Duration::from_millis(millis - millis / 2),
            ..Self::FAIR
        }
    }

    /// Every connection dies after so many bytes.
    pub const fn cut(cut: Cut) -> Self {
        Self {
            cut: Some(cut),
            ..Self::FAIR
        }
    }

    /// Draws what befalls the connection of this number.
    pub(super) fn fate(&self, seed: u64, number: u64) -> Fate {
        let mut draw = Draw::new(seed, number);
        let never = u64::MAX;
        let (mut up, mut down, mut both) = (never, never, never);
        match self.cut {
            Some(Cut::Up(bytes)) => up = bytes,
            Some(Cut::Down(bytes)) => down = bytes,
            Some(Cut::Both(bytes)) => both = bytes,
            None => {}
        }
        if let Some(every) = self.lost_every {
            both = both.min(around(&mut draw, every));
        }
        let repeated = (draw.below(100) < self.repeated_percent).then(|| {
            if draw.one_in(2) {
                Repeat::Beside
            } else {
                Repeat::Afterwards
            }
        });
        Fate {
            ends: Ends { up, down, both },
            overtaken: draw.below(100) < self.overtaken_percent,
            repeated,
            damage_up: Damage::new(self.corrupt_every, draw.next()),
            damage_down: Damage::new(self.corrupt_every, draw.next()),
        }
    }
}

/// Draws a number of at least 1 that is `mean` on average.
fn around(draw: &mut Draw, mean: u64) -> u64 {
    draw.between(1, mean.saturating_mul(2).max(2) - 1)
}

/// What befalls one connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fate {
    pub ends: Ends,
    pub overtaken: bool,
    pub repeated: Option<Repeat>,
    pub damage_up: Damage,
    pub damage_down: Damage,
}

/// When the upward bytes of a connection are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Beside,
    Afterwards,
}

/// How many bytes a connection still carries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ends {
    up: u64,
    down: u64,
    both: u64,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

impl Ends {
    /// Takes a piece onto the line: how many of its bytes still arrive, and whether the connection dies behind them.
    pub fn take(&mut self, way: Way, bytes: usize) -> (usize, bool) {
        let of_way = match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        };
        let left = self.both.min(*of_way);
        let passing = usize::try_from(left).map_or(bytes, |left| bytes.min(left));
        for end in [of_way, &mut self.both] {
            if *end != u64::MAX {
                *end -= passing as u64;
            }
        }
        (passing, passing as u64 == left)
    }
}

/// Where bytes of one direction are changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damage {
    every: Option<u64>,
    draw: u64,
    times: u64,
    /// How many bytes stay whole until the next.
    whole: u64,
}

impl Damage {
    fn new(every: Option<u64>, draw: u64) -> Self {
        let mut damage = Self {
            every,
            draw,
            times: 0,
            whole: 0,
        };
        damage.look_ahead();
        damage
    }

    /// Changes what is to be changed of the next piece, and tells how many bytes that were.
    pub fn spoil(&mut self, piece: &mut [u8]) -> u64 {
        let (mut at, mut spoilt) = (0, 0);
        while self.every.is_some() {
            let left = (piece.len() - at) as u64;
            if self.whole >= left {
                self.whole -= left;
                break;
            }
            at += usize::try_from(self.whole).expect("below what is left of the piece");
            // Any other value than it had.
            piece[at] ^= u8::try_from(Draw::new(self.draw, self.times).between(1, 255)).expect("a byte");
            at += 1;
            spoilt += 1;
            self.look_ahead();
        }
        spoilt
    }

    fn look_ahead(&mut self) {
        self.times += 1;
        if let Some(every) = self.every {
            self.whole = around(&mut Draw::new(self.draw, self.times), every) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_fate_and_another_another() {
        let weather = Weather {
            lost_every: Some(20_000),
            corrupt_every: Some(10_000),
            repeated_percent: 50,
            overtaken_percent: 50,
            ..Weather::FAIR
        };
        let fates = |seed| (0..50).map(|number| weather.fate(seed, number)).collect::<Vec<_>>();
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        let repeated = fates(7).iter().filter(|fate| fate.repeated.is_some()).count();
        let overtaken = fates(7).iter().filter(|fate| fate.overtaken).count();
        assert!(
            (10..40).contains(&repeated) && (10..40).contains(&overtaken),
            "{repeated} {overtaken}"
        );
    }

    #[test]
    fn a_connection_carries_exactly_what_it_may() {
        let ends = |cut| Weather::cut(cut).fate(1, 1).ends;
        let mut up = ends(Cut::Up(10));
        assert_eq!(up.take(Way::Down, 500), (500, false));
        assert_eq!(up.take(Way::Up, 9), (9, false));
        assert_eq!(up.take(Way::Up, 9), (1, true));
        let mut both = ends(Cut::Both(10));
        assert_eq!(both.take(Way::Up, 4), (4, false));
        assert_eq!(both.take(Way::Down, 6), (6, true));
        let mut fair = Weather::FAIR.fate(1, 1).ends;
        assert_eq!(fair.take(Way::Up, 1 << 40), (1 << 40, false));
        assert_eq!(fair.take(Way::Up, 1 << 40), (1 << 40, false));
    }

    #[test]
    fn damage_does_not_depend_on_how_the_bytes_come_in_pieces() {
        let spoil = |piece_bytes: usize| {
            let mut damage = Damage::new(Some(100), 42);
            let mut bytes = vec![0; 10_000];
            let spoilt: u64 = bytes.chunks_mut(piece_bytes).map(|piece| damage.spoil(piece)).sum();
            assert_eq!(spoilt, bytes.iter().filter(|byte| **byte != 0).count() as u64);
            bytes
        };
        let whole = spoil(10_000);
        let spoilt = whole.iter().filter(|byte| **byte != 0).count();
        assert!((70..140).contains(&spoilt), "{spoilt} of 10,000");
        assert_eq!(whole, spoil(1));
        assert_eq!(whole, spoil(97));
    }
}
