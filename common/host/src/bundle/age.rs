//! The age file format, version 1, for X25519 recipients: <https://age-encryption.org/v1>. Streams in both directions,
//! with one chunk in memory. Randomness is an argument.
//!
//! The recipient is the Ed25519 key that enrolment handed out, in its X25519 form; see
//! `docs/decisions/0070-age-with-the-keys-of-enrolment.md`, also for why this is not the age crate.

use std::io::{self, ErrorKind, Read, Write};

use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce};
use curve25519_dalek::MontgomeryPoint;
use data_encoding::BASE64_NOPAD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2_age::Sha256;

/// A header of ours takes 180 bytes; one of another program, for some recipients and with padding, fits too.
pub const HEADER_BYTES_MAX: usize = 2 * 1024;
/// How much is encrypted at once: the format's number.
const CHUNK_BYTES: usize = 64 * 1024;
/// What a chunk grows by.
const TAG_BYTES: usize = 16;
const VERSION_LINE: &str = "age-encryption.org/v1";
const STANZA: &str = "-> ";
const MAC_LINE: &str = "---";
const X25519_INFO: &[u8] = b"age-encryption.org/v1/X25519";
/// The one secret from which all of a file's keys follow.
const FILE_KEY_BYTES: usize = 16;
const NONCE_BYTES: usize = 16;

/// The fresh random bytes of one file: its key, an ephemeral key, a nonce.
pub type FileRandomness = [u8; FILE_KEY_BYTES + 32 + NONCE_BYTES];

/// Why a file does not open. What is said of a wrong key says nothing of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// No header, or a broken one.
    #[error("the header is malformed")]
    Header,
    /// A later version of the format.
    #[error("the file is of another version of the format")]
    Version,
    /// Encrypted to others.
    #[error("the file is encrypted to another key")]
    OtherKey,
    /// The header was changed.
    #[error("the header was changed")]
    Mac,
}

fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info, &mut key)
        .expect("32 bytes are less than the most that can be derived");
    key
}

fn header_mac(file_key: &[u8], header: &[u8]) -> Hmac<Sha256> {
    let key = derive(file_key, b"", b"header");
    let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&key).expect("a key of any length will do");
    mac.update(header);
    mac
}

fn wrapping(shared: MontgomeryPoint, share: MontgomeryPoint, recipient: MontgomeryPoint) -> ChaCha20Poly1305 {
    let salt = [share.to_bytes(), recipient.to_bytes()].concat();
    ChaCha20Poly1305::new(&Key::from(derive(&shared.to_bytes(), &salt, X25519_INFO)))
}

/// Counts chunks; the last one is marked, so that an end is told from a cut.
#[derive(Default)]
struct Counter(u64);

impl Counter {
    fn next(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.0.to_be_bytes());
        nonce[11] = u8::from(last);
        self.0 += 1;
        Nonce::from(nonce)
    }
}

/// Encrypts what is written. Without [`Self::finish`] the file is a cut one.
pub struct Sealing<W> {
    out: W,
    cipher: ChaCha20Poly1305,
    counter: Counter,
    chunk: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    /// Writes the header for the holder of a signing key.
    ///
    /// # Errors
    /// When it cannot be written, or the key is none that a secret can be agreed on with.
    pub fn begin(mut out: W, receiver: &VerifyingKey, random: &FileRandomness) -> io::Result<Self> {
        let (file_key, rest) = random.split_at(FILE_KEY_BYTES);
        let (ephemeral, nonce) = rest.split_at(32);
        let ephemeral: [u8; 32] = ephemeral.try_into().expect("32 bytes were split off");
        let recipient = receiver.to_montgomery();
        let share = MontgomeryPoint::mul_base_clamped(ephemeral);
        let shared = recipient.mul_clamped(ephemeral);
        if shared.to_bytes() == [0; 32] {
            return Err(io::Error::other("the receiver's key is of low order"));
        }
        let wrapped = wrapping(shared, share, recipient)
            .encrypt(&Nonce::default(), file_key)
            .map_err(|_| io::Error::other("a file's key cannot be wrapped"))?;
        let header = format!(
            "{VERSION_LINE}\n{STANZA}X25519 {}\n{}\n{MAC_LINE}",
            BASE64_NOPAD.encode(&share.to_bytes()),
            BASE64_NOPAD.encode(&wrapped),
        );
        let mac = header_mac(file_key, header.as_bytes()).finalize().into_bytes();
        out.write_all(format!("{header} {}\n", BASE64_NOPAD.encode(&mac)).as_bytes())?;
        out.write_all(nonce)?;
        Ok(Self {
            out,
            cipher: ChaCha20Poly1305::new(&Key::from(derive(file_key, nonce, b"payload"))),
            counter: Counter::default(),
            chunk: Vec::with_capacity(CHUNK_BYTES),
        })
    }

