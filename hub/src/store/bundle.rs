//! The hub's side of bundles as it stands in the database: what a frame of one changes, and what an answer says.

use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use titian_domain::document::Stamp;
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::attachments::AttachmentFiles;
use titian_host::audit;
use titian_host::casebook::pieces::{self, FilePiece};
use titian_host::casebook::project::Rules;
use titian_host::casebook::{log, reach};
use titian_host::store::StoreError;
use titian_sync::bundle::head::BundleHead;
use titian_sync::bundle::label::GatewayName;
use titian_sync::bundle::place::{Progress, progress};
use titian_sync::bundle::read::BundleFrame;
use titian_sync::chain::{Cursor, Mark, RunningHash};
use titian_sync::digest::{Digest, DigestMark};
use titian_sync::engine::hub::HubFact;
use titian_sync::enrol::message::{EnrolError, EnrolRequest, Enrolled};
use titian_sync::hub_keys::HubKeys;
use titian_sync::item::Item;
use titian_sync::wire::extension::{Quarantined, Want};
use titian_sync::wire::frame::Piece;

use super::HubStore;
use super::replica::{Here, ReplicaError, is_too_much};
use super::{keys, quarantine};
use crate::examine::Findings;

/// The origin of items that no device is known to hold.
const OF_NO_DEVICE: u64 = i64::MAX as u64;

/// What a frame of a bundle came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameTaken {
    /// It was taken.
    Taken {
        /// Items that are in the log now and were not.
        new_items: u64,
        /// Items that may not stand there, and that the quarantine keeps.
        aside_items: u64,
        /// Whether something before it is missing.
        ahead: bool,
    },
    /// It was not: more of it would have to be put aside than there is room for.
    QuarantineFull,
}

/// A gateway that a bundle can be made for.
#[derive(Clone)]
pub struct Addressee {
    /// Its number.
    pub device: u64,
    /// Its name.
    pub name: GatewayName,
    /// Its public key.
    pub key: VerifyingKey,
    /// The key of the hub that it last bound something to, as far as that is known.
    pub hub_key: Option<VerifyingKey>,
    /// The answer to its enrolment, where it was never heard of since.
    pub enrol_answer: Option<Vec<u8>>,
}

/// How the hub stands with a gateway when it answers it in a bundle.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the hub holds of the gateway's log.
    pub acked: Cursor,
    /// Where the hub's log begins in the answer.
    pub start: Cursor,
    /// Where the hub's log ends.
    pub end: Cursor,
    /// The digest of all that the hub holds of the office.
    pub digest: DigestMark,
    /// Whether the place that the gateway named is none of the hub's log.
    pub cursor_unknown: bool,
    /// The newest dictionary that both have.
    pub dictionary: u64,
    /// What is aside of what the gateway brought.
    pub aside: Vec<Quarantined>,
    /// The attachments that the gateway said to lack.
    pub wanted: Vec<Want>,
    /// The attachments of the office that the hub lacks.
    pub lacks: Vec<Want>,
    /// Where the hub's audit log ends.
    pub audit_end: audit::Head,
}

impl HubStore {
    /// Takes one frame of a bundle: its items, as the airlock found of them, and how far the gateway's log is held by it.
    /// The frames of a part are taken in their order.
    pub async fn take_bundle_frame(
        &self,
        rules: Arc<Rules>,
        stamp: impl Fn(&str) -> Stamp + Send + 'static,
        (office, head): (OfficeCode, BundleHead),
        frame: Arc<BundleFrame>,
        findings: Findings,
    ) -> Result<FrameTaken, ReplicaError> {
        self.door()
            .write(move |tx| {
                let (device, items) = (head.device, &frame.items[..]);
                if is_too_much(tx, device, items, &findings)?.is_some() {
                    return Ok(FrameTaken::QuarantineFull);
                }
                let hub = Here {
                    tx,
                    rules: &rules,
                    stamp: &stamp,
                    office: &office,
                };
                // What does not go on from where its log is held may be of a branch that the gateway does not have any
                // more: it gets that back as everybody does.
                let goes_on = frame.start == acked(tx, device)?.mark();
                let (known, _) = held_and_aside(tx, &office, device, items)?;
                hub.take_frame((device, items), if goes_on { device } else { OF_NO_DEVICE }, &findings)?;
                let (count, aside_items) = held_and_aside(tx, &office, device, items)?;
                Ok(FrameTaken::Taken {
                    new_items: count.saturating_sub(known),
                    aside_items,
                    ahead: advance(tx, &head, frame.cursor)?,
                })
            })
            .await
    }

