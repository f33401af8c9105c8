//! A complaint's sheet is changed: based on what was looked at, with what was typed kept whatever happens.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use titian_domain::document::Heads;
use titian_domain::refusal::Refusal;
use titian_host::audit::Reveal;
use titian_host::facts::Facts;
use titian_host::subject::look;
use titian_host::web::{Kit, PageResult, redirect_saying};

use super::detail::{complaint_id, hints_on_text, masked_line};
use super::record::failure;
use super::sheet::{
    Before, FIND_REGION, KEEP_REPORTER, OPEN_REPORTER, Problems, SheetPage, Sheets, type_reporter, typed as typed_from,
};
use super::typed::Typed;
use super::visitor::Visitor;
use super::words::complaint_path;
use crate::desk::{Desk, DeskError, Shown, Step};

/// Shows the sheet of a complaint, the reporter masked.
pub async fn open(
    State(desk): State<Desk>,
    State(facts): State<Facts>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let id = complaint_id(&id)?;
    let shown = desk.show(id).await.map_err(|error| visitor.trouble(error))?;
    let mut typed = typed_from(&shown.complaint.particulars, visitor.words.zone);
    typed.set(KEEP_REPORTER, "yes");
    Form {
        visitor: &visitor,
        facts: &facts,
        shown: &shown,
    }
    .answer(StatusCode::OK, typed, Problems::default(), None)
}

/// Saves the sheet, or shows it again.
pub async fn save(
    State(kit): State<Kit>,
    State(desk): State<Desk>,
    State(facts): State<Facts>,
    visitor: Visitor,
    Path(id): Path<String>,
    mut typed: Typed,
) -> PageResult {
    let id = complaint_id(&id)?;
    let shown = desk.show(id).await.map_err(|error| visitor.trouble(error))?;
    let form = Form {
        visitor: &visitor,
        facts: &facts,
        shown: &shown,
    };
    if typed.has(OPEN_REPORTER) {
        if let Some(reporter) = &shown.reporter {
            if !look(&kit, &shown.complaint, &visitor.staff, Reveal::Amend).await? {
                let failure = visitor.words.say("restricted-who");
                return form.answer(StatusCode::FORBIDDEN, typed, Problems::default(), Some(failure));
            }
            type_reporter(&mut typed, reporter);
        }
        typed.set(KEEP_REPORTER, "");
        return form.answer(StatusCode::OK, typed, Problems::default(), None);
    }
    if typed.has(FIND_REGION) {
        let problems = form.sheets().find_region(&mut typed);
        return form.answer(StatusCode::OK, typed, problems, None);
    }
    let before = Before {
        particulars: &shown.complaint.particulars,
        reporter: shown.reporter.as_ref(),
    };
    let sheet = match form.sheets().reader().read(&typed, Some(&before)) {
        Ok(sheet) => Box::new(sheet),
        Err(problems) => return form.answer(StatusCode::UNPROCESSABLE_ENTITY, typed, problems, None),
    };
    let taken = match typed.raw("heads").parse::<Heads>() {
        Ok(base) => {
            desk.step(&visitor.staff.full_name, id, Step::Amend { base, sheet })
                .await
        }
        Err(_) => Err(DeskError::Refused(Refusal::StalePage)),
    };
    match taken {
        Ok(changed) => {
            let notice = if changed {
                "notice-amended"
            } else {
                "notice-nothing-changed"
            };
            Ok(redirect_saying(&complaint_path(id), notice, &[]))
        }
        Err(DeskError::Refused(Refusal::StalePage)) => {
            // From now on based on what is here: the reader is asked to compare before saving again.
            typed.set("heads", shown.heads.to_string());
            let failure = visitor.words.say("amend-stale");
            form.answer(StatusCode::CONFLICT, typed, Problems::default(), Some(failure))
        }
        Err(error) => {
            let failure = failure(&visitor, error)?;
            form.answer(StatusCode::CONFLICT, typed, Problems::default(), Some(failure))
        }
    }
}

struct Form<'a> {
    visitor: &'a Visitor,
    facts: &'a Facts,
    shown: &'a Shown,
}

impl Form<'_> {
    fn sheets(&self) -> Sheets<'_> {
        let office = self.shown.complaint.register.office.to_string();
        Sheets {
            words: &self.visitor.words,
            facts: self.facts,
            office,
        }
    }

    fn answer(&self, status: StatusCode, typed: Typed, problems: Problems, failure: Option<String>) -> PageResult {
        let (words, complaint) = (&self.visitor.words, &self.shown.complaint);
        let path = complaint_path(complaint.id);
        let keeps = typed.has(KEEP_REPORTER) && complaint.particulars.reporter.is_some();
        // What the form was based on when it was first shown; an edit that comes back is still based on that.
        let heads = match typed.raw("heads") {
            "" => self.shown.heads.to_string(),
            heads => heads.to_owned(),
        };
        let page = SheetPage {
            register: Some(complaint.register.to_string()),
            action: format!("{path}/ubah"),
            back: path,
            heads: Some(heads),
            failure,
            hints: hints_on_text(words, &complaint.particulars),
            masked_reporter: keeps.then(|| masked_line(words, self.shown.reporter.as_ref())),
            ..self.sheets().page(typed, problems)
        };
        self.visitor.reader.page_with(status, "amend-heading", &page)
    }
}
