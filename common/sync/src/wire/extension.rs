//! Extensions: what stands at the end of a head, each with its number and length, and only where there is something to
//! say. An even number is skipped by who does not know it, an odd one makes the head malformed.

use crate::hub_keys::KeySaid;
use crate::item::ItemHash;
use crate::varint::{self, Malformed, Reader};

use super::HEAD_BYTES_MAX;
use super::history::HistoryMark;

const LEASE: u64 = 1;
const WAIT: u64 = 2;
const CELLS: u64 = 3;
const QUARANTINED: u64 = 4;
const WANTS: u64 = 6;
const AUDIT: u64 = 8;
const HISTORY: u64 = 9;
const FRAME_BYTES: u64 = 10;
const HUB_KEYS: u64 = 12;

/// The wants of one head: what is beyond is wanted in the next exchange.
pub const WANTS_MAX: usize = 64;

/// The attachments among the wants of one head: enough to fill an exchange, few enough not to weigh. A list with fewer
/// names all that its sender lacks.
pub const ATTACHMENTS_WANTED_MAX: usize = 4;

/// The entries of one quarantine list. A hub keeps no more of one device, so the list is always whole.
pub const QUARANTINED_MAX: usize = 256;

/// A single-use word that shows two live copies of one device at their first contact.
///
/// The gateway draws the next one itself and keeps it before it sends: a reply that got lost is then told from a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How many leases this device has used up.
    pub generation: u64,
    /// The one that is used up with this request.
    pub shown: [u8; 8],
    /// The one that the next request will show.
    pub next: [u8; 8],
}

/// A request for coded cells of the hub's set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellsWanted {
    /// Makes the short ids of this reconciliation its own.
    pub salt: [u8; 8],
    /// The first cell that is wanted.
    pub first: u64,
    /// The most cells that are wanted.
    pub most: u64,
    /// How many items the gateway holds: the difference of the two counts is a first guess at how much differs.
    pub held: u64,
}

/// An item that the hub keeps aside: both sides leave it out of digest and reconciliation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarantined {
    /// The first bytes of the item's fingerprint.
    pub front: [u8; 8],
    /// Why, as its number.
    pub reason: u64,
}

/// What travels in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whole {
    /// A file that an intake names, known by the BLAKE3 of its bytes.
    Attachment,
    /// An item that does not fit into a frame.
    Item,
}

impl Whole {
    /// Gives the number that stands on the wire.
    pub fn code(self) -> u64 {
        match self {
            Self::Attachment => 0,
            Self::Item => 1,
        }
    }

    /// Finds what a number stands for.
    pub fn from_code(code: u64) -> Result<Self, Malformed> {
        match code {
            0 => Ok(Self::Attachment),
            1 => Ok(Self::Item),
            _ => Err(Malformed::Unknown("what travels in pieces")),
        }
    }
}

/// Bytes that the sender of the head lacks, from an offset on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// Of what.
    pub of: Whole,
    /// What it is known by.
    pub hash: ItemHash,
    /// How many bytes of it are durable already.
    pub offset: u64,
}

impl Want {
    /// Writes a list, as it stands in a head.
    pub fn write_all(wants: &[Self]) -> Vec<u8> {
        let mut out = Vec::new();
        for want in wants.iter().take(WANTS_MAX) {
            varint::put(&mut out, want.of.code());
            out.extend_from_slice(&want.hash.0);
            varint::put(&mut out, want.offset);
        }
        out
    }

    /// Reads a list that was written.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>, Malformed> {
        Self::read_from(&mut Reader::new(bytes))
    }

    fn read_from(body: &mut Reader<'_>) -> Result<Vec<Self>, Malformed> {
        let mut wants = Vec::new();
        while !body.is_empty() {
            if wants.len() == WANTS_MAX {
                return Err(Malformed::TooLarge("the list of wants"));
            }
            wants.push(Self {
                of: Whole::from_code(body.varint()?)?,
                hash: ItemHash(body.array()?),
                offset: body.varint()?,
            });
        }
        Ok(wants)
    }
}

/// Where the audit log of the sender ends. The other side keeps it: whoever rewrites that log cannot rewrite this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEnd {
    /// How many rows there are.
    pub rows: u64,
    /// A hash over all of them.
    pub chain: [u8; 32],
}

/// What a request may say beyond its fixed fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestExtensions {
    /// Shows that this is the only living copy of the device.
    pub lease: Option<Lease>,
    /// For how many seconds the gateway is willing to wait for news; 0 for not at all.
    pub wait_seconds: u64,
    /// Asks for cells.
    pub cells: Option<CellsWanted>,
    /// What the gateway lacks.
    pub wants: Vec<Want>,
    /// With what history the frames of this request were compressed; `None` for none.
    pub history: Option<HistoryMark>,
    /// How large the reply's frames should be, over a link that breaks often; 0 where nothing is said.
    pub frame_bytes: u64,
    /// Where the gateway's audit log ends; `None` where the hub has heard that.
    pub audit: Option<AuditEnd>,
    /// Whether the gateway trusts another key of the hub beside the one that this request is bound to.
    pub two_keys: bool,
}

/// What a reply may say beyond its fixed fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyExtensions {
    /// Everything of this device that is kept aside; `None` where nothing is said about it.
    pub quarantined: Option<Vec<Quarantined>>,
    /// What the hub lacks.
    pub wants: Vec<Want>,
    /// Where the hub's audit log ends; `None` where the gateway has heard that.
    pub audit: Option<AuditEnd>,
    /// What the hub says about its keys; `None` where there is nothing to say.
    pub keys: Option<KeySaid>,
}

