//! The working-day calendar: weekends, national holidays and collective leave, from a replaceable table.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::table;

/// The table that is shipped.
const BUNDLED: &str = include_str!("../data/holidays.csv");
/// A century of Indonesian holidays; a file of another kind is refused early.
const HOLIDAYS_MAX: usize = 5_000;
/// The header that tells a holiday table from any other.
const HEADER: [&str; 4] = ["date", "kind", "name", "decree"];
/// What joins the names of two holidays on one date.
const NAME_SEPARATOR: &str = " / ";

/// Which days are worked. Two calendars are equal if they say the same of every day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeMap<NaiveDate, Holiday>,
    /// The years that the table speaks about: in any other year, no holiday is known.
    years: BTreeSet<i32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Holiday {
    name: String,
    collective_leave: bool,
}

/// What a day is. A holiday on a weekend is a holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind<'a> {
    /// Offices are open.
    Working,
    /// Saturday or Sunday.
    Weekend,
    /// A day of the table.
    Holiday {
        /// Its name, as the decree writes it.
        name: &'a str,
        /// Whether it is collective leave (cuti bersama) and not a national holiday.
        collective_leave: bool,
    },
}

/// Says what is wrong with a holiday table, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFileError {
    /// The first line is not the header.
    #[error("holiday table: the first line must be `date,kind,name,decree`; add it, or save the file with commas")]
    Header,
    /// A line has too few or too many columns.
    #[error("holiday table, line {line}: four columns are expected; put a text with a comma into quotation marks")]
    Columns {
        /// The line in the file, from 1.
        line: u64,
    },
    /// The first column is no date.
    #[error("holiday table, line {line}: the date must be written as 2026-03-18")]
    Date {
        /// The line in the file, from 1.
        line: u64,
    },
    /// The second column is no known kind.
    #[error("holiday table, line {line}: the kind must be `national_holiday` or `collective_leave`")]
    Kind {
        /// The line in the file, from 1.
        line: u64,
    },
    /// The third column is empty.
    #[error("holiday table, line {line}: the name is empty; write which holiday it is")]
    Name {
        /// The line in the file, from 1.
        line: u64,
    },
    /// No holiday at all, or far too many.
    #[error("holiday table: between 1 and {HOLIDAYS_MAX} holidays are expected, {found} or more were found")]
    Count {
        /// How many there were when reading stopped.
        found: usize,
    },
}

impl Calendar {
    /// Gives the table that is shipped.
    pub fn bundled() -> Self {
        Self::parse(BUNDLED).expect("the bundled holiday table is read by a test")
    }

    /// Reads a replacement: the header `date,kind,name,decree`, then one holiday per line, in any order.
    pub fn parse(text: &str) -> Result<Self, CalendarFileError> {
        let mut calendar = Self {
            holidays: BTreeMap::new(),
            years: BTreeSet::new(),
        };
        for (line, row) in table::rows(text, &HEADER).ok_or(CalendarFileError::Header)? {
            calendar.add(line, &row)?;
            if calendar.holidays.len() > HOLIDAYS_MAX {
                break;
            }
        }
        let found = calendar.holidays.len();
        if !(1..=HOLIDAYS_MAX).contains(&found) {
            return Err(CalendarFileError::Count { found });
        }
        Ok(calendar)
    }

