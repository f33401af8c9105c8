//! LAPOR's Excel export by upload: first what it would change, then, once confirmed, the change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use titian_domain::vocabulary::Stage;
use titian_host::casebook::list::Summary;
use titian_host::web::{PageError, PageResult, redirect};
use tokio::sync::Semaphore;

use super::uploads::Upload;
use super::words::{Words, complaint_path};
use super::{Caller, Pages, waiting};
use crate::lapor::export::{self, Export, ExportError, FILE_BYTES_MAX};
use crate::lapor::matching::{self, Plan, RefusedUpdate, Suggestion, UnmatchedRow, Update, Waiting};

/// Read to its end, but not kept: a browser whose upload is cut off in the middle shows no answer at all.
pub const BODY_BYTES_MAX: usize = 64 << 20;
/// What a person reads through; the numbers above the lists are of all rows.
const ROWS_SHOWN_MAX: usize = 200;
/// Opening a workbook may take up to 256 MiB for a moment: one after the other.
static READING: Semaphore = Semaphore::const_new(1);
/// The statuses that LAPOR has shown so far. The list is open: another one is taken over like these, and pointed out.
const STATUSES: [&str; 13] = [
    "Belum Terverifikasi",
    "Terverifikasi",
    "Belum Terdisposisi",
    "Terdisposisi",
    "Belum Ditindaklanjuti",
    "Proses",
    "Selesai",
    "Ditunda",
    "Ditanggapi oleh Pelapor",
    "Ditutup oleh Admin",
    "Ditutup oleh Sistem",
    "Diarsipkan oleh Admin",
    "Diarsipkan oleh Sistem",
];

struct Change {
    href: String,
    register: String,
    title: String,
    tracking_id: String,
    status: Option<String>,
    status_before: String,
    disposed_to: Option<String>,
}

/// A row whose title is that of a complaint without a Tracking ID: a person looks whether it is the same.
struct Guess {
    href: String,
    register: String,
    title: String,
    tracking_id: String,
}

#[derive(Template)]
#[template(path = "import_form.html")]
struct FormPage<'a> {
    words: &'a Words,
    problem: Option<String>,
    max_mebibytes: usize,
}

#[derive(Template)]
#[template(path = "import_preview.html")]
struct PreviewPage<'a> {
    words: &'a Words,
    path: String,
    file: &'a str,
    is_done: bool,
    rows: usize,
    plan: &'a Plan,
    changes: Vec<Change>,
    unknown_statuses: Vec<&'a str>,
    refused: &'a [RefusedUpdate],
    guesses: Vec<Guess>,
    unmatched: &'a [UnmatchedRow],
    problems: Vec<String>,
    export: &'a Export,
}

/// Asks for the file.
pub async fn form(caller: Caller) -> PageResult {
    form_page(&caller, StatusCode::OK, None)
}

/// Reads the uploaded file, and goes on to what it would change. A file that cannot be read changes nothing.
pub async fn upload(State(pages): State<Pages>, caller: Caller, parts: Multipart) -> PageResult {
    let refuse = |problem| form_page(&caller, StatusCode::UNPROCESSABLE_ENTITY, Some(problem));
    let (file, bytes) = match take_file(parts).await {
        Ok(taken) => taken,
        Err(Untaken::NoFile) => return refuse(caller.words.say("import-no-file")),
        Err(Untaken::CutOff) => return refuse(caller.words.say("import-cut-off")),
        Err(Untaken::TooLarge) => {
            return refuse(caller.words.say1("import-too-large", "max", FILE_BYTES_MAX >> 20));
        }
    };
    let export = match read(bytes).await? {
        Ok(export) => export,
        Err(error) => return refuse(error.words(caller.words.lang)),
    };
    let token = format!("{:032x}", u128::from_be_bytes(pages.desk.clock.random()));
    let at = caller.words.now;
    let staff = caller.staff.name.clone();
    pages.uploads.keep(Upload {
        token: token.clone(),
        staff,
        at,
        file,
        export: Arc::new(export),
        imported: None,
    });
    Ok(redirect(&format!("/impor-lapor/{token}")))
}

/// Shows what an upload would change, or, once it was confirmed, what it changed.
pub async fn preview(State(pages): State<Pages>, caller: Caller, Path(token): Path<String>) -> PageResult {
    let words = &caller.words;
    let Some(upload) = pages.uploads.get(&token, &caller.staff.name, words.now) else {
        return form_page(&caller, StatusCode::NOT_FOUND, Some(words.say("import-forgotten")));
    };
    let plan = match &upload.imported {
        Some(imported) => imported.plan.clone(),
        None => pages
            .desk
            .plan_import(&upload.export)
            .await
            .map_err(|error| words.refusal(error))?,
    };
    let export = &*upload.export;
    let page = PreviewPage {
        path: format!("/impor-lapor/{token}"),
        file: &upload.file,
        is_done: upload.imported.is_some(),
        rows: export.rows.len(),
        changes: changes(&pages, &plan, export, words).await?,
        unknown_statuses: unknown_statuses(&plan),
        guesses: guesses(&pages, &plan, words).await?,
        refused: first(&plan.refused),
        unmatched: first(&plan.unmatched),
        problems: first(&export.problems)
            .iter()
            .map(|problem| problem.words(words.lang))
            .collect(),
        plan: &plan,
        export,
        words,
    };
    words.reader.page(
        if page.is_done {
            "import-done-title"
        } else {
            "import-preview-title"
        },
        &page,
    )
}

