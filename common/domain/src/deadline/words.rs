//! An explanation in words, in both languages: what happened, which days do not count, and what follows.

use chrono::{Datelike as _, NaiveDate};

use super::{Beginning, DAYS_SCANNED_MAX, DayCount, Explanation, Outcome, Step, Stretch, Why};
use crate::lang::Lang;
use crate::time::{UnixMillis, Zone};

/// Further away than this a weekday alone is ambiguous: the seventh day has the same name.
const WEEKDAY_SUFFICES_DAYS: i64 = 6;
/// More interruptions than this are only counted: a sentence is to be read.
const INTERRUPTIONS_TOLD_MAX: usize = 5;

const WEEKDAYS: [(&str, &str); 7] = [
    ("Senin", "Monday"),
    ("Selasa", "Tuesday"),
    ("Rabu", "Wednesday"),
    ("Kamis", "Thursday"),
    ("Jumat", "Friday"),
    ("Sabtu", "Saturday"),
    ("Minggu", "Sunday"),
];

const MONTHS: [(&str, &str); 12] = [
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
];

/// Writes a date in full: `Selasa, 24 Maret 2026`, `Tuesday 24 March 2026`.
pub fn date_words(date: NaiveDate, lang: Lang) -> String {
    let comma = lang.pick(",", "");
    format!(
        "{}{comma} {} {} {}",
        weekday(date, lang),
        date.day(),
        month(date, lang),
        date.year()
    )
}

/// Writes an instant in full: `Selasa, 24 Maret 2026 14.10 WITA`.
pub fn instant_words(at: UnixMillis, zone: Zone, lang: Lang) -> String {
    format!(
        "{} {} {}",
        date_words(at.date(zone), lang),
        time_of_day(at, zone),
        zone.abbreviation()
    )
}

impl Explanation {
    /// Says it in one sentence: "received Friday 14.10, Monday is a holiday (…), so due Tuesday 23.59".
    ///
    /// Weekends are told only where nothing else was skipped: everybody knows that they do not count.
    pub fn words(&self, lang: Lang) -> String {
        let Some(begun) = self.begun else {
            return not_begun(self.step, lang).to_owned();
        };
        let days = Days::new(self, begun.at, lang);
        let mut parts = vec![format!("{} {}", beginning(begun.by, lang), days.instant(begun.at))];
        parts.extend(self.interruptions(&days));
        match self.outcome {
            Outcome::NotBegun => {}
            // The first step is over in the moment in which it begins.
            Outcome::NoLimit if self.step == Step::Received => {}
            Outcome::NoLimit => parts.push(lang.pick("langkah ini tanpa batas waktu", "this step has no limit").into()),
            Outcome::Due { at } => {
                parts.extend(self.limit.filter(|limit| *limit > 1).map(|limit| self.limit_words(limit, lang)));
                parts.push(format!("{} {}", lang.pick("jadi batasnya", "so due"), days.instant(at)));
            }
            Outcome::Waiting { since } => {
                let since = days.instant(since);
                parts.push(lang.pick(
                    format!("menunggu pelapor sejak {since}, jadi belum ada batasnya"),
                    format!("waiting for the complainant since {since}, so there is no due date yet"),
                ));
            }
            Outcome::NoDayFound => parts.push(lang.pick(
                format!("tidak ada hari yang dapat dihitung dalam {DAYS_SCANNED_MAX} hari, jadi tidak ada batasnya. Periksa tabel hari libur dan jam komputer"),
                format!("no day to count within {DAYS_SCANNED_MAX} days, so there is no due date. Check the holiday table and the computer's clock"),
            )),
        }
        let mut words = parts.join(", ");
        if !self.unknown_years.is_empty() {
            let years: Vec<_> = self.unknown_years.iter().map(ToString::to_string).collect();
            let years = years.join(", ");
            words.push_str(&lang.pick(
                format!("; hari libur {years} belum diketahui, jadi batasnya bisa mundur"),
                format!("; the holidays of {years} are not known, so it may be due later"),
            ));
        }
        if self.closed {
            words.push_str(lang.pick(
                "; penutupan laporan mengakhiri langkah ini",
                "; closing the complaint ended this step",
            ));
        }
        words
    }

