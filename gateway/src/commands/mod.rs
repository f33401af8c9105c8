//! The gateway's commands: one file each, with its arguments and its `run`.

pub mod attachment;
pub mod bundle;
pub mod complaint;
pub mod config;
pub mod encryption;
pub mod enrol;
pub mod explain;
pub mod import;
pub mod notice;
pub mod projections;
pub mod run;
pub mod sheet;
pub mod status;
pub mod sync;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use titian_domain::lang::Lang;
use titian_domain::refusal::Refusal;
use titian_host::attachments::AttachmentFiles;
use titian_host::audit::AuditArgs;
use titian_host::cli::{Exit, Failure, Output, OutputArgs, Work};
use titian_host::export::ExportArgs;
use titian_host::facts::Facts;
use titian_host::machine::Machine;
use titian_host::people::{self, By, Right};
use titian_host::subject::SubjectCommand;

use crate::at_rest::{self, Access, AtRest};
use crate::desk::{Desk, DeskError};
use crate::roles::ROLES;
use crate::sidecar::Sidecar;
use crate::store::subject;
use crate::uplink::Uplink;
use crate::{settings, store};

/// The office's program: records and verifies complaints without a network, and forwards them when there is one.
///
/// Exit codes: 0 done · 1 broken inside · 2 wrong command or input · 3 saved here, not all delivered · 4 no such thing ·
/// 5 the procedure or the state forbids it · 6 the hub cannot be reached · 7 an import took the good rows only ·
/// 8 the hub refused.
#[derive(Parser)]
#[command(name = "titian-gateway", version, max_term_width = 110)]
pub struct Cli {
    /// The folder of the database and its settings
    #[arg(
        long,
        env = "TITIAN_DATA",
        value_name = "FOLDER",
        global = true,
        default_value = "titian-gateway-data"
    )]
    data: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Join the hub with the one-time code that the administrator gave
    Enrol(enrol::Args),
    /// Serve the pages on this machine and sync in the background
    Run(run::Args),
    /// Exchange news with the hub once; exit code 0 only if everything is delivered
    Sync(sync::Args),
    /// Exchange news with the hub on a stick, where there is no network
    #[command(subcommand)]
    Bundle(bundle::Command),
    /// Record, look at and move complaints
    #[command(subcommand)]
    Complaint(complaint::Command),
    /// Take over an existing register: CSV, XLSX or NDJSON
    Import(import::Args),
    /// Show how this gateway stands with the hub
    Status,
    /// Keep the accounts of this machine
    Staff(people::StaffArgs),
    /// Look at what was done at this machine, and prove that the record of it was not touched
    Audit(AuditArgs),
    /// Write the register into a spreadsheet
    Export(ExportArgs),
    /// Choose what citizens are told about their personal data when a complaint is put on record
    #[command(subcommand)]
    Notice(notice::Command),
    /// Answer what citizens ask about their own data
    #[command(subcommand)]
    Subject(SubjectCommand),
    /// Keep the office's data unreadable on a stolen disk
    #[command(subcommand)]
    Encryption(encryption::Command),
    /// Open the enciphered data until this machine stops; on Windows, until you sign out
    Unlock,
    /// Forget the key that `unlock` keeps
    Lock,
    /// Show the settings and where each comes from
    #[command(subcommand)]
    Config(config::Command),
    /// Keep the lists and the search index that are derived from the log
    #[command(subcommand)]
    Projections(projections::Command),
}

/// What every command works with.
pub struct Context {
    /// The data folder.
    pub folder: PathBuf,
    /// The form of answers.
    pub output: Output,
    /// The tables that ship with the program or replace those.
    pub facts: Facts,
    /// The office's desk.
    pub desk: Desk,
}

impl Context {
    /// Sets the way to the hub, as the settings have it.
    pub fn uplink(&self) -> Result<Uplink, Failure> {
        let settings = settings::load(&self.folder, |sources| sources)?.values;
        let uplink = Uplink::new(self.desk.clone())?;
        Ok(uplink
            .allowing_plain_http(settings.sync.plain_http)
            .within(&settings.sync))
    }

    /// Gives what a command works with that is the same in both programs.
    fn work(&self) -> Work<'_> {
        Work {
            store: &self.desk.store,
            clock: &self.desk.clock,
            rules: &self.desk.rules,
            roles: ROLES,
            output: self.output,
            side: subject::side(&self.desk),
        }
    }

    /// Gives the name under which somebody does something, if they may.
    pub async fn by(&self, by: &By, right: Right) -> Result<String, Failure> {
        by.may(&self.desk.store, ROLES, right).await
    }
}

