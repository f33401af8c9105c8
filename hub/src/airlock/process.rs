//! The hub's side of one child: started when needed, asked, and replaced when it dies.

use std::ffi::OsString;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use titian_domain::airlock::Verdict;
use titian_domain::id::OfficeCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::message::{self, LENGTH_BYTES};
use super::{AirlockError, Docket};

/// How long the hub waits for one answer. Where the child limits its own time, only a machine with no time to spare
/// reaches this, and nobody is condemned for that; elsewhere it is the limit.
pub(super) const WALL_MILLIS_MAX: u64 = 30_000;

/// The hidden command that makes this program the child.
pub const COMMAND: &str = "airlock";

/// Who judges.
pub(super) enum Examiner {
    /// A child process, if one runs.
    Process(Option<Box<Running>>),
    /// This process.
    #[cfg(test)]
    Here,
}

/// What came of a question.
pub(super) enum Answer {
    Verdicts(Vec<Verdict>),
    Died,
}

/// A child that runs.
pub(super) struct Running {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Examiner {
    pub fn process() -> Self {
        Self::Process(None)
    }

    /// Puts one docket before the child. A child that was asked and has not answered, for whatever reason, is ended and
    /// never asked again: its next answer would be to this question.
    pub async fn ask(&mut self, office: &OfficeCode, docket: &Docket) -> Result<Answer, AirlockError> {
        let running = match self {
            Self::Process(running) => running,
            #[cfg(test)]
            Self::Here => return Ok(Answer::Verdicts(judge_here(office, docket))),
        };
        let Some(question) = message::question(office, docket) else {
            return Ok(Answer::Died);
        };
        let mut asked = match running.take() {
            Some(running) => running,
            None => Box::new(Running::start().map_err(AirlockError::Start)?),
        };
        let answer = timeout(Duration::from_millis(WALL_MILLIS_MAX), asked.exchange(&question)).await;
        match answer {
            Ok(Ok(answer)) => {
                if let Ok(verdicts) = message::read_answer(&answer, docket.new.len()) {
                    *running = Some(asked);
                    return Ok(Answer::Verdicts(verdicts));
                }
                Ok(Answer::Died)
            }
            Ok(Err(error)) => {
                let status = asked.end().await;
                tracing::info!(%error, status, "the examining process ended and is started anew");
                Ok(Answer::Died)
            }
            Err(_) => {
                asked.end().await;
                if cfg!(unix) {
                    Err(AirlockError::Overloaded)
                } else {
                    Ok(Answer::Died)
                }
            }
        }
    }
}

impl Running {
    fn start() -> io::Result<Self> {
        let mut child = Command::new(this_program()?)
            .arg(COMMAND)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Self { child, input, output }),
            _ => Err(io::Error::other("a child without pipes")),
        }
    }

    async fn exchange(&mut self, question: &[u8]) -> io::Result<Vec<u8>> {
        self.input.write_all(question).await?;
        self.input.flush().await?;
        let mut front = [0; LENGTH_BYTES];
        self.output.read_exact(&mut front).await?;
        let length = message::length(front).ok_or(io::ErrorKind::InvalidData)?;
        let mut answer = vec![0; length];
        self.output.read_exact(&mut answer).await?;
        Ok(answer)
    }

    /// Ends it, and says how it ended.
    async fn end(&mut self) -> String {
        let _ = self.child.start_kill();
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}

/// On Linux the running file itself, also after an update has put another one in its place.
fn this_program() -> io::Result<OsString> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    Ok(std::env::current_exe()?.into_os_string())
}

#[cfg(test)]
fn judge_here(office: &OfficeCode, docket: &Docket) -> Vec<Verdict> {
    fn slices(changes: &[Vec<u8>]) -> Vec<&[u8]> {
        changes.iter().map(Vec::as_slice).collect()
    }
    titian_domain::airlock::judge(titian_domain::airlock::Case {
        office,
        complaint: docket.complaint,
        held: &slices(&docket.held),
        new: &slices(&docket.new),
    })
}
