//! `subject`: requests of citizens about their own data, answered at the command line.

use std::io::Read as _;
use std::path::PathBuf;

use serde_json::json;
use titian_domain::lang::Lang;
use titian_domain::refusal::Refusal;

use super::person::Unclear;
use super::print::Printer;
use super::requests::{Asking, ChangeError, FILE, SOUGHT_BYTES_MAX, names_them};
use crate::casebook::edit::EditError;
use crate::casebook::erase;
use crate::cli::{self, Exit, Failure, NewFile, Table, Work};
use crate::people::{By, Right};
use crate::texts::{Speech, Texts};

/// What a reason is to say; the audit log keeps it.
const ASKED: &str = "say who asked for it and by which letter, without naming the citizen";

/// `subject …`
#[derive(Debug, clap::Subcommand)]
pub enum SubjectCommand {
    /// List the complaints that somebody brought; reads a NIK, a phone number or a whole name from standard input, so that it stays
    /// out of the shell's history
    Find {
        /// Who does it
        #[command(flatten)]
        by: By,
    },
    /// Write all that is held about somebody, and what was done with it, into a file to be printed; reads who it is from standard input
    File {
        /// The file, which must not exist yet: a page that needs no program and no network
        file: PathBuf,
        /// Only these of their complaints: ids or register numbers, as `subject find` lists them
        complaints: Vec<String>,
        /// Write the same into a second file that other programs read
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// The language of the page: id or en
        #[arg(long, default_value = "id", value_parser = lang)]
        lang: Lang,
        /// Why: who asked for it, by which letter
        #[arg(long)]
        reason: String,
        /// Who does it
        #[command(flatten)]
        by: By,
    },
    /// Restrict who brought these complaints: nobody looks at it but who answers citizens' requests, here and, as soon as they hear of
    /// it, everywhere
    Restrict(Change),
    /// Lift a restriction
    Lift(Change),
    /// Erase who brought these complaints, here and, as soon as they hear of it, everywhere. The complaints stay, without a reporter
    Erase(Change),
}

/// Which complaints, and why.
#[derive(Debug, clap::Args)]
pub struct Change {
    /// Which complaints: ids or register numbers, as `subject find` lists them
    #[arg(required = true)]
    complaints: Vec<String>,
    /// Why: who asked for it, by which letter
    #[arg(long)]
    reason: String,
    /// Who does it
    #[command(flatten)]
    by: By,
}

impl SubjectCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// What the person at the shell can mend, or what broke.
    pub async fn run(self, work: Work<'_>) -> Result<Exit, Failure> {
        match self {
            Self::Find { by } => find(&work, &by).await,
            Self::File {
                file,
                complaints,
                json,
                lang,
                reason,
                by,
            } => {
                let reason = cli::reason("--reason", &reason, ASKED)?;
                let who = by.may(work.store, work.roles, Right::Subject).await?;
                let mut files = vec![NewFile::named("FILE", &file)?];
                if let Some(path) = &json {
                    files.push(NewFile::named("--json", path)?);
                }
                write(&work, files, complaints, (lang, who, reason)).await
            }
            Self::Restrict(change) => restrict(&work, change, false).await,
            Self::Lift(change) => restrict(&work, change, true).await,
            Self::Erase(change) => erase(&work, change).await,
        }
    }
}

fn lang(text: &str) -> Result<Lang, String> {
    match text {
        "id" => Ok(Lang::Id),
        "en" => Ok(Lang::En),
        _ => Err("id or en is expected".to_owned()),
    }
}

async fn find(work: &Work<'_>, by: &By) -> Result<Exit, Failure> {
    let who = by.may(work.store, work.roles, Right::Subject).await?;
    let found = asking(work, &who, "").find(sought()?).await?.map_err(unclear)?;
    work.output.show(&found, |found| {
        let mut table = Table::new(["register number", "id", "stage", "reporter", "NIK", "restricted"]);
        for one in found {
            let (reporter, nik) = (
                one.reporter.as_deref().unwrap_or("-"),
                one.nik.as_deref().unwrap_or("-"),
            );
            table.push([
                one.register.as_str(),
                &one.id.to_string(),
                one.stage.code(),
                reporter,
                nik,
            ]);
        }
        table
    })?;
    Ok(if found.is_empty() { Exit::NotFound } else { Exit::Ok })
}

async fn write(
    work: &Work<'_>,
    files: Vec<NewFile<'_>>,
    names: Vec<String>,
    (lang, who, reason): (Lang, String, String),
) -> Result<Exit, Failure> {
    let sought = sought()?;
    if names_them(&reason, &sought) {
        asking(work, &who, &reason).note_refused(None, FILE).await?;
        return Err(names_citizen());
    }
    let making = asking(work, &who, &reason).dossier(work.side.notice_of, sought, names);
    let dossier = making.await?.map_err(unclear)?;
    let texts = Texts::new(&[]).map_err(|error| Failure::Internal(error.into()))?;
    let printer = Printer {
        speech: Speech::new(texts, lang),
        zone: work.rules.procedure.zone,
        reveal: true,
    };
    let page = printer.dossier(&dossier).and_then(|body| printer.alone(body));
    let page = page.map_err(|error| Failure::Internal(error.into()))?;
    let portable = serde_json::to_vec_pretty(&dossier.json()).map_err(|error| Failure::Internal(error.into()))?;
    let contents = [page.as_bytes(), portable.as_slice()];
    let files: Vec<_> = files.into_iter().zip(contents).collect();
    cli::make_all(&files)?;
    let (complaints, count) = (dossier.complaints.len(), files.len());
    let answer = json!({ "complaints": complaints, "files": count });
    work.output.show(&answer, |_| {
        Table::new(["what", "value"])
            .row(["complaints", &complaints.to_string()])
            .row(["files", &count.to_string()])
    })?;
    Ok(Exit::Ok)
}

