//! How far a complaint has come and when the next step is due, in words that do not rest on colour alone.

use titian_domain::deadline::{self, DeadlineState, StepDeadline};
use titian_domain::time::UnixMillis;

use super::words::Words;
use crate::desk::Delivery;

/// The stations of a delivery in order, each with its sign and the key of its text.
const STATIONS: [(Delivery, &str, &str); 4] = [
    (Delivery::Saved, "✓", "delivery-saved"),
    (Delivery::AtHub, "✓✓", "delivery-at-hub"),
    (Delivery::Accepted, "✓✓✓", "delivery-accepted"),
    (Delivery::InLapor, "✓✓✓✓", "delivery-in-lapor"),
];

/// One station of a delivery.
pub struct Tick {
    /// Whether it is reached.
    pub done: bool,
    /// What it is called.
    pub words: String,
}

/// The farthest station that a complaint has reached.
pub struct Ticks {
    /// Its sign.
    pub sign: &'static str,
    /// What it is called.
    pub words: String,
}

/// A deadline on a screen.
pub struct Due {
    /// The class of its style.
    pub class: &'static str,
    /// What it says.
    pub words: String,
}

/// The sign and the text of what the hub keeps aside: no station, for it is on the way to none.
const REFUSED: (&str, &str) = ("✓ !", "delivery-refused");

/// Lists all four stations.
pub fn stations(words: &Words, reached: Delivery) -> Vec<Tick> {
    STATIONS
        .iter()
        .map(|(station, _, key)| Tick {
            done: reached >= *station,
            words: words.say(key),
        })
        .collect()
}

/// Gives the farthest station.
pub fn ticks(words: &Words, reached: Delivery) -> Ticks {
    let farthest = STATIONS.into_iter().rfind(|(station, ..)| reached >= *station);
    let (sign, key) = match (reached, farthest) {
        (Delivery::Refused, _) | (_, None) => REFUSED,
        (_, Some((_, sign, key))) => (sign, key),
    };
    Ticks {
        sign,
        words: words.say(key),
    }
}

/// Says when a step is due, as a list shows it: `batas Selasa 23.59`.
pub fn due(words: &Words, (due_at, paused): (Option<UnixMillis>, bool), now: UnixMillis) -> Due {
    /// Steps are due at the end of a day: what is due within a day is due today.
    const SOON_MILLIS: i64 = 24 * 3600 * 1000;
    match due_at {
        _ if paused => Due {
            class: "due",
            words: words.say("due-paused"),
        },
        None => Due {
            class: "due",
            words: words.say("due-none"),
        },
        Some(at) if now > at => Due {
            class: "due-over",
            words: words.say1("due-overdue", "when", words.near(at, now)),
        },
        Some(at) => {
            let class = if now.plus_millis(SOON_MILLIS) > at {
                "due-soon"
            } else {
                "due"
            };
            Due {
                class,
                words: words.say1("due-at", "when", words.near(at, now)),
            }
        }
    }
}

/// One step of the procedure with its deadline.
pub struct StepLine {
    /// The step.
    pub label: &'static str,
    /// How it stands.
    pub state: &'static str,
    /// The class by which the stylesheet shows how urgent that is.
    pub class: &'static str,
    /// Whether it has begun.
    pub begun: bool,
    /// Why it is due when it is.
    pub why: String,
}

/// Lists the steps of the procedure.
pub fn step_lines(words: &Words, steps: &[StepDeadline], now: UnixMillis) -> Vec<StepLine> {
    let line = |step: &StepDeadline| {
        let state = deadline::state(step, now);
        StepLine {
            label: step.step.label(words.lang),
            state: state.label(words.lang),
            class: match state {
                DeadlineState::Overdue { .. } => "due-over",
                DeadlineState::DueSoon { .. } => "due-soon",
                _ => "due",
            },
            begun: step.started.is_some(),
            why: step.explanation.words(words.lang),
        }
    };
    steps.iter().map(line).collect()
}
