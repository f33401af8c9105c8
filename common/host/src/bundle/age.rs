//! What lies around a part: the age file format, by the crate of that name, for the holder of a signing key.
//!
//! The recipient is the Ed25519 key that enrolment handed out, in its X25519 form; see
//! `docs/decisions/0070-age-with-the-keys-of-enrolment.md`.

use std::io::{self, Cursor, Read, Write};
use std::iter;

use age::stream::{StreamReader, StreamWriter};
use age::x25519;
use age::{DecryptError, Decryptor, Encryptor};
use bech32::{Bech32, Hrp};
use ed25519_dalek::{SigningKey, VerifyingKey};

/// A header of ours takes 180 bytes; one of another program, for some recipients and with padding, fits too.
pub const HEADER_BYTES_MAX: usize = 2 * 1024;
/// With this the last line of a header begins.
const LAST_LINE: &[u8] = b"\n--- ";
/// How the crate wants keys: as text, with these in front.
const RECIPIENT: Hrp = Hrp::parse_unchecked("age");
const IDENTITY: Hrp = Hrp::parse_unchecked("age-secret-key-");

/// Encrypts what is written to it. Without its `finish` the file is a cut one.
pub type Sealing<W> = StreamWriter<W>;
/// Decrypts what is read from it; fails where bytes are missing or were changed.
pub type Opening<R> = StreamReader<io::Chain<Cursor<Vec<u8>>, R>>;

/// Why a file does not open. What is said of a wrong key says nothing of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// No header, or a broken or changed one.
    #[error("the header is malformed")]
    Header,
    /// A later version of the format.
    #[error("the file is of another version of the format")]
    Version,
    /// Encrypted to others.
    #[error("the file is encrypted to another key")]
    OtherKey,
}

/// Writes the header for the holder of a signing key. The crate draws the file's key itself, from the system.
///
/// # Errors
/// When it cannot be written, or the key is none that a secret can be agreed on with.
pub fn seal<W: Write>(out: W, receiver: &VerifyingKey) -> io::Result<Sealing<W>> {
    if receiver.is_weak() {
        return Err(io::Error::other("the receiver's key is of low order"));
    }
    let recipient = bech32::encode_lower::<Bech32>(RECIPIENT, receiver.to_montgomery().as_bytes());
    let recipient: x25519::Recipient = recipient
        .map_err(io::Error::other)?
        .parse()
        .map_err(|problem: &str| io::Error::other(problem))?;
    let encryptor = Encryptor::with_recipients(iter::once(&recipient as _)).map_err(io::Error::other)?;
    encryptor.wrap_output(out)
}

/// Reads the header from the first bytes of a file, of which `from` gives the rest. All of the header has to be in
/// `start`: no header is read into memory however long it is.
pub fn open<R: Read>(start: Vec<u8>, from: R, key: &SigningKey) -> Result<Opening<R>, NotOpened> {
    let header = &start[..start.len().min(HEADER_BYTES_MAX)];
    if !header.windows(LAST_LINE.len()).any(|bytes| bytes == LAST_LINE) {
        return Err(NotOpened::Header);
    }
    let opened = Decryptor::new(Cursor::new(start).chain(from));
    opened
        .and_then(|decryptor| decryptor.decrypt(iter::once(&identity(key) as _)))
        .map_err(|error| match error {
            DecryptError::UnknownFormat => NotOpened::Version,
            DecryptError::NoMatchingKeys => NotOpened::OtherKey,
            _ => NotOpened::Header,
        })
}

/// The X25519 form of a signing key.
fn identity(key: &SigningKey) -> x25519::Identity {
    bech32::encode_upper::<Bech32>(IDENTITY, &key.to_scalar_bytes())
        .ok()
        .and_then(|text| text.parse().ok())
        .expect("32 bytes are a secret key")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much the format encrypts at once, and what that grows by.
    const CHUNK_BYTES: usize = 64 * 1024;
    const SEALED_BYTES: usize = CHUNK_BYTES + 16;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut sealing = seal(Vec::new(), &key(1).verifying_key()).unwrap();
        content.chunks(1000).for_each(|piece| sealing.write_all(piece).unwrap());
        sealing.finish().unwrap()
    }

    fn opened(file: &[u8], key: &SigningKey) -> io::Result<Vec<u8>> {
        let (start, rest) = file.split_at(file.len().min(HEADER_BYTES_MAX));
        let mut opening = open(start.to_vec(), rest, key).map_err(io::Error::other)?;
        let mut all = Vec::new();
        opening.read_to_end(&mut all).map(|_| all)
    }

    #[test]
    fn both_forms_of_a_key_belong_together() {
        for seed in 0..20 {
            let recipient =
                bech32::encode_lower::<Bech32>(RECIPIENT, key(seed).verifying_key().to_montgomery().as_bytes());
            assert_eq!(identity(&key(seed)).to_public().to_string(), recipient.unwrap());
        }
    }

    #[test]
    fn what_was_sealed_opens_at_every_length_around_a_chunk() {
        for length in [
            0,
            1,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            CHUNK_BYTES + 1,
            2 * CHUNK_BYTES,
            150_000,
        ] {
            let content = vec![9; length];
            assert_eq!(opened(&sealed(&content), &key(1)).unwrap(), content, "{length}");
        }
        assert!(opened(&sealed(b"x"), &key(2)).is_err());
    }

    #[test]
    fn a_cut_between_two_chunks_and_chunks_that_changed_places_are_noticed() {
        let file = sealed(&vec![9; 3 * CHUNK_BYTES]);
        let payload = file.len() - 3 * SEALED_BYTES;
        for chunks in 0..3 {
            assert!(opened(&file[..payload + chunks * SEALED_BYTES], &key(1)).is_err());
        }
        let mut swapped = file.clone();
        swapped[payload..payload + 2 * SEALED_BYTES].rotate_left(SEALED_BYTES);
        assert!(opened(&swapped, &key(1)).is_err());
        assert!(opened(&[file, vec![0]].concat(), &key(1)).is_err());
    }

    #[test]
    fn a_key_that_everybody_could_open_for_is_refused() {
        let weak = VerifyingKey::from_bytes(&{
            let mut identity = [0; 32];
            identity[0] = 1;
            identity
        });
        assert!(seal(Vec::new(), &weak.unwrap()).is_err());
    }
}
