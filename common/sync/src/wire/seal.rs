//! Signatures: what exactly each of them covers.
//!
//! The first signature of a body covers its head together with its first frame, or the head alone if there is none;
//! every further frame has its own. Each names the head's hash and the frame's place, so that nothing can be moved.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use super::SIGNATURE_BYTES;

/// The hash of a head: what signatures and replies are bound to. A counter in every request makes it unique.
pub type HeadHash = [u8; 32];

/// Hashes a head.
pub fn head_hash(head: &[u8]) -> HeadHash {
    blake3::derive_key("titian 2026 sync head", head)
}

/// In which direction a body travels, and to what it belongs.
#[derive(Clone, Copy)]
pub enum Direction {
    /// From a gateway, to the hub with this key: a request to one hub is worth nothing at another.
    Request {
        /// The hub's public key.
        hub: VerifyingKey,
    },
    /// From the hub, as the answer to the request with this head.
    Reply {
        /// The hash of the request's head.
        to: HeadHash,
    },
    /// From a gateway, in a bundle for the hub with this key.
    BundleRequest {
        /// The hub's public key.
        hub: VerifyingKey,
    },
    /// From the hub, in a bundle for the gateway with this key.
    BundleReply {
        /// The gateway's public key.
        device: VerifyingKey,
    },
}

/// What a signature covers beside direction and head.
#[derive(Clone, Copy)]
pub enum Covered<'a> {
    /// Nothing: a body without frames.
    HeadAlone,
    /// One frame, from its length to its last byte.
    Frame {
        /// Its place in the body, from 0.
        index: u64,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

fn message(direction: Direction, head: &HeadHash, covered: Covered<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    match direction {
        Direction::Request { hub } => {
            out.extend_from_slice(b"titian POST /sync/v1 request\0");
            out.extend_from_slice(hub.as_bytes());
        }
        Direction::Reply { to } => {
            out.extend_from_slice(b"titian POST /sync/v1 reply\0");
            out.extend_from_slice(&to);
        }
        Direction::BundleRequest { hub } => {
            out.extend_from_slice(b"titian bundle request\0");
            out.extend_from_slice(hub.as_bytes());
        }
        Direction::BundleReply { device } => {
            out.extend_from_slice(b"titian bundle reply\0");
            out.extend_from_slice(device.as_bytes());
        }
    }
    out.extend_from_slice(head);
    match covered {
        Covered::HeadAlone => out.push(0),
        Covered::Frame { index, bytes } => {
            out.push(1);
            out.extend_from_slice(&index.to_le_bytes());
            out.extend_from_slice(blake3::hash(bytes).as_bytes());
        }
    }
    out
}

/// Signs.
pub fn sign(key: &SigningKey, direction: Direction, head: &HeadHash, covered: Covered<'_>) -> [u8; SIGNATURE_BYTES] {
    key.sign(&message(direction, head, covered)).to_bytes()
}

/// Tells whether a signature holds.
pub fn verify(
    key: &VerifyingKey,
    direction: Direction,
    head: &HeadHash,
    covered: Covered<'_>,
    signature: &[u8; SIGNATURE_BYTES],
) -> bool {
    key.verify_strict(&message(direction, head, covered), &Signature::from_bytes(signature))
        .is_ok()
}
