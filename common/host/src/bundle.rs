//! Bundles as files: encrypted to their receiver, written so that a pulled stick leaves no half file that looks whole,
//! and read with bounds. What is in them `titian_sync::bundle` says; who takes it, the programs.

mod age;
pub mod browser;
pub mod carry;
pub mod cli;
pub mod file;
pub mod report;
pub mod search;

pub use self::carry::Outgoing;
pub use self::file::{PartFile, PartSource, Written};
pub use self::report::{ImportReport, Taken};

use std::io;
use std::path::{Path, PathBuf};

use titian_sync::bundle::label::{Content, Label};
use titian_sync::bundle::read::BadBundle;
use titian_sync::enrol::message::EnrolError;

use crate::casebook::pieces::PieceError;
use crate::cli::{Exit, Failure};
use crate::store::StoreError;

/// How files of bundles end.
pub const ENDING: &str = "titian";

/// Why a file was not taken, or not all of it. What was taken of it before stays: taking it again harms nothing.
#[derive(Debug, thiserror::Error)]
pub enum BundleTrouble {
    /// The file cannot be read.
    #[error("the file cannot be read ({0})")]
    Unreadable(io::Error),
    /// The folder or the file cannot be written.
    #[error("the file cannot be written ({0})")]
    Unwritable(io::Error),
    /// What was read back is not what was written.
    #[error("what was read back from {} is not what was written", .0.display())]
    NotWhatWasWritten(PathBuf),
    /// No bundle at all.
    #[error("this is not a Titian bundle")]
    NotABundle,
    /// It was made for somebody else.
    #[error("this bundle is not for this machine: {}", for_whom(.0))]
    NotForHere(Label),
    /// It was cut off, or bytes of it changed.
    #[error("the bundle is cut off or damaged")]
    Damaged(#[source] Option<BadBundle>),
    /// A later version of the program made it.
    #[error("the bundle was made by a newer version of the program")]
    Newer,
    /// The hub knows no such gateway.
    #[error("the hub does not know the gateway that made this bundle")]
    UnknownGateway,
    /// More of it would have to be put aside than the hub keeps of one gateway.
    #[error("the hub's quarantine has no room for what is wrong in this bundle")]
    QuarantineFull,
    /// The gateway was shut out.
    #[error("the hub no longer accepts the gateway that made this bundle")]
    Revoked,
    /// This gateway has no code yet, or the hub has not taken it.
    #[error("this gateway has not joined its hub yet")]
    NotJoined,
    /// The enrolment did not come about.
    #[error(transparent)]
    Enrolment(#[from] EnrolError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something broke inside.
    #[error("the bundle could not be worked on")]
    Internal(#[source] anyhow::Error),
}

fn for_whom(label: &Label) -> String {
    let Label { content, gateway, hub } = label;
    match content {
        Content::Request => format!("gateway {gateway} made it for hub {hub}"),
        Content::EnrolRequest => format!("gateway {gateway} asks hub {hub} to join"),
        Content::Reply | Content::EnrolReply => format!("hub {hub} made it for gateway {gateway}"),
    }
}

impl From<PieceError> for BundleTrouble {
    fn from(error: PieceError) -> Self {
        match error {
            PieceError::Database(error) => Self::Store(error.into()),
            error @ PieceError::File(_) => Self::Internal(error.into()),
        }
    }
}

impl BundleTrouble {
    /// Names the kind of trouble in a word that stays the same while the sentences change.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Unwritable(_) => "unwritable",
            Self::NotWhatWasWritten(_) => "not-what-was-written",
            Self::NotABundle => "not-a-bundle",
            Self::NotForHere(_) => "not-for-here",
            Self::Damaged(_) => "damaged",
            Self::Newer => "newer",
            Self::UnknownGateway => "unknown-gateway",
            Self::QuarantineFull => "quarantine-full",
            Self::Revoked => "revoked",
            Self::NotJoined => "not-joined",
            Self::Enrolment(_) => "enrolment",
            Self::Store(_) | Self::Internal(_) => "internal",
        }
    }

    /// Says what to do next.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "check the path and that the stick is plugged in",
            Self::Unwritable(_) => "nothing here was changed; check the stick and its free space, and export again",
            Self::NotWhatWasWritten(_) => {
                "do not trust this stick; nothing here was changed: export again to another one"
            }
            Self::NotABundle => "choose a file that ends in .titian",
            Self::NotForHere(_) => "nothing was changed; take it to the machine that it is for",
            Self::Damaged(_) => {
                "what arrived whole is kept; copy the file again from where it was made, or make it anew"
            }
            Self::Newer => "update this program, then import it again",
            Self::UnknownGateway => "enrol that gateway with a code of this hub; its complaints are safe there",
            Self::QuarantineFull => {
                "what came before it is kept; look into `titian-hub quarantine list`, then take the file again"
            }
            Self::Revoked => "enrol that gateway anew if it is to be heard; its complaints are safe there",
            Self::NotJoined => "type the code of the administrator, export, and carry the file to the hub",
            Self::Enrolment(_) => "make a new code with `titian-hub office code`",
            Self::Store(_) | Self::Internal(_) => "try again; taking a bundle twice harms nothing",
        }
    }
}

impl BundleTrouble {
    /// Makes it the end of a command: names the file or folder, and says what to do next.
    pub fn failure(&self, path: &Path) -> Failure {
        Failure::with_exit(self.exit(), format!("{}: {self}", path.display()), self.next_step())
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Store(_) | Self::Internal(_) => Exit::Failed,
            Self::UnknownGateway | Self::QuarantineFull | Self::Revoked | Self::Enrolment(_) => Exit::Refused,
            Self::NotJoined => Exit::Conflict,
            _ => Exit::Usage,
        }
    }
}

/// Why an export ended early. What was written before is whole: it can be carried, and taken without the rest.
#[derive(Debug, thiserror::Error)]
#[error("{trouble}")]
pub struct ExportFailed {
    /// The trouble.
    pub trouble: BundleTrouble,
    /// The files that were written, read back and named before.
    pub written: Vec<Written>,
}

impl From<BundleTrouble> for ExportFailed {
    fn from(trouble: BundleTrouble) -> Self {
        Self {
            trouble,
            written: Vec::new(),
        }
    }
}

impl ExportFailed {
    /// Makes it the end of a command: names what is whole already, and says what to do next.
    pub fn failure(&self, folder: &Path) -> Failure {
        let (exit, next) = (self.trouble.exit(), self.trouble.next_step());
        let mut what = format!("{}: {}", folder.display(), self.trouble);
        let names: Vec<_> = self
            .written
            .iter()
            .map(|file| file.path.display().to_string())
            .collect();
        if !names.is_empty() {
            what = format!("{what}; whole and usable are {}", names.join(", "));
        }
        Failure::with_exit(exit, what, next)
    }
}

impl From<BadBundle> for BundleTrouble {
    fn from(bad: BadBundle) -> Self {
        match bad {
            BadBundle::Dictionary => Self::Newer,
            BadBundle::NoMemory | BadBundle::Driver => Self::Internal(bad.into()),
            bad => Self::Damaged(Some(bad)),
        }
    }
}
