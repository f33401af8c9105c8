//! The gateway's side of bundles as it stands in the database: what a frame of an answer changes, and what it proves.

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension as _, Transaction};
use titian_domain::time::UnixMillis;
use titian_host::audit;
use titian_host::casebook::project::Rules;
use titian_host::casebook::{arrive, log, reach, refused};
use titian_sync::bundle::head::{BundleHead, Sender};
use titian_sync::bundle::place::{Acknowledged, Progress, acknowledged, progress};
use titian_sync::bundle::read::BundleFrame;
use titian_sync::digest::Digest;
use titian_sync::engine::Repair;
use titian_sync::engine::gateway::ReplicaState;
use titian_sync::wire::extension::WANTS_MAX;

use super::device::{self, Device};
use super::{HUB, attachments, register};

/// What the head of an answer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Whether nothing that was heard of the hub is newer.
    pub newest: bool,
    /// Whether it names a place of this gateway's log that is none: one of the two was restored or copied.
    pub restored: bool,
}

/// What a frame of an answer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameTaken {
    /// Items that were new.
    pub new_items: u64,
    /// Items that were here already.
    pub known_items: u64,
    /// Whether something before it is missing.
    pub ahead: bool,
}

/// Tells when the newest answer that came in a bundle was made, by the hub's clock.
pub fn answered_by_bundle(conn: &Connection) -> rusqlite::Result<Option<UnixMillis>> {
    let millis = conn
        .query_row("SELECT answered_by_bundle FROM device", [], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .optional()?;
    Ok(millis.flatten().map(UnixMillis))
}

/// Takes what an answer says first, in a head that this key of the hub signed: how far the hub holds this gateway's log.
pub fn hear(
    tx: &Transaction<'_>,
    device: &Device,
    replica: &mut ReplicaState,
    (signer, head): (VerifyingKey, &BundleHead),
    now: UnixMillis,
) -> rusqlite::Result<Heard> {
    let over_http: Option<i64> = tx.query_row("SELECT clock_measured_at + clock_offset FROM device", [], |row| {
        row.get(0)
    })?;
    let latest = over_http.max(answered_by_bundle(tx)?.map(|at| at.0));
    let newest = latest.is_none_or(|latest| head.made_at.0 >= latest);
    let own = log::cursor_at(tx, &device.office, head.holds.position)?;
    let judged = acknowledged(replica.acked, head.holds, own, newest);
    if let Acknowledged::Moves(place) = judged {
        replica.acked = place;
    }
    if let Some(end) = head.extensions.audit {
        audit::keep_late(tx, HUB, end, now)?;
    }
    if newest {
        // The list is always the whole of it.
        if let Some(list) = &head.extensions.quarantined {
            refused::take_list(tx, &device.office, list, now)?;
        }
        replica.wanted.clone_from(&head.extensions.wants);
        attachments::wanted_by_hub(tx, &replica.wanted)?;
        tx.execute("UPDATE device SET answered_by_bundle = ?1", [head.made_at.0])?;
        hear_of_keys(tx, device, (signer, head), now)?;
    }
    Ok(Heard {
        newest,
        restored: judged == Acknowledged::Foreign,
    })
}

/// Takes what an answer says about the hub's keys: one that was made before what was heard since says nothing any more.
fn hear_of_keys(
    tx: &Transaction<'_>,
    device: &Device,
    (signer, head): (VerifyingKey, &BundleHead),
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let trusted = device.hub.as_ref().and_then(|hub| hub.keys);
    let (Some(trusted), Some(said)) = (trusted, head.extensions.keys) else {
        return Ok(());
    };
    match trusted.heard(signer, said) {
        Ok(since) if since != trusted => device::trust(tx, &trusted, &since, now),
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::warn!(%error, "what a bundle says about the hub's keys is passed over");
            Ok(())
        }
    }
}

/// Takes a frame of an answer: its items, and how far the hub's log is held by it.
pub fn take_frame(
    tx: &Transaction<'_>,
    rules: &Rules,
    (device, replica): (&Device, &mut ReplicaState),
    (head, standing): (&BundleHead, Heard),
    frame: &BundleFrame,
) -> rusqlite::Result<FrameTaken> {
    let mut new_items = 0;
    for item in &frame.items {
        new_items += u64::from(!log::holds(tx, &device.office, item.hash())?);
    }
    if !arrive::take(tx, rules, &device.office, &frame.items, HUB)?.is_empty() {
        register::catch_up(tx, device)?;
    }
    let began_anew = standing.newest && head.sender == Sender::Hub { cursor_unknown: true };
    let continues = head.start == replica.cursor.mark() || reach::was_reached(tx, HUB, head.start)?;
    match progress(replica.cursor, continues, frame.cursor, began_anew) {
        Progress::Moved => replica.cursor = reach::join(tx, HUB, frame.cursor)?,
        Progress::Behind => {}
        Progress::Ahead => reach::keep_ahead(tx, HUB, head.start, frame.cursor)?,
    }
    Ok(FrameTaken {
        new_items,
        known_items: frame.items.len() as u64 - new_items,
        ahead: !continues,
    })
}

/// Concludes from an answer, at the end of each part: `Some(true)` if both sides are proved to hold the same, `Some(false)` if they are
/// proved not to although nothing waits, `None` if nothing is proved.
pub fn conclude(
    tx: &Transaction<'_>,
    device: &Device,
    replica: &mut ReplicaState,
    (head, standing): (&BundleHead, Heard),
    now: UnixMillis,
) -> rusqlite::Result<Option<bool>> {
    // Only where this very answer acknowledges all that is here, and all of the hub's log came, can the digests be equal.
    let comparable = standing.newest && head.holds == replica.acked.mark() && replica.cursor.mark() == head.end;
    if !comparable || standing.restored || device::waiting(tx)?.items > 0 {
        return Ok(None);
    }
    let digest = log::scope(tx, &device.office)?.map_or(Digest::EMPTY, |scope| scope.digest);
    let same = digest.mark() == head.digest;
    if same {
        device::proved(tx, now)?;
        attachments::agreed(tx, &head.extensions.wants, WANTS_MAX)?;
        if replica.repair != Repair::No {
            (replica.repair, replica.whole) = (Repair::No, false);
            device::repairing(tx, &replica.repair, now)?;
        }
    } else {
        device::disproved(tx)?;
        if replica.repair == Repair::No {
            replica.repair = Repair::DUE;
            device::repairing(tx, &replica.repair, now)?;
        }
    }
    Ok(Some(same))
}
