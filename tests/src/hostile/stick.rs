//! Bundles of a program that keeps no rule but the form: any items and files, rightly signed for their receiver.

use std::path::{Path, PathBuf};

use anyhow::Result;
use ed25519_dalek::{SigningKey, VerifyingKey};
use titian_domain::time::UnixMillis;
use titian_host::bundle::PartFile;
use titian_sync::bundle::PART_BYTES_MIN;
use titian_sync::bundle::head::{BundleHead, Sender};
use titian_sync::bundle::label::{Content, GatewayName, Label};
use titian_sync::bundle::write::{Keys, Write, Writer};
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::dictionary;
use titian_sync::engine::LogEntry;
use titian_sync::engine::pieces::Blob;
use titian_sync::enrol::Fingerprint;
use titian_sync::item::{Item, ItemHash};
use titian_sync::wire::extension::{ReplyExtensions, Want, Whole};

use super::Device;

/// When every bundle here says to be made.
const MADE_AT: UnixMillis = UnixMillis(1_774_000_000_000);

impl Device {
    /// Writes all of its log into a file for the hub.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn bundle(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let head = head(self.state.device, self.name());
        let keys = Keys {
            sender: self.key.clone(),
            receiver: self.hub,
        };
        let label = Label::new(Content::Request, head.gateway.clone(), Fingerprint::of(&self.hub));
        let mut file = PartFile::begin(folder, name, &label, Some(&self.hub))?;
        for part in parts(keys, head, &self.log, &[])? {
            file.write(&part)?;
        }
        Ok(file.finish()?.path)
    }
}

/// The keys of bundles whose bytes are samples: nobody is enrolled with them.
pub fn sample_keys() -> (SigningKey, VerifyingKey) {
    (
        SigningKey::from_bytes(&[1; 32]),
        SigningKey::from_bytes(&[2; 32]).verifying_key(),
    )
}

/// Gives the parts of a bundle with some items and files in it, as they are before encryption.
pub fn sample_parts(items: &[Item], files: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let (sender, receiver) = sample_keys();
    let mut hash = RunningHash::start([7; 16]);
    let entry = |(position, item): (u64, &Item)| {
        hash = hash.then(item);
        LogEntry {
            cursor: Cursor { position, hash },
            item: item.clone(),
        }
    };
    let log: Vec<_> = (1..).zip(items).map(entry).collect();
    let name: GatewayName = "63.01.03/A".parse().expect("a gateway's name");
    parts(Keys { sender, receiver }, head(1, name), &log, files).expect("memory for a compressor")
}

fn head(device: u64, gateway: GatewayName) -> BundleHead {
    BundleHead {
        sender: Sender::Gateway,
        device,
        gateway,
        bundle: [9; 16],
        part: 1,
        made_at: MADE_AT,
        newest_dictionary: dictionary::NEWEST,
        dictionary: dictionary::NEWEST,
        anew: false,
        start: Cursor::START.mark(),
        end: Cursor::START.mark(),
        holds: Cursor::START.mark(),
        digest: [0; 16],
        extensions: ReplyExtensions::default(),
    }
}

fn parts(keys: Keys, head: BundleHead, log: &[LogEntry], files: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    let hash = |file: &[u8]| ItemHash(*blake3::hash(file).as_bytes());
    let want = |file: &Vec<u8>| Want {
        of: Whole::Attachment,
        hash: hash(file),
        offset: 0,
    };
    let wants: Vec<_> = files.iter().map(want).collect();
    let mut writer = Writer::begin(keys, head, Cursor::START, log.len() as u64, None)
        .with_parts_of(PART_BYTES_MIN)
        .with_files(&wants);
    let (mut parts, mut part) = (Vec::new(), Vec::new());
    loop {
        match writer.step()? {
            Write::NeedEntries { after, .. } => writer.entries(log[usize::try_from(after)?..].to_vec()),
            Write::NeedFile(want) => {
                let file = files.iter().find(|file| hash(file) == want.hash);
                let rest = |file: &Vec<u8>| Blob {
                    total: file.len() as u64,
                    bytes: file
                        .iter()
                        .skip(want.offset.try_into().unwrap_or(usize::MAX))
                        .copied()
                        .collect(),
                };
                writer.file(file.map(rest));
            }
            Write::Bytes(bytes) => part.extend(bytes),
            Write::EndOfPart => parts.push(std::mem::take(&mut part)),
            Write::Done => return Ok(parts),
        }
    }
}
