//! The sidecar: a small file beside the database that remembers what a backup of the database cannot bring back.
//!
//! Compared at each start, it shows a database that is older than it was, one that belongs to somebody else, and a data
//! folder that stands on another machine. What follows is a repair, never a refusal: everything here stays and is used.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::casebook::log;
use titian_host::folder;
use titian_host::store::StoreError;
use titian_sync::chain::Cursor;
use titian_sync::engine::{LeaseHeld, LeaseWord, Repair};

use crate::desk::Desk;
use crate::store::device::{self, Device};
use crate::store::register;

/// What the sidecar shows that is worth saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The database is older than it was at the last start or exchange.
    Restored,
    /// The data folder stands on another machine, or in another place, than before.
    Moved,
    /// The database is not the one that lay here before.
    Exchanged,
}

impl Finding {
    /// Names it in a word that stays the same while the sentences change.
    pub fn word(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Moved => "moved",
            Self::Exchanged => "exchanged",
        }
    }
}

/// The file.
#[derive(Clone, Debug)]
pub struct Sidecar {
    path: PathBuf,
}

/// What stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    /// The machine and the folder on it.
    machine: String,
    folder: String,
    /// The last run of the program.
    incarnation: String,
    /// How far the log was, and its running hash there; the one at its start tells logs apart.
    position: u64,
    running_hash: String,
    epoch: String,
    /// The device and its lease.
    device: Option<u64>,
    lease_generation: u64,
    lease_shown: String,
    lease_next: Option<String>,
    /// The letter of this gateway, and the last register number that it gave in each year.
    #[serde(default)]
    letter: String,
    #[serde(default)]
    last_serials: BTreeMap<u16, u32>,
}

impl Sidecar {
    /// Names the file that belongs to a database.
    pub fn beside(database: &Path) -> Self {
        Self {
            path: database.with_extension("sidecar.json"),
        }
    }

    /// Compares the database with what is remembered, does what follows, and remembers how it is now.
    ///
    /// # Errors
    /// When the database fails. A sidecar that cannot be read or written is only logged: it is a second line.
    pub async fn look(&self, desk: &Desk) -> Result<Option<Finding>, StoreError> {
        // Read before the database: another program of this PC may be at both.
        let before = self.read();
        let (now, place) = (desk.clock.now(), self.place());
        let finding = match before.clone() {
            Some(before) => {
                let judged = desk.store.read({
                    let (before, place) = (before.clone(), place.clone());
                    move |conn| Ok::<_, StoreError>(judge(conn, &before, &place)?)
                });
                match judged.await? {
                    Some(finding) => {
                        let act = move |tx: &Transaction<'_>| Ok::<_, StoreError>(act(tx, &before, finding, now)?);
                        desk.store.write(act).await?;
                        tracing::warn!(sidecar.finding = finding.word(), "the database is not as it was left");
                        Some(finding)
                    }
                    None => None,
                }
            }
            None => None,
        };
        self.keep(desk).await?;
        Ok(finding)
    }

    /// Remembers how the database is now.
    pub async fn keep(&self, desk: &Desk) -> Result<(), StoreError> {
        let (machine, folder) = self.place();
        let incarnation = hex(&desk.incarnation.0);
        let now = desk
            .store
            .read(move |conn| {
                let Some(device) = device::read(conn)? else {
                    return Ok::<_, StoreError>(None);
                };
                let (end, epoch) = ends(conn, &device.office)?;
                let replica = device.hub.as_ref().map(|hub| &hub.replica);
                let lease = replica.map_or(LeaseHeld::default(), |replica| replica.lease);
                Ok(Some(Remembered {
                    machine,
                    folder,
                    incarnation,
                    position: end.position,
                    running_hash: hex(&end.hash.0),
                    epoch: hex(&epoch.hash.0),
                    device: replica.map(|replica| replica.device),
                    lease_generation: lease.generation,
                    lease_shown: hex(&lease.shown),
                    lease_next: lease.next.map(|next| hex(&next)),
                    letter: device.letter.to_string(),
                    last_serials: register::last_serials(conn, &device)?,
                }))
            })
            .await?;
        let Some(now) = now else { return Ok(()) };
        let sidecar = self.clone();
        let written = tokio::task::spawn_blocking(move || sidecar.write(&now)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "the sidecar could not be written; a database from a backup may not be noticed");
        }
        Ok(())
    }

    fn read(&self) -> Option<Remembered> {
        let bytes = fs::read(&self.path).ok()?;
        let read = serde_json::from_slice(&bytes);
        if let Err(error) = &read {
            tracing::warn!(%error, "the sidecar cannot be read and is written anew");
        }
        read.ok()
    }

    fn write(&self, now: &Remembered) -> std::io::Result<()> {
        folder::replace(&self.path, &serde_json::to_vec_pretty(now)?)
    }

    fn place(&self) -> (String, String) {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        (titian_host::machine::name(), folder.display().to_string())
    }
}

fn judge(
    conn: &Connection,
    before: &Remembered,
    (machine, folder): &(String, String),
) -> rusqlite::Result<Option<Finding>> {
    let Some(device) = device::read(conn)? else {
        return Ok(Some(Finding::Exchanged));
    };
    let (_, epoch) = ends(conn, &device.office)?;
    if hex(&epoch.hash.0) != before.epoch {
        return Ok(Some(Finding::Exchanged));
    }
    if (machine, folder) != (&before.machine, &before.folder) {
        return Ok(Some(Finding::Moved));
    }
    let there = log::cursor_at(conn, &device.office, before.position)?;
    let is_shorter = there.is_none_or(|there| hex(&there.hash.0) != before.running_hash);
    Ok((is_shorter || lease_of(before, &device).is_some()).then_some(Finding::Restored))
}

fn act(tx: &Transaction<'_>, before: &Remembered, finding: Finding, now: UnixMillis) -> rusqlite::Result<()> {
    let Some(device) = device::read(tx)? else {
        return Ok(());
    };
    device::found(tx, finding.word(), now)?;
    if finding == Finding::Restored && before.letter == device.letter.as_str() {
        // A number that was printed is never given to another complaint.
        register::move_on(tx, &device, &before.last_serials)?;
    }
    let lease = lease_of(before, &device).filter(|_| finding == Finding::Restored);
    if let Some(mut replica) = device.hub.map(|hub| hub.replica) {
        replica.lease = lease.unwrap_or(replica.lease);
        replica.repair = Repair::DUE;
        // How its last exchange ended is not known.
        replica.open = true;
        device::keep(tx, &replica)?;
        device::repairing(tx, &replica.repair, now)?;
    }
    Ok(())
}

/// The remembered lease, if it is this device's and newer than the one in the database.
fn lease_of(before: &Remembered, device: &Device) -> Option<LeaseHeld> {
    let replica = &device.hub.as_ref()?.replica;
    let remembered = LeaseHeld {
        generation: before.lease_generation,
        shown: word(&before.lease_shown)?,
        next: before.lease_next.as_deref().and_then(word),
    };
    let age = |lease: &LeaseHeld| (lease.generation, lease.next.is_some());
    (before.device == Some(replica.device) && age(&remembered) > age(&replica.lease)).then_some(remembered)
}

/// The end of the office's log, and its start.
fn ends(conn: &Connection, office: &OfficeCode) -> rusqlite::Result<(Cursor, Cursor)> {
    let epoch = log::cursor_at(conn, office, 0)?.unwrap_or(Cursor::START);
    let end = log::scope(conn, office)?.map_or(epoch, |scope| scope.cursor);
    Ok((end, epoch))
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn word(hex: &str) -> Option<LeaseWord> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}