/// Takes over what an upload says. Pressed twice it changes nothing more.
pub async fn apply(State(pages): State<Pages>, caller: Caller, Path(token): Path<String>) -> PageResult {
    let words = &caller.words;
    let Some(upload) = pages.uploads.get(&token, &caller.staff.name, words.now) else {
        return form_page(&caller, StatusCode::NOT_FOUND, Some(words.say("import-forgotten")));
    };
    if upload.imported.is_none() {
        let imported = pages.desk.import(&caller.staff.full_name, &upload.export).await;
        pages
            .uploads
            .finish(&token, imported.map_err(|error| words.refusal(error))?, words.now);
    }
    Ok(redirect(&format!("/impor-lapor/{token}")))
}

/// Why an upload has no usable file in it.
enum Untaken {
    NoFile,
    CutOff,
    TooLarge,
}

/// Takes the file out of a form.
async fn take_file(mut parts: Multipart) -> Result<(String, Vec<u8>), Untaken> {
    let mut taken = None;
    while let Some(mut part) = parts.next_field().await.map_err(|error| untaken(&error))? {
        let is_file = part.name() == Some("file");
        let name = part.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        let mut size = 0_usize;
        while let Some(chunk) = part.chunk().await.map_err(|error| untaken(&error))? {
            size = size.saturating_add(chunk.len());
            if is_file && size <= FILE_BYTES_MAX {
                bytes.extend_from_slice(&chunk);
            }
        }
        if size > FILE_BYTES_MAX {
            return Err(Untaken::TooLarge);
        }
        // A form without a chosen file sends a nameless one of no bytes.
        if is_file && !(name.is_empty() && bytes.is_empty()) {
            taken = Some((name, bytes));
        }
    }
    taken.ok_or(Untaken::NoFile)
}

fn untaken(error: &axum::extract::multipart::MultipartError) -> Untaken {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Untaken::TooLarge,
        _ => Untaken::CutOff,
    }
}

/// Reads an export off the async threads.
async fn read(bytes: Vec<u8>) -> Result<Result<Export, ExportError>, PageError> {
    let _permit = READING.acquire().await.expect("the semaphore is never closed");
    let reading = tokio::task::spawn_blocking(move || export::read(&bytes)).await;
    reading.map_err(|error| PageError::Internal(anyhow::Error::new(error).context("reading an export broke off")))
}

fn form_page(caller: &Caller, status: StatusCode, problem: Option<String>) -> PageResult {
    let words = &caller.words;
    let page = FormPage {
        words,
        problem,
        max_mebibytes: FILE_BYTES_MAX >> 20,
    };
    words.reader.page_with(status, "import-title", &page)
}

async fn changes(pages: &Pages, plan: &Plan, export: &Export, words: &Words) -> Result<Vec<Change>, PageError> {
    let titles: BTreeMap<_, _> = export
        .rows
        .iter()
        .map(|row| (&row.tracking_id, row.title.as_str()))
        .collect();
    let mut changes = Vec::new();
    for update in first(&plan.update) {
        let shown = pages
            .desk
            .show(update.complaint)
            .await
            .map_err(|error| words.refusal(error))?;
        let Update {
            complaint,
            tracking_id,
            status,
            disposed_to,
        } = update.clone();
        changes.push(Change {
            href: complaint_path(complaint),
            register: shown.complaint.register.to_string(),
            title: words.title(titles.get(&tracking_id).copied().unwrap_or_default()),
            tracking_id: tracking_id.to_string(),
            status_before: shown
                .complaint
                .lapor_status
                .filter(|before| Some(before) != status.as_ref())
                .unwrap_or_default(),
            status,
            disposed_to,
        });
    }
    Ok(changes)
}

/// Looks for complaints that were typed into LAPOR and whose Tracking ID nobody brought back.
async fn guesses(pages: &Pages, plan: &Plan, words: &Words) -> Result<Vec<Guess>, PageError> {
    let accepted = waiting::all_at(&pages.desk, words, Stage::Accepted).await?;
    let waiting = |summary: &Summary| Waiting {
        complaint: summary.id,
        title: summary.title.clone(),
    };
    let suggested = matching::suggest(&plan.unmatched, &accepted.iter().map(waiting).collect::<Vec<_>>());
    let guess = |suggestion: &Suggestion| {
        let summary = accepted.iter().find(|summary| summary.id == suggestion.complaint)?;
        Some(Guess {
            href: complaint_path(summary.id),
            register: summary.register.clone(),
            title: summary.title.clone(),
            tracking_id: suggestion.tracking_id.to_string(),
        })
    };
    Ok(suggested.iter().filter_map(guess).take(ROWS_SHOWN_MAX).collect())
}

/// Cuts a list to what a person reads through.
fn first<T>(rows: &[T]) -> &[T] {
    &rows[..rows.len().min(ROWS_SHOWN_MAX)]
}

fn unknown_statuses(plan: &Plan) -> Vec<&str> {
    let told: BTreeSet<&str> = plan
        .update
        .iter()
        .filter_map(|update| update.status.as_deref())
        .collect();
    told.into_iter().filter(|status| !STATUSES.contains(status)).collect()
}
