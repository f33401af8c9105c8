//! The enrolment code: what the administrator prints, and somebody at the office types.

use titian_domain::id::{GatewayLetter, OfficeCode};

use super::{Fingerprint, letters};
use crate::varint::Reader;

/// The version of the code that this program writes.
const VERSION: u8 = 1;
/// 112 bits: nobody guesses it, online or off.
pub const SECRET_BYTES: usize = 14;
/// Detects all but one in 16 million typing errors.
const CHECKSUM_BYTES: usize = 3;
/// Longer than any address; the code has to fit on a line or two.
pub const ADDRESS_BYTES_MAX: usize = 120;

/// The secret of a code: fourteen random bytes. No `Debug`: it must not leak.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub [u8; SECRET_BYTES]);

/// What the hub stores of a secret, and by which it checks a proof.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

/// The name of a code: by it the hub finds the stored hash. It says nothing about the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeId(pub [u8; 8]);

impl Secret {
    /// Gives what the hub stores.
    pub fn hash(&self) -> SecretHash {
        SecretHash(blake3::derive_key("titian 2026 enrolment secret", &self.0))
    }

    /// Gives the name of its code.
    pub fn code_id(&self) -> CodeId {
        let mut front = [0; 8];
        front.copy_from_slice(&blake3::derive_key("titian 2026 enrolment code id", &self.0)[..8]);
        CodeId(front)
    }
}

/// What an enrolment code says.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolCode {
    /// What proves that the holder was given the code.
    pub secret: Secret,
    /// By which the hub is recognised.
    pub hub: Fingerprint,
    /// The office that the gateway will belong to.
    pub office: OfficeCode,
    /// The letter that the gateway will have.
    pub letter: GatewayLetter,
    /// Where the hub is: an http or https address without a path.
    pub address: String,
}

/// Says why a text is no enrolment code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    /// A letter is missing, wrong or too many.
    #[error("the enrolment code has a typing error; compare it with the paper, group by group")]
    Typing,
    /// It was made by another version.
    #[error("the enrolment code is of another version ({0}); update this program, or ask for a new code")]
    Version(u8),
    /// What it says is not usable.
    #[error("the enrolment code names an unusable {0}; ask the administrator for a new code")]
    Content(&'static str),
}

impl EnrolCode {
    /// Writes the code as people see it: capital letters and digits in groups. Fails if the address cannot be in one.
    pub fn to_text(&self) -> Result<String, BadCode> {
        if !is_address(&self.address) {
            return Err(BadCode::Content("address"));
        }
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.secret.0);
        bytes.extend_from_slice(&self.hub.0);
        for part in self.office.as_str().split('.') {
            bytes.push(part.parse().map_err(|_| BadCode::Content("office"))?);
        }
        bytes.extend_from_slice(self.letter.as_str().as_bytes());
        bytes.extend_from_slice(self.address.as_bytes());
        bytes.extend_from_slice(&checksum(&bytes));
        Ok(letters::write(&bytes))
    }

    /// Reads what somebody typed, pasted or scanned.
    pub fn parse(text: &str) -> Result<Self, BadCode> {
        let bytes = letters::read(text).ok_or(BadCode::Typing)?;
        let split = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(BadCode::Typing)?;
        let (body, check) = bytes.split_at(split);
        if checksum(body) != check {
            return Err(BadCode::Typing);
        }
        let mut reader = Reader::new(body);
        match reader.u8() {
            Ok(VERSION) => {}
            Ok(other) => return Err(BadCode::Version(other)),
            Err(_) => return Err(BadCode::Typing),
        }
        let content = |what| move |_| BadCode::Content(what);
        let secret = Secret(reader.array().map_err(content("secret"))?);
        let hub = Fingerprint(reader.array().map_err(content("hub"))?);
        let [a, b, c] = reader.array().map_err(content("office"))?;
        let office = format!("{a:02}.{b:02}.{c:02}").parse();
        let letter = reader.u8().map_err(content("letter"))?;
        let address = String::from_utf8(reader.rest().to_vec()).unwrap_or_default();
        if !is_address(&address) {
            return Err(BadCode::Content("address"));
        }
        Ok(Self {
            secret,
            hub,
            office: office.map_err(|_| BadCode::Content("office"))?,
            letter: char::from(letter)
                .to_string()
                .parse()
                .map_err(|_| BadCode::Content("letter"))?,
            address,
        })
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut front = [0; CHECKSUM_BYTES];
    front.copy_from_slice(&blake3::derive_key("titian 2026 enrolment code", bytes)[..CHECKSUM_BYTES]);
    front
}

fn is_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.len() <= ADDRESS_BYTES_MAX
        && host.is_some_and(|host| !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && b != b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> EnrolCode {
        EnrolCode {
            secret: Secret([0xa7; SECRET_BYTES]),
            hub: Fingerprint([0x3c; 16]),
            office: "63.01.03".parse().unwrap(),
            letter: "B".parse().unwrap(),
            address: "https://titian.example.id:8443".into(),
        }
    }

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let text = code().to_text().unwrap();
        let sloppy = text
            .to_lowercase()
            .replace('-', "  ")
            .replace('0', "o")
            .replace('1', "l");
        assert!(EnrolCode::parse(&text) == Ok(code()));
        assert!(EnrolCode::parse(&format!(" {sloppy}\n")) == Ok(code()));
    }

    #[test]
    fn any_one_wrong_letter_is_a_typing_error() {
        let text = code().to_text().unwrap();
        for (index, letter) in text.char_indices().filter(|(_, letter)| *letter != '-') {
            let other = if letter == 'X' { "Y" } else { "X" };
            let mut typed = text.clone();
            typed.replace_range(index..=index, other);
            assert!(EnrolCode::parse(&typed) == Err(BadCode::Typing), "letter {index}");
        }
        assert!(EnrolCode::parse("") == Err(BadCode::Typing));
        assert!(EnrolCode::parse(&text[..text.len() - 1]) == Err(BadCode::Typing));
        assert!(EnrolCode::parse("Laporan saya") == Err(BadCode::Typing));
    }

    #[test]
    fn a_code_of_another_version_says_so() {
        let mut bytes = vec![2, 1, 2, 3];
        bytes.extend_from_slice(&checksum(&bytes));
        assert!(EnrolCode::parse(&letters::write(&bytes)) == Err(BadCode::Version(2)));
    }

    #[test]
    fn an_address_with_a_path_or_without_a_scheme_is_no_address() {
        for address in ["titian.example.id", "https://", "https://a/b", "ftp://a", "https://a b"] {
            let code = EnrolCode {
                address: address.into(),
                ..code()
            };
            assert!(code.to_text() == Err(BadCode::Content("address")), "{address}");
        }
    }
}
