//! Words for the pages: the reader's language with the texts, instants in the hub's zone, and how far off they are.

use titian_domain::complaint::Conflict;
use titian_domain::deadline::{DeadlineState, date_words, instant_words};
use titian_domain::document::Contender;
use titian_domain::id::ComplaintId;
use titian_domain::lang::Lang;
use titian_domain::particulars::{self, Field};
use titian_domain::time::{UnixMillis, Zone};
use titian_domain::vocabulary::{Channel, Classification, OutOfScope};
use titian_host::texts::Value;
use titian_host::web::Reader;

/// What a page speaks with.
#[derive(Clone)]
pub struct Words {
    /// The reader, who puts the frame around a page.
    pub reader: Reader,
    /// The reader's language.
    pub lang: Lang,
    /// The zone in which the hub reads times.
    pub zone: Zone,
    /// The moment for which the page is made.
    pub now: UnixMillis,
}

/// When something is due, in words, and how urgent that is.
pub struct Due {
    /// The words.
    pub words: String,
    /// The class by which the stylesheet shows the urgency.
    pub class: &'static str,
}

impl Words {
    /// Speaks to a reader, with times in a zone.
    pub fn new(reader: Reader, zone: Zone, now: UnixMillis) -> Self {
        Self {
            lang: reader.lang,
            reader,
            zone,
            now,
        }
    }

    /// Gives a text.
    pub fn say(&self, key: &str) -> String {
        self.reader.say(key)
    }

    /// Gives a text with a value in it.
    pub fn say1(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.reader.say1(key, name, value)
    }

    /// Gives a text with values in it.
    pub fn say_with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.reader.say_with(key, values)
    }

    /// Gives a text with a number in it, which picks singular or plural.
    pub fn say_count(&self, key: &str, count: impl std::borrow::Borrow<usize>) -> String {
        self.reader.say_with(key, &[("count", Value::from(*count.borrow()))])
    }

    /// Writes an instant in full: `Jumat, 27 Maret 2026 14.10 WITA`.
    pub fn instant(&self, at: UnixMillis) -> String {
        instant_words(at, self.zone, self.lang)
    }

    /// Writes the day of an instant: `Jumat, 27 Maret 2026`.
    pub fn day(&self, at: UnixMillis) -> String {
        date_words(at.date(self.zone), self.lang)
    }

    /// Tells how long ago a day was: `hari ini`, `kemarin`, `3 hari`.
    pub fn ago(&self, at: UnixMillis) -> String {
        match self.days_until(at).saturating_neg() {
            ..=0 => self.say("ago-today"),
            1 => self.say("ago-yesterday"),
            days => self.say_count("ago-days", usize::try_from(days).unwrap_or_default()),
        }
    }

    /// Writes an instant with how long ago it was.
    pub fn instant_ago(&self, at: UnixMillis) -> String {
        format!("{} ({})", self.instant(at), self.ago(at))
    }

    /// Says when a step is due, as lists show it.
    pub fn due(&self, state: DeadlineState) -> Due {
        let (words, class) = match state {
            DeadlineState::NotBegun | DeadlineState::Done { .. } | DeadlineState::Running { due: None } => {
                (self.say("due-none"), "due")
            }
            DeadlineState::Paused => (self.say("due-paused"), "due"),
            DeadlineState::DueSoon { .. } => (self.say("due-today"), "due-soon"),
            DeadlineState::Running { due: Some(due) } => match self.days_until(due) {
                ..=0 => (self.say("due-today"), "due-soon"),
                1 => (self.say("due-tomorrow"), "due"),
                _ => (self.day(due), "due"),
            },
            DeadlineState::Overdue { since } => match self.days_until(since).saturating_neg() {
                // Due a minute ago, today: there is no whole day to tell.
                ..=0 => (self.say("due-over-today"), "due-over"),
                days => (
                    self.say_count("due-over", usize::try_from(days).unwrap_or_default()),
                    "due-over",
                ),
            },
        };
        Due { words, class }
    }

    /// Says what a field of a complaint holds.
    pub fn value(&self, field: Field, value: &particulars::Value) -> String {
        use particulars::Value::{Flag, Instant, Reporter, Text};
        match (field, value) {
            (_, Flag(flag)) => self.yes_or_no(*flag),
            (_, Instant(at)) => self.instant(*at),
            (_, Reporter(_)) => self.say1("value-reporter", "mark", value),
            (_, Text(text)) if text.is_empty() => self.say("value-empty"),
            (Field::Channel, Text(code)) => self.coded(code, Channel::label),
            (Field::Classification, Text(code)) => self.coded(code, Classification::label),
            (Field::OutOfScope, Text(code)) => self.coded(code, OutOfScope::label),
            (Field::EventDate, Text(text)) => self.event_date(text),
            (_, Text(text)) => text.clone(),
        }
    }

    /// Gives the title of a complaint, or says that it has none.
    pub fn title(&self, title: &str) -> String {
        if title.trim().is_empty() {
            self.say("untitled")
        } else {
            title.to_owned()
        }
    }

    /// Writes the date of the event in words, or what was told instead of a date.
    pub fn event_date(&self, told: &str) -> String {
        told.parse()
            .map_or_else(|_| told.to_owned(), |date| date_words(date, self.lang))
    }

    /// Says yes or no.
    pub fn yes_or_no(&self, flag: bool) -> String {
        self.say(if flag { "yes" } else { "no" })
    }

    /// Lists the values that stand against each other in a field.
    pub fn contenders(&self, conflict: &Conflict) -> Vec<String> {
        let one = |contender: &Contender| {
            let values = [
                ("value", Value::from(self.value(conflict.field, &contender.value))),
                ("staff", Value::from(contender.staff.as_str())),
                ("when", Value::from(self.instant(contender.at))),
            ];
            self.say_with("conflict-value", &values)
        };
        conflict.contenders.iter().map(one).collect()
    }

    fn coded<T: std::str::FromStr>(&self, code: &str, label: fn(T, Lang) -> &'static str) -> String {
        code.parse()
            .map_or_else(|_| code.to_owned(), |word| label(word, self.lang).to_owned())
    }

    fn days_until(&self, at: UnixMillis) -> i64 {
        (at.date(self.zone) - self.now.date(self.zone)).num_days()
    }
}

/// Gives the address of a complaint's page.
pub fn complaint_path(id: ComplaintId) -> String {
    format!("/laporan/{id}")
}
