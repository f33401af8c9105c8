//! A second factor for signing in: codes of an app on a phone, and recovery codes for who lost it. A program offers it with a
//! [`SecondFactor`] in its kit and with [`routes`]; its clock has to be right, or no code fits.

mod cli;
mod doing;
mod halfway;
mod keepers;
mod own;
mod recovery;
mod rows;
mod sign_in;
mod totp;

use std::sync::Arc;

use crate::store::Migration;

pub use self::cli::StaffArgsWithSecondFactor;
pub use self::doing::forget_halfway;
pub use self::halfway::Halfway;
pub(super) use self::halfway::{begin as begin_halfway, end_of as end_halfway_of};
pub(crate) use self::own::OWN_SECOND_FACTOR;
pub(super) use self::rows::is_on;
pub(super) use self::sign_in::ask_for_code;
#[cfg(test)]
pub(super) use self::totp::{Secret, step_at};

use axum::extract::FromRef;

use crate::web::{Kit, Routes};

/// The tables of the second factor; a program lists it after those that are older, whether it offers one or not.
pub const SECOND_FACTOR_MIGRATION: Migration = Migration {
    name: "second factor",
    sql: include_str!("second_factor/second_factor.sql"),
};

/// That a program offers a second factor, and of whom it asks one. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SecondFactor {
    required_of: Arc<[String]>,
}

impl SecondFactor {
    /// Offers it to everybody, and asks it of whoever has one of these roles.
    pub fn required_of(roles: &[String]) -> Self {
        Self {
            required_of: roles.into(),
        }
    }

    /// Says whether somebody with these roles must have one.
    pub(super) fn must_have(&self, held: &[String]) -> bool {
        held.iter().any(|role| self.required_of.contains(role))
    }
}

/// Gives the pages of the second factor to a program's router.
pub fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    sign_in::routes().and(own::routes()).and(keepers::routes())
}

/// Writes letters in groups, so that a person keeps their place.
fn in_groups(letters: &str, group: usize, between: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let groups: Vec<String> = letters.chunks(group).map(|group| group.iter().collect()).collect();
    groups.join(between)
}
