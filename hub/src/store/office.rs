//! Offices, their one-time codes and their gateways.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Serialize;
use titian_domain::id::{GatewayLetter, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_host::audit::{self, AT_THE_SHELL, Deed};
use titian_host::casebook::log;
use titian_host::store::StoreError;
use titian_sync::bundle::label::GatewayName;
use titian_sync::enrol::code::{CodeId, Secret, SecretHash};

use super::HubStore;

/// An office as the administrator's list shows it.
#[derive(Clone, Debug, Serialize)]
pub struct OfficeRow {
    /// The sub-district code.
    pub code: OfficeCode,
    /// Its name.
    pub name: String,
    /// How many complaints of it are here.
    pub complaints: u64,
    /// Its gateways.
    pub gateways: Vec<GatewayRow>,
}

/// A gateway as the administrator's list shows it.
#[derive(Clone, Debug, Serialize)]
pub struct GatewayRow {
    /// Its number in the protocol.
    pub number: u64,
    /// Its letter in register numbers.
    pub letter: String,
    /// The name of its machine, as it said itself.
    pub machine: String,
    /// When it was last heard of.
    pub last_seen: Option<UnixMillis>,
    /// Since when both sides are proved to hold the same.
    pub in_sync_since: Option<UnixMillis>,
    /// Whether it was shut out.
    pub revoked: bool,
    /// When a second living copy of it was last refused: one of the two has to be enrolled anew.
    pub copied_at: Option<UnixMillis>,
}

/// Why an office or a code was not made.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The office was added before.
    #[error("office {0} exists already")]
    Exists(OfficeCode),
    /// No such office.
    #[error("there is no office {0}")]
    Unknown(OfficeCode),
    /// No such gateway was enrolled.
    #[error("no gateway {0} is enrolled")]
    NoGateway(GatewayName),
    /// It was shut out before.
    #[error("gateway {0} is shut out already")]
    Revoked(GatewayName),
    /// All letters are given away.
    #[error("office {0} has used all letters from A to Z")]
    NoLetterLeft(OfficeCode),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OfficeError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl HubStore {
    /// Notes where the hub is served.
    pub async fn note_address(&self, address: String) -> Result<(), StoreError> {
        self.door()
            .write(move |tx| {
                tx.execute("UPDATE hub SET address = ?1", [&address])?;
                Ok(())
            })
            .await
    }

    /// Tells where the hub was last served; empty if never.
    pub async fn address(&self) -> Result<String, StoreError> {
        self.door()
            .read(|conn| {
                let address = conn
                    .query_row("SELECT address FROM hub", [], |row| row.get(0))
                    .optional()?;
                Ok(address.unwrap_or_default())
            })
            .await
    }

    /// Adds an office and makes its log.
    pub async fn add_office(
        &self,
        code: OfficeCode,
        name: String,
        now: UnixMillis,
        epoch: [u8; 16],
    ) -> Result<(), OfficeError> {
        self.door()
            .write(move |tx| {
                let added = tx.execute(
                    "INSERT INTO office (code, name, added_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    params![code.as_str(), name, now.0],
                )?;
                if added == 0 {
                    return Err(OfficeError::Exists(code.clone()));
                }
                note(tx, now, (AT_THE_SHELL, Deed::OfficeAdded), code.as_str())?;
                Ok(log::open_scope(tx, &code, epoch)?)
            })
            .await
    }

    /// Notes a one-time code of an office, and gives the letter that its gateway will have.
    pub async fn add_code(
        &self,
        (office, by): (OfficeCode, &str),
        secret: Secret,
        (created_at, expires_at): (UnixMillis, UnixMillis),
    ) -> Result<GatewayLetter, OfficeError> {
        let by = by.to_owned();
        self.door()
            .write(move |tx| {
                let known = tx
                    .prepare("SELECT 1 FROM office WHERE code = ?1")?
                    .exists([office.as_str()])?;
                if !known {
                    return Err(OfficeError::Unknown(office.clone()));
                }
                let letter = next_letter(tx, &office)?.ok_or_else(|| OfficeError::NoLetterLeft(office.clone()))?;
                tx.execute(
                    "INSERT INTO enrolment_code (code_id, secret_hash, office, letter, created_at, expires_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![
                        secret.code_id().0,
                        secret.hash().0,
                        office.as_str(),
                        letter.as_str(),
                        created_at.0,
                        expires_at.0
                    ],
                )?;
                let gateway = format!("{office}/{}", letter.as_str());
                note(tx, created_at, (&by, Deed::CodeMade), &gateway)?;
                Ok(letter)
            })
            .await
    }

    /// Shuts a gateway out: from its next request on the hub refuses it, over the network and by stick. What it brought stays.
    pub async fn revoke(&self, gateway: GatewayName, now: UnixMillis) -> Result<(), OfficeError> {
        self.door()
            .write(move |tx| {
                let (office, letter) = (gateway.office.as_str(), gateway.letter.as_str());
                let revoked = tx.execute(
                    "UPDATE device SET revoked_at = ?3 WHERE office = ?1 AND letter = ?2 AND revoked_at IS NULL",
                    params![office, letter, now.0],
                )?;
                if revoked == 0 {
                    let known = tx
                        .prepare("SELECT 1 FROM device WHERE office = ?1 AND letter = ?2")?
                        .exists([office, letter])?;
                    return Err(if known {
                        OfficeError::Revoked(gateway.clone())
                    } else {
                        OfficeError::NoGateway(gateway.clone())
                    });
                }
                Ok(note(
                    tx,
                    now,
                    (AT_THE_SHELL, Deed::GatewayRevoked),
                    &gateway.to_string(),
                )?)
            })
            .await
    }

    /// Lists the offices with their gateways.
    pub async fn offices(&self) -> Result<Vec<OfficeRow>, StoreError> {
        self.door().read(|conn| Ok(offices(conn)?)).await
    }
}

