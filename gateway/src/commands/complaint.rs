//! `complaint …`: record, look at and move complaints.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use titian_domain::airlock::Reason;
use titian_domain::id::{ComplaintId, RegisterNumber};
use titian_domain::lang::Lang;
use titian_domain::particulars::{Field, Value};
use titian_domain::time::Zone;
use titian_domain::vocabulary::{OfficeOutcome, Stage};
use titian_host::casebook::list::{Filter, Summary};
use titian_host::casebook::show;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::people::{By, Right};
use titian_host::subject::LookArgs;

use super::sheet::SheetArgs;
use super::{Context, attachment};
use crate::desk::{Delivery, Shown, Step};

/// `complaint …`
#[derive(Subcommand)]
pub enum Command {
    /// Put a complaint on record; nothing has to be complete yet
    Add {
        #[command(flatten)]
        sheet: Box<SheetArgs>,
        #[command(flatten)]
        by: By,
    },
    /// List complaints, newest first
    List {
        /// Only this stage
        #[arg(long)]
        stage: Option<Stage>,
        /// Only what contains these words, or was brought by somebody of this name
        #[arg(long)]
        search: Option<String>,
        /// Only what is older than this one (the last of the page before)
        #[arg(long)]
        before: Option<ComplaintId>,
    },
    /// Show one complaint: its id, register number or Tracking ID
    Show {
        /// Which complaint
        complaint: String,
        #[command(flatten)]
        look: LookArgs,
    },
    /// Change what a complaint says
    Amend {
        /// Which complaint
        complaint: String,
        #[command(flatten)]
        sheet: Box<SheetArgs>,
        #[command(flatten)]
        by: By,
    },
    /// Choose between two values of a field that stand against each other
    Settle {
        /// Which complaint
        complaint: String,
        /// Which field
        #[arg(long)]
        field: Field,
        /// Which of the values that `complaint show` lists, counted from 1
        #[arg(long)]
        value: usize,
        #[command(flatten)]
        by: By,
    },
    /// Declare its substance clear
    Verify {
        /// Which complaint
        complaint: String,
        #[command(flatten)]
        by: By,
    },
    /// Hand it to the liaison
    Forward {
        /// Which complaint
        complaint: String,
        #[command(flatten)]
        by: By,
    },
    /// Note that the complainant was asked; deadlines pause
    Ask {
        /// Which complaint
        complaint: String,
        /// What was asked
        #[arg(long)]
        question: String,
        #[command(flatten)]
        by: By,
    },
    /// Note what the complainant answered; deadlines run again
    Answered {
        /// Which complaint
        complaint: String,
        /// What came of it
        #[arg(long)]
        note: String,
        #[command(flatten)]
        by: By,
    },
    /// Add a note
    Note {
        /// Which complaint
        complaint: String,
        /// What
        #[arg(long)]
        note: String,
        #[command(flatten)]
        by: By,
    },
    /// Attach photos (JPEG, PNG), PDF or DOCX: photos are shrunk, and lose what they say about place and camera
    Attach {
        /// Which complaint
        complaint: String,
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        by: By,
    },
    /// Take a file away again; the history keeps that it was there
    Detach {
        /// Which complaint
        complaint: String,
        /// The first digits of the file's hash, as `attachment list` shows it
        file: String,
        #[command(flatten)]
        by: By,
    },
    /// List the files of a complaint, or save them
    #[command(subcommand)]
    Attachment(titian_host::attachments::cli::Command),
    /// Close it without handing it on
    Close {
        /// Which complaint
        complaint: String,
        /// referred, withdrawn, duplicate or mistaken
        #[arg(long)]
        outcome: OfficeOutcome,
        /// To whom it was referred, which number it doubles
        #[arg(long)]
        note: String,
        #[command(flatten)]
        by: By,
    },
}

/// What a step answers.
#[derive(Serialize)]
struct Stepped {
    id: ComplaintId,
    register: RegisterNumber,
    stage: Stage,
    /// Whether anything had to be written.
    changed: bool,
}

/// One row of the list.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    summary: Summary,
    delivery: Delivery,
}

/// Runs a `complaint` command.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Add { sheet, by } => add(context, *sheet, &by).await,
        Command::List { stage, search, before } => {
            list(
                context,
                Filter {
                    stage,
                    text: search,
                    // Whoever keeps the machine may see names.
                    by_name: true,
                    before,
                    ..Filter::default()
                },
            )
            .await
        }
        Command::Show { complaint, look } => show(context, &complaint, &look).await,
        Command::Amend { complaint, sheet, by } => amend(context, &complaint, *sheet, &by).await,
        Command::Settle {
            complaint,
            field,
            value,
            by,
        } => settle(context, &complaint, (field, value), &by).await,
        Command::Verify { complaint, by } => step(context, &complaint, Step::Verify, &by).await,
        Command::Forward { complaint, by } => step(context, &complaint, Step::Forward, &by).await,
        Command::Ask {
            complaint,
            question,
            by,
        } => step(context, &complaint, Step::Ask { question }, &by).await,
        Command::Answered { complaint, note, by } => step(context, &complaint, Step::Answered { note }, &by).await,
        Command::Note { complaint, note, by } => step(context, &complaint, Step::Note { note }, &by).await,
        Command::Attach { complaint, files, by } => attachment::attach(context, &complaint, files, &by).await,
        Command::Detach { complaint, file, by } => {
            // Who may not is told no more than that.
            context.by(&by, Right::Record).await?;
            let hash = attachment::named(context, &complaint, &file).await?;
            step(context, &complaint, Step::Detach { hash }, &by).await
        }
        Command::Attachment(command) => attachment::run(context, command).await,
        Command::Close {
            complaint,
            outcome,
            note,
            by,
        } => step(context, &complaint, Step::Close { outcome, note }, &by).await,
    }
}

