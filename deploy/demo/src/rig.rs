//! A temporary folder with programs in it. All of it is gone when the rig is dropped.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use tempfile::TempDir;

use crate::binaries::Binaries;
use crate::gateway::Gateway;
use crate::hub::Hub;
use crate::log::Log;
use crate::program::Program;

/// The folder, the binaries, and what they logged. Make it first and drop it last: programs live inside it.
pub struct Rig {
    folder: TempDir,
    binaries: Binaries,
    /// What all its programs share.
    pub surroundings: Surroundings,
}

/// What all programs of a rig share. Clones share it too.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// What they wrote to standard error.
    pub log: Log,
    /// Ends the rig's work from another thread.
    pub stop: Stop,
    /// Variables that are set for each process.
    pub variables: Vec<(&'static str, String)>,
}

/// A word to all programs of a rig: once it is said, no further process starts. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Says it.
    pub fn say(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Tells whether it was said.
    pub fn is_said(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Rig {
    /// Makes the folder.
    ///
    /// # Errors
    /// When the system has no room for it.
    pub fn new(binaries: Binaries) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("titian-").tempdir()?;
        let surroundings = Surroundings::default();
        Ok(Self {
            folder,
            binaries,
            surroundings,
        })
    }

    /// Gives what all programs wrote to standard error.
    pub fn log(&self) -> &Log {
        &self.surroundings.log
    }

    /// Sets a variable for every process of the programs that are named from now on.
    #[must_use]
    pub fn with_variable(mut self, name: &'static str, value: &str) -> Self {
        self.surroundings.variables.push((name, value.to_owned()));
        self
    }

    /// Gives the folder, for files that a program is to read.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Names a hub; nothing of it exists yet.
    pub fn hub(&self) -> Hub {
        Hub {
            program: self.program("hub", &self.binaries.hub),
        }
    }

    /// Names a gateway; nothing of it exists yet.
    pub fn gateway(&self, name: &str) -> Gateway {
        Gateway {
            program: self.program(name, &self.binaries.gateway),
        }
    }

    /// Names a gateway for which some variables are set besides.
    pub fn gateway_with(&self, name: &str, variables: &[(&'static str, &str)]) -> Gateway {
        let mut surroundings = self.surroundings.clone();
        let besides = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        surroundings.variables.extend(besides);
        Gateway {
            program: Program::new(name, &self.binaries.gateway, self.folder().join(name), surroundings),
        }
    }

    fn program(&self, name: &str, binary: &Path) -> Program {
        Program::new(name, binary, self.folder().join(name), self.surroundings.clone())
    }
}
