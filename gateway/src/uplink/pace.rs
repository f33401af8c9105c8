//! How fast, and when, attachments may travel: texts always go, files only as the line of the office bears it.

use std::str::FromStr;
use std::time::Duration;

use chrono::NaiveTime;
use titian_sync::engine::pieces::ATTACHMENT_BYTES_PER_EXCHANGE;
use tokio::time::Instant;

/// With less than this an exchange would carry more heads than bytes of a file.
const ALLOWANCE_BYTES_MIN: u64 = 16 * 1024;
/// What may be sent at once after a pause, as a time at the rate that is allowed.
const BURST: Duration = Duration::from_secs(10);

/// The part of the day in which attachments wait, such as `08:00-15:00` or `20:00-06:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    until: NaiveTime,
}

/// Says that a text is no part of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part of the day such as 08:00-15:00 is expected")]
pub struct BadQuietHours;

impl FromStr for QuietHours {
    type Err = BadQuietHours;

    fn from_str(text: &str) -> Result<Self, BadQuietHours> {
        let (from, until) = text.split_once('-').ok_or(BadQuietHours)?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| BadQuietHours);
        let (from, until) = (time(from)?, time(until)?);
        if from == until {
            return Err(BadQuietHours);
        }
        Ok(Self { from, until })
    }
}

impl QuietHours {
    /// Tells whether attachments wait at this time of the day; the part may go over midnight.
    pub fn hold(self, now: NaiveTime) -> bool {
        if self.from < self.until {
            self.from <= now && now < self.until
        } else {
            self.from <= now || now < self.until
        }
    }
}

/// How many bytes of attachments may travel now: filled by time, emptied by what travels.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// 0 for no bound.
    bytes_per_second: u64,
    /// What may travel now; below zero after an exchange that carried more.
    level: i64,
    at: Instant,
}

impl Budget {
    /// Starts full. 0 sets no bound.
    pub fn new(kbit_per_second: u64, now: Instant) -> Self {
        let bytes_per_second = kbit_per_second.saturating_mul(1_000) / 8;
        let mut budget = Self {
            bytes_per_second,
            level: 0,
            at: now,
        };
        budget.level = budget.level_max();
        budget
    }

    /// Tells how many bytes may travel in one exchange now; 0 if it is not worth one.
    pub fn allowance(&mut self, now: Instant) -> u64 {
        if self.bytes_per_second == 0 {
            return ATTACHMENT_BYTES_PER_EXCHANGE;
        }
        self.fill(now);
        match u64::try_from(self.level) {
            Ok(level) if level >= ALLOWANCE_BYTES_MIN => level.min(ATTACHMENT_BYTES_PER_EXCHANGE),
            _ => 0,
        }
    }

    /// Notes what has travelled.
    pub fn spend(&mut self, bytes: u64, now: Instant) {
        self.fill(now);
        self.level = self.level.saturating_sub_unsigned(bytes);
    }

    /// Tells how long it takes until something may travel again.
    pub fn wait(&mut self, now: Instant) -> Duration {
        if self.allowance(now) > 0 {
            return Duration::ZERO;
        }
        let missing = i64::try_from(ALLOWANCE_BYTES_MIN)
            .unwrap_or(i64::MAX)
            .saturating_sub(self.level);
        Duration::from_millis(
            missing
                .unsigned_abs()
                .saturating_mul(1_000)
                .div_ceil(self.bytes_per_second.max(1)),
        )
    }

    fn level_max(&self) -> i64 {
        let burst = self.bytes_per_second.saturating_mul(BURST.as_secs());
        i64::try_from(burst.max(ALLOWANCE_BYTES_MIN)).unwrap_or(i64::MAX)
    }

    fn fill(&mut self, now: Instant) {
        let millis = u64::try_from(now.saturating_duration_since(self.at).as_millis()).unwrap_or(u64::MAX);
        let filled = self.bytes_per_second.saturating_mul(millis) / 1_000;
        if filled > 0 {
            self.level = self.level.saturating_add_unsigned(filled).min(self.level_max());
            self.at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
    }

    #[test]
    fn attachments_wait_in_the_quiet_hours_also_over_midnight() {
        let office: QuietHours = "08:00-15:00".parse().unwrap();
        assert!(!office.hold(at(7, 59)) && office.hold(at(8, 0)) && office.hold(at(14, 59)) && !office.hold(at(15, 0)));
        let night: QuietHours = "20:00 - 06:00".parse().unwrap();
        assert!(night.hold(at(23, 0)) && night.hold(at(5, 59)) && !night.hold(at(6, 0)) && !night.hold(at(12, 0)));
        for wrong in ["", "8-15", "08:00", "08:00-08:00", "08:00-25:00"] {
            assert_eq!(wrong.parse::<QuietHours>(), Err(BadQuietHours), "{wrong}");
        }
    }

    #[test]
    fn over_a_minute_no_more_travels_than_the_rate_allows() {
        // 64 kbit/s are 8,000 bytes a second.
        let start = Instant::now();
        let mut budget = Budget::new(64, start);
        let (mut now, mut sent) = (start, 0);
        while now < start + Duration::from_mins(1) {
            let allowed = budget.allowance(now);
            sent += allowed;
            budget.spend(allowed, now);
            let wait = budget.wait(now);
            assert!(wait > Duration::ZERO, "it was all spent");
            now += wait;
        }
        let burst = 80_000;
        assert!((400_000..=480_000 + burst + 16_384).contains(&sent), "{sent}");
    }

    #[test]
    fn an_exchange_that_carried_more_is_paid_back_before_the_next() {
        let start = Instant::now();
        let mut budget = Budget::new(8, start);
        budget.spend(116_384, start);
        assert_eq!(budget.allowance(start), 0);
        // 100,000 bytes too many, and what an exchange needs at least, at 1,000 bytes a second.
        assert_eq!(budget.wait(start), Duration::from_millis(116_384));
        assert_eq!(budget.allowance(start + Duration::from_secs(116)), 0);
        assert!(budget.allowance(start + Duration::from_secs(117)) > 0);
    }

    #[test]
    fn without_a_bound_an_exchange_is_full() {
        let mut budget = Budget::new(0, Instant::now());
        budget.spend(u64::MAX, Instant::now());
        assert_eq!(budget.allowance(Instant::now()), ATTACHMENT_BYTES_PER_EXCHANGE);
        assert_eq!(budget.wait(Instant::now()), Duration::ZERO);
    }
}
