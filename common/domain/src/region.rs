//! Names of Indonesia's regions by their codes: province, regency, district, village.
//!
//! The table is text sorted by code and stays text: a lookup is a binary search over line starts, so that opening
//! it costs nothing and nothing is copied, on a weak PC too. A code's subtree is one contiguous run of lines.

use std::borrow::Cow;

mod file;

pub use file::{RegionFileError, RegionFileProblem};

/// The table that is shipped: sorted, 91,599 rows.
const BUNDLED: &str = include_str!("../data/wilayah.csv");
/// The header of the table.
const HEADER: &str = "code,name";
/// More results than a person reads: a search that finds more should be narrowed.
pub const SEARCH_RESULTS_MAX: usize = 50;

/// All regions.
#[derive(Clone, Debug)]
pub struct Regions {
    /// Lines `code,name`, sorted by code, without the header.
    rows: Cow<'static, str>,
}

/// One region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region<'a> {
    /// Its code, e.g. `63.01.03`.
    pub code: &'a str,
    /// Its name, e.g. `Pelaihari`; a regency's begins with `Kabupaten` or `Kota`.
    pub name: &'a str,
}

/// What kind of region a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `63`
    Province,
    /// `63.01`
    Regency,
    /// `63.01.03`, the area of an office
    District,
    /// `63.01.03.2001`
    Village,
}

impl Level {
    /// Tells the level of a code by its form; `None` if it has no code's form.
    pub fn of(code: &str) -> Option<Self> {
        let mut parts = code.split('.');
        let widths = [2, 2, 2, 4];
        let mut depth = 0;
        for part in parts.by_ref() {
            if depth == widths.len() || part.len() != widths[depth] || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            depth += 1;
        }
        [Self::Province, Self::Regency, Self::District, Self::Village]
            .get(depth.checked_sub(1)?)
            .copied()
    }
}

impl Regions {
    /// Gives the table that is shipped. Costs nothing: no row is read.
    pub fn bundled() -> Self {
        let rows = BUNDLED
            .strip_prefix(HEADER)
            .expect("the bundled table begins with its header");
        Self {
            rows: Cow::Borrowed(rows.trim_start()),
        }
    }

    /// Reads a replacement: the header `code,name`, then one region per line, in any order.
    pub fn parse(text: &str) -> Result<Self, RegionFileError> {
        file::sorted_rows(text).map(|rows| Self { rows: Cow::Owned(rows) })
    }

    /// Gives the name of a region, without its kind: `63.01.03` is `Pelaihari`.
    pub fn name(&self, code: &str) -> Option<&str> {
        let found = self.region_at(self.first_not(|other| other < code))?;
        (found.code == code).then_some(found.name)
    }

    /// Gives what lies directly in a region, by code: the districts of a regency, the villages of a district.
    /// The empty code gives the provinces.
    pub fn children<'a>(&'a self, code: &str) -> impl Iterator<Item = Region<'a>> + use<'a> {
        let (mut at, end) = self.subtree(code);
        if !code.is_empty() {
            at = self.line_after(at, end);
        }
        std::iter::from_fn(move || {
            let child = self.region_at(at).filter(|_| at < end)?;
            // The next sibling is behind everything that lies in this one.
            at = self.subtree(child.code).1;
            Some(child)
        })
    }

    /// Gives the name in full, from small to large up to the regency:
    /// `Desa Sungai Riam, Kecamatan Pelaihari, Kabupaten Tanah Laut`.
    pub fn full_name(&self, code: &str) -> Option<String> {
        let level = Level::of(code)?;
        let name = self.name(code)?;
        let regency = || self.name(code.get(..5)?);
        let district = || Some(format!("Kecamatan {}, {}", self.name(code.get(..8)?)?, regency()?));
        match level {
            Level::Province => Some(format!("Provinsi {name}")),
            Level::Regency => Some(name.to_owned()),
            Level::District => district(),
            Level::Village => {
                let kind = match code.as_bytes().get(9) {
                    Some(b'1') => "Kelurahan ",
                    Some(b'2') => "Desa ",
                    // A desa adat has its kind in its name.
                    _ => "",
                };
                Some(format!("{kind}{name}, {}", district()?))
            }
        }
    }

    /// Finds regions within one (the empty code: in the whole country) whose names hold every word of a text, or
    /// whose code is the text. Names that begin with the text come first, then those with a word that does; at most
    /// [`SEARCH_RESULTS_MAX`].
    pub fn search<'a>(&'a self, text: &str, within: &str) -> Vec<Region<'a>> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let Some(first) = words.first() else {
            return Vec::new();
        };
        let whole = words.join(" ");
        let (mut at, end) = self.subtree(within);
        // By how well they match; each is bounded, so that searching for "a" collects no thousands.
        let mut found: [Vec<Region<'a>>; 3] = Default::default();
        while let Some(region) = self.region_at(at).filter(|_| at < end) {
            at = self.line_after(at, end);
            let rank = if region.code == whole || starts_with(region.name, &whole) {
                0
            } else if !words.iter().all(|word| contains(region.name, word)) {
                continue;
            } else if region.name.split_whitespace().any(|part| starts_with(part, first)) {
                1
            } else {
                2
            };
            if found[rank].len() < SEARCH_RESULTS_MAX {
                found[rank].push(region);
            }
            if found[0].len() == SEARCH_RESULTS_MAX {
                break;
            }
        }
        let mut found = found.concat();
        found.truncate(SEARCH_RESULTS_MAX);
        found
    }

    /// Gives where the lines of a region and all that lies in it begin and end.
    fn subtree(&self, code: &str) -> (usize, usize) {
        if code.is_empty() {
            return (0, self.rows.len());
        }
        let start = self.first_not(|other| other < code);
        let end = self.first_not(|other| other < code || lies_in(other, code));
        (start, end)
    }

    /// Gives the start of the first line whose code does not satisfy `before`, which must hold for a prefix of lines.
    fn first_not(&self, before: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.rows.len());
        while low < high {
            let middle = self.line_start(low + (high - low) / 2);
            match self.region_at(middle) {
                Some(region) if before(region.code) => low = self.line_after(middle, high),
                _ => high = middle,
            }
        }
        low
    }

    fn line_start(&self, at: usize) -> usize {
        let bytes = &self.rows.as_bytes()[..at];
        bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1)
    }

    fn line_after(&self, at: usize, end: usize) -> usize {
        let bytes = self.rows.as_bytes().get(at..end).unwrap_or_default();
        bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(end, |newline| at + newline + 1)
    }

    fn region_at(&self, at: usize) -> Option<Region<'_>> {
        let line = self.rows.get(at..)?.lines().next()?;
        let (code, name) = line.split_once(',')?;
        let name = name.trim();
        let name = name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'))
            .unwrap_or(name);
        Some(Region { code, name })
    }
}

fn lies_in(code: &str, parent: &str) -> bool {
    code.strip_prefix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Compares without regard to case. ASCII suffices: no region's name has another letter with two cases.
fn starts_with(name: &str, text: &str) -> bool {
    name.as_bytes()
        .get(..text.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
}

fn contains(name: &str, word: &str) -> bool {
    name.as_bytes()
        .windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests;
