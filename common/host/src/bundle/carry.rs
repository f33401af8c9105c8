//! What both programs do alike with the files of a bundle: write its parts, feed a reader, look into a file.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use ed25519_dalek::{SigningKey, VerifyingKey};
use titian_sync::bundle::head::BundleHead;
use titian_sync::bundle::label::{Content, Label};
use titian_sync::bundle::read::{BadBundle, PartReader, Read};
use titian_sync::bundle::write::{Write, Writer};
use titian_sync::engine::LogEntry;
use titian_sync::engine::pieces::Blob;
use titian_sync::wire::extension::Want;
use tokio::runtime::Handle;

use super::{BundleTrouble, ENDING, ImportReport, PartFile, PartSource, Taken, Written, search};
use crate::store::StoreError;

/// How much of a file is read at once.
const READ_BYTES: usize = 64 * 1024;

/// Where bundles go, and what is in them.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The folder, usually on a stick.
    pub folder: PathBuf,
    /// Everything from the start, not only what the receiver is not known to have.
    pub all: bool,
    /// Also the attachments that the receiver lacks, as far as it has told.
    pub attachments: bool,
    /// How large a part may become.
    pub part_bytes: usize,
}

/// Gives the name of a bundle's files without their part: whose way they go, when, and something that no other has.
pub fn stem(way: &str, made_at: DateTime<FixedOffset>, bundle: [u8; 16]) -> String {
    let unique = u32::from_le_bytes([bundle[0], bundle[1], bundle[2], bundle[3]]);
    format!("titian_{way}_{}_{unique:08x}", made_at.format("%Y%m%d-%H%M"))
}

/// Takes the bundles that are meant by some paths. One that cannot be taken holds up no other.
///
/// # Errors
/// When a folder cannot be read.
pub fn take_all(
    paths: &[PathBuf],
    take: impl Fn(&Path) -> Result<Taken, BundleTrouble>,
) -> Result<ImportReport, BundleTrouble> {
    let mut report = ImportReport::default();
    for meant in search::bundles(paths)? {
        let result = take(&meant.path);
        if let Err(trouble) = &result {
            tracing::warn!(
                bundle.trouble = trouble.kind(),
                "a bundle was not taken, or not all of it"
            );
        }
        report.push(meant, result);
    }
    Ok(report)
}

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
}

/// What the parts of a bundle are made of.
pub trait Log {
    /// Reads entries that the receiver is to have, after one position and up to another, in order; none at the end.
    fn entries(&mut self, after: u64, until: u64) -> Result<Vec<LogEntry>, StoreError>;
    /// Reads a file of a complaint from where it is wanted; `None` where it is not here.
    fn file(&mut self, want: Want) -> Result<Option<Blob>, StoreError>;
}

/// Writes all parts of a bundle, each verified before the next begins. Files that are whole are noted in `files` even where a later one fails: each can be used alone.
pub fn write_parts(
    writer: &mut Writer,
    to: &Destination<'_>,
    files: &mut Vec<Written>,
    log: &mut impl Log,
) -> Result<(), BundleTrouble> {
    let (mut file, mut part) = (None::<PartFile>, 1);
    loop {
        match writer.step().map_err(|error| BundleTrouble::Internal(error.into()))? {
            Write::NeedEntries { after, until } => writer.entries(log.entries(after, until)?),
            Write::NeedFile(want) => writer.file(log.file(want)?),
            Write::Bytes(bytes) => match &mut file {
                Some(file) => file.write(&bytes)?,
                none => {
                    let name = format!("{}_{part}.{ENDING}", to.stem);
                    let begun = PartFile::begin(to.folder, &name, to.label, Some(to.receiver))?;
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
pub async fn off_the_async_threads<T: Send + 'static, E: From<BundleTrouble> + Send + 'static>(
    work: impl FnOnce(&Handle) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || work(&handle))
        .await
        .map_err(|_| BundleTrouble::Store(StoreError::Panicked))?
}
