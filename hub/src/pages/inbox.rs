//! The liaison's inbox: what waits for whom, and the list of complaints.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use titian_domain::deadline::DeadlineState;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Stage;
use titian_host::casebook::list::{Filter, PAGE_ROWS_MAX, Summary};
use titian_host::export::Buttons;
use titian_host::people::Right;
use titian_host::web::{PageError, PageResult, address, redirect, redirect_saying};

use super::words::{Due, Words, complaint_path};
use super::{Caller, Pages, offices, waiting};
use crate::desk::Desk;

/// What fits on a screen or two; the next page is one click away.
const ROWS: u32 = 50;

/// What the address of the list asks for. Empty texts come from fields of the form that nobody filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    tahap: String,
    kantor: String,
    /// The number of what is searched for, see [`Searches`](titian_host::web::Searches).
    cari: String,
    lewat: String,
    sebelum: String,
}

/// What the form above the list asks for. No `Debug`: it may name a citizen.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Sought {
    text: String,
    tahap: String,
    kantor: String,
    lewat: String,
}

/// A pile of work on top of the page.
struct Pile {
    count: String,
    label: String,
    more: String,
    href: &'static str,
    chosen: bool,
    urgent: bool,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct Flag {
    words: String,
    class: &'static str,
}

struct Row {
    href: String,
    register: String,
    office: String,
    title: String,
    flags: Vec<Flag>,
    stage: &'static str,
    stage_code: &'static str,
    lapor: String,
    due: Due,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage<'a> {
    export: Buttons<'a>,
    words: &'a Words,
    asked: &'a Asked,
    text: &'a str,
    search_hint: &'static str,
    piles: Vec<Pile>,
    stages: Vec<Choice>,
    offices: Vec<Choice>,
    rows: Vec<Row>,
    is_filtered: bool,
    /// Where the list begins, on a later page.
    newest: Option<String>,
    /// Where it goes on, where more follow.
    older: Option<String>,
}

/// Keeps what is searched for, and leads to the list of it.
pub async fn search(State(pages): State<Pages>, caller: Caller, Form(sought): Form<Sought>) -> Response {
    let text = sought.text.trim();
    let mut asked = Asked {
        tahap: sought.tahap,
        kantor: sought.kantor,
        lewat: sought.lewat,
        ..Asked::default()
    };
    if !text.is_empty() {
        // A number that names one complaint is meant as such: off to its page.
        if let Ok(id) = pages.desk.find(text).await {
            return redirect(&complaint_path(id));
        }
        asked.cari = pages.searches.keep(&pages.desk.clock, &caller.staff.name, text);
    }
    redirect(&asked.address(""))
}

/// Shows the inbox.
pub async fn show(State(pages): State<Pages>, caller: Caller, Query(asked): Query<Asked>) -> PageResult {
    let words = &caller.words;
    let text = match asked.cari.as_str() {
        "" => String::new(),
        number => match pages.searches.recall(&caller.staff.name, number) {
            Some(text) => text,
            None => return Ok(redirect_saying("/", "warning-search-forgotten", &[])),
        },
    };
    let names = offices::names(&pages, words).await?;
    let mut found = pages
        .desk
        .list(asked.filter((&text, caller.may(Right::Reveal)), words.now))
        .await
        .map_err(|error| words.refusal(error))?;
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let counts = pages.desk.counts().await.map_err(|error| words.refusal(error))?;
    let page = InboxPage {
        export: Buttons {
            reader: &words.reader,
            stage: asked.tahap.parse().map_or("", Stage::code),
            office: &asked.kantor,
            text: &text,
        },
        words,
        piles: piles(&pages.desk, words, &counts, &asked).await?,
        stages: counts
            .iter()
            .map(|&(stage, count)| stage_choice(stage, count, words, &asked))
            .collect(),
        offices: office_choices(&names, &asked),
        rows: found.iter().map(|summary| row(summary, words, &names)).collect(),
        is_filtered: asked.is_filtered(),
        newest: (!asked.sebelum.is_empty()).then(|| asked.address("")),
        older: found
            .last()
            .filter(|_| more)
            .map(|last| asked.address(&last.id.to_string())),
        asked: &asked,
        text: &text,
        search_hint: if caller.may(Right::Reveal) {
            "filter-search-hint"
        } else {
            "filter-search-hint-nameless"
        },
    };
    words.reader.page("inbox-title", &page)
}

impl Asked {
    fn address(&self, last: &str) -> String {
        address(
            "/",
            &[
                ("tahap", &self.tahap),
                ("kantor", &self.kantor),
                ("cari", &self.cari),
                ("lewat", &self.lewat),
                ("sebelum", last),
            ],
        )
    }

