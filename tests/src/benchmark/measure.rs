//! Measures one sync: bytes, requests, time and memory, and how far it came if it was given up.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::memory;
use super::pair::Pair;

/// Between two looks at a process. Its peak is kept by the kernel; only what grows after the last look is missed.
const LOOK: Duration = Duration::from_millis(5);
/// What a client waits after a connection broke: the same for all.
const RETRY: Duration = Duration::from_millis(200);
/// Between two questions how many complaints have arrived; asking costs the server time.
const QUESTION: Duration = Duration::from_secs(2);

/// When a sync is given up.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After so long.
    pub all: Duration,
    /// When for so long no complaint more has arrived.
    pub stalled: Duration,
    /// After so many bytes.
    pub bytes: u64,
}

/// What a sync cost.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Cost {
    /// Bytes both ways.
    pub bytes: u64,
    /// HTTP requests; the one that opens a WebSocket is one too.
    pub requests: u64,
    /// Connections.
    pub connections: u64,
    /// From the first connection to the last byte.
    pub time: Duration,
    /// The client's peak, in bytes.
    pub client: u64,
    /// The server's peak, in bytes.
    pub server: u64,
    /// How many complaints were at the server when it was given up; none if it came to its end.
    pub given_up_at: Option<u64>,
}

impl Cost {
    /// Takes another measurement of the same: the shortest time, because the machine may have been busy, and the worst of
    /// everything else.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            requests: self.requests.max(other.requests),
            connections: self.connections.max(other.connections),
            time: self.time.min(other.time),
            client: self.client.max(other.client),
            server: self.server.max(other.server),
            given_up_at: self.given_up_at.or(other.given_up_at),
        }
    }
}

/// Makes both sides the same, with one client after another if need be, and tells what that cost.
///
/// # Errors
/// When a process cannot be started or asked.
pub fn sync(pair: &dyn Pair, at_once: Option<u64>, patience: Patience) -> Result<Cost> {
    let server = pair.server()?;
    memory::begin(server);
    pair.link().reset();
    let mut watch = Watch {
        pair,
        patience,
        begun: Instant::now(),
        progress: (0, Instant::now()),
        asked: Instant::now(),
    };
    let (mut client_peak, mut server_peak) = (0, 0);
    let given_up_at = loop {
        let mut task = pair.begin_sync(at_once)?;
        let lost = loop {
            client_peak = client_peak.max(memory::peak(task.pid()));
            server_peak = server_peak.max(memory::peak(server));
            if task.has_ended()? {
                break false;
            }
            if watch.is_lost()? {
                break true;
            }
            std::thread::sleep(LOOK);
        };
        if lost {
            task.kill().context("a client that is given up is killed")?;
            break Some(pair.arrived()?);
        }
        if task.wait()?.code == Some(0) {
            break None;
        }
        if watch.is_lost()? {
            break Some(pair.arrived()?);
        }
        std::thread::sleep(RETRY);
    };
    let counted = pair.link().counted();
    Ok(Cost {
        bytes: counted.bytes(),
        requests: counted.requests,
        connections: counted.connections,
        time: pair.link().busy(),
        client: client_peak,
        server: server_peak.max(memory::peak(server)),
        given_up_at,
    })
}

/// Looks whether there is still hope.
struct Watch<'a> {
    pair: &'a dyn Pair,
    patience: Patience,
    begun: Instant,
    progress: (u64, Instant),
    asked: Instant,
}

impl Watch<'_> {
    fn is_lost(&mut self) -> Result<bool> {
        if self.asked.elapsed() < QUESTION {
            return Ok(false);
        }
        let arrived = self.pair.arrived()?;
        self.asked = Instant::now();
        if arrived > self.progress.0 {
            self.progress = (arrived, Instant::now());
        }
        Ok(self.begun.elapsed() > self.patience.all
            || self.progress.1.elapsed() > self.patience.stalled
            || self.pair.link().counted_so_far().bytes() > self.patience.bytes)
    }
}
