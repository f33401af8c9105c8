//! What every command of either program begins with: the data folder and its tables, the clock, and who runs.

use std::path::PathBuf;

use titian_domain::id::Incarnation;

use crate::at_rest::DataKey;
use crate::attachments::AttachmentFiles;
use crate::cli::Failure;
use crate::clock::Clock;
use crate::facts::Facts;
use crate::folder;

/// The machine as one run of a program finds it.
pub struct Machine {
    /// The data folder.
    pub folder: PathBuf,
    /// The tables that ship with the program or replace those.
    pub facts: Facts,
    /// The files of complaints.
    pub files: AttachmentFiles,
    /// The machine's clock.
    pub clock: Clock,
    /// This run of the program: fresh at every start, never reused.
    pub incarnation: Incarnation,
}

impl Machine {
    /// Opens a data folder, and makes it where it is missing.
    ///
    /// # Errors
    /// When the folder or the one of attachments in it cannot be made, or a table in it or the clock's variable cannot be used.
    pub fn open(folder: PathBuf) -> Result<Self, Failure> {
        Self::open_with(folder, None)
    }

    /// Does the same with a data folder that is enciphered with a key.
    ///
    /// # Errors
    /// As [`Machine::open`].
    pub fn open_with(folder: PathBuf, key: Option<&DataKey>) -> Result<Self, Failure> {
        let key = key.map(DataKey::files);
        let files = folder::make(&folder).and_then(|()| AttachmentFiles::open_with(&folder, key));
        let files = files.map_err(|error| {
            Failure::user(
                format!("cannot make the folder {}: {error}", folder.display()),
                "give another one with --data",
            )
        })?;
        let facts = Facts::load(&folder).map_err(|error| Failure::user(error.to_string(), error.next_step()))?;
        let clock =
            Clock::from_env().map_err(|error| Failure::user(error.to_string(), "correct or unset the variable"))?;
        let incarnation = Incarnation(clock.random());
        Ok(Self {
            folder,
            facts,
            files,
            clock,
            incarnation,
        })
    }
}

/// The machine's name, for lists that people read and to notice a data folder that was moved.
pub fn name() -> String {
    let variables = ["COMPUTERNAME", "HOSTNAME"];
    let named = variables.iter().find_map(|variable| std::env::var(variable).ok());
    named
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map_or_else(|| "?".into(), |name| name.trim().into())
}
