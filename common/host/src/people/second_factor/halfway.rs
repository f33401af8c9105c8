//! Between the password and the code: a token that opens nothing but the question for the code, for a few minutes and tries.

use axum::http::{HeaderMap, HeaderValue};
use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};
use titian_domain::time::UnixMillis;

use crate::people::sessions::SessionToken;
use crate::web::{cookie, per_port, set_cookie};

/// Time enough to fetch a phone, too short to be found on a screen by who comes next.
pub(super) const HALFWAY_SECONDS_MAX: u32 = 5 * 60;

/// Wrong codes after which the password is asked for again. The waits after failures count beyond that.
const TRIES_MAX: u32 = 3;

/// Who knows a password and keeps beginning shall not fill the table; nobody signs in at more places at once.
const HALFWAY_OF_ONE_MAX: u32 = 5;

const COOKIE: &str = "titian_halfway";

/// What the browser holds meanwhile. It is no [`SessionToken`], and kept in another table. Has no `Debug`.
#[derive(Clone)]
pub struct Halfway(SessionToken);

impl Halfway {
    /// Makes a token from random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(SessionToken::new(random))
    }

    /// Reads it from what a browser sends.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = cookie(headers, &per_port(COOKIE, headers))?;
        SessionToken::from_cookie(value).map(Self)
    }

    /// Makes the cookie.
    pub fn to_cookie(&self, headers: &HeaderMap) -> HeaderValue {
        let name = per_port(COOKIE, headers);
        set_cookie(&name, &self.0.to_cookie(), "Strict", Some(HALFWAY_SECONDS_MAX))
    }

    /// Removes the cookie.
    pub fn gone(headers: &HeaderMap) -> HeaderValue {
        set_cookie(&per_port(COOKIE, headers), "", "Strict", Some(0))
    }
}

/// Notes that somebody gave the right password, and clears away what is over.
pub(in crate::people) fn begin(
    tx: &Transaction<'_>,
    token: &Halfway,
    staff: &str,
    now: UnixMillis,
) -> Result<(), rusqlite::Error> {
    tx.execute("DELETE FROM halfway WHERE begun_at < ?1", [oldest(now)])?;
    tx.execute(
        "INSERT INTO halfway (token_hash, staff, begun_at) VALUES (:hash, :staff, :now)",
        named_params! { ":hash": token.0.hash(), ":staff": staff, ":now": now.0 },
    )?;
    tx.execute(
        "DELETE FROM halfway WHERE staff = :staff AND token_hash NOT IN
             (SELECT token_hash FROM halfway WHERE staff = :staff ORDER BY token_hash = :hash DESC, begun_at DESC LIMIT :most)",
        named_params! { ":hash": token.0.hash(), ":staff": staff, ":most": HALFWAY_OF_ONE_MAX },
    )?;
    Ok(())
}

/// Finds whose it is, if it is not over and the account not closed.
pub(super) fn find(
    connection: &Connection,
    token: &Halfway,
    now: UnixMillis,
) -> Result<Option<String>, rusqlite::Error> {
    // A clock that was set back must not keep one alive: what begins later than now is over too.
    let sql = "SELECT halfway.staff FROM halfway JOIN staff ON staff.name = halfway.staff
               WHERE token_hash = :hash AND disabled = 0 AND begun_at BETWEEN :oldest AND :now";
    let parameters = named_params! { ":hash": token.0.hash(), ":oldest": oldest(now), ":now": now.0 };
    connection.query_row(sql, parameters, |row| row.get(0)).optional()
}

/// Counts a wrong code; `false` where that was the last try, and the password is asked for again.
pub(super) fn may_try_again(tx: &Transaction<'_>, token: &Halfway) -> Result<bool, rusqlite::Error> {
    let sql = "UPDATE halfway SET tries = tries + 1 WHERE token_hash = ?1 RETURNING tries";
    let tries: u32 = tx.query_row(sql, [token.0.hash()], |row| row.get(0))?;
    if tries < TRIES_MAX {
        return Ok(true);
    }
    tx.execute("DELETE FROM halfway WHERE token_hash = ?1", [token.0.hash()])?;
    Ok(false)
}

/// Ends all that an account has begun: it has signed in, or its password, its second factor or the account itself changed.
pub(in crate::people) fn end_of(tx: &Transaction<'_>, staff: &str) -> Result<(), rusqlite::Error> {
    tx.execute("DELETE FROM halfway WHERE staff = ?1", [staff])?;
    Ok(())
}

/// Ends all.
pub(super) fn end_all(tx: &Transaction<'_>) -> Result<(), rusqlite::Error> {
    tx.execute("DELETE FROM halfway", [])?;
    Ok(())
}

fn oldest(now: UnixMillis) -> i64 {
    now.plus_millis(-i64::from(HALFWAY_SECONDS_MAX) * 1_000).0
}
