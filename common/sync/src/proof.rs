//! How a hub knows its own handling changes again when a gateway brings them back.
//!
//! A hub that was restored from an older backup has lost what it wrote since, and gateways hold it. They may not write
//! handling documents, so each change carries a keyed hash that only the hub can make.

use ed25519_dalek::SigningKey;

use crate::item::{Item, ItemKind};

/// Forging one takes 2^63 signed requests on average: it can only be tried at the hub.
pub const PROOF_BYTES: usize = 8;

/// What the hub puts beside a handling change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof(pub [u8; PROOF_BYTES]);

impl Proof {
    /// No proof: of an item that needs none, or that came before there were any.
    pub const NONE: Self = Self([0; PROOF_BYTES]);
}

/// Makes and checks proofs with a key that is derived from the hub's secret.
#[derive(Clone)]
pub struct Proofs {
    key: [u8; 32],
}

impl Proofs {
    /// Derives the key.
    pub fn of_hub(key: &SigningKey) -> Self {
        Self {
            key: blake3::derive_key("titian 2026 handling proof", key.as_bytes()),
        }
    }

    /// Takes a key that was derived once and kept: the hub's secret may have changed since.
    pub fn of_key(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Gives the key, to be kept. It is as secret as the hub's.
    pub fn key(&self) -> [u8; 32] {
        self.key
    }

    /// Proves an item.
    #[must_use]
    pub fn prove(&self, item: Item) -> Item {
        let proof = self.proof_of(&item);
        item.with_proof(proof)
    }

    /// Tells whether a gateway may bring an item: it wrote it itself, or it is the hub's own.
    pub fn admit(&self, item: &Item) -> bool {
        let Proof(shown) = item.proof();
        let Proof(right) = self.proof_of(item);
        // All bytes are looked at, so that the time taken tells nothing.
        let differ = shown.iter().zip(right).fold(0, |differ, (a, b)| differ | (a ^ b));
        item.kind().may_be_written_by_gateway() || differ == 0
    }

    fn proof_of(&self, item: &Item) -> Proof {
        if item.kind() != ItemKind::Handling {
            return Proof::NONE;
        }
        let hash = blake3::keyed_hash(&self.key, &item.fingerprint());
        let mut proof = [0; PROOF_BYTES];
        proof.copy_from_slice(&hash.as_bytes()[..PROOF_BYTES]);
        Proof(proof)
    }
}
