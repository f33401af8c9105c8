//! Fixed examples of deadlines that stand still while the complainant is the one to act.

use super::*;

#[test]
fn a_day_on_which_the_complainant_had_to_act_does_not_count() {
    let milestones = Milestones {
        pauses: vec![pause("2026-04-07 09:00", Some("2026-04-08 11:00"))],
        ..received("2026-04-06 08:00")
    };
    let step = step_of(&milestones, Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2026-04-09 23:59"));
    assert!(!step.paused);
    assert_eq!(
        says(&step),
        [
            "diterima Senin 08.00, menunggu pelapor Selasa dan Rabu, jadi batasnya Kamis 23.59",
            "received Monday 08.00, waiting for the complainant Tuesday and Wednesday, so due Thursday 23.59",
        ]
    );
}

#[test]
fn an_open_question_leaves_no_due_date() {
    let milestones = Milestones {
        pauses: vec![pause("2026-04-07 09:00", None)],
        ..received("2026-04-06 08:00")
    };
    let step = step_of(&milestones, Step::Verify);
    assert_eq!((step.due, step.paused), (None, true));
    assert_eq!(state(&step, at("2027-01-01 00:00")), DeadlineState::Paused);
    assert_eq!(
        says(&step),
        [
            "diterima Senin 08.00, menunggu pelapor sejak Selasa 09.00, jadi belum ada batasnya",
            "received Monday 08.00, waiting for the complainant since Tuesday 09.00, so there is no due date yet",
        ]
    );
}

#[test]
fn a_question_does_not_cure_what_is_late_already() {
    let milestones = Milestones {
        pauses: vec![pause("2026-04-08 00:00", None)],
        ..received("2026-04-06 08:00")
    };
    let step = step_of(&milestones, Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2026-04-07 23:59"));
    assert!(matches!(
        state(&step, at("2026-04-08 00:00")),
        DeadlineState::Overdue { .. }
    ));
}

#[test]
fn a_question_after_a_step_is_done_is_no_matter_for_it() {
    let milestones = Milestones {
        verified: Some(at("2026-04-06 15:00")),
        pauses: vec![pause("2026-04-07 09:00", None)],
        ..received("2026-04-06 08:00")
    };
    let verify = step_of(&milestones, Step::Verify);
    assert_eq!(due(&verify).as_deref(), Some("2026-04-07 23:59"));
    assert_eq!(
        state(&verify, at("2026-05-01 00:00")),
        DeadlineState::Done { late: false }
    );
    assert!(step_of(&milestones, Step::Forward).paused);
}

#[test]
fn many_interruptions_are_counted_and_not_all_told() {
    let day = |day: u32| {
        let day = format!("2026-06-{day:02} 09:00");
        pause(&day, Some(&day))
    };
    let procedure = Procedure {
        steps: Step::ALL.map(|step| StepRule { step, days: Some(15) }),
        ..Procedure::default()
    };
    let milestones = Milestones {
        pauses: [2, 4, 8, 10, 12, 18, 22].map(day).into(),
        ..received("2026-06-01 08:00")
    };
    let step = step_by(&procedure, &Calendar::bundled(), &milestones, Step::Verify);
    assert!(says(&step)[1].contains("Friday 12 June, and 3 more interruptions, plus 15 working days, so due"));
}

#[test]
fn an_answer_before_its_question_stops_the_day_of_the_question() {
    let milestones = Milestones {
        pauses: vec![pause("2026-04-07 09:00", Some("2026-04-01 09:00"))],
        ..received("2026-04-06 08:00")
    };
    assert_eq!(
        due(&step_of(&milestones, Step::Verify)).as_deref(),
        Some("2026-04-08 23:59")
    );
}

#[test]
fn a_step_that_was_done_with_a_question_open_has_a_due_date_again() {
    let milestones = Milestones {
        verified: Some(at("2026-04-08 15:00")),
        pauses: vec![pause("2026-04-07 09:00", None)],
        ..received("2026-04-06 08:00")
    };
    let step = step_of(&milestones, Step::Verify);
    assert_eq!(due(&step).as_deref(), Some("2026-04-09 23:59"));
    assert_eq!(
        state(&step, at("2026-05-01 00:00")),
        DeadlineState::Done { late: false }
    );
}
