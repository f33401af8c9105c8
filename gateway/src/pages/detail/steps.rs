//! The steps that the office can take with a complaint, and why one is not possible now.

use titian_domain::particulars::Field;
use titian_domain::refusal::Refusal;
use titian_domain::vocabulary::{OfficeOutcome, Stage};
use titian_host::people::{Right, Rights};

use crate::desk::Shown;
use crate::pages::sheet::Choice;
use crate::pages::words::Words;

/// A step that is one press of a button.
pub struct Press {
    /// The last part of its address.
    pub name: &'static str,
    /// What the button says.
    pub label: String,
    /// Why it is not possible now.
    pub blocked: Option<String>,
}

/// A step that needs words.
pub struct Tell {
    /// The last part of its address.
    pub name: &'static str,
    /// What it is called.
    pub label: String,
    /// What it does.
    pub explained: String,
    /// What the text is called.
    pub prompt: String,
    /// What the button says.
    pub button: String,
    /// Why it is not possible now.
    pub blocked: Option<String>,
    /// Whether it stands open.
    pub open: bool,
    /// What was typed.
    pub note: String,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// What there is to choose from, for closing.
    pub outcomes: Vec<Choice>,
    /// What was chosen.
    pub outcome: String,
}

/// What was typed into a step that was refused.
#[derive(Clone, Default)]
pub struct Attempt {
    /// Which step.
    pub name: &'static str,
    /// The words.
    pub note: String,
    /// The outcome.
    pub outcome: String,
    /// Why it was refused.
    pub problem: String,
}

/// The address of asking the complainant.
pub const ASK: &str = "tanya";
/// The address of noting the complainant's answer.
pub const ANSWERED: &str = "jawaban";
/// The address of a note.
pub const NOTE: &str = "catatan";
/// The address of closing.
pub const CLOSE: &str = "tutup";
/// The address of verifying.
pub const VERIFY: &str = "verifikasi";
/// The address of forwarding.
pub const FORWARD: &str = "teruskan";

/// Every step that has an address of its own, and what one has to be allowed to take it; `Step::right` says the same.
pub const STEPS: [(&str, Right); 6] = [
    (ASK, Right::Note),
    (ANSWERED, Right::Note),
    (NOTE, Right::Note),
    (CLOSE, Right::Forward),
    (VERIFY, Right::Verify),
    (FORWARD, Right::Forward),
];

fn may_take(name: &str, rights: Rights) -> bool {
    STEPS.iter().any(|(step, right)| *step == name && rights.has(*right))
}

/// Tells whether the office may still change the sheet.
pub fn is_open(stage: Stage) -> bool {
    matches!(stage, Stage::Recorded | Stage::Verified | Stage::Returned)
}

/// Lists the steps of one press. Verifying what is verified is possible and left out: nobody needs it.
pub fn presses(words: &Words, shown: &Shown, rights: Rights) -> Vec<Press> {
    let stage = shown.complaint.standing.stage;
    if !is_open(stage) {
        return Vec::new();
    }
    let unverified = stage == Stage::Recorded || shown.complaint.needs_reverification();
    let press = |name, key: &str, blocked: Option<String>| Press {
        name,
        label: words.say(key),
        blocked,
    };
    let verify = unverified.then(|| press(VERIFY, "step-verify", unsettled(words, shown)));
    let forward = press(FORWARD, "step-forward", why_not_forward(words, shown));
    let steps = verify.into_iter().chain([forward]);
    steps.filter(|step| may_take(step.name, rights)).collect()
}

/// Says what stands in the way of verifying. What is missing is listed above the button, so it is only pointed at.
fn unsettled(words: &Words, shown: &Shown) -> Option<String> {
    let conflicts = &shown.complaint.conflicts;
    let fields: Vec<Field> = conflicts.iter().map(|conflict| conflict.field).collect();
    if !fields.is_empty() {
        return Some(Refusal::Conflicts(fields).words(words.lang));
    }
    (!shown.missing.is_empty()).then(|| words.say("step-missing"))
}

fn why_not_forward(words: &Words, shown: &Shown) -> Option<String> {
    let complaint = &shown.complaint;
    if complaint.standing.stage == Stage::Recorded {
        return Some(words.say("step-forward-unverified"));
    }
    if let Some(blocked) = unsettled(words, shown) {
        return Some(blocked);
    }
    if complaint.needs_reverification() {
        return Some(Refusal::ChangedSinceVerified.words(words.lang));
    }
    let kind = complaint.particulars.out_of_scope?;
    Some(Refusal::OutOfScope { kind }.words(words.lang))
}

/// Lists the steps that need words, with what was typed into the one that was refused. Past the office's stages only
/// notes are left; the page says so once.
pub fn tells(words: &Words, shown: &Shown, rights: Rights, attempt: Option<&Attempt>) -> Vec<Tell> {
    let here = is_open(shown.complaint.standing.stage);
    let waits = shown.complaint.waits_for_complainant();
    let tried = |name: &str| attempt.is_some_and(|attempt| attempt.name == name);
    // A step that was just refused shows in any case: what was typed into it stays.
    let steps = [
        (ASK, "ask", here, waits.then_some(Refusal::AlreadyAsked)),
        (ANSWERED, "answered", waits, None),
        (NOTE, "note", true, None),
        (CLOSE, "close", here, None),
    ];
    let listed = steps
        .into_iter()
        .filter(|(name, _, possible, _)| (*possible && may_take(name, rights)) || tried(name));
    let tell = |(name, key, _, refusal): (&'static str, &str, bool, Option<Refusal>)| {
        let tried = attempt.filter(|attempt| attempt.name == name);
        let text = |part: &str| words.say(&format!("step-{key}{part}"));
        Tell {
            name,
            label: text(""),
            explained: text("-explained"),
            prompt: text("-prompt"),
            button: text("-button"),
            blocked: refusal
                .filter(|_| tried.is_none())
                .map(|refusal| refusal.words(words.lang)),
            open: tried.is_some() || (name == ANSWERED && waits),
            note: tried.map(|attempt| attempt.note.clone()).unwrap_or_default(),
            problem: tried.map(|attempt| attempt.problem.clone()),
            outcomes: if name == CLOSE { outcomes(words) } else { Vec::new() },
            outcome: tried.map(|attempt| attempt.outcome.clone()).unwrap_or_default(),
        }
    };
    listed.map(tell).collect()
}

fn outcomes(words: &Words) -> Vec<Choice> {
    let choice = |outcome: &OfficeOutcome| Choice {
        value: outcome.code().to_owned(),
        label: outcome.label(words.lang).to_owned(),
    };
    OfficeOutcome::ALL.iter().map(choice).collect()
}
