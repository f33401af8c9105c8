//! A new complaint: the blank sheet, and putting it on record.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use titian_domain::id::ComplaintId;
use titian_host::facts::Facts;
use titian_host::web::{PageError, PageResult, redirect, redirect_saying};

use super::attachments::{DraftsView, Submitted, attach_all};
use super::detail::{self, Mode};
use super::notice::NoticeView;
use super::sheet::{FIND_REGION, Problems, SheetPage, Sheets};
use super::typed::Typed;
use super::visitor::Visitor;
use super::words::complaint_path;
use crate::desk::{Desk, DeskError, Recorded, Sheet};
use crate::uplink::Uplink;

/// Shows the blank sheet.
pub async fn blank(
    State(desk): State<Desk>,
    State(uplink): State<Uplink>,
    State(facts): State<Facts>,
    visitor: Visitor,
) -> PageResult {
    let Some(office) = uplink.status().await?.office else {
        return Ok(redirect("/"));
    };
    let sheets = Sheets {
        words: &visitor.words,
        facts: &facts,
        office,
    };
    let id = ComplaintId::new(desk.now(), desk.clock.random());
    let notice = desk.notice().await.map_err(|error| visitor.trouble(error))?;
    let page = SheetPage {
        drafts: Some(DraftsView::new(&visitor.words, &[], Vec::new())),
        notice: Some(NoticeView::new(&visitor.words, &notice)),
        ..sheets.blank(id, desk.now())
    };
    answer(&visitor, StatusCode::OK, page)
}

/// Puts a complaint on record.
pub async fn save(
    State(desk): State<Desk>,
    State(uplink): State<Uplink>,
    State(facts): State<Facts>,
    visitor: Visitor,
    Submitted {
        mut typed,
        drafts,
        unfit,
    }: Submitted,
) -> PageResult {
    let office = uplink.status().await?.office.unwrap_or_default();
    let sheets = Sheets {
        words: &visitor.words,
        facts: &facts,
        office,
    };
    let fresh = || ComplaintId::new(desk.now(), desk.clock.random());
    let id = typed.raw("id").parse().unwrap_or_else(|_| fresh());
    let notice = desk.notice().await.map_err(|error| visitor.trouble(error))?;
    let page = |typed: Typed, problems: Problems| SheetPage {
        id: Some(id.to_string()),
        notice: Some(NoticeView::new(&visitor.words, &notice)),
        drafts: Some(DraftsView::new(&visitor.words, &drafts, unfit.clone())),
        ..sheets.page(typed, problems)
    };
    if typed.has(FIND_REGION) {
        let problems = sheets.find_region(&mut typed);
        return answer(&visitor, StatusCode::OK, page(typed, problems));
    }
    let sheet = match sheets.reader().read(&typed, None) {
        Ok(sheet) => sheet,
        Err(problems) => return answer(&visitor, StatusCode::UNPROCESSABLE_ENTITY, page(typed, problems)),
    };
    // The sheet comes back with all that was typed and with the files that can be attached.
    if !unfit.is_empty() {
        let page = page(typed, Problems::default());
        return answer(&visitor, StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    match record_once(&desk, &visitor.staff.full_name, id, sheet, fresh).await {
        Ok((id, Some(recorded))) => {
            let unfit = attach_all(&desk, &visitor, id, drafts).await?;
            if !unfit.is_empty() {
                return detail::page(
                    &desk,
                    &facts,
                    &visitor,
                    id,
                    Mode {
                        unfit,
                        ..Mode::default()
                    },
                )
                .await;
            }
            let register = recorded.register.to_string();
            Ok(redirect_saying(
                &complaint_path(id),
                "notice-recorded",
                &[("register", &register)],
            ))
        }
        Ok((id, None)) => {
            attach_all(&desk, &visitor, id, drafts).await?;
            Ok(redirect_saying(&complaint_path(id), "warning-recorded-before", &[]))
        }
        // Nothing that was typed may be lost: the sheet comes back with the reason on top.
        Err(error) => {
            let failure = failure(&visitor, error)?;
            answer(
                &visitor,
                StatusCode::CONFLICT,
                SheetPage {
                    failure: Some(failure),
                    ..page(typed, Problems::default())
                },
            )
        }
    }
}

/// Puts a sheet on record once: sent twice (a double click, a reload) it is one complaint. Where the browser has kept
/// the identity of an older sheet under another text, it is another complaint.
async fn record_once(
    desk: &Desk,
    staff: &str,
    id: ComplaintId,
    sheet: Sheet,
    fresh: impl FnOnce() -> ComplaintId,
) -> Result<(ComplaintId, Option<Recorded>), DeskError> {
    if let Some(recorded) = desk.record_as(staff, id, sheet.clone()).await? {
        return Ok((id, Some(recorded)));
    }
    let shown = desk.show(id).await?;
    let mut same = sheet.particulars.clone();
    same.reporter = shown.complaint.particulars.reporter;
    let known = shown.reporter.unwrap_or_default();
    if same == shown.complaint.particulars && known.says_the_same(&sheet.reporter) {
        return Ok((id, None));
    }
    let id = fresh();
    Ok((id, desk.record_as(staff, id, sheet).await?))
}

/// Says what the office can mend beside the sheet; gives the rest on as an error page.
pub fn failure(visitor: &Visitor, error: DeskError) -> Result<String, PageError> {
    match error {
        DeskError::Refused(refusal) => Ok(refusal.words(visitor.words.lang)),
        DeskError::NotEnrolled => Ok(visitor.words.say("not-enrolled-keep-typed")),
        other => Err(visitor.trouble(other)),
    }
}

fn answer(visitor: &Visitor, status: StatusCode, page: SheetPage) -> Result<Response, PageError> {
    let page = SheetPage {
        action: "/laporan/baru".to_owned(),
        ..page
    };
    visitor.reader.page_with(status, "record-heading", &page)
}
