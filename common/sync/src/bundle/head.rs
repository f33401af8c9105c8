//! The head of a part: who says it, of which log, from where, and how it stands with the other side's.

use titian_domain::time::UnixMillis;

use super::label::GatewayName;
use crate::chain::Mark;
use crate::digest::DigestMark;
use crate::varint::{self, Malformed, Reader};
use crate::wire::VERSION;
use crate::wire::extension::ReplyExtensions;
use crate::wire::head::{self, Found, put_mark, read_mark};

/// Flag: the hub says it.
const FROM_HUB: u64 = 1;
/// Flag: the sender wants the receiver's log from its start.
const ANEW: u64 = 2;
/// Flag: the hub did not recognise where the gateway said to stand, and begins its log anew.
const CURSOR_UNKNOWN: u64 = 4;
/// All flags of this version.
const KNOWN: u64 = 7;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The gateway that the head names.
    Gateway,
    /// The hub, to the gateway that the head names.
    Hub {
        /// Whether the place that the gateway named was not recognised, so that the hub's log begins anew.
        cursor_unknown: bool,
    },
}

/// What a part says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleHead {
    /// Who says it.
    pub sender: Sender,
    /// The number that the hub gave the gateway.
    pub device: u64,
    /// The gateway's name.
    pub gateway: GatewayName,
    /// Sixteen random bytes that all parts of one bundle share; they make every head unique.
    pub bundle: [u8; 16],
    /// Which part this is, from 1. The last frame says whether another one follows.
    pub part: u64,
    /// When it was made, by the sender's clock.
    pub made_at: UnixMillis,
    /// The newest dictionary that the sender has.
    pub newest_dictionary: u64,
    /// The dictionary of the frames.
    pub dictionary: u64,
    /// Whether the sender wants the other log from its start: it lost something.
    pub anew: bool,
    /// The place in the sender's log where this part starts.
    pub start: Mark,
    /// The place in the sender's log where its bundle ends, whatever part this is.
    pub end: Mark,
    /// What the sender holds of the receiver's log. From the hub this is the acknowledgement.
    pub holds: Mark,
    /// The digest of all that the sender held when it made the bundle.
    pub digest: DigestMark,
    /// What is said beyond that, by either side as in a reply over HTTP.
    pub extensions: ReplyExtensions,
}

impl BundleHead {
    /// Writes the head.
    pub fn to_bytes(&self) -> Vec<u8> {
        let flag = |on: bool, bit: u64| if on { bit } else { 0 };
        let (from_hub, cursor_unknown) = match self.sender {
            Sender::Gateway => (false, false),
            Sender::Hub { cursor_unknown } => (true, cursor_unknown),
        };
        let mut out = Vec::new();
        let flags = flag(from_hub, FROM_HUB) | flag(self.anew, ANEW) | flag(cursor_unknown, CURSOR_UNKNOWN);
        varint::put(&mut out, flags);
        varint::put(&mut out, self.newest_dictionary);
        varint::put(&mut out, self.dictionary);
        varint::put(&mut out, self.device);
        out.extend(self.gateway.office.numbers());
        out.extend_from_slice(self.gateway.letter.as_str().as_bytes());
        out.extend_from_slice(&self.bundle);
        varint::put(&mut out, self.part);
        varint::put(&mut out, u64::try_from(self.made_at.0).unwrap_or(0));
        put_mark(&mut out, self.start);
        put_mark(&mut out, self.end);
        put_mark(&mut out, self.holds);
        out.extend_from_slice(&self.digest);
        self.extensions.write(&mut out);
        head::wrap(&out)
    }

    /// Reads a head that was found.
    pub fn read(found: Found<'_>) -> Result<Self, Malformed> {
        if found.version != VERSION {
            return Err(Malformed::Unknown("version"));
        }
        let mut reader = Reader::new(found.fields);
        let flags = reader.varint()?;
        if flags & !KNOWN != 0 || flags & FROM_HUB == 0 && flags & CURSOR_UNKNOWN != 0 {
            return Err(Malformed::Unknown("bundle flag"));
        }
        let sender = if flags & FROM_HUB == 0 {
            Sender::Gateway
        } else {
            Sender::Hub {
                cursor_unknown: flags & CURSOR_UNKNOWN != 0,
            }
        };
        let (newest_dictionary, dictionary, device) = (reader.varint()?, reader.varint()?, reader.varint()?);
        let [a, b, c] = reader.array()?;
        let letter = char::from(reader.u8()?).to_string();
        let name = format!("{a:02}.{b:02}.{c:02}/{letter}").parse();
        Ok(Self {
            sender,
            device,
            gateway: name.map_err(|_| Malformed::Unknown("gateway"))?,
            bundle: reader.array()?,
            part: reader.varint()?,
            made_at: UnixMillis(i64::try_from(reader.varint()?).map_err(|_| Malformed::TooLarge("time"))?),
            newest_dictionary,
            dictionary,
            anew: flags & ANEW != 0,
            start: read_mark(&mut reader)?,
            end: read_mark(&mut reader)?,
            holds: read_mark(&mut reader)?,
            digest: reader.array()?,
            extensions: ReplyExtensions::read(&mut reader)?,
        })
    }
}
