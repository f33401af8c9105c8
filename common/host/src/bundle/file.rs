//! One file of a bundle: written to a temporary name, forced to the medium, read back, and only then named; read with
//! bounds, whatever the file turns out to be.

use std::fs::{self, File};
use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::{SigningKey, VerifyingKey};
use titian_sync::bundle::label::{LABEL_BYTES_MAX, Label};
use titian_sync::enrol::message::MESSAGE_BYTES_MAX;

use super::BundleTrouble;
use super::age::{self, HEADER_BYTES_MAX, NotOpened, Opening, Sealing};

/// How a file is called until all of it lies on the medium.
const UNFINISHED: &str = "unfinished";
/// How much is read at once when a file is compared with what was written.
const READ_BACK_BYTES: usize = 64 * 1024;

/// Passes bytes on and remembers their hash and number.
struct Hashing<W> {
    inner: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A file that was written and read back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Where it lies.
    pub path: PathBuf,
    /// How many bytes it takes.
    pub bytes: u64,
}

enum Sealed {
    Encrypted(Sealing<Hashing<File>>),
    Clear(Hashing<File>),
}

/// A file that is being written. Dropped unfinished, it leaves nothing behind.
pub struct PartFile {
    sealed: Option<Sealed>,
    unfinished: PathBuf,
    path: PathBuf,
}

