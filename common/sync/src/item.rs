//! What a log is made of: one change, one reporter record, one registration; unique by its hash.

use std::fmt;

use titian_domain::id::{ComplaintId, Incarnation};
use titian_domain::reporter::{REPORTER_BYTES_MAX, ReporterRecord};

use crate::chunk;
use crate::proof::Proof;

/// No change of ours is larger: two texts of 20,000 letters, ten of 1,000, four bytes a letter.
pub const ITEM_BYTES_MAX: usize = 256 * 1024;

/// What an item is. The numbers stand in logs and on the wire: never reused, never changed.
///
/// Reserved: 5, 6 attachment manifest, 7 thumbnail,
/// 8 staff account, 9 office settings, 10 whole document, 11 audit anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// A program start: sixteen bytes that are the actor of the changes that follow it.
    Incarnation = 0,
    /// One Automerge change of an intake document.
    Intake = 1,
    /// One Automerge change of a handling document.
    Handling = 2,
    /// A reporter record.
    Reporter = 3,
    /// The hash of a reporter record that is to be forgotten everywhere.
    ReporterErased = 4,
}

impl ItemKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Incarnation,
        Self::Intake,
        Self::Handling,
        Self::Reporter,
        Self::ReporterErased,
    ];

    /// Gives the number that stands in logs and on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Finds the kind of a number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Tells whether a gateway may write it. Handling documents are written by the hub alone: a gateway may bring back
    /// what a hub has lost of them, with the hub's own [`crate::proof::Proof`].
    pub fn may_be_written_by_gateway(self) -> bool {
        self != Self::Handling
    }

    /// Tells whether its body is an Automerge change.
    pub fn is_change(self) -> bool {
        matches!(self, Self::Intake | Self::Handling)
    }
}

/// What an item is known by: Automerge's change hash, or BLAKE3 of the body in the context of its kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemHash(pub [u8; 32]);

impl ItemHash {
    /// Gives the front part by which a later item refers to this one on the wire.
    pub fn prefix(&self) -> HashPrefix {
        let mut prefix = [0; HASH_PREFIX_BYTES];
        prefix.copy_from_slice(&self.0[..HASH_PREFIX_BYTES]);
        HashPrefix(prefix)
    }
}

impl fmt::Display for ItemHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ItemHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Among a million items of an office the chance that two share a front part of this length is one in 280 million per
/// item; where it happens the full hash is sent.
pub const HASH_PREFIX_BYTES: usize = 6;

/// The front part of an [`ItemHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashPrefix(pub [u8; HASH_PREFIX_BYTES]);

impl HashPrefix {
    /// Gives the lowest and the highest hash with this front part, for a search between the two.
    pub fn range(self) -> (ItemHash, ItemHash) {
        let (mut low, mut high) = ([0; 32], [0xff; 32]);
        low[..HASH_PREFIX_BYTES].copy_from_slice(&self.0);
        high[..HASH_PREFIX_BYTES].copy_from_slice(&self.0);
        (ItemHash(low), ItemHash(high))
    }
}

/// The first byte of what an erased reporter record leaves behind. A record is JSON and begins with a brace.
const HUSK: u8 = 0;

/// One entry of a log: checked on the outside, never opened. No `Debug`: a body may be somebody's identity.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    kind: ItemKind,
    complaint: Option<ComplaintId>,
    hash: ItemHash,
    body: Vec<u8>,
    proof: Proof,
}

/// Says why something is no item. Never repeats a byte of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadItem {
    /// A body over its limit.
    #[error("an item of {0} bytes is larger than allowed")]
    TooLarge(usize),
    /// A change that is not one plain change chunk with a right checksum.
    #[error("this is not one plain Automerge change")]
    NotAChange,
    /// A body whose length does not fit its kind.
    #[error("an item's body does not fit its kind")]
    WrongLength,
    /// A complaint is named where none belongs, or the other way round.
    #[error("an item names a complaint where none belongs, or does not name the one it belongs to")]
    WrongComplaint,
    /// It came from the hub's side only.
    #[error("a gateway may not bring an item of this kind")]
    NotFromGateway,
}

