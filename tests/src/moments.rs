//! Seeded moments for a kill: where it comes is random, and the same again with the same seed.

use std::time::Duration;

use crate::draw::Draw;

/// Chooses moments for a kill so that about half of them come too late, whatever the speed of the machine.
pub struct Moments {
    draw: Draw,
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
            draw: Draw::new(seed, 0),
            span_micros,
            early: 0,
            late: 0,
        }
    }

    /// Lets a random time pass. This is no waiting for a condition: it is the choice of the moment itself.
    pub fn pass(&mut self) {
        std::thread::sleep(Duration::from_micros(self.draw.below(self.span_micros)));
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
