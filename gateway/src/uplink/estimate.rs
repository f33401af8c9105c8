//! What it costs to send all that waits, before anything is sent: the engine writes its request, and only its length is
//! kept.

use ed25519_dalek::SigningKey;
use rusqlite::Connection;
use serde::Serialize;
use titian_host::casebook::log;
use titian_sync::chain::Cursor;
use titian_sync::dictionary;
use titian_sync::digest::Digest;
use titian_sync::engine::Repair;
use titian_sync::engine::gateway::{Exchange, Keys, ReplicaState, Snapshot, Step};
use titian_sync::wire::history::HISTORY_ITEMS_MAX;

use super::UplinkError;
use crate::store::attachments;
use crate::store::device::{self, Device};

/// How many changes are packed to see how far they shrink: a second's work on an old PC. What is beyond is taken to
/// shrink as these do.
const PACKED_ITEMS_MAX: u64 = 2_000;
/// HTTP headers of one request and its answer, and the answer itself, where both sides hold the same.
const REQUEST_BYTES: u64 = 240;
/// A TLS handshake that resumes none.
const HANDSHAKE_BYTES: u64 = 750;
/// A code and the hub's answer to it.
const ENROLMENT_BYTES: u64 = 1_000;
/// A file travels in pieces: heads, signatures and HTTP around them are about a hundredth.
const FILE_OVERHEAD_PARTS: u64 = 100;

/// What is still to travel, in bytes on the connection, both ways. What waits at the hub is not known before it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Changes and reporter records that wait here.
    pub waiting_items: u64,
    /// What they take, with all that an exchange takes that has nothing to say.
    pub text_bytes: u64,
    /// Files that are not all at the hub.
    pub waiting_files: u64,
    /// What their rest takes.
    pub file_bytes: u64,
    /// Files of the office that are not all here.
    pub fetched_files: u64,
    /// What they take where the hub has them.
    pub fetched_file_bytes_max: u64,
}

/// Estimates what it costs to send all that waits.
///
/// # Errors
/// Where no code was typed yet, or the database fails.
pub fn estimate(conn: &Connection) -> Result<Estimate, UplinkError> {
    let device = device::read(conn)?.ok_or(UplinkError::NotEnrolled)?;
    let waiting_items = device::waiting(conn)?.items;
    let (packed, end) = match device::nth_waiting(conn, PACKED_ITEMS_MAX)? {
        Some(position) if waiting_items > PACKED_ITEMS_MAX => (PACKED_ITEMS_MAX, position),
        _ => (waiting_items, u64::MAX),
    };
    let request = request_bytes(conn, &device, end)?;
    let handshake = if device.hub_address.starts_with("https:") {
        HANDSHAKE_BYTES
    } else {
        0
    };
    let enrolment = if device.hub.is_none() { ENROLMENT_BYTES } else { 0 };
    let files = attachments::totals(conn)?;
    let with_overhead = |bytes: u64| bytes + bytes.div_ceil(FILE_OVERHEAD_PARTS);
    Ok(Estimate {
        waiting_items,
        text_bytes: handshake + enrolment + REQUEST_BYTES + request * waiting_items.max(1) / packed.max(1),
        waiting_files: files.count,
        file_bytes: with_overhead(files.bytes),
        fetched_files: files.elsewhere,
        fetched_file_bytes_max: with_overhead(files.elsewhere_bytes),
    })
}

/// Lets the engine write the request that would be sent, up to a place in the log, and gives its length.
fn request_bytes(conn: &Connection, device: &Device, end: u64) -> Result<u64, UplinkError> {
    let scope = log::scope(conn, &device.office)?;
    let log_end = scope.as_ref().map_or(Cursor::START, |scope| scope.cursor);
    let snapshot = Snapshot {
        end: log::cursor_at(conn, &device.office, end.min(log_end.position))?.unwrap_or(log_end),
        digest: scope.map_or(Digest::EMPTY, |scope| scope.digest),
    };
    let key = SigningKey::from_bytes(&device.key);
    // Before the hub has taken the code, one hub is as long as another.
    let (mut state, hub) = match &device.hub {
        Some(hub) => {
            let keys = hub.keys.ok_or(UplinkError::HubKey)?;
            (hub.replica.clone(), keys)
        }
        None => (
            ReplicaState::enrolled(1, dictionary::NEWEST),
            key.verifying_key().into(),
        ),
    };
    // Whether the last answer got lost, and what a repair will find, is known only when the hub answers.
    (state.open, state.repair) = (false, Repair::No);
    let mut engine = Exchange::begin(state, snapshot, Keys { device: key, hub }, [0; 8]);
    let mut length = 0;
    loop {
        match engine.step()? {
            Step::NeedEntries { after, until } => {
                engine.entries(log::entries(
                    conn,
                    &device.office,
                    (after, until),
                    log::Whose::WrittenHere,
                )?);
            }
            Step::NeedHistory { after, until } => {
                let span = (after, until);
                let items = log::last_of(conn, &device.office, log::WRITTEN_HERE, span, HISTORY_ITEMS_MAX)?;
                engine.history(items);
            }
            Step::Send(bytes) => length += bytes.len() as u64,
            // Nothing is kept: the exchange ends with this estimate.
            Step::Save(_) => {}
            _ => return Ok(length),
        }
    }
}
