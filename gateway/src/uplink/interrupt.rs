//! What ends a wait early: something was written here, by this program or by a command beside it, or another program of
//! this PC wants its turn at the hub.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use titian_host::store::StoreError;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use super::Uplink;
use crate::store::device;

/// How often to look for what other programs of this PC wrote: their commits do not show here.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long to wait after a change for more of them: somebody who types saves field after field.
const SETTLE: Duration = Duration::from_millis(700);
/// Whoever writes without a pause is not waited for longer than this.
const SETTLE_MAX: Duration = Duration::from_secs(5);

/// Says that somebody wants to talk to the hub now, in this program or beside it.
#[derive(Clone)]
pub(super) struct Turn {
    path: PathBuf,
    wanted_here: Arc<Notify>,
}

impl Turn {
    pub fn beside(database: &Path) -> Self {
        Self {
            path: database.with_extension("sync-wanted"),
            wanted_here: Arc::default(),
        }
    }

    /// Says it, until the file is dropped.
    pub fn want(&self) -> std::io::Result<File> {
        // Only who waits at this moment is told: who takes the turn and then waits must not be told of itself.
        self.wanted_here.notify_waiters();
        let file = self.open()?;
        file.lock_shared()?;
        Ok(file)
    }

    /// Resolves when somebody says it.
    async fn is_asked_for(&self) {
        // What another program says does not show here by itself.
        while timeout(LOOK_EVERY, self.wanted_here.notified()).await.is_err() && !self.is_wanted() {}
    }

    pub fn is_wanted(&self) -> bool {
        self.open()
            .is_ok_and(|file| matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
    }

    fn open(&self) -> std::io::Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.path)
    }
}

/// Ends a wait early.
pub(super) struct Interrupt {
    uplink: Uplink,
    changed: watch::Receiver<u64>,
}

impl Interrupt {
    pub fn of(uplink: &Uplink) -> Self {
        Self {
            uplink: uplink.clone(),
            changed: uplink.desk.store.changed(),
        }
    }

    /// Resolves when there is a reason to talk to the hub now: something waits for it, or somebody else wants the turn.
    pub async fn comes(&mut self) {
        let turn = self.uplink.turn.clone();
        tokio::select! {
            () = turn.is_asked_for() => {}
            () = self.something_waits() => {}
        }
    }

    /// Resolves when something waits for the hub and has settled. Commits that leave nothing to be sent, such as what an
    /// exchange itself wrote, are no reason.
    pub async fn something_waits(&mut self) {
        loop {
            match timeout(LOOK_EVERY, self.changed.changed()).await {
                Ok(Ok(())) => self.settle().await,
                // The store is closed: whoever waits is about to be dropped.
                Ok(Err(_)) => std::future::pending().await,
                Err(_) => {}
            }
            let waiting = self
                .uplink
                .desk
                .store
                .read(|conn| Ok::<_, StoreError>(device::waiting(conn)?));
            if waiting.await.is_ok_and(|waiting| waiting.items > 0) {
                return;
            }
        }
    }

    async fn settle(&mut self) {
        let end = Instant::now() + SETTLE_MAX;
        while Instant::now() < end
            && let Ok(Ok(())) = timeout(SETTLE, self.changed.changed()).await
        {}
    }
}
