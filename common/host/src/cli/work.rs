//! What a command that is the same in both programs works with.

use std::sync::Arc;

use super::{Failure, Output};
use crate::casebook::project::Rules;
use crate::clock::Clock;
use crate::people::Roles;
use crate::store::Store;
use crate::subject::Side;

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
    /// What differs between the programs, for what citizens ask.
    pub side: Side,
}

/// Takes a reason for the audit log; `None` where it says nothing or too much.
pub fn good_reason(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=REASON_LETTERS_MAX).contains(&text.chars().count());
    fits.then(|| text.to_owned())
}

/// Takes the reason that an argument gives, for the audit log.
///
/// # Errors
/// When it says nothing or too much; `next` tells what it is to say.
pub fn reason(argument: &str, text: &str, next: &str) -> Result<String, Failure> {
    good_reason(text).ok_or_else(|| {
        let what = format!("{argument}: a reason of 1 to {REASON_LETTERS_MAX} letters is expected");
        Failure::user(what, next)
    })
}
