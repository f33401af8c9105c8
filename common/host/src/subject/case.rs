//! A case file on paper: the whole complaint with its trail, for the folder at the office. The reporter is masked unless somebody who may
//! says why not; that it was printed is noted first.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use titian_domain::id::ComplaintId;

use super::held::Held;
use super::look;
use super::page::PrintPage;
use super::print::Printer;
use super::requests::Side;
use crate::audit::{self, Deed, Reveal};
use crate::people::{Right, SignedIn};
use crate::web::{Kit, PageError, PageResult, Reader};

/// What the audit log says of a case file that was printed without an identity.
const MASKED: &str = "masked";

/// The button that prints a case file. Put into the page of a complaint as it is.
#[derive(Template)]
#[template(path = "case_button.html")]
pub struct CaseButton {
    /// Who reads the page.
    pub reader: Reader,
    /// The address of the complaint.
    pub path: String,
    /// For what its reader may have the reporter on the paper; empty if they may not.
    pub reasons: Vec<Reveal>,
}

impl CaseButton {
    /// Makes the button of a complaint, for a reader who may look at its reporter or not.
    pub fn new(reader: &Reader, path: &str, reasons: &[Reveal], may_look: bool) -> Self {
        let reasons = if may_look && reader.may(Right::Reveal) {
            reasons
        } else {
            &[]
        };
        Self {
            reader: reader.clone(),
            path: path.to_owned(),
            reasons: reasons.to_vec(),
        }
    }
}

/// Why the reporter is to stand on the paper; empty if masked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    why: String,
}

pub(super) async fn print(
    State(kit): State<Kit>,
    State(side): State<Side>,
    person: SignedIn,
    reader: Reader,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> PageResult {
    let id: ComplaintId = id.parse().map_err(|_| PageError::not_found())?;
    let notice_of = side.notice_of;
    let reading = kit.store.read(move |conn| Held::whole(conn, notice_of, id));
    // Looked at first, and read again once it is noted: the paper then shows that it was printed.
    let complaint = reading.await?.ok_or_else(PageError::not_found)?.complaint;
    let why = Reveal::read(&asked.why);
    if let Some(why) = why {
        if !person.may(Right::Reveal) {
            return Err(PageError::MayNot(Right::Reveal));
        }
        if !look(&kit, &complaint, &person, why).await? {
            return Err(PageError::user(
                StatusCode::FORBIDDEN,
                "restricted-now",
                "restricted-who",
            ));
        }
    }
    let detail = why.map_or(MASKED, Reveal::code);
    let who = (person.name.as_str(), Deed::CasePrinted);
    audit::note_alone(&kit.store, &kit.clock, who, Some(id), detail).await?;
    let reading = kit.store.read(move |conn| Held::whole(conn, notice_of, id));
    let mut held = reading.await?.ok_or_else(PageError::not_found)?;
    let shows_trail = person.may(Right::Audit);
    if !shows_trail {
        held.trail.clear();
    }
    let printer = Printer {
        speech: reader.speech(),
        zone: kit.zone,
        reveal: why.is_some(),
    };
    let why = why.map(|why| reader.say(why.key())).unwrap_or_default();
    let body = printer.case(&held, (kit.clock.now(), &person.full_name), &why, shows_trail)?;
    let title = reader.say1("held-complaint", "register", &held.complaint.register);
    let page = PrintPage {
        reader: &reader,
        body,
        hint: "case-print-hint",
        back: format!("/laporan/{id}"),
    };
    reader.page(title, &page)
}
