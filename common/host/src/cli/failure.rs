//! How a command ends: documented exit codes, and the two kinds of failure.

use std::fmt::Write as _;
use std::process::ExitCode;

use tokio::runtime::Builder;

use crate::cli::print;
use crate::config::ConfigError;
use crate::store::{OpenError, StoreError};

/// The exit codes of both programs. Scripts rely on them: a number never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All that was asked for is done.
    Ok = 0,
    /// Something broke inside; what was confirmed before stays.
    Failed = 1,
    /// The command, its arguments, its input or the configuration is wrong; nothing was changed.
    Usage = 2,
    /// Work is saved here, but not all of it is acknowledged by the hub yet.
    NotDelivered = 3,
    /// What was named does not exist.
    NotFound = 4,
    /// The state of what was named forbids it: an incomplete complaint, a Tracking ID already taken.
    Conflict = 5,
    /// The other side does not answer, or something in between.
    Unreachable = 6,
    /// An import took the good rows and reported the others.
    Partial = 7,
    /// The other side answered and refused: an unknown device, a used code.
    Refused = 8,
}

/// Why a command failed: either the person at the machine can mend it, or we can. Never both.
#[derive(Debug)]
pub enum Failure {
    /// The person can mend it.
    User {
        /// The exit code.
        exit: Exit,
        /// What happened.
        what: String,
        /// What to do next.
        next: String,
    },
    /// We can mend it.
    Internal(anyhow::Error),
}

impl Failure {
    /// Makes a failure that the person can mend, with [`Exit::Usage`].
    pub fn user(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::with_exit(Exit::Usage, what, next)
    }

    /// Makes a failure that the person can mend, with another exit code.
    pub fn with_exit(exit: Exit, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::User {
            exit,
            what: what.into(),
            next: next.into(),
        }
    }

    /// Gives the exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::User { exit, .. } => *exit,
            Self::Internal(_) => Exit::Failed,
        }
    }

    /// Says what happened, on one line.
    pub fn what(&self) -> String {
        match self {
            Self::User { what, .. } => what.clone(),
            Self::Internal(error) => error.to_string(),
        }
    }

    fn report(&self) -> String {
        match self {
            Self::User { what, next, .. } => format!("error: {what}\nnext: {next}\n"),
            Self::Internal(error) => {
                let mut report = format!("error: {error}\n");
                for cause in error.chain().skip(1) {
                    // Writing to a string cannot fail.
                    let _ = writeln!(report, "  because: {cause}");
                }
                report + "next: run it again with TITIAN_LOG=debug and report what it says\n"
            }
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error.next_step() {
            Some(next) => Self::with_exit(Exit::Failed, error.to_string(), next),
            None => Self::Internal(error.into()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error.next_step() {
            Some(next) => Self::with_exit(Exit::Failed, error.to_string(), next),
            None => Self::Internal(error.into()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::user(error.to_string(), error.next_step())
    }
}

/// Runs a command on a runtime with all that it may need, and turns its end into the process's exit code. For `main`.
pub fn run(runtime: &mut Builder, command: impl Future<Output = Result<Exit, Failure>>) -> ExitCode {
    finish(match runtime.enable_all().build() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => Err(Failure::Internal(error.into())),
    })
}

/// Turns the end of a command into the process's exit code, after saying on stderr what went wrong.
fn finish(result: Result<Exit, Failure>) -> ExitCode {
    let exit = result.unwrap_or_else(|failure| {
        print::error(&failure.report());
        failure.exit()
    });
    ExitCode::from(exit as u8)
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_failure_says_what_happened_and_what_to_do_next() {
        let failure = Failure::with_exit(Exit::NotFound, "no complaint 12", "see `complaint list`");
        assert_eq!(failure.exit(), Exit::NotFound);
        assert_eq!(failure.report(), "error: no complaint 12\nnext: see `complaint list`\n");
    }

    #[test]
    fn an_internal_failure_shows_each_cause_once() {
        let cause: Result<(), _> = Err(StoreError::Closed);
        let failure = Failure::from(cause.context("cannot save").unwrap_err());
        assert_eq!(failure.exit(), Exit::Failed);
        assert!(
            failure
                .report()
                .starts_with("error: cannot save\n  because: the database is closed\nnext: "),
            "{}",
            failure.report()
        );
    }
}
