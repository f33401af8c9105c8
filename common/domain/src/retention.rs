//! How long it is kept who brought a complaint, once the complaint is finished.
//!
//! Law 27 of 2022, articles 16 (2) g and 42 to 44: personal data are destroyed when their time is over. How long that is, each
//! government sets for itself, for each class of records; until it did, nothing is proposed.

use chrono::Months;

use crate::complaint::Complaint;
use crate::event::{HandlingEvent, IntakeEvent};
use crate::time::{UnixMillis, Zone};
use crate::vocabulary::{Classification, Stage};

/// More years than any schedule of records names short of "for ever".
pub const YEARS_MAX: u32 = 100;

const MONTHS_OF_A_YEAR: u32 = 12;

/// For how many years identities are kept, by class; `None` where no time is set: then for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Periods {
    /// Of complaints, and of what was never classified.
    pub complaint: Option<u32>,
    /// Of aspirations.
    pub aspiration: Option<u32>,
    /// Of requests for information.
    pub information_request: Option<u32>,
}

/// When a complaint was finished, as far as it counts for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is not.
    NotYet,
    /// At this instant.
    At(UnixMillis),
    /// At a time that only an office's clock tells which was not known to be right: no such clock brings anything to destruction.
    SomeTime,
}

impl Periods {
    /// Gives the years of a class.
    pub fn years(self, class: Classification) -> Option<u32> {
        match class {
            Classification::Complaint => self.complaint,
            Classification::Aspiration => self.aspiration,
            Classification::InformationRequest => self.information_request,
        }
    }

    /// Gives the shortest of them: nothing that was finished later can be over.
    pub fn shortest(self) -> Option<u32> {
        Classification::ALL.iter().filter_map(|class| self.years(*class)).min()
    }
}

/// Gives the instant at which a time of so many years is over: the end of the day that many years later.
pub fn over_at(finished: UnixMillis, years: u32, zone: Zone) -> UnixMillis {
    let day = finished.date(zone);
    // Behind the end of the calendar nothing is ever over.
    let last = day.checked_add_months(Months::new(years.saturating_mul(MONTHS_OF_A_YEAR)));
    last.map_or(UnixMillis(i64::MAX), |last| UnixMillis::end_of_day(last, zone))
}

impl Complaint {
    /// Tells the class by which its reporter's identity is kept.
    pub fn retention_class(&self) -> Classification {
        self.particulars.classification.unwrap_or(Classification::Complaint)
    }

    /// Tells when it was finished: disposed, or closed.
    pub fn finished(&self) -> Finished {
        let by_the_hub = |fits: fn(&HandlingEvent) -> bool| self.handling_events.iter().any(|event| fits(&event.what));
        let known = match self.standing.stage {
            Stage::Disposed => true,
            Stage::Closed if by_the_hub(|what| matches!(what, HandlingEvent::Closed { .. })) => true,
            Stage::Closed => {
                let closing = self.intake_events.iter().rev();
                let mut closing = closing.filter(|event| matches!(event.what, IntakeEvent::Closed { .. }));
                closing.next().is_some_and(|event| event.trusted)
            }
            _ => return Finished::NotYet,
        };
        if known {
            Finished::At(self.stage_since())
        } else {
            Finished::SomeTime
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 29 February 2024, 23.30 WITA.
    const LEAP_DAY: UnixMillis = UnixMillis(1_709_220_600_000);

    #[test]
    fn a_time_is_over_with_its_last_day() {
        let last = over_at(LEAP_DAY, 5, Zone::Wita);
        assert_eq!(last.local(Zone::Wita).to_rfc3339(), "2029-02-28T23:59:59.999+08:00");
        assert_eq!(
            over_at(LEAP_DAY, 4, Zone::Wita).date(Zone::Wita).to_string(),
            "2028-02-29"
        );
        assert_eq!(over_at(LEAP_DAY, u32::MAX, Zone::Wita), UnixMillis(i64::MAX));
    }

    #[test]
    fn a_class_without_a_time_is_never_over() {
        let periods = Periods {
            aspiration: Some(2),
            information_request: Some(1),
            ..Periods::default()
        };
        assert_eq!(periods.years(Classification::Complaint), None);
        assert_eq!(periods.shortest(), Some(1));
        assert_eq!(Periods::default().shortest(), None);
    }
}
