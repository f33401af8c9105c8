//! Fixed examples of deadlines, with the sentence that each screen shows.

use chrono::NaiveDateTime;

use super::*;
use crate::time::Zone;

mod pauses;

/// An instant in WITA.
fn at(text: &str) -> UnixMillis {
    at_zone(text, Zone::Wita)
}

fn at_zone(text: &str, zone: Zone) -> UnixMillis {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    UnixMillis(local.and_utc().timestamp_millis() - i64::from(zone.offset().local_minus_utc()) * 1000)
}

fn received(text: &str) -> Milestones {
    Milestones {
        received: at(text),
        ..Milestones::default()
    }
}

fn pause(from: &str, until: Option<&str>) -> Pause {
    Pause {
        from: at(from),
        until: until.map(at),
    }
}

fn step_of(milestones: &Milestones, step: Step) -> StepDeadline {
    step_by(&Procedure::default(), &Calendar::bundled(), milestones, step)
}

fn step_by(procedure: &Procedure, calendar: &Calendar, milestones: &Milestones, step: Step) -> StepDeadline {
    let steps = steps(procedure, calendar, milestones);
    steps.into_iter().find(|other| other.step == step).unwrap()
}

/// The local minute in which a step is due, in WITA.
fn due(step: &StepDeadline) -> Option<String> {
    step.due
        .map(|due| due.local(Zone::Wita).format("%Y-%m-%d %H:%M").to_string())
}

fn says(step: &StepDeadline) -> [String; 2] {
    Lang::ALL.map(|lang| step.explanation.words(lang))
}

