//! What was measured, and kept on this machine so that a part of it can be measured again.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::measure::Cost;
use super::rows::{Costs, Row, Secured};
use super::{setup, titian};

/// What was measured of each subject, in the order of the tables.
#[derive(Default, Deserialize, Serialize)]
pub struct Results {
    /// All subjects.
    pub subjects: Vec<Measured>,
    /// Titian's rows at 100,000 complaints.
    pub large: Option<Costs>,
    /// Whether Titian's programs were optimised; times and memory of a debug build say nothing.
    pub optimised: bool,
}

/// What was measured of one subject.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// How it was set up.
    pub settings: String,
    /// When and where it was last measured.
    pub when: String,
    /// Its rows without delay.
    pub near: Costs,
    /// Its rows over a far link.
    pub far: Costs,
    /// The cut test, by kilobytes.
    pub cuts: BTreeMap<u64, Cost>,
    /// What it costs over TLS.
    pub secured: Option<Secured>,
}

impl Results {
    /// Gives Titian's rows without delay.
    pub fn ours_near(&self) -> Option<&Costs> {
        self.named(titian::NAME).map(|ours| &ours.near)
    }

    /// Gives what Titian's cut test cost.
    pub fn ours_cut(&self, kilobytes: u64) -> Option<&Cost> {
        self.named(titian::NAME)?.cuts.get(&kilobytes)
    }

    /// Gives the first sync over the far link: Titian's, and that of one REST request.
    pub fn first_from_afar(&self) -> Option<(&Cost, &Cost)> {
        let of = |name| self.named(name)?.far.get(&Row::First);
        Some((of(titian::NAME)?, of(setup::REST)?))
    }

    /// Reads what earlier runs on this machine measured.
    pub fn read(file: &Path) -> Self {
        // What another version wrote is measured anew.
        let kept = std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        kept.unwrap_or_default()
    }

    /// Keeps what was measured, in a folder that is made where it is missing.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::write(file, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Gives the place of a subject's results; parts that are not measured again stay.
    pub fn of(&mut self, name: &str) -> &mut Measured {
        let place = |name: &str| setup::SUBJECTS.iter().position(|(_, known)| *known == name);
        let at = self.subjects.iter().position(|subject| subject.name == name);
        let at = at.unwrap_or_else(|| {
            let at = self
                .subjects
                .partition_point(|subject| place(&subject.name) < place(name));
            let name = name.to_owned();
            self.subjects.insert(
                at,
                Measured {
                    name,
                    ..Measured::default()
                },
            );
            at
        });
        &mut self.subjects[at]
    }

    /// Finds a subject.
    pub fn named(&self, name: &str) -> Option<&Measured> {
        self.subjects.iter().find(|subject| subject.name == name)
    }
}
