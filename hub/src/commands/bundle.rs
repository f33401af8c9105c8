//! `bundle export|import|show`: an exchange with offices on a stick, where there is no network.

use std::path::PathBuf;

use clap::Subcommand;
use titian_host::audit::{self, AT_THE_SHELL, Deed};
use titian_host::bundle::Outgoing;
use titian_host::bundle::cli::{self, PartSize};
use titian_host::bundle::report::show_file;
use titian_host::cli::{Exit, Failure};

use super::Context;
use crate::airlock::Airlock;
use crate::bundle::{Post, office_and_letter};

/// `bundle …`
#[derive(Subcommand)]
pub enum Command {
    /// Write answers for offices to carry back: what the hub holds of theirs, and what is new for them
    Export {
        /// An office (63.01.03), one of its gateways (63.01.03/A), or all
        to: String,
        /// The folder, usually on a stick
        #[arg(long = "to", value_name = "FOLDER")]
        folder: PathBuf,
        /// Everything from the start, for a gateway that lost something
        #[arg(long)]
        all: bool,
        /// Also photos and documents of complaints that the gateway does not have yet: the files become much larger
        #[arg(long)]
        attachments: bool,
        #[command(flatten)]
        part_size: PartSize,
    },
    /// Take what offices bring: files, or all bundles in folders. Taking one twice harms nothing
    Import {
        /// Files that end in .titian, or folders
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Tell what a file is, without taking it
    Show {
        /// The file
        file: PathBuf,
    },
}

/// Runs a `bundle` command.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let post = Post {
        desk: context.desk.clone(),
        keys: context.desk.keys().await?,
        airlock: Airlock::new(),
    };
    match command {
        Command::Export {
            to,
            folder,
            all,
            attachments,
            part_size,
        } => {
            let outgoing = Outgoing {
                folder,
                all,
                attachments,
                part_bytes: part_size.bytes(),
            };
            export(context, post, &to, outgoing).await
        }
        Command::Import { paths } => {
            let report = post.import(paths.clone()).await;
            note(context, Deed::BundleRead, "").await?;
            report
                .map_err(|trouble| trouble.failure(&paths[0]))?
                .show(context.output)
        }
        Command::Show { file } => {
            let shown = post.show(file.clone()).await;
            let (label, head) = shown.map_err(|trouble| trouble.failure(&file))?;
            show_file(context.output, &label, head.as_ref(), context.desk.rules.procedure.zone)
        }
    }
}

async fn export(context: &Context, post: Post, to: &str, outgoing: Outgoing) -> Result<Exit, Failure> {
    let (office, letter) = office_and_letter(to).ok_or_else(|| {
        Failure::user(
            format!("{to} is neither an office nor a gateway"),
            "give an office such as 63.01.03, a gateway such as 63.01.03/A, or all",
        )
    })?;
    let mut addressees = context.desk.store.addressees(office).await?;
    addressees.retain(|addressee| {
        letter
            .as_ref()
            .is_none_or(|letter| addressee.name.letter.as_str() == letter)
    });
    if addressees.is_empty() {
        return Err(Failure::with_exit(
            Exit::NotFound,
            format!("no gateway of {to} has joined this hub"),
            "see `titian-hub office list`; a gateway without a network joins by a bundle too",
        ));
    }
    let folder = outgoing.folder.clone();
    note(context, Deed::BundleWritten, to).await?;
    let written = post.export(addressees, outgoing).await;
    let files = written.map_err(|failed| failed.failure(&folder))?;
    context.output.show(&files, |files| cli::written(files))?;
    Ok(Exit::Ok)
}

async fn note(context: &Context, deed: Deed, to: &str) -> Result<(), Failure> {
    let (desk, who) = (&context.desk, (AT_THE_SHELL, deed));
    Ok(audit::note_alone(desk.store.door(), &desk.clock, who, None, to).await?)
}
