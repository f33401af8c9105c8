//! A citizen asks about their own data: the page on which it is answered, by those who may. Who is sought stands in bodies and never
//! in an address.

use askama::Template;
use axum::Form;
use axum::extract::{FromRef, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use titian_domain::lang::Lang;
use titian_domain::refusal::Refusal;

use super::case;
use super::person::{Found, Unclear};
use super::print::Printer;
use super::requests::{Asking, ChangeError, FILE, FIND, SOUGHT_BYTES_MAX, Side, names_them};
use crate::casebook::edit::EditError;
use crate::cli::good_reason;
use crate::people::{Right, SignedIn};
use crate::store::StoreError;
use crate::web::{Kit, PageError, PageResult, Reader, Routes, Who, redirect_saying};

/// Where requests are answered.
const PATH: &str = "/warga";
/// What is said where a reason names the citizen.
const NAMES: &str = "subject-reason-names";

/// Gives the page to a program's router, and the printed case file, which is written like the file of what is held.
pub fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    Side: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    let may = Who::May(Right::Subject);
    Routes::default()
        .get(PATH, may, open)
        .post("/warga/cari", may, find)
        .post("/warga/berkas", may, file)
        .post("/warga/hapus", may, erase)
        .post("/warga/batasi", may, restrict)
        .post("/warga/cabut", may, lift)
        .post("/laporan/{id}/berkas", Who::May(Right::Read), case::print)
}

/// What was typed and chosen. No `Debug`: it names somebody.
#[derive(Default)]
struct Asked {
    sought: String,
    reason: String,
    complaints: Vec<String>,
    form: String,
    sure: bool,
}

impl Asked {
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "sought" => asked.sought = value.trim().to_owned(),
                "reason" => asked.reason = value.trim().to_owned(),
                "complaint" => asked.complaints.push(value),
                "form" => asked.form = value,
                "sure" => asked.sure = value == "yes",
                _ => {}
            }
        }
        asked
    }

    /// Gives the key of what is wrong with it.
    fn problem(&self) -> Option<&'static str> {
        if self.sought.is_empty() || self.sought.len() > SOUGHT_BYTES_MAX {
            Some("subject-sought-missing")
        } else if good_reason(&self.reason).is_none() {
            Some("subject-reason-missing")
        } else if names_them(&self.reason, &self.sought) {
            Some(NAMES)
        } else {
            None
        }
    }
}

struct Line {
    id: String,
    register: String,
    stage: &'static str,
    reporter: String,
    nik: String,
    restricted: bool,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "subject.html")]
struct SubjectPage<'a> {
    reader: &'a Reader,
    asked: &'a Asked,
    problem: Option<String>,
    /// What was found; none before something was sought.
    found: Option<Vec<Line>>,
}

#[derive(Template)]
#[template(path = "subject_erase.html")]
struct ErasePage<'a> {
    reader: &'a Reader,
    asked: &'a Asked,
}

#[derive(Template)]
#[template(path = "subject_print.html")]
pub(super) struct PrintPage<'a> {
    pub reader: &'a Reader,
    pub body: String,
    /// The key of what is said above it, on the screen alone.
    pub hint: &'static str,
    /// Where the reader came from.
    pub back: String,
}

async fn open(reader: Reader) -> PageResult {
    let asked = Asked::default();
    page(&reader, &asked, None, None)
}

async fn find(
    State(kit): State<Kit>,
    person: SignedIn,
    reader: Reader,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    let asked = Asked::read(fields);
    if let Some(key) = problem(&kit, &person, &asked, FIND).await? {
        return page(&reader, &asked, Some(reader.say(key)), None);
    }
    listed(&kit, &person, &reader, &asked, None).await
}

async fn file(
    State(kit): State<Kit>,
    State(side): State<Side>,
    person: SignedIn,
    reader: Reader,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    let asked = Asked::read(fields);
    if let Some(key) = problem(&kit, &person, &asked, FILE).await? {
        return page(&reader, &asked, Some(reader.say(key)), None);
    }
    if asked.complaints.is_empty() {
        return listed(&kit, &person, &reader, &asked, Some("subject-choose")).await;
    }
    let asking = asking(&kit, &person, &asked);
    let dossier = asking
        .dossier(side.notice_of, asked.sought.clone(), asked.complaints.clone())
        .await?;
    let dossier = match dossier {
        Ok(dossier) => dossier,
        Err(unclear) => {
            let key = match unclear {
                Unclear::Nobody | Unclear::NotTheirs(_) => "subject-nobody",
                Unclear::Choose => "subject-choose",
                Unclear::SeveralPeople => "subject-several",
                Unclear::NamesThem(_) => return page(&reader, &asked, Some(reader.say(NAMES)), None),
            };
            return listed(&kit, &person, &reader, &asked, Some(key)).await;
        }
    };
    if asked.form == "json" {
        let bytes = serde_json::to_vec_pretty(&dossier.json()).map_err(|error| PageError::Internal(error.into()))?;
        return Ok(download(bytes));
    }
    let printer = Printer {
        speech: reader.speech(),
        zone: kit.zone,
        reveal: true,
    };
    let body = printer.dossier(&dossier)?;
    let page = PrintPage {
        reader: &reader,
        body,
        hint: "subject-print-hint",
        back: PATH.to_owned(),
    };
    reader.page("held-title", &page)
}

