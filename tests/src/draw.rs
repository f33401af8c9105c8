//! A seeded source of numbers: splitmix64, which needs no dependency and gives the same everywhere.

/// A stream of numbers, the same again from the same seed and index.
pub struct Draw(u64);

/// The odd constant by which splitmix64 steps (Steele, Lea and Flood, 2014).
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Draw {
    /// Starts the stream of a seed and an index; neighbours share nothing.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut outer = Self(seed);
        let mut inner = Self(outer.next() ^ index.wrapping_mul(STEP));
        Self(inner.next())
    }

    /// Gives the next number.
    #[expect(clippy::should_implement_trait, reason = "it has no end, and nobody iterates")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Gives a number below a bound; the bias is one in billions, which no text shows.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// Gives a number from the first to the last, both included.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// Tells yes once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Gives one of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.below(list.len() as u64);
        &list[usize::try_from(at).expect("an index of a list fits")]
    }
}
