//! `staff` in a program that offers a second factor: with a way out for who lost phone and recovery codes.

use super::doing;
use crate::audit::AT_THE_SHELL;
use crate::cli::{Exit, Failure, Output};
use crate::clock::Clock;
use crate::people::Roles;
use crate::people::cli::{StaffCommand, failure, show_one};
use crate::store::Store;

/// Manage the accounts of the people who work with this program.
#[derive(Debug, clap::Args)]
pub struct StaffArgsWithSecondFactor {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    #[command(flatten)]
    Common(StaffCommand),
    /// Take the second factor off an account whose owner lost phone and recovery codes, and end its sessions.
    SecondFactorOff {
        /// The login name.
        name: String,
    },
}

impl StaffArgsWithSecondFactor {
    /// Runs the command.
    ///
    /// # Errors
    /// What the person at the shell can mend, or what broke.
    pub async fn run(self, store: &Store, clock: &Clock, roles: Roles, output: Output) -> Result<Exit, Failure> {
        match self.command {
            Command::Common(command) => command.run((store, clock), roles, output).await,
            Command::SecondFactorOff { name } => {
                let taken = doing::take_off((store, clock, AT_THE_SHELL), &name).await;
                taken.map_err(|error| failure(error, &name, roles))?;
                show_one(store, output, name).await
            }
        }
    }
}
