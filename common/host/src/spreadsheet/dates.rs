//! Reads dates and times as Indonesian offices and LAPOR write them: day first, months in two languages.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};

/// No register that anybody imports is older, and none knows a later day; outside is a slip of the pen.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// Words around a date that say nothing of it.
const FILLERS: [&str; 17] = [
    "senin", "selasa", "rabu", "kamis", "jumat", "jum'at", "sabtu", "minggu", "ahad", "pukul", "jam", "pkl", "wita",
    "wib", "wit", "tanggal", "tgl",
];

/// Gives the month of a name or an abbreviation, Indonesian or English, whatever its case.
pub fn month(name: &str) -> Option<u32> {
    let name = name.trim_end_matches('.').to_lowercase();
    Some(match name.as_str() {
        "jan" | "januari" | "january" => 1,
        "feb" | "peb" | "februari" | "pebruari" | "february" => 2,
        "mar" | "mrt" | "maret" | "march" => 3,
        "apr" | "april" => 4,
        "mei" | "may" => 5,
        "jun" | "juni" | "june" => 6,
        "jul" | "juli" | "july" => 7,
        "agu" | "agt" | "ags" | "agst" | "agust" | "agustus" | "aug" | "august" => 8,
        "sep" | "sept" | "september" => 9,
        "okt" | "oct" | "oktober" | "october" => 10,
        "nov" | "nop" | "november" | "nopember" => 11,
        "des" | "dec" | "desember" | "december" => 12,
        _ => return None,
    })
}

/// Reads a date with or without a time: `2026-03-09`, `9/3/2026`, `Senin, 9 Maret 2026 pukul 10.15`, `Mar 9, 2026`.
pub fn date_and_time(text: &str) -> Option<(NaiveDate, Option<NaiveTime>)> {
    let text = text.trim();
    let text = match text.split_once('T') {
        Some((date, time)) if date.len() == 10 && time.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{date} {time}")
        }
        _ => text.to_owned(),
    };
    let mut at = None;
    let mut parts = Vec::new();
    let mut after_pukul = false;
    for word in text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|w| !w.is_empty())
    {
        let lower = word.to_lowercase();
        if at.is_none() && (word.contains(':') || (after_pukul || parts.len() == 3) && word.contains('.')) {
            at = Some(time(word)?);
        } else if !FILLERS.contains(&lower.trim_end_matches('.')) {
            parts.extend(
                word.split(['/', '-', '.'])
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned),
            );
        }
        after_pukul = matches!(lower.trim_end_matches('.'), "pukul" | "jam" | "pkl");
    }
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let date = if first.len() == 4 {
        ymd(first, second, third)
    } else if month(first).is_some() {
        ymd(third, first, second)
    } else {
        ymd(third, second, first)
    };
    Some((date?, at))
}

/// Reads a time of day: `10:15`, `10.15`, `10:15:30`.
pub fn time(text: &str) -> Option<NaiveTime> {
    let mut numbers = text
        .trim()
        .split([':', '.'])
        .map(|part| part.trim().parse::<u32>().ok());
    let (hour, minute) = (numbers.next()??, numbers.next()??);
    let second = match numbers.next() {
        Some(second) => second?,
        None => 0,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// Gives the date and the time of a number as Excel stores dates: days since the last day but one of 1899.
pub fn from_serial(serial: f64) -> Option<(NaiveDate, Option<NaiveTime>)> {
    /// Far beyond the years that are accepted, and safe to convert.
    const SERIAL_MAX: f64 = 100_000.0;
    if !(1.0..SERIAL_MAX).contains(&serial) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be between 1 and 100,000"
    )]
    let (days, seconds) = (serial.trunc() as u64, (serial.fract() * 86_400.0).round() as u32);
    let date = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))?;
    let time = (seconds > 0)
        .then(|| NaiveTime::from_num_seconds_from_midnight_opt(seconds.min(86_399), 0))
        .flatten();
    plausible(date).map(|date| (date, time))
}

/// Gives the date back if its year can be meant.
pub fn plausible(date: NaiveDate) -> Option<NaiveDate> {
    YEARS.contains(&date.year()).then_some(date)
}

fn ymd(year: &str, month_name: &str, day: &str) -> Option<NaiveDate> {
    let year = match (year.len(), year.parse::<i32>().ok()?) {
        (4, year) => year,
        (2, year) => 2000 + year,
        _ => return None,
    };
    let month = month(month_name).or_else(|| month_name.parse().ok())?;
    plausible(NaiveDate::from_ymd_opt(year, month, day.parse().ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_offices_write() {
        let ninth = NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
        for text in [
            "2026-03-09",
            "9/3/2026",
            "09-03-2026",
            "9.3.26",
            "9 Maret 2026",
            "9 Mar 2026",
            "09-Mar-26",
            "Mar 9, 2026",
            "Senin, 9 Maret 2026",
            "Tgl. 9 maret 2026",
            " 9  MARET  2026 ",
        ] {
            assert_eq!(date_and_time(text), Some((ninth, None)), "{text}");
        }
        let quarter_past = NaiveTime::from_hms_opt(10, 15, 0);
        for text in [
            "2026-03-09T10:15:00",
            "9/3/2026 10:15",
            "9 Mar 2026 10.15",
            "9 Maret 2026 pukul 10.15 WITA",
            "Senin, 9 Maret 2026, jam 10:15",
        ] {
            assert_eq!(date_and_time(text), Some((ninth, quarter_past)), "{text}");
        }
    }

    #[test]
    fn months_are_read_in_both_languages() {
        let names = [
            ("Januari", 1),
            ("Peb", 2),
            ("Maret", 3),
            ("Apr", 4),
            ("Mei", 5),
            ("May", 5),
            ("Juni", 6),
            ("Jul", 7),
            ("Agu", 8),
            ("Agt", 8),
            ("Aug", 8),
            ("Sept.", 9),
            ("Okt", 10),
            ("Oct", 10),
            ("Nop", 11),
            ("Des", 12),
            ("DEC", 12),
        ];
        for (name, number) in names {
            assert_eq!(month(name), Some(number), "{name}");
        }
        assert_eq!(month("Muharam"), None);
    }

    #[test]
    fn what_is_no_date_is_not_guessed() {
        for text in [
            "",
            "sejak awal Maret",
            "Maret 2026",
            "3/25/2026",
            "31/2/2026",
            "2026-13-01",
            "9/3/206",
            "9/3/1026",
            "9 Maret 2026 25:00",
            "9/3/2026/4",
            "-",
            "T",
            "é-é-é",
        ] {
            assert_eq!(date_and_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_serial_is_the_day_that_excel_shows() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
        assert_eq!(from_serial(46_090.0), Some((day, None)));
        assert_eq!(from_serial(46_090.5), Some((day, NaiveTime::from_hms_opt(12, 0, 0))));
        for nonsense in [0.0, -1.0, 12.0, 1e15, f64::NAN, f64::INFINITY] {
            assert_eq!(from_serial(nonsense), None);
        }
    }
}
