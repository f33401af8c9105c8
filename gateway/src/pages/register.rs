//! An existing register is taken over: upload, a look at what would happen, then doing it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use titian_host::facts::Facts;
use titian_host::web::{PageError, PageResult, redirect};

use super::typed::Typed;
use super::visitor::Visitor;
use super::words::{Words, complaint_path};
use crate::desk::Desk;
use crate::import::{self, Register};
use crate::register_import::{self, ImportReport, RowOutcome};
use crate::uplink::Uplink;

/// More rows than this a person does not read through on a screen; the counts tell of all.
const ROWS_SHOWN_MAX: usize = 500;
/// More staff than one office has; each holds at most one register in memory.
const UPLOADS_MAX: usize = 4;

/// Registers that were looked at and not yet taken over, at most one per staff member. They are gone after a restart:
/// nothing was promised yet.
#[derive(Clone, Default)]
pub struct Uploads(Arc<Mutex<BTreeMap<String, Upload>>>);

#[derive(Clone)]
struct Upload {
    token: String,
    file: String,
    register: Arc<Register>,
}

impl Uploads {
    fn keep(&self, staff: &str, upload: Upload) {
        let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uploads.len() >= UPLOADS_MAX && !uploads.contains_key(staff) {
            uploads.pop_first();
        }
        uploads.insert(staff.to_owned(), upload);
    }

    fn find(&self, staff: &str, token: &str) -> Option<Upload> {
        let uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uploads.get(staff).filter(|upload| upload.token == token).cloned()
    }

    fn forget(&self, staff: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(staff);
    }
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    words: Words,
    problem: Option<String>,
    preview: Option<Preview>,
}

struct Preview {
    heading: String,
    counts: String,
    open: bool,
    addable: bool,
    save: String,
    token: String,
    ignored: Option<String>,
    rows: Vec<RowView>,
    more: Option<String>,
}

struct RowView {
    line: u32,
    title: String,
    kind: &'static str,
    result: String,
    reason: String,
    href: Option<String>,
    register: String,
}

/// Shows the field for a file.
pub async fn open(State(uplink): State<Uplink>, visitor: Visitor) -> PageResult {
    if uplink.status().await?.office.is_none() {
        return Ok(redirect("/"));
    }
    answer(&visitor, StatusCode::OK, None, None)
}

/// Reads a file and shows what would happen; nothing is recorded.
pub async fn check(
    State(desk): State<Desk>,
    State(uplink): State<Uplink>,
    State(facts): State<Facts>,
    State(uploads): State<Uploads>,
    visitor: Visitor,
    mut form: Multipart,
) -> PageResult {
    let problem = |words: String| answer(&visitor, StatusCode::UNPROCESSABLE_ENTITY, Some(words), None);
    let Some(office) = uplink.status().await?.office.and_then(|code| code.parse().ok()) else {
        return Ok(redirect("/"));
    };
    let unread = |error: axum::extract::multipart::MultipartError| {
        // Cut off on its way, or larger than any register: the kit's words fit the status.
        PageError::user(error.status(), "import-unread", "import-unread-next")
    };
    let Some(field) = form.next_field().await.map_err(unread)? else {
        return problem(visitor.words.say("import-no-file"));
    };
    let file = field.file_name().unwrap_or_default().to_owned();
    let bytes = field.bytes().await.map_err(unread)?;
    if file.is_empty() {
        return problem(visitor.words.say("import-no-file"));
    }
    let (zone, today) = (visitor.words.zone, desk.now().date(visitor.words.zone));
    let name = file.clone();
    let read = tokio::task::spawn_blocking(move || import::read(&name, &bytes, zone, today));
    let mut register = match read.await.map_err(|error| PageError::Internal(error.into()))? {
        Ok(register) => register,
        Err(error) => return problem(error.words(visitor.words.lang)),
    };
    register_import::settle_villages(&mut register, &facts.regions, &office);
    let report = register_import::run(&desk, &visitor.staff.full_name, &register, true).await;
    let report = report.map_err(|error| visitor.trouble(error))?;
    let token = titian_domain::id::ComplaintId::new(desk.now(), desk.clock.random()).to_string();
    let upload = Upload {
        token,
        file,
        register: Arc::new(register),
    };
    let preview = preview(&visitor.words, &upload, &report, true);
    uploads.keep(&visitor.staff.name, upload);
    answer(&visitor, StatusCode::OK, None, Some(preview))
}

