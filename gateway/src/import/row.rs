//! A row of a register as it would be recorded.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike as _};
use titian_domain::id::OfficeCode;
use titian_domain::particulars::{Field, Particulars};
use titian_domain::region::{Level, Regions};
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::{UnixMillis, Zone};
use titian_host::spreadsheet::dates;
use titian_host::spreadsheet::workbook::Cell;

use super::cells::Cells;
use super::column::{Column, fold};
use super::problem::{RowProblem, Trouble};
use super::table::{RawRow, whole_row};
use super::{key, reporter, words};

/// The longest number that any office stamps on paper.
const OLD_NUMBER_CHARS_MAX: usize = 100;

/// A row as it would be recorded. No `Debug`: it holds an identity.
pub struct ImportRow {
    /// The line of the file, or the row's number in Excel.
    pub line: u32,
    /// What the complaint says; its reporter is set by whoever stores the record.
    pub particulars: Particulars,
    /// Who brought it, without a salt.
    pub reporter: Option<ReporterRecord>,
    /// The number that the office gave it on paper; empty if there is none.
    pub old_number: String,
    /// The village in words, where the register has no code of it. It stands in the place too.
    pub village: String,
    /// What the complaint's id is made of, together with the time of receipt: the same row gives the same id on every
    /// PC. Nothing of the reporter is in it: from an id that everybody sees nobody shall confirm a guess.
    pub key: [u8; 10],
}

impl ImportRow {
    /// Sets the region by the village's name, if exactly one village of the office's area has it.
    pub fn settle_village(&mut self, regions: &Regions, office: &OfficeCode) {
        let wanted = village_name(&self.village);
        if wanted.is_empty() {
            return;
        }
        let mut same = regions
            .children(office.as_str())
            .filter(|region| fold(region.name) == wanted);
        if let (Some(region), None) = (same.next(), same.next()) {
            region.code.clone_into(&mut self.particulars.region);
        }
    }
}

/// Turns rows into complaints, remembering what it has seen.
pub struct Reader {
    zone: Zone,
    today: NaiveDate,
    /// Whole rows, by a hash that never leaves the memory.
    seen: BTreeMap<[u8; 32], u32>,
    /// How many rows say the same apart from their reporter.
    alike: BTreeMap<[u8; 32], u32>,
}

impl Reader {
    /// Starts with nothing seen. No complaint can have come in after `today`.
    pub fn new(zone: Zone, today: NaiveDate) -> Self {
        Self {
            zone,
            today,
            seen: BTreeMap::new(),
            alike: BTreeMap::new(),
        }
    }

    /// Reads a row, or says what must be mended first.
    pub fn read(&mut self, raw: &RawRow) -> Result<ImportRow, RowProblem> {
        let cells = Cells(raw);
        let particulars = self.particulars(&cells)?;
        let reporter = reporter::read(&cells)?;
        let old_number = cells.short(Column::OldNumber, OLD_NUMBER_CHARS_MAX)?;
        let mut row = ImportRow {
            line: raw.line,
            village: match region_code(&cells.line_of_text(Column::Village)) {
                Some(_) => String::new(),
                None => cells.line_of_text(Column::Village),
            },
            particulars,
            reporter,
            old_number,
            key: [0; 10],
        };
        let whole = key::of_all(&row);
        if let Some(&first_line) = self.seen.get(&whole) {
            return Err(whole_row(raw.line, Trouble::Same { first_line }));
        }
        self.seen.insert(whole, raw.line);
        let said = key::of_what_is_said(&row);
        // Two people who say the same on one day are two complaints.
        let alike = self.alike.entry(said).or_insert(0);
        row.key = key::make(&said, *alike);
        *alike += 1;
        Ok(row)
    }

    fn particulars(&self, cells: &Cells<'_>) -> Result<Particulars, RowProblem> {
        let received_at = self.received_at(cells)?;
        let channel = words::channel(&cells.needed(Column::Channel)?).map_err(|t| cells.problem(Column::Channel, t))?;
        let mut particulars = Particulars::new(channel, received_at);
        let classification = cells.line_of_text(Column::Classification);
        if !classification.is_empty() {
            let read = words::classification(&classification);
            particulars.classification = Some(read.map_err(|t| cells.problem(Column::Classification, t))?);
        }
        particulars.title = cells.line_of_text(Column::Title);
        particulars.narrative = cells.text(Column::Narrative);
        if particulars.title.is_empty() && particulars.narrative.is_empty() {
            return Err(whole_row(cells.0.line, Trouble::SaysNothing));
        }
        particulars.category = cells.line_of_text(Column::Category);
        particulars.event_date = self.event_date(cells)?;
        particulars.institution = cells.line_of_text(Column::Institution);
        particulars.answer = cells.text(Column::Answer);
        particulars.why_nameless = cells.line_of_text(Column::WhyNameless);
        particulars.why_unreachable = cells.line_of_text(Column::WhyUnreachable);
        let name = cells.line_of_text(Column::Name);
        if particulars.why_nameless.is_empty() && words::is_no_name(&name) {
            particulars.why_nameless = name;
        }
        let village = cells.line_of_text(Column::Village);
        particulars.place = cells.line_of_text(Column::Place);
        match region_code(&village) {
            Some(code) => particulars.region = code,
            None if village.is_empty() => {}
            None if particulars.place.is_empty() => particulars.place = village,
            None => particulars.place = format!("{}, {village}", particulars.place),
        }
        (particulars.anonymous, particulars.confidential) = cells.flags()?;
        match particulars.too_long().first() {
            Some(&(field, max)) => Err(cells.problem(column_of(field), Trouble::TooLong { max })),
            None => Ok(particulars),
        }
    }

