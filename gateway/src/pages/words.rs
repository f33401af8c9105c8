//! Words for the pages: the reader's language with the texts, and instants in the office's zone.

use titian_domain::deadline::{date_words, instant_words};
use titian_domain::id::ComplaintId;
use titian_domain::lang::Lang;
use titian_domain::particulars::Field;
use titian_domain::time::{UnixMillis, Zone};
use titian_host::texts::{Texts, Value};

/// What a page speaks with.
#[derive(Clone)]
pub struct Words {
    texts: Texts,
    /// The reader's language.
    pub lang: Lang,
    /// The zone in which the office reads times.
    pub zone: Zone,
}

impl Words {
    /// Speaks a language, with times in a zone.
    pub fn new(texts: &Texts, lang: Lang, zone: Zone) -> Self {
        Self {
            texts: texts.clone(),
            lang,
            zone,
        }
    }

    /// Gives a text.
    pub fn say(&self, key: &str) -> String {
        self.texts.say(self.lang, key)
    }

    /// Gives a text with values in it.
    pub fn say_with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.texts.say_with(self.lang, key, values)
    }

    /// Gives a text with one value in it.
    pub fn say1<'a>(&self, key: &str, name: &str, value: impl Into<Value<'a>>) -> String {
        self.say_with(key, &[(name, value.into())])
    }

    /// Gives the name of a field of the form: of the complaint, or of its reporter.
    pub fn label(&self, name: &str) -> String {
        match name.parse::<Field>() {
            Ok(field) => field.label(self.lang).to_owned(),
            Err(_) => self.say(&name.replace('_', "-")),
        }
    }

    /// Writes an instant in full: `Jumat, 27 Maret 2026 14.10 WITA`.
    pub fn instant(&self, at: UnixMillis) -> String {
        instant_words(at, self.zone, self.lang)
    }

    /// Writes an instant that is near `now` as one says it: `Selasa 23.59`; else with its date.
    pub fn near(&self, at: UnixMillis, now: UnixMillis) -> String {
        let (date, time) = (at.date(self.zone), at.local(self.zone).format("%H.%M"));
        let days = (date - now.date(self.zone)).num_days();
        let in_full = date_words(date, self.lang);
        let weekday = in_full.split([',', ' ']).next().unwrap_or_default();
        match days.abs() {
            0 => format!("{} {time}", self.say("today")),
            1..=NEAR_DAYS => format!("{weekday} {time}"),
            _ => format!("{weekday} {} {time}", date.format("%d/%m/%Y")),
        }
    }
}

/// Further away than this a weekday alone is ambiguous: the seventh day has the same name.
const NEAR_DAYS: i64 = 6;

/// Gives the address of a complaint's page.
pub fn complaint_path(id: ComplaintId) -> String {
    format!("/laporan/{id}")
}
