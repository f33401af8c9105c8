//! The hub's keys as they stand in the database: each step of a change is one transaction, so that a power cut leaves the hub
//! before it or after it.

use ed25519_dalek::{SigningKey, VerifyingKey};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use titian_domain::time::UnixMillis;
use titian_host::audit::{self, Deed};
use titian_host::casebook::erase;
use titian_host::store::StoreError;
use titian_sync::enrol::Fingerprint;
use titian_sync::hub_keys::HubKeys;
use titian_sync::proof::Proofs;

use super::HubStore;

/// How far a change of keys is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// There is one key, and no change.
    Steady,
    /// The next key is being announced.
    Announcing,
    /// The next key is the present one, and the former one still holds.
    Overlapping,
}

/// How the hub stands with its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// How far a change is.
    pub course: Course,
    /// The fingerprint of the key that new codes name.
    pub present: String,
    /// That of the key which is announced.
    pub next: Option<String>,
    /// That of the key which still holds for who does not know the present one.
    pub former: Option<String>,
    /// Since when it stands so; `None` if the key was never changed.
    pub since: Option<UnixMillis>,
    /// Gateways, not shut out, that are not known to trust the newest key.
    pub behind: Vec<String>,
    /// Codes that can still be used and name the former key.
    pub former_codes: u64,
}

/// Why a step of a change was not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A change is under way.
    #[error("the hub's key is being changed already")]
    UnderWay,
    /// There is no next key.
    #[error("there is no next key to switch to")]
    NoNext,
    /// There is no former key.
    #[error("there is no former key to retire")]
    NoFormer,
    /// Some gateways are not known to trust the newest key.
    #[error("{} not heard the newest key: {}", have(.0), .0.join(", "))]
    Behind(Vec<String>),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for KeyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

fn have(gateways: &[String]) -> String {
    match gateways.len() {
        1 => "1 gateway has".to_owned(),
        several => format!("{several} gateways have"),
    }
}

/// Who takes a step, and when.
#[derive(Clone)]
pub struct Taken {
    /// The name that is noted.
    pub who: String,
    /// When.
    pub at: UnixMillis,
}

struct Stored {
    key: [u8; 32],
    next: Option<[u8; 32]>,
    former: Option<[u8; 32]>,
    since: Option<UnixMillis>,
    proof: Option<[u8; 32]>,
}

impl HubStore {
    /// Gives the hub's secret keys; keeps the given one where there is none yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&self, fresh: [u8; 32]) -> Result<HubKeys, StoreError> {
        let stored = self.door().read(|conn| Ok::<_, StoreError>(stored(conn)?)).await?;
        if let Some(stored) = stored {
            return Ok(stored.keys());
        }
        let write = self.door().write(move |tx| Ok::<_, StoreError>(stored_or(tx, fresh)?));
        Ok(write.await?.keys())
    }

    /// Tells how the hub stands with its keys.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_standing(&self, fresh: [u8; 32], now: UnixMillis) -> Result<Standing, StoreError> {
        self.keys(fresh).await?;
        let read = self.door().read(move |conn| Ok::<_, StoreError>(standing(conn, now)?));
        read.await
    }

    /// Makes the next key: from now on gateways are told of it. Nothing else changes yet.
    ///
    /// # Errors
    /// When a change is under way.
    pub async fn renew_key(&self, fresh: [[u8; 32]; 2], by: Taken) -> Result<Standing, KeyError> {
        let [first, next] = fresh;
        let write = self.door().write(move |tx| {
            let before = stored_or(tx, first)?;
            if before.next.is_some() || before.former.is_some() {
                return Err(KeyError::UnderWay);
            }
            tx.execute("UPDATE hub SET next_key = ?1, keys_since = ?2", params![next, by.at.0])?;
            note(tx, &by, Deed::KeyRenewed, next)?;
            Ok(standing(tx, by.at)?)
        });
        write.await
    }

    /// Makes the next key the present one; the former one still holds for who does not know the new one.
    ///
    /// # Errors
    /// When there is no next key, or a gateway has not heard it and is not to be left behind.
    pub async fn switch_key(&self, leave_behind: bool, by: Taken) -> Result<Standing, KeyError> {
        let write = self.door().write(move |tx| {
            let before = stored(tx)?.ok_or(KeyError::NoNext)?;
            let next = before.next.ok_or(KeyError::NoNext)?;
            refuse_behind(tx, leave_behind)?;
            tx.execute(
                "UPDATE hub SET key = next_key, next_key = NULL, former_key = key, keys_since = ?1, proof_key = ?2",
                params![by.at.0, before.keys().proofs().key()],
            )?;
            note(tx, &by, Deed::KeySwitched, next)?;
            Ok(standing(tx, by.at)?)
        });
        write.await
    }

    /// Destroys the former key: who trusts no other is not answered any more. Its traces in the file have to be removed by
    /// [`erase::scrub`] afterwards.
    ///
    /// # Errors
    /// When there is no former key, or a gateway trusts no other and is not to be left behind.
    pub async fn retire_key(&self, leave_behind: bool, by: Taken) -> Result<Standing, KeyError> {
        let write = self.door().write(move |tx| {
            let former = stored(tx)?.and_then(|stored| stored.former).ok_or(KeyError::NoFormer)?;
            refuse_behind(tx, leave_behind)?;
            tx.execute("UPDATE hub SET former_key = NULL, keys_since = ?1", [by.at.0])?;
            erase::leave_traces(tx)?;
            note(tx, &by, Deed::KeyRetired, former)?;
            Ok(standing(tx, by.at)?)
        });
        write.await
    }
}

