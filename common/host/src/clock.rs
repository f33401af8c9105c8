//! The one place that reads the time and draws random bytes; everywhere else both are arguments.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use titian_domain::time::UnixMillis;

/// The variable that shifts the clock of a whole process, so that tests can run an office whose clock is wrong. It holds
/// milliseconds, or `@` and the path of a file that holds them: that clock jumps whenever the file changes.
pub const OFFSET_VARIABLE: &str = "TITIAN_CLOCK_OFFSET_MILLIS";

/// Says why the clock could not be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The variable holds no whole number.
    #[error(
        "{OFFSET_VARIABLE} is '{0}': a whole number of milliseconds is expected, such as -86400000, or @ and a file"
    )]
    Offset(String),
}

/// Where a program gets the time from. Cheap to clone; clones of a manual clock move together.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    /// When the clock was last believed, by itself and in milliseconds of the machine's running time.
    believed: Arc<Mutex<(UnixMillis, i64)>>,
}

#[derive(Clone, Debug)]
enum Source {
    System {
        offset_millis: i64,
    },
    Jumping {
        file: Arc<Path>,
        offset_millis: Arc<AtomicI64>,
    },
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Reads the machine's clock as it is.
    pub fn system() -> Self {
        Self::of(Source::System { offset_millis: 0 })
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
        Self::of(Source::Manual(Arc::new(AtomicI64::new(at.0))))
    }

    /// Moves a manual clock on. The system's clock is not ours to move: there it does nothing.
    pub fn advance_millis(&self, millis: i64) {
        if let Source::Manual(at) = &self.source {
            at.fetch_add(millis, Ordering::SeqCst);
        }
    }

    fn of(source: Source) -> Self {
        let clock = Self {
            source,
            believed: Arc::default(),
        };
        clock.believe();
        clock
    }

    /// Takes the clock as it is now for what [`Self::steady`] goes on from: at the start, and when it was compared.
    pub fn believe(&self) {
        *self.believed.lock().unwrap_or_else(PoisonError::into_inner) = (self.now(), self.running_millis());
    }

    /// Gives the time that it would be had nobody set the clock since it was last believed.
    pub fn steady(&self) -> UnixMillis {
        let (at, running) = *self.believed.lock().unwrap_or_else(PoisonError::into_inner);
        at.plus_millis(self.running_millis() - running)
    }

    /// Gives how long the machine runs, sleep included, from wherever that is counted.
    fn running_millis(&self) -> i64 {
        match &self.source {
            // It is never set, only moved on.
            Source::Manual(at) => at.load(Ordering::SeqCst),
            Source::System { .. } | Source::Jumping { .. } => running_millis(),
        }
    }

    /// Gives the time of this machine, right or wrong.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now(&self) -> UnixMillis {
        let offset_millis = match &self.source {
            Source::System { offset_millis } => *offset_millis,
            Source::Jumping { file, offset_millis } => {
                // Between two contents the file may hold none: then the clock is as wrong as before.
                if let Ok(offset) = read(file) {
                    offset_millis.store(offset, Ordering::SeqCst);
                }
                offset_millis.load(Ordering::SeqCst)
            }
            Source::Manual(at) => return UnixMillis(at.load(Ordering::SeqCst)),
        };
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        UnixMillis(millis.saturating_add(offset_millis))
    }

    /// Draws random bytes from the operating system; real ones with a manual clock too.
    #[expect(clippy::disallowed_methods, reason = "the one place that draws random bytes")]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("every system we run on has a random source that cannot fail once up");
        bytes
    }

    fn shifted(text: &str) -> Result<Self, ClockError> {
        let Some(file) = text.strip_prefix('@').map(Path::new) else {
            let offset_millis = millis(text)?;
            return Ok(Self::of(Source::System { offset_millis }));
        };
        Ok(Self::of(Source::Jumping {
            file: file.into(),
            offset_millis: Arc::new(AtomicI64::new(read(file)?)),
        }))
    }
}

/// A laptop that slept did not have its clock set: Linux counts sleep in the boot time alone, Windows in any case.
#[cfg(target_os = "linux")]
fn running_millis() -> i64 {
    let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    since
        .tv_sec
        .saturating_mul(1_000)
        .saturating_add(since.tv_nsec / 1_000_000)
}

#[cfg(not(target_os = "linux"))]
fn running_millis() -> i64 {
    static FIRST: std::sync::LazyLock<Stopwatch> = std::sync::LazyLock::new(Stopwatch::start);
    i64::try_from(FIRST.millis()).unwrap_or(i64::MAX)
}

fn read(file: &Path) -> Result<i64, ClockError> {
    let text = std::fs::read_to_string(file).map_err(|_| ClockError::Offset(format!("@{}", file.display())))?;
    millis(&text)
}

fn millis(text: &str) -> Result<i64, ClockError> {
    text.trim().parse().map_err(|_| ClockError::Offset(text.to_owned()))
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
    fn a_clock_that_a_file_shifts_jumps_with_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let shift = |text: &str| std::fs::write(file.path(), text).unwrap();
        let variable = format!("@{}", file.path().display());
        assert_eq!(
            Clock::shifted(&variable).unwrap_err(),
            ClockError::Offset(String::new())
        );
        shift("0");
        let clock = Clock::shifted(&variable).unwrap();
        let steady = || clock.steady().0 - Clock::system().now().0;
        let off = || (clock.now().0 - Clock::system().now().0 + 5_000) / 10_000;
        assert_eq!(off(), 0);
        shift("8640000000");
        assert_eq!(off(), 864_000);
        assert!(steady().abs() < 5_000, "what it was before it was set is still known");
        shift("");
        assert_eq!(off(), 864_000, "while the file is being written, nothing changes");
        clock.believe();
        assert!(steady() > 8_000_000_000, "now the clock is believed as it is");
        shift("-8640000000");
        assert!((-864_000..=-863_999).contains(&off()));
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
