//! What Titian promises, and whether a run kept it.

use super::measure::Cost;
use super::results::Results;
use super::rows::{FAR_MILLIS, Row};

/// Bytes of an exchange that finds nothing changed, however many complaints there are.
const NOTHING_BYTES_MAX: u64 = 350;
/// Bytes of an exchange that brings ten edits up, however many complaints there are.
const UP_BYTES_MAX: u64 = 1_500;
/// Bytes of an exchange that brings ten edits down.
const DOWN_BYTES_MAX: u64 = 1_600;
/// Bytes of a first sync of a thousand complaints.
const FIRST_BYTES_MAX: u64 = 560_000;
/// What a link that dies every ten kilobytes may cost, in hundredths of an undisturbed run.
const CUT_PERCENT_MAX: u64 = 150;
/// In which cut test.
const CUT_KILOBYTES: u64 = 10;
/// Round trips of a first sync beyond what one REST request takes.
const ROUND_TRIPS_MAX: u64 = 3;
/// Memory of the gateway's `sync` on a working day and when the first thousand go up. (The first sync of an office with a hundred
/// thousand is told in its table and not promised: it happens once.)
const CLIENT_BYTES_MAX: u64 = 15_000_000;
/// Memory of the hub with its children.
const SERVER_BYTES_MAX: u64 = 25_000_000;

/// One promise.
#[derive(Clone, Debug)]
pub struct Limit {
    /// What is promised.
    pub what: String,
    /// At most this.
    pub at_most: u64,
    /// This was measured.
    pub measured: u64,
    /// In which unit both are.
    pub unit: &'static str,
}

impl Limit {
    /// Tells whether it was kept.
    pub fn is_kept(&self) -> bool {
        self.measured <= self.at_most
    }
}

/// Compares what was measured of Titian with what it promises; what was not measured is left out.
pub fn judge(results: &Results) -> Vec<Limit> {
    let mut limits = Vec::new();
    let mut limit = |what: String, at_most, measured, unit| {
        limits.push(Limit {
            what,
            at_most,
            measured,
            unit,
        });
    };
    for (costs, number) in [(results.ours_near(), "1,000"), (results.large.as_ref(), "100,000")] {
        for (row, at_most) in [
            (Row::Nothing, NOTHING_BYTES_MAX),
            (Row::Up, UP_BYTES_MAX),
            (Row::Down, DOWN_BYTES_MAX),
        ] {
            let Some(cost) = costs.and_then(|costs| costs.get(&row)) else {
                continue;
            };
            limit(format!("{} at {number}", row.name()), at_most, cost.bytes, "bytes");
            limit(format!("{} at {number}", row.name()), 1, cost.requests, "requests");
        }
        if let Some(costs) = costs.filter(|_| results.optimised) {
            let working = costs.iter().filter(|(row, _)| **row != Row::First || number == "1,000");
            limit(
                format!("memory of `sync` at {number}"),
                CLIENT_BYTES_MAX,
                working.map(|(_, cost)| cost.client).max().unwrap_or(0),
                "bytes",
            );
            limit(
                format!("memory of the hub at {number}"),
                SERVER_BYTES_MAX,
                costs.values().map(|cost| cost.server).max().unwrap_or(0),
                "bytes",
            );
        }
    }
    let first = results.ours_near().and_then(|costs| costs.get(&Row::First));
    if let Some(first) = first {
        limit(Row::First.name().to_owned(), FIRST_BYTES_MAX, first.bytes, "bytes");
        if let Some(cut) = results.ours_cut(CUT_KILOBYTES) {
            // What did not arrive has no price.
            let bytes = if cut.given_up_at.is_some() { u64::MAX } else { cut.bytes };
            let what = format!("{}, cut every {CUT_KILOBYTES} KB", Row::First.name());
            limit(what, first.bytes * CUT_PERCENT_MAX / 100 - 1, bytes, "bytes");
        }
    }
    if let Some((ours, rest)) = results.first_from_afar() {
        let at_most = millis(rest) + ROUND_TRIPS_MAX * FAR_MILLIS;
        let what = format!(
            "{} at {FAR_MILLIS} ms: REST and {ROUND_TRIPS_MAX} round trips",
            Row::First.name()
        );
        limit(what, at_most, millis(ours), "ms");
    }
    limits
}

fn millis(cost: &Cost) -> u64 {
    u64::try_from(cost.time.as_millis()).unwrap_or(u64::MAX)
}
