//! A model of words under the compressor: a word that was seen before costs what its rarity is worth, about ten bits.
//!
//! A general compressor spends twenty bits and more on each repeated word of running text, because it has to say where
//! the word stood. Here both sides count the words that pass (beginning with those of the dictionary), and a word that
//! is known leaves the bytes and is told by its number, coded by how frequent it is. Measured, see `docs/protocol.md`.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use super::FRAME_PLAIN_BYTES_MAX;
use crate::varint::{self, Malformed, Reader};

/// Stands for known words; the number of them follows. Zero of them stands for this byte itself.
const KNOWN: u8 = 0x1f;
/// How many known words one mark stands for at most.
const RUN_MAX: u8 = u8::MAX;
/// Letters of a word. Shorter ones cost less as they are; longer ones do not come again.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=24;
/// How many words are kept: about half a megabyte. When they are too many, those that came but once are forgotten.
const WORDS_MAX: usize = 16 * 1024;
/// When counts add up to this they are halved, which keeps the arithmetic below in 64 bits.
const TOTAL_MAX: u64 = 1 << 22;
/// The coder's state lies between a little less than this and 2^32 times that; see [`Words::state_min`].
const STATE_MIN_MAX: u64 = 1 << 31;
/// A known word costs at most so many bytes.
const WORD_BYTES_MAX: usize = 3;

/// The words that have passed, and how often.
///
/// They are kept in a few large pieces of memory and not one by one: a long exchange learns words all the time, and small
/// ones that stay between large ones that go would leave holes (measured: two megabytes after 20,000 complaints).
#[derive(Clone, Default)]
pub(crate) struct Words {
    known: Vec<Known>,
    /// The letters of all of them, one after the other.
    letters: Vec<u8>,
    /// Finds the number of a word, by its letters.
    numbers: HashTable<u32>,
    hasher: RandomState,
    /// For each word the sum of the counts before it, and at the end the sum of all.
    sums: Vec<u64>,
}

/// A word that is known.
#[derive(Clone, Copy)]
struct Known {
    /// Where its letters begin.
    start: u32,
    length: u8,
    count: u32,
}

impl Known {
    fn letters(self, all: &[u8]) -> &[u8] {
        let start = self.start as usize;
        &all[start..start + usize::from(self.length)]
    }
}

/// Bytes without the known words, and the numbers of those.
#[derive(Default)]
pub(crate) struct Parted {
    pub bytes: Vec<u8>,
    numbers: Vec<usize>,
}

impl Parted {
    /// More bytes than this it does not take once it is written.
    pub fn bytes_max(&self) -> usize {
        self.bytes.len() + WORD_BYTES_MAX * self.numbers.len()
    }

    /// Appends what follows.
    pub fn append(&mut self, mut other: Self) {
        self.bytes.append(&mut other.bytes);
        self.numbers.append(&mut other.numbers);
    }
}

/// Finds the word in front of some bytes: a space, letters, and then no letter.
fn word(bytes: &[u8]) -> Option<&[u8]> {
    let letters = bytes.strip_prefix(b" ")?;
    let length = letters.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    LETTERS.contains(&length).then(|| &letters[..length])
}

impl Words {
    /// Starts with the words of a dictionary.
    pub fn of(dictionary: &[u8]) -> Self {
        let mut words = Self::default();
        words.learn(dictionary);
        words
    }

    /// Counts the words of bytes that have passed. Both sides do this at the same places.
    pub fn learn(&mut self, plain: &[u8]) {
        let mut at = 0;
        while at < plain.len() {
            let Some(found) = word(&plain[at..]) else {
                at += 1;
                continue;
            };
            at += found.len() + 1;
            match self.number(found) {
                Some(number) => self.known[number].count += 1,
                None => self.add(found, 1),
            }
        }
        if self.known.len() > WORDS_MAX {
            self.forget();
        }
        if self.known.iter().map(|known| u64::from(known.count)).sum::<u64>() > TOTAL_MAX {
            self.known
                .iter_mut()
                .for_each(|known| known.count = known.count.div_ceil(2));
        }
        self.sums.clear();
        self.sums.push(0);
        let add = |sum: &mut u64, known: &Known| {
            *sum += u64::from(known.count);
            Some(*sum)
        };
        self.sums.extend(self.known.iter().scan(0, add));
    }

