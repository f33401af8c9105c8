//! `staff add|list|roles|password|disable|enable`: the accounts from a shell, the same in both programs.

use std::io::Read as _;

use anyhow::Context as _;

use super::accounts;
use super::password::{PASSWORD_LETTERS_MAX, Password};
use super::rights::Roles;
use super::signing_in::{Adding, add_as};
use super::{StaffError, keeping};
use crate::audit::AT_THE_SHELL;
use crate::cli::{Exit, Failure, Output, Table};
use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// Manage the accounts of the people who work with this program.
#[derive(Debug, clap::Args)]
pub struct StaffArgs {
    #[command(subcommand)]
    command: StaffCommand,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum StaffCommand {
    /// Add an account. At the first sign-in its owner has to choose another password.
    Add {
        /// The login name: small letters, digits, dots, underscores or hyphens.
        name: String,
        /// The name that is recorded with everything this person does.
        #[arg(long)]
        full_name: String,
        /// What this person does here: one role, or several with commas between.
        #[arg(long = "role", value_delimiter = ',', required = true)]
        roles: Vec<String>,
        /// Read the password from standard input, to the end of the line.
        #[arg(long, required = true)]
        password_stdin: bool,
        /// The owner of the account typed this password, and need not choose another.
        #[arg(long)]
        own_password: bool,
    },
    /// List all accounts.
    List,
    /// Give an account these roles instead of those it has.
    Roles {
        /// The login name.
        name: String,
        /// What this person does here: one role, or several with commas between.
        #[arg(long = "role", value_delimiter = ',', required = true)]
        roles: Vec<String>,
    },
    /// Give an account a new password, and end its sessions. At the next sign-in its owner has to choose another.
    Password {
        /// The login name.
        name: String,
        /// Read the password from standard input, to the end of the line.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Close an account, and end its sessions. The name is never given to somebody else.
    Disable {
        /// The login name.
        name: String,
    },
    /// Open a closed account again.
    Enable {
        /// The login name.
        name: String,
    },
}

impl StaffArgs {
    /// Runs the command.
    ///
    /// # Errors
    /// What the person at the shell can mend, or what broke.
    pub async fn run(self, store: &Store, clock: &Clock, roles: Roles, output: Output) -> Result<Exit, Failure> {
        self.command.run((store, clock), roles, output).await
    }
}

impl StaffCommand {
    pub(super) async fn run(
        self,
        (store, clock): (&Store, &Clock),
        roles: Roles,
        output: Output,
    ) -> Result<Exit, Failure> {
        match self {
            StaffCommand::Add {
                name,
                full_name,
                roles: held,
                own_password,
                ..
            } => {
                let held: Vec<_> = held.iter().map(String::as_str).collect();
                let password = from_stdin()?;
                let adding = if own_password {
                    Adding::InPerson
                } else {
                    Adding::By(AT_THE_SHELL.to_owned())
                };
                let added = add_as(store, clock, roles, (&name, &full_name, &held), password, adding).await;
                added.map_err(|error| failure(error, &name, roles))?;
                show_one(store, output, name).await
            }
            StaffCommand::List => {
                let all = store
                    .read(|connection| Ok::<_, StoreError>(accounts::list(connection)?))
                    .await?;
                output.show(&all, |all| table(all))?;
                Ok(Exit::Ok)
            }
            StaffCommand::Roles { name, roles: held } => {
                let held: Vec<_> = held.iter().map(String::as_str).collect();
                let changed = keeping::set_roles((store, clock, AT_THE_SHELL), roles, &name, &held).await;
                changed.map_err(|error| failure(error, &name, roles))?;
                show_one(store, output, name).await
            }
            StaffCommand::Password { name, .. } => {
                let changed = keeping::set_password((store, clock, AT_THE_SHELL), &name, from_stdin()?).await;
                changed.map_err(|error| failure(error, &name, roles))?;
                show_one(store, output, name).await
            }
            StaffCommand::Disable { name } => {
                let changed = keeping::set_disabled((store, clock, AT_THE_SHELL), roles, &name, true).await;
                changed.map_err(|error| failure(error, &name, roles))?;
                show_one(store, output, name).await
            }
            StaffCommand::Enable { name } => {
                let changed = keeping::set_disabled((store, clock, AT_THE_SHELL), roles, &name, false).await;
                changed.map_err(|error| failure(error, &name, roles))?;
                show_one(store, output, name).await
            }
        }
    }
}

pub(super) async fn show_one(store: &Store, output: Output, name: String) -> Result<Exit, Failure> {
    let one = store
        .read(move |connection| Ok::<_, StoreError>(accounts::by_name(connection, &name)?))
        .await?;
    let one = one.context("the account that was just written is gone")?;
    output.show(&one, |one| table(std::slice::from_ref(one)))?;
    Ok(Exit::Ok)
}

fn table(all: &[accounts::Staff]) -> Table {
    let mut table = Table::new(["name", "full name", "roles", "state"]);
    for staff in all {
        let state = if staff.disabled { "disabled" } else { "open" };
        table.push([staff.name.as_str(), &staff.full_name, &staff.roles.join(", "), state]);
    }
    table
}

fn from_stdin() -> Result<Password, Failure> {
    // Four bytes for each letter, a line end, and one more to see that it is too long.
    let limit = PASSWORD_LETTERS_MAX as u64 * 4 + 3;
    let mut text = String::new();
    let read = std::io::stdin().lock().take(limit).read_to_string(&mut text);
    read.map_err(|_| {
        Failure::user(
            "the password on standard input is not UTF-8 text",
            "pipe it in as one line",
        )
    })?;
    let line = text.lines().next().unwrap_or_default();
    Password::new(line.to_owned()).map_err(|error| password_failure(&error))
}

pub(super) fn failure(error: StaffError, name: &str, roles: Roles) -> Failure {
    let what = error.to_string();
    match error {
        StaffError::Name => Failure::user(format!("NAME '{name}': {what}"), "choose another, such as siti.rahmah"),
        StaffError::FullName => Failure::user(format!("--full-name: {what}"), "give the name as it is to be recorded"),
        StaffError::Role(_) | StaffError::NoRole => {
            let codes: Vec<_> = roles.codes().collect();
            Failure::user(
                format!("--role: {what}"),
                format!("use one or more of: {}", codes.join(", ")),
            )
        }
        StaffError::PasswordShort | StaffError::PasswordLong | StaffError::PasswordCommon => password_failure(&error),
        StaffError::Taken => Failure::with_exit(
            Exit::Conflict,
            format!("the name '{name}' is taken"),
            "choose another name; a disabled account keeps its name",
        ),
        StaffError::Missing => Failure::with_exit(
            Exit::NotFound,
            format!("there is no account '{name}'"),
            "see `staff list`",
        ),
        StaffError::LastAdministrator => Failure::with_exit(
            Exit::Conflict,
            format!("'{name}': {what}"),
            "give another account a role that keeps accounts first, with `staff roles`",
        ),
        StaffError::NoSecondFactor => Failure::with_exit(
            Exit::Conflict,
            format!("'{name}': {what}"),
            "there is nothing to take off: the password alone is asked for",
        ),
        StaffError::NotFirst | StaffError::Hashing(_) => Failure::Internal(error.into()),
        StaffError::Store(error) => error.into(),
    }
}

fn password_failure(error: &StaffError) -> Failure {
    Failure::user(error.to_string(), "choose another password")
}
