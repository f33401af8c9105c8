//! What two sets of items differ in, told in bytes that grow with the difference: a rateless IBLT (arXiv 2402.02668).
//!
//! One side sends coded **cells**, as many as are wanted of an endless row. The other toggles its own items in the same
//! cells: what both hold cancels out, and a cell in which one item is left gives that item away, which frees further
//! cells. Cells carry no count: who decodes knows its own set, and so which side an item belongs to.

use std::collections::{BTreeSet, VecDeque};

use crate::varint::{Malformed, Reader};

/// What a cell takes on the wire.
pub const CELL_BYTES: usize = 12;

/// How many cells a repair may come to: enough for 380,000 items that differ, and 6 MiB on the gateway's disk.
pub const CELLS_MAX: usize = 512 * 1024;

/// The first batch decodes a difference of ten items nineteen times in twenty.
const FIRST_CELLS: u64 = 32;

/// With fewer cells than this the next batch is as large as the first: most repairs are small.
const SMALL_CELLS: usize = 64;

/// Sets apart the identities of one repair from those of any other, so that nobody can prepare items that collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt(pub [u8; 8]);

/// An item under a salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaltedId(pub u64);

/// Gives items their salted identities, and identities their cells.
#[derive(Clone)]
pub struct Coder {
    key: [u8; 32],
    mask: u64,
}

impl Coder {
    /// Prepares for a salt.
    pub fn new(salt: Salt) -> Self {
        Self {
            key: blake3::derive_key("titian 2026 reconciliation", &salt.0),
            mask: u64::from_le_bytes(salt.0),
        }
    }

    /// Gives the identity of an item, by its fingerprint.
    pub fn id(&self, fingerprint: &[u8; 32]) -> SaltedId {
        let hash = blake3::keyed_hash(&self.key, fingerprint);
        let mut front = [0; 8];
        front.copy_from_slice(&hash.as_bytes()[..8]);
        SaltedId(u64::from_le_bytes(front))
    }

    /// Gives what a cell must hold beside an identity if it holds that one alone. Not linear, unlike the sums.
    fn check(&self, id: SaltedId) -> u32 {
        let [a, b, c, d, ..] = scatter(scatter(id.0 ^ self.mask)).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// Splitmix64: every bit of the input reaches every bit of the output.
fn scatter(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The cells into which an identity falls, lowest first: cell 0 always, cell *i* with the probability 1 / (1 + *i* / 2).
struct Places {
    state: u64,
    next: u64,
}

impl Places {
    fn of(id: SaltedId) -> Self {
        Self { state: id.0, next: 0 }
    }
}

impl Iterator for Places {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let place = self.next;
        self.state = scatter(self.state);
        // The inverse of the distribution, (i + 3/2) · (1 / √u − 1) further on, in whole numbers so that every machine
        // finds the same: s = √((2i + 3)² / u), and then half of s − (2i + 3).
        let double = u128::from(2 * place + 3);
        let square = ((double * double) << 64) / (u128::from(self.state) + 1);
        let root = u64::try_from(square).map_or(u64::MAX, u64::isqrt);
        let further = (root - (2 * place + 3)) / 2 + 1;
        self.next = place.saturating_add(further).min(CELLS_MAX as u64);
        (place < CELLS_MAX as u64).then_some(place)
    }
}

/// The sums over the items in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    ids: u64,
    checks: u32,
}

/// A stretch of the row of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    first: u64,
    cells: Vec<Cell>,
}

