//! Counting days: which are counted, which are skipped, and why.

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;

use super::explanation::{Beginning, Begun, Explanation, Outcome};
use super::{DayCount, Pause, Procedure, Step};
use crate::calendar::{Calendar, DayKind};
use crate::time::{UnixMillis, Zone};

/// How many days are looked at for a due date, about four years: the longest limit with every holiday and a pause of
/// years fits in; a clock that is decades off, or a table that leaves no day to count, ends the search.
pub const DAYS_SCANNED_MAX: u32 = 1_500;

/// Days one after the other of which the same is to be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Why they count or do not.
    pub why: Why,
}

/// Why a day counts or does not. A day to which several apply has the last of them in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// It counts.
    Counted,
    /// Saturday or Sunday.
    Weekend,
    /// A day of the holiday table.
    Holiday {
        /// Its name.
        name: String,
        /// Whether it is collective leave.
        collective_leave: bool,
    },
    /// At some moment of it the complainant was the one to act.
    Waiting,
}

/// What counting came to.
pub(super) struct Counted {
    pub stretches: Vec<Stretch>,
    pub outcome: Outcome,
    /// Years of which a day was taken as worked although the table says nothing about them.
    pub unknown_years: Vec<i32>,
}

/// The rules by which days are counted.
pub(super) struct Counting<'a> {
    procedure: &'a Procedure,
    calendar: &'a Calendar,
}

/// The days on which the clock stood still.
struct Stops {
    /// First and last days of ended pauses, in order, without overlap.
    ended: Vec<(NaiveDate, NaiveDate)>,
    /// Since when the complainant is asked and has not answered.
    open: Option<UnixMillis>,
}

impl Counted {
    pub(super) fn empty(outcome: Outcome) -> Self {
        Self {
            stretches: Vec::new(),
            outcome,
            unknown_years: Vec::new(),
        }
    }

    fn add(&mut self, date: NaiveDate, why: Why) {
        match self.stretches.last_mut() {
            Some(last) if last.why == why => last.to = date,
            _ => self.stretches.push(Stretch {
                from: date,
                to: date,
                why,
            }),
        }
    }
}

impl<'a> Counting<'a> {
    pub(super) fn new(procedure: &'a Procedure, calendar: &'a Calendar) -> Self {
        Self { procedure, calendar }
    }

    pub(super) fn limit(&self, step: Step) -> Option<u32> {
        self.procedure.limit(step)
    }

    /// Counts days from the one after the start. An open pause holds the due date only if it began before the day on
    /// which the step was due was over: a question does not cure what is late already.
    pub(super) fn count(&self, start: UnixMillis, limit: u32, pauses: &[Pause]) -> Counted {
        let zone = self.procedure.zone;
        let stops = Stops::new(pauses, zone);
        let open_since = stops.open.map(|at| (at, at.date(zone)));
        let mut counted = Counted::empty(Outcome::NoDayFound);
        let mut left = limit;
        let mut date = start.date(zone);
        for _ in 0..DAYS_SCANNED_MAX {
            let Some(next) = date.succ_opt() else { break };
            date = next;
            if let Some((since, _)) = open_since.filter(|(_, first)| *first <= date) {
                counted.outcome = Outcome::Waiting { since };
                break;
            }
            let why = self.why(date, &stops);
            if why == Why::Counted {
                self.note_unknown_year(date, &mut counted.unknown_years);
                left = left.saturating_sub(1);
            }
            counted.add(date, why);
            if left == 0 {
                // Beyond the last year that can be shown, the end of the day would be before the start.
                let at = UnixMillis::end_of_day(date, zone).max(start);
                counted.outcome = Outcome::Due { at };
                break;
            }
        }
        counted
    }

    pub(super) fn explain(
        &self,
        step: Step,
        begun: Option<(Beginning, UnixMillis)>,
        counted: Counted,
        closed: bool,
    ) -> Explanation {
        Explanation {
            step,
            begun: begun.map(|(by, at)| Begun { by, at }),
            limit: self.limit(step),
            count: self.procedure.count,
            zone: self.procedure.zone,
            stretches: counted.stretches,
            outcome: counted.outcome,
            unknown_years: counted.unknown_years,
            closed,
        }
    }

    fn why(&self, date: NaiveDate, stops: &Stops) -> Why {
        if stops.touch(date) {
            return Why::Waiting;
        }
        if self.procedure.count == DayCount::Calendar {
            return Why::Counted;
        }
        match self.calendar.day(date) {
            DayKind::Working => Why::Counted,
            DayKind::Weekend => Why::Weekend,
            DayKind::Holiday { name, collective_leave } => Why::Holiday {
                name: name.to_owned(),
                collective_leave,
            },
        }
    }

    fn note_unknown_year(&self, date: NaiveDate, years: &mut Vec<i32>) {
        let known = self.procedure.count == DayCount::Calendar || self.calendar.covers(date);
        if !known && years.last() != Some(&date.year()) {
            years.push(date.year());
        }
    }
}

impl Stops {
    fn new(pauses: &[Pause], zone: Zone) -> Self {
        let open = pauses
            .iter()
            .filter(|pause| pause.until.is_none())
            .map(|pause| pause.from)
            .min();
        let days = |pause: &Pause| {
            let first = pause.from.date(zone);
            // An answer before its question comes from a wrong clock: the day of the question stands still.
            Some((first, pause.until?.date(zone).max(first)))
        };
        let mut all: Vec<_> = pauses.iter().filter_map(days).collect();
        all.sort_unstable();
        let mut ended: Vec<(NaiveDate, NaiveDate)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match ended.last_mut() {
                Some((_, end)) if first <= *end => *end = last.max(*end),
                _ => ended.push((first, last)),
            }
        }
        Self { ended, open }
    }

    fn touch(&self, date: NaiveDate) -> bool {
        let behind = self.ended.partition_point(|(first, _)| *first <= date);
        self.ended[..behind].last().is_some_and(|(_, last)| date <= *last)
    }
}
