//! Reading a region table that replaces the bundled one.

use super::{HEADER, Level};
use crate::table;

/// Twice the country as of 2025; a file of another kind is refused early.
const REGIONS_MAX: usize = 200_000;

/// Says what is wrong with a region file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("region file, line {line}: {problem}")]
pub struct RegionFileError {
    /// The line in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: RegionFileProblem,
}

/// What is wrong with a line of a region file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionFileProblem {
    /// The first line is not the header.
    #[error("the first line must be `{HEADER}`; add it, or save the file with commas")]
    Header,
    /// Not a code and a name.
    #[error("a code and a name are expected; put a name with a comma into quotation marks")]
    Columns,
    /// Not a code.
    #[error("the code must look like 63, 63.01, 63.01.03 or 63.01.03.2001")]
    Code,
    /// No name, or one that does not fit on a line.
    #[error("the name is empty or goes over several lines; write it on one line")]
    Name,
    /// The code stands there twice.
    #[error("this code is in the file more than once; remove one of the lines")]
    Twice,
    /// The region that it lies in is not in the file.
    #[error("the region that this one lies in is missing; add its line, too")]
    Orphan,
    /// No region at all, or far too many.
    #[error("between 1 and {REGIONS_MAX} regions are expected; check that this is the right file")]
    Count,
}

/// Checks a table and gives its rows, sorted by code, one `code,name` per line.
pub(super) fn sorted_rows(text: &str) -> Result<String, RegionFileError> {
    let header: Vec<_> = HEADER.split(',').collect();
    let problem = RegionFileProblem::Header;
    let table = table::rows(text, &header).ok_or(RegionFileError { line: 1, problem })?;
    let mut rows: Vec<(String, String, u64)> = Vec::new();
    for (line, record) in table {
        let refuse = |problem| Err(RegionFileError { line, problem });
        let [Some(code), Some(name), None] = [0, 1, 2].map(|column| record.get(column)) else {
            return refuse(RegionFileProblem::Columns);
        };
        if Level::of(code).is_none() {
            return refuse(RegionFileProblem::Code);
        }
        if name.is_empty() || name.contains(char::is_control) {
            return refuse(RegionFileProblem::Name);
        }
        if rows.len() == REGIONS_MAX {
            return refuse(RegionFileProblem::Count);
        }
        rows.push((code.to_owned(), name.to_owned(), line));
    }
    if rows.is_empty() {
        let problem = RegionFileProblem::Count;
        return Err(RegionFileError { line: 1, problem });
    }
    rows.sort();
    check_tree(&rows)?;
    Ok(rows
        .iter()
        .flat_map(|(code, name, _)| [code.as_str(), ",", name.as_str(), "\n"])
        .collect())
}

/// Checks that sorted rows have each code once, and behind the region that it lies in.
fn check_tree(rows: &[(String, String, u64)]) -> Result<(), RegionFileError> {
    for pair in rows.windows(2) {
        if pair[0].0 == pair[1].0 {
            let line = pair[0].2.max(pair[1].2);
            let problem = RegionFileProblem::Twice;
            return Err(RegionFileError { line, problem });
        }
    }
    for (code, _, line) in rows {
        let Some((parent, _)) = code.rsplit_once('.') else {
            continue;
        };
        if rows
            .binary_search_by(|(other, _, _)| other.as_str().cmp(parent))
            .is_err()
        {
            let problem = RegionFileProblem::Orphan;
            return Err(RegionFileError { line: *line, problem });
        }
    }
    Ok(())
}