/// Records what was looked at.
pub async fn save(
    State(desk): State<Desk>,
    State(uploads): State<Uploads>,
    visitor: Visitor,
    typed: Typed,
) -> PageResult {
    let Some(upload) = uploads.find(&visitor.staff.name, typed.raw("token")) else {
        return answer(
            &visitor,
            StatusCode::CONFLICT,
            Some(visitor.words.say("import-gone")),
            None,
        );
    };
    let (staff, register) = (visitor.staff.full_name.clone(), Arc::clone(&upload.register));
    // In a task of its own: a closed tab does not cut it off in the middle.
    let running = tokio::spawn(async move { register_import::run(&desk, &staff, &register, false).await });
    let report = running.await.map_err(|error| PageError::Internal(error.into()))?;
    let report = report.map_err(|error| visitor.trouble(error))?;
    uploads.forget(&visitor.staff.name);
    let preview = preview(&visitor.words, &upload, &report, false);
    answer(&visitor, StatusCode::OK, None, Some(preview))
}

fn answer(visitor: &Visitor, status: StatusCode, problem: Option<String>, preview: Option<Preview>) -> PageResult {
    let page = ImportPage {
        words: visitor.words.clone(),
        problem,
        preview,
    };
    visitor.reader.page_with(status, "import-heading", &page)
}

fn preview(words: &Words, upload: &Upload, report: &ImportReport, open: bool) -> Preview {
    let counts = [
        ("added", report.added),
        ("present", report.present),
        ("refused", report.refused),
    ];
    let counts = counts.map(|(name, count)| (name, count.into()));
    let rows = report.rows.iter().zip(&upload.register.rows);
    let view = |(report, row): (&register_import::RowReport, &Result<import::row::ImportRow, _>)| {
        let title = row.as_ref().map_or("", |row| row.particulars.title.as_str());
        row_view(words, report, title)
    };
    let hidden = report.rows.len().saturating_sub(ROWS_SHOWN_MAX);
    Preview {
        heading: words.say1(
            if open { "import-preview" } else { "import-done" },
            "file",
            upload.file.as_str(),
        ),
        counts: words.say_with(if open { "import-would" } else { "import-did" }, &counts),
        open,
        addable: report.added > 0,
        save: words.say1("import-save", "count", report.added),
        token: upload.token.clone(),
        ignored: (!report.ignored_columns.is_empty())
            .then(|| words.say1("import-ignored", "columns", report.ignored_columns.join(", "))),
        rows: rows.take(ROWS_SHOWN_MAX).map(view).collect(),
        more: (hidden > 0).then(|| words.say1("import-more", "count", hidden)),
    }
}

fn row_view(words: &Words, report: &register_import::RowReport, title: &str) -> RowView {
    let blank = |kind, key: &str| RowView {
        line: report.line,
        title: title.to_owned(),
        kind,
        result: words.say(key),
        reason: String::new(),
        href: None,
        register: String::new(),
    };
    let linked = |row: RowView, id, register: &String| RowView {
        href: Some(complaint_path(id)),
        register: register.clone(),
        ..row
    };
    match &report.outcome {
        RowOutcome::WouldAdd => blank("add", "import-row-would-add"),
        RowOutcome::Added { id, register } => linked(blank("add", "import-row-added"), *id, register),
        RowOutcome::Present { id, register } => linked(blank("present", "import-row-present"), *id, register),
        RowOutcome::Refused { words: told, .. } => RowView {
            reason: told.say(words.lang).to_owned(),
            ..blank("refused", "import-row-refused")
        },
    }
}