async fn erase(
    State(kit): State<Kit>,
    State(side): State<Side>,
    person: SignedIn,
    reader: Reader,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    let asked = Asked::read(fields);
    if let Some(key) = problem(&kit, &person, &asked, "erase").await? {
        return page(&reader, &asked, Some(reader.say(key)), None);
    }
    if asked.complaints.is_empty() {
        return listed(&kit, &person, &reader, &asked, Some("subject-choose")).await;
    }
    if !asked.sure {
        let page = ErasePage {
            reader: &reader,
            asked: &asked,
        };
        return reader.page("subject-erase-title", &page);
    }
    let erased = asking(&kit, &person, &asked)
        .erase(&side.rules, asked.complaints.clone())
        .await;
    let (complaints, _) = match erased {
        Ok(erased) => erased,
        Err(ChangeError::Edit(EditError::Store(error))) => return Err(error.into()),
        Err(ChangeError::NamesThem(_)) => return page(&reader, &asked, Some(reader.say(NAMES)), None),
        Err(ChangeError::Edit(EditError::Refused(Refusal::Restricted))) => {
            return listed(&kit, &person, &reader, &asked, Some("subject-erase-restricted")).await;
        }
        // Between the list and the button somebody may have changed what is here.
        Err(_) => return listed(&kit, &person, &reader, &asked, Some("subject-nobody")).await,
    };
    let count = complaints.to_string();
    Ok(redirect_saying(PATH, "notice-subject-erased", &[("count", &count)]))
}

async fn restrict(
    State(kit): State<Kit>,
    State(side): State<Side>,
    person: SignedIn,
    reader: Reader,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    change(&kit, &side, (&person, &reader), Asked::read(fields), false).await
}

async fn lift(
    State(kit): State<Kit>,
    State(side): State<Side>,
    person: SignedIn,
    reader: Reader,
    Form(fields): Form<Vec<(String, String)>>,
) -> PageResult {
    change(&kit, &side, (&person, &reader), Asked::read(fields), true).await
}

async fn change(
    kit: &Kit,
    side: &Side,
    (person, reader): (&SignedIn, &Reader),
    asked: Asked,
    lifts: bool,
) -> PageResult {
    let step = if lifts { "lift-restriction" } else { "restrict" };
    if let Some(key) = problem(kit, person, &asked, step).await? {
        return page(reader, &asked, Some(reader.say(key)), None);
    }
    if asked.complaints.is_empty() {
        return listed(kit, person, reader, &asked, Some("subject-choose")).await;
    }
    // The case file names people as its other events do.
    let asking = Asking {
        who: &person.full_name,
        ..asking(kit, person, &asked)
    };
    let count = match asking.restrict(side, asked.complaints.clone(), lifts).await {
        Ok(count) => count.to_string(),
        Err(ChangeError::NamesThem(_)) => return page(reader, &asked, Some(reader.say(NAMES)), None),
        Err(ChangeError::Edit(EditError::Store(error))) => return Err(error.into()),
        Err(_) => return listed(kit, person, reader, &asked, Some("subject-nobody")).await,
    };
    let notice = if lifts {
        "notice-restriction-lifted"
    } else {
        "notice-restricted"
    };
    Ok(redirect_saying(PATH, notice, &[("count", &count)]))
}

fn asking<'a>(kit: &'a Kit, person: &'a SignedIn, asked: &'a Asked) -> Asking<'a> {
    Asking {
        store: &kit.store,
        clock: &kit.clock,
        who: &person.name,
        reason: &asked.reason,
    }
}

/// Gives the key of what is wrong with what was typed; that a reason names who is sought is noted.
async fn problem(kit: &Kit, person: &SignedIn, asked: &Asked, step: &str) -> Result<Option<&'static str>, StoreError> {
    let problem = asked.problem();
    if problem == Some(NAMES) {
        asking(kit, person, asked).note_refused(None, step).await?;
    }
    Ok(problem)
}

async fn listed(kit: &Kit, person: &SignedIn, reader: &Reader, asked: &Asked, problem: Option<&str>) -> PageResult {
    let Ok(found) = asking(kit, person, asked).find(asked.sought.clone()).await? else {
        return page(reader, asked, Some(reader.say(NAMES)), None);
    };
    let lines = found.into_iter().map(|found| line(found, reader.lang, asked)).collect();
    page(reader, asked, problem.map(|key| reader.say(key)), Some(lines))
}

fn line(found: Found, lang: Lang, asked: &Asked) -> Line {
    let id = found.id.to_string();
    Line {
        chosen: asked.complaints.contains(&id),
        id,
        register: found.register,
        stage: found.stage.label(lang),
        reporter: found.reporter.unwrap_or_default(),
        nik: found.nik.unwrap_or_default(),
        restricted: found.restricted,
    }
}

fn page(reader: &Reader, asked: &Asked, problem: Option<String>, found: Option<Vec<Line>>) -> PageResult {
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = SubjectPage {
        reader,
        asked,
        problem,
        found,
    };
    reader.page_with(status, "subject-title", &page)
}

fn download(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"data.json\""),
        ),
    ];
    (headers, bytes).into_response()
}