    /// Finds the number of a word.
    fn number(&self, word: &[u8]) -> Option<usize> {
        let is_it = |number: &u32| self.letters_of(*number as usize) == word;
        let found = self.numbers.find(self.hasher.hash_one(word), is_it)?;
        Some(*found as usize)
    }

    fn letters_of(&self, number: usize) -> &[u8] {
        self.known[number].letters(&self.letters)
    }

    /// Gives the next number to a word that is not known.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a word has at most 24 letters; a frame adds some ten thousand"
    )]
    fn add(&mut self, word: &[u8], count: u32) {
        let (number, start) = (self.known.len() as u32, self.letters.len() as u32);
        let length = word.len() as u8;
        self.letters.extend_from_slice(word);
        self.known.push(Known { start, length, count });
        let Self {
            known,
            letters,
            numbers,
            hasher,
            ..
        } = self;
        numbers.insert_unique(hasher.hash_one(word), number, |number| {
            hasher.hash_one(known[*number as usize].letters(letters))
        });
    }

    /// Forgets the words that came but once, and numbers the others anew in the same order.
    fn forget(&mut self) {
        let (known, letters) = (std::mem::take(&mut self.known), std::mem::take(&mut self.letters));
        self.numbers.clear();
        for known in known.iter().filter(|known| known.count > 1).take(WORDS_MAX) {
            self.add(known.letters(&letters), known.count);
        }
    }

    /// Takes the known words out of bytes.
    pub fn part(&self, plain: &[u8]) -> Parted {
        let mut parted = Parted::default();
        let mut run = 0;
        let mut at = 0;
        let close = |bytes: &mut Vec<u8>, run: &mut u8| {
            if *run > 0 {
                bytes.extend([KNOWN, *run]);
                *run = 0;
            }
        };
        while at < plain.len() {
            if let Some(found) = word(&plain[at..]) {
                if let Some(number) = self.number(found) {
                    parted.numbers.push(number);
                    run += 1;
                    if run == RUN_MAX {
                        close(&mut parted.bytes, &mut run);
                    }
                } else {
                    close(&mut parted.bytes, &mut run);
                    parted.bytes.extend_from_slice(&plain[at..=at + found.len()]);
                }
                at += found.len() + 1;
                continue;
            }
            close(&mut parted.bytes, &mut run);
            parted.bytes.push(plain[at]);
            if plain[at] == KNOWN {
                parted.bytes.push(0);
            }
            at += 1;
        }
        close(&mut parted.bytes, &mut run);
        parted
    }

    /// Writes the numbers of the known words, by an entropy coder (rANS): from the last to the first, as it reads.
    pub fn encode(&self, parted: &Parted) -> Vec<u8> {
        if parted.numbers.is_empty() {
            return Vec::new();
        }
        let (total, state_min) = (self.total(), self.state_min());
        let mut state = state_min;
        let mut spilled = Vec::new();
        for number in parted.numbers.iter().rev() {
            let (before, count) = (self.sums[*number], u64::from(self.known[*number].count));
            if state >= ((state_min / total) << 32) * count {
                spilled.push((state & 0xffff_ffff) as u32);
                state >>= 32;
            }
            state = (state / count) * total + before + state % count;
        }
        let mut out = Vec::with_capacity(4 * spilled.len() + 9);
        varint::put(&mut out, state);
        for word in spilled.iter().rev() {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out
    }

    /// Puts the known words back, and counts nothing yet.
    pub fn join(&self, bytes: &[u8], coded: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut plain = Vec::with_capacity(2 * bytes.len());
        let mut coded = Reader::new(coded);
        let mut state = if coded.is_empty() {
            self.state_min()
        } else {
            coded.varint()?
        };
        let mut bytes = bytes.iter();
        while let Some(byte) = bytes.next() {
            if *byte != KNOWN {
                plain.push(*byte);
                continue;
            }
            let run = *bytes.next().ok_or(Malformed::Truncated)?;
            if run == 0 {
                plain.push(KNOWN);
            }
            for _ in 0..run {
                let word = self.decode(&mut state, &mut coded)?;
                plain.push(b' ');
                plain.extend_from_slice(word);
                if plain.len() > FRAME_PLAIN_BYTES_MAX {
                    return Err(Malformed::TooLarge("an unfolded frame"));
                }
            }
        }
        if state != self.state_min() || !coded.is_empty() {
            return Err(Malformed::Contradiction("the number of words"));
        }
        Ok(plain)
    }

    fn decode(&self, state: &mut u64, coded: &mut Reader<'_>) -> Result<&[u8], Malformed> {
        let total = self.total();
        let slot = *state % total;
        let number = self.sums.partition_point(|sum| *sum <= slot).wrapping_sub(1);
        let known = *self.known.get(number).ok_or(Malformed::Unknown("word"))?;
        *state = u64::from(known.count) * (*state / total) + slot - self.sums[number];
        if *state < self.state_min() {
            *state = (*state << 32) | u64::from(u32::from_le_bytes(coded.array()?));
        }
        Ok(known.letters(&self.letters))
    }

    /// The least state is a multiple of the total of the counts: otherwise a state can fall below it between two words,
    /// and the reader takes in bytes that the writer did not put out.
    fn state_min(&self) -> u64 {
        let total = self.total();
        STATE_MIN_MAX / total * total
    }

    fn total(&self) -> u64 {
        self.sums.last().copied().unwrap_or(0).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round(words: &Words, plain: &[u8]) -> Vec<u8> {
        let parted = words.part(plain);
        words.join(&parted.bytes, &words.encode(&parted)).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_parted_joins_to_what_it_was(
            known in "[a-f ]{0,200}",
            text in "[a-h ,.\u{1f}]{0,400}",
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let words = Words::of(known.as_bytes());
            prop_assert_eq!(round(&words, text.as_bytes()), text.as_bytes());
            prop_assert_eq!(round(&words, &bytes), bytes);
        }

        #[test]
        fn arbitrary_bytes_are_joined_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
            coded in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let words = Words::of(b" jalan rusak jalan desa air jalan");
            let _ = words.join(&bytes, &coded);
            let _ = Words::default().join(&bytes, &coded);
        }
    }

    #[test]
    fn long_texts_come_back_whatever_the_counts_add_up_to() {
        // A total that divides the least state worst: nearly one whole total is left over.
        let total = 4_186_155;
        let mut words = Words::of(b" jalan rusak di desa air mati lampu padam");
        let last = words.known.len() - 1;
        for (number, known) in words.known.iter_mut().enumerate() {
            known.count = total >> (number + 1);
        }
        words.known[0].count += total - words.known.iter().map(|known| known.count).sum::<u32>();
        words.learn(b"");
        assert_eq!(words.total(), u64::from(total));
        let mut state = 7_u64;
        for _ in 0..20 {
            let mut text = Vec::new();
            for _ in 0..20_000 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                // As frequent as their counts say.
                let number = ((state >> 33) as u32).leading_zeros() as usize - 1;
                text.push(b' ');
                text.extend_from_slice(words.letters_of(number.min(last)));
            }
            assert!(round(&words, &text) == text);
        }
    }

    #[test]
    fn a_frequent_word_costs_less_than_a_byte_and_a_half() {
        let words = Words::of(" jalan rusak di desa air mati lampu".repeat(4).as_bytes());
        let parted = words.part(" jalan desa rusak lampu mati air di".repeat(100).as_bytes());
        assert!(words.encode(&parted).len() < 700 * 3 / 8 + 12);
    }

    #[test]
    fn the_number_of_words_stays_bounded() {
        let mut words = Words::default();
        for number in 0..40_000u32 {
            let letters: String = number
                .to_string()
                .chars()
                .map(|digit| (b'a' + digit as u8 - b'0') as char)
                .collect();
            words.learn(format!(" kata kata {letters}").as_bytes());
        }
        assert!(words.known.len() <= WORDS_MAX);
        let letters: usize = words.known.iter().map(|known| usize::from(known.length)).sum();
        assert_eq!(words.letters.len(), letters, "what is forgotten leaves nothing behind");
        assert_eq!(round(&words, b" kata lama, kata baru"), b" kata lama, kata baru");
    }
}