fn note(tx: &Transaction<'_>, at: UnixMillis, (who, deed): (&str, Deed), office: &str) -> rusqlite::Result<()> {
    let entry = audit::Entry {
        at,
        who,
        deed,
        complaint: None,
        detail: office,
    };
    audit::note(tx, entry)
}

/// Letters are never given twice, not even where a code expired unused: a register number stays unique for ever.
fn next_letter(tx: &Transaction<'_>, office: &OfficeCode) -> rusqlite::Result<Option<GatewayLetter>> {
    let used: u8 = tx.query_row(
        "SELECT count(*) FROM enrolment_code WHERE office = ?1",
        [office.as_str()],
        |row| row.get(0),
    )?;
    let letter = (b'A'..=b'Z')
        .nth(usize::from(used))
        .map(|byte| char::from(byte).to_string());
    Ok(letter.and_then(|letter| letter.parse().ok()))
}

/// Gives what gateways are called, by the number of their device.
pub fn gateway_names(conn: &Connection) -> rusqlite::Result<BTreeMap<u64, String>> {
    conn.prepare("SELECT number, office || '/' || letter FROM device")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn offices(conn: &Connection) -> rusqlite::Result<Vec<OfficeRow>> {
    let mut gateways = conn.prepare(
        "SELECT number, letter, machine, last_seen,
             CASE WHEN in_sync_position = (SELECT position FROM scope WHERE scope.office = device.office) THEN in_sync_since END,
             revoked_at IS NOT NULL, copied_at FROM device
         WHERE office = ?1 ORDER BY letter",
    )?;
    let mut offices = conn.prepare(
        "SELECT code, name, (SELECT count(*) FROM complaint WHERE complaint.office = code) FROM office ORDER BY code",
    )?;
    let mut rows = offices.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let code: String = row.get(0)?;
        let gateways = gateways
            .query_map([&code], |row| {
                Ok(GatewayRow {
                    number: row.get(0)?,
                    letter: row.get(1)?,
                    machine: row.get(2)?,
                    last_seen: row.get::<_, Option<i64>>(3)?.map(UnixMillis),
                    in_sync_since: row.get::<_, Option<i64>>(4)?.map(UnixMillis),
                    revoked: row.get(5)?,
                    copied_at: row.get::<_, Option<i64>>(6)?.map(UnixMillis),
                })
            })?
            .collect::<Result<_, _>>()?;
        let Ok(code) = code.parse() else { continue };
        all.push(OfficeRow {
            code,
            name: row.get(1)?,
            complaints: row.get(2)?,
            gateways,
        });
    }
    Ok(all)
}

/// A code as it is kept.
pub(super) struct KeptCode {
    pub secret_hash: SecretHash,
    pub office: OfficeCode,
    pub letter: GatewayLetter,
    pub expires_at: UnixMillis,
    /// The device that used it.
    pub used_by: Option<UsedBy>,
}

/// The device that used a code.
pub(super) struct UsedBy {
    pub device: u64,
    pub key: [u8; 32],
    pub is_revoked: bool,
}

/// Finds a code by its name.
pub(super) fn kept_code(conn: &Connection, id: CodeId) -> rusqlite::Result<Option<KeptCode>> {
    let word = |error: titian_domain::id::IdError| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
    };
    conn.query_row(
        "SELECT secret_hash, c.office, c.letter, expires_at, d.number, d.key, d.revoked_at IS NOT NULL
         FROM enrolment_code c LEFT JOIN device d ON d.number = c.device WHERE code_id = ?1",
        [id.0],
        |row| {
            let used_by = match (row.get(4)?, row.get(5)?) {
                (Some(device), Some(key)) => Some(UsedBy {
                    device,
                    key,
                    is_revoked: row.get(6)?,
                }),
                _ => None,
            };
            Ok(KeptCode {
                secret_hash: SecretHash(row.get(0)?),
                office: row.get::<_, String>(1)?.parse().map_err(word)?,
                letter: row.get::<_, String>(2)?.parse().map_err(word)?,
                expires_at: UnixMillis(row.get(3)?),
                used_by,
            })
        },
    )
    .optional()
}
