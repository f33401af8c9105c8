//! What can go wrong with an attached file, and what to do about it.

use std::io;

use titian_domain::attachment::AttachmentHash;

/// Says why a file could not be kept or read. What was here before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk is full.
    #[error("there is no room on the disk for the file")]
    DiskFull,
    /// It is not here, or not all of it.
    #[error("the file {hash:.12} is not here yet")]
    Missing {
        /// Which one.
        hash: AttachmentHash,
    },
    /// Its content is no longer what its name says.
    #[error("the file {hash:.12} was damaged on the disk; it was set aside")]
    Damaged {
        /// Which one.
        hash: AttachmentHash,
    },
    /// The work on it panicked.
    #[error("the work on a file broke off")]
    BrokeOff,
    /// The disk or the folder refused.
    #[error("cannot {doing} the file {hash:.12}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        hash: AttachmentHash,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    /// Says what the person at the machine can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::DiskFull => "free some space on the disk, then try again",
            Self::Missing { .. } => "wait until it has arrived; the pages show how far it is",
            Self::Damaged { .. } => "it is fetched again from the other side; check this machine's disk",
            Self::BrokeOff => "try again, and report it if it happens again",
            Self::Io { .. } => "check that this account may write in the folder `attachments` of the data folder",
        }
    }

    pub(super) fn of(hash: AttachmentHash, doing: &'static str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::NotFound => Self::Missing { hash },
            _ => Self::Io { doing, hash, source },
        }
    }
}
