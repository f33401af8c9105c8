//! A temporary folder with programs in it. All of it is gone when the rig is dropped.

use std::path::Path;

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
    /// What all programs of this rig wrote to standard error.
    pub log: Log,
}

impl Rig {
    /// Makes the folder.
    ///
    /// # Errors
    /// When the system has no room for it.
    pub fn new(binaries: Binaries) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("titian-").tempdir()?;
        Ok(Self {
            folder,
            binaries,
            log: Log::default(),
        })
    }

    /// Gives the folder, for files that a program is to read.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Names a hub; nothing of it exists yet.
    pub fn hub(&self) -> Hub {
        Hub {
            program: Program::new("hub", &self.binaries.hub, self.folder().join("hub"), self.log.clone()),
        }
    }

    /// Names a gateway; nothing of it exists yet.
    pub fn gateway(&self, name: &str) -> Gateway {
        Gateway {
            program: Program::new(name, &self.binaries.gateway, self.folder().join(name), self.log.clone()),
        }
    }
}
