//! Sessions in the database: an opaque token in the browser, its hash here.

use data_encoding::BASE64URL_NOPAD;
use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};
use titian_domain::time::UnixMillis;

use super::accounts;
use super::extract::SignedIn;
use super::rights::Roles;
use super::second_factor::{self, SecondFactor};
use crate::web::FormSecret;

/// A session that nobody used for so long is over: a long market day away from a shared PC is not.
pub const SESSION_IDLE_MILLIS_MAX: i64 = 4 * 3_600_000;

/// A session is over after a working day with overtime, however busy it was.
pub const SESSION_MILLIS_MAX: i64 = 14 * 3_600_000;

/// Use is noted at most this often, so that reading a page does not cost a write.
const TOUCH_MILLIS: i64 = 60_000;

/// More sessions than this at once are a mistake that one ends all together, not one by one.
const SESSIONS_SHOWN_MAX: i64 = 50;

/// What the browser holds: 32 random bytes. Has no `Debug`, so that it cannot reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// Makes a token from random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// Reads a cookie's value.
    pub fn from_cookie(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Gives the cookie's value.
    pub fn to_cookie(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.0).as_bytes()
    }
}

/// Who a session belongs to, what their forms are bound to, and whether its use should be noted now.
pub(super) struct Found {
    pub signed_in: SignedIn,
    pub form_secret: FormSecret,
    pub touch: bool,
}

/// Begins a session, and clears away those that are over.
pub(super) fn begin(
    tx: &Transaction<'_>,
    token: &SessionToken,
    staff: &str,
    now: UnixMillis,
) -> Result<(), rusqlite::Error> {
    tx.execute(
        "DELETE FROM session WHERE created_at < :oldest OR last_seen_at < :idle",
        named_params! {
            ":oldest": now.plus_millis(-SESSION_MILLIS_MAX).0,
            ":idle": now.plus_millis(-SESSION_IDLE_MILLIS_MAX).0,
        },
    )?;
    tx.execute(
        "INSERT INTO session (token_hash, staff, created_at, last_seen_at) VALUES (:hash, :staff, :now, :now)",
        named_params! { ":hash": token.hash(), ":staff": staff, ":now": now.0 },
    )?;
    Ok(())
}

/// Finds a session that is not over, of an account that is not closed.
pub(super) fn find(
    connection: &Connection,
    (roles, offered): (Roles, Option<&SecondFactor>),
    token: &SessionToken,
    now: UnixMillis,
) -> Result<Option<Found>, rusqlite::Error> {
    let sql = format!(
        "SELECT staff.name, staff.full_name, session.last_seen_at, {}, staff.given, staff.password_hash
         FROM session JOIN staff ON staff.name = session.staff
         WHERE token_hash = :hash AND disabled = 0
             AND session.created_at >= :oldest AND session.last_seen_at >= :idle",
        accounts::ROLES
    );
    let parameters = named_params! {
        ":hash": token.hash(),
        ":oldest": now.plus_millis(-SESSION_MILLIS_MAX).0,
        ":idle": now.plus_millis(-SESSION_IDLE_MILLIS_MAX).0,
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row(parameters, |row| {
        let last_seen_at: i64 = row.get(2)?;
        let (name, held): (String, _) = (row.get(0)?, accounts::split(&row.get::<_, String>(3)?));
        let must_have = offered.is_some_and(|offered| offered.must_have(&held));
        Ok(Found {
            signed_in: SignedIn {
                second_factor_is_due: must_have && !second_factor::is_on(connection, &name)?,
                name,
                full_name: row.get(1)?,
                rights: roles.rights_of(&held),
                password_is_given: row.get(4)?,
            },
            form_secret: FormSecret(row.get(5)?),
            touch: last_seen_at < now.plus_millis(-TOUCH_MILLIS).0,
        })
    });
    found.optional()
}

/// A session that is not over, as its owner sees it.
pub(super) struct Running {
    pub created_at: UnixMillis,
    pub last_seen_at: UnixMillis,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// Lists the sessions of an account that are not over, the last used first.
pub(super) fn running(
    connection: &Connection,
    staff: &str,
    asking: Option<&SessionToken>,
    now: UnixMillis,
) -> Result<Vec<Running>, rusqlite::Error> {
    let sql = "SELECT token_hash, created_at, last_seen_at FROM session
               WHERE staff = :staff AND created_at >= :oldest AND last_seen_at >= :idle
               ORDER BY last_seen_at DESC, created_at DESC LIMIT :most";
    let parameters = named_params! {
        ":staff": staff,
        ":oldest": now.plus_millis(-SESSION_MILLIS_MAX).0,
        ":idle": now.plus_millis(-SESSION_IDLE_MILLIS_MAX).0,
        ":most": SESSIONS_SHOWN_MAX,
    };
    let asking = asking.map(SessionToken::hash);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| {
        Ok(Running {
            is_this: asking == Some(row.get(0)?),
            created_at: UnixMillis(row.get(1)?),
            last_seen_at: UnixMillis(row.get(2)?),
        })
    });
    rows?.collect()
}

/// Notes that a session was used.
pub(super) fn touch(tx: &Transaction<'_>, token: &SessionToken, now: UnixMillis) -> Result<(), rusqlite::Error> {
    tx.execute(
        "UPDATE session SET last_seen_at = ?2 WHERE token_hash = ?1",
        (token.hash(), now.0),
    )?;
    Ok(())
}

/// Ends a session, and tells whose it was; `None` if it had ended before.
pub(super) fn end(tx: &Transaction<'_>, token: &SessionToken) -> Result<Option<String>, rusqlite::Error> {
    let sql = "DELETE FROM session WHERE token_hash = ?1 RETURNING staff";
    tx.query_row(sql, [token.hash()], |row| row.get(0)).optional()
}

/// Ends every session of an account, and what it began to sign in: after its password changed, or when it is closed.
pub(super) fn end_all(tx: &Transaction<'_>, staff: &str) -> Result<(), rusqlite::Error> {
    tx.execute("DELETE FROM session WHERE staff = ?1", [staff])?;
    second_factor::end_halfway_of(tx, staff)
}

/// Ends every session of an account but the one that asks, and what it began to sign in.
pub(super) fn end_others(tx: &Transaction<'_>, staff: &str, asking: &SessionToken) -> Result<(), rusqlite::Error> {
    let sql = "DELETE FROM session WHERE staff = ?1 AND token_hash <> ?2";
    tx.execute(sql, (staff, asking.hash()))?;
    second_factor::end_halfway_of(tx, staff)
}
