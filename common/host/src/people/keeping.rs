//! What the administrator does with accounts, by page or command; somebody always stays who can.

use rusqlite::Transaction;

use super::accounts::{self, normal};
use super::password::{self, Password};
use super::rights::{Right, Roles};
use super::signing_in::note;
use super::{StaffError, sessions};
use crate::audit::Deed;
use crate::clock::Clock;
use crate::store::Store;

/// Where it is done, and by whom: an account, or [`crate::audit::AT_THE_SHELL`].
type Hand<'a> = (&'a Store, &'a Clock, &'a str);

/// Closes an account, and ends its sessions, or opens it again. The name stays with what its owner did.
///
/// # Errors
/// [`StaffError::Missing`], or [`StaffError::LastAdministrator`].
pub(super) async fn set_disabled(
    (store, clock, by): Hand<'_>,
    roles: Roles,
    name: &str,
    disabled: bool,
) -> Result<(), StaffError> {
    let (name, by, now) = (normal(name), by.to_owned(), clock.now());
    let deed = if disabled {
        Deed::AccountDisabled
    } else {
        Deed::AccountEnabled
    };
    let changing = store.write(move |tx| {
        keeping_one(tx, roles, |tx| accounts::set_disabled(tx, &name, disabled))?;
        if disabled {
            sessions::end_all(tx, &name)?;
        }
        Ok(note(tx, now, (&by, deed), &name)?)
    });
    changing.await
}

/// Gives an account other roles. They hold from its next request on.
///
/// # Errors
/// [`StaffError::Role`], [`StaffError::NoRole`], [`StaffError::Missing`], or [`StaffError::LastAdministrator`].
pub(super) async fn set_roles(
    (store, clock, by): Hand<'_>,
    roles: Roles,
    name: &str,
    held: &[&str],
) -> Result<(), StaffError> {
    accounts::check_roles(held, roles)?;
    let (name, held, by, now) = (normal(name), accounts::owned(held), by.to_owned(), clock.now());
    let changing = store.write(move |tx| {
        keeping_one(tx, roles, |tx| accounts::set_roles(tx, &name, &held))?;
        let detail = format!("{name} {}", held.join(","));
        Ok(note(tx, now, (&by, Deed::RolesChanged), &detail)?)
    });
    changing.await
}

/// Gives an account another password, and ends its sessions. Unless its owner did it, they choose another at the next sign-in.
///
/// # Errors
/// [`StaffError::Missing`].
pub(super) async fn set_password(
    (store, clock, by): Hand<'_>,
    name: &str,
    password: Password,
) -> Result<(), StaffError> {
    let (name, by, now) = (normal(name), by.to_owned(), clock.now());
    let hash = password::hash(password, clock.random()).await?;
    let changing = store.write(move |tx| {
        accounts::set_password(tx, &name, &hash)?;
        // Whoever it was, another than its owner knows it: at the shell nobody can tell who types.
        accounts::set_given(tx, &name, by != name)?;
        sessions::end_all(tx, &name)?;
        Ok(note(tx, now, (&by, Deed::PasswordSet), &name)?)
    });
    changing.await
}

/// Makes a change, unless it would take the last open account that may administer.
fn keeping_one(
    tx: &Transaction<'_>,
    roles: Roles,
    change: impl FnOnce(&Transaction<'_>) -> Result<(), StaffError>,
) -> Result<(), StaffError> {
    let is_kept = |tx: &Transaction<'_>| -> Result<bool, StaffError> {
        let all = accounts::list(tx)?;
        let may = |staff: &accounts::Staff| roles.rights_of(&staff.roles).has(Right::Administer);
        Ok(all.iter().any(|staff| !staff.disabled && may(staff)))
    };
    let before = is_kept(tx)?;
    change(tx)?;
    if before && !is_kept(tx)? {
        return Err(StaffError::LastAdministrator);
    }
    Ok(())
}