    fn filter(&self, (text, by_name): (&str, bool), now: UnixMillis) -> Filter {
        let told = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Filter {
            stage: self.tahap.parse().ok(),
            office: told(&self.kantor),
            text: told(text),
            by_name,
            overdue_at: (!self.lewat.is_empty()).then_some(now),
            before: self.sebelum.parse().ok(),
            // One more than is shown tells whether there is a next page.
            rows: ROWS + 1,
        }
    }

    fn is_filtered(&self) -> bool {
        [&self.tahap, &self.kantor, &self.cari, &self.lewat]
            .iter()
            .any(|text| !text.trim().is_empty())
    }
}

async fn piles(desk: &Desk, words: &Words, counts: &[(Stage, u64)], asked: &Asked) -> Result<Vec<Pile>, PageError> {
    let overdue = Filter {
        overdue_at: Some(words.now),
        ..Filter::default()
    };
    let overdue = desk.list(overdue).await.map_err(|error| words.refusal(error))?.len();
    let waiting = waiting::longest_first(desk, words).await?;
    let longest = waiting
        .first()
        .map(|summary| words.say1("pile-since", "when", words.day(summary.stage_since)));
    let pile = |stage: Stage, label: String, href| Pile {
        count: counts
            .iter()
            .find(|(of, _)| *of == stage)
            .map_or(0, |(_, count)| *count)
            .to_string(),
        label,
        more: String::new(),
        href,
        chosen: asked.tahap == stage.code(),
        urgent: false,
    };
    Ok(vec![
        pile(Stage::Forwarded, words.say("pile-accept"), "/?tahap=forwarded"),
        pile(Stage::Accepted, words.say("pile-enter"), "/?tahap=accepted"),
        Pile {
            more: longest.unwrap_or_default(),
            ..pile(Stage::Entered, words.say("pile-disposition"), "/menunggu")
        },
        Pile {
            count: if overdue < PAGE_ROWS_MAX as usize {
                overdue.to_string()
            } else {
                format!("{overdue}+")
            },
            label: words.say("pile-overdue"),
            more: String::new(),
            href: "/?lewat=1",
            chosen: !asked.lewat.is_empty(),
            urgent: overdue > 0,
        },
    ])
}

fn stage_choice(stage: Stage, count: u64, words: &Words, asked: &Asked) -> Choice {
    Choice {
        value: stage.code().to_owned(),
        label: format!("{} ({count})", stage.label(words.lang)),
        chosen: asked.tahap == stage.code(),
    }
}

fn office_choices(names: &BTreeMap<String, String>, asked: &Asked) -> Vec<Choice> {
    let choice = |(code, name): (&String, &String)| Choice {
        value: code.clone(),
        label: name.clone(),
        chosen: asked.kantor == *code,
    };
    names.iter().map(choice).collect()
}

fn row(summary: &Summary, words: &Words, names: &BTreeMap<String, String>) -> Row {
    let flags = [
        (
            summary.round > 1 && summary.stage == Stage::Forwarded,
            "flag-mended",
            "flag",
        ),
        (summary.conflicts > 0, "flag-conflict", "flag"),
        (summary.reverify, "flag-reverify", "flag"),
        (summary.unmerged > 0, "flag-unmerged", "flag"),
        (summary.anonymous, "flag-anonymous", "flag-quiet"),
        (summary.confidential, "flag-confidential", "flag-quiet"),
    ];
    let flag = |(_, key, class)| Flag {
        words: words.say(key),
        class,
    };
    let flags = flags.into_iter().filter(|(up, ..)| *up).map(flag).collect();
    let lapor = [
        summary.tracking_id.as_deref(),
        summary.disposed_to.as_deref().or(summary.lapor_status.as_deref()),
    ];
    Row {
        href: complaint_path(summary.id),
        register: summary.register.clone(),
        office: names.get(&summary.office).unwrap_or(&summary.office).clone(),
        title: words.title(&summary.title),
        flags,
        stage: summary.stage.label(words.lang),
        stage_code: summary.stage.code(),
        lapor: lapor.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        due: words.due(state(summary, words.now)),
    }
}

/// Tells how the running step of a complaint stands, from what its projection says.
pub fn state(summary: &Summary, now: UnixMillis) -> DeadlineState {
    match summary.due_at {
        _ if summary.step.is_none() => DeadlineState::NotBegun,
        _ if summary.paused => DeadlineState::Paused,
        Some(due) if now > due => DeadlineState::Overdue { since: due },
        due => DeadlineState::Running { due },
    }
}