    fn received_at(&self, cells: &Cells<'_>) -> Result<UnixMillis, RowProblem> {
        let bad = || cells.problem(Column::ReceivedAt, Trouble::BadDate);
        let blank = || cells.problem(Column::ReceivedAt, Trouble::Blank);
        let cell = cells.get(Column::ReceivedAt).ok_or_else(blank)?;
        let at = instant(cell).map_or_else(|| self.local_time(cells, cell), Ok)?;
        let date = at.date(self.zone);
        dates::plausible(date).ok_or_else(bad)?;
        if date > self.today {
            return Err(cells.problem(Column::ReceivedAt, Trouble::Future));
        }
        Ok(at)
    }

    /// Gives the instant of a local date, at midnight where the register has no time.
    fn local_time(&self, cells: &Cells<'_>, date: &Cell) -> Result<UnixMillis, RowProblem> {
        let bad_date = || cells.problem(Column::ReceivedAt, Trouble::BadDate);
        let bad_time = || cells.problem(Column::ReceivedTime, Trouble::BadTime);
        let (date, time) = date_of(date).ok_or_else(bad_date)?;
        let own_time = match cells.get(Column::ReceivedTime) {
            Some(cell) => Some(time_of(cell).ok_or_else(bad_time)?),
            None => time,
        };
        let seconds = own_time.unwrap_or(NaiveTime::MIN).num_seconds_from_midnight();
        Ok(UnixMillis::start_of_day(date, self.zone).plus_millis(i64::from(seconds) * 1_000))
    }

    /// Gives an ISO date where the cell says one, else its words.
    fn event_date(&self, cells: &Cells<'_>) -> Result<String, RowProblem> {
        match cells.get(Column::EventDate).and_then(date_of) {
            Some((date, _)) if date > self.today => Err(cells.problem(Column::EventDate, Trouble::Future)),
            Some((date, _)) => Ok(date.to_string()),
            None => Ok(cells.line_of_text(Column::EventDate)),
        }
    }
}

/// Reads what other programs write: a date and time with its offset.
fn instant(cell: &Cell) -> Option<UnixMillis> {
    let Cell::Text(text) = cell else { return None };
    let at = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    Some(UnixMillis(at.timestamp_millis()))
}

fn date_of(cell: &Cell) -> Option<(NaiveDate, Option<NaiveTime>)> {
    match cell {
        // A serial that a conversion to CSV left as it was.
        Cell::Text(text) => dates::date_and_time(text).or_else(|| dates::from_serial(text.trim().parse().ok()?)),
        Cell::Number(serial) => dates::from_serial(*serial),
        Cell::Moment(moment) => dates::plausible(moment.date()).map(|date| (date, Some(moment.time()))),
        Cell::Flag(_) => None,
    }
}

fn time_of(cell: &Cell) -> Option<NaiveTime> {
    match cell {
        Cell::Text(text) => dates::time(text.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ')),
        Cell::Moment(moment) => Some(moment.time()),
        // A time of day without a date is the fraction of a day.
        Cell::Number(day) => {
            let (_, time) = dates::from_serial(day.fract() + 40_000.0)?;
            Some(time.unwrap_or(NaiveTime::MIN))
        }
        Cell::Flag(_) => None,
    }
}

/// Gives the code of a village or a district, with its dots; `None` if the text is no code.
fn region_code(text: &str) -> Option<String> {
    let code = if text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit()) {
        format!("{}.{}.{}.{}", &text[..2], &text[2..4], &text[4..6], &text[6..])
    } else {
        text.to_owned()
    };
    matches!(Level::of(&code), Some(Level::Village | Level::District)).then_some(code)
}

/// Folds a village's name, without its kind in front.
fn village_name(text: &str) -> String {
    let name = fold(text);
    let kinds = ["desa ", "kelurahan ", "kel ", "ds "];
    let bare = kinds.into_iter().find_map(|kind| name.strip_prefix(kind));
    bare.map_or(name.clone(), str::to_owned)
}

fn column_of(field: Field) -> Column {
    match field {
        Field::Category => Column::Category,
        Field::Title => Column::Title,
        Field::EventDate => Column::EventDate,
        Field::Place => Column::Place,
        Field::Institution => Column::Institution,
        Field::WhyNameless => Column::WhyNameless,
        Field::WhyUnreachable => Column::WhyUnreachable,
        Field::Answer => Column::Answer,
        _ => Column::Narrative,
    }
}