impl Item {
    /// Checks the outside of an item and hashes it. Used alike for what is written here, read from disk, and received.
    pub fn new(kind: ItemKind, complaint: Option<ComplaintId>, body: Vec<u8>) -> Result<Self, BadItem> {
        if body.len() > ITEM_BYTES_MAX {
            return Err(BadItem::TooLarge(body.len()));
        }
        if complaint.is_some() == (kind == ItemKind::Incarnation) {
            return Err(BadItem::WrongComplaint);
        }
        let hash = match kind {
            ItemKind::Intake | ItemKind::Handling => chunk::parse(&body).ok_or(BadItem::NotAChange)?.hash,
            ItemKind::Incarnation if body.len() == 16 => ItemHash(blake3::derive_key("titian 2026 incarnation", &body)),
            // What an erased record leaves behind is known by the same hash: logs and digests stay as they are.
            ItemKind::Reporter if body.first() == Some(&HUSK) => match body[1..].try_into() {
                Ok(hash) => ItemHash(hash),
                Err(_) => return Err(BadItem::WrongLength),
            },
            ItemKind::Reporter if (1..=REPORTER_BYTES_MAX).contains(&body.len()) => {
                ItemHash(ReporterRecord::hash_of(&body).0)
            }
            ItemKind::ReporterErased if body.len() == 32 => {
                ItemHash(blake3::derive_key("titian 2026 reporter erased", &body))
            }
            _ => return Err(BadItem::WrongLength),
        };
        Ok(Self {
            kind,
            complaint,
            hash,
            body,
            proof: Proof::NONE,
        })
    }

    /// Gives the body that an erased reporter record leaves behind: a zero, which no record begins with, and its hash.
    pub fn husk(record: ItemHash) -> Vec<u8> {
        [&[HUSK], record.0.as_slice()].concat()
    }

    /// Tells whether this is what an erased reporter record left behind.
    pub fn is_husk(&self) -> bool {
        self.kind == ItemKind::Reporter && self.body.first() == Some(&HUSK)
    }

    /// Makes the order to forget a reporter record everywhere.
    pub fn erasure(complaint: ComplaintId, record: ItemHash) -> Self {
        Self::new(ItemKind::ReporterErased, Some(complaint), record.0.to_vec()).expect("a hash is such an order")
    }

    /// Gives the record that is to be forgotten; `None` for other kinds.
    pub fn erases(&self) -> Option<ItemHash> {
        let hash = (self.kind == ItemKind::ReporterErased).then(|| self.body.as_slice().try_into().ok());
        hash.flatten().map(ItemHash)
    }

    /// Makes the registration of a program start.
    pub fn incarnation(incarnation: Incarnation) -> Self {
        Self::new(ItemKind::Incarnation, None, incarnation.0.to_vec()).expect("sixteen bytes are a registration")
    }

    /// Puts the hub's proof beside a handling change; to other kinds it does nothing. It is no part of what the item is
    /// known by.
    #[must_use]
    pub fn with_proof(mut self, proof: Proof) -> Self {
        if self.kind == ItemKind::Handling {
            self.proof = proof;
        }
        self
    }

    /// Gives the hub's proof that it wrote this; [`Proof::NONE`] where there is none.
    pub fn proof(&self) -> Proof {
        self.proof
    }

    /// Tells what it is.
    pub fn kind(&self) -> ItemKind {
        self.kind
    }

    /// Tells to which complaint it belongs; `None` for a registration only.
    pub fn complaint(&self) -> Option<ComplaintId> {
        self.complaint
    }

    /// Tells what it is known by.
    pub fn hash(&self) -> ItemHash {
        self.hash
    }

    /// Gives the bytes that are stored.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Takes the bytes that are stored.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// Lists the changes that this one builds on; nothing for other kinds.
    pub fn dependencies(&self) -> Vec<ItemHash> {
        if !self.kind.is_change() {
            return Vec::new();
        }
        chunk::parse(&self.body)
            .map(|parts| parts.dependencies().collect())
            .unwrap_or_default()
    }

    /// Gives the program start that wrote a change, without opening it; `None` for other kinds, and where the bytes do
    /// not say.
    pub fn written_by(&self) -> Option<Incarnation> {
        let parts = self.kind.is_change().then(|| chunk::parse(&self.body)).flatten()?;
        // An edit that is based on an older state stands under a longer form that ends in the same bytes.
        parts.actor()?.last_chunk().copied().map(Incarnation)
    }

    /// Gives what digests and running hashes take in: the hash, and what it is the hash of, so that the same change
    /// under another complaint or in another document does not count as the same.
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(self.kind, self.complaint, self.hash)
    }
}

/// Gives the fingerprint of an item whose body need not be read.
pub fn fingerprint(kind: ItemKind, complaint: Option<ComplaintId>, hash: ItemHash) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("titian 2026 log item");
    hasher.update(&[kind.code()]);
    hasher.update(&complaint.map_or([0; 16], ComplaintId::bytes));
    hasher.update(&hash.0);
    *hasher.finalize().as_bytes()
}
