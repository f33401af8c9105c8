//! Instants, and the three fixed zones of Indonesia.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

/// The instants that chrono can show: outside them a clock or a peer talks nonsense.
const SHOWABLE_MILLIS: std::ops::RangeInclusive<i64> = 0..=253_402_214_399_999;

impl UnixMillis {
    /// Gives the local date and time in a zone. An instant before 1970 or after 9999 is shown as the nearest end.
    pub fn local(self, zone: Zone) -> DateTime<FixedOffset> {
        let millis = self.0.clamp(*SHOWABLE_MILLIS.start(), *SHOWABLE_MILLIS.end());
        Utc.timestamp_millis_opt(millis)
            .single()
            .unwrap_or_default()
            .with_timezone(&zone.offset())
    }

    /// Gives the local calendar date in a zone.
    pub fn date(self, zone: Zone) -> NaiveDate {
        self.local(zone).date_naive()
    }

    /// Gives the last millisecond of a local date.
    pub fn end_of_day(date: NaiveDate, zone: Zone) -> Self {
        Self(Self::start_of_day(date, zone).0.saturating_add(86_399_999))
    }

    /// Gives the first millisecond of a local date. Dates outside 0001–9999 do not occur: the forms refuse them.
    pub fn start_of_day(date: NaiveDate, zone: Zone) -> Self {
        let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
        Self(midnight - i64::from(zone.offset().local_minus_utc()) * 1000)
    }

    /// Adds a span, stopping at the ends of the range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// A time zone of Indonesia. None of them ever changed its offset since 1988, and none has daylight saving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Zone {
    /// Western Indonesian time, UTC+7.
    #[serde(rename = "Asia/Jakarta", alias = "Asia/Pontianak", alias = "WIB")]
    Wib,
    /// Central Indonesian time, UTC+8: Tanah Laut, and the default.
    #[default]
    #[serde(rename = "Asia/Makassar", alias = "WITA")]
    Wita,
    /// Eastern Indonesian time, UTC+9.
    #[serde(rename = "Asia/Jayapura", alias = "WIT")]
    Wit,
}

impl Zone {
    /// Gives the offset from UTC.
    pub fn offset(self) -> FixedOffset {
        let hours = match self {
            Self::Wib => 7,
            Self::Wita => 8,
            Self::Wit => 9,
        };
        FixedOffset::east_opt(hours * 3600).expect("seven to nine hours are a valid offset")
    }

    /// Gives the abbreviation that people write after a time.
    pub fn abbreviation(self) -> &'static str {
        match self {
            Self::Wib => "WIB",
            Self::Wita => "WITA",
            Self::Wit => "WIT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_wita_ends_sixteen_hours_into_the_utc_day() {
        let date = NaiveDate::from_ymd_opt(2026, 3, 27).unwrap();
        let end = UnixMillis::end_of_day(date, Zone::Wita);
        assert_eq!(end.local(Zone::Wita).to_rfc3339(), "2026-03-27T23:59:59.999+08:00");
        assert_eq!(end.date(Zone::Wit), date.succ_opt().unwrap());
    }

    #[test]
    fn a_nonsense_instant_is_shown_and_never_panics() {
        assert_eq!(
            UnixMillis(i64::MIN).local(Zone::Wita).to_rfc3339(),
            "1970-01-01T08:00:00+08:00"
        );
        assert_eq!(UnixMillis(i64::MAX).date(Zone::Wib).to_string(), "9999-12-31");
    }
}
