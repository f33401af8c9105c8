//! Numbers of variable length, and a reader over bytes that never panics.

/// More bytes than this no 64-bit number needs.
const VARINT_BYTES_MAX: usize = 10;

/// Says why bytes could not be read. Never repeats a byte of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes end too early.
    #[error("the bytes end before the message does")]
    Truncated,
    /// A number is longer than it has to be, or too large.
    #[error("a number is not in its one allowed form")]
    Number,
    /// Something is larger than its limit.
    #[error("{0} is larger than allowed")]
    TooLarge(&'static str),
    /// A value that this version does not know and may not skip.
    #[error("{0} has a value that this version does not know")]
    Unknown(&'static str),
    /// What one part says contradicts another.
    #[error("{0} contradicts the rest of the message")]
    Contradiction(&'static str),
}

/// Appends a number, seven bits a byte, lowest first.
pub fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    out.push(low_bits(value));
}

fn low_bits(value: u64) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

/// Reads from the front of some bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the front.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Gives what has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Tells whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads that many bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or(Malformed::Truncated)?;
        self.rest = tail;
        Ok(head)
    }

    /// Reads an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, tail) = self.rest.split_first_chunk().ok_or(Malformed::Truncated)?;
        self.rest = tail;
        Ok(*head)
    }

    /// Reads one byte.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Reads a number in its shortest form; any other form is refused, so that equal messages are equal bytes.
    pub fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for index in 0..VARINT_BYTES_MAX {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if index == VARINT_BYTES_MAX - 1 && bits > 1 {
                return Err(Malformed::Number);
            }
            value |= bits << (7 * index);
            if byte & 0x80 == 0 {
                return if byte == 0 && index > 0 {
                    Err(Malformed::Number)
                } else {
                    Ok(value)
                };
            }
        }
        Err(Malformed::Number)
    }

    /// Reads a count or a length that has a limit.
    pub fn limited(&mut self, max: usize, what: &'static str) -> Result<usize, Malformed> {
        let value = self.varint()?;
        usize::try_from(value)
            .ok()
            .filter(|value| *value <= max)
            .ok_or(Malformed::TooLarge(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_reads_back_as_it_was_written(value: u64) {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.varint(), Ok(value));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn what_reads_as_a_number_is_its_only_form(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut reader = Reader::new(&bytes);
            if let Ok(value) = reader.varint() {
                let mut again = Vec::new();
                put(&mut again, value);
                prop_assert_eq!(&bytes[..bytes.len() - reader.rest().len()], &again[..]);
            }
        }
    }

    #[test]
    fn a_number_in_a_longer_form_is_refused() {
        assert_eq!(Reader::new(&[0x80, 0x00]).varint(), Err(Malformed::Number));
        assert_eq!(Reader::new(&[0xff; 12]).varint(), Err(Malformed::Number));
        assert_eq!(Reader::new(&[0x80]).varint(), Err(Malformed::Truncated));
        assert_eq!(Reader::new(&[5]).limited(4, "count"), Err(Malformed::TooLarge("count")));
    }
}
