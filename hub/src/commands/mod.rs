//! The hub's commands: one file each, with its arguments and its `run`.

pub mod attachment;
pub mod bundle;
pub mod complaint;
pub mod config;
pub mod key;
pub mod lapor;
pub mod office;
pub mod projections;
pub mod quarantine;
pub mod retention;
pub mod serve;
pub mod status;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use titian_domain::lang::Lang;
use titian_host::audit::AuditArgs;
use titian_host::cli::{Exit, Failure, Output, OutputArgs, Work};
use titian_host::export::ExportArgs;
use titian_host::facts::Facts;
use titian_host::machine::Machine;
use titian_host::people::{self, By, Right};
use titian_host::subject::SubjectCommand;

use crate::desk::{Desk, DeskError};
use crate::roles::ROLES;
use crate::store::{HubStore, subject};

/// The regency's program: merges all gateways, and is where the liaison works.
///
/// Exit codes: 0 done · 1 broken inside · 2 wrong command or input · 4 no such thing · 5 the procedure or the state
/// forbids it · 7 an import took the good rows or files only · 8 what an office brought was refused.
#[derive(Parser)]
#[command(name = "titian-hub", version, max_term_width = 110)]
pub struct Cli {
    /// The folder of the database and its settings
    #[arg(
        long,
        env = "TITIAN_DATA",
        value_name = "FOLDER",
        global = true,
        default_value = "titian-hub-data"
    )]
    data: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the pages and receive the gateways
    Serve(serve::Args),
    /// Keep the offices and enrol their gateways
    #[command(subcommand)]
    Office(office::Command),
    /// Change the key by which gateways know this hub
    #[command(subcommand)]
    Key(key::Command),
    /// Look at complaints and move them
    #[command(subcommand)]
    Complaint(complaint::Command),
    /// Take over what LAPOR says
    #[command(subcommand)]
    Lapor(lapor::Command),
    /// Exchange news with offices on a stick, where there is no network
    #[command(subcommand)]
    Bundle(bundle::Command),
    /// Show how the offices stand
    Status,
    /// Keep the accounts of the hub
    Staff(people::second_factor::StaffArgsWithSecondFactor),
    /// Look at what was done at this machine, and prove that the record of it was not touched
    Audit(AuditArgs),
    /// Write the register into a spreadsheet
    Export(ExportArgs),
    /// Answer what citizens ask about their own data
    #[command(subcommand)]
    Subject(SubjectCommand),
    /// Destroy, once somebody confirmed it, who brought complaints whose time is over
    #[command(subcommand)]
    Retention(retention::Command),
    /// Show the settings and where each comes from
    #[command(subcommand)]
    Config(config::Command),
    /// Keep the lists and the search index that are derived from the log
    #[command(subcommand)]
    Projections(projections::Command),
    /// Keep what gateways brought and what may not stand in the log
    #[command(subcommand)]
    Quarantine(quarantine::Command),
}

/// What every command works with.
pub struct Context {
    /// The data folder.
    pub folder: PathBuf,
    /// The form of answers.
    pub output: Output,
    /// The tables that ship with the program or replace those.
    pub facts: Facts,
    /// The liaison's desk.
    pub desk: Desk,
}

impl Context {
    /// Gives what a command works with that is the same in both programs.
    fn work(&self) -> Work<'_> {
        Work {
            store: self.desk.store.door(),
            clock: &self.desk.clock,
            rules: &self.desk.rules,
            roles: ROLES,
            output: self.output,
            side: subject::side(&self.desk),
        }
    }

    /// Gives the name under which somebody does something, if they may.
    pub async fn by(&self, by: &By, right: Right) -> Result<String, Failure> {
        by.may(self.desk.store.door(), ROLES, right).await
    }
}

/// Runs the command line.
pub async fn run(cli: Cli) -> Result<Exit, Failure> {
    let context = open(cli.data, cli.output.output)?;
    match cli.command {
        Command::Serve(args) => serve::run(context, args).await,
        Command::Office(command) => office::run(&context, command).await,
        Command::Key(command) => key::run(&context, command).await,
        Command::Complaint(command) => complaint::run(&context, command).await,
        Command::Lapor(command) => lapor::run(&context, command).await,
        Command::Bundle(command) => bundle::run(&context, command).await,
        Command::Status => status::run(&context).await,
        Command::Audit(args) => {
            let zone = context.desk.rules.procedure.zone;
            args.run(
                context.desk.store.door(),
                crate::store::office::gateway_names,
                zone,
                context.output,
            )
            .await
        }
        Command::Staff(args) => {
            args.run(context.desk.store.door(), &context.desk.clock, ROLES, context.output)
                .await
        }
        Command::Export(args) => args.run(context.work()).await,
        Command::Subject(command) => command.run(context.work()).await,
        Command::Retention(command) => retention::run(&context, command).await,
        Command::Config(command) => config::run(&context, &command),
        Command::Projections(command) => projections::run(&context, &command).await,
        Command::Quarantine(command) => quarantine::run(&context, command).await,
    }
}

fn open(folder: PathBuf, output: Output) -> Result<Context, Failure> {
    let machine = Machine::open(folder)?;
    let store = HubStore::open(&machine.folder)?;
    let rules = Arc::clone(&machine.facts.rules);
    let desk = Desk {
        store,
        files: machine.files,
        clock: machine.clock,
        rules,
        incarnation: machine.incarnation,
    };
    Ok(Context {
        folder: machine.folder,
        output,
        facts: machine.facts,
        desk,
    })
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Refused(refusal) => Self::with_exit(
                Exit::Conflict,
                refusal.words(Lang::En),
                "see where it stands with `titian-hub complaint show`",
            ),
            DeskError::NotFound => Self::with_exit(
                Exit::NotFound,
                error.to_string(),
                "see `titian-hub complaint list` for ids and register numbers",
            ),
            DeskError::TrackingIdTaken { .. } => Self::with_exit(
                Exit::Conflict,
                error.to_string(),
                "compare both reports in LAPOR; nothing was changed",
            ),
            DeskError::Ambiguous(_) => {
                Self::with_exit(Exit::Conflict, error.to_string(), "name the one you mean by its id")
            }
            DeskError::Store(error) => error.into(),
        }
    }
}
