//! The tables that ship inside the program and that a file in the data folder replaces, without a new program.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use titian_domain::calendar::Calendar;
use titian_domain::category::Categories;
use titian_domain::deadline::Procedure;
use titian_domain::region::Regions;

use crate::casebook::project::Rules;

/// The file that replaces the bundled holidays.
pub const HOLIDAYS_FILE: &str = "holidays.csv";
/// The file that replaces the bundled region codes and names.
pub const REGIONS_FILE: &str = "regions.csv";
/// The file that replaces the bundled categories.
pub const CATEGORIES_FILE: &str = "categories.csv";
/// The file that replaces the procedure's limits, day count and zone.
pub const PROCEDURE_FILE: &str = "procedure.toml";

/// What the program knows of the world.
#[derive(Clone)]
pub struct Facts {
    /// How days are counted.
    pub rules: Arc<Rules>,
    /// Region codes and names.
    pub regions: Arc<Regions>,
    /// LAPOR's categories.
    pub categories: Arc<Categories>,
}

/// Says which file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What stands in it is wrong.
    #[error("{}: {reason}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Which line, and why.
        reason: String,
    },
}

impl FactsError {
    /// Says what to do next.
    pub fn next_step(&self) -> &'static str {
        "mend the file, or remove it to use the table that ships with the program"
    }
}

impl Facts {
    /// Takes each table from its file in the data folder, or from the program where there is none.
    ///
    /// # Errors
    /// When a file is there and cannot be used: a wrong holiday table must not be passed over in silence.
    pub fn load(folder: &Path) -> Result<Self, FactsError> {
        let mut fingerprint = blake3::Hasher::new_derive_key("titian 2026 rules of projection");
        let mut table = |name: &str| -> Result<Option<String>, FactsError> {
            let text = read(&folder.join(name))?;
            fingerprint
                .update(name.as_bytes())
                .update(text.as_deref().unwrap_or_default().as_bytes());
            Ok(text)
        };
        let wrong = |name: &str, reason: String| FactsError::Wrong {
            path: folder.join(name),
            reason,
        };
        let calendar = match table(HOLIDAYS_FILE)? {
            Some(text) => Calendar::parse(&text).map_err(|error| wrong(HOLIDAYS_FILE, error.to_string()))?,
            None => Calendar::bundled(),
        };
        let procedure = match table(PROCEDURE_FILE)? {
            Some(text) => toml::from_str(&text).map_err(|error| wrong(PROCEDURE_FILE, error.to_string()))?,
            None => Procedure::default(),
        };
        let regions = match read(&folder.join(REGIONS_FILE))? {
            Some(text) => Regions::parse(&text).map_err(|error| wrong(REGIONS_FILE, error.to_string()))?,
            None => Regions::bundled(),
        };
        let categories = match read(&folder.join(CATEGORIES_FILE))? {
            Some(text) => Categories::parse(&text).map_err(|error| wrong(CATEGORIES_FILE, error.to_string()))?,
            None => Categories::bundled(),
        };
        let rules = Rules {
            procedure,
            calendar,
            fingerprint: *fingerprint.finalize().as_bytes(),
        };
        Ok(Self {
            rules: Arc::new(rules),
            regions: Arc::new(regions),
            categories: Arc::new(categories),
        })
    }
}

fn read(path: &Path) -> Result<Option<String>, FactsError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FactsError::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use titian_domain::calendar::DayKind;

    use super::*;

    #[test]
    fn a_file_in_the_data_folder_replaces_a_table_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let bundled = Facts::load(folder.path()).unwrap();
        let day = chrono::NaiveDate::from_ymd_opt(2026, 6, 9).unwrap();
        assert!(matches!(bundled.rules.calendar.day(day), DayKind::Working));

        let table = "date,kind,name,decree\n2026-06-09,collective_leave,Cuti tambahan,Decree 1/2026\n";
        std::fs::write(folder.path().join(HOLIDAYS_FILE), table).unwrap();
        let replaced = Facts::load(folder.path()).unwrap();
        assert!(matches!(replaced.rules.calendar.day(day), DayKind::Holiday { .. }));
        assert_ne!(replaced.rules.fingerprint, bundled.rules.fingerprint);

        std::fs::write(
            folder.path().join(PROCEDURE_FILE),
            "steps = [{ step = \"verify\", days = 0 }]",
        )
        .unwrap();
        let refused = Facts::load(folder.path()).err().unwrap().to_string();
        assert!(
            refused.contains(PROCEDURE_FILE) && refused.contains("verify"),
            "{refused}"
        );
    }
}