impl RequestExtensions {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let Some(lease) = self.lease {
            let mut body = Vec::new();
            varint::put(&mut body, lease.generation);
            body.extend_from_slice(&lease.shown);
            body.extend_from_slice(&lease.next);
            put(out, LEASE, &body);
        }
        if self.wait_seconds > 0 {
            let mut body = Vec::new();
            varint::put(&mut body, self.wait_seconds);
            put(out, WAIT, &body);
        }
        if let Some(cells) = self.cells {
            let mut body = cells.salt.to_vec();
            for number in [cells.first, cells.most, cells.held] {
                varint::put(&mut body, number);
            }
            put(out, CELLS, &body);
        }
        put_wants(out, &self.wants);
        put_audit(out, self.audit);
        if let Some(history) = self.history {
            let mut body = Vec::new();
            varint::put(&mut body, history.items);
            body.extend_from_slice(&history.check);
            put(out, HISTORY, &body);
        }
        if self.frame_bytes > 0 {
            let mut body = Vec::new();
            varint::put(&mut body, self.frame_bytes);
            put(out, FRAME_BYTES, &body);
        }
        if self.two_keys {
            put(out, HUB_KEYS, &[]);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut all = Self::default();
        each(reader, |number, body| {
            match number {
                LEASE => {
                    all.lease = Some(Lease {
                        generation: body.varint()?,
                        shown: body.array()?,
                        next: body.array()?,
                    });
                }
                WAIT => all.wait_seconds = body.varint()?,
                CELLS => {
                    all.cells = Some(CellsWanted {
                        salt: body.array()?,
                        first: body.varint()?,
                        most: body.varint()?,
                        held: body.varint()?,
                    });
                }
                WANTS => all.wants = Want::read_from(body)?,
                HISTORY => {
                    all.history = Some(HistoryMark {
                        items: body.varint()?,
                        check: body.array()?,
                    });
                }
                FRAME_BYTES => all.frame_bytes = body.varint()?,
                AUDIT => all.audit = Some(read_audit(body)?),
                HUB_KEYS => all.two_keys = true,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(all)
    }
}

impl ReplyExtensions {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if let Some(quarantined) = &self.quarantined {
            let mut body = Vec::new();
            for entry in quarantined.iter().take(QUARANTINED_MAX) {
                body.extend_from_slice(&entry.front);
                varint::put(&mut body, entry.reason);
            }
            put(out, QUARANTINED, &body);
        }
        put_wants(out, &self.wants);
        put_audit(out, self.audit);
        match self.keys {
            Some(KeySaid::Newer(key)) => put(out, HUB_KEYS, &key),
            Some(KeySaid::Only) => put(out, HUB_KEYS, &[]),
            None => {}
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut all = Self::default();
        each(reader, |number, body| {
            match number {
                QUARANTINED => all.quarantined = Some(read_quarantined(body)?),
                WANTS => all.wants = Want::read_from(body)?,
                AUDIT => all.audit = Some(read_audit(body)?),
                HUB_KEYS if body.is_empty() => all.keys = Some(KeySaid::Only),
                HUB_KEYS => all.keys = Some(KeySaid::Newer(body.array()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(all)
    }
}

fn put(out: &mut Vec<u8>, number: u64, body: &[u8]) {
    varint::put(out, number);
    varint::put(out, body.len() as u64);
    out.extend_from_slice(body);
}

fn put_wants(out: &mut Vec<u8>, wants: &[Want]) {
    if wants.is_empty() {
        return;
    }
    put(out, WANTS, &Want::write_all(wants));
}

fn put_audit(out: &mut Vec<u8>, end: Option<AuditEnd>) {
    if let Some(end) = end {
        let mut body = Vec::new();
        varint::put(&mut body, end.rows);
        body.extend_from_slice(&end.chain);
        put(out, AUDIT, &body);
    }
}

fn read_audit(body: &mut Reader<'_>) -> Result<AuditEnd, Malformed> {
    Ok(AuditEnd {
        rows: body.varint()?,
        chain: body.array()?,
    })
}

/// Reads to the end of a head. `take` reads the body of one extension, and says whether it knows the number.
fn each(
    reader: &mut Reader<'_>,
    mut take: impl FnMut(u64, &mut Reader<'_>) -> Result<bool, Malformed>,
) -> Result<(), Malformed> {
    // In rising order, so that none comes twice and equal heads are equal bytes.
    let mut last = 0;
    while !reader.is_empty() {
        let number = reader.varint()?;
        if number <= last {
            return Err(Malformed::Contradiction("the order of extensions"));
        }
        last = number;
        let length = reader.limited(HEAD_BYTES_MAX, "extension")?;
        let mut body = Reader::new(reader.bytes(length)?);
        if take(number, &mut body)? {
            if !body.is_empty() {
                return Err(Malformed::Contradiction("the length of an extension"));
            }
        } else if number % 2 == 1 {
            return Err(Malformed::Unknown("extension"));
        }
    }
    Ok(())
}

fn read_quarantined(body: &mut Reader<'_>) -> Result<Vec<Quarantined>, Malformed> {
    let mut entries = Vec::new();
    while !body.is_empty() {
        if entries.len() == QUARANTINED_MAX {
            return Err(Malformed::TooLarge("the quarantine list"));
        }
        entries.push(Quarantined {
            front: body.array()?,
            reason: body.varint()?,
        });
    }
    Ok(entries)
}
