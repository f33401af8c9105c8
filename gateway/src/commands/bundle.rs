//! `bundle export|import|show`: an exchange with the hub on a stick, where there is no network.

use std::path::PathBuf;

use clap::Subcommand;
use titian_host::audit::{self, AT_THE_SHELL, Deed};
use titian_host::bundle::Outgoing;
use titian_host::bundle::cli::{self, PartSize};
use titian_host::bundle::report::show_file;
use titian_host::cli::{Exit, Failure};

use super::Context;
use crate::uplink::{Exported, Uplink};

/// `bundle …`
#[derive(Subcommand)]
pub enum Command {
    /// Write what the hub has not acknowledged to a folder. Nothing counts as delivered before the hub's answer came back
    Export {
        /// The folder, usually on a stick
        #[arg(long = "to", value_name = "FOLDER")]
        folder: PathBuf,
        /// Everything from the start, where this machine or the hub lost something
        #[arg(long)]
        all: bool,
        /// Also photos and documents of complaints that the hub does not have yet: the files become much larger
        #[arg(long)]
        attachments: bool,
        #[command(flatten)]
        part_size: PartSize,
    },
    /// Take the hub's answers: files, or all bundles in folders. Taking one twice harms nothing
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
    let uplink = Uplink::new(context.desk.clone())?;
    match command {
        Command::Export {
            folder,
            all,
            attachments,
            part_size,
        } => {
            let outgoing = Outgoing {
                folder: folder.clone(),
                all,
                attachments,
                part_bytes: part_size.bytes(),
            };
            note(context, Deed::BundleWritten).await?;
            let exported = uplink.export_bundle(outgoing).await;
            show_exported(context, &exported.map_err(|failed| failed.failure(&folder))?)
        }
        Command::Import { paths } => {
            let report = uplink.import_bundles(paths.clone()).await;
            note(context, Deed::BundleRead).await?;
            report
                .map_err(|trouble| trouble.failure(&paths[0]))?
                .show(context.output)
        }
        Command::Show { file } => {
            let shown = uplink.show_bundle(file.clone()).await;
            let (label, head) = shown.map_err(|trouble| trouble.failure(&file))?;
            show_file(context.output, &label, head.as_ref(), context.desk.rules.procedure.zone)
        }
    }
}

fn show_exported(context: &Context, exported: &Exported) -> Result<Exit, Failure> {
    context
        .output
        .show(exported, |exported| cli::written(&exported.files))?;
    context.output.say(if exported.content == "request" {
        "carry it to the hub, and bring its answer back: only then is it delivered"
    } else {
        "the hub has not taken this gateway's code yet: carry this to the hub, bring its answer back, and export again"
    })?;
    Ok(Exit::Ok)
}

async fn note(context: &Context, deed: Deed) -> Result<(), Failure> {
    let (desk, who) = (&context.desk, (AT_THE_SHELL, deed));
    Ok(audit::note_alone(&desk.store, &desk.clock, who, None, "").await?)
}
