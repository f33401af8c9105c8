//! The others that keep to the benchmark's words: PouchDB, automerge-repo, samod, and JSON over REST.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use titian_demo::log::Log;
use titian_demo::task::Task;

use super::pair::{Pair, SEED, Subject};
use super::sheets;
use crate::badlink::{BadLink, Weather};

/// How long loading, editing or looking may take.
const SETUP_MAX: Duration = Duration::from_mins(5);

/// A program that knows `serve`, `load`, `edit`, `sync` and `state`, and has a side door as a server.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its name in the tables.
    pub name: &'static str,
    /// The program and what stands in front of every command.
    pub program: Vec<OsString>,
    /// Further words for every command.
    pub words: Vec<&'static str>,
    /// About how many bytes one complaint takes on its wire; none if its pieces are its own affair.
    pub complaint_bytes: Option<u64>,
    /// How it was set up.
    pub settings: String,
}

impl Subject for Peer {
    fn name(&self) -> &str {
        self.name
    }

    fn settings(&self) -> String {
        self.settings.clone()
    }

    fn at_once(&self, piece_bytes: u64) -> Option<u64> {
        self.complaint_bytes.map(|bytes| (piece_bytes / bytes).max(1))
    }

    fn pair(&self, complaints: u64) -> Result<Box<dyn Pair>> {
        let folder = tempfile::Builder::new().prefix("titian-peer-").tempdir()?;
        let log = Log::default();
        let rows = sheets::rows(folder.path(), complaints)?;
        let mut client = self.command("load", &folder.path().join("client"));
        run(client.arg(rows), &log)?;
        let mut server = self.command("serve", &folder.path().join("server"));
        let mut server = Task::start("server", &mut server, "", &log)?;
        let side_door = server.line("side door at tcp://")?;
        let url = server.line("listening on ")?;
        let (scheme, address) = url.split_once("://").context("an address with its scheme")?;
        let link = BadLink::to(address, Weather::FAIR, SEED)?;
        let through = link.address().replacen("http", scheme, 1);
        Ok(Box::new(Connected {
            peer: self.clone(),
            link,
            through,
            side_door,
            server,
            complaints,
            log,
            folder,
        }))
    }
}

impl Peer {
    fn command(&self, word: &str, data: &Path) -> Command {
        let mut command = Command::new(&self.program[0]);
        command
            .args(&self.program[1..])
            .arg(word)
            .arg("--data")
            .arg(data)
            .args(&self.words);
        command
    }
}

struct Connected {
    peer: Peer,
    link: BadLink,
    through: String,
    side_door: String,
    server: Task,
    complaints: u64,
    log: Log,
    folder: TempDir,
}

impl Connected {
    fn client(&self) -> PathBuf {
        self.folder.path().join("client")
    }

    /// Asks the server past the link.
    fn ask(&self, question: &str) -> Result<Value> {
        let mut door = TcpStream::connect(&self.side_door)?;
        writeln!(door, "{question}")?;
        let mut answer = String::new();
        BufReader::new(door).read_line(&mut answer)?;
        serde_json::from_str(&answer).with_context(|| format!("{} answers '{answer}'", self.peer.name))
    }
}

impl Pair for Connected {
    fn link(&self) -> &BadLink {
        &self.link
    }

    fn server(&self) -> Result<u32> {
        Ok(self.server.pid())
    }

    fn begin_sync(&self, at_once: Option<u64>) -> Result<Task> {
        let mut command = self.peer.command("sync", &self.client());
        command.args(["--server", &self.through]);
        if let Some(at_once) = at_once {
            command.args(["--batch", &at_once.to_string()]);
        }
        Task::start("client", &mut command, "", &self.log)
    }

    fn edit_at_client(&mut self) -> Result<()> {
        let mut command = self.peer.command("edit", &self.client());
        run(command.arg(sheets::edits(self.folder.path(), false)?), &self.log).map(|_| ())
    }

    fn edit_at_server(&mut self) -> Result<()> {
        let edits = sheets::edits(self.folder.path(), true)?;
        self.ask(&format!("edit {}", edits.display())).map(|_| ())
    }

    fn arrived(&self) -> Result<u64> {
        self.ask("count")?.as_u64().context("a number of complaints")
    }

    fn prove_same(&self) -> Result<()> {
        let ours: Value = serde_json::from_str(&run(&mut self.peer.command("state", &self.client()), &self.log)?)?;
        let theirs = self.ask("state")?;
        ensure!(
            ours == theirs && ours["documents"] == self.complaints,
            "the sides of {} differ: {ours} and {theirs}",
            self.peer.name
        );
        Ok(())
    }
}

/// Runs a command to its end and gives what it wrote.
pub(super) fn run(command: &mut Command, log: &Log) -> Result<String> {
    let task = Task::start("client", command, "", log)?;
    Ok(task.wait_at_most(SETUP_MAX)?.success()?.stdout)
}
