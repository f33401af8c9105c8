//! The recovery code: what opens the office's data when nobody's password does. It is printed once and kept under lock.

use titian_sync::enrol::letters;
use zeroize::Zeroizing;

use super::key::KEY_BYTES;

/// 128 bits: nobody guesses it, which is why it needs no slow hash.
const SECRET_BYTES: usize = 16;
/// Detects all but one in 16 million typing errors.
const CHECKSUM_BYTES: usize = 3;

/// The code. No `Debug`: it must not leak.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<[u8; SECRET_BYTES]>);

impl RecoveryCode {
    /// Makes one of fresh random bytes.
    pub fn new(random: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Writes it as it is printed: seven groups of capital letters and digits.
    pub fn to_text(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new([self.0.as_slice(), &self.checksum()].concat());
        Zeroizing::new(letters::write(&bytes))
    }

    /// Reads what somebody typed; none where a letter is missing, wrong or too many.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(letters::read(text)?);
        let (secret, checksum) = bytes.split_first_chunk::<SECRET_BYTES>()?;
        let code = Self::new(*secret);
        (code.checksum() == checksum).then_some(code)
    }

    pub(super) fn wrapping_key(&self, salt: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
        let bytes = Zeroizing::new([self.0.as_slice(), salt].concat());
        Zeroizing::new(blake3::derive_key("titian 2026 recovery code", &bytes))
    }

    fn checksum(&self) -> [u8; CHECKSUM_BYTES] {
        let mut front = [0; CHECKSUM_BYTES];
        let hash = blake3::derive_key("titian 2026 recovery code checksum", &*self.0);
        front.copy_from_slice(&hash[..CHECKSUM_BYTES]);
        front
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_typed_and_any_wrong_letter_is_noticed() {
        let code = RecoveryCode::new([0xa7; SECRET_BYTES]);
        let text = code.to_text();
        assert_eq!(text.split('-').count(), 7, "{}", *text);
        assert!(RecoveryCode::parse(&text.to_lowercase().replace('-', " ")) == Some(code));
        for (place, letter) in text.char_indices().filter(|(_, letter)| *letter != '-') {
            let mut typed = text.to_string();
            typed.replace_range(place..=place, if letter == 'X' { "Y" } else { "X" });
            assert!(RecoveryCode::parse(&typed).is_none(), "letter {place}");
        }
        assert!(RecoveryCode::parse("").is_none());
        assert!(RecoveryCode::parse("jembatan bambu").is_none());
    }
}
