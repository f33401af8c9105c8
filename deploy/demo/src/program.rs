//! One of the two programs with its data folder: its commands, and its long-running form.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::port::Port;
use crate::rig::Surroundings;
use crate::task::{Outcome, Task};

/// What a program prints when it takes requests.
const READY: &str = "listening on ";
/// Shifts the clock of a process by what a file says (see `titian_host::clock`).
const OFFSET_VARIABLE: &str = "TITIAN_CLOCK_OFFSET_MILLIS";

/// A program with its data folder, and its server while that runs.
pub struct Program {
    name: String,
    binary: PathBuf,
    data: PathBuf,
    clock: PathBuf,
    surroundings: Surroundings,
    server: Option<Task>,
    /// Where it listens, once it did.
    port: Option<Port>,
    address: Option<String>,
}

impl Program {
    /// Names a program that keeps its data in a folder, which need not exist yet.
    pub fn new(name: &str, binary: &Path, data: PathBuf, surroundings: Surroundings) -> Self {
        let (name, binary) = (name.to_owned(), binary.to_owned());
        Self {
            name,
            binary,
            clock: data.with_extension("clock"),
            data,
            surroundings,
            server: None,
            port: None,
            address: None,
        }
    }

    /// Gives its name in this rig.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the folder of its data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Sets how wrong its clock is, for every process of it that starts from now on, and for those that run already if
    /// it was ever set before they started: theirs jumps.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn shift_clock(&self, millis: i64) -> Result<()> {
        Ok(std::fs::write(&self.clock, millis.to_string())?)
    }

    /// Starts a command and does not wait for it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn begin(&self, args: &[&str], input: &str) -> Result<Task> {
        ensure!(!self.surroundings.stop.is_said(), "stopped on request");
        let mut command = Command::new(&self.binary);
        let inherited = std::env::vars_os().map(|(name, _)| name);
        // Settings of whoever starts the demonstration must not leak into it.
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("TITIAN_")) {
            command.env_remove(name);
        }
        command.envs(self.surroundings.variables.iter().map(|(name, value)| (name, value)));
        if self.clock.exists() {
            command.env(OFFSET_VARIABLE, format!("@{}", self.clock.display()));
        }
        command.arg("--data").arg(&self.data).args(args);
        Task::start(&self.name, &mut command, input, &self.surroundings.log)
    }

    /// Runs a command to its end, whatever that is.
    ///
    /// # Errors
    /// When it cannot be started or does not end.
    pub fn run_with(&self, args: &[&str], input: &str) -> Result<Outcome> {
        self.begin(args, input)?.wait().with_context(|| self.words(args))
    }

    /// Runs a command that reads nothing to its end, whatever that is.
    ///
    /// # Errors
    /// When it cannot be started or does not end.
    pub fn run(&self, args: &[&str]) -> Result<Outcome> {
        self.run_with(args, "")
    }

    /// Runs a command that must succeed, and reads the JSON that it prints.
    ///
    /// # Errors
    /// When it fails, or prints something else.
    pub fn json_with(&self, args: &[&str], input: &str) -> Result<Value> {
        let args = [&["--output", "json"], args].concat();
        let outcome = self
            .run_with(&args, input)?
            .success()
            .with_context(|| self.words(&args))?;
        outcome.json().with_context(|| self.words(&args))
    }

    /// Runs a command that must succeed and reads nothing, and reads the JSON that it prints.
    ///
    /// # Errors
    /// When it fails, or prints something else.
    pub fn json(&self, args: &[&str]) -> Result<Value> {
        self.json_with(args, "")
    }

    /// Starts its server and waits until it takes requests. It listens where it listened the last time, if ever.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn serve(&mut self, args: &[&str]) -> Result<()> {
        let port = match self.port.take() {
            Some(port) => port,
            None => Port::take()?,
        };
        let listen = self.port.insert(port).address().to_string();
        let mut server = self.begin(&[args, &["--listen", &listen]].concat(), "")?;
        self.address = Some(server.line(READY)?);
        self.server = Some(server);
        Ok(())
    }

    /// Gives the address of its pages, e.g. `http://127.0.0.1:40123`. It stays the same over restarts.
    ///
    /// # Errors
    /// When its server never ran.
    pub fn address(&self) -> Result<&str> {
        self.address
            .as_deref()
            .with_context(|| format!("{} never ran", self.name))
    }

    /// Tells whether the server ended without being asked.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn has_ended(&mut self) -> Result<bool> {
        self.server.as_mut().map_or(Ok(false), Task::has_ended)
    }

    /// Gives the number that the system knows the server by, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Task::pid)
    }

    /// Asks the server to end, and gives its exit code. 0 if it does not run.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&mut self) -> Result<Option<i32>> {
        self.server.take().map_or(Ok(Some(0)), |server| Ok(server.stop()?.code))
    }

    /// Halts the server where it is: it says nothing more, and can only be killed.
    ///
    /// # Errors
    /// When it has ended.
    pub fn halt(&self) -> Result<()> {
        self.server.as_ref().map_or(Ok(()), Task::halt)
    }

    /// Ends the server as a power cut would.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), |server| server.kill().map(|_| ()))
    }

    fn words(&self, args: &[&str]) -> String {
        format!("{} {}", self.name, args.join(" "))
    }
}
