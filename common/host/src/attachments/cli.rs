//! `complaint attachment …` of both programs: list a complaint's files, and save them outside of the data folder.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use titian_domain::attachment::AttachmentHash;
use titian_domain::complaint::Complaint;
use titian_domain::time::Zone;

use super::holding::{Holding, percent, saved_name};
use super::{AttachmentFiles, FileError};
use crate::audit::{self, Deed};
use crate::cli::{Exit, Failure, Output, Table, Work};
use crate::people::By;

/// How much of a file is read at a time where it is copied.
const COPY_BYTES: usize = 64 * 1024;
/// Fewer digits name a file by accident.
const PREFIX_CHARS_MIN: usize = 6;

/// `complaint attachment …`
#[derive(Subcommand)]
pub enum Command {
    /// List the files of a complaint, and how much of each is here
    List {
        /// Which complaint
        complaint: String,
    },
    /// Save files of a complaint into a folder, named by the register number
    Save {
        /// Which complaint
        complaint: String,
        /// The first digits of the file's hash, as `attachment list` shows it; all files where none is given
        file: Option<String>,
        /// The folder to save into
        #[arg(long, value_name = "FOLDER", default_value = ".")]
        into: PathBuf,
        /// Who does it
        #[command(flatten)]
        by: By,
    },
}

/// A file in a list.
#[derive(Serialize)]
pub struct Listed {
    /// The file, and how much of it is here.
    #[serde(flatten)]
    pub holding: Holding,
    /// How many bytes of it the hub has, as far as it has told; left out at the hub itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hub: Option<u64>,
}

impl Listed {
    /// Gives all of it on one line.
    pub fn line(&self) -> String {
        let Holding { file, held, .. } = &self.holding;
        let here = format!("{} % here", percent(*held, file.bytes));
        let there = self
            .at_hub
            .map(|at_hub| format!(", {} % at the hub", percent(at_hub, file.bytes)));
        format!(
            "{:.12} {} ({} bytes, {here}{})",
            file.hash,
            file.name,
            file.bytes,
            there.unwrap_or_default()
        )
    }
}

/// A file that was saved.
#[derive(Serialize)]
struct Saved {
    hash: AttachmentHash,
    path: PathBuf,
    bytes: u64,
}

/// Answers `list`.
pub fn list(output: Output, files: &[Listed], zone: Zone) -> Result<Exit, Failure> {
    output.show(files, |files| {
        let mut table = Table::new(["file", "kind", "bytes", "here", "at hub", "attached", "by", "name"]);
        for Listed { holding, at_hub } in files {
            let at_hub = at_hub.map(|at_hub| format!("{} %", percent(at_hub, holding.file.bytes)));
            table.push([
                format!("{:.12}", holding.file.hash),
                holding.file.media_type.extension().to_owned(),
                holding.file.bytes.to_string(),
                format!("{} %", percent(holding.held, holding.file.bytes)),
                at_hub.unwrap_or_default(),
                holding.attached_at.local(zone).format("%Y-%m-%d %H:%M").to_string(),
                holding.staff.clone(),
                holding.file.name.clone(),
            ]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

/// Answers `save`. Saves what is here and says what is not; nothing that lies in the folder is overwritten. Each copy is noted before it
/// is made.
pub async fn save(
    work: &Work<'_>,
    files: &AttachmentFiles,
    (complaint, holdings): (&Complaint, &[Holding]),
    (wanted, into): (Option<&str>, &Path),
    who: &str,
) -> Result<Exit, Failure> {
    let output = work.output;
    let chosen = match wanted {
        Some(digits) => vec![one(holdings, digits)?],
        None => holdings.iter().collect(),
    };
    let mut saved = Vec::new();
    let mut missing = 0;
    for holding in chosen {
        let path = into.join(saved_name(&complaint.register, &holding.file));
        if !holding.whole {
            missing += 1;
            output.say(&format!(
                "{:.12} is not all here yet: {} of {} bytes",
                holding.file.hash, holding.held, holding.file.bytes
            ))?;
            continue;
        }
        let detail = format!("copy of {:.12}", holding.file.hash);
        let by = (who, Deed::AttachmentShown);
        audit::note_alone(work.store, work.clock, by, Some(complaint.id), &detail).await?;
        copy(files, holding.file.hash, &path)?;
        saved.push(Saved {
            hash: holding.file.hash,
            bytes: holding.file.bytes,
            path,
        });
    }
    output.show(&saved, |saved| {
        let mut table = Table::new(["file", "bytes", "saved as"]);
        for one in saved {
            table.push([
                format!("{:.12}", one.hash),
                one.bytes.to_string(),
                one.path.display().to_string(),
            ]);
        }
        table
    })?;
    Ok(if missing == 0 { Exit::Ok } else { Exit::Partial })
}

/// Finds the file that digits name.
pub fn one<'a>(holdings: &'a [Holding], digits: &str) -> Result<&'a Holding, Failure> {
    let digits = digits.trim().to_lowercase();
    let fits =
        |holding: &&Holding| digits.len() >= PREFIX_CHARS_MIN && holding.file.hash.to_string().starts_with(&digits);
    let mut found = holdings.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(holding), None) => Ok(holding),
        _ => Err(Failure::with_exit(
            Exit::NotFound,
            format!("no file of this complaint is named by '{digits}'"),
            "give at least six digits of a hash that `complaint attachment list` shows",
        )),
    }
}

fn copy(files: &AttachmentFiles, hash: AttachmentHash, path: &Path) -> Result<(), Failure> {
    let written = |error: io::Error| {
        Failure::with_exit(
            Exit::Usage,
            format!("cannot write {}: {error}", path.display()),
            "give a folder that exists and has room, without a file of that name, with --into",
        )
    };
    // Read and checked before anything is made: a damaged file leaves no empty one behind.
    let mut block = files.read(hash, 0, COPY_BYTES)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(written)?;
    let mut offset = 0;
    while !block.is_empty() {
        file.write_all(&block).map_err(written)?;
        offset += block.len() as u64;
        block = files.read(hash, offset, COPY_BYTES)?;
    }
    file.sync_all().map_err(written)
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let exit = match error {
            FileError::Missing { .. } => Exit::NotFound,
            _ => Exit::Failed,
        };
        let next = error.next_step();
        let because = std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
        Self::with_exit(exit, format!("{error}{because}"), next)
    }
}
