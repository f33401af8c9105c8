//! The day on which the demonstration runs: its complaints lie before it.

use std::time::SystemTime;

use titian_domain::time::{UnixMillis, Zone};

/// The milliseconds of a day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// Reads this machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the demonstration plays on the day on which somebody starts it"
)]
pub fn now() -> UnixMillis {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Gives the local date of some days ago, e.g. `2026-03-09`.
pub fn date(days_ago: u32) -> String {
    let day = now().plus_millis(-i64::from(days_ago) * DAY_MILLIS);
    day.date(Zone::default()).format("%Y-%m-%d").to_string()
}

/// Gives a local time of some days ago as commands read it, e.g. `2026-03-09T10:15+08:00`.
pub fn instant(days_ago: u32, time: &str) -> String {
    format!("{}T{time}+08:00", date(days_ago))
}
