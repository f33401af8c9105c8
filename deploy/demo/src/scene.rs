//! Brings the invented complaints to their stages, day by day, through the real programs.
//!
//! The clocks of all programs are set back to each day in turn: the deadlines on the screens then look as they do in
//! an office that has worked with the programs for weeks.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use crate::cast::{Cast, LIAISON, OPERATOR, OTHER_OPERATOR, PELAIHARI, TAKISUNG};
use crate::export::{self, Row};
use crate::rig::Rig;
use crate::samples::{self, Reach, Sample};
use crate::{sheet, today};

/// What is done with a complaint on a day. In the order of a day: the office works, the link comes up, the liaison
/// works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Record,
    Ask,
    Verify,
    CloseAtOffice,
    Forward,
    Mend,
    Accept,
    Return,
    AcceptMended,
    Enter,
    Dispose,
    Close,
}

/// Plays the days before today. Afterwards nothing runs.
///
/// # Errors
/// When one of the programs refuses a step.
pub fn play(rig: &Rig, cast: &mut Cast) -> Result<()> {
    let samples = samples::all();
    let mut days: BTreeMap<u32, Vec<(Act, usize)>> = BTreeMap::new();
    for (number, sample) in samples.iter().enumerate() {
        for (days_ago, act) in agenda(sample) {
            days.entry(days_ago).or_default().push((act, number));
        }
    }
    // The day of today comes last, whether anybody has something to do or not: the last news go round.
    days.entry(0).or_default();
    let mut ids: BTreeMap<usize, String> = BTreeMap::new();
    for (days_ago, mut acts) in days.into_iter().rev() {
        acts.sort_unstable();
        let offset = today::offset_millis(days_ago);
        for program in [&cast.hub.program, &cast.pelaihari.program, &cast.takisung.program] {
            program.shift_clock(offset)?;
        }
        cast.hub.serve()?;
        let offices: BTreeSet<&str> = acts
            .iter()
            .map(|(_, number)| samples[*number].office.as_str())
            .collect();
        let (at_office, at_hub): (Vec<_>, Vec<_>) = acts.iter().copied().partition(|(act, _)| *act < Act::Accept);
        if at_office.iter().any(|(act, _)| *act == Act::Mend) {
            sync(cast, offices.iter().copied())?;
        }
        for (act, number) in at_office {
            work_at_office(cast, act, &samples[number], ids.entry(number).or_default())?;
        }
        sync(cast, offices.iter().copied())?;
        for (act, number) in at_hub {
            work_at_hub(cast, act, &samples[number], &ids[&number])?;
        }
        if acts.iter().any(|(act, _)| matches!(act, Act::Dispose)) || days_ago == 0 {
            import(rig, cast, &samples, days_ago)?;
        }
        if days_ago == 0 {
            sync(cast, [PELAIHARI.0, TAKISUNG.0])?;
        }
        cast.hub.program.stop()?;
    }
    Ok(())
}

/// Tells what happens with a complaint, each with its day. The days are those of a diligent office and a busy liaison;
/// what would lie in the future happens today.
fn agenda(sample: &Sample) -> Vec<(u32, Act)> {
    let at_office = sample
        .closing
        .as_ref()
        .is_some_and(|closing| !closing.outcome.is_empty());
    let reaches = |reach: Reach| !at_office && sample.reach >= reach;
    let mended = sample.mended.is_some();
    let planned = [
        (0, Act::Record, true),
        (0, Act::Ask, !sample.question.is_empty()),
        (0, Act::CloseAtOffice, at_office),
        (0, Act::Verify, reaches(Reach::Verified)),
        (1, Act::Forward, reaches(Reach::Forwarded)),
        (2, Act::Return, sample.returned.is_some()),
        (3, Act::Mend, mended),
        (2, Act::Accept, reaches(Reach::Accepted) && !mended),
        (4, Act::AcceptMended, reaches(Reach::Accepted) && mended),
        (4, Act::Enter, reaches(Reach::Entered)),
        (7, Act::Dispose, reaches(Reach::Disposed) && sample.is_disposed()),
        (25, Act::Close, reaches(Reach::Closed)),
    ];
    let happening = planned.into_iter().filter(|(_, _, happens)| *happens);
    happening
        .map(|(after, act, _)| (sample.received_at.days_ago.saturating_sub(after), act))
        .collect()
}

