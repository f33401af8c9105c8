//! The reporter record: who brings a complaint, kept beside the documents so that it can be truly erased.
//!
//! A small salted record, addressed by its BLAKE3 hash. It is no CRDT: a correction is another record, and the
//! intake refers to the one that holds.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use crate::id::ReporterHash;

/// More than any record of a person needs; a peer's larger one is refused.
pub const REPORTER_BYTES_MAX: usize = 4_096;

/// Who brings a complaint. No `Debug`, no `Display`: identities must not leak into logs.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReporterRecord {
    /// Sixteen random bytes as hex: without it the hash of a guessed identity could be compared.
    pub salt: String,
    /// The name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The identity number: sixteen digits, see [`crate::identity`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nik: String,
    /// The phone or WhatsApp number in international form.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// The electronic mail address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// The postal address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// What is known of a reporter.
#[derive(Clone, Copy)]
pub enum Reporter<'a> {
    /// The intake names none.
    None,
    /// The intake names one whose record was erased, or has not arrived yet.
    Erased,
    /// The record is here.
    Known(&'a ReporterRecord),
}

impl ReporterRecord {
    /// Sets the salt from random bytes.
    #[must_use]
    pub fn salted(mut self, random: [u8; 16]) -> Self {
        self.salt = HEXLOWER.encode(&random);
        self
    }

    /// Tells whether nothing at all is told.
    pub fn is_blank(&self) -> bool {
        [&self.name, &self.nik, &self.phone, &self.email, &self.address]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    /// Tells whether there is a way to reach the reporter.
    pub fn is_reachable(&self) -> bool {
        [&self.phone, &self.email, &self.address]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    /// Tells whether both records say the same, whatever their salts.
    pub fn says_the_same(&self, other: &Self) -> bool {
        Self {
            salt: String::new(),
            ..self.clone()
        } == Self {
            salt: String::new(),
            ..other.clone()
        }
    }

    /// Gives the bytes that are stored and synced.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a record has only strings in it")
    }

    /// Reads stored bytes; `None` if they are no reporter record or larger than one may be.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= REPORTER_BYTES_MAX)
            .then(|| serde_json::from_slice(bytes).ok())
            .flatten()
    }

    /// Gives the hash of stored bytes, by which an intake refers to the record.
    pub fn hash_of(bytes: &[u8]) -> ReporterHash {
        ReporterHash(blake3::derive_key("titian 2026 reporter record", bytes))
    }

    /// Gives the name with all but the initials hidden: "Siti Aminah" becomes "S••• A•••".
    pub fn masked_name(&self) -> String {
        let mask = |word: &str| word.chars().next().map(|initial| format!("{initial}•••"));
        self.name
            .split_whitespace()
            .filter_map(mask)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rahma() -> ReporterRecord {
        ReporterRecord {
            name: "Rahma Yulianti".into(),
            phone: "+6281234567890".into(),
            ..ReporterRecord::default()
        }
    }

    #[test]
    fn the_same_person_twice_has_two_hashes() {
        let (one, two) = (rahma().salted([1; 16]), rahma().salted([2; 16]));
        assert!(ReporterRecord::hash_of(&one.to_bytes()) != ReporterRecord::hash_of(&two.to_bytes()));
        assert!(one.says_the_same(&two));
        assert!(ReporterRecord::from_bytes(&one.to_bytes()).is_some_and(|read| read == one));
    }

    #[test]
    fn a_masked_name_shows_initials_only() {
        assert_eq!(rahma().masked_name(), "R••• Y•••");
    }

    #[test]
    fn foreign_bytes_are_no_record() {
        assert!(ReporterRecord::from_bytes(b"\xff\x00").is_none());
        assert!(ReporterRecord::from_bytes(format!("{{\"name\":\"{}\"}}", "a".repeat(5_000)).as_bytes()).is_none());
    }
}
