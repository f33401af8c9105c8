//! Waiting for a condition: bounded, and never longer than it takes.

use std::time::Duration;

use anyhow::{Result, bail};

/// How long anything may take that is waited for: far more than a slow machine needs, and an end to a hanging test.
pub const MAX: Duration = Duration::from_mins(1);
/// Short beside everything that is waited for, long beside one look.
const PAUSE: Duration = Duration::from_millis(15);

/// Looks again and again until `look` finds something.
///
/// # Errors
/// When `look` fails, or found nothing for a minute; `what` then says what was waited for.
pub fn until<T>(what: &str, look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(MAX, what, look)
}

/// Looks again and again until `look` finds something, for another time than a minute.
///
/// # Errors
/// When `look` fails, or found nothing in this time; `what` then says what was waited for.
pub fn until_within<T>(time: Duration, what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let looks = time.as_millis() / PAUSE.as_millis();
    for _ in 0..looks {
        if let Some(found) = look()? {
            return Ok(found);
        }
        std::thread::sleep(PAUSE);
    }
    bail!("waited {} s in vain for this: {what}", time.as_secs())
}
