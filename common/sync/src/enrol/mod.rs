//! Enrolment: how a gateway and its hub learn to trust each other, by a code on paper and one round trip.

pub mod address;
pub mod code;
pub mod letters;
pub mod message;

use ed25519_dalek::VerifyingKey;

/// 128 bits of the hash of a hub's public key: what a code carries to tell the right hub from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// Takes the fingerprint of a key.
    pub fn of(key: &VerifyingKey) -> Self {
        let mut front = [0; 16];
        front.copy_from_slice(&blake3::derive_key("titian 2026 hub key fingerprint", key.as_bytes())[..16]);
        Self(front)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}
