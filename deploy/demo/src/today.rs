//! The day on which the demonstration runs: its complaints lie before it.

use std::time::SystemTime;

use titian_domain::time::{UnixMillis, Zone};

/// Half past three, when an office has dealt with what came in during the day.
const AFTERNOON_MILLIS: i64 = 15 * 3_600_000 + 1_800_000;
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

/// Gives the local time of now as commands read it.
pub fn this_minute() -> String {
    now().local(Zone::default()).format("%Y-%m-%dT%H:%M%:z").to_string()
}

/// Tells by how much a clock is to be shifted so that it shows the early afternoon of some days ago; today it is right.
pub fn offset_millis(days_ago: u32) -> i64 {
    if days_ago == 0 {
        return 0;
    }
    let now = now();
    let midnight = UnixMillis::start_of_day(now.date(Zone::default()), Zone::default());
    midnight.0 + AFTERNOON_MILLIS - i64::from(days_ago) * DAY_MILLIS - now.0
}