fn work_at_office(cast: &Cast, act: Act, sample: &Sample, id: &mut String) -> Result<()> {
    let gateway = cast.of_office(&sample.office);
    let operator = if sample.office == TAKISUNG.0 {
        OTHER_OPERATOR
    } else {
        OPERATOR
    };
    let step = |words: &[&str]| gateway.step(&[words, &["--staff", operator.name]].concat());
    match act {
        Act::Record => {
            let args = ["complaint", "add", "--json", "-", "--staff", operator.name];
            let recorded = gateway.program.json_with(&args, &sheet::of(sample).to_string())?;
            recorded["id"]
                .as_str()
                .context("a recorded complaint has an id")?
                .clone_into(id);
        }
        Act::Ask => step(&["ask", id, "--question", &sample.question])?,
        Act::Verify => step(&["verify", id])?,
        Act::Forward => step(&["forward", id])?,
        Act::CloseAtOffice => {
            let closing = sample.closing.as_ref().context("what is closed says how")?;
            step(&["close", id, "--outcome", &closing.outcome, "--note", &closing.reason])?;
        }
        _ => {
            let mended = sample.mended.as_ref().context("what is mended says how")?;
            let args = ["complaint", "amend", id, "--json", "-", "--staff", operator.name];
            gateway
                .program
                .run_with(&args, &sheet::of_mended(mended).to_string())?
                .success()?;
            step(&["verify", id])?;
            step(&["forward", id])?;
        }
    }
    Ok(())
}

fn work_at_hub(cast: &Cast, act: Act, sample: &Sample, id: &str) -> Result<()> {
    let step = |words: &[&str]| cast.hub.step(&[words, &["--staff", LIAISON.name]].concat());
    match act {
        Act::Accept | Act::AcceptMended => step(&["accept", id]),
        Act::Return => {
            let returned = sample.returned.as_ref().context("what is returned says why")?;
            step(&[
                "return",
                id,
                "--missing",
                &returned.missing.join(","),
                "--reason",
                &returned.reason,
            ])
        }
        Act::Enter => step(&["enter", id, "--tracking-id", &sample.tracking_id]),
        Act::Close => {
            let closing = sample.closing.as_ref().context("what is closed says how")?;
            step(&["close", id, "--reason", &closing.reason])
        }
        // The disposition comes with the export of that day.
        _ => Ok(()),
    }
}

/// Imports what LAPOR would have exported on a day.
fn import(rig: &Rig, cast: &Cast, samples: &[Sample], days_ago: u32) -> Result<()> {
    let happened =
        |sample: &Sample, what: Act| agenda(sample).iter().any(|(day, act)| *act == what && *day >= days_ago);
    let entered = samples.iter().filter(|sample| happened(sample, Act::Enter));
    let row = |sample: &Sample| {
        let disposed = happened(sample, Act::Dispose);
        Row {
            tracking_id: sample.tracking_id.clone(),
            title: sample.title.clone(),
            status: if disposed || days_ago == 0 {
                sample.lapor_status.clone()
            } else {
                "Belum Terverifikasi".into()
            },
            disposed_to: if disposed {
                sample.disposed_to.clone()
            } else {
                String::new()
            },
        }
    };
    let path = rig.folder().join(format!("lapor-{days_ago}.xlsx"));
    export::write(&path, &entered.map(row).collect::<Vec<_>>())?;
    let args = [
        "lapor",
        "import",
        path.to_str().context("the folder has a readable name")?,
        "--staff",
        LIAISON.name,
    ];
    cast.hub.program.run(&args)?.success().map(|_| ())
}

fn sync<'a>(cast: &Cast, offices: impl IntoIterator<Item = &'a str>) -> Result<()> {
    for office in offices {
        cast.of_office(office).program.run(&["sync"])?.success()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_complaint_is_recorded_first_and_goes_through_its_steps_in_order() {
        for sample in samples::all() {
            let agenda = agenda(&sample);
            assert_eq!(
                agenda[0],
                (sample.received_at.days_ago, Act::Record),
                "{}",
                sample.title
            );
            // Within a day the acts are played in their own order, so the order over days is what can go wrong.
            let mut played = agenda.clone();
            played.sort_by_key(|(days_ago, act)| (std::cmp::Reverse(*days_ago), *act));
            let returned = played.iter().position(|(_, act)| *act == Act::Return);
            let mended = played.iter().position(|(_, act)| *act == Act::Mend);
            assert!(mended.is_none() || returned < mended, "{}", sample.title);
            let mut acts: Vec<_> = played
                .iter()
                .map(|(_, act)| *act)
                .filter(|act| *act != Act::Mend)
                .collect();
            acts.dedup();
            assert!(acts.is_sorted(), "{}: {acts:?}", sample.title);
        }
    }
}
