//! The second factor of an account in the database: offered, on, used, gone.

use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};
use titian_domain::time::UnixMillis;

use super::recovery::{RECOVERY_CODES, RecoveryCode};
use super::totp::{DIGITS, SECRET_BYTES, Secret};

/// An offered secret is not for ever: long enough to install an app, too short to be found by who comes next.
const OFFER_MILLIS_MAX: i64 = 15 * 60_000;

/// How a typed code was taken.
pub(super) enum Used {
    /// It was one of the app.
    App,
    /// It was a recovery code; so many are left.
    Recovery(u32),
    /// It is none, or was used before.
    Refused,
}

/// Says whether an account has a second factor.
pub(in crate::people) fn is_on(connection: &Connection, staff: &str) -> Result<bool, rusqlite::Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM second_factor WHERE staff = ?1 AND is_on = 1)";
    connection.prepare_cached(sql)?.query_row([staff], |row| row.get(0))
}

/// Keeps a fresh secret that its owner is to try; the last one that was only offered is gone. `false` where one is on already.
pub(super) fn offer(
    tx: &Transaction<'_>,
    staff: &str,
    secret: &Secret,
    now: UnixMillis,
) -> Result<bool, rusqlite::Error> {
    let written = tx.execute(
        "INSERT INTO second_factor (staff, secret, offered_at) VALUES (:staff, :secret, :now)
         ON CONFLICT (staff) DO UPDATE SET secret = :secret, offered_at = :now, last_step = 0 WHERE is_on = 0",
        named_params! { ":staff": staff, ":secret": secret.bytes(), ":now": now.0 },
    )?;
    Ok(written == 1)
}

/// Gives the secret that is offered to an account, and not on yet.
pub(super) fn offered(
    connection: &Connection,
    staff: &str,
    now: UnixMillis,
) -> Result<Option<Secret>, rusqlite::Error> {
    let sql = "SELECT secret FROM second_factor WHERE staff = ?1 AND is_on = 0 AND offered_at >= ?2";
    let oldest = now.plus_millis(-OFFER_MILLIS_MAX).0;
    let secret = connection.query_row(sql, (staff, oldest), |row| row.get::<_, [u8; SECRET_BYTES]>(0));
    Ok(secret.optional()?.map(Secret::new))
}

/// Has the offered secret count from now on; the code that showed it is used up.
pub(super) fn turn_on(tx: &Transaction<'_>, staff: &str, step: i64) -> Result<(), rusqlite::Error> {
    let sql = "UPDATE second_factor SET is_on = 1, last_step = ?2 WHERE staff = ?1 AND is_on = 0";
    tx.execute(sql, (staff, step))?;
    Ok(())
}

/// Removes the second factor of an account with its recovery codes; `false` where none was on.
pub(super) fn remove(tx: &Transaction<'_>, staff: &str) -> Result<bool, rusqlite::Error> {
    tx.execute("DELETE FROM recovery_code WHERE staff = ?1", [staff])?;
    let sql = "DELETE FROM second_factor WHERE staff = ?1 RETURNING is_on";
    let was_on = tx.query_row(sql, [staff], |row| row.get(0)).optional()?;
    Ok(was_on == Some(true))
}

/// Gives an account these recovery codes and no others.
pub(super) fn set_recovery(
    tx: &Transaction<'_>,
    staff: &str,
    codes: &[RecoveryCode; RECOVERY_CODES],
) -> Result<(), rusqlite::Error> {
    tx.execute("DELETE FROM recovery_code WHERE staff = ?1", [staff])?;
    for code in codes {
        let sql = "INSERT INTO recovery_code (staff, code_hash) VALUES (?1, ?2)";
        tx.execute(sql, (staff, code.hash(staff)))?;
    }
    Ok(())
}

/// Counts the recovery codes that were not used yet.
pub(super) fn recovery_left(connection: &Connection, staff: &str) -> Result<u32, rusqlite::Error> {
    let sql = "SELECT count(*) FROM recovery_code WHERE staff = ?1";
    connection.query_row(sql, [staff], |row| row.get(0))
}

/// Takes a typed code, so that it is never taken again.
pub(super) fn take_code(
    tx: &Transaction<'_>,
    staff: &str,
    typed: &str,
    now: UnixMillis,
) -> Result<Used, rusqlite::Error> {
    let sql = "SELECT secret, last_step FROM second_factor WHERE staff = ?1 AND is_on = 1";
    let row = tx.query_row(sql, [staff], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((secret, last_step)) = row.optional()? else {
        return Ok(Used::Refused);
    };
    if let Some(code) = of_app(typed) {
        let Some(step) = Secret::new(secret).step_of(&code, now, last_step) else {
            return Ok(Used::Refused);
        };
        tx.execute(
            "UPDATE second_factor SET last_step = ?2 WHERE staff = ?1",
            (staff, step),
        )?;
        return Ok(Used::App);
    }
    let Some(code) = RecoveryCode::parse(typed) else {
        return Ok(Used::Refused);
    };
    let sql = "DELETE FROM recovery_code WHERE staff = ?1 AND code_hash = ?2";
    if tx.execute(sql, (staff, code.hash(staff)))? == 0 {
        return Ok(Used::Refused);
    }
    Ok(Used::Recovery(recovery_left(tx, staff)?))
}

/// Reads a code of an app; many show it in two halves.
pub(super) fn of_app(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    (code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}