    fn limit_words(&self, limit: u32, lang: Lang) -> String {
        let (indonesian, english) = match self.count {
            DayCount::Working => ("hari kerja", "working days"),
            DayCount::Calendar => ("hari kalender", "calendar days"),
        };
        lang.pick(
            format!("ditambah {limit} {indonesian}"),
            format!("plus {limit} {english}"),
        )
    }

    fn interruptions(&self, days: &Days) -> Vec<String> {
        let (runs, weekend) = fold(&self.stretches);
        let more = runs.len().saturating_sub(INTERRUPTIONS_TOLD_MAX);
        let mut words: Vec<_> = runs
            .iter()
            .take(INTERRUPTIONS_TOLD_MAX)
            .map(|run| run.words(days))
            .collect();
        if more > 0 {
            words.push(days.lang.pick(
                format!("dan {more} jeda lain"),
                format!("and {more} more interruptions"),
            ));
        }
        if runs.is_empty() && weekend {
            words.push(
                days.lang
                    .pick("akhir pekan tidak dihitung", "the weekend does not count")
                    .into(),
            );
        }
        words
    }
}

fn not_begun(step: Step, lang: Lang) -> &'static str {
    match step {
        Step::Received | Step::Verify => lang.pick(
            "belum mulai: mulai saat laporan diterima",
            "not begun: it begins when the complaint is received",
        ),
        Step::Forward => lang.pick(
            "belum mulai: mulai saat laporan diverifikasi",
            "not begun: it begins when the complaint is verified",
        ),
        Step::Enter => lang.pick(
            "belum mulai: mulai saat hub menerima laporan",
            "not begun: it begins when the hub has received the complaint",
        ),
        Step::WatchDisposition => lang.pick(
            "belum mulai: mulai saat laporan masuk LAPOR",
            "not begun: it begins when the complaint is in LAPOR",
        ),
    }
}

fn beginning(by: Beginning, lang: Lang) -> &'static str {
    match by {
        Beginning::Received => lang.pick("diterima", "received"),
        Beginning::Verified => lang.pick("diverifikasi", "verified"),
        Beginning::Returned => lang.pick("dikembalikan", "returned"),
        Beginning::Delivered => lang.pick("diterima hub", "received by the hub"),
        Beginning::Entered => lang.pick("masuk LAPOR", "entered in LAPOR"),
    }
}

/// Skipped days that are told in one breath.
struct Run<'a> {
    from: NaiveDate,
    to: NaiveDate,
    /// Empty while waiting for the complainant.
    holidays: Vec<&'a str>,
    /// Whether all of them are collective leave.
    leave_only: bool,
    /// Whether a weekend between two holidays is among them.
    over_weekend: bool,
}

/// Folds skipped days into runs, and tells whether any weekend was skipped. Holidays on both sides of a weekend are
/// one run.
fn fold(stretches: &[Stretch]) -> (Vec<Run<'_>>, bool) {
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut weekend: Option<&Stretch> = None;
    let mut any_weekend = false;
    for stretch in stretches {
        match &stretch.why {
            Why::Counted => {}
            Why::Weekend => {
                weekend = Some(stretch);
                any_weekend = true;
            }
            Why::Waiting => runs.push(Run {
                from: stretch.from,
                to: stretch.to,
                holidays: Vec::new(),
                leave_only: false,
                over_weekend: false,
            }),
            Why::Holiday { name, collective_leave } => {
                let bridge = weekend.filter(|weekend| weekend.to.succ_opt() == Some(stretch.from));
                let before = bridge.map_or(stretch.from, |weekend| weekend.from).pred_opt();
                match runs.last_mut() {
                    Some(run) if !run.holidays.is_empty() && Some(run.to) == before => {
                        run.to = stretch.to;
                        run.leave_only &= collective_leave;
                        run.over_weekend |= bridge.is_some();
                        if !run.holidays.contains(&name.as_str()) {
                            run.holidays.push(name);
                        }
                    }
                    _ => runs.push(Run {
                        from: stretch.from,
                        to: stretch.to,
                        holidays: vec![name],
                        leave_only: *collective_leave,
                        over_weekend: false,
                    }),
                }
            }
        }
    }
    (runs, any_weekend)
}