    /// Notes what a bundle said, and for which of the hub's keys it was sealed, after all its frames were taken; tells whether both sides are proved identical by it.
    pub async fn end_bundle(
        &self,
        rules: Arc<Rules>,
        stamp: impl Fn(&str) -> Stamp + Send + 'static,
        (office, head, bound): (OfficeCode, BundleHead, VerifyingKey),
    ) -> Result<bool, ReplicaError> {
        self.door()
            .write(move |tx| {
                let device = head.device;
                let hub = Here {
                    tx,
                    rules: &rules,
                    stamp: &stamp,
                    office: &office,
                };
                tx.execute(
                    "INSERT INTO told (device, position, chain, anew, dictionary, begun_by, wants)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT DO UPDATE SET position = excluded.position, chain = excluded.chain,
                         anew = excluded.anew, dictionary = excluded.dictionary, wants = excluded.wants,
                         begun_by = coalesce(excluded.begun_by, begun_by)",
                    params![
                        device,
                        head.holds.position,
                        head.holds.hash,
                        head.anew,
                        head.newest_dictionary,
                        begins_anew(&head).then_some(head.bundle),
                        Want::write_all(&head.extensions.wants)
                    ],
                )?;
                tx.execute(
                    "UPDATE device SET last_seen = max(coalesce(last_seen, 0), ?2) WHERE number = ?1",
                    params![device, hub.now().0],
                )?;
                keys::bound(tx, device, bound)?;
                if let Some(end) = head.extensions.audit {
                    audit::keep_late(tx, device, end, hub.now())?;
                }
                tx.execute("DELETE FROM enrol_answer WHERE device = ?1", [device])?;
                let digest = log::scope(tx, &office)?.map_or(Digest::EMPTY, |scope| scope.digest);
                // Unequal proves nothing: the gateway could not know yet what the hub has for it.
                let in_sync = digest.mark() == head.digest;
                if in_sync {
                    let theirs = log::cursor_at(tx, &office, head.holds.position)?;
                    let holds = theirs
                        .filter(|theirs| theirs.mark() == head.holds)
                        .map(|theirs| theirs.position);
                    let fact = HubFact::Exchanged { device, in_sync, holds };
                    hub.save_fact(&fact, &Findings::default())?;
                }
                Ok(in_sync)
            })
            .await
    }

