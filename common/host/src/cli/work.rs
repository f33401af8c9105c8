//! What a command that is the same in both programs works with.

use std::sync::Arc;

use super::{Failure, Output};
use crate::casebook::project::Rules;
use crate::clock::Clock;
use crate::people::Roles;
use crate::store::Store;

/// A reason is a sentence: the law's article, the letter's number.
const REASON_LETTERS_MAX: usize = 300;

/// The parts of a program that such a command needs.
pub struct Work<'a> {
    /// The database.
    pub store: &'a Store,
    /// The machine's clock.
    pub clock: &'a Clock,
    /// How days are counted, and in which zone.
    pub rules: &'a Arc<Rules>,
    /// The roles of the program.
    pub roles: Roles,
    /// The form of answers.
    pub output: Output,
}

/// Takes the reason that an argument gives, for the audit log.
///
/// # Errors
/// When it says nothing or too much; `next` tells what it is to say.
pub fn reason(argument: &str, text: &str, next: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REASON_LETTERS_MAX {
        let what = format!("{argument}: a reason of 1 to {REASON_LETTERS_MAX} letters is expected");
        return Err(Failure::user(what, next));
    }
    Ok(text.to_owned())
}
