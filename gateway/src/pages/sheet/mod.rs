//! The sheet of a complaint as a form: shown, read, and shown again with everything that was typed.

mod read;
mod view;

use titian_domain::id::ComplaintId;
use titian_domain::particulars::{Field, Particulars};
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Channel;
use titian_host::facts::Facts;

pub use self::read::{Before, KEEP_REPORTER, OPEN_REPORTER, Problems, SheetReader};
pub use self::view::{Choice, SheetPage, type_reporter, typed};
use super::typed::Typed;
use super::words::Words;

/// The button that looks for a region and saves nothing.
pub const FIND_REGION: &str = "find_region";

/// What a sheet is shown and read with.
pub struct Sheets<'a> {
    /// Words in the reader's language.
    pub words: &'a Words,
    /// Regions and categories.
    pub facts: &'a Facts,
    /// The office's code; empty where it is not known.
    pub office: String,
}

impl Sheets<'_> {
    /// Gives a page with everything that can be chosen; the caller says what it is for.
    pub fn page(&self, typed: Typed, problems: Problems) -> SheetPage {
        let words = self.words;
        let chosen = typed.text(Field::Region.code());
        let wanted = typed.text(read::REGION_SEARCH);
        let found = if wanted.is_empty() {
            Vec::new()
        } else {
            self.reader().find_regions(&wanted)
        };
        SheetPage {
            register: None,
            action: String::new(),
            back: "/".to_owned(),
            heads: None,
            id: None,
            failure: None,
            hints: Vec::new(),
            masked_reporter: None,
            drafts: None,
            notice: None,
            channels: view::channels(words.lang),
            classifications: view::classifications(words),
            categories: view::categories(words, &self.facts.categories, typed.raw(Field::Category.code())),
            kinds: view::kinds(words),
            regions: view::region_groups(words, &self.facts.regions, &self.office, &found, &chosen),
            words: words.clone(),
            typed,
            problems,
        }
    }

    /// Gives a blank sheet for a complaint that comes now.
    pub fn blank(&self, id: ComplaintId, now: UnixMillis) -> SheetPage {
        let typed = view::typed(&Particulars::new(Channel::Visit, now), self.words.zone);
        SheetPage {
            id: Some(id.to_string()),
            ..self.page(typed, Problems::default())
        }
    }

    /// Gives what reads a filled-in sheet.
    pub fn reader(&self) -> SheetReader<'_> {
        let regency = self.office.get(..view::REGENCY_CODE_LEN).unwrap_or_default().to_owned();
        SheetReader {
            words: self.words,
            zone: self.words.zone,
            regions: &self.facts.regions,
            regency,
        }
    }

    /// Looks for the region that was typed. One that is found alone is chosen; else the page offers what was found.
    pub fn find_region(&self, typed: &mut Typed) -> Problems {
        let mut problems = Problems::default();
        let region = self.reader().region(typed, &mut problems);
        if problems.is_empty() {
            typed.set(Field::Region.code(), region);
            typed.set(read::REGION_SEARCH, "");
        }
        problems
    }
}
