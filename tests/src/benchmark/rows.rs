//! The rows of the tables: what happens to a pair, in which order, and over which link.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::measure::{self, Cost, Patience};
use super::pair::{COMPLAINTS, Channel, Pair, Subject};
use crate::badlink::{Cut, Weather};

/// One kind of sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub enum Row {
    /// Both sides hold the same already.
    Nothing,
    /// The client has edited.
    Up,
    /// The server has edited.
    Down,
    /// The server has nothing yet.
    First,
}

impl Row {
    /// All rows in the order of the tables.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Up, Self::Down, Self::First];

    /// Names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing changed",
            Self::Up => "10 edits up",
            Self::Down => "10 edits down",
            Self::First => "first 1,000 up",
        }
    }
}

/// What each row cost.
pub type Costs = BTreeMap<Row, Cost>;

/// What it costs over TLS.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Secured {
    /// The rows, each with a handshake.
    pub rows: Costs,
    /// Bytes where nothing changed and a connection is made anew that goes on with its session.
    pub resumed: u64,
    /// Bytes where nothing changed and the connection was kept.
    pub kept: u64,
}

/// The round trip of a far link, in milliseconds: a satellite, or a full mobile cell.
pub const FAR_MILLIS: u64 = 600;

/// After how many kilobytes of both ways a connection dies in the cut test.
pub const CUTS_KILOBYTES: [u64; 4] = [250, 100, 30, 10];
/// A kilobyte of them.
const KILOBYTE: u64 = 1_000;

/// On a good link everybody comes to an end; this only bounds a hanging run.
const PATIENCE: Patience = Patience {
    all: Duration::from_mins(15),
    stalled: Duration::from_mins(15),
    bytes: 1 << 30,
};

/// On a dying link: a minute without one complaint more, three in all, or thirty times what an undisturbed run takes.
pub const PATIENCE_WITH_CUTS: Patience = Patience {
    all: Duration::from_mins(3),
    stalled: Duration::from_mins(1),
    bytes: 64_000_000,
};

/// Lets so many pairs, one after the other, live through all rows over a link with this round trip.
///
/// # Errors
/// When a program fails, or the sides differ in the end.
pub fn live(subject: &dyn Subject, complaints: u64, round_trip_millis: u64, times: u32) -> Result<Costs> {
    let mut costs = Costs::new();
    for _ in 0..times {
        let mut pair = subject.pair(complaints, Channel::Plain)?;
        for (row, cost) in live_once(&mut *pair, Weather::round_trip(round_trip_millis))? {
            costs
                .entry(row)
                .and_modify(|known| *known = known.and(cost))
                .or_insert(cost);
        }
    }
    Ok(costs)
}

/// Lets a pair live through all rows over TLS, a handshake for each, and then has a client that stays.
///
/// # Errors
/// When a program fails, or the sides differ in the end.
pub fn secured(subject: &dyn Subject, complaints: u64) -> Result<Secured> {
    let mut pair = subject.pair(complaints, Channel::Tls)?;
    let rows = live_once(&mut *pair, Weather::FAIR)?;
    pair.stay()?;
    // Whatever is said once, it has said.
    pair.again()?;
    pair.link().reset();
    pair.again()?;
    let kept = pair.link().counted_so_far().bytes();
    pair.link().hold(true);
    pair.link().hold(false);
    pair.link().counted();
    pair.link().reset();
    pair.again()?;
    let resumed = pair.link().counted_so_far().bytes();
    Ok(Secured { rows, resumed, kept })
}

fn live_once(pair: &mut dyn Pair, weather: Weather) -> Result<Costs> {
    let mut costs = Costs::new();
    let mut note = |row, pair: &dyn Pair| {
        let cost = over(pair, weather).with_context(|| Row::name(row))?;
        costs.insert(row, cost);
        anyhow::Ok(())
    };
    note(Row::First, pair)?;
    // Whatever a subject says once after a first sync, it has said.
    over(pair, Weather::FAIR)?;
    note(Row::Nothing, pair)?;
    pair.edit_at_client()?;
    note(Row::Up, pair)?;
    pair.link().turn(Weather::FAIR);
    pair.edit_at_server()?;
    note(Row::Down, pair)?;
    pair.prove_same()?;
    Ok(costs)
}

/// Brings the first complaints up over a link on which every connection dies after so many kilobytes.
///
/// # Errors
/// When a program fails, or the sides differ although the client says that it is done.
pub fn cut(subject: &dyn Subject, kilobytes: u64) -> Result<Cost> {
    let pair = subject.pair(COMPLAINTS, Channel::Plain)?;
    let bytes = kilobytes * KILOBYTE;
    pair.link().turn(Weather::cut(Cut::Both(bytes)));
    // A piece that is half as long as the life of a connection: the next one finds room too.
    let cost = measure::sync(&*pair, subject.at_once(bytes / 2), PATIENCE_WITH_CUTS)?;
    if cost.given_up_at.is_none() {
        pair.prove_same()?;
    }
    Ok(cost)
}

fn over(pair: &dyn Pair, weather: Weather) -> Result<Cost> {
    pair.link().turn(weather);
    let cost = measure::sync(pair, None, PATIENCE)?;
    if let Some(arrived) = cost.given_up_at {
        bail!("it does not end; {arrived} complaints are at the server");
    }
    Ok(cost)
}
