//! Reads the sheet that somebody filled in: what it says, or what is wrong with each field.

use chrono::{NaiveDate, NaiveDateTime};
use titian_domain::identity::{Nik, Phone};
use titian_domain::particulars::{Field, Particulars};
use titian_domain::region::Regions;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::{UnixMillis, Zone};
use titian_domain::vocabulary::Channel;

use crate::desk::Sheet;
use crate::pages::typed::{Typed, plain};
use crate::pages::words::Words;

/// How browsers write the value of a field for date and time.
pub const MOMENT_FORM: &str = "%Y-%m-%dT%H:%M";
/// The button that opens the masked reporter for changing.
pub const OPEN_REPORTER: &str = "open_reporter";
/// Says that the reporter stays as it is, because the form does not show it.
pub const KEEP_REPORTER: &str = "keep_reporter";
/// Where a region outside the list is looked for.
pub const REGION_SEARCH: &str = "region_search";
/// The exact instant behind the minute that the form shows.
pub const RECEIVED_EXACT: &str = "received_exact";
/// A name or an address on the net; together with the address below the limit of a reporter record.
const REPORTER_LINE_CHARS_MAX: usize = 200;
/// A postal address of several lines; even all in four-byte letters the record stays below its limit.
const REPORTER_ADDRESS_CHARS_MAX: usize = 400;

/// The fields of the reporter, in the order of the form.
pub const REPORTER_FIELDS: [&str; 5] = [
    "reporter_name",
    "reporter_nik",
    "reporter_phone",
    "reporter_email",
    "reporter_address",
];

/// Every field that may be wrong, in the order of the form: the summary leads through it from top to bottom.
const FORM_ORDER: [&str; 18] = [
    "channel",
    "received_at",
    "reporter_name",
    "reporter_nik",
    "reporter_phone",
    "reporter_email",
    "reporter_address",
    "why_nameless",
    "why_unreachable",
    "title",
    "narrative",
    "event_date",
    "place",
    "region",
    REGION_SEARCH,
    "institution",
    "category",
    "answer",
];

/// What is wrong with fields, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<(&'static str, String)>);

impl Problems {
    /// Notes what is wrong with a field.
    pub fn add(&mut self, field: &'static str, words: impl Into<String>) {
        self.0.push((field, words.into()));
        self.0
            .sort_by_key(|(name, _)| FORM_ORDER.iter().position(|other| other == name));
    }

    /// Says what is wrong with a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, words)| words.as_str())
    }

    /// Lists all of them.
    pub fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// Tells whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What reading needs to know.
pub struct SheetReader<'a> {
    /// Words in the reader's language.
    pub words: &'a Words,
    /// The zone of the dates on the form.
    pub zone: Zone,
    /// The regions that a code must be one of.
    pub regions: &'a Regions,
    /// The area in which a region's name is looked for first: the office's regency; empty for the whole country.
    pub regency: String,
}

/// What stood on record when the form was shown.
pub struct Before<'a> {
    /// What the complaint says.
    pub particulars: &'a Particulars,
    /// Who brings it.
    pub reporter: Option<&'a ReporterRecord>,
}