/// Runs the command line.
pub async fn run(cli: Cli) -> Result<Exit, Failure> {
    let (data, output) = (cli.data, cli.output.output);
    // What comes before the data are open.
    match cli.command {
        Command::Run(args) => return run::run(data, output, args).await,
        Command::Encryption(command) => return encryption::run(&data, &command, output).await,
        Command::Unlock => return encryption::unlock(&data, output),
        Command::Lock => return encryption::lock(&data, output),
        _ => {}
    }
    let access = match at_rest::look(&data)? {
        AtRest::Plain => Access::Plain,
        AtRest::Open(_, key) => Access::Enciphered(key),
        AtRest::Locked(_) => return Err(at_rest::locked()),
        AtRest::Begun(_) => return Err(at_rest::begun()),
    };
    let context = open(data, output, &access).await?;
    match cli.command {
        Command::Run(_) | Command::Encryption(_) | Command::Unlock | Command::Lock => unreachable!("answered above"),
        Command::Enrol(args) => enrol::run(&context, args).await,
        Command::Sync(args) => sync::run(&context, args).await,
        Command::Bundle(command) => bundle::run(&context, command).await,
        Command::Complaint(command) => complaint::run(&context, command).await,
        Command::Import(args) => import::run(&context, args).await,
        Command::Status => status::run(&context).await,
        Command::Audit(args) => {
            let zone = context.desk.rules.procedure.zone;
            let names = |_: &_| Ok(BTreeMap::from([(store::HUB, "hub".to_owned())]));
            args.run(&context.desk.store, names, zone, context.output).await
        }
        Command::Staff(args) => {
            args.run(&context.desk.store, &context.desk.clock, ROLES, context.output)
                .await
        }
        Command::Export(args) => args.run(context.work()).await,
        Command::Subject(command) => command.run(context.work()).await,
        Command::Notice(command) => notice::run(&context, command).await,
        Command::Config(command) => config::run(&context, &command),
        Command::Projections(command) => projections::run(&context, &command).await,
    }
}

/// Opens the data folder, and compares it with what is remembered of it.
async fn open(folder: PathBuf, output: Output, access: &Access) -> Result<Context, Failure> {
    let of_database = access.of_database(&folder)?;
    let mut machine = Machine::open_with(folder, access.key())?;
    if let Access::Begun(key) = access {
        let files = AttachmentFiles::open_begun(&machine.folder, key.files());
        machine.files = files.context("the folder of attachments cannot be read")?;
    }
    let store = store::open(&machine.folder, of_database)?;
    let rules = Arc::clone(&machine.facts.rules);
    let settings = settings::load(&machine.folder, |sources| sources)?.values;
    let desk = Desk {
        store,
        files: machine.files,
        clock: machine.clock,
        rules,
        incarnation: machine.incarnation,
        verified_by_another: settings.verification.by_another,
    };
    Sidecar::beside(desk.store.path()).look(&desk).await?;
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
            DeskError::Refused(refusal) => {
                Self::with_exit(Exit::Conflict, refusal.words(Lang::En), next_step(&refusal))
            }
            DeskError::NotFound => Self::with_exit(
                Exit::NotFound,
                "there is no such complaint at this office",
                "see `titian-gateway complaint list` for ids and register numbers",
            ),
            DeskError::NotEnrolled => Self::with_exit(
                Exit::Conflict,
                "this gateway does not know its office yet",
                "ask the administrator for a code and type `titian-gateway enrol CODE`",
            ),
            DeskError::Ambiguous(_) => {
                Self::with_exit(Exit::Conflict, error.to_string(), "name the one you mean by its id")
            }
            DeskError::File(error) => error.into(),
            DeskError::Store(error) => error.into(),
        }
    }
}

fn next_step(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Incomplete(_) => "fill in what is missing with `titian-gateway complaint amend`",
        Refusal::Conflicts(_) => "see both values with `complaint show` and choose with `complaint settle`",
        Refusal::OwnRecord => "ask a colleague to verify it; the setting is verification.by_another",
        Refusal::ChangedSinceVerified => "run `titian-gateway complaint verify` again",
        _ => "see where it stands with `titian-gateway complaint show`",
    }
}