/// Notes to which of the hub's keys a gateway bound something.
pub(super) fn bound(tx: &Transaction<'_>, device: u64, key: VerifyingKey) -> rusqlite::Result<usize> {
    tx.prepare_cached("UPDATE device SET hub_key = ?2 WHERE number = ?1")?
        .execute(params![device, key.to_bytes()])
}

impl Stored {
    fn keys(&self) -> HubKeys {
        let present = HubKeys::alone(SigningKey::from_bytes(&self.key));
        let keys = match (self.next, self.former) {
            (Some(next), _) => present.replaced_by(SigningKey::from_bytes(&next), false),
            (None, Some(former)) => {
                HubKeys::alone(SigningKey::from_bytes(&former)).replaced_by(SigningKey::from_bytes(&self.key), true)
            }
            (None, None) => present,
        };
        match self.proof {
            Some(proof) => keys.proving(Proofs::of_key(proof)),
            None => keys,
        }
    }
}

fn stored(conn: &Connection) -> rusqlite::Result<Option<Stored>> {
    conn.prepare_cached("SELECT key, next_key, former_key, keys_since, proof_key FROM hub")?
        .query_row([], |row| {
            Ok(Stored {
                key: row.get(0)?,
                next: row.get(1)?,
                former: row.get(2)?,
                since: row.get::<_, Option<i64>>(3)?.map(UnixMillis),
                proof: row.get(4)?,
            })
        })
        .optional()
}

fn stored_or(tx: &Transaction<'_>, fresh: [u8; 32]) -> rusqlite::Result<Stored> {
    tx.execute(
        "INSERT INTO hub (one, key) VALUES (1, ?1) ON CONFLICT DO NOTHING",
        [fresh],
    )?;
    stored(tx)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn standing(conn: &Connection, now: UnixMillis) -> rusqlite::Result<Standing> {
    let stored = stored(conn)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let course = match (stored.next, stored.former) {
        (Some(_), _) => Course::Announcing,
        (None, Some(_)) => Course::Overlapping,
        (None, None) => Course::Steady,
    };
    // Letters are given with codes: one that was not used and has not expired may still be typed.
    let former_codes = conn.query_row(
        "SELECT count(*) FROM enrolment_code WHERE device IS NULL AND expires_at >= ?1 AND created_at < ?2",
        params![
            now.0,
            stored.since.filter(|_| course == Course::Overlapping).map(|at| at.0)
        ],
        |row| row.get(0),
    )?;
    Ok(Standing {
        behind: match course {
            Course::Steady => Vec::new(),
            _ => behind(conn, stored.keys().newest())?,
        },
        course,
        present: fingerprint(stored.key),
        next: stored.next.map(fingerprint),
        former: stored.former.map(fingerprint),
        since: stored.since,
        former_codes,
    })
}

fn refuse_behind(conn: &Connection, leave_behind: bool) -> Result<(), KeyError> {
    let stored = stored(conn)?.ok_or(KeyError::NoNext)?;
    match behind(conn, stored.keys().newest())? {
        gateways if gateways.is_empty() || leave_behind => Ok(()),
        gateways => Err(KeyError::Behind(gateways)),
    }
}

fn behind(conn: &Connection, newest: &SigningKey) -> rusqlite::Result<Vec<String>> {
    conn.prepare_cached(
        "SELECT office || '/' || letter FROM device WHERE revoked_at IS NULL AND hub_key IS NOT ?1 ORDER BY office, letter",
    )?
    .query_map([newest.verifying_key().to_bytes()], |row| row.get(0))?
    .collect()
}

fn fingerprint(key: [u8; 32]) -> String {
    Fingerprint::of(&SigningKey::from_bytes(&key).verifying_key()).to_string()
}

fn note(tx: &Transaction<'_>, by: &Taken, deed: Deed, key: [u8; 32]) -> rusqlite::Result<()> {
    let entry = audit::Entry {
        at: by.at,
        who: &by.who,
        deed,
        complaint: None,
        detail: &fingerprint(key),
    };
    audit::note(tx, entry)
}

#[cfg(test)]
mod tests;