async fn add(context: &Context, args: SheetArgs, by: &By) -> Result<Exit, Failure> {
    let staff = context.by(by, Right::Record).await?;
    let args = args.with_json()?;
    let mut sheet = args.blank(context.desk.now());
    args.fill(&mut sheet)?;
    let recorded = context.desk.record(&staff, sheet).await?;
    let shown = context.desk.show(recorded.id).await?;
    context.output.show(&recorded, |recorded| {
        Table::new(["register number", "id"]).row([recorded.register.to_string(), recorded.id.to_string()])
    })?;
    for missing in &shown.missing {
        context.output.say(&format!(
            "missing before it can be verified: {}",
            missing.words(Lang::En)
        ))?;
    }
    Ok(Exit::Ok)
}

async fn list(context: &Context, filter: Filter) -> Result<Exit, Failure> {
    let rows = context.desk.list(filter).await?;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(summary, delivery)| Listed { summary, delivery })
        .collect();
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&rows, |rows| {
        let mut table = Table::new(["register number", "stage", "delivery", "due", "title", "id"]);
        for Listed { summary, delivery } in rows {
            let due = summary
                .due_at
                .map_or_else(String::new, |due| due.local(zone).format("%Y-%m-%d %H:%M").to_string());
            table.push([
                summary.register.clone(),
                summary.stage.code().to_owned(),
                delivery.code().to_owned(),
                due,
                summary.title.clone(),
                summary.id.to_string(),
            ]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

async fn show(context: &Context, name: &str, look: &LookArgs) -> Result<Exit, Failure> {
    // Who may not is told no more than that.
    let looker = look.looker(&context.work()).await?;
    let id = context.desk.find(name).await?;
    let Shown {
        complaint,
        heads,
        reporter,
        missing,
        steps,
        delivery,
        files,
        unmerged,
        refused,
    } = context.desk.show(id).await?;
    let reveal = looker.sees(&context.work(), &complaint).await?;
    let zone: Zone = context.desk.rules.procedure.zone;
    let mut value = show::complaint(&complaint, reporter.as_ref(), reveal, &steps);
    value["heads"] = heads.to_string().into();
    value["missing"] = missing.iter().map(|item| item.code()).collect();
    value["delivery"] = delivery.code().into();
    value["unmerged"] = unmerged.into();
    let listed: Vec<_> = files.into_iter().map(attachment::listed).collect();
    value["attachments"] = serde_json::to_value(&listed).unwrap_or_default();
    value["refused"] = refused.map_or(serde_json::Value::Null, |refused| {
        serde_json::json!({
            "items": refused.items,
            "since": refused.since,
            "reason": refused.reason.map_or("unknown", Reason::code),
        })
    });
    context.output.show(&value, |_| {
        let mut table = show::table(&complaint, reporter.as_ref(), reveal, &steps, zone);
        table.push(["delivery", delivery.code()]);
        if let Some(refused) = refused {
            let why = refused
                .reason
                .map_or("a newer hub says why", |reason| reason.words(Lang::En));
            table.push(["not taken by the hub", why]);
        }
        for file in &listed {
            table.push(["attachment".to_owned(), file.line()]);
        }
        for item in &missing {
            table.push(["missing", item.words(Lang::En)]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

async fn amend(context: &Context, name: &str, args: SheetArgs, by: &By) -> Result<Exit, Failure> {
    // Who may not is told no more than that.
    context.by(by, Right::Record).await?;
    let id = context.desk.find(name).await?;
    let shown = context.desk.show(id).await?;
    let mut sheet = crate::desk::Sheet {
        particulars: shown.complaint.particulars,
        reporter: shown.reporter.unwrap_or_default(),
    };
    args.with_json()?.fill(&mut sheet)?;
    step(
        context,
        name,
        Step::Amend {
            base: shown.heads,
            sheet: Box::new(sheet),
        },
        by,
    )
    .await
}

async fn settle(context: &Context, name: &str, (field, value): (Field, usize), by: &By) -> Result<Exit, Failure> {
    // Who may not is told no more than that.
    context.by(by, Right::Record).await?;
    let id = context.desk.find(name).await?;
    let shown = context.desk.show(id).await?;
    let conflict = shown
        .complaint
        .conflicts
        .into_iter()
        .find(|conflict| conflict.field == field);
    let chosen: Option<Value> = conflict.and_then(|conflict| {
        conflict
            .contenders
            .into_iter()
            .nth(value.checked_sub(1)?)
            .map(|contender| contender.value)
    });
    let Some(chosen) = chosen else {
        return Err(Failure::user(
            format!("{} has no value {value} that stands against another", field.code()),
            "see `titian-gateway complaint show` for the conflicts and their values",
        ));
    };
    step(context, name, Step::Settle { field, chosen }, by).await
}

async fn step(context: &Context, name: &str, step: Step, by: &By) -> Result<Exit, Failure> {
    let staff = context.by(by, step.right()).await?;
    let id = context.desk.find(name).await?;
    let changed = context.desk.step(&staff, id, step).await?;
    let shown = context.desk.show(id).await?;
    let stepped = Stepped {
        id,
        register: shown.complaint.register,
        stage: shown.complaint.standing.stage,
        changed,
    };
    context.output.show(&stepped, |stepped| {
        let changed = if stepped.changed { "saved" } else { "nothing to change" };
        Table::new(["register number", "stage", ""]).row([&stepped.register.to_string(), stepped.stage.code(), changed])
    })?;
    Ok(Exit::Ok)
}
