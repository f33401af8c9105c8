//! Accounts and sessions: every staff member has an account of their own, and can sign in without a network.

mod accounts;
mod by;
mod cli;
mod directory;
mod extract;
mod keeping;
mod own;
mod pages;
pub(crate) mod password;
mod rights;
pub mod second_factor;
mod sessions;
mod signing_in;
mod throttle;

use crate::store::{Migration, StoreError};

pub use self::accounts::{NewStaff, Staff, any, by_name, insert, list};
pub(crate) use self::accounts::{good_passwords, normal, password_hash};
pub use self::by::{Acting, By};
pub use self::cli::StaffArgs;
pub use self::extract::{SignedIn, token as session_token};
pub(crate) use self::extract::{session_cookie, who};
pub(crate) use self::own::{OWN_ACCOUNT, OWN_PASSWORD};
pub use self::pages::routes;
pub use self::password::{PASSWORD_LETTERS_MAX, PASSWORD_LETTERS_MIN, Password, hash};
pub use self::rights::{Right, Rights, Role, Roles};
pub(crate) use self::second_factor::OWN_SECOND_FACTOR;
pub use self::second_factor::{SECOND_FACTOR_MIGRATION, SecondFactor};
pub use self::sessions::{SESSION_IDLE_MILLIS_MAX, SESSION_MILLIS_MAX, SessionToken};
pub use self::signing_in::{Answer, Proved, Signing, add, login, logout, with_password};

/// The tables of this module; a program lists it among its migrations.
pub const PEOPLE_MIGRATION: Migration = Migration {
    name: "people",
    sql: include_str!("people/people.sql"),
};

/// Failures are counted per address too; a program lists it after those that are older.
pub const THROTTLE_MIGRATION: Migration = Migration {
    name: "throttle",
    sql: include_str!("people/throttle.sql"),
};

/// A password that somebody else chose is told from one's own; a program lists it after those that are older.
pub const GIVEN_MIGRATION: Migration = Migration {
    name: "given passwords",
    sql: include_str!("people/given.sql"),
};

/// Somebody may have several roles; a program lists it after those that are older.
pub const ROLES_MIGRATION: Migration = Migration {
    name: "roles",
    sql: include_str!("people/roles.sql"),
};

/// Says why an account cannot be as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// The login name has another form.
    #[error("the name is not of the form expected: 2 to 32 small letters, digits, dots, underscores or hyphens")]
    Name,
    /// The full name is empty or too long.
    #[error("the full name is empty or longer than {max} letters", max = accounts::FULL_NAME_LETTERS_MAX)]
    FullName,
    /// Somebody without a role could do nothing.
    #[error("an account has at least one role")]
    NoRole,
    /// There is no such role here.
    #[error("there is no role '{0}' here")]
    Role(String),
    /// The password is too short.
    #[error("the password is shorter than {PASSWORD_LETTERS_MIN} letters")]
    PasswordShort,
    /// The password is too long.
    #[error("the password is longer than {PASSWORD_LETTERS_MAX} letters")]
    PasswordLong,
    /// The password is among those that are guessed first.
    #[error("the password is among those that are guessed first")]
    PasswordCommon,
    /// Somebody has this name already; also somebody who is disabled, since names are never given twice.
    #[error("the name is taken")]
    Taken,
    /// There is no such account.
    #[error("there is no account of that name")]
    Missing,
    /// Somebody has to be able to keep the accounts.
    #[error("nobody would be left who may keep the accounts")]
    LastAdministrator,
    /// The first account exists already.
    #[error("the first account exists already")]
    NotFirst,
    /// The account has no second factor.
    #[error("the account has no second factor")]
    NoSecondFactor,
    /// The password could not be hashed, for want of memory.
    #[error("the password could not be hashed")]
    Hashing(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for StaffError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

#[cfg(test)]
mod tests;