    /// Appends bytes.
    pub fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            // A full chunk waits until it is clear that it is not the last one.
            if self.chunk.len() == CHUNK_BYTES {
                self.put(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes the last chunk, and gives what was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        Ok(self.out)
    }

    fn put(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.counter.next(last);
        let sealed = self.cipher.encrypt(&nonce, &self.chunk[..]);
        let sealed = sealed.map_err(|_| io::Error::other("a chunk cannot be encrypted"))?;
        self.chunk.clear();
        self.out.write_all(&sealed)
    }
}

/// What opens files.
pub struct Identity {
    secret: [u8; 32],
    public: MontgomeryPoint,
}

impl Identity {
    /// The X25519 form of a signing key.
    pub fn of(key: &SigningKey) -> Self {
        Self::from_secret(key.to_scalar_bytes())
    }

    fn from_secret(secret: [u8; 32]) -> Self {
        let public = MontgomeryPoint::mul_base_clamped(secret);
        Self { secret, public }
    }
}

/// Decrypts what is read.
pub struct Opening<R> {
    from: R,
    cipher: ChaCha20Poly1305,
    counter: Counter,
    /// What was read of the file and not opened yet.
    sealed: Vec<u8>,
    plain: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Opening<R> {
    /// Reads the header from the first bytes of a file, of which `from` gives the rest. All of the header has to be in
    /// `start`: no header is read into memory however long it is.
    pub fn begin(start: &[u8], from: R, identity: &Identity) -> Result<Self, NotOpened> {
        let (header, mac, rest) = parts(start)?;
        let file_key = unwrap(header, identity)?;
        header_mac(&file_key, header.as_bytes())
            .verify_slice(&mac)
            .map_err(|_| NotOpened::Mac)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_BYTES).ok_or(NotOpened::Header)?;
        Ok(Self {
            from,
            cipher: ChaCha20Poly1305::new(&Key::from(derive(&file_key, nonce, b"payload"))),
            counter: Counter::default(),
            sealed: rest.to_vec(),
            plain: Vec::new(),
            given: 0,
            ended: false,
        })
    }