impl Cells {
    /// A stretch in which nothing is.
    ///
    /// # Panics
    /// Never: a stretch beyond [`CELLS_MAX`] is shortened to it.
    pub fn empty(first: u64, count: usize) -> Self {
        let first = first.min(CELLS_MAX as u64);
        let room = CELLS_MAX - usize::try_from(first).unwrap_or(CELLS_MAX);
        Self {
            first,
            cells: vec![Cell::default(); count.min(room)],
        }
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Tells whether it has none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The place of the first cell in the row.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Puts an item in, or takes it out again.
    pub fn toggle(&mut self, coder: &Coder, id: SaltedId) {
        let check = coder.check(id);
        for index in self.within(id) {
            let cell = &mut self.cells[index];
            cell.ids ^= id.0;
            cell.checks ^= check;
        }
    }

    fn within(&self, id: SaltedId) -> impl Iterator<Item = usize> + use<> {
        let (first, end) = (self.first, self.first + self.cells.len() as u64);
        Places::of(id)
            .skip_while(move |place| *place < first)
            .take_while(move |place| *place < end)
            .filter_map(move |place| usize::try_from(place - first).ok())
    }

    /// Appends the stretch that follows this one; `false` if it is another.
    #[must_use]
    pub fn append(&mut self, next: &Self) -> bool {
        let follows = next.first == self.first + self.cells.len() as u64;
        if follows {
            self.cells.extend_from_slice(&next.cells);
        }
        follows
    }

    /// Gives the stretch in parts of at most so many cells.
    pub fn parts(&self, most: usize) -> impl Iterator<Item = Self> {
        let starts = (self.first..).step_by(most);
        starts.zip(self.cells.chunks(most)).map(|(first, cells)| Self {
            first,
            cells: cells.to_vec(),
        })
    }

    /// Finds the items in the cells, which have to begin with cell 0 and to hold the sums of one side with those of the
    /// other toggled; `None` if there are too few cells for so many items.
    pub fn decode(mut self, coder: &Coder) -> Option<BTreeSet<SaltedId>> {
        let mut found = BTreeSet::new();
        let mut changed: VecDeque<usize> = (0..self.cells.len()).collect();
        while let Some(index) = changed.pop_front() {
            let Cell { ids, checks } = self.cells[index];
            let id = SaltedId(ids);
            if self.cells[index] == Cell::default() || checks != coder.check(id) {
                continue;
            }
            // Found twice: the sums are not what they say they are.
            if !found.insert(id) {
                return None;
            }
            self.toggle(coder, id);
            changed.extend(self.within(id));
        }
        let all = !self.cells.is_empty() && self.cells.iter().all(|cell| *cell == Cell::default());
        all.then_some(found)
    }

    /// Writes the cells.
    pub fn write(&self, out: &mut Vec<u8>) {
        for cell in &self.cells {
            out.extend_from_slice(&cell.ids.to_le_bytes());
            out.extend_from_slice(&cell.checks.to_le_bytes());
        }
    }

    /// Reads cells up to the end of the bytes.
    pub fn read(first: u64, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut cells = Vec::with_capacity(reader.rest().len() / CELL_BYTES);
        while !reader.is_empty() {
            cells.push(Cell {
                ids: u64::from_le_bytes(reader.array()?),
                checks: u32::from_le_bytes(reader.array()?),
            });
        }
        if first.saturating_add(cells.len() as u64) > CELLS_MAX as u64 {
            return Err(Malformed::TooLarge("number of cells"));
        }
        Ok(Self { first, cells })
    }
}

/// How many cells to begin with, when one side holds so many items and the other so many.
pub fn first_batch(ours: u64, theirs: u64) -> usize {
    // At least so many differ, and each takes about one cell and a third.
    let apart = ours.abs_diff(theirs);
    usize::try_from(FIRST_CELLS.saturating_add(apart.saturating_add(apart / 2))).unwrap_or(CELLS_MAX)
}

/// How many more to ask for when so many were too few: rounds cost time, cells bytes.
pub fn next_batch(so_far: usize) -> usize {
    if so_far < SMALL_CELLS {
        SMALL_CELLS / 2
    } else {
        so_far * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(number: u64) -> [u8; 32] {
        *blake3::hash(&number.to_le_bytes()).as_bytes()
    }

    /// The cells of two sets, one toggled into the other.
    fn sums(coder: &Coder, count: usize, sets: [&[u64]; 2]) -> Cells {
        let mut cells = Cells::empty(0, count);
        for number in sets.into_iter().flatten() {
            cells.toggle(coder, coder.id(&fingerprint(*number)));
        }
        cells
    }

    #[test]
    fn what_differs_is_found_and_nothing_else() {
        for round in 0..100_u8 {
            let coder = Coder::new(Salt([round; 8]));
            let ours: Vec<u64> = (0..2_000).collect();
            let theirs: Vec<u64> = (7..2_003).collect();
            let found = sums(&coder, 64, [&ours, &theirs]).decode(&coder).unwrap();
            let expected = (0..7).chain(2_000..2_003).map(|number| coder.id(&fingerprint(number)));
            assert_eq!(found, expected.collect());
        }
    }

    #[test]
    fn too_few_cells_are_seen_to_be_too_few() {
        let coder = Coder::new(Salt(*b"too few!"));
        let numbers: Vec<u64> = (0..100).collect();
        assert_eq!(sums(&coder, 90, [&numbers, &[]]).decode(&coder), None);
        assert_eq!(Cells::empty(0, 0).decode(&coder), None, "no cell proves nothing");
        let equal = sums(&coder, 1, [&numbers, &numbers]).decode(&coder);
        assert_eq!(equal, Some(BTreeSet::new()), "one cell proves that nothing differs");
    }

    #[test]
    fn stretches_made_apart_are_the_row_made_at_once() {
        let coder = Coder::new(Salt([3; 8]));
        let numbers: Vec<u64> = (0..500).collect();
        let whole = sums(&coder, 300, [&numbers, &[]]);
        let mut joined = Cells::empty(0, 100);
        let mut rest = Cells::empty(100, 200);
        for number in &numbers {
            joined.toggle(&coder, coder.id(&fingerprint(*number)));
            rest.toggle(&coder, coder.id(&fingerprint(*number)));
        }
        assert!(rest.parts(64).all(|part| joined.append(&part)));
        assert_eq!(joined, whole);
        assert!(!joined.append(&rest), "a stretch fits at one place only");
    }

    #[test]
    fn bytes_are_read_back_and_a_broken_cell_is_refused() {
        let coder = Coder::new(Salt([4; 8]));
        let cells = sums(&coder, 10, [&[1, 2, 3], &[]]);
        let mut bytes = Vec::new();
        cells.write(&mut bytes);
        assert_eq!(bytes.len(), 10 * CELL_BYTES);
        assert_eq!(Cells::read(0, &mut Reader::new(&bytes)), Ok(cells));
        bytes.pop();
        assert_eq!(Cells::read(0, &mut Reader::new(&bytes)), Err(Malformed::Truncated));
        let beyond = Cells::read(CELLS_MAX as u64, &mut Reader::new(&bytes[..12]));
        assert_eq!(beyond, Err(Malformed::TooLarge("number of cells")));
    }

    #[test]
    fn hostile_sums_end() {
        // Cells that each claim to hold the same item alone: it would be put in and taken out for ever.
        let coder = Coder::new(Salt([5; 8]));
        let id = SaltedId(77);
        let mut cells = Cells::empty(0, 200);
        for cell in &mut cells.cells {
            *cell = Cell {
                ids: id.0,
                checks: coder.check(id),
            };
        }
        assert_eq!(cells.decode(&coder), None);
    }

    #[test]
    fn two_cells_for_each_item_that_differs_are_enough() {
        let coder = Coder::new(Salt([6; 8]));
        for apart in [300_u64, 3_000] {
            let numbers: Vec<u64> = (0..apart).collect();
            let count = usize::try_from(apart * 2).unwrap();
            assert!(sums(&coder, count, [&numbers, &[]]).decode(&coder).is_some(), "{apart}");
        }
    }

    #[test]
    fn the_first_batch_is_seldom_too_small_for_ten() {
        let tries = 400_u64;
        let enough = |count: usize| {
            let decoded = |round: &u64| {
                let coder = Coder::new(Salt(round.to_le_bytes()));
                let numbers: Vec<u64> = (0..10).collect();
                sums(&coder, count, [&numbers, &[]]).decode(&coder).is_some()
            };
            (0..tries).filter(decoded).count()
        };
        let first = enough(first_batch(100_000, 100_000));
        assert!(first > 370, "only {first} of {tries}");
        assert!(enough(first_batch(0, 0) + next_batch(32)) == 400);
    }
}
