//! Recovery codes: ten papers that stand in for a lost phone, each once.

use data_encoding::BASE32_NOPAD;

/// Enough for some lost phones and a printed sheet that both sides can still count.
pub const RECOVERY_CODES: usize = 10;

/// 120 bits: from 112 on a fast hash will do (ASVS 6.5.2), for nobody finds one from it.
pub(super) const CODE_BYTES: usize = 15;

/// Letters between two hyphens.
const GROUP_LETTERS: usize = 4;

/// One code. Has no `Debug`, so that it cannot reach a log.
pub(super) struct RecoveryCode([u8; CODE_BYTES]);

impl RecoveryCode {
    /// Makes a code of random bytes.
    pub fn new(random: [u8; CODE_BYTES]) -> Self {
        Self(random)
    }

    /// Reads what somebody typed: small letters, gaps and the digits that look like letters are forgiven.
    pub fn parse(typed: &str) -> Option<Self> {
        let letters: String = typed.chars().filter_map(letter).collect();
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Writes it for its owner.
    pub fn in_groups(&self) -> String {
        super::in_groups(&BASE32_NOPAD.encode(&self.0), GROUP_LETTERS, "-")
    }

    /// Gives what the database keeps of it. The same code of two people has two hashes.
    pub fn hash(&self, staff: &str) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("titian 2026 recovery code of a second factor");
        hasher.update(&self.0).update(staff.as_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// Base32 has neither 0, 1 nor 8: who typed one of them saw the letter.
fn letter(typed: char) -> Option<char> {
    match typed {
        ' ' | '-' => None,
        '0' => Some('O'),
        '1' => Some('I'),
        '8' => Some('B'),
        other => Some(other.to_ascii_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = RecoveryCode::new([0x73, 0xd0, 0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        let written = code.in_groups();
        assert_eq!(written, "OPIE-CAAA-AAAA-AAAA-AAAA-AAAJ");
        for typed in [
            written.as_str(),
            " opie caaa aaaa aaaa aaaa aaaj ",
            "0P1ECAAAAAAAAAAAAAAAAAAJ",
        ] {
            let read = RecoveryCode::parse(typed).map(|read| read.hash("siti"));
            assert_eq!(read, Some(code.hash("siti")), "{typed}");
        }
        for wrong in [
            "",
            "123456",
            "OPIE-CAAA-AAAA-AAAA-AAAA",
            "OPIE-CAAA-AAAA-AAAA-AAAA-AAAJ-AAAA",
            "OPIE-CAAA-AAAA-AAAA-AAAA-AAA9",
        ] {
            assert!(RecoveryCode::parse(wrong).is_none(), "{wrong}");
        }
        assert_ne!(code.hash("siti"), code.hash("budi"));
    }
}