    /// Opens the next chunk. It is the last one exactly if nothing follows it.
    fn next_chunk(&mut self) -> io::Result<()> {
        const SEALED_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
        let wanted = (SEALED_BYTES + 1).saturating_sub(self.sealed.len());
        (&mut self.from).take(wanted as u64).read_to_end(&mut self.sealed)?;
        let last = self.sealed.len() <= SEALED_BYTES;
        let chunk = &self.sealed[..self.sealed.len().min(SEALED_BYTES)];
        let broken = || io::Error::new(ErrorKind::InvalidData, "a chunk is missing or was changed");
        let first = self.counter.0 == 0;
        self.plain = self
            .cipher
            .decrypt(&self.counter.next(last), chunk)
            .map_err(|_| broken())?;
        if last && self.plain.is_empty() && !first {
            return Err(broken());
        }
        self.given = 0;
        self.ended = last;
        self.sealed.drain(..self.sealed.len().min(SEALED_BYTES));
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() && !self.ended {
            self.next_chunk()?;
        }
        let count = buffer.len().min(self.plain.len() - self.given);
        buffer[..count].copy_from_slice(&self.plain[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// Parts a file's start: the header up to and with its dashes, its MAC, and what follows.
fn parts(start: &[u8]) -> Result<(&str, Vec<u8>, &[u8]), NotOpened> {
    let mut at = 0;
    loop {
        let length = start[at..]
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or(NotOpened::Header)?;
        let line = std::str::from_utf8(&start[at..at + length]).map_err(|_| NotOpened::Header)?;
        if at == 0 && line != VERSION_LINE {
            let other = line.starts_with("age-encryption.org/");
            return Err(if other { NotOpened::Version } else { NotOpened::Header });
        }
        if let Some(mac) = line.strip_prefix("--- ") {
            let header = std::str::from_utf8(&start[..at + MAC_LINE.len()]).map_err(|_| NotOpened::Header)?;
            let mac = BASE64_NOPAD.decode(mac.as_bytes()).map_err(|_| NotOpened::Header)?;
            return Ok((header, mac, &start[at + length + 1..]));
        }
        at += length + 1;
    }
}

/// Finds the stanza that a key opens, and gives the file's key.
fn unwrap(header: &str, identity: &Identity) -> Result<Vec<u8>, NotOpened> {
    let mut lines = header.lines().skip(1);
    while let Some(line) = lines.next() {
        let Some(share) = line
            .strip_prefix(STANZA)
            .and_then(|stanza| stanza.strip_prefix("X25519 "))
        else {
            continue;
        };
        let bytes = |text: &str| BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| NotOpened::Header);
        let share: [u8; 32] = bytes(share)?.try_into().map_err(|_| NotOpened::Header)?;
        let wrapped = bytes(lines.next().ok_or(NotOpened::Header)?)?;
        if wrapped.len() != FILE_KEY_BYTES + TAG_BYTES {
            return Err(NotOpened::Header);
        }
        let share = MontgomeryPoint(share);
        let shared = share.mul_clamped(identity.secret);
        if shared.to_bytes() == [0; 32] {
            return Err(NotOpened::Header);
        }
        if let Ok(file_key) = wrapping(shared, share, identity.public).decrypt(&Nonce::default(), &wrapped[..]) {
            return Ok(file_key);
        }
    }
    Err(NotOpened::OtherKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: FileRandomness = [7; 64];

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut sealing = Sealing::begin(Vec::new(), &key(1).verifying_key(), &RANDOM).unwrap();
        content.chunks(1000).for_each(|piece| sealing.write_all(piece).unwrap());
        sealing.finish().unwrap()
    }

    fn opened(file: &[u8], key: &SigningKey) -> io::Result<Vec<u8>> {
        opened_by(file, &Identity::of(key))
    }

    fn opened_by(file: &[u8], identity: &Identity) -> io::Result<Vec<u8>> {
        let (start, rest) = file.split_at(file.len().min(HEADER_BYTES_MAX));
        let mut opening = Opening::begin(start, rest, identity).map_err(io::Error::other)?;
        let mut all = Vec::new();
        opening.read_to_end(&mut all).map(|_| all)
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
        let payload = file.len() - 3 * (CHUNK_BYTES + TAG_BYTES);
        for chunks in 0..3 {
            assert!(opened(&file[..payload + chunks * (CHUNK_BYTES + TAG_BYTES)], &key(1)).is_err());
        }
        let mut swapped = file.clone();
        let second = payload + CHUNK_BYTES + TAG_BYTES;
        swapped[payload..second + CHUNK_BYTES + TAG_BYTES].rotate_left(CHUNK_BYTES + TAG_BYTES);
        assert!(opened(&swapped, &key(1)).is_err());
        assert!(opened(&[file, vec![0]].concat(), &key(1)).is_err());
    }

    /// The identities of the format's test vectors, by the front of their names.
    const IDENTITIES: [(&str, &str); 2] = [
        (
            "AGE-SECRET-KEY-1EGTZVFFV",
            "ca1626252c53cf1a4dc46695e7fcc46594cb4ccadedb6712dfda0753f3ae355e",
        ),
        (
            "AGE-SECRET-KEY-143WN7DCX",
            "ac5d3f3706e55071d3a604204697b9091b35c6e687dd00da3ac379ac9f742c21",
        ),
    ];

    #[test]
    fn the_test_vectors_of_the_format_open_or_are_refused_as_they_say() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bundle/age/vectors");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file = std::fs::read(&path).unwrap();
            let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
            let (about, body) = (std::str::from_utf8(&file[..end]).unwrap(), &file[end + 2..]);
            let said = |key: &str| {
                about
                    .lines()
                    .find_map(|line| line.strip_prefix(key))
                    .unwrap_or_default()
            };
            let named = IDENTITIES.iter().find(|(name, _)| said("identity: ").starts_with(name));
            let secret = data_encoding::HEXLOWER.decode(named.unwrap().1.as_bytes()).unwrap();
            let result = opened_by(body, &Identity::from_secret(secret.try_into().unwrap()));
            if said("expect: ") == "success" {
                let hash = <Sha256 as sha2_age::Digest>::digest(result.unwrap());
                assert_eq!(data_encoding::HEXLOWER.encode(&hash), said("payload: "), "{path:?}");
            } else {
                assert!(result.is_err(), "{path:?}");
            }
            count += 1;
        }
        assert_eq!(count, 18);
    }

    #[test]
    fn the_two_forms_of_a_signing_key_belong_together() {
        for seed in 0..20 {
            let public = MontgomeryPoint::mul_base_clamped(key(seed).to_scalar_bytes());
            assert_eq!(public, key(seed).verifying_key().to_montgomery());
        }
    }
}