    /// Takes the enrolment that came in a bundle, and keeps the answer until the gateway is heard of.
    pub async fn enrol_by_bundle(
        &self,
        keys: HubKeys,
        request: EnrolRequest,
        now: UnixMillis,
    ) -> Result<Result<Enrolled, EnrolError>, StoreError> {
        let (enrolled, reply) = match self.enrol(keys, request, now).await? {
            Ok(enrolled) => enrolled,
            Err(refused) => return Ok(Err(refused)),
        };
        let body = reply.to_json();
        let device = enrolled.device;
        self.door()
            .write(move |tx| {
                tx.execute(
                    "INSERT INTO enrol_answer (device, body) SELECT number, ?2 FROM device
                     WHERE number = ?1 AND last_seen IS NULL
                     ON CONFLICT DO UPDATE SET body = excluded.body",
                    params![device, body],
                )?;
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(Ok(enrolled))
    }

    /// Lists the gateways that are not shut out: of one office, or of all.
    pub async fn addressees(&self, office: Option<OfficeCode>) -> Result<Vec<Addressee>, StoreError> {
        self.door()
            .read(move |conn| {
                let mut statement = conn.prepare(
                    "SELECT number, office, letter, key, body, hub_key FROM device LEFT JOIN enrol_answer ON device = number
                     WHERE revoked_at IS NULL AND (?1 IS NULL OR office = ?1) ORDER BY office, letter, number",
                )?;
                let rows = statement.query_map([office.as_ref().map(OfficeCode::as_str)], addressee)?;
                let all: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
                Ok(all.into_iter().flatten().collect())
            })
            .await
    }

    /// Tells how the hub stands with a gateway; its wants from a random place on.
    pub async fn answer_for(
        &self,
        device: u64,
        (office, files): (OfficeCode, AttachmentFiles),
        anew: bool,
        start: [u8; 32],
    ) -> Result<Answer, StoreError> {
        self.door()
            .read(move |conn| {
                let answer = answer(conn, device, &office, anew)?;
                let lacks = pieces::wants_by_stick(conn, &files, &office, start)?;
                Ok(Answer { lacks, ..answer })
            })
            .await
    }

    /// Keeps a piece of an attachment that a bundle brought.
    pub async fn keep_piece(
        &self,
        (office, files): (OfficeCode, AttachmentFiles),
        piece: Piece,
    ) -> Result<FilePiece, ReplicaError> {
        self.door()
            .write(move |tx| Ok::<_, ReplicaError>(pieces::keep_from_stick(tx, &files, &office, &piece)?))
            .await
    }
}

/// Counts which of some items are in the office's log, and which are aside.
fn held_and_aside(conn: &Connection, office: &OfficeCode, device: u64, items: &[Item]) -> rusqlite::Result<(u64, u64)> {
    let (mut held, mut aside) = (0, 0);
    for item in items {
        if quarantine::is_aside(conn, device, item)? {
            aside += 1;
        } else if log::holds(conn, office, item.hash())? {
            held += 1;
        }
    }
    Ok((held, aside))
}

/// Moves the place up to which a gateway's log is held, if the frame continues it; tells whether something before it is
/// missing.
fn advance(tx: &Transaction<'_>, head: &BundleHead, end: Cursor) -> Result<bool, ReplicaError> {
    let (device, start) = (head.device, head.start);
    let acked = acked(tx, device)?;
    let continues = start == acked.mark() || reach::was_reached(tx, device, start)?;
    // A gateway that lost something begins its log anew, as it does over HTTP; but the same bundle begins it once.
    let began_anew = begins_anew(head) && !was_begun_by(tx, device, head.bundle)?;
    match progress(acked, continues, end, began_anew) {
        Progress::Ahead => reach::keep_ahead(tx, device, start, end)?,
        Progress::Behind => {}
        Progress::Moved => {
            let place = reach::join(tx, device, end)?;
            let moved = tx.execute(
                "UPDATE device SET acked = ?2, acked_chain = ?3 WHERE number = ?1",
                params![device, place.position, place.hash.0],
            )?;
            if moved == 0 {
                return Err(ReplicaError::Overtaken);
            }
        }
    }
    Ok(!continues)
}

fn begins_anew(head: &BundleHead) -> bool {
    head.anew && head.start.position == 0
}

fn was_begun_by(conn: &Connection, device: u64, bundle: [u8; 16]) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM told WHERE device = ?1 AND begun_by = ?2")?
        .exists(params![device, bundle])
}

fn acked(conn: &Connection, device: u64) -> rusqlite::Result<Cursor> {
    conn.query_row(
        "SELECT acked, acked_chain FROM device WHERE number = ?1",
        [device],
        |row| {
            Ok(Cursor {
                position: row.get(0)?,
                hash: RunningHash(row.get(1)?),
            })
        },
    )
}

fn addressee(row: &Row<'_>) -> rusqlite::Result<Option<Addressee>> {
    let (office, letter): (String, String) = (row.get(1)?, row.get(2)?);
    let key: [u8; 32] = row.get(3)?;
    let (Ok(office), Ok(letter), Ok(key)) = (office.parse(), letter.parse(), VerifyingKey::from_bytes(&key)) else {
        return Ok(None);
    };
    Ok(Some(Addressee {
        device: row.get(0)?,
        name: GatewayName { office, letter },
        key,
        hub_key: row
            .get::<_, Option<[u8; 32]>>(5)?
            .and_then(|key| VerifyingKey::from_bytes(&key).ok()),
        enrol_answer: row.get(4)?,
    }))
}

fn answer(conn: &Connection, device: u64, office: &OfficeCode, anew: bool) -> rusqlite::Result<Answer> {
    let told = conn
        .query_row(
            "SELECT position, chain, anew, dictionary, wants FROM told WHERE device = ?1",
            [device],
            |row| {
                let place = Mark {
                    position: row.get(0)?,
                    hash: row.get(1)?,
                };
                let wants = Want::read_all(&row.get::<_, Vec<u8>>(4)?).unwrap_or_default();
                Ok((place, row.get::<_, bool>(2)?, row.get::<_, u64>(3)?, wants))
            },
        )
        .optional()?;
    let scope = log::scope(conn, office)?;
    let end = scope.map_or(Cursor::START, |scope| scope.cursor);
    // Enrolment itself says that the gateway has the first dictionary.
    let (place, said_anew, dictionary, wanted) = told.unwrap_or((Cursor::START.mark(), false, 1, Vec::new()));
    let known = match place.position {
        0 => Some(Cursor::START),
        position => log::cursor_at(conn, office, position)?.filter(|cursor| cursor.mark() == place),
    };
    let anew = anew || said_anew;
    Ok(Answer {
        acked: acked(conn, device)?,
        start: known.filter(|_| !anew).unwrap_or(Cursor::START),
        end: if end.position == 0 { Cursor::START } else { end },
        digest: scope.map_or(Digest::EMPTY, |scope| scope.digest).mark(),
        cursor_unknown: known.is_none(),
        dictionary,
        aside: quarantine::of_device(conn, device)?,
        wanted,
        lacks: Vec::new(),
        audit_end: audit::head(conn)?,
    })
}

#[cfg(test)]
mod tests;
