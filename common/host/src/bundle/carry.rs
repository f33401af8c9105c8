//! What both programs do alike with the files of a bundle: write its parts, feed a reader, look into a file.

use std::path::Path;

use ed25519_dalek::{SigningKey, VerifyingKey};
use titian_sync::bundle::head::BundleHead;
use titian_sync::bundle::label::{Content, Label};
use titian_sync::bundle::read::{BadBundle, PartReader, Read};
use titian_sync::bundle::write::{Write, Writer};
use titian_sync::engine::LogEntry;
use tokio::runtime::Handle;

use super::{BundleTrouble, ENDING, PartFile, PartSource, Written};
use crate::clock::Clock;
use crate::store::StoreError;

/// How much of a file is read at once.
const READ_BYTES: usize = 64 * 1024;

/// Where the parts of a bundle go.
pub struct Destination<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// The names of the files without their part.
    pub stem: &'a str,
    /// What stands in front of each.
    pub label: &'a Label,
    /// Who can open them.
    pub receiver: &'a VerifyingKey,
    /// Draws the random bytes of each file.
    pub clock: &'a Clock,
}

/// Writes all parts of a bundle, each verified before the next begins. `entries` reads the log after one position and up
/// to another. Files that are whole are noted in `files` even where a later one fails: each can be used alone.
pub fn write_parts(
    writer: &mut Writer,
    to: &Destination<'_>,
    files: &mut Vec<Written>,
    mut entries: impl FnMut(u64, u64) -> Result<Vec<LogEntry>, StoreError>,
) -> Result<(), BundleTrouble> {
    let (mut file, mut part) = (None::<PartFile>, 1);
    loop {
        match writer.step().map_err(|error| BundleTrouble::Internal(error.into()))? {
            Write::NeedEntries { after, until } => writer.entries(entries(after, until)?),
            Write::Bytes(bytes) => match &mut file {
                Some(file) => file.write(&bytes)?,
                none => {
                    let name = format!("{}_{part}.{ENDING}", to.stem);
                    let begun = PartFile::begin(to.folder, &name, to.label, Some((to.receiver, &to.clock.random())))?;
                    none.insert(begun).write(&bytes)?;
                }
            },
            Write::EndOfPart => {
                if let Some(file) = file.take() {
                    files.push(file.finish()?);
                }
                part += 1;
            }
            Write::Done => return Ok(()),
        }
    }
}

/// Feeds a reader with the next bytes of a file.
pub fn feed(reader: &mut PartReader, source: &mut PartSource) -> Result<(), BundleTrouble> {
    let mut buffer = vec![0; READ_BYTES];
    match source.read(&mut buffer)? {
        0 => reader.feed_end(),
        read => reader.feed(&buffer[..read]),
    }
    Ok(())
}

/// Tells what a file is as far as a key permits: its label, and its head if the key opens it. Nothing is verified.
pub fn look_into(file: &Path, key: &SigningKey) -> Result<(Label, Option<BundleHead>), BundleTrouble> {
    let mut source = match PartSource::open(file, key) {
        Ok(source) => source,
        Err(BundleTrouble::NotForHere(label)) => return Ok((label, None)),
        Err(trouble) => return Err(trouble),
    };
    if !matches!(source.label.content, Content::Request | Content::Reply) {
        return Ok((source.label, None));
    }
    let mut reader = PartReader::begin(key.verifying_key());
    loop {
        match reader.step()? {
            Read::NeedBytes => feed(&mut reader, &mut source)?,
            Read::NeedSender(head) => return Ok((source.label, Some(head))),
            _ => return Err(BadBundle::Driver.into()),
        }
    }
}

/// Runs work that reads and writes files, which a slow stick may hold up for minutes. It waits for the database by the
/// handle.
pub async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce(&Handle) -> Result<T, BundleTrouble> + Send + 'static,
) -> Result<T, BundleTrouble> {
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || work(&handle))
        .await
        .map_err(|_| BundleTrouble::Store(StoreError::Panicked))?
}