impl PartFile {
    /// Begins a file in a folder. `receiver` is who can open it; `None` leaves it in clear, for the messages of enrolment,
    /// which hold no secret.
    pub fn begin(
        folder: &Path,
        name: &str,
        label: &Label,
        receiver: Option<&VerifyingKey>,
    ) -> Result<Self, BundleTrouble> {
        let path = folder.join(name);
        let unfinished = folder.join(format!("{name}.{UNFINISHED}"));
        let file = File::create_new(&unfinished).map_err(BundleTrouble::Unwritable)?;
        let mut part = Self {
            sealed: None,
            unfinished,
            path,
        };
        part.sealed = Some(seal(file, label, receiver).map_err(BundleTrouble::Unwritable)?);
        Ok(part)
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BundleTrouble> {
        let written = match &mut self.sealed {
            Some(Sealed::Encrypted(out)) => out.write_all(bytes),
            Some(Sealed::Clear(out)) => out.write_all(bytes),
            None => Ok(()),
        };
        written.map_err(BundleTrouble::Unwritable)
    }

    /// Ends the file: forces it to the medium, reads it back from there, compares, and gives it its name.
    pub fn finish(mut self) -> Result<Written, BundleTrouble> {
        let ended = match self.sealed.take() {
            Some(Sealed::Encrypted(out)) => out.finish(),
            Some(Sealed::Clear(out)) => Ok(out),
            None => return Err(BundleTrouble::Internal(anyhow::anyhow!("a file was ended twice"))),
        };
        let Hashing { inner, hasher, bytes } = ended.map_err(BundleTrouble::Unwritable)?;
        inner.sync_all().map_err(BundleTrouble::Unwritable)?;
        drop(inner);
        let there = read_back(&self.unfinished).map_err(BundleTrouble::Unwritable)?;
        if there != (hasher.finalize(), bytes) {
            return Err(BundleTrouble::NotWhatWasWritten(self.unfinished.clone()));
        }
        fs::rename(&self.unfinished, &self.path).map_err(BundleTrouble::Unwritable)?;
        if let Some(folder) = self.path.parent() {
            sync_folder(folder).map_err(BundleTrouble::Unwritable)?;
        }
        Ok(Written {
            path: self.path.clone(),
            bytes,
        })
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        // Renamed, or on a stick that is gone: then there is nothing to remove.
        let _ = fs::remove_file(&self.unfinished);
    }
}

fn seal(file: File, label: &Label, receiver: Option<&VerifyingKey>) -> io::Result<Sealed> {
    let mut out = Hashing {
        inner: file,
        hasher: blake3::Hasher::new(),
        bytes: 0,
    };
    out.write_all(label.to_line().as_bytes())?;
    match receiver {
        Some(receiver) => Ok(Sealed::Encrypted(age::seal(out, receiver)?)),
        None => Ok(Sealed::Clear(out)),
    }
}

/// Hashes what lies under a path.
fn read_back(path: &Path) -> io::Result<(blake3::Hash, u64)> {
    let mut file = File::open(path)?;
    forget_cached(&file);
    let (mut hasher, mut bytes) = (blake3::Hasher::new(), 0);
    let mut buffer = vec![0; READ_BACK_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((hasher.finalize(), bytes)),
            read => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Asks the system to drop what it remembers of the file, so that it is read from the medium and not from memory. It may
/// decline; then the comparison still shows a file system that lies.
#[cfg(target_os = "linux")]
fn forget_cached(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn forget_cached(_: &File) {}

/// Forces the new name to the medium, where the system can.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    match File::open(folder)?.sync_all() {
        // Some file systems of sticks know no such thing.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

type Opened = io::Chain<Cursor<Vec<u8>>, File>;

enum Body {
    Encrypted(Opening<File>),
    Clear(io::Take<Opened>),
}

/// A file that is being read.
pub struct PartSource {
    /// What it says in front.
    pub label: Label,
    body: Body,
}

impl PartSource {
    /// Reads the label of a file: what it says it is.
    pub fn label_of(path: &Path) -> Result<Label, BundleTrouble> {
        Ok(front(path)?.0)
    }

    /// Opens a file with the key of who reads. No more than a few kilobytes are held in memory.
    pub fn open(path: &Path, key: &SigningKey) -> Result<Self, BundleTrouble> {
        let (label, start, file) = front(path)?;
        if matches!(
            label.content,
            titian_sync::bundle::label::Content::EnrolRequest | titian_sync::bundle::label::Content::EnrolReply
        ) {
            let body = Body::Clear(Cursor::new(start).chain(file).take(MESSAGE_BYTES_MAX as u64 + 1));
            return Ok(Self { label, body });
        }
        match age::open(start, file, key) {
            Ok(body) => Ok(Self {
                label,
                body: Body::Encrypted(body),
            }),
            Err(NotOpened::OtherKey) => Err(BundleTrouble::NotForHere(label)),
            Err(NotOpened::Version) => Err(BundleTrouble::Newer),
            Err(NotOpened::Header) => Err(BundleTrouble::Damaged(None)),
        }
    }

    /// Reads on; 0 at the end of a whole file.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BundleTrouble> {
        let read = match &mut self.body {
            Body::Encrypted(body) => body.read(buffer),
            Body::Clear(body) => body.read(buffer),
        };
        read.map_err(|error| match error.kind() {
            // Bytes are missing, or were changed.
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData => BundleTrouble::Damaged(None),
            _ => BundleTrouble::Unreadable(error),
        })
    }

    /// Reads all of a short message.
    pub fn read_message(&mut self) -> Result<Vec<u8>, BundleTrouble> {
        let mut message = Vec::new();
        let mut buffer = [0; 1024];
        loop {
            match self.read(&mut buffer)? {
                0 => return Ok(message),
                read => message.extend_from_slice(&buffer[..read]),
            }
            if message.len() > MESSAGE_BYTES_MAX {
                return Err(BundleTrouble::Damaged(None));
            }
        }
    }
}

/// Reads the label, and what follows it as far as a header reaches.
fn front(path: &Path) -> Result<(Label, Vec<u8>, File), BundleTrouble> {
    let mut file = File::open(path).map_err(BundleTrouble::Unreadable)?;
    // A device or a pipe may never end, or never begin.
    if !file.metadata().map_err(BundleTrouble::Unreadable)?.is_file() {
        return Err(BundleTrouble::NotABundle);
    }
    let mut start = Vec::new();
    (&mut file)
        .take((LABEL_BYTES_MAX + HEADER_BYTES_MAX) as u64)
        .read_to_end(&mut start)
        .map_err(BundleTrouble::Unreadable)?;
    let (label, length) = Label::find(&start).map_err(|_| BundleTrouble::NotABundle)?;
    start.drain(..length);
    Ok((label, start, file))
}

#[cfg(test)]
mod tests;