#[test]
fn a_monday_holiday_moves_the_due_date_to_tuesday() {
    // 17 August 2026 is a Monday.
    let step = step_of(&received("2026-08-14 14:10"), Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2026-08-18 23:59"));
    assert_eq!(
        says(&step),
        [
            "diterima Jumat 14.10, Senin libur (Proklamasi Kemerdekaan), jadi batasnya Selasa 23.59",
            "received Friday 14.10, Monday is a holiday (Proklamasi Kemerdekaan), so due Tuesday 23.59",
        ]
    );
}

#[test]
fn the_days_of_idul_fitri_2026_are_folded_into_one_clause() {
    let step = step_of(&received("2026-03-17 10:05"), Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2026-03-25 23:59"));
    assert_eq!(
        says(&step),
        [
            "diterima Selasa 17 Maret 10.05, 18–24 Maret libur (Hari Suci Nyepi (Tahun Baru Saka 1948); Idul Fitri 1447 Hijriah), jadi batasnya Rabu 25 Maret 23.59",
            "received Tuesday 17 March 10.05, 18–24 March are holidays (Hari Suci Nyepi (Tahun Baru Saka 1948); Idul Fitri 1447 Hijriah), so due Wednesday 25 March 23.59",
        ]
    );
}

#[test]
fn a_start_within_the_holidays_counts_from_the_first_working_day() {
    for start in ["2026-03-18 00:00", "2026-03-21 12:00", "2026-03-24 23:59"] {
        assert_eq!(
            due(&step_of(&received(start), Step::Verify)).as_deref(),
            Some("2026-03-25 23:59"),
            "{start}"
        );
    }
    assert_eq!(
        due(&step_of(&received("2026-03-25 00:00"), Step::Verify)).as_deref(),
        Some("2026-03-26 23:59")
    );
}

#[test]
fn three_working_days_span_idul_fitri() {
    let milestones = Milestones {
        entered: Some(at("2026-03-16 09:00")),
        ..received("2026-03-12 09:00")
    };
    let step = step_of(&milestones, Step::WatchDisposition);
    assert_eq!(due(&step).as_deref(), Some("2026-03-26 23:59"));
    assert!(says(&step)[1].ends_with("Idul Fitri 1447 Hijriah), plus 3 working days, so due Thursday 26 March 23.59"));
}

#[test]
fn holidays_on_both_sides_of_a_weekend_are_one_run() {
    let step = step_of(&received("2025-03-27 09:00"), Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2025-04-08 23:59"));
    assert_eq!(
        says(&step)[1],
        "received Thursday 27 March 09.00, 28 March–7 April are holidays and weekend (Hari Suci Nyepi (Tahun Baru Saka 1947); Idul Fitri 1446 Hijriah), so due Tuesday 8 April 23.59"
    );
}

#[test]
fn the_revised_eighteenth_of_august_2025_does_not_count() {
    let step = step_of(&received("2025-08-15 14:10"), Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2025-08-19 23:59"));
    assert_eq!(
        says(&step),
        [
            "diterima Jumat 14.10, Minggu dan Senin libur (Proklamasi Kemerdekaan), jadi batasnya Selasa 23.59",
            "received Friday 14.10, Sunday and Monday are holidays (Proklamasi Kemerdekaan), so due Tuesday 23.59",
        ]
    );
}

#[test]
fn a_replaced_table_changes_the_due_date_without_a_new_program() {
    let as_first_published = "date,kind,name,decree\n2025-08-17,national_holiday,Proklamasi Kemerdekaan,x\n";
    let calendar = Calendar::parse(as_first_published).unwrap();
    let step = step_by(
        &Procedure::default(),
        &calendar,
        &received("2025-08-15 14:10"),
        Step::Verify,
    );
    assert_eq!(due(&step).as_deref(), Some("2025-08-18 23:59"));
}

#[test]
fn a_weekend_is_told_where_nothing_else_was_skipped() {
    let step = step_of(&received("2026-03-27 14:10"), Step::Verify);
    assert_eq!(
        says(&step),
        [
            "diterima Jumat 14.10, akhir pekan tidak dihitung, jadi batasnya Senin 23.59",
            "received Friday 14.10, the weekend does not count, so due Monday 23.59",
        ]
    );
    let plain = step_of(&received("2026-03-30 08:00"), Step::Verify);
    assert_eq!(says(&plain)[1], "received Monday 08.00, so due Tuesday 23.59");
}

#[test]
fn calendar_days_know_no_weekend_and_no_holiday() {
    let procedure = Procedure {
        count: DayCount::Calendar,
        ..Procedure::default()
    };
    let calendar = Calendar::bundled();
    let step = step_by(&procedure, &calendar, &received("2026-03-17 10:05"), Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2026-03-18 23:59"));
    assert_eq!(says(&step)[1], "received Tuesday 10.05, so due Wednesday 23.59");
    let milestones = Milestones {
        entered: Some(at("2027-01-01 09:00")),
        ..Milestones::default()
    };
    let step = step_by(&procedure, &calendar, &milestones, Step::WatchDisposition);
    assert_eq!(due(&step).as_deref(), Some("2027-01-04 23:59"));
    assert_eq!(
        says(&step)[0],
        "masuk LAPOR Jumat 09.00, ditambah 3 hari kalender, jadi batasnya Senin 23.59"
    );
}

#[test]
fn a_day_ends_where_the_office_stands() {
    // One instant, three local dates' ends: 23.30 in WIB is 0.30 of the next day in WITA.
    let late = at_zone("2026-04-06 23:30", Zone::Wib);
    for (zone, expected) in [
        (Zone::Wib, at_zone("2026-04-07 23:59", Zone::Wib)),
        (Zone::Wita, at_zone("2026-04-08 23:59", Zone::Wita)),
        (Zone::Wit, at_zone("2026-04-08 23:59", Zone::Wit)),
    ] {
        let procedure = Procedure {
            zone,
            ..Procedure::default()
        };
        let milestones = Milestones {
            received: late,
            ..Milestones::default()
        };
        let step = step_by(&procedure, &Calendar::bundled(), &milestones, Step::Verify);
        assert_eq!(step.due, Some(expected.plus_millis(59_999)), "{zone:?}");
    }
}

#[test]
fn the_state_follows_the_clock_that_it_is_given() {
    let step = step_of(&received("2026-04-06 08:00"), Step::Verify);
    let due = step.due.unwrap();
    assert_eq!(
        state(&step, at("2026-04-06 12:00")),
        DeadlineState::Running { due: Some(due) }
    );
    assert_eq!(state(&step, at("2026-04-07 00:00")), DeadlineState::DueSoon { due });
    assert_eq!(state(&step, due), DeadlineState::DueSoon { due });
    assert_eq!(state(&step, due.plus_millis(1)), DeadlineState::Overdue { since: due });
    let done = |done| {
        state(
            &StepDeadline {
                done: Some(done),
                ..step.clone()
            },
            due,
        )
    };
    assert_eq!(done(due), DeadlineState::Done { late: false });
    assert_eq!(done(due.plus_millis(1)), DeadlineState::Done { late: true });
    assert_eq!(
        state(&step_of(&received("2026-04-06 08:00"), Step::Enter), due),
        DeadlineState::NotBegun
    );
}

#[test]
fn the_running_step_is_the_one_between_two_results() {
    let mut milestones = received("2026-04-06 08:00");
    let running = |milestones: &Milestones| {
        let steps = steps(&Procedure::default(), &Calendar::bundled(), milestones);
        current(&steps).map(|step| step.step)
    };
    assert_eq!(running(&milestones), Some(Step::Verify));
    milestones.verified = Some(at("2026-04-06 09:00"));
    assert_eq!(running(&milestones), Some(Step::Forward));
    milestones.forwarded = Some(at("2026-04-06 10:00"));
    assert_eq!(
        running(&milestones),
        Some(Step::Forward),
        "forwarded is not yet delivered"
    );
    milestones.delivered = Some(at("2026-04-06 11:00"));
    assert_eq!(running(&milestones), Some(Step::Enter));
    milestones.entered = Some(at("2026-04-06 12:00"));
    assert_eq!(running(&milestones), Some(Step::WatchDisposition));
    milestones.disposed = Some(at("2026-04-06 13:00"));
    assert_eq!(running(&milestones), None);
}

#[test]
fn a_return_starts_forwarding_anew_and_takes_entering_back() {
    let mut milestones = Milestones {
        verified: Some(at("2026-04-06 09:00")),
        forwarded: Some(at("2026-04-06 10:00")),
        delivered: Some(at("2026-04-07 08:00")),
        returned: Some(at("2026-04-09 15:30")),
        ..received("2026-04-06 08:00")
    };
    let forward = step_of(&milestones, Step::Forward);
    assert_eq!(
        (forward.done, due(&forward).as_deref()),
        (None, Some("2026-04-10 23:59"))
    );
    assert_eq!(says(&forward)[0], "dikembalikan Kamis 15.30, jadi batasnya Jumat 23.59");
    assert_eq!(step_of(&milestones, Step::Enter).started, None);

    // Forwarded again: measured from the return, not from the first verification.
    milestones.returned_before = milestones.returned.take();
    milestones.delivered = Some(at("2026-04-10 09:00"));
    let forward = step_of(&milestones, Step::Forward);
    assert_eq!(
        state(&forward, at("2026-05-01 00:00")),
        DeadlineState::Done { late: false }
    );
    assert_eq!(
        due(&step_of(&milestones, Step::Enter)).as_deref(),
        Some("2026-04-13 23:59")
    );
}

#[test]
fn a_round_that_was_both_accepted_and_returned_is_accepted() {
    let milestones = Milestones {
        delivered: Some(at("2026-04-07 08:00")),
        returned: Some(at("2026-04-07 09:00")),
        accepted: Some(at("2026-04-07 09:30")),
        verified: Some(at("2026-04-06 09:00")),
        ..received("2026-04-06 08:00")
    };
    let steps = steps(&Procedure::default(), &Calendar::bundled(), &milestones);
    assert_eq!(current(&steps).map(|step| step.step), Some(Step::Enter));
}

#[test]
fn closing_ends_the_running_step_and_begins_none() {
    let milestones = Milestones {
        verified: Some(at("2026-04-06 09:00")),
        closed: Some(at("2026-04-06 16:00")),
        pauses: vec![pause("2026-04-06 10:00", None)],
        ..received("2026-04-06 08:00")
    };
    let steps = steps(&Procedure::default(), &Calendar::bundled(), &milestones);
    assert_eq!(current(&steps), None);
    let forward = step_of(&milestones, Step::Forward);
    assert_eq!(
        state(&forward, at("2026-06-01 00:00")),
        DeadlineState::Done { late: false }
    );
    assert!(says(&forward)[1].ends_with("; closing the complaint ended this step"));
    assert_eq!(
        state(&step_of(&milestones, Step::Enter), at("2026-06-01 00:00")),
        DeadlineState::NotBegun
    );
}

#[test]
fn a_year_without_a_table_is_said_to_be_unknown() {
    let step = step_of(&received("2026-12-31 10:00"), Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2027-01-01 23:59"));
    assert_eq!(
        says(&step),
        [
            "diterima Kamis 10.00, jadi batasnya Jumat 23.59; hari libur 2027 belum diketahui, jadi batasnya bisa mundur",
            "received Thursday 10.00, so due Friday 23.59; the holidays of 2027 are not known, so it may be due later",
        ]
    );
}

#[test]
fn steps_that_have_not_begun_say_what_they_wait_for() {
    let milestones = received("2026-04-06 08:00");
    let english = |step| says(&step_of(&milestones, step))[1].clone();
    assert_eq!(english(Step::Received), "received Monday 08.00");
    assert_eq!(
        english(Step::Forward),
        "not begun: it begins when the complaint is verified"
    );
    assert_eq!(
        english(Step::Enter),
        "not begun: it begins when the hub has received the complaint"
    );
    assert_eq!(
        english(Step::WatchDisposition),
        "not begun: it begins when the complaint is in LAPOR"
    );
}

#[test]
fn a_full_instant_names_day_date_and_zone() {
    let instant = at("2026-03-24 14:05");
    assert_eq!(
        instant_words(instant, Zone::Wita, Lang::Id),
        "Selasa, 24 Maret 2026 14.05 WITA"
    );
    assert_eq!(
        instant_words(instant, Zone::Wib, Lang::En),
        "Tuesday 24 March 2026 13.05 WIB"
    );
}
