//! Names of things: newtypes so that one kind of identifier is never taken for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::time::UnixMillis;

/// Says what is wrong with a text that should have been an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a ULID.
    #[error("not a complaint id: 26 letters and digits are expected, as `complaint list` shows them")]
    Complaint,
    /// Not a sub-district code.
    #[error("not an office code: a sub-district code such as 63.01.03 is expected")]
    Office,
    /// Not a gateway letter.
    #[error("not a gateway letter: one letter from A to Z is expected")]
    Letter,
    /// Not a register number.
    #[error("not a register number: 63.01.03/A/2026/0042 is the form expected")]
    Register,
    /// Not a Tracking ID.
    #[error("not a Tracking ID: seven to nine digits are expected")]
    Tracking,
}

macro_rules! ulid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes one from an instant and ten random bytes.
            pub fn new(at: UnixMillis, random: [u8; 10]) -> Self {
                let mut wide = [0; 16];
                wide[6..].copy_from_slice(&random);
                let millis = u64::try_from(at.0).unwrap_or(0);
                Self(Ulid::from_parts(millis, u128::from_be_bytes(wide)).to_bytes())
            }

            /// Takes the sixteen bytes as they are.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Gives the sixteen bytes.
            pub const fn bytes(self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Ulid::from_bytes(self.0).fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Ulid::from_string(text.trim()).map(|ulid| Self(ulid.to_bytes())).map_err(|_| IdError::Complaint)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

ulid_newtype! {
    /// The identity of a complaint, the same in intake, handling, log and screens. A ULID.
    ComplaintId
}

ulid_newtype! {
    /// The identity of one event in a case file. A ULID.
    EventId
}

impl EventId {
    /// Gives the instant in it.
    pub fn millis(self) -> i64 {
        i64::try_from(Ulid::from_bytes(self.0).timestamp_ms()).unwrap_or(i64::MAX)
    }

    /// Gives an id that sorts after another one: itself, or the next millisecond after it where a clock went back.
    #[must_use]
    pub fn after(self, other: Self) -> Self {
        if self > other {
            return self;
        }
        let millis = Ulid::from_bytes(other.0).timestamp_ms().saturating_add(1);
        Self(Ulid::from_parts(millis, Ulid::from_bytes(self.0).random()).to_bytes())
    }
}

/// The incarnation of a program that writes changes: sixteen random bytes, fresh at every process start, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incarnation(pub [u8; 16]);

/// The BLAKE3 hash of a reporter record, by which an intake refers to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReporterHash(pub [u8; 32]);

impl fmt::Display for ReporterHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).to_hex().fmt(f)
    }
}

impl fmt::Debug for ReporterHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident, $error:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Gives the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let text = text.trim();
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err($error) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

text_newtype! {
    /// The code of the sub-district that an office serves, e.g. `63.01.03`.
    OfficeCode, IdError::Office, |text| {
        let digits = |part: Option<&str>| part.is_some_and(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_digit()));
        let mut parts = text.split('.');
        digits(parts.next()) && digits(parts.next()) && digits(parts.next()) && parts.next().is_none()
    }
}

text_newtype! {
    /// The letter that tells the gateways of one office apart in their register numbers.
    GatewayLetter, IdError::Letter, |text| text.len() == 1 && text.bytes().all(|b| b.is_ascii_uppercase())
}

text_newtype! {
    /// LAPOR's number of a report: digits only, seven to nine of them.
    TrackingId, IdError::Tracking, |text| (7..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

impl OfficeCode {
    /// Gives its three numbers.
    pub fn numbers(&self) -> [u8; 3] {
        let mut parts = self.0.split('.').map(|part| part.parse().unwrap_or(0));
        std::array::from_fn(|_| parts.next().unwrap_or(0))
    }
}

/// The office's own number of a complaint, given without a network and never reused: `63.01.03/A/2026/0042`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegisterNumber {
    /// The office that registered the complaint.
    pub office: OfficeCode,
    /// Which of the office's gateways gave the number.
    pub gateway: GatewayLetter,
    /// The year of registration.
    pub year: u16,
    /// The running number within office, gateway and year, from 1.
    pub serial: u32,
}

impl fmt::Display for RegisterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{:04}", self.office, self.gateway, self.year, self.serial)
    }
}

impl FromStr for RegisterNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut parts = text.trim().split('/');
        let mut next = || parts.next().ok_or(IdError::Register);
        let (office, gateway, year, serial) = (next()?, next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(IdError::Register);
        }
        Ok(Self {
            office: office.parse()?,
            gateway: gateway.parse()?,
            year: year.parse().map_err(|_| IdError::Register)?,
            serial: serial.parse().map_err(|_| IdError::Register)?,
        })
    }
}

impl TryFrom<String> for RegisterNumber {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<RegisterNumber> for String {
    fn from(value: RegisterNumber) -> Self {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_number_reads_back_as_it_was_written() {
        let number: RegisterNumber = "63.01.03/A/2026/0042".parse().unwrap();
        assert_eq!((number.year, number.serial), (2026, 42));
        assert_eq!(number.to_string(), "63.01.03/A/2026/0042");
        assert_eq!(number.to_string().parse(), Ok(number));
    }

    #[test]
    fn numbers_of_another_form_are_refused() {
        for text in [
            "63.01/A/2026/0042",
            "63.01.03/a/2026/1",
            "63.01.03/A/2026",
            "63.01.03/A/2026/1/2",
            "",
        ] {
            assert!(text.parse::<RegisterNumber>().is_err(), "{text}");
        }
        for text in ["123456", "1234567890", "12345a7"] {
            assert!(text.parse::<TrackingId>().is_err(), "{text}");
        }
        assert!("5049672".parse::<TrackingId>().is_ok());
    }

    #[test]
    fn a_complaint_id_reads_back_as_it_was_written() {
        let id = ComplaintId::new(UnixMillis(1_774_000_000_000), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(ComplaintId::from_bytes(id.bytes()), id);
    }
}
