//! The work list: what is to do now, and every complaint with its stage, its deadline and how far it has come.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Stage;
use titian_host::casebook::list::{Filter, PAGE_ROWS_MAX, Summary};
use titian_host::export::Buttons;
use titian_host::people::Right;
use titian_host::web::{PageResult, Searches, address, redirect, redirect_saying};

use super::progress::{self, Due, Ticks};
use super::visitor::Visitor;
use super::words::{Words, complaint_path};
use super::{Pages, encryption, sync};
use crate::desk::{Delivery, Desk, DeskError};

/// What fits on a screen or two of an office PC.
const ROWS_SHOWN: u32 = 50;
/// The stages at which the office is the one to act.
const OFFICE_STAGES: [Stage; 3] = [Stage::Recorded, Stage::Verified, Stage::Returned];

/// What the address asks for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// The number of what is searched for, see [`Searches`].
    q: String,
    stage: String,
    only: String,
    before: String,
}

/// What the form above the list asks for. No `Debug`: it may name a citizen.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Sought {
    text: String,
    stage: String,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    export: Buttons<'a>,
    may_record: bool,
    words: Words,
    reminder: Option<String>,
    sync_line: String,
    cards: Vec<Card>,
    text: String,
    total: u64,
    stages: Vec<StageOption>,
    only_title: Option<String>,
    rows: Vec<RowView>,
    filtered: bool,
    paged: bool,
    first: String,
    next: Option<String>,
}

struct Card {
    count: String,
    label: String,
    href: String,
    urgent: bool,
    chosen: bool,
}

struct StageOption {
    value: &'static str,
    label: &'static str,
    count: u64,
    chosen: bool,
}

struct RowView {
    href: String,
    register: String,
    title: String,
    flags: Vec<Flag>,
    stage: &'static str,
    stage_code: &'static str,
    due: Due,
    ticks: Ticks,
}

struct Flag {
    words: String,
    loud: bool,
}

type Row = (Summary, Delivery);

/// A heap of work: what the office does next with these complaints.
struct Heap {
    code: &'static str,
    key: &'static str,
    urgent: bool,
    holds: fn(&Summary, UnixMillis) -> bool,
}

/// The heaps in the order of the procedure. A complaint may lie on two: overdue ones also lie where they wait.
const HEAPS: [Heap; 6] = [
    Heap {
        code: "complete",
        key: "todo-complete",
        urgent: false,
        holds: |row, _| row.stage == Stage::Recorded && !row.paused,
    },
    Heap {
        code: "forward",
        key: "todo-forward",
        urgent: false,
        holds: |row, _| row.stage == Stage::Verified && !row.paused && !row.reverify,
    },
    Heap {
        code: "reverify",
        key: "todo-reverify",
        urgent: true,
        holds: |row, _| row.reverify && !row.paused,
    },
    Heap {
        code: "returned",
        key: "todo-returned",
        urgent: true,
        holds: |row, _| row.stage == Stage::Returned && !row.paused,
    },
    Heap {
        code: "waiting",
        key: "todo-waiting",
        urgent: false,
        holds: |row, _| row.paused,
    },
    Heap {
        code: "overdue",
        key: "todo-overdue",
        urgent: true,
        holds: |row, now| !row.paused && row.due_at.is_some_and(|due| due < now),
    },
];

/// Keeps what is searched for, and leads to the list of it.
pub async fn search(
    State(desk): State<Desk>,
    State(searches): State<Searches>,
    visitor: Visitor,
    Form(sought): Form<Sought>,
) -> Response {
    let text = sought.text.trim();
    let number = (!text.is_empty()).then(|| searches.keep(&desk.clock, &visitor.staff.name, text));
    let wanted = Wanted {
        q: number.unwrap_or_default(),
        stage: sought.stage,
        ..Wanted::default()
    };
    redirect(&wanted.address(None))
}

