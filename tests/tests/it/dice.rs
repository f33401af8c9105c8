//! Seeded dice: where a process is killed is random, and the same again with the same seed.

use std::time::Duration;

/// Random numbers from a seed (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Gives a number from 0 up to, not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}

/// Chooses moments for a kill so that about half of them come too late, whatever the speed of the machine.
pub struct Moments {
    dice: Dice,
    span_micros: u64,
    /// How many kills came before the end.
    pub early: u32,
    /// How many came too late: the work was done.
    pub late: u32,
}

impl Moments {
    /// `span_micros` is a first guess of how long the work takes.
    pub fn new(seed: u64, span_micros: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            span_micros,
            early: 0,
            late: 0,
        }
    }

    /// Lets a random time pass. This is no waiting for a condition: it is the choice of the moment itself.
    pub fn pass(&mut self) {
        std::thread::sleep(Duration::from_micros(self.dice.below(self.span_micros)));
    }

    /// Learns whether the kill came too late.
    pub fn learn(&mut self, late: bool) {
        if late {
            self.late += 1;
            self.span_micros = self.span_micros * 4 / 5;
        } else {
            self.early += 1;
            self.span_micros = self.span_micros * 5 / 4 + 1_000;
        }
    }
}
