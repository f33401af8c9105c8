//! One process: started, listened to, and ended at the latest when it is dropped.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::log::Log;
use crate::wait;

/// How long a program may take until it says that it is ready: with 100,000 complaints it searches 700 MB for damage first.
const READY_SECONDS_MAX: u64 = 300;

/// A running process. Its standard error goes to the log line by line, its standard output is kept.
pub struct Task {
    name: String,
    child: Child,
    with_children: bool,
    stdout: Receiver<String>,
    stdout_so_far: String,
    readers: Vec<JoinHandle<()>>,
    stderr: Receiver<String>,
}

/// What a process left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Outcome {
    /// Reads standard output as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("this output is not JSON: {}", self.stdout))
    }

    /// Gives itself back if the process ended with 0.
    ///
    /// # Errors
    /// When it did not; the error quotes what it wrote.
    pub fn success(self) -> Result<Self> {
        match self.code {
            Some(0) => Ok(self),
            code => bail!("exit code {code:?}; it wrote: {}{}", self.stdout, self.stderr),
        }
    }
}

impl Task {
    /// Starts a process that has children of its own, which end with it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_with_children(name: &str, command: &mut Command, log: &Log) -> Result<Self> {
        let mut task = Self::start(name, command.process_group(0), "", log)?;
        task.with_children = true;
        Ok(task)
    }

    /// Starts a process and gives it `input` to read.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &str, command: &mut Command, input: &str, log: &Log) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let (stdout, stdout_reader) = lines(child.stdout.take().context("standard output is piped")?, |_| {});
        let (log, program) = (log.clone(), name.to_owned());
        let to_log = move |line: &str| log.push(&program, line.to_owned());
        let (stderr, stderr_reader) = lines(child.stderr.take().context("standard error is piped")?, to_log);
        let mut stdin = child.stdin.take().context("standard input is piped")?;
        // A program that ends early does not read all of it; its exit code tells why.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let readers = vec![stdout_reader, stderr_reader];
        Ok(Self {
            name: name.to_owned(),
            child,
            with_children: false,
            stdout,
            stdout_so_far: String::new(),
            readers,
            stderr,
        })
    }

    /// Waits for a line of standard output that starts with `prefix`, and gives the rest of it.
    ///
    /// # Errors
    /// When the process ends first, or stays silent.
    pub fn line(&mut self, prefix: &str) -> Result<String> {
        loop {
            match self.stdout.recv_timeout(Duration::from_secs(READY_SECONDS_MAX)) {
                Ok(line) => {
                    self.stdout_so_far.push_str(&line);
                    if let Some(rest) = line.strip_prefix(prefix) {
                        return Ok(rest.trim().to_owned());
                    }
                }
                Err(RecvTimeoutError::Timeout) => bail!("{} does not say '{prefix}'", self.name),
                Err(RecvTimeoutError::Disconnected) => {
                    let stderr: String = self.stderr.iter().collect();
                    bail!("{} ended before it said '{prefix}': {stderr}", self.name)
                }
            }
        }
    }

    /// Gives the number that the system knows it by.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells whether it has ended by itself.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When there is none within the limit of [`wait::until`].
    pub fn wait(self) -> Result<Outcome> {
        self.wait_at_most(wait::MAX)
    }

    /// Waits for the end of a long work.
    ///
    /// # Errors
    /// When there is none within this time.
    pub fn wait_at_most(mut self, time: Duration) -> Result<Outcome> {
        let name = self.name.clone();
        let status = wait::until_within(time, &format!("{name} ends"), || Ok(self.child.try_wait()?))?;
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        let rest: String = self.stdout.try_iter().collect();
        let stdout = std::mem::take(&mut self.stdout_so_far) + &rest;
        Ok(Outcome {
            code: status.code(),
            stdout,
            stderr: self.stderr.try_iter().collect(),
        })
    }

    /// Asks it to end (SIGTERM), and waits until it did.
    ///
    /// # Errors
    /// When it does not.
    pub fn stop(self) -> Result<Outcome> {
        // It may have ended by itself: then the exit code tells.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        self.wait()
    }

    /// Halts it where it is (SIGSTOP): it says nothing more, and can only be killed.
    ///
    /// # Errors
    /// When it has ended.
    pub fn halt(&self) -> Result<()> {
        Ok(kill_process(Pid::from_child(&self.child), Signal::STOP)?)
    }

    /// Ends it as a power cut would (SIGKILL), and gives what it had written until then.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(mut self) -> Result<Outcome> {
        self.child.kill()?;
        self.wait()
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // All of them fail only for a process that is gone already.
        if self.with_children {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads lines, each with its line feed, in a thread of its own, so that no pipe ever fills up.
fn lines(from: impl Read + Send + 'static, also: impl Fn(&str) + Send + 'static) -> (Receiver<String>, JoinHandle<()>) {
    let (sender, receiver) = channel();
    let reader = std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while matches!(from.read_until(b'\n', &mut line), Ok(1..)) {
            let text = String::from_utf8_lossy(&line).into_owned();
            also(text.trim_end());
            // Nobody listens any more once the task was dropped; the pipe is emptied all the same.
            let _ = sender.send(text);
            line.clear();
        }
    });
    (receiver, reader)
}
