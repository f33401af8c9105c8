//! The accounts in the database.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params, params};
use serde::Serialize;
use titian_domain::time::UnixMillis;

use super::StaffError;
use super::rights::Roles;

/// Names on certificates are shorter; this bounds what every screen has to show.
pub(super) const FULL_NAME_LETTERS_MAX: usize = 100;

/// Lengths of a login name.
const NAME_LETTERS: std::ops::RangeInclusive<usize> = 2..=32;

/// The roles of a row of `staff`, in one text that [`split`] takes apart.
pub(super) const ROLES: &str =
    "(SELECT coalesce(group_concat(role, ' ' ORDER BY role), '') FROM staff_role WHERE staff_role.staff = staff.name)";

/// An account, without its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Staff {
    /// The login name, small letters.
    pub name: String,
    /// The name that events and papers carry.
    pub full_name: String,
    /// What this person does here, one or several.
    pub roles: Vec<String>,
    /// Whether the account is closed.
    pub disabled: bool,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// An account to be made.
#[derive(Clone)]
pub struct NewStaff {
    /// The login name.
    pub name: String,
    /// The name that events and papers carry.
    pub full_name: String,
    /// What this person does here, one or several.
    pub roles: Vec<String>,
    /// What [`super::hash`] made of the password.
    pub password_hash: String,
}

/// Brings a typed name into the form in which names are kept.
pub(crate) fn normal(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Checks the parts of an account that people type.
pub(super) fn check(name: &str, full_name: &str, held: &[&str], roles: Roles) -> Result<(), StaffError> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if !NAME_LETTERS.contains(&name.len()) || !name.bytes().all(letters) {
        return Err(StaffError::Name);
    }
    let full_name = full_name.trim();
    let control = full_name.chars().any(char::is_control);
    if full_name.is_empty() || control || full_name.chars().count() > FULL_NAME_LETTERS_MAX {
        return Err(StaffError::FullName);
    }
    check_roles(held, roles)
}

/// Checks the roles that an account is to have.
pub(super) fn check_roles(held: &[&str], roles: Roles) -> Result<(), StaffError> {
    if held.is_empty() {
        return Err(StaffError::NoRole);
    }
    match held.iter().find(|role| !roles.codes().any(|code| code == **role)) {
        Some(unknown) => Err(StaffError::Role((*unknown).to_owned())),
        None => Ok(()),
    }
}

/// Adds an account whose parts were checked.
///
/// # Errors
/// [`StaffError::Taken`] where the name is in use.
pub fn insert(tx: &Transaction<'_>, staff: &NewStaff, now: UnixMillis) -> Result<(), StaffError> {
    let added = tx.execute(
        "INSERT INTO staff (name, full_name, password_hash, created_at)
         VALUES (:name, :full_name, :password_hash, :created_at)
         ON CONFLICT (name) DO NOTHING",
        named_params! {
            ":name": staff.name,
            ":full_name": staff.full_name.trim(),
            ":password_hash": staff.password_hash,
            ":created_at": now.0,
        },
    )?;
    if added != 1 {
        return Err(StaffError::Taken);
    }
    give_roles(tx, &staff.name, &staff.roles)
}

fn give_roles(tx: &Transaction<'_>, name: &str, roles: &[String]) -> Result<(), StaffError> {
    let sql = "INSERT INTO staff_role (staff, role) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    for role in roles {
        tx.execute(sql, [name, role])?;
    }
    Ok(())
}

/// Gives an account by its login name.
///
/// # Errors
/// When the database fails.
pub fn by_name(connection: &Connection, name: &str) -> Result<Option<Staff>, rusqlite::Error> {
    connection
        .prepare_cached(&select("WHERE name = ?1"))?
        .query_row([normal(name)], from_row)
        .optional()
}

/// Lists all accounts by name.
///
/// # Errors
/// When the database fails.
pub fn list(connection: &Connection) -> Result<Vec<Staff>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(&select("ORDER BY name"))?;
    statement.query_map([], from_row)?.collect()
}

/// Says whether there is any account.
///
/// # Errors
/// When the database fails.
pub fn any(connection: &Connection) -> Result<bool, rusqlite::Error> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM staff)", [], |row| row.get(0))
}

/// Gives what a password is compared with, where the account is open.
pub(crate) fn password_hash(connection: &Connection, name: &str) -> Result<Option<String>, rusqlite::Error> {
    let sql = "SELECT password_hash FROM staff WHERE name = ?1 AND disabled = 0";
    connection.query_row(sql, [name], |row| row.get(0)).optional()
}

/// Lists the open accounts, each with the hash of its password.
pub(crate) fn good_passwords(connection: &Connection) -> Result<Vec<(String, String)>, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT name, password_hash FROM staff WHERE disabled = 0")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Gives an account another password.
pub(super) fn set_password(tx: &Transaction<'_>, name: &str, password_hash: &str) -> Result<(), StaffError> {
    let changed = tx.execute(
        "UPDATE staff SET password_hash = ?2 WHERE name = ?1",
        [name, password_hash],
    )?;
    if changed == 1 { Ok(()) } else { Err(StaffError::Missing) }
}

/// Gives an account these roles and no others.
pub(super) fn set_roles(tx: &Transaction<'_>, name: &str, roles: &[String]) -> Result<(), StaffError> {
    if by_name(tx, name)?.is_none() {
        return Err(StaffError::Missing);
    }
    tx.execute("DELETE FROM staff_role WHERE staff = ?1", [name])?;
    give_roles(tx, name, roles)
}

/// Notes whether somebody else chose the password that an account has now.
pub(super) fn set_given(tx: &Transaction<'_>, name: &str, given: bool) -> Result<(), rusqlite::Error> {
    tx.execute("UPDATE staff SET given = ?2 WHERE name = ?1", params![name, given])
        .map(|_| ())
}

/// Copies words out of what was typed.
pub(super) fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Closes an account or opens it again.
pub(super) fn set_disabled(tx: &Transaction<'_>, name: &str, disabled: bool) -> Result<(), StaffError> {
    let changed = tx.execute("UPDATE staff SET disabled = ?2 WHERE name = ?1", (name, disabled))?;
    if changed == 1 { Ok(()) } else { Err(StaffError::Missing) }
}

fn select(which: &str) -> String {
    format!("SELECT name, full_name, disabled, created_at, {ROLES} AS roles FROM staff {which}")
}

/// Takes apart what [`ROLES`] puts together.
pub(super) fn split(roles: &str) -> Vec<String> {
    roles.split_whitespace().map(str::to_owned).collect()
}

fn from_row(row: &Row<'_>) -> Result<Staff, rusqlite::Error> {
    Ok(Staff {
        name: row.get("name")?,
        full_name: row.get("full_name")?,
        roles: split(&row.get::<_, String>("roles")?),
        disabled: row.get("disabled")?,
        created_at: UnixMillis(row.get("created_at")?),
    })
}