fn unclear(why: Unclear) -> Failure {
    match why {
        Unclear::Nobody => Failure::with_exit(
            Exit::NotFound,
            "nobody is known here by that",
            "try the NIK, the telephone or the whole name as it was written; no file was made",
        ),
        Unclear::Choose => Failure::with_exit(
            Exit::Conflict,
            "these complaints may be of several people of one name",
            "see `subject find`, and name those that are this person's after FILE; or give the NIK",
        ),
        Unclear::SeveralPeople => Failure::with_exit(
            Exit::Conflict,
            "people of several names are known by that",
            "give the NIK or the whole name instead; no file was made",
        ),
        Unclear::NotTheirs(name) => Failure::with_exit(
            Exit::NotFound,
            format!("no complaint of theirs is called {name}"),
            "see `subject find`; no file was made",
        ),
        Unclear::NamesThem(_) => names_citizen(),
    }
}

fn names_citizen() -> Failure {
    Failure::user(
        "--reason: it names the citizen, and the audit log would keep that",
        ASKED,
    )
}

async fn restrict(work: &Work<'_>, change: Change, lift: bool) -> Result<Exit, Failure> {
    let who = change.by.may(work.store, work.roles, Right::Subject).await?;
    let reason = cli::reason("--reason", &change.reason, ASKED)?;
    let changing = asking(work, &who, &reason).restrict(&work.side, change.complaints, lift);
    let changed = changing.await.map_err(unchanged)?;
    let answer = json!({ "changed": changed });
    work.output.show(&answer, |_| {
        Table::new(["complaints changed"]).row([changed.to_string()])
    })?;
    Ok(Exit::Ok)
}

async fn erase(work: &Work<'_>, change: Change) -> Result<Exit, Failure> {
    let who = change.by.may(work.store, work.roles, Right::Subject).await?;
    let reason = cli::reason("--reason", &change.reason, ASKED)?;
    let erasing = asking(work, &who, &reason).erase(&work.side.rules, change.complaints);
    let (complaints, records) = erasing.await.map_err(unchanged)?;
    let scrubbed = erase::scrub(work.store).await;
    if let Err(error) = &scrubbed {
        tracing::warn!(%error, "traces are left in the write-ahead log; it is emptied at the next start");
    }
    let answer = json!({ "complaints": complaints, "records": records, "traces_removed": scrubbed.is_ok() });
    work.output.show(&answer, |_| {
        let traces = if scrubbed.is_ok() {
            "removed"
        } else {
            "left in the write-ahead log until the next start of the program"
        };
        Table::new(["what", "value"])
            .row(["complaints", &complaints.to_string()])
            .row(["records erased", &records.to_string()])
            .row(["traces", traces])
    })?;
    Ok(Exit::Ok)
}

fn unchanged(error: ChangeError) -> Failure {
    match error {
        ChangeError::Missing(name) => missing(&name),
        ChangeError::NamesThem(_) => names_citizen(),
        ChangeError::Edit(EditError::NotFound) => missing("one of them"),
        ChangeError::Ambiguous(name) => Failure::with_exit(
            Exit::Conflict,
            format!("several complaints have the number {name}"),
            "name the one you mean by its id",
        ),
        ChangeError::Edit(EditError::Refused(Refusal::Restricted)) => Failure::with_exit(
            Exit::Conflict,
            "who brought one of them is restricted, and is not erased while that holds",
            "lift it first with `subject lift`; nothing was erased",
        ),
        ChangeError::Edit(EditError::Store(error)) => error.into(),
        ChangeError::Edit(error) => Failure::Internal(error.into()),
    }
}

fn missing(name: &str) -> Failure {
    Failure::with_exit(
        Exit::NotFound,
        format!("there is no such complaint here: {name}"),
        "see `subject find`; nothing was changed",
    )
}

fn asking<'a>(work: &'a Work<'_>, who: &'a str, reason: &'a str) -> Asking<'a> {
    Asking {
        store: work.store,
        clock: work.clock,
        who,
        reason,
    }
}

fn sought() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin()
        .lock()
        .take(SOUGHT_BYTES_MAX as u64)
        .read_to_string(&mut text);
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    if read.is_err() || line.is_empty() {
        return Err(Failure::user(
            "standard input: a NIK, a phone number or a whole name is expected",
            "type it as one line, and end it with Ctrl-D",
        ));
    }
    Ok(line)
}
