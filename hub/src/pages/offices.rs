//! The offices: when each gateway was last heard of, what waits, and since when it is proved to be in sync.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Stage;
use titian_host::bundle::browser::Ready;
use titian_host::people::Right;
use titian_host::web::{PageError, PageResult};

use super::words::{Due, Words};
use super::{Caller, Pages, bundle, waiting};
use crate::store::office::{GatewayRow, OfficeRow};

/// A gateway that is silent for longer than a long weekend is worth a call.
const SILENT_DAYS: i64 = 4;
const DAY_MILLIS: i64 = 24 * 3600 * 1000;

struct Office {
    name: String,
    code: String,
    href: String,
    waiting: usize,
    gateways: Vec<Gateway>,
}

pub(super) struct Gateway {
    number: u64,
    may_be_answered: bool,
    ready: Vec<Ready>,
    letter: String,
    machine: String,
    pub(super) seen: Due,
    in_sync: Due,
    /// What has to be done about a second living copy.
    pub(super) copied: Option<String>,
}

#[derive(Template)]
#[template(path = "offices.html")]
struct OfficesPage<'a> {
    words: &'a Words,
    offices: Vec<Office>,
    may_exchange: bool,
    may_administer: bool,
    /// Whether there is a gateway that an answer can be made for.
    has_addressees: bool,
}

/// Shows the offices.
pub async fn show(State(pages): State<Pages>, caller: Caller) -> PageResult {
    let words = &caller.words;
    let rows = pages.desk.offices().await.map_err(|error| words.refusal(error))?;
    let mut waiting: BTreeMap<String, usize> = BTreeMap::new();
    for summary in waiting::all_at(&pages.desk, words, Stage::Forwarded).await? {
        *waiting.entry(summary.office).or_default() += 1;
    }
    let office = |row: OfficeRow| Office {
        waiting: waiting.get(row.code.as_str()).copied().unwrap_or_default(),
        href: format!("/?tahap=forwarded&kantor={}", row.code),
        gateways: row
            .gateways
            .iter()
            .map(|gateway| Gateway {
                ready: bundle::ready(&pages, row.code.as_str(), &gateway.letter),
                ..gateway_words(gateway, words)
            })
            .collect(),
        code: row.code.to_string(),
        name: row.name,
    };
    let offices: Vec<_> = rows.into_iter().map(office).collect();
    let may_be_answered = |office: &Office| office.gateways.iter().any(|gateway| gateway.may_be_answered);
    let page = OfficesPage {
        words,
        has_addressees: offices.iter().any(may_be_answered),
        offices,
        may_exchange: caller.may(Right::Exchange),
        may_administer: caller.may(Right::Administer),
    };
    words.reader.page("offices-title", &page)
}

pub(super) fn gateway_words(row: &GatewayRow, words: &Words) -> Gateway {
    let plain = |told: String| Due {
        words: told,
        class: "due",
    };
    let silent = |at: UnixMillis| words.now.0.saturating_sub(at.0) > SILENT_DAYS * DAY_MILLIS;
    let seen = match row.last_seen {
        _ if row.revoked => Due {
            words: words.say("gateway-revoked"),
            class: "flag-quiet",
        },
        None => Due {
            words: words.say("gateway-never"),
            class: "flag",
        },
        Some(at) if silent(at) => Due {
            words: words.instant_ago(at),
            class: "due-over",
        },
        Some(at) => plain(words.instant_ago(at)),
    };
    let in_sync = match row.in_sync_since {
        Some(at) => plain(words.instant(at)),
        None => Due {
            words: words.say("gateway-not-proved"),
            class: "flag",
        },
    };
    Gateway {
        number: row.number,
        may_be_answered: !row.revoked,
        ready: Vec::new(),
        letter: row.letter.clone(),
        machine: row.machine.clone(),
        seen,
        in_sync,
        copied: row
            .copied_at
            .map(|at| words.say1("gateway-copied", "when", words.instant_ago(at))),
    }
}

/// Gives the names of the offices that the administrator added, by code.
pub async fn names(pages: &Pages, words: &Words) -> Result<BTreeMap<String, String>, PageError> {
    let rows = pages.desk.offices().await.map_err(|error| words.refusal(error))?;
    Ok(rows.into_iter().map(|row| (row.code.to_string(), row.name)).collect())
}