    /// Tells what a day is.
    pub fn day(&self, date: NaiveDate) -> DayKind<'_> {
        if let Some(holiday) = self.holidays.get(&date) {
            DayKind::Holiday {
                name: &holiday.name,
                collective_leave: holiday.collective_leave,
            }
        } else if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            DayKind::Weekend
        } else {
            DayKind::Working
        }
    }

    /// Tells whether the table speaks about the year of a date. If not, that year's holidays are not known.
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.years.contains(&date.year())
    }

    fn add(&mut self, line: u64, row: &csv::StringRecord) -> Result<(), CalendarFileError> {
        let [Some(date), Some(kind), Some(name), Some(_), None] = [0, 1, 2, 3, 4].map(|column| row.get(column)) else {
            return Err(CalendarFileError::Columns { line });
        };
        let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| CalendarFileError::Date { line })?;
        let collective_leave = match kind {
            "national_holiday" => false,
            "collective_leave" => true,
            _ => return Err(CalendarFileError::Kind { line }),
        };
        if name.is_empty() {
            return Err(CalendarFileError::Name { line });
        }
        self.years.insert(date.year());
        let holiday = self.holidays.entry(date).or_insert_with(|| Holiday {
            name: name.to_owned(),
            collective_leave,
        });
        // Ascension and Labour Day once fell on one date: both are named, and a national holiday outranks leave.
        if !holiday.name.split(NAME_SEPARATOR).any(|known| known == name) {
            holiday.name.push_str(NAME_SEPARATOR);
            holiday.name.push_str(name);
        }
        holiday.collective_leave &= collective_leave;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_bundled_table_knows_the_revised_eighteenth_of_august_2025() {
        let calendar = Calendar::bundled();
        assert_eq!(
            calendar.day(date("2025-08-18")),
            DayKind::Holiday {
                name: "Proklamasi Kemerdekaan",
                collective_leave: true
            }
        );
        assert_eq!(calendar.day(date("2025-08-19")), DayKind::Working);
        assert_eq!(calendar.day(date("2026-03-28")), DayKind::Weekend);
        let DayKind::Holiday {
            collective_leave: false,
            ..
        } = calendar.day(date("2026-03-21"))
        else {
            panic!("a holiday on a Saturday is a holiday");
        };
    }

    #[test]
    fn a_year_without_a_row_is_not_covered() {
        let calendar = Calendar::bundled();
        assert!(calendar.covers(date("2025-12-31")) && calendar.covers(date("2026-12-31")));
        assert!(!calendar.covers(date("2024-12-31")) && !calendar.covers(date("2027-01-01")));
    }

    #[test]
    fn two_holidays_on_one_date_are_both_named() {
        let text = "date,kind,name,decree\n\
            2008-05-01,collective_leave,Kenaikan Yesus Kristus,x\n\
            2008-05-01,national_holiday,Hari Buruh Internasional,x\n\
            2008-05-01,national_holiday,Hari Buruh Internasional,x\n";
        assert_eq!(
            Calendar::parse(text).unwrap().day(date("2008-05-01")),
            DayKind::Holiday {
                name: "Kenaikan Yesus Kristus / Hari Buruh Internasional",
                collective_leave: false
            }
        );
    }

    #[test]
    fn a_bad_table_is_refused_and_names_its_line() {
        let parse = |rows: &str| Calendar::parse(&format!("date,kind,name,decree\n{rows}")).unwrap_err();
        let good = "2027-01-01,national_holiday,Tahun Baru,SKB\n";
        assert_eq!(
            Calendar::parse("date;kind;name;decree\n"),
            Err(CalendarFileError::Header)
        );
        assert_eq!(Calendar::parse(good), Err(CalendarFileError::Header));
        assert_eq!(
            parse(&format!("{good}\n2027-01-32,national_holiday,x,y\n")),
            CalendarFileError::Date { line: 4 }
        );
        assert_eq!(
            parse("01/01/2027,national_holiday,x,y\n"),
            CalendarFileError::Date { line: 2 }
        );
        assert_eq!(parse("2027-01-01,holiday,x,y\n"), CalendarFileError::Kind { line: 2 });
        assert_eq!(
            parse("2027-01-01,national_holiday, ,y\n"),
            CalendarFileError::Name { line: 2 }
        );
        assert_eq!(
            parse("2027-01-01,national_holiday,x\n"),
            CalendarFileError::Columns { line: 2 }
        );
        assert_eq!(
            parse("2027-01-01,national_holiday,x,y,z\n"),
            CalendarFileError::Columns { line: 2 }
        );
        assert_eq!(parse(",,,\n"), CalendarFileError::Count { found: 0 });
    }
}
