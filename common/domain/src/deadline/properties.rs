//! What holds of every deadline, whatever the clocks said.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

const DAY_MILLIS: i64 = 24 * 3600 * 1000;

/// Instants of 2026 mostly, and now and then of a clock that is far off.
fn instant() -> impl Strategy<Value = UnixMillis> {
    prop_oneof![
        20 => (1_767_225_600_000_i64..1_798_761_600_000).prop_map(UnixMillis),
        1 => any::<i64>().prop_map(UnixMillis),
    ]
}

fn pauses() -> impl Strategy<Value = Vec<Pause>> {
    let pause =
        (instant(), prop::option::weighted(0.9, -DAY_MILLIS..40 * DAY_MILLIS)).prop_map(|(from, length)| Pause {
            from,
            until: length.map(|length| from.plus_millis(length)),
        });
    prop::collection::vec(pause, 0..6)
}

fn milestones() -> impl Strategy<Value = Milestones> {
    let instants = prop::collection::vec(prop::option::of(instant()), 9);
    (instant(), instants, pauses()).prop_map(|(received, instants, pauses)| Milestones {
        received,
        verified: instants[0],
        forwarded: instants[1],
        delivered: instants[2],
        returned: instants[3],
        returned_before: instants[4],
        accepted: instants[5],
        entered: instants[6],
        disposed: instants[7],
        closed: instants[8],
        pauses,
    })
}

fn procedure() -> impl Strategy<Value = Procedure> {
    let count = prop_oneof![Just(DayCount::Working), Just(DayCount::Calendar)];
    (count, 1..10_u32).prop_map(|(count, days)| Procedure {
        count,
        steps: Step::ALL.map(|step| StepRule { step, days: Some(days) }),
        ..Procedure::default()
    })
}

fn table(days: &[u32]) -> Calendar {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let row = |day: &u32| {
        format!(
            "{},national_holiday,Libur,x\n",
            first + chrono::Days::new(u64::from(*day))
        )
    };
    let rows: String = days.iter().map(row).collect();
    Calendar::parse(&format!(
        "date,kind,name,decree\n2026-01-01,national_holiday,Tahun Baru,x\n{rows}"
    ))
    .unwrap()
}

/// Due dates in order, where none stands for "not in sight": later than any.
fn dues(procedure: &Procedure, calendar: &Calendar, milestones: &Milestones) -> Vec<UnixMillis> {
    let steps = steps(procedure, calendar, milestones);
    steps
        .iter()
        .map(|step| step.due.unwrap_or(UnixMillis(i64::MAX)))
        .collect()
}

proptest! {
    #[test]
    fn nothing_is_due_before_it_began(procedure in procedure(), milestones in milestones(), now in instant()) {
        for step in steps(&procedure, &Calendar::bundled(), &milestones) {
            if let Some(due) = step.due {
                prop_assert!(step.started.is_some_and(|started| due >= started));
            }
            prop_assert!(!(step.paused && step.due.is_some()));
            let _ = state(&step, now);
            for lang in Lang::ALL {
                prop_assert!(!step.explanation.words(lang).is_empty());
            }
        }
    }

    #[test]
    fn another_holiday_makes_nothing_due_earlier(
        procedure in procedure(),
        milestones in milestones(),
        days in prop::collection::vec(0..365_u32, 0..40),
        more in 0..365_u32,
    ) {
        let without = dues(&procedure, &table(&days), &milestones);
        let with = dues(&procedure, &table(&[days.as_slice(), &[more]].concat()), &milestones);
        prop_assert!(without.iter().zip(&with).all(|(without, with)| without <= with), "{without:?} {with:?}");
    }

    #[test]
    fn another_pause_makes_nothing_due_earlier(
        procedure in procedure(),
        milestones in milestones(),
        more in pauses(),
    ) {
        let calendar = Calendar::bundled();
        let without = dues(&procedure, &calendar, &milestones);
        let pauses = [milestones.pauses.as_slice(), &more].concat();
        let with = dues(&procedure, &calendar, &Milestones { pauses, ..milestones });
        prop_assert!(without.iter().zip(&with).all(|(without, with)| without <= with), "{without:?} {with:?}");
    }

    #[test]
    fn the_order_of_pauses_does_not_matter(
        procedure in procedure(),
        milestones in milestones(),
        (one, other) in pauses().prop_flat_map(|pauses| (Just(pauses.clone()), Just(pauses).prop_shuffle())),
    ) {
        let calendar = Calendar::bundled();
        let one = steps(&procedure, &calendar, &Milestones { pauses: one, ..milestones.clone() });
        let other = steps(&procedure, &calendar, &Milestones { pauses: other, ..milestones });
        prop_assert_eq!(one, other);
    }

    #[test]
    fn closing_leaves_no_step_running(procedure in procedure(), milestones in milestones(), closed in instant()) {
        let milestones = Milestones { closed: Some(closed), ..milestones };
        let steps = steps(&procedure, &Calendar::bundled(), &milestones);
        prop_assert_eq!(current(&steps), None);
    }
}
