//! Attached files beside the database: named by the hash of their content, whole or growing, verified when read.
//!
//! Everything here blocks on the disk: call it off the async threads.

pub mod cli;
pub mod encipher;
mod error;
mod holding;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use titian_domain::attachment::{AttachmentHash, FILE_BYTES_MAX};

pub use self::error::FileError;
pub use self::holding::{Holding, percent, saved_name};
use crate::at_rest::FilesKey;
use crate::casebook::attachment::{self, FileState};
use crate::folder;
use crate::store::{Store, StoreError};

/// The folder's name within the data folder.
pub const FOLDER: &str = "attachments";
/// A file that grows piece by piece.
const PART: &str = "part";
/// A file that was taken over and that no complaint names yet.
const DRAFT: &str = "draft";
/// A small picture of a file.
const THUMBNAIL: &str = "thumb";
/// A file that is being written.
const TEMPORARY: &str = "tmp";
/// A file whose content is no longer what its name says: kept for whoever wants to look at it.
const DAMAGED: &str = "damaged";

/// How much is read at a time where a file is hashed.
const BLOCK_BYTES: usize = 64 * 1024;
/// How many sound files are remembered: more than are under way at once, and no more memory than a page.
const SOUND_MAX: usize = 128;

/// The attached files of a program. Cheap to clone.
#[derive(Clone)]
pub struct AttachmentFiles(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    /// With one, everything here is enciphered but what is still plain.
    key: Option<FilesKey>,
    /// What was plain when the folder was opened, since enciphering it was begun and is not over.
    still_plain: BTreeSet<AttachmentHash>,
    /// Two connections may bring pieces of one file at once: whoever writes has the turn.
    turn: Mutex<()>,
    /// What was found to be sound since the program started, so that a file that is sent in pieces is hashed once.
    sound: Mutex<BTreeSet<AttachmentHash>>,
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// So many bytes of the file are here and durable: the next piece begins there.
    Held(u64),
    /// All of the file is here, and is what its name says.
    Complete,
    /// What arrived is not that file: nothing of it is kept, and it begins again at 0.
    Mismatch,
}

impl AttachmentFiles {
    /// Opens the folder of a data folder, and makes it where it is missing.
    pub fn open(data: &Path) -> io::Result<Self> {
        Self::open_with(data, None)
    }

    /// Does the same with files that are enciphered with a key; with none they are plain.
    pub fn open_with(data: &Path, key: Option<FilesKey>) -> io::Result<Self> {
        Self::opened(data, key, BTreeSet::new())
    }

    /// Does the same with a folder of which only a part is enciphered yet: what is plain is read as such, what is new is enciphered.
    pub fn open_begun(data: &Path, key: FilesKey) -> io::Result<Self> {
        Self::opened(data, Some(key), encipher::still_plain(data)?)
    }

    fn opened(data: &Path, key: Option<FilesKey>, still_plain: BTreeSet<AttachmentHash>) -> io::Result<Self> {
        let path = data.join(FOLDER);
        folder::make(&path)?;
        Ok(Self(Arc::new(Inner {
            folder: path,
            key,
            still_plain,
            turn: Mutex::default(),
            sound: Mutex::default(),
        })))
    }

    /// Tells whether all of a file is here.
    pub fn has(&self, hash: AttachmentHash) -> bool {
        self.state(hash) == FileState::Whole
    }

    /// Tells how much of a file is here.
    pub fn state(&self, hash: AttachmentHash) -> FileState {
        if self.whole(hash).is_file() {
            FileState::Whole
        } else if self.beside(hash, PART).is_file() {
            FileState::Part
        } else {
            FileState::Nothing
        }
    }

    /// Gives how many bytes of a growing file are here; 0 where it has not begun, and of one that is whole its length.
    pub fn held(&self, hash: AttachmentHash) -> u64 {
        length(&self.whole(hash))
            .or_else(|| length(&self.beside(hash, PART)))
            .unwrap_or(0)
    }

    /// Keeps a whole file. It is durable when this returns; a file that is here already is written once.
    pub fn put(&self, content: &[u8]) -> Result<AttachmentHash, FileError> {
        let hash = AttachmentHash::of(content);
        if !self.has(hash) {
            self.write(hash, content, &self.whole(hash))?;
        }
        Ok(hash)
    }

    /// Keeps a file that no complaint names yet: [`Self::settle`] makes it one that stays, the next start of the program
    /// removes it.
    pub fn put_draft(&self, content: &[u8]) -> Result<AttachmentHash, FileError> {
        let hash = AttachmentHash::of(content);
        if !self.has(hash) {
            self.write(hash, content, &self.beside(hash, DRAFT))?;
        }
        Ok(hash)
    }

    /// Makes a draft a file that stays, and gives its length. One that is here already is left as it is.
    pub fn settle(&self, hash: AttachmentHash) -> Result<u64, FileError> {
        let _turn = self.turn();
        let (draft, whole) = (self.beside(hash, DRAFT), self.whole(hash));
        if !self.has(hash) {
            fs::rename(draft, &whole)
                .and_then(|()| self.sync_folder())
                .map_err(|source| FileError::of(hash, "keep", source))?;
        }
        Ok(length(&whole).unwrap_or(0))
    }

