//! `complaint attach` and `complaint attachment …`: files of a complaint.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use titian_domain::attachment::{AttachedFile, AttachmentHash, FILE_BYTES_MAX};
use titian_domain::lang::Lang;
use titian_host::attachments::Holding;
use titian_host::attachments::cli::{self, Command, Listed};
use titian_host::cli::{Exit, Failure, Table};
use titian_host::people::{By, Right};

use super::Context;
use crate::capture::{Capture, CaptureError, Unfit};
use crate::settings;
use crate::store::attachments::AtHub;

/// What became of one file.
#[derive(Serialize)]
struct Outcome {
    path: PathBuf,
    #[serde(flatten)]
    file: Option<AttachedFile>,
    /// How large it was before it was shrunk.
    bytes_before: u64,
    /// Whether it had to be written; `false` if the complaint has it already.
    changed: bool,
    /// Why it was not attached.
    error: Option<String>,
}

/// Answers `complaint attach`. Files that can be attached are, whatever the others are.
pub async fn attach(context: &Context, name: &str, paths: Vec<PathBuf>, by: &By) -> Result<Exit, Failure> {
    let staff = context.by(by, Right::Record).await?;
    let id = context.desk.find(name).await?;
    let settings = settings::load(&context.folder, |sources| sources)?.values;
    let capture = Capture::new(context.desk.files.clone(), settings.attachments.shrinking());
    let mut outcomes = Vec::new();
    let mut first_failure = None;
    for path in paths {
        let mut outcome = Outcome {
            path,
            file: None,
            bytes_before: 0,
            changed: false,
            error: None,
        };
        let attached = async {
            let bytes = read(&outcome.path)?;
            outcome.bytes_before = bytes.len() as u64;
            let called = outcome
                .path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let taken = capture
                .take(&called, bytes)
                .await
                .map_err(|error| of_file(&outcome.path, error))?;
            let changed = context.desk.attach(&staff, id, taken.clone()).await?;
            Ok::<_, Failure>((taken, changed))
        };
        match attached.await {
            Ok((file, changed)) => (outcome.file, outcome.changed) = (Some(file), changed),
            Err(failure) => {
                outcome.error = Some(failure.what());
                first_failure.get_or_insert(failure);
            }
        }
        outcomes.push(outcome);
    }
    if let Some(failure) = first_failure.take_if(|_| outcomes.iter().all(|outcome| outcome.file.is_none())) {
        return Err(failure);
    }
    context.output.show(&outcomes, |outcomes| {
        let mut table = Table::new(["file", "bytes before", "bytes", "", "from"]);
        for outcome in outcomes {
            let hash = outcome.file.as_ref().map(|file| format!("{:.12}", file.hash));
            let bytes = outcome.file.as_ref().map(|file| file.bytes.to_string());
            let said = match (&outcome.error, outcome.changed) {
                (Some(error), _) => error,
                (None, true) => "attached",
                (None, false) => "was attached already",
            };
            table.push([
                hash.unwrap_or_default(),
                outcome.bytes_before.to_string(),
                bytes.unwrap_or_default(),
                said.to_owned(),
                outcome.path.display().to_string(),
            ]);
        }
        table
    })?;
    Ok(if first_failure.is_none() {
        Exit::Ok
    } else {
        Exit::Partial
    })
}

/// Runs `complaint attachment …`.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List { complaint } => {
            let id = context.desk.find(&complaint).await?;
            let files: Vec<_> = context.desk.show(id).await?.files.into_iter().map(listed).collect();
            cli::list(context.output, &files, context.desk.rules.procedure.zone)
        }
        Command::Save {
            complaint,
            file,
            into,
            by,
        } => {
            let who = context.by(&by, Right::Read).await?;
            let id = context.desk.find(&complaint).await?;
            let shown = context.desk.show(id).await?;
            let holdings: Vec<_> = shown.files.into_iter().map(|(holding, _)| holding).collect();
            cli::save(
                &context.work(),
                &context.desk.files,
                (&shown.complaint, &holdings),
                (file.as_deref(), &into),
                &who,
            )
            .await
        }
    }
}

/// Finds the file of a complaint that digits name.
pub async fn named(context: &Context, complaint: &str, digits: &str) -> Result<AttachmentHash, Failure> {
    let id = context.desk.find(complaint).await?;
    let files = context.desk.show(id).await?.files;
    let holdings: Vec<_> = files.into_iter().map(|(holding, _)| holding).collect();
    Ok(cli::one(&holdings, digits)?.file.hash)
}

/// Gives a file as lists show it.
pub fn listed((holding, at_hub): (Holding, AtHub)) -> Listed {
    let at_hub = match at_hub {
        AtHub::Part(bytes) => bytes,
        AtHub::Whole => holding.file.bytes,
    };
    Listed {
        holding,
        at_hub: Some(at_hub),
    }
}

/// Reads a file, but never more than may be attached.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content))
        .map_err(|error| {
            Failure::with_exit(
                Exit::NotFound,
                format!("cannot read {}: {error}", path.display()),
                "check the path and that this account may read the file",
            )
        })?;
    if content.len() as u64 > FILE_BYTES_MAX {
        return Err(of_file(path, CaptureError::Unfit(Unfit::TooLarge)));
    }
    Ok(content)
}

fn of_file(path: &Path, error: CaptureError) -> Failure {
    match error {
        CaptureError::Unfit(unfit) => {
            // The reason has two sentences: what is wrong, and what to do.
            let words = unfit.words(Lang::En);
            let (what, next) = words.split_once(". ").unwrap_or((&words, "choose another file"));
            Failure::user(format!("{}: {what}", path.display()), next)
        }
        CaptureError::File(error) => error.into(),
    }
}
