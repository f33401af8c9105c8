//! What a complaint says: the fields of the intake that people fill in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::ReporterHash;
use crate::lang::Lang;
use crate::time::UnixMillis;
use crate::vocabulary::{Channel, Classification, OutOfScope};

/// LAPOR's limit for a title, in characters (used by a known client of its API).
pub const TITLE_CHARS_MAX: usize = 255;
/// Longer than any letter a citizen ever wrote; a limit so that one complaint cannot fill a link for an hour.
pub const NARRATIVE_CHARS_MAX: usize = 20_000;
/// For all other texts: a line or a short paragraph.
pub const TEXT_CHARS_MAX: usize = 1_000;

/// The fields of an intake, each one register of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Particulars {
    /// The way by which it reached the office.
    pub channel: Channel,
    /// When the citizen brought it, as the office states it. Deadlines run from here.
    pub received_at: UnixMillis,
    /// Complaint, aspiration or request for information.
    pub classification: Option<Classification>,
    /// LAPOR's category.
    pub category: String,
    /// One short sentence.
    pub title: String,
    /// What happened, in the citizen's words. One register, not a character CRDT: interleaved letters state nothing.
    pub narrative: String,
    /// When it happened: an ISO date where it is known, else words such as "sejak awal Maret".
    pub event_date: String,
    /// The region code of the village or sub-district where it happened.
    pub region: String,
    /// Where exactly, in words.
    pub place: String,
    /// The institution that it is addressed to.
    pub institution: String,
    /// The reporter's name is hidden from the public and from the institution (*anonim*).
    pub anonymous: bool,
    /// The report itself is hidden from the public (*rahasia*).
    pub confidential: bool,
    /// Set where LAPOR does not take it.
    pub out_of_scope: Option<OutOfScope>,
    /// The reporter record.
    pub reporter: Option<ReporterHash>,
    /// Why there is no name.
    pub why_nameless: String,
    /// Why there is no contact.
    pub why_unreachable: String,
    /// What was done about it, if it was resolved at once.
    pub answer: String,
}

impl Particulars {
    /// Starts an empty sheet.
    pub fn new(channel: Channel, received_at: UnixMillis) -> Self {
        Self {
            channel,
            received_at,
            classification: None,
            category: String::new(),
            title: String::new(),
            narrative: String::new(),
            event_date: String::new(),
            region: String::new(),
            place: String::new(),
            institution: String::new(),
            anonymous: false,
            confidential: false,
            out_of_scope: None,
            reporter: None,
            why_nameless: String::new(),
            why_unreachable: String::new(),
            answer: String::new(),
        }
    }

    /// Gives the value of a field.
    pub fn get(&self, field: Field) -> Value {
        let text = |text: &str| Value::Text(text.to_owned());
        match field {
            Field::Channel => text(self.channel.code()),
            Field::ReceivedAt => Value::Instant(self.received_at),
            Field::Classification => text(self.classification.map_or("", Classification::code)),
            Field::Category => text(&self.category),
            Field::Title => text(&self.title),
            Field::Narrative => text(&self.narrative),
            Field::EventDate => text(&self.event_date),
            Field::Region => text(&self.region),
            Field::Place => text(&self.place),
            Field::Institution => text(&self.institution),
            Field::Anonymous => Value::Flag(self.anonymous),
            Field::Confidential => Value::Flag(self.confidential),
            Field::OutOfScope => text(self.out_of_scope.map_or("", OutOfScope::code)),
            Field::Reporter => self.reporter.map_or(Value::Text(String::new()), Value::Reporter),
            Field::WhyNameless => text(&self.why_nameless),
            Field::WhyUnreachable => text(&self.why_unreachable),
            Field::Answer => text(&self.answer),
        }
    }

