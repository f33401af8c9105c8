//! `complaint …`: look at complaints and move them.

use clap::Subcommand;
use serde::Serialize;
use titian_domain::completeness::Missing;
use titian_domain::id::{ComplaintId, RegisterNumber, TrackingId};
use titian_domain::vocabulary::Stage;
use titian_host::casebook::list::Filter;
use titian_host::casebook::show;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::people::By;
use titian_host::subject::LookArgs;

use super::{Context, attachment};
use crate::desk::{Shown, Step};

/// `complaint …`
#[derive(Subcommand)]
pub enum Command {
    /// List complaints, newest first
    List {
        /// Only this stage
        #[arg(long)]
        stage: Option<Stage>,
        /// Only this office
        #[arg(long)]
        office: Option<String>,
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
    /// Take a forwarded complaint
    Accept {
        /// Which complaint
        complaint: String,
        #[command(flatten)]
        by: By,
    },
    /// Give a forwarded complaint back to its office
    Return {
        /// Which complaint
        complaint: String,
        /// What is missing: title, what, where, when, who, institution, contact, classification, category, other
        #[arg(long, value_delimiter = ',', required = true)]
        missing: Vec<Missing>,
        /// In your own words
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Note the Tracking ID that LAPOR gave, or correct it
    Enter {
        /// Which complaint
        complaint: String,
        /// The number, seven to nine digits
        #[arg(long)]
        tracking_id: TrackingId,
        #[command(flatten)]
        by: By,
    },
    /// Note the disposition by hand, where no export is at hand
    Dispose {
        /// Which complaint
        complaint: String,
        /// To which institution
        #[arg(long)]
        institution: String,
        #[command(flatten)]
        by: By,
    },
    /// List the files of a complaint, or save them
    #[command(subcommand)]
    Attachment(titian_host::attachments::cli::Command),
    /// Close a complaint
    Close {
        /// Which complaint
        complaint: String,
        /// Why
        #[arg(long)]
        reason: String,
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

/// Runs a `complaint` command.
pub async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List {
            stage,
            office,
            search,
            before,
        } => {
            list(
                context,
                Filter {
                    stage,
                    office,
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
        Command::Accept { complaint, by } => step(context, &complaint, Step::Accept, &by).await,
        Command::Return {
            complaint,
            missing,
            reason,
            by,
        } => step(context, &complaint, Step::GiveBack { missing, reason }, &by).await,
        Command::Enter {
            complaint,
            tracking_id,
            by,
        } => step(context, &complaint, Step::Enter { tracking_id }, &by).await,
        Command::Dispose {
            complaint,
            institution,
            by,
        } => step(context, &complaint, Step::Dispose { institution }, &by).await,
        Command::Attachment(command) => attachment::run(context, command).await,
        Command::Close { complaint, reason, by } => step(context, &complaint, Step::Close { reason }, &by).await,
    }
}

async fn list(context: &Context, filter: Filter) -> Result<Exit, Failure> {
    let rows = context.desk.list(filter).await?;
    let zone = context.desk.rules.procedure.zone;
    context.output.show(&rows, |rows| {
        let mut table = Table::new(["register number", "stage", "tracking id", "due", "title", "id"]);
        for row in rows {
            let due = row
                .due_at
                .map_or_else(String::new, |due| due.local(zone).format("%Y-%m-%d %H:%M").to_string());
            table.push([
                row.register.as_str(),
                row.stage.code(),
                row.tracking_id.as_deref().unwrap_or(""),
                &due,
                &row.title,
                &row.id.to_string(),
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
        reporter,
        steps,
        files,
        unmerged,
    } = context.desk.show(id).await?;
    let reveal = looker.sees(&context.work(), &complaint).await?;
    let zone = context.desk.rules.procedure.zone;
    let mut value = show::complaint(&complaint, reporter.as_ref(), reveal, &steps);
    value["unmerged"] = unmerged.into();
    let listed: Vec<_> = files.into_iter().map(attachment::listed).collect();
    value["attachments"] = serde_json::to_value(&listed).unwrap_or_default();
    context.output.show(&value, |_| {
        let mut table = show::table(&complaint, reporter.as_ref(), reveal, &steps, zone);
        for file in &listed {
            table.push(["attachment".to_owned(), file.line()]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

async fn step(context: &Context, name: &str, step: Step, by: &By) -> Result<Exit, Failure> {
    let staff = context.by(by, step.right()).await?;
    let id = context.desk.find(name).await?;
    let changed = context.desk.step(&staff, id, step).await?;
    let complaint = context.desk.show(id).await?.complaint;
    let stepped = Stepped {
        id,
        register: complaint.register,
        stage: complaint.standing.stage,
        changed,
    };
    context.output.show(&stepped, |stepped| {
        let changed = if stepped.changed { "saved" } else { "nothing to change" };
        Table::new(["register number", "stage", ""]).row([&stepped.register.to_string(), stepped.stage.code(), changed])
    })?;
    Ok(Exit::Ok)
}
