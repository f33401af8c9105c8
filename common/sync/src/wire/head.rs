//! The heads of requests and replies. A head says its own length, so that every version can find its end.

use titian_domain::time::UnixMillis;

use super::extension::{ReplyExtensions, RequestExtensions};
use super::refusal::Refusal;
use super::{HEAD_BYTES_MAX, VERSION};
use crate::chain::Mark;
use crate::digest::DigestMark;
use crate::varint::{self, Malformed, Reader};

/// Request flag: frames follow.
const REQUEST_FRAMES: u64 = 1;
/// Request flag: write hashes in full.
const REQUEST_WHOLE: u64 = 2;
/// Request flag: the frames begin with items out of the log's order, which the hub was found to lack.
const REQUEST_LOOSE: u64 = 4;
/// All flags of this version. A flag that is not known here may not be ignored; what may be is an extension.
const REQUEST_KNOWN: u64 = 0x7;

/// What a gateway says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// Whether frames follow.
    pub frames: bool,
    /// Whether the reply has to write hashes in full, because a front part could not be resolved before.
    pub whole: bool,
    /// Whether the frames begin with items out of the log's order, which the hub was found to lack.
    pub loose: bool,
    /// The newest dictionary that the gateway has.
    pub newest_dictionary: u64,
    /// The dictionary of the frames that follow; 0 without frames.
    pub dictionary: u64,
    /// The number that the hub gave the device.
    pub device: u64,
    /// Higher than in any request before.
    pub counter: u64,
    /// What the gateway holds of the hub's log.
    pub cursor: Mark,
    /// What the hub holds of the gateway's log, as the gateway believes; its frames start there.
    pub start: Mark,
    /// The digest of all that the gateway holds once its frames are taken.
    pub digest: DigestMark,
    /// What is said beyond that.
    pub extensions: RequestExtensions,
}

/// Length of version and length in front of every head, at least.
const HEAD_PRELUDE_BYTES_MIN: usize = 2;

/// A head, found in front of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The version that it is written in.
    pub version: u8,
    /// The whole head: what signatures are bound to.
    pub bytes: &'a [u8],
    /// What stands in it behind version and length.
    pub(crate) fields: &'a [u8],
}

/// Finds the head in front of some bytes, of whatever version; `None` if more bytes are needed.
pub fn find(bytes: &[u8]) -> Result<Option<Found<'_>>, Malformed> {
    if bytes.len() < HEAD_PRELUDE_BYTES_MIN {
        return Ok(None);
    }
    let mut reader = Reader::new(bytes);
    let version = reader.u8()?;
    let length = match reader.limited(HEAD_BYTES_MAX, "head") {
        Ok(length) => length,
        Err(Malformed::Truncated) => return Ok(None),
        Err(malformed) => return Err(malformed),
    };
    let Ok(fields) = reader.bytes(length) else {
        return Ok(None);
    };
    let bytes = &bytes[..bytes.len() - reader.rest().len()];
    Ok(Some(Found { version, bytes, fields }))
}

pub(crate) fn wrap(fields: &[u8]) -> Vec<u8> {
    let mut out = vec![VERSION];
    varint::put(&mut out, fields.len() as u64);
    out.extend_from_slice(fields);
    out
}

pub(crate) fn put_mark(out: &mut Vec<u8>, mark: Mark) {
    varint::put(out, mark.position);
    if mark.position > 0 {
        out.extend_from_slice(&mark.hash);
    }
}

pub(crate) fn read_mark(reader: &mut Reader<'_>) -> Result<Mark, Malformed> {
    let position = reader.varint()?;
    let hash = if position > 0 { reader.array()? } else { [0; 8] };
    Ok(Mark { position, hash })
}

impl RequestHead {
    /// Writes the head.
    pub fn to_bytes(&self) -> Vec<u8> {
        let flag = |on: bool, bit: u64| if on { bit } else { 0 };
        let mut out = Vec::new();
        let flags =
            flag(self.frames, REQUEST_FRAMES) | flag(self.whole, REQUEST_WHOLE) | flag(self.loose, REQUEST_LOOSE);
        varint::put(&mut out, flags);
        varint::put(&mut out, self.newest_dictionary);
        if self.frames {
            varint::put(&mut out, self.dictionary);
        }
        varint::put(&mut out, self.device);
        varint::put(&mut out, self.counter);
        put_mark(&mut out, self.cursor);
        put_mark(&mut out, self.start);
        out.extend_from_slice(&self.digest);
        self.extensions.write(&mut out);
        wrap(&out)
    }

    /// Reads a head that was found.
    pub fn read(found: Found<'_>) -> Result<Self, Malformed> {
        let mut reader = Reader::new(found.fields);
        let flags = reader.varint()?;
        if flags & !REQUEST_KNOWN != 0 {
            return Err(Malformed::Unknown("request flag"));
        }
        let frames = flags & REQUEST_FRAMES != 0;
        Ok(Self {
            frames,
            whole: flags & REQUEST_WHOLE != 0,
            loose: flags & REQUEST_LOOSE != 0,
            newest_dictionary: reader.varint()?,
            dictionary: if frames { reader.varint()? } else { 0 },
            device: reader.varint()?,
            counter: reader.varint()?,
            cursor: read_mark(&mut reader)?,
            start: read_mark(&mut reader)?,
            digest: reader.array()?,
            extensions: RequestExtensions::read(&mut reader)?,
        })
    }
}

