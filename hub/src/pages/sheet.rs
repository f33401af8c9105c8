//! The transcription sheet as data: which fields LAPOR's form has, in which order, and where their values come from.

use chrono::NaiveDate;
use chrono::format::{Item, StrftimeItems};
use serde::Deserialize;
use titian_domain::complaint::Complaint;
use titian_domain::lang::Lang;
use titian_domain::region::Regions;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::Zone;
use titian_domain::vocabulary::Classification;

/// The sheet that is shipped.
const BUNDLED: &str = include_str!("../../data/transcription-sheet.toml");
/// Several times what any form asks; a file of another kind is refused early.
const FIELDS_MAX: usize = 60;

/// The fields of LAPOR's form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    date_format: String,
    #[serde(rename = "field")]
    fields: Vec<SheetField>,
}

/// One field of LAPOR's form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetField {
    /// Where the value comes from.
    pub from: Source,
    label: String,
    label_en: Option<String>,
    #[serde(default)]
    show: Show,
}

/// When a field is on the sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Show {
    /// Always: an empty one tells that there is nothing to type.
    #[default]
    Always,
    /// Only where there is something to copy.
    Filled,
}

/// Where a value comes from: the field of the complaint, or of its reporter, that has the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Classification,
    Title,
    Narrative,
    EventDate,
    /// The place in words and the village in full.
    Place,
    Institution,
    Category,
    Channel,
    ReceivedAt,
    Anonymous,
    Confidential,
    Answer,
    Register,
    ReporterName,
    ReporterNik,
    ReporterPhone,
    ReporterEmail,
    ReporterAddress,
}

/// Says what is wrong with a sheet file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// Not TOML, or not the TOML that is expected; the reason names the line.
    #[error("transcription sheet: {0}")]
    Syntax(String),
    /// Nothing to copy, or far too much.
    #[error("transcription sheet: between 1 and {FIELDS_MAX} fields are expected; check that this is the right file")]
    Count,
    /// A value stands there twice.
    #[error("transcription sheet: the value of “{label}” stands there twice; remove one of the two")]
    Twice {
        /// The label of the second one.
        label: String,
    },
    /// Not a way to write a date.
    #[error("transcription sheet: `date_format` must be made of %d, %m and %Y, such as %d-%m-%Y")]
    DateFormat,
}

/// One line of the sheet of one complaint. No `Debug`: it may hold an identity.
pub struct Line {
    /// Where the value comes from.
    pub from: Source,
    /// What LAPOR's form calls the field.
    pub label: String,
    /// What is to be typed; empty if nothing is, `None` while it is masked.
    pub value: Option<String>,
}

/// What the values of a sheet are read from.
pub struct Reading<'a> {
    /// The complaint.
    pub complaint: &'a Complaint,
    /// Who brings it, if the record is here.
    pub reporter: Option<&'a ReporterRecord>,
    /// Whether the reader asked to see the reporter.
    pub revealed: bool,
    /// The names of places.
    pub regions: &'a Regions,
    /// The zone of dates.
    pub zone: Zone,
}

impl Sheet {
    /// Gives the sheet that is shipped.
    pub fn bundled() -> Self {
        Self::parse(BUNDLED).expect("the bundled sheet is read by a test")
    }

    /// Reads a sheet that replaces the bundled one.
    pub fn parse(text: &str) -> Result<Self, SheetError> {
        let sheet: Self = toml::from_str(text).map_err(|error| SheetError::Syntax(error.to_string()))?;
        if !(1..=FIELDS_MAX).contains(&sheet.fields.len()) {
            return Err(SheetError::Count);
        }
        for (index, field) in sheet.fields.iter().enumerate() {
            if sheet.fields[..index].iter().any(|other| other.from == field.from) {
                return Err(SheetError::Twice {
                    label: field.label.clone(),
                });
            }
        }
        if !writes_dates(&sheet.date_format) {
            return Err(SheetError::DateFormat);
        }
        Ok(sheet)
    }

    /// Gives the lines of one complaint, in the form's order.
    ///
    /// A masked value counts as filled: whether there is one is not told before it is asked for.
    pub fn lines(&self, reading: &Reading<'_>, lang: Lang) -> Vec<Line> {
        let line = |field: &SheetField| {
            let masked = field.from.is_identity() && !reading.revealed;
            let value = (!masked).then(|| self.value(field.from, reading));
            let empty = value.as_deref().is_some_and(str::is_empty);
            let label = lang
                .pick(Some(&field.label), field.label_en.as_ref())
                .unwrap_or(&field.label);
            (field.show == Show::Always || !empty).then(|| Line {
                from: field.from,
                label: label.clone(),
                value,
            })
        };
        self.fields.iter().filter_map(line).collect()
    }

