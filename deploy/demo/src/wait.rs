//! Waiting for a condition: bounded, and never longer than it takes.

use std::time::Duration;

use anyhow::{Result, bail};

/// How long anything may take that is waited for: far more than a slow machine needs, and an end to a hanging test.
const WAIT_MILLIS_MAX: u64 = 60_000;
/// Short beside everything that is waited for, long beside one look.
const PAUSE_MILLIS: u64 = 15;

/// Looks again and again until `look` finds something.
///
/// # Errors
/// When `look` fails, or found nothing for a minute; `what` then says what was waited for.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    for _ in 0..WAIT_MILLIS_MAX / PAUSE_MILLIS {
        if let Some(found) = look()? {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(PAUSE_MILLIS));
    }
    bail!("waited a minute in vain for this: {what}")
}
