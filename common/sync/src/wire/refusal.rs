//! Why the hub does not take a request, as numbers on the wire and as sentences for people.

use crate::varint::{self, Malformed, Reader};

/// Why a request, or the rest of it, was not taken. Frames that were acknowledged stay taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The hub knows no such device.
    #[error("the hub does not know this gateway; enrol it with a code from the administrator")]
    UnknownDevice,
    /// The device was shut out.
    #[error("the hub no longer accepts this gateway; ask the administrator")]
    Revoked,
    /// A signature does not hold.
    #[error("the hub could not verify this gateway's signature; enrol it anew if that persists")]
    BadSignature,
    /// The counter was used before. Repeated with a higher one.
    #[error("the hub has seen request {last} of this gateway already; the next try goes on from there")]
    Replayed {
        /// The last counter that the hub has seen.
        last: u64,
    },
    /// Another version of the protocol.
    #[error("the hub speaks version {newest} of the protocol; update this program")]
    Version {
        /// The newest version that the hub speaks.
        newest: u64,
    },
    /// The frames do not start where the hub's knowledge ends. Repeated from there.
    #[error("the hub stands at another place of this gateway's log; the next try goes on from there")]
    Elsewhere,
    /// Something was referred to that the hub does not hold. Repeated with whole hashes.
    #[error("the hub does not hold what was referred to; the next try says it in full")]
    Unresolved,
    /// A dictionary that the hub does not have. Repeated with one that it has.
    #[error("the hub has dictionaries up to {newest}; the next try uses one of these")]
    Dictionary {
        /// The newest that the hub has.
        newest: u64,
    },
    /// Something that is no item, or none that a gateway may bring.
    #[error("the hub refused an item after position {position} of this gateway's log; tell the administrator")]
    BadItem {
        /// The last position that was taken.
        position: u64,
    },
    /// Too much to do.
    #[error("the hub is busy; the next try follows later")]
    Busy {
        /// After how many milliseconds to try again.
        millis: u64,
    },
    /// Another living copy of this device was here: its lease is used up.
    #[error(
        "another PC works with a copy of this gateway's data; nothing is lost, but this one has to be enrolled anew with \
         a code from the administrator"
    )]
    Copied,
    /// So much of this device is kept aside that no more is taken.
    #[error("the hub keeps {kept} changes of this gateway aside and takes no more until the administrator has looked")]
    QuarantineFull {
        /// How many are kept aside.
        kept: u64,
    },
}

impl Refusal {
    /// Gives code and datum.
    fn parts(self) -> (u64, u64) {
        match self {
            Self::UnknownDevice => (1, 0),
            Self::Revoked => (2, 0),
            Self::BadSignature => (3, 0),
            Self::Replayed { last } => (4, last),
            Self::Version { newest } => (5, newest),
            Self::Elsewhere => (6, 0),
            Self::Unresolved => (7, 0),
            Self::Dictionary { newest } => (8, newest),
            Self::BadItem { position } => (9, position),
            Self::Busy { millis } => (10, millis),
            Self::Copied => (11, 0),
            Self::QuarantineFull { kept } => (12, kept),
        }
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        let (code, datum) = self.parts();
        varint::put(out, code);
        varint::put(out, datum);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (code, datum) = (reader.varint()?, reader.varint()?);
        Ok(match code {
            1 => Self::UnknownDevice,
            2 => Self::Revoked,
            3 => Self::BadSignature,
            4 => Self::Replayed { last: datum },
            5 => Self::Version { newest: datum },
            6 => Self::Elsewhere,
            7 => Self::Unresolved,
            8 => Self::Dictionary { newest: datum },
            9 => Self::BadItem { position: datum },
            10 => Self::Busy { millis: datum },
            11 => Self::Copied,
            12 => Self::QuarantineFull { kept: datum },
            _ => return Err(Malformed::Unknown("refusal code")),
        })
    }

    /// Tells whether an immediate new try can mend it.
    pub fn is_mended_by_retry(self) -> bool {
        matches!(
            self,
            Self::Replayed { .. } | Self::Elsewhere | Self::Unresolved | Self::Dictionary { .. }
        )
    }
}