    /// Sets a field from a value as a document holds it. A value of another kind, or a word of a newer program, is ignored.
    pub fn set(&mut self, field: Field, value: Value) {
        match (field, value) {
            (Field::Channel, Value::Text(code)) => self.channel = code.parse().unwrap_or(self.channel),
            (Field::ReceivedAt, Value::Instant(at)) => self.received_at = at,
            (Field::Classification, Value::Text(code)) => self.classification = code.parse().ok(),
            (Field::Category, Value::Text(text)) => self.category = text,
            (Field::Title, Value::Text(text)) => self.title = text,
            (Field::Narrative, Value::Text(text)) => self.narrative = text,
            (Field::EventDate, Value::Text(text)) => self.event_date = text,
            (Field::Region, Value::Text(text)) => self.region = text,
            (Field::Place, Value::Text(text)) => self.place = text,
            (Field::Institution, Value::Text(text)) => self.institution = text,
            (Field::Anonymous, Value::Flag(flag)) => self.anonymous = flag,
            (Field::Confidential, Value::Flag(flag)) => self.confidential = flag,
            (Field::OutOfScope, Value::Text(code)) => self.out_of_scope = code.parse().ok(),
            (Field::Reporter, Value::Reporter(hash)) => self.reporter = Some(hash),
            (Field::Reporter, Value::Text(_)) => self.reporter = None,
            (Field::WhyNameless, Value::Text(text)) => self.why_nameless = text,
            (Field::WhyUnreachable, Value::Text(text)) => self.why_unreachable = text,
            (Field::Answer, Value::Text(text)) => self.answer = text,
            _ => {}
        }
    }

    /// Lists the fields that differ.
    pub fn differences(&self, other: &Self) -> Vec<Field> {
        Field::ALL
            .into_iter()
            .filter(|&field| self.get(field) != other.get(field))
            .collect()
    }

    /// Lists the texts that are too long, each with its limit.
    pub fn too_long(&self) -> Vec<(Field, usize)> {
        let over = |field: Field| {
            let Value::Text(text) = self.get(field) else {
                return None;
            };
            let max = field.chars_max();
            (text.chars().count() > max).then_some((field, max))
        };
        Field::ALL.into_iter().filter_map(over).collect()
    }

    /// Gives the fingerprint of the substance: a verification holds for exactly this.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("titian 2026 substance of a complaint");
        for field in Field::ALL.into_iter().filter(|field| field.is_substance()) {
            let value = format!("{:?}", self.get(field));
            hasher
                .update(field.code().as_bytes())
                .update(&(value.len() as u64).to_le_bytes())
                .update(value.as_bytes());
        }
        // Eight bytes: it tells two texts of one complaint apart, it guards nothing.
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// The value of a field, as a document holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text or a word of a list; empty means "not told".
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A point in time.
    Instant(UnixMillis),
    /// Which reporter record.
    Reporter(ReporterHash),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
            Self::Instant(at) => write!(f, "{}", at.local(crate::time::Zone::default()).format("%Y-%m-%d %H:%M")),
            // Two records in conflict are told apart by the start of their hash; the names stay where they are masked.
            Self::Reporter(hash) => f.write_str(&hash.to_string()[..8]),
        }
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $id:literal, $en:literal;)+) => {
        /// The name of a field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Field {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
        }

        impl Field {
            /// Every field, in the order of the form.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// Gives the name that documents, forms and files use.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Gives the name that screens show.
            pub fn label(self, lang: Lang) -> &'static str {
                match self { $(Self::$variant => lang.pick($id, $en)),+ }
            }
        }
    };
}

fields! {
    /// [`Particulars::channel`]
    Channel = "channel", "Kanal", "Channel";
    /// [`Particulars::received_at`]
    ReceivedAt = "received_at", "Tanggal diterima", "Received";
    /// [`Particulars::classification`]
    Classification = "classification", "Klasifikasi", "Classification";
    /// [`Particulars::title`]
    Title = "title", "Judul", "Title";
    /// [`Particulars::narrative`]
    Narrative = "narrative", "Isi laporan", "Narrative";
    /// [`Particulars::event_date`]
    EventDate = "event_date", "Tanggal kejadian", "Date of the event";
    /// [`Particulars::region`]
    Region = "region", "Desa/kelurahan", "Village";
    /// [`Particulars::place`]
    Place = "place", "Tempat kejadian", "Place of the event";
    /// [`Particulars::institution`]
    Institution = "institution", "Instansi tujuan", "Institution addressed";
    /// [`Particulars::category`]
    Category = "category", "Kategori", "Category";
    /// [`Particulars::anonymous`]
    Anonymous = "anonymous", "Anonim", "Anonymous";
    /// [`Particulars::confidential`]
    Confidential = "confidential", "Rahasia", "Confidential";
    /// [`Particulars::out_of_scope`]
    OutOfScope = "out_of_scope", "Di luar lingkup LAPOR", "Outside LAPOR's scope";
    /// [`Particulars::reporter`]
    Reporter = "reporter", "Pelapor", "Reporter";
    /// [`Particulars::why_nameless`]
    WhyNameless = "why_nameless", "Alasan tanpa nama", "Why there is no name";
    /// [`Particulars::why_unreachable`]
    WhyUnreachable = "why_unreachable", "Alasan tanpa kontak", "Why there is no contact";
    /// [`Particulars::answer`]
    Answer = "answer", "Jawaban", "Answer";
}