impl SheetReader<'_> {
    /// Reads a filled-in sheet. Nothing has to be told; what is told must be possible.
    pub fn read(&self, typed: &Typed, before: Option<&Before<'_>>) -> Result<Sheet, Problems> {
        let mut problems = Problems::default();
        let particulars = self.particulars(typed, before, &mut problems);
        let reporter = self.reporter(typed, before, &mut problems);
        if problems.is_empty() {
            Ok(Sheet { particulars, reporter })
        } else {
            Err(problems)
        }
    }

    fn particulars(&self, typed: &Typed, before: Option<&Before<'_>>, problems: &mut Problems) -> Particulars {
        let text = |field: Field| untouched(typed.text(field.code()), field, before);
        let channel = typed.text(Field::Channel.code()).parse().unwrap_or_else(|_| {
            problems.add(Field::Channel.code(), self.words.say("error-channel"));
            Channel::Visit
        });
        let received_at = self.received(typed, problems);
        let mut sheet = Particulars::new(channel, received_at);
        sheet.classification = typed.text(Field::Classification.code()).parse().ok();
        sheet.title = text(Field::Title);
        sheet.narrative = text(Field::Narrative);
        sheet.event_date = self.event_date(text(Field::EventDate), problems);
        sheet.region = self.region(typed, problems);
        sheet.place = text(Field::Place);
        sheet.institution = text(Field::Institution);
        sheet.category = text(Field::Category);
        sheet.anonymous = typed.has(Field::Anonymous.code());
        sheet.confidential = typed.has(Field::Confidential.code());
        sheet.out_of_scope = typed.text(Field::OutOfScope.code()).parse().ok();
        sheet.why_nameless = text(Field::WhyNameless);
        sheet.why_unreachable = text(Field::WhyUnreachable);
        sheet.answer = text(Field::Answer);
        for (field, max) in sheet.too_long() {
            problems.add(field.code(), self.too_long(field.label(self.words.lang), max));
        }
        sheet
    }

    fn too_long(&self, label: &str, max: usize) -> String {
        self.words
            .say_with("error-too-long", &[("field", label.into()), ("max", max.into())])
    }

    fn received(&self, typed: &Typed, problems: &mut Problems) -> UnixMillis {
        let text = typed.text(Field::ReceivedAt.code());
        // The form shows minutes; a minute that nobody touched must not cut off the seconds behind it.
        let exact = typed.text(RECEIVED_EXACT).parse().ok().map(UnixMillis);
        if let Some(exact) = exact.filter(|at| moment(*at, self.zone) == text) {
            return exact;
        }
        let forms = [
            MOMENT_FORM,
            "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%d %H:%M",
            "%d/%m/%Y %H:%M",
            "%d-%m-%Y %H:%M",
            "%d/%m/%Y %H.%M",
        ];
        let read = forms
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
        let local = read.and_then(|local| local.and_local_timezone(self.zone.offset()).single());
        if let Some(local) = local.filter(|local| local.timestamp_millis() >= 0) {
            return UnixMillis(local.timestamp_millis());
        }
        problems.add(Field::ReceivedAt.code(), self.words.say("error-received"));
        UnixMillis(0)
    }

    /// Takes a date as offices write it and keeps it as ISO; other words stay as they are.
    fn event_date(&self, text: String, problems: &mut Problems) -> String {
        let mut parts = text.split(['/', '-', '.']);
        let numbers =
            [parts.next(), parts.next(), parts.next()].map(|part| part.and_then(|p| p.trim().parse::<u32>().ok()));
        let ([Some(first), Some(month), Some(last)], None) = (numbers, parts.next()) else {
            return text;
        };
        let (year, day) = if first > 31 { (first, last) } else { (last, first) };
        let year = if year < 100 { year + 2000 } else { year };
        let date = i32::try_from(year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
        if let Some(date) = date {
            return date.to_string();
        }
        problems.add(Field::EventDate.code(), self.words.say("error-event-date"));
        text
    }

    /// Takes the region that was looked for by name or code, else the one chosen from the list.
    pub fn region(&self, typed: &Typed, problems: &mut Problems) -> String {
        let (chosen, wanted) = (typed.text(Field::Region.code()), typed.text(REGION_SEARCH));
        if wanted.is_empty() {
            if chosen.is_empty() || self.regions.name(&chosen).is_some() {
                return chosen;
            }
            problems.add(Field::Region.code(), self.words.say("error-region"));
            return String::new();
        }
        let found = self.find_regions(&wanted);
        if let Some(hit) = found.iter().find(|code| **code == chosen || **code == wanted) {
            return hit.clone();
        }
        match &found[..] {
            [only] => only.clone(),
            [] => {
                problems.add(REGION_SEARCH, self.words.say("error-region-unknown"));
                String::new()
            }
            several => {
                let words = self.words.say1("error-region-several", "count", several.len());
                problems.add(Field::Region.code(), words);
                String::new()
            }
        }
    }

    /// Finds regions by name or code: in the office's regency, and only where that has none in the whole country.
    pub fn find_regions(&self, wanted: &str) -> Vec<String> {
        let search = |within: &str| -> Vec<String> {
            self.regions
                .search(wanted, within)
                .iter()
                .map(|region| region.code.to_owned())
                .collect()
        };
        if self.regions.name(wanted).is_some() {
            return vec![wanted.to_owned()];
        }
        let near = if self.regency.is_empty() {
            Vec::new()
        } else {
            search(&self.regency)
        };
        if near.is_empty() { search("") } else { near }
    }

    fn reporter(&self, typed: &Typed, before: Option<&Before<'_>>, problems: &mut Problems) -> ReporterRecord {
        if let (true, Some(before)) = (typed.has(KEEP_REPORTER), before) {
            return before.reporter.cloned().unwrap_or_default();
        }
        let lang = self.words.lang;
        let [name, nik, phone, email, address] = REPORTER_FIELDS.map(|field| plain(typed.raw(field)));
        for (field, text, max) in [
            (REPORTER_FIELDS[0], &name, REPORTER_LINE_CHARS_MAX),
            (REPORTER_FIELDS[3], &email, REPORTER_LINE_CHARS_MAX),
            (REPORTER_FIELDS[4], &address, REPORTER_ADDRESS_CHARS_MAX),
        ] {
            if text.chars().count() > max {
                problems.add(field, self.too_long(&self.words.say(&field.replace('_', "-")), max));
            }
        }
        let mut record = ReporterRecord {
            name,
            address,
            ..ReporterRecord::default()
        };
        if !nik.is_empty() {
            match Nik::parse(&nik) {
                Ok(nik) => nik.as_str().clone_into(&mut record.nik),
                Err(error) => problems.add(REPORTER_FIELDS[1], error.words(lang)),
            }
        }
        if !phone.is_empty() {
            match Phone::parse(&phone) {
                Ok(phone) => phone.as_str().clone_into(&mut record.phone),
                Err(error) => problems.add(REPORTER_FIELDS[2], error.words(lang)),
            }
        }
        if !email.is_empty() && !looks_like_email(&email) {
            problems.add(REPORTER_FIELDS[3], self.words.say("error-email"));
        }
        record.email = email;
        record
    }
}

/// Writes an instant as the field for date and time holds it.
pub fn moment(at: UnixMillis, zone: Zone) -> String {
    at.local(zone).format(MOMENT_FORM).to_string()
}

/// Gives the text that stood there where only its blanks and line ends differ: a browser's habits are no edit, and must
/// not ask for a new verification.
fn untouched(typed: String, field: Field, before: Option<&Before<'_>>) -> String {
    use titian_domain::particulars::Value;
    match before.map(|before| before.particulars.get(field)) {
        Some(Value::Text(known)) if plain(&known) == typed => known,
        _ => typed,
    }
}

/// One @ between two parts, the second with a dot, no blanks: what a typing mistake breaks most often.
fn looks_like_email(text: &str) -> bool {
    let Some((user, host)) = text.split_once('@') else {
        return false;
    };
    let host_ok = host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@');
    !user.is_empty() && host_ok && !text.contains(char::is_whitespace)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
