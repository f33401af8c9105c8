//! What citizens are told about their data, as a page to show and to print, and the receipt that says it again.

use askama::Template;
use axum::extract::{Path, State};
use titian_domain::complaint::Complaint;
use titian_domain::notice::{Notice, NoticeVersion};
use titian_domain::particulars::Field;
use titian_host::web::{PageError, PageResult};

use super::detail::{complaint_id, masked_line};
use super::visitor::Visitor;
use super::words::{Words, complaint_path};
use crate::desk::{Desk, Shown};

/// Where the text that is in force is shown.
pub const NOTICE_PATH: &str = "/pemberitahuan";

/// A text with its version.
pub struct NoticeView {
    /// The text.
    pub text: String,
    /// Its version in words.
    pub version: String,
}

impl NoticeView {
    /// Shows a text.
    pub fn new(words: &Words, notice: &Notice) -> Self {
        Self {
            text: notice.text().to_owned(),
            version: words.say1("privacy-version", "version", version_words(words, &notice.version())),
        }
    }
}

/// Names a version as people read it.
pub fn version_words(words: &Words, version: &NoticeVersion) -> String {
    if version.is_standard() {
        words.say1("privacy-standard", "version", version.to_string())
    } else {
        version.to_string()
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    words: Words,
    notice: NoticeView,
}

/// Shows what citizens are told now.
pub async fn in_force(State(desk): State<Desk>, visitor: Visitor) -> PageResult {
    let notice = desk.notice().await.map_err(|error| visitor.trouble(error))?;
    page(&visitor, &notice)
}

/// Shows what citizens were told under a version.
pub async fn of_version(State(desk): State<Desk>, visitor: Visitor, Path(version): Path<String>) -> PageResult {
    let version = version.parse().map_err(|_| PageError::not_found())?;
    let notice = desk.notice_of(version).await.map_err(|error| visitor.trouble(error))?;
    page(&visitor, &notice.ok_or_else(PageError::not_found)?)
}

fn page(visitor: &Visitor, notice: &Notice) -> PageResult {
    let page = NoticePage {
        notice: NoticeView::new(&visitor.words, notice),
        words: visitor.words.clone(),
    };
    visitor.reader.page("privacy-title", &page)
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    words: Words,
    path: String,
    facts: Vec<(String, String)>,
    /// What the citizen was told, or is told now where that was not noted.
    notice: Option<NoticeView>,
    /// Said where the text is not on this machine, or was not noted.
    remark: Option<String>,
}

/// Gives the paper for the citizen: number, summary, time, who received it, and what is done with their data (UU 25/2009). The
/// reporter is masked as on every page: whoever holds the paper knows who they are.
pub async fn receipt(State(desk): State<Desk>, visitor: Visitor, Path(id): Path<String>) -> PageResult {
    let id = complaint_id(&id)?;
    let trouble = |error| visitor.trouble(error);
    let shown = desk.show(id).await.map_err(trouble)?;
    let words = &visitor.words;
    let (notice, remark) = match shown.complaint.notice() {
        None => (
            Some(desk.notice().await.map_err(trouble)?),
            Some(words.say("receipt-notice-now")),
        ),
        Some(version) => {
            let known = desk.notice_of(version.clone()).await.map_err(trouble)?;
            let elsewhere = || words.say1("receipt-notice-elsewhere", "version", version.to_string());
            let remark = known.is_none().then(elsewhere);
            (known, remark)
        }
    };
    let page = ReceiptPage {
        path: complaint_path(id),
        facts: facts(words, &shown),
        notice: notice.map(|notice| NoticeView::new(words, &notice)),
        remark,
        words: words.clone(),
    };
    visitor.reader.page("receipt-title", &page)
}

fn facts(
    words: &Words,
    Shown {
        complaint, reporter, ..
    }: &Shown,
) -> Vec<(String, String)> {
    let Complaint {
        register, particulars, ..
    } = complaint;
    let label = |field: Field| field.label(words.lang).to_owned();
    let reporter = particulars
        .reporter
        .map_or_else(|| words.say("reporter-none"), |_| masked_line(words, reporter.as_ref()));
    [
        (words.say("list-col-register"), register.to_string()),
        (label(Field::ReceivedAt), words.instant(particulars.received_at)),
        (label(Field::Channel), particulars.channel.label(words.lang).to_owned()),
        (label(Field::Title), particulars.title.clone()),
        (label(Field::Place), particulars.place.clone()),
        (label(Field::Reporter), reporter),
        (
            words.say("receipt-received-by"),
            complaint.recorded_by().unwrap_or_default().to_owned(),
        ),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}