/// Shows the work list, or how to begin where no office is known yet.
pub async fn show(State(pages): State<Pages>, visitor: Visitor, Query(wanted): Query<Wanted>) -> PageResult {
    let Pages {
        desk, uplink, searches, ..
    } = &pages;
    let text = match wanted.q.as_str() {
        "" => String::new(),
        number => match searches.recall(&visitor.staff.name, number) {
            Some(text) => text,
            None => return Ok(redirect_saying("/", "warning-search-forgotten", &[])),
        },
    };
    let status = uplink.status().await?;
    if status.office.is_none() {
        return sync::welcome(&visitor);
    }
    let (words, now) = (&visitor.words, desk.now());
    let trouble = |error: DeskError| visitor.trouble(error);
    let counts = desk.counts().await.map_err(trouble)?;
    let office_rows = office_rows(desk).await.map_err(trouble)?;
    let heap = HEAPS.iter().find(|heap| heap.code == wanted.only);
    let (rows, more) = match heap {
        Some(heap) => (
            office_rows
                .iter()
                .filter(|(row, _)| (heap.holds)(row, now))
                .cloned()
                .collect(),
            false,
        ),
        None => listed(desk, &wanted, (&text, visitor.staff.may(Right::Reveal)))
            .await
            .map_err(trouble)?,
    };
    let next = rows.last().filter(|_| more).map(|(row, _)| wanted.address(Some(row)));
    let page = ListPage {
        export: Buttons {
            reader: &visitor.reader,
            stage: wanted.stage.parse().map_or("", Stage::code),
            office: "",
            text: &text,
        },
        may_record: visitor.staff.may(Right::Record),
        reminder: encryption::reminder(&pages, &visitor).await,
        sync_line: sync::line(words, &status, now),
        cards: HEAPS
            .iter()
            .map(|heap| card(words, heap, &office_rows, &wanted, now))
            .collect(),
        total: counts.iter().map(|(_, count)| count).sum(),
        stages: stages(words, &counts, &wanted),
        only_title: heap.map(|heap| words.say(heap.key)),
        rows: rows.iter().map(|row| view(words, row, now)).collect(),
        filtered: heap.is_some() || !text.is_empty() || !wanted.stage.is_empty(),
        paged: !wanted.before.is_empty(),
        first: wanted.address(None),
        next,
        text: text.clone(),
        words: words.clone(),
    };
    visitor.reader.page("list-heading", &page)
}

/// Lists what the office has to act on: the newest of each stage, as many as one list gives.
async fn office_rows(desk: &Desk) -> Result<Vec<Row>, DeskError> {
    let mut rows = Vec::new();
    for stage in OFFICE_STAGES {
        rows.extend(
            desk.list(Filter {
                stage: Some(stage),
                ..Filter::default()
            })
            .await?,
        );
    }
    rows.sort_by_key(|(row, _)| std::cmp::Reverse(row.id));
    Ok(rows)
}

/// Lists one page, and tells whether there is more behind it.
async fn listed(desk: &Desk, wanted: &Wanted, (text, by_name): (&str, bool)) -> Result<(Vec<Row>, bool), DeskError> {
    let filter = Filter {
        stage: wanted.stage.parse().ok(),
        text: (!text.is_empty()).then(|| text.to_owned()),
        by_name,
        before: wanted.before.parse().ok(),
        rows: ROWS_SHOWN + 1,
        ..Filter::default()
    };
    let mut rows = desk.list(filter).await?;
    let shown = ROWS_SHOWN as usize;
    let more = rows.len() > shown;
    rows.truncate(shown);
    Ok((rows, more))
}

impl Wanted {
    fn address(&self, last: Option<&Summary>) -> String {
        let before = last.map(|row| row.id.to_string()).unwrap_or_default();
        address(
            "/",
            &[
                ("q", &self.q),
                ("stage", &self.stage),
                ("only", &self.only),
                ("before", &before),
            ],
        )
    }
}

fn card(words: &Words, heap: &Heap, rows: &[Row], wanted: &Wanted, now: UnixMillis) -> Card {
    let count = rows.iter().filter(|(row, _)| (heap.holds)(row, now)).count();
    // Beyond what one list gives the heap is only known to be at least so high.
    let more = if rows.len() >= PAGE_ROWS_MAX as usize && count >= PAGE_ROWS_MAX as usize {
        "+"
    } else {
        ""
    };
    let chosen = wanted.only == heap.code;
    let href = if chosen {
        "/".to_owned()
    } else {
        format!("/?only={}", heap.code)
    };
    Card {
        count: format!("{count}{more}"),
        label: words.say(heap.key),
        href,
        urgent: heap.urgent && count > 0,
        chosen,
    }
}

fn stages(words: &Words, counts: &[(Stage, u64)], wanted: &Wanted) -> Vec<StageOption> {
    let option = |&(stage, count): &(Stage, u64)| StageOption {
        value: stage.code(),
        label: stage.label(words.lang),
        count,
        chosen: wanted.stage == stage.code(),
    };
    counts.iter().map(option).collect()
}

fn view(words: &Words, (row, delivery): &Row, now: UnixMillis) -> RowView {
    let flags = [
        (row.reverify, "flag-reverify", true),
        (row.conflicts > 0, "flag-conflict", true),
        (row.unmerged > 0, "flag-unmerged", true),
        (row.anonymous, "flag-anonymous", false),
        (row.confidential, "flag-confidential", false),
    ];
    RowView {
        href: complaint_path(row.id),
        register: row.register.clone(),
        title: if row.title.is_empty() {
            words.say("untitled")
        } else {
            row.title.clone()
        },
        flags: flags
            .iter()
            .filter(|(on, ..)| *on)
            .map(|&(_, key, loud)| Flag {
                words: words.say(key),
                loud,
            })
            .collect(),
        stage: row.stage.label(words.lang),
        stage_code: row.stage.code(),
        due: progress::due(words, (row.due_at, row.paused), now),
        ticks: progress::ticks(words, *delivery),
    }
}