impl Field {
    /// Tells whether a change of this field asks for re-verification.
    pub fn is_substance(self) -> bool {
        !matches!(self, Self::Channel | Self::ReceivedAt | Self::WhyUnreachable)
    }

    /// Gives the most characters that a text in this field may have.
    pub fn chars_max(self) -> usize {
        match self {
            Self::Title => TITLE_CHARS_MAX,
            Self::Narrative | Self::Answer => NARRATIVE_CHARS_MAX,
            _ => TEXT_CHARS_MAX,
        }
    }
}

impl FromStr for Field {
    type Err = crate::vocabulary::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|field| field.code() == text)
            .ok_or_else(|| Self::Err {
                list: "field",
                words: Self::ALL.map(Self::code).join(", "),
            })
    }
}

#[cfg(test)]
pub(crate) fn sample() -> Particulars {
    Particulars {
        classification: Some(Classification::Complaint),
        category: "Infrastruktur".into(),
        title: "Jembatan kayu lapuk".into(),
        narrative: "Papan jembatan di RT 4 lapuk dan dua anak sudah terperosok.".into(),
        event_date: "2026-03-09".into(),
        region: "63.01.03.2001".into(),
        place: "RT 4, dekat surau".into(),
        institution: "Dinas Pekerjaan Umum dan Penataan Ruang".into(),
        ..Particulars::new(Channel::Visit, UnixMillis(1_773_100_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_reads_back_as_it_was_set() {
        let mut full = sample();
        full.anonymous = true;
        full.confidential = true;
        full.out_of_scope = Some(OutOfScope::Crime);
        full.reporter = Some(ReporterHash([3; 32]));
        full.why_nameless = "takut".into();
        full.why_unreachable = "tidak ada".into();
        full.answer = "sudah diperbaiki".into();
        let mut copy = Particulars::new(Channel::Letter, UnixMillis(0));
        assert_eq!(
            full.differences(&copy),
            Field::ALL,
            "each field of the sample differs from the empty sheet"
        );
        for field in Field::ALL {
            copy.set(field, full.get(field));
        }
        assert_eq!(copy, full);
    }

    #[test]
    fn the_fingerprint_follows_the_substance_and_nothing_else() {
        let verified = sample();
        let changed = |field: Field| {
            let mut other = verified.clone();
            let value = match other.get(field) {
                Value::Text(_) if field == Field::Classification => Value::Text("aspiration".into()),
                Value::Text(_) if field == Field::OutOfScope => Value::Text("crime".into()),
                Value::Text(_) if field == Field::Channel => Value::Text("sms".into()),
                Value::Text(_) if field == Field::Reporter => Value::Reporter(ReporterHash([1; 32])),
                Value::Text(text) => Value::Text(text + "!"),
                Value::Flag(flag) => Value::Flag(!flag),
                Value::Instant(at) => Value::Instant(at.plus_millis(1)),
                Value::Reporter(_) => Value::Text(String::new()),
            };
            other.set(field, value);
            other.fingerprint() != verified.fingerprint()
        };
        for field in Field::ALL {
            assert_eq!(changed(field), field.is_substance(), "{}", field.code());
        }
    }

    #[test]
    fn a_title_longer_than_lapor_takes_is_named() {
        let mut long = sample();
        long.title = "a".repeat(256);
        assert_eq!(long.too_long(), [(Field::Title, 255)]);
    }
}
