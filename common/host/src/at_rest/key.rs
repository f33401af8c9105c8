//! The data key, and what is derived from it.

use std::io;

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use data_encoding::HEXLOWER;
use titian_domain::attachment::AttachmentHash;
use zeroize::Zeroizing;

/// Bytes of each key.
pub(super) const KEY_BYTES: usize = 32;
/// Bytes of the nonce before a sealed piece: long enough to be drawn at random.
pub(super) const NONCE_BYTES: usize = 24;

/// The key of a data folder. No `Debug`: it must not leak; its memory is overwritten when it is let go.
#[derive(Clone)]
pub struct DataKey(pub(super) Zeroizing<[u8; KEY_BYTES]>);

impl DataKey {
    /// Makes one of fresh random bytes.
    pub fn new(random: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Gives the key of the database.
    pub fn database(&self) -> DatabaseKey {
        DatabaseKey(self.derive("titian 2026 database at rest"))
    }

    /// Gives the key of the attached files.
    pub fn files(&self) -> FilesKey {
        FilesKey(self.derive("titian 2026 attachments at rest"))
    }

    fn derive(&self, context: &str) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(blake3::derive_key(context, &*self.0))
    }
}

/// The key of a database.
#[derive(Clone)]
pub struct DatabaseKey(Zeroizing<[u8; KEY_BYTES]>);

impl DatabaseKey {
    /// Writes it as `SQLite3` Multiple Ciphers takes it in `PRAGMA key`: the bytes themselves, not a password to derive from.
    pub fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("raw:{}", HEXLOWER.encode(&*self.0)))
    }
}

/// The key of attached files.
///
/// A file is enciphered as a stream (`ChaCha20`) under a key that belongs to its hash. It stays as long as it was, can be
/// continued and read from any place, and needs no nonce: the same hash is the same content. That nobody changed it is
/// proved by the hash, which every reading from the beginning checks.
#[derive(Clone)]
pub struct FilesKey(Zeroizing<[u8; KEY_BYTES]>);

impl FilesKey {
    /// Enciphers or deciphers, which is the same, what stands in a file from an offset on.
    pub fn apply(&self, hash: AttachmentHash, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let key = Zeroizing::new(*blake3::keyed_hash(&self.0, &hash.0).as_bytes());
        let mut cipher = ChaCha20::new((&*key).into(), &[0; 12].into());
        let failed = |_| io::Error::other("the file is longer than its cipher can be");
        cipher
            .try_seek(offset)
            .map_err(|_| io::Error::other("the offset is beyond the cipher's end"))?;
        cipher.try_apply_keystream(bytes).map_err(failed)
    }

    /// Seals a small piece that is not named by its content, such as a thumbnail. Its nonce is drawn from the piece: the same
    /// one is sealed alike.
    pub fn seal(&self, piece: &[u8]) -> Vec<u8> {
        let hash = blake3::keyed_hash(&self.0, piece);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&hash.as_bytes()[..NONCE_BYTES]);
        seal(&self.0, nonce, piece)
    }

    /// Opens a sealed piece; none if it is not whole.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.0, sealed)
    }
}

/// Puts a piece under a key, with the nonce before it: XChaCha20-Poly1305.
pub(super) fn seal(key: &[u8; KEY_BYTES], nonce: [u8; NONCE_BYTES], piece: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher.encrypt(&nonce.into(), piece);
    let sealed = sealed.expect("a piece of far less than 256 GiB can be sealed");
    [nonce.as_slice(), &sealed].concat()
}

/// Opens what [`seal`] made; none if the key is another or a byte was changed.
pub(super) fn open(key: &[u8; KEY_BYTES], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    XChaCha20Poly1305::new(key.into()).decrypt(nonce.into(), sealed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_enciphered_alike_in_one_go_and_in_pieces_of_any_length() {
        let key = DataKey::new([7; KEY_BYTES]).files();
        let content: Vec<u8> = (0..1_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let hash = AttachmentHash::of(&content);
        let mut whole = content.clone();
        key.apply(hash, 0, &mut whole).unwrap();
        assert!(whole != content && whole.len() == content.len());
        for split in [1, 63, 64, 65, 500, 999] {
            let (mut front, mut back) = (content[..split].to_vec(), content[split..].to_vec());
            key.apply(hash, 0, &mut front).unwrap();
            key.apply(hash, split as u64, &mut back).unwrap();
            assert!([front, back].concat() == whole, "{split}");
        }
        key.apply(hash, 0, &mut whole).unwrap();
        assert!(whole == content);
    }

    #[test]
    fn every_file_and_every_folder_has_a_key_of_its_own() {
        let stream = |key: u8, name: &[u8]| {
            let mut bytes = [0; 64];
            let key = DataKey::new([key; KEY_BYTES]).files();
            key.apply(AttachmentHash::of(name), 0, &mut bytes).unwrap();
            bytes
        };
        assert!(stream(1, b"a") != stream(1, b"b"));
        assert!(stream(1, b"a") != stream(2, b"a"));
    }

    #[test]
    fn a_sealed_piece_opens_with_its_key_unchanged_and_not_otherwise() {
        let (key, other) = (
            DataKey::new([1; KEY_BYTES]).files(),
            DataKey::new([2; KEY_BYTES]).files(),
        );
        let sealed = key.seal(b"gambar kecil");
        assert_eq!(key.open(&sealed).as_deref(), Some(b"gambar kecil".as_slice()));
        assert_eq!(other.open(&sealed), None);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(&changed), None, "byte {place}");
        }
        assert_eq!(key.open(&sealed[..10]), None);
    }

    #[test]
    fn the_database_has_another_key_than_the_files() {
        let key = DataKey::new([7; KEY_BYTES]);
        assert!(*key.database().0 != *key.files().0);
        assert!(key.database().pragma().starts_with("raw:") && key.database().pragma().len() == 4 + 64);
    }
}
