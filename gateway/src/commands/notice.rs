//! `notice …`: what citizens are told about their personal data when a complaint is put on record.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use titian_domain::notice::{NOTICE_CHARS_MAX, Notice, NoticeVersion};
use titian_host::cli::{Exit, Failure, Table};
use titian_host::people::{By, Right};

use super::Context;

/// The longest text with four bytes a character: what is larger is not read to its end.
const FILE_BYTES_MAX: u64 = 4 * NOTICE_CHARS_MAX as u64;

/// `notice …`
#[derive(Subcommand)]
pub enum Command {
    /// Show the text that is in force, or the one of a version that a complaint names
    Show {
        /// The version: twelve digits, as the complaint shows it
        version: Option<NoticeVersion>,
    },
    /// List which text was chosen when, and by whom
    List,
    /// Take the office's own text from a file; each complaint keeps the version under which it was put on record
    Set {
        /// A text file in UTF-8; blank lines part its paragraphs
        file: PathBuf,
        #[command(flatten)]
        by: By,
    },
    /// Go back to the program's own text
    Reset {
        #[command(flatten)]
        by: By,
    },
}

/// Runs a `notice` command.
///
/// # Errors
/// The text is none, the version is not known here, or the database failed.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Show { version } => show(context, version).await,
        Command::List => list(context).await,
        Command::Set { file, by } => choose(context, Some(read(&file)?), &by).await,
        Command::Reset { by } => choose(context, None, &by).await,
    }
}

async fn show(context: &Context, version: Option<NoticeVersion>) -> Result<Exit, Failure> {
    let notice = match version {
        None => context.desk.notice().await?,
        Some(version) => context.desk.notice_of(version).await?.ok_or_else(|| {
            Failure::with_exit(
                Exit::NotFound,
                "this machine never had a text of that version",
                "look on the office's other computers; `titian-gateway notice list` shows what was chosen here",
            )
        })?,
    };
    answer(context, &notice)
}

async fn choose(context: &Context, notice: Option<Notice>, by: &By) -> Result<Exit, Failure> {
    let staff = context.by(by, Right::Administer).await?;
    context.desk.choose_notice(&staff, notice).await?;
    answer(context, &context.desk.notice().await?)
}

fn answer(context: &Context, notice: &Notice) -> Result<Exit, Failure> {
    let version = notice.version();
    let value = json!({ "version": version, "standard": version.is_standard(), "text": notice.text() });
    context.output.show(&value, |_| {
        let mut table = Table::new(["version", version.as_str()]);
        for line in notice.text().lines() {
            table.push(["", line]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

async fn list(context: &Context) -> Result<Exit, Failure> {
    let zone = context.desk.rules.procedure.zone;
    let choices = context.desk.notice_choices().await?;
    let standard = "the program's own";
    let rows: Vec<_> = choices
        .iter()
        .map(|chosen| json!({ "version": chosen.version, "at": chosen.at, "staff": chosen.staff }))
        .collect();
    context.output.show(&rows, |_| {
        let mut table = Table::new(["since", "version", "chosen by"]);
        for chosen in &choices {
            table.push([
                chosen.at.local(zone).format("%Y-%m-%d %H:%M").to_string(),
                chosen
                    .version
                    .as_ref()
                    .map_or_else(|| standard.to_owned(), ToString::to_string),
                chosen.staff.clone(),
            ]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

fn read(path: &Path) -> Result<Notice, Failure> {
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    opened.map_err(|error| {
        Failure::user(
            format!("FILE: {} cannot be read: {error}", path.display()),
            "check its name and its permissions",
        )
    })?;
    let long = || format!("write at most {NOTICE_CHARS_MAX} characters: two printed pages");
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::user("FILE: the text is too long", long()));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::user(
            "FILE: it is no text in UTF-8",
            "save it as plain text in UTF-8, not as a document",
        )
    })?;
    Notice::parse(&text).map_err(|error| Failure::user(format!("FILE: {error}"), long()))
}
