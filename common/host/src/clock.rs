//! The one place that reads the time and draws random bytes; everywhere else both are arguments.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime};

use titian_domain::time::UnixMillis;

/// The variable that shifts the clock of a whole process, so that tests can run an office whose clock is wrong.
pub const OFFSET_VARIABLE: &str = "TITIAN_CLOCK_OFFSET_MILLIS";

/// Says why the clock could not be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The variable holds no whole number.
    #[error("{OFFSET_VARIABLE} is '{0}': a whole number of milliseconds is expected, such as -86400000")]
    Offset(String),
}

/// Where a program gets the time from. Cheap to clone; clones of a manual clock move together.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { offset_millis: i64 },
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Reads the machine's clock as it is.
    pub fn system() -> Self {
        Self(Source::System { offset_millis: 0 })
    }

    /// Reads the machine's clock, shifted by [`OFFSET_VARIABLE`] where that is set.
    ///
    /// # Errors
    /// When the variable is set to something other than a whole number.
    pub fn from_env() -> Result<Self, ClockError> {
        match std::env::var(OFFSET_VARIABLE) {
            Ok(text) => Self::shifted(&text),
            Err(_) => Ok(Self::system()),
        }
    }

    /// Stands still at an instant until it is moved on. For tests.
    pub fn manual(at: UnixMillis) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(at.0))))
    }

    /// Moves a manual clock on. The system's clock is not ours to move: there it does nothing.
    pub fn advance_millis(&self, millis: i64) {
        if let Source::Manual(at) = &self.0 {
            at.fetch_add(millis, Ordering::SeqCst);
        }
    }

    /// Gives the time of this machine, right or wrong.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now(&self) -> UnixMillis {
        match &self.0 {
            Source::System { offset_millis } => {
                let since = SystemTime::now()
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .unwrap_or_default();
                let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
                UnixMillis(millis.saturating_add(*offset_millis))
            }
            Source::Manual(at) => UnixMillis(at.load(Ordering::SeqCst)),
        }
    }

    /// Draws random bytes from the operating system; real ones with a manual clock too.
    #[expect(clippy::disallowed_methods, reason = "the one place that draws random bytes")]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("every system we run on has a random source that cannot fail once up");
        bytes
    }

    fn shifted(text: &str) -> Result<Self, ClockError> {
        let offset_millis = text.trim().parse().map_err(|_| ClockError::Offset(text.to_owned()))?;
        Ok(Self(Source::System { offset_millis }))
    }
}

/// Measures how long something took, untouched by jumps of the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Gives the milliseconds since the start.
    pub fn millis(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_is_wrong_by_as_much() {
        let day = 86_400_000;
        let (right, wrong) = (Clock::system().now(), Clock::shifted("-86400000").unwrap().now());
        assert!((right.0 - day - wrong.0).abs() < 10_000, "{right:?} {wrong:?}");
        assert_eq!(
            Clock::shifted("soon").unwrap_err(),
            ClockError::Offset("soon".to_owned())
        );
    }

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let clock = Clock::manual(UnixMillis(5));
        let other = clock.clone();
        clock.advance_millis(7);
        assert_eq!(other.now(), UnixMillis(12));
    }

    #[test]
    fn two_draws_differ() {
        let clock = Clock::system();
        assert_ne!(clock.random::<16>(), clock.random::<16>());
    }
}