/// Reply flag: everything was taken up to the last frame; without frames, the start mark was right.
const REPLY_ALL_TAKEN: u64 = 1;
/// Reply flag: the digests are equal.
const REPLY_IN_SYNC: u64 = 2;
/// Reply flag: frames follow.
const REPLY_FRAMES: u64 = 4;
/// Reply flag: a refusal code and its datum follow.
const REPLY_REFUSED: u64 = 8;
/// Reply flag: the place where the hub stands in the gateway's log follows.
const REPLY_STANDS: u64 = 16;
/// Reply flag: the hub's digest follows.
const REPLY_DIGEST: u64 = 32;
/// Reply flag: the hub did not recognise the gateway's cursor, and begins its log anew.
const REPLY_CURSOR_UNKNOWN: u64 = 64;
/// All flags of this version.
const REPLY_KNOWN: u64 = 0x7f;

/// What the hub acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nothing is said: the request was refused before that was known.
    Unsaid,
    /// All that was sent.
    All,
    /// The gateway's log up to here.
    UpTo(Mark),
}

/// What the hub answers first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyHead {
    /// What is durable at the hub of the gateway's log.
    pub taken: Taken,
    /// Whether both sides hold the same, as the digests prove.
    pub in_sync: bool,
    /// The dictionary of the frames that follow; `None` if there are none.
    pub dictionary: Option<u64>,
    /// Whether the gateway's cursor was not recognised.
    pub cursor_unknown: bool,
    /// Why the request, or the rest of it, was not taken.
    pub refusal: Option<Refusal>,
    /// The hub's clock.
    pub hub_time: UnixMillis,
    /// The digest of all that the hub holds of the office; left out where the digests are equal.
    pub digest: Option<DigestMark>,
    /// What is said beyond that.
    pub extensions: ReplyExtensions,
}

impl ReplyHead {
    /// Writes the head.
    pub fn to_bytes(&self) -> Vec<u8> {
        let flag = |on: bool, bit: u64| if on { bit } else { 0 };
        let mut out = Vec::new();
        let flags = flag(self.taken == Taken::All, REPLY_ALL_TAKEN)
            | flag(self.in_sync, REPLY_IN_SYNC)
            | flag(self.dictionary.is_some(), REPLY_FRAMES)
            | flag(self.refusal.is_some(), REPLY_REFUSED)
            | flag(matches!(self.taken, Taken::UpTo(_)), REPLY_STANDS)
            | flag(self.digest.is_some(), REPLY_DIGEST)
            | flag(self.cursor_unknown, REPLY_CURSOR_UNKNOWN);
        varint::put(&mut out, flags);
        varint::put(&mut out, u64::try_from(self.hub_time.0).unwrap_or(0));
        if let Some(refusal) = self.refusal {
            refusal.write(&mut out);
        }
        if let Taken::UpTo(mark) = self.taken {
            put_mark(&mut out, mark);
        }
        if let Some(digest) = &self.digest {
            out.extend_from_slice(digest);
        }
        if let Some(dictionary) = self.dictionary {
            varint::put(&mut out, dictionary);
        }
        self.extensions.write(&mut out);
        wrap(&out)
    }

    /// Reads a head that was found.
    pub fn read(found: Found<'_>) -> Result<Self, Malformed> {
        if found.version != VERSION {
            return Err(Malformed::Unknown("version"));
        }
        let mut reader = Reader::new(found.fields);
        let flags = reader.varint()?;
        if flags & !REPLY_KNOWN != 0 {
            return Err(Malformed::Unknown("reply flag"));
        }
        if flags & REPLY_ALL_TAKEN != 0 && flags & REPLY_STANDS != 0 {
            return Err(Malformed::Contradiction("what was taken"));
        }
        let hub_time = i64::try_from(reader.varint()?).map_err(|_| Malformed::TooLarge("time"))?;
        let refusal = if flags & REPLY_REFUSED == 0 {
            None
        } else {
            Some(Refusal::read(&mut reader)?)
        };
        let taken = if flags & REPLY_ALL_TAKEN != 0 {
            Taken::All
        } else if flags & REPLY_STANDS != 0 {
            Taken::UpTo(read_mark(&mut reader)?)
        } else {
            Taken::Unsaid
        };
        let digest = if flags & REPLY_DIGEST == 0 {
            None
        } else {
            Some(reader.array()?)
        };
        let dictionary = if flags & REPLY_FRAMES == 0 {
            None
        } else {
            Some(reader.varint()?)
        };
        Ok(Self {
            taken,
            in_sync: flags & REPLY_IN_SYNC != 0,
            dictionary,
            cursor_unknown: flags & REPLY_CURSOR_UNKNOWN != 0,
            refusal,
            hub_time: UnixMillis(hub_time),
            digest,
            extensions: ReplyExtensions::read(&mut reader)?,
        })
    }
}
