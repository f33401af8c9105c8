//! The outside of an Automerge change chunk: enough to hash it, check it, and take its dependencies apart.
//!
//! Nothing here reads the operations, so that bytes from a peer can be judged before the library meets them.

use sha2::{Digest as _, Sha256};

use crate::item::ItemHash;
use crate::varint::{self, Reader};

/// The four bytes in front of every chunk.
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Length of magic and checksum, which are not part of what is hashed.
const PRELUDE_BYTES: usize = 8;
/// The only type that is accepted: other chunks can unfold without limit, or hang the reader.
const CHANGE_TYPE: u8 = 1;
/// A change builds on the heads of one document; more than this many no honest document has.
pub(crate) const DEPENDENCIES_MAX: usize = 256;

/// Ours have sixteen, or some more in front where an older state was edited.
const ACTOR_BYTES_MAX: usize = 64;

/// A change chunk, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    /// Automerge's hash of the change.
    pub hash: ItemHash,
    /// The hashes of the changes that it builds on, one after the other.
    dependencies: &'a [u8],
    /// All that follows: actor, sequence number, time, message, operations.
    pub rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Gives the actor that wrote the change; `None` where the bytes do not say.
    pub fn actor(&self) -> Option<&'a [u8]> {
        let mut reader = Reader::new(self.rest);
        let length = reader.limited(ACTOR_BYTES_MAX, "actor").ok()?;
        reader.bytes(length).ok()
    }

    /// Lists the changes that this one builds on.
    pub fn dependencies(&self) -> impl ExactSizeIterator<Item = ItemHash> + use<'a> {
        let (hashes, _) = self.dependencies.as_chunks::<32>();
        hashes.iter().map(|hash| ItemHash(*hash))
    }
}

/// Takes a chunk apart; `None` if it is not exactly one change chunk in its one allowed form, with a right checksum.
pub(crate) fn parse(chunk: &[u8]) -> Option<Parts<'_>> {
    let mut reader = Reader::new(chunk);
    let magic: [u8; 4] = reader.array().ok()?;
    let checksum: [u8; 4] = reader.array().ok()?;
    let kind = reader.u8().ok()?;
    let length = reader.varint().ok()?;
    if magic != MAGIC || kind != CHANGE_TYPE || u64::try_from(reader.rest().len()) != Ok(length) {
        return None;
    }
    let hash = ItemHash(Sha256::digest(chunk.get(PRELUDE_BYTES..)?).into());
    if hash.0[..4] != checksum {
        return None;
    }
    let count = reader.limited(DEPENDENCIES_MAX, "dependencies").ok()?;
    let dependencies = reader.bytes(count * 32).ok()?;
    Some(Parts {
        hash,
        dependencies,
        rest: reader.rest(),
    })
}

/// Puts a chunk together again: the inverse of [`parse`].
pub(crate) fn build(dependencies: &[ItemHash], rest: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(rest.len() + 32 * dependencies.len() + 2);
    varint::put(&mut data, dependencies.len() as u64);
    for hash in dependencies {
        data.extend_from_slice(&hash.0);
    }
    data.extend_from_slice(rest);
    let mut chunk = Vec::with_capacity(data.len() + PRELUDE_BYTES + 4);
    chunk.extend_from_slice(&MAGIC);
    chunk.extend_from_slice(&[0; 4]);
    chunk.push(CHANGE_TYPE);
    varint::put(&mut chunk, data.len() as u64);
    chunk.append(&mut data);
    let hash: [u8; 32] = Sha256::digest(&chunk[PRELUDE_BYTES..]).into();
    chunk[4..PRELUDE_BYTES].copy_from_slice(&hash[..4]);
    chunk
}