    /// Gives a small picture that was made of a file before.
    pub fn thumbnail(&self, hash: AttachmentHash) -> Option<Vec<u8>> {
        let kept = fs::read(self.beside(hash, THUMBNAIL)).ok()?;
        match &self.0.key {
            Some(key) => key.open(&kept),
            None => Some(kept),
        }
    }

    /// Keeps a small picture of a file. It can be made again at any time, so that failing is no error, and nothing waits
    /// for the disk.
    pub fn keep_thumbnail(&self, hash: AttachmentHash, picture: &[u8]) {
        let (path, temporary) = (
            self.beside(hash, THUMBNAIL),
            self.beside(hash, &format!("{THUMBNAIL}.{TEMPORARY}")),
        );
        let mut picture = Cow::Borrowed(picture);
        if let Some(key) = &self.0.key {
            picture = key.seal(&picture).into();
        }
        let kept = fs::write(&temporary, picture).and_then(|()| fs::rename(&temporary, path));
        if kept.is_err() {
            let _ = fs::remove_file(temporary);
        }
    }

    /// Compares the database with the folder at the start of a program that serves, after removing what an earlier run
    /// left half-written.
    ///
    /// # Errors
    /// When the folder or the database cannot be read or written.
    pub async fn tidy(&self, store: &Store) -> Result<(), StoreError> {
        let files = self.clone();
        let differing = store.read(move |conn| {
            match files.clear_strays() {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "files that were never finished or attached were removed"),
                Err(error) => tracing::warn!(%error, "the folder of attachments could not be tidied"),
            }
            Ok::<_, StoreError>(attachment::differences(conn, &files)?)
        });
        let differing = differing.await?;
        if differing.is_empty() {
            return Ok(());
        }
        tracing::info!(
            count = differing.len(),
            "the database learned which attachments lie in the folder"
        );
        store
            .write(move |tx| {
                for (hash, state) in &differing {
                    attachment::note(tx, *hash, *state)?;
                }
                Ok(())
            })
            .await
    }

    /// Takes a piece of a file, at the offset where it belongs. It is durable when this returns. A piece that overlaps
    /// what is here adds what is new in it; one beyond the end of what is here changes nothing.
    ///
    /// # Errors
    /// Where the disk is full or fails; what was here before is as it was.
    pub fn append(&self, hash: AttachmentHash, total: u64, offset: u64, bytes: &[u8]) -> Result<Appended, FileError> {
        let _turn = self.turn();
        if self.has(hash) {
            return Ok(Appended::Complete);
        }
        let part = self.beside(hash, PART);
        let held = length(&part).unwrap_or(0);
        let end = offset.saturating_add(bytes.len() as u64);
        if total == 0 || total > FILE_BYTES_MAX || end > total || held > total {
            return self.start_again(hash);
        }
        if offset > held || end <= held && held < total {
            return Ok(Appended::Held(held));
        }
        // `offset` ≤ `held`, and a piece is far smaller than the address space.
        let known = usize::try_from(held - offset).unwrap_or(usize::MAX);
        let fresh = bytes.get(known..).unwrap_or_default();
        let fresh = self.ciphered(hash, held, fresh);
        fresh
            .and_then(|fresh| extend(&part, held, &fresh))
            .map_err(|source| FileError::of(hash, "extend", source))?;
        if end.max(held) < total {
            return Ok(Appended::Held(end));
        }
        if self
            .hash_of(hash, &part)
            .map_err(|source| FileError::of(hash, "read", source))?
            != hash
        {
            return self.start_again(hash);
        }
        fs::rename(&part, self.whole(hash))
            .and_then(|()| self.sync_folder())
            .map_err(|source| FileError::of(hash, "keep", source))?;
        self.remember(hash);
        Ok(Appended::Complete)
    }

    /// Reads a part of a whole file; fewer bytes where it ends, none behind its end. The file is hashed when it is read
    /// from its beginning, and when it is read for the first time since the program started.
    ///
    /// # Errors
    /// [`FileError::Damaged`] where it is not what its name says: it was set aside, and is wanted again.
    pub fn read(&self, hash: AttachmentHash, offset: u64, length: usize) -> Result<Vec<u8>, FileError> {
        let known_sound = offset > 0 && self.sound().contains(&hash);
        if !known_sound {
            self.verify(hash)?;
        }
        let mut content = Vec::new();
        File::open(self.whole(hash))
            .and_then(|mut file| {
                file.seek(SeekFrom::Start(offset))?;
                file.take(length as u64).read_to_end(&mut content)?;
                self.cipher(hash, offset, &mut content)
            })
            .map_err(|source| FileError::of(hash, "read", source))?;
        Ok(content)
    }

    fn verify(&self, hash: AttachmentHash) -> Result<(), FileError> {
        let path = self.whole(hash);
        let found = self
            .hash_of(hash, &path)
            .map_err(|source| FileError::of(hash, "read", source))?;
        if found == hash {
            self.remember(hash);
            return Ok(());
        }
        self.sound().remove(&hash);
        tracing::error!(attachment.hash = %hash, "an attachment was damaged on the disk; it was set aside and is fetched again");
        fs::rename(&path, self.beside(hash, DAMAGED)).map_err(|source| FileError::of(hash, "set aside", source))?;
        Err(FileError::Damaged { hash })
    }

    /// Lists all files that are here, whole or in part.
    pub fn list(&self) -> impl Iterator<Item = (AttachmentHash, FileState)> + use<> {
        let entries = fs::read_dir(&self.0.folder).into_iter().flatten();
        entries.flatten().filter_map(|entry| {
            let name = entry.file_name();
            let (name, state) = match name.to_str()?.split_once('.') {
                None => (name.to_str()?, FileState::Whole),
                Some((name, PART)) => (name, FileState::Part),
                Some(_) => return None,
            };
            Some((name.parse().ok()?, state))
        })
    }

    /// Removes what an earlier run left half-written, and files that nobody attached in the end. For the start of a
    /// program that serves; gives how many there were.
    pub fn clear_strays(&self) -> io::Result<usize> {
        let mut count = 0;
        for entry in fs::read_dir(&self.0.folder)? {
            let path = entry?.path();
            let stray = path.extension().is_some_and(|of| of == TEMPORARY || of == DRAFT);
            if stray {
                fs::remove_file(path)?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn start_again(&self, hash: AttachmentHash) -> Result<Appended, FileError> {
        match fs::remove_file(self.beside(hash, PART)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::of(hash, "remove", error)),
            _ => Ok(Appended::Mismatch),
        }
    }

    /// Writes under another name first: whatever happens, a file under its own name is all there.
    fn write(&self, hash: AttachmentHash, content: &[u8], path: &Path) -> Result<(), FileError> {
        let _turn = self.turn();
        let written = self
            .ciphered(hash, 0, content)
            .and_then(|content| folder::replace(path, &content))
            .and_then(|()| self.sync_folder());
        written.map_err(|source| FileError::of(hash, "write", source))
    }

    /// Hashes what a file says, which is known by a name.
    fn hash_of(&self, name: AttachmentHash, path: &Path) -> io::Result<AttachmentHash> {
        let mut file = File::open(path)?;
        let mut hasher = blake3::Hasher::new();
        let (mut block, mut offset) = (vec![0; BLOCK_BYTES], 0);
        loop {
            let read = file.read(&mut block)?;
            if read == 0 {
                return Ok(AttachmentHash(*hasher.finalize().as_bytes()));
            }
            self.cipher(name, offset, &mut block[..read])?;
            hasher.update(&block[..read]);
            offset += read as u64;
        }
    }

    /// Enciphers or deciphers, where there is a key, what stands in a file from an offset on.
    fn cipher(&self, hash: AttachmentHash, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.key_of(hash).map_or(Ok(()), |key| key.apply(hash, offset, bytes))
    }

    /// Gives bytes as they are to stand in a file from an offset on.
    fn ciphered<'a>(&self, hash: AttachmentHash, offset: u64, bytes: &'a [u8]) -> io::Result<Cow<'a, [u8]>> {
        let mut bytes = Cow::Borrowed(bytes);
        if self.key_of(hash).is_some() {
            self.cipher(hash, offset, bytes.to_mut())?;
        }
        Ok(bytes)
    }

    fn key_of(&self, hash: AttachmentHash) -> Option<&FilesKey> {
        self.0.key.as_ref().filter(|_| !self.0.still_plain.contains(&hash))
    }

    fn sync_folder(&self) -> io::Result<()> {
        folder::sync(&self.0.folder)
    }

    fn whole(&self, hash: AttachmentHash) -> PathBuf {
        self.0.folder.join(hash.to_string())
    }

    fn beside(&self, hash: AttachmentHash, ending: &str) -> PathBuf {
        self.0.folder.join(format!("{hash}.{ending}"))
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, hash: AttachmentHash) {
        let mut sound = self.sound();
        if sound.len() >= SOUND_MAX {
            sound.clear();
        }
        sound.insert(hash);
    }

    fn sound(&self) -> MutexGuard<'_, BTreeSet<AttachmentHash>> {
        self.0.sound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn length(path: &Path) -> Option<u64> {
    fs::metadata(path)
        .ok()
        .filter(fs::Metadata::is_file)
        .map(|found| found.len())
}

/// Adds bytes to the end of a growing file; where they do not all fit, the file is as it was.
fn extend(part: &Path, held: u64, fresh: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(part)?;
    file.write_all(fresh)
        .and_then(|()| file.sync_data())
        .inspect_err(|_| _ = file.set_len(held))
}

#[cfg(test)]
mod tests;
