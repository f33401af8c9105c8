//! ZamSync, from its crate: an append-only log of events over its own protocol, without merging and without knowing who asks.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;
use titian_demo::log::Log;
use titian_demo::task::Task;

use super::pair::{Channel, EDITS, Pair, SEED, Subject};
use super::{peers, sheets};
use crate::badlink::{BadLink, Weather};

/// Its name in the tables.
pub const NAME: &str = "ZamSync";
/// The version that `cargo install` builds.
pub const VERSION: &str = "1.3.3";

/// ZamSync.
pub struct ZamSync {
    /// Its program.
    pub binary: PathBuf,
}

impl Subject for ZamSync {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> String {
        format!(
            "crate `zamsync` {VERSION}; a complaint or an edit is one event, `sync` against `serve`, without its mutual \
             TLS; in the cut test `--max-bytes` of half of what a connection survives"
        )
    }

    fn at_once(&self, piece_bytes: u64) -> Option<u64> {
        Some(piece_bytes)
    }

    fn pair(&self, complaints: u64, channel: Channel) -> Result<Box<dyn Pair>> {
        ensure!(channel == Channel::Plain, "its TLS is not measured");
        let folder = tempfile::Builder::new().prefix("titian-peer-").tempdir()?;
        let log = Log::default();
        let (client, hub) = (folder.path().join("client"), folder.path().join("server"));
        for index in 0..complaints {
            self.submit(&client, &sheets::row(index)?.to_string(), &log)?;
        }
        let mut command = self.command("serve", &hub);
        let mut server = Task::start("server", command.arg("127.0.0.1:0"), "", &log)?;
        let said = server.line("node ")?;
        let address = said.split(' ').skip_while(|word| *word != "on").nth(1);
        let node = std::fs::read_to_string(hub.join(".node_id"))?.trim().to_owned();
        Ok(Box::new(Nodes {
            link: BadLink::to(address.context("ZamSync says where it listens")?, Weather::FAIR, SEED)?,
            zamsync: Self {
                binary: self.binary.clone(),
            },
            node,
            server,
            events: complaints,
            log,
            folder,
        }))
    }
}

impl ZamSync {
    fn command(&self, word: &str, data: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.env("NO_COLOR", "1").arg(word).arg(data);
        command
    }

    fn submit(&self, data: &Path, event: &str, log: &Log) -> Result<()> {
        peers::run(self.command("submit", data).arg(event), log).map(|_| ())
    }
}

struct Nodes {
    zamsync: ZamSync,
    link: BadLink,
    node: String,
    server: Task,
    events: u64,
    log: Log,
    folder: TempDir,
}

impl Nodes {
    fn count(&self, side: &str) -> Result<u64> {
        let mut command = self.zamsync.command("info", &self.folder.path().join(side));
        let said = peers::run(&mut command, &self.log)?;
        let line = said.lines().find_map(|line| line.trim().strip_prefix("events   :"));
        Ok(line.context("ZamSync counts its events")?.trim().parse()?)
    }
}

impl Pair for Nodes {
    fn link(&self) -> &BadLink {
        &self.link
    }

    fn server(&self) -> Result<u32> {
        Ok(self.server.pid())
    }

    fn begin_sync(&self, at_once: Option<u64>) -> Result<Task> {
        let mut command = self.zamsync.command("sync", &self.folder.path().join("client"));
        command.args([self.link.address().trim_start_matches("http://"), &self.node]);
        if let Some(bytes) = at_once {
            command.args(["--max-bytes", &bytes.to_string()]);
        }
        Task::start("client", &mut command, "", &self.log)
    }

    fn edit_at_client(&mut self) -> Result<()> {
        self.edit("client", false)
    }

    fn edit_at_server(&mut self) -> Result<()> {
        self.edit("server", true)
    }

    fn arrived(&self) -> Result<u64> {
        self.count("server")
    }

    fn prove_same(&self) -> Result<()> {
        let counts = (self.count("client")?, self.count("server")?);
        ensure!(
            counts == (self.events, self.events),
            "the sides of ZamSync differ: {counts:?} of {}",
            self.events
        );
        Ok(())
    }

    fn stay(&mut self) -> Result<()> {
        bail!("a client of ZamSync does not stay");
    }

    fn again(&mut self) -> Result<()> {
        bail!("a client of ZamSync does not stay");
    }
}

impl Nodes {
    fn edit(&mut self, side: &str, at_server: bool) -> Result<()> {
        for index in 0..EDITS {
            let event = sheets::edit(index, at_server).to_string();
            self.zamsync.submit(&self.folder.path().join(side), &event, &self.log)?;
        }
        self.events += EDITS;
        Ok(())
    }
}