impl Run<'_> {
    fn words(&self, days: &Days) -> String {
        let lang = days.lang;
        let when = days.range(self.from, self.to);
        if self.holidays.is_empty() {
            return format!(
                "{} {when}",
                lang.pick("menunggu pelapor", "waiting for the complainant")
            );
        }
        let what = match (self.leave_only, self.from == self.to) {
            (true, true) => lang.pick("cuti bersama", "is collective leave"),
            (true, false) => lang.pick("cuti bersama", "are collective leave"),
            (false, true) => lang.pick("libur", "is a holiday"),
            (false, false) => lang.pick("libur", "are holidays"),
        };
        let weekend = if self.over_weekend {
            lang.pick(" dan akhir pekan", " and weekend")
        } else {
            ""
        };
        format!("{when} {what}{weekend} ({})", self.holidays.join("; "))
    }
}

/// How the days of one sentence are written: by weekday, or with dates if they are far apart.
struct Days {
    lang: Lang,
    zone: Zone,
    dated: bool,
    /// The year that goes without saying.
    year: i32,
}

impl Days {
    fn new(explanation: &Explanation, start: UnixMillis, lang: Lang) -> Self {
        let zone = explanation.zone;
        let first = start.date(zone);
        let outcome = match explanation.outcome {
            Outcome::Due { at } | Outcome::Waiting { since: at } => at.date(zone),
            _ => first,
        };
        let last = explanation
            .stretches
            .last()
            .map_or(first, |stretch| stretch.to)
            .max(outcome);
        let dated = outcome < first || (last - first).num_days() > WEEKDAY_SUFFICES_DAYS;
        Self {
            lang,
            zone,
            dated,
            year: first.year(),
        }
    }

    fn instant(&self, at: UnixMillis) -> String {
        format!("{} {}", self.day(at.date(self.zone)), time_of_day(at, self.zone))
    }

    fn day(&self, date: NaiveDate) -> String {
        let weekday = weekday(date, self.lang);
        if self.dated {
            format!("{weekday} {}", self.date(date))
        } else {
            weekday.to_owned()
        }
    }

    fn date(&self, date: NaiveDate) -> String {
        let month = month(date, self.lang);
        if date.year() == self.year {
            format!("{} {month}", date.day())
        } else {
            format!("{} {month} {}", date.day(), date.year())
        }
    }

    fn range(&self, from: NaiveDate, to: NaiveDate) -> String {
        if from == to {
            self.day(from)
        } else if self.dated {
            let same_month = (from.year(), from.month()) == (to.year(), to.month());
            let first = if same_month {
                from.day().to_string()
            } else {
                self.date(from)
            };
            format!("{first}–{}", self.date(to))
        } else {
            let next = from.succ_opt() == Some(to);
            let joint = if next {
                self.lang.pick("dan", "and")
            } else {
                self.lang.pick("sampai", "to")
            };
            format!("{} {joint} {}", self.day(from), self.day(to))
        }
    }
}

fn weekday(date: NaiveDate, lang: Lang) -> &'static str {
    let (indonesian, english) = WEEKDAYS[date.weekday().num_days_from_monday() as usize];
    lang.pick(indonesian, english)
}

fn month(date: NaiveDate, lang: Lang) -> &'static str {
    let (indonesian, english) = MONTHS[date.month0() as usize];
    lang.pick(indonesian, english)
}

/// Both languages write the time with a point here, as the procedure does.
fn time_of_day(at: UnixMillis, zone: Zone) -> String {
    at.local(zone).format("%H.%M").to_string()
}
