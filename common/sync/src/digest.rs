//! The digest of a set of items: one number that is equal on both sides exactly if the sets are.

use std::fmt;

use crate::item::Item;

/// The sum of all items' fingerprints modulo 2^256: adding one costs the same however many there are, and the order in
/// which they came does not matter.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

/// A digest as the wire carries it.
pub type DigestMark = [u8; 16];

impl Digest {
    /// The digest of nothing.
    pub const EMPTY: Self = Self([0; 32]);

    /// Adds an item. The caller sees to it that no item is added twice.
    pub fn add(&mut self, item: &Item) {
        let mut carry = 0;
        for (sum, byte) in self.0.iter_mut().zip(item.fingerprint()) {
            let wide = u16::from(*sum) + u16::from(byte) + carry;
            *sum = (wide & 0xff) as u8;
            carry = wide >> 8;
        }
    }

    /// Takes an item out. The caller sees to it that it was added.
    pub fn remove(&mut self, item: &Item) {
        let mut borrow = 0;
        for (sum, byte) in self.0.iter_mut().zip(item.fingerprint()) {
            let wide = 0x100 + u16::from(*sum) - u16::from(byte) - borrow;
            *sum = (wide & 0xff) as u8;
            borrow = 1 - (wide >> 8);
        }
    }

    /// Gives the form that the wire carries.
    pub fn mark(&self) -> DigestMark {
        let mut mark = [0; 16];
        mark.copy_from_slice(&blake3::derive_key("titian 2026 digest", &self.0)[..16]);
        mark
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use titian_domain::id::Incarnation;

    use super::*;

    fn item(number: u8) -> Item {
        Item::incarnation(Incarnation([number; 16]))
    }

    #[test]
    fn order_does_not_matter_and_content_does() {
        let of = |numbers: &[u8]| {
            let mut digest = Digest::EMPTY;
            for number in numbers {
                digest.add(&item(*number));
            }
            digest
        };
        assert_eq!(of(&[1, 2, 3]), of(&[3, 1, 2]));
        assert_ne!(of(&[1, 2, 3]), of(&[1, 2, 4]));
        assert_ne!(of(&[1, 2]).mark(), of(&[1]).mark());
    }

    #[test]
    fn what_is_removed_leaves_what_was_there_before() {
        let of = |numbers: &[u8]| {
            let mut digest = Digest::EMPTY;
            for number in numbers {
                digest.add(&item(*number));
            }
            digest
        };
        for number in 0..=255 {
            let mut digest = of(&[1, number]);
            digest.remove(&item(1));
            assert_eq!(digest, of(&[number]), "{number}");
        }
        let mut empty = of(&[9]);
        empty.remove(&item(9));
        assert_eq!(empty, Digest::EMPTY);
    }

    #[test]
    fn a_carry_runs_through_to_the_last_byte() {
        let mut one = Digest([0xff; 32]);
        one.add(&item(1));
        let mut fingerprint = item(1).fingerprint();
        // Adding to 2^256 - 1 is subtracting one.
        let first = fingerprint.iter().position(|byte| *byte != 0).unwrap();
        fingerprint[first] -= 1;
        fingerprint[..first].fill(0xff);
        assert_eq!(one.0, fingerprint);
    }
}