    /// LAPOR's form is in Indonesian whatever the reader's language, and so is what is typed into it.
    fn value(&self, from: Source, reading: &Reading<'_>) -> String {
        let particulars = &reading.complaint.particulars;
        let identity = |pick: fn(&ReporterRecord) -> &String| reading.reporter.map(pick).cloned().unwrap_or_default();
        let yes_or_no = |flag: bool| if flag { "Ya" } else { "Tidak" }.to_owned();
        match from {
            Source::Classification => particulars
                .classification
                .map_or("", |word: Classification| word.label(Lang::Id))
                .to_owned(),
            Source::Title => particulars.title.clone(),
            Source::Narrative => particulars.narrative.clone(),
            Source::EventDate => match particulars.event_date.parse::<NaiveDate>() {
                Ok(date) => date.format(&self.date_format).to_string(),
                Err(_) => particulars.event_date.clone(),
            },
            Source::Place => place(&particulars.place, &particulars.region, reading.regions),
            Source::Institution => particulars.institution.clone(),
            Source::Category => particulars.category.clone(),
            Source::Channel => particulars.channel.label(Lang::Id).to_owned(),
            Source::ReceivedAt => particulars
                .received_at
                .date(reading.zone)
                .format(&self.date_format)
                .to_string(),
            Source::Anonymous => yes_or_no(particulars.anonymous),
            Source::Confidential => yes_or_no(particulars.confidential),
            Source::Answer => particulars.answer.clone(),
            Source::Register => reading.complaint.register.to_string(),
            Source::ReporterName => identity(|record| &record.name),
            Source::ReporterNik => identity(|record| &record.nik),
            Source::ReporterPhone => identity(|record| &record.phone),
            Source::ReporterEmail => identity(|record| &record.email),
            Source::ReporterAddress => identity(|record| &record.address),
        }
    }
}

impl Source {
    /// Tells whether it tells who somebody is.
    pub fn is_identity(self) -> bool {
        matches!(
            self,
            Self::ReporterName | Self::ReporterNik | Self::ReporterPhone | Self::ReporterEmail | Self::ReporterAddress
        )
    }
}

/// Joins the place in words and the region in full, whichever of them is told.
pub fn place(words: &str, region: &str, regions: &Regions) -> String {
    let region = regions.full_name(region).unwrap_or_else(|| region.to_owned());
    [words, &region]
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Chrono panics on a format that it does not know only once a date is written: so each part is looked at before.
fn writes_dates(format: &str) -> bool {
    let known = |item: &Item<'_>| match item {
        Item::Literal(_) | Item::Space(_) => true,
        Item::Numeric(kind, _) => {
            use chrono::format::Numeric::{Day, Month, Year, YearMod100};
            matches!(kind, Day | Month | Year | YearMod100)
        }
        _ => false,
    };
    let mut items = StrftimeItems::new(format).peekable();
    items.peek().is_some() && items.all(|item| known(&item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_sheet_asks_for_what_the_form_asks() {
        let sheet = Sheet::bundled();
        let from: Vec<Source> = sheet.fields.iter().map(|field| field.from).collect();
        assert_eq!(from.first(), Some(&Source::Classification));
        for asked in [
            Source::Title,
            Source::Narrative,
            Source::Institution,
            Source::Channel,
            Source::Answer,
        ] {
            assert!(from.contains(&asked), "{asked:?}");
        }
    }

    #[test]
    fn a_bad_sheet_says_what_is_wrong_with_it() {
        let with = |fields: &str| Sheet::parse(&format!("date_format = \"%d-%m-%Y\"\n{fields}"));
        let title = "[[field]]\nfrom = \"title\"\nlabel = \"Judul\"\n";
        assert!(with(title).is_ok());
        assert_eq!(with(&title.repeat(2)), Err(SheetError::Twice { label: "Judul".into() }));
        assert_eq!(with("field = []"), Err(SheetError::Count));
        let unknown = with(&title.replace("title", "colour")).unwrap_err().to_string();
        assert!(unknown.contains("line 3") && unknown.contains("colour"), "{unknown}");
        for format in ["", "%", "%Q", "%H:%M", "%d %B"] {
            let text = format!("date_format = \"{format}\"\n{title}");
            assert_eq!(Sheet::parse(&text), Err(SheetError::DateFormat), "{format}");
        }
    }
}
