//! The categories of a complaint: an editable list of names, because LAPOR's own changes and is not published.

use crate::table;

/// The list that is shipped.
const BUNDLED: &str = include_str!("../data/categories.csv");
/// Far above any category list; a file of another kind is refused early.
const CATEGORIES_MAX: usize = 1_000;
/// The header that tells a category file from any other table.
const HEADER: &str = "category";

/// The category names, in the order in which they are offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Categories {
    names: Vec<String>,
}

/// Says what is wrong with a category file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CategoryFileError {
    /// The first line is not the header.
    #[error("category file: the first line must be `{HEADER}`; add it and try again")]
    Header,
    /// A line is not one name.
    #[error("category file, line {line}: one name is expected; put a name with a comma into quotation marks")]
    Line {
        /// The line in the file, from 1.
        line: u64,
    },
    /// A name stands there twice.
    #[error("category file, line {line}: this category is listed already; remove one of the two")]
    Twice {
        /// The line in the file, from 1.
        line: u64,
    },
    /// Nothing to choose from, or far too much.
    #[error("category file: between 1 and {CATEGORIES_MAX} categories are expected, {found} or more were found")]
    Count {
        /// How many there were when reading stopped.
        found: usize,
    },
}

impl Categories {
    /// Gives the list that is shipped.
    pub fn bundled() -> Self {
        Self::parse(BUNDLED).expect("the bundled category list is read by a test")
    }

    /// Reads a replacement: the header `category`, then one name per line. Blank lines are skipped.
    pub fn parse(text: &str) -> Result<Self, CategoryFileError> {
        let mut names: Vec<String> = Vec::new();
        for (line, row) in table::rows(text, &[HEADER]).ok_or(CategoryFileError::Header)? {
            let (Some(name), 1) = (row.get(0), row.len()) else {
                return Err(CategoryFileError::Line { line });
            };
            if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(CategoryFileError::Twice { line });
            }
            names.push(name.to_owned());
            if names.len() > CATEGORIES_MAX {
                return Err(CategoryFileError::Count { found: names.len() });
            }
        }
        if names.is_empty() {
            return Err(CategoryFileError::Count { found: 0 });
        }
        Ok(Self { names })
    }

    /// Gives the names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Tells whether a name is in the list, letter by letter.
    pub fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_list_is_read_with_its_quoted_names() {
        let categories = Categories::bundled();
        assert_eq!(categories.names().len(), 44);
        assert!(categories.contains("Ketentraman, Ketertiban Umum, dan Perlindungan Masyarakat"));
        assert!(!categories.contains("category"));
    }

    #[test]
    fn a_replacement_is_taken_and_a_bad_one_names_its_line() {
        let own = Categories::parse("\u{feff}category\r\nJalan desa\r\n\r\nAir bersih\r\n").unwrap();
        assert_eq!(own.names(), ["Jalan desa", "Air bersih"]);
        let parse = |text| Categories::parse(text).unwrap_err();
        assert_eq!(parse("Jalan desa\n"), CategoryFileError::Header);
        assert_eq!(parse(""), CategoryFileError::Header);
        assert_eq!(
            parse("category\nJalan\nAir, minum\n"),
            CategoryFileError::Line { line: 3 }
        );
        assert_eq!(parse("category\nJalan\njalan\n"), CategoryFileError::Twice { line: 3 });
        assert_eq!(parse("category\n"), CategoryFileError::Count { found: 0 });
    }
}
