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

use super::pair::{Channel, Pair, SEED, Subject};
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
    /// Whether it knows `--certificate`, and `stay`.
    pub speaks_tls: bool,
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

    fn speaks_tls(&self) -> bool {
        self.speaks_tls
    }

    fn pair(&self, complaints: u64, channel: Channel) -> Result<Box<dyn Pair>> {
        let folder = tempfile::Builder::new().prefix("titian-peer-").tempdir()?;
        let certificate = match channel {
            Channel::Plain => None,
            Channel::Tls => Some(certify(folder.path())?),
        };
        let log = Log::default();
        let rows = sheets::rows(folder.path(), complaints)?;
        let mut client = self.command("load", &folder.path().join("client"));
        run(client.arg(rows), &log)?;
        let mut server = self.command("serve", &folder.path().join("server"));
        server.args(certificate.iter().flat_map(|path| [Path::new("--certificate"), path]));
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
            certificate,
            side_door,
            server,
            stays: None,
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
    certificate: Option<PathBuf>,
    side_door: String,
    server: Task,
    /// The client that stays, and its side door.
    stays: Option<(Task, String)>,
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
        ask(&self.side_door, question).with_context(|| format!("the server of {}", self.peer.name))
    }

    fn client_command(&self, word: &str) -> Command {
        let mut command = self.peer.command(word, &self.client());
        command.args(["--server", &self.through]);
        command.args(
            self.certificate
                .iter()
                .flat_map(|path| [Path::new("--certificate"), path]),
        );
        command
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
        let mut command = self.client_command("sync");
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

    fn stay(&mut self) -> Result<()> {
        let mut task = Task::start("client", &mut self.client_command("stay"), "", &self.log)?;
        let side_door = task.line("side door at tcp://")?;
        self.stays = Some((task, side_door));
        Ok(())
    }

    fn again(&mut self) -> Result<()> {
        let (_, side_door) = self.stays.as_ref().context("the client stays")?;
        ask(side_door, "sync").map(|_| ())
    }
}

/// Asks a line at a side door.
fn ask(side_door: &str, question: &str) -> Result<Value> {
    let mut door = TcpStream::connect(side_door)?;
    writeln!(door, "{question}")?;
    let mut answer = String::new();
    BufReader::new(door).read_line(&mut answer)?;
    serde_json::from_str(&answer).with_context(|| format!("'{answer}' is no answer"))
}

/// Makes a certificate for this machine, as small as one is, with its key behind it in the same file.
fn certify(folder: &Path) -> Result<PathBuf> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let path = folder.join("certificate.pem");
    std::fs::write(&path, made.cert.pem() + &made.signing_key.serialize_pem())?;
    Ok(path)
}

/// Runs a command to its end and gives what it wrote.
pub(super) fn run(command: &mut Command, log: &Log) -> Result<String> {
    let task = Task::start("client", command, "", log)?;
    Ok(task.wait_at_most(SETUP_MAX)?.success()?.stdout)
}
