//! One exchange after another: texts until both sides hold the same, then attachments a bounded part at a time; over a
//! link that breaks, again from where it broke, for as long as each time brings something.

use std::fs::File;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use titian_domain::attachment::AttachmentHash;
use titian_host::casebook::{pieces, refused};
use titian_host::store::StoreError;
use titian_sync::engine::gateway::{Agreement, EXCHANGES_IN_A_ROW_MAX, Outcome, Terms};
use titian_sync::wire::extension::{Want, Whole};
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep};

use super::exchange;
use super::interrupt::Interrupt;
use super::pace::Budget;
use super::{Synced, Uplink, UplinkError};
use crate::store::device::{self, Device};
use crate::store::{HUB, attachments};

/// Cuts that brought nothing, one after the other, before it is given up for now: frames shrink to their floor meanwhile.
const CUTS_IN_A_ROW_MAX: usize = 5;
/// The wait after the first cut that brought nothing; it doubles with each further one.
const CUT_PAUSE_FIRST: Duration = Duration::from_millis(100);

/// What waiting at the hub came to.
pub(super) enum Waited {
    /// Nothing happened, or what happened was taken: both sides hold the same.
    Quiet,
    /// There is something to say.
    Due,
    /// The hub, or another program of this PC, does not let us wait.
    NotLet,
}

impl Uplink {
    /// Exchanges news with the hub until nothing is left to say, sends and fetches attachments as far as they may travel
    /// now, and notes how that went.
    pub async fn sync_now(&self) -> Result<Synced, UplinkError> {
        let lock = self.take_turn().await?;
        let result = self.rounds().await;
        let unlocked = lock.unlock();
        self.note(&result).await?;
        unlocked.map_err(|error| UplinkError::Setup(error.into()))?;
        result
    }

    /// Waits until no other exchange of this PC runs, in this program or in another one.
    pub(super) async fn take_turn(&self) -> Result<OwnedMutexGuard<File>, UplinkError> {
        let turn = self.turn.clone();
        let setup = |error: std::io::Error| UplinkError::Setup(error.into());
        let join = |error: tokio::task::JoinError| UplinkError::Setup(error.into());
        // Another program of this PC may be at it, or wait for news: it gives way. Locks wait off the async threads.
        let wanted = tokio::task::spawn_blocking(move || turn.want()).await.map_err(join)?;
        let wanted = wanted.map_err(setup)?;
        let lock = self.lock.clone().lock_owned().await;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
            .await
            .map_err(join)?;
        let lock = lock.map_err(setup)?;
        drop(wanted);
        Ok(lock)
    }

    /// Waits at the hub for news, for so long at most. It ends early where somebody here has something to say.
    pub(super) async fn wait_at_hub(&self, wait: Duration) -> Result<Waited, UplinkError> {
        let lock = self.lock.clone().lock_owned().await;
        if lock.try_lock().is_err() {
            return Ok(Waited::NotLet);
        }
        let result = self.wait_once(wait).await;
        let unlocked = lock.unlock();
        unlocked.map_err(|error| UplinkError::Setup(error.into()))?;
        result
    }

    async fn wait_once(&self, wait: Duration) -> Result<Waited, UplinkError> {
        let device = self.device().await?;
        let hub = device.hub.as_ref().ok_or(UplinkError::NotEnrolled)?;
        let terms = Terms {
            wait_seconds: wait.as_secs(),
            ..Terms::default()
        };
        let mut interrupt = Interrupt::of(self);
        let (before, begun) = (self.marks(&device).await?, Instant::now());
        let exchanged = exchange::exchange(self, &device, hub, (terms, &mut interrupt)).await?;
        let moved = self.marks(&self.device().await?).await? != before;
        Ok(match exchanged.outcome {
            Some(Outcome {
                agreement: Agreement::Proved,
                again: false,
                ..
            }) if moved || begun.elapsed() >= wait / 2 => Waited::Quiet,
            Some(Outcome {
                agreement: Agreement::Proved,
                again: false,
                ..
            }) => Waited::NotLet,
            _ => Waited::Due,
        })
    }

    async fn note(&self, result: &Result<Synced, UplinkError>) -> Result<(), UplinkError> {
        let at = self.desk.clock.now();
        let why = match result {
            Ok(_) => None,
            Err(UplinkError::NotEnrolled | UplinkError::Store(_)) => return Ok(()),
            Err(error) => Some(format!("{}: {error}", error.kind())),
        };
        let write = self.desk.store.write(move |tx| {
            match &why {
                None => device::succeeded(tx, at)?,
                Some(why) => device::failed(tx, at, why)?,
            }
            Ok::<_, StoreError>(())
        });
        Ok(write.await?)
    }

    async fn rounds(&self) -> Result<Synced, UplinkError> {
        let mut row = Row::default();
        let mut terms = Terms::default();
        // Taken before the first look at what waits, so that nothing written meanwhile is missed.
        let mut interrupt = Interrupt::of(self);
        loop {
            let device = self.device().await?;
            let Some(hub) = &device.hub else {
                self.present_code(&device).await?;
                row.requests += 1;
                continue;
            };
            let before = self.marks(&device).await?;
            let files_only = std::mem::take(&mut terms);
            let with_files = files_only.attachment_bytes_max > 0;
            let result = exchange::exchange(self, &device, hub, (files_only, &mut interrupt)).await;
            if matches!(result, Err(UplinkError::OtherKey)) && self.wish()? {
                continue;
            }
            let moved = self.marks(&self.device().await?).await? != before;
            row.count(moved, result.is_err());
            let exchanged = match result {
                Err(error) if error.is_cut() && row.cuts <= CUTS_IN_A_ROW_MAX => {
                    sleep(self.pause(row.cuts)).await;
                    continue;
                }
                result => result?,
            };
            self.spend(exchanged.attachment_bytes);
            match exchanged.outcome {
                Some(Outcome { again: true, .. }) if row.exchanges < EXCHANGES_IN_A_ROW_MAX => {}
                Some(Outcome {
                    refusal: Some(refusal), ..
                }) => return Err(UplinkError::Refused(refusal)),
                outcome => {
                    let in_sync = outcome.is_some_and(|outcome| outcome.agreement == Agreement::Proved);
                    let stuck = with_files && !moved;
                    match self.file_terms(in_sync && !stuck, &mut interrupt).await? {
                        Some(next) => terms = next,
                        None => return self.synced(in_sync, row.requests).await,
                    }
                }
            }
        }
    }

    /// Says what the next exchange may do with attachments; `None` if there is nothing to do, or not now.
    async fn file_terms(&self, may: bool, interrupt: &mut Interrupt) -> Result<Option<Terms>, UplinkError> {
        let time = self.desk.clock.now().local(self.desk.rules.procedure.zone).time();
        let quiet = self.limits.quiet_hours.is_some_and(|hours| hours.hold(time));
        if !may || quiet {
            return Ok(None);
        }
        let device = self.device().await?;
        let marks = self.marks(&device).await?;
        let is_file = |want: &Want| want.of == Whole::Attachment;
        let is_here = |want: &Want| self.files.has(AttachmentHash(want.hash.0));
        let sendable = marks.wanted.iter().any(|want| is_file(want) && is_here(want));
        if !sendable && !marks.wants.iter().any(is_file) {
            return Ok(None);
        }
        let pause = self.budget().wait(Instant::now());
        if !pause.is_zero() {
            tokio::select! {
                () = sleep(pause) => {}
                () = interrupt.comes() => {}
            }
        }
        // Somebody else's texts go before these files.
        if self.turn.is_wanted() {
            return Ok(None);
        }
        Ok(Some(Terms {
            wait_seconds: 0,
            attachment_bytes_max: self.budget().allowance(Instant::now()),
            wants: marks.wants,
            audit: None,
        }))
    }

    /// Reads what shows whether an exchange brought anything.
    async fn marks(&self, device: &Device) -> Result<Marks, UplinkError> {
        let (files, office) = (self.files.clone(), device.office.clone());
        let start = self.desk.clock.random();
        let read = self
            .desk
            .store
            .read(move |conn| Ok::<_, StoreError>(pieces::wants(conn, &files, (&office, HUB), Some(start))?));
        let wants = read.await?;
        let replica = device.hub.as_ref().map(|hub| &hub.replica);
        Ok(Marks {
            places: replica.map(|replica| (replica.acked.position, replica.cursor.position)),
            wanted: replica.map(|replica| replica.wanted.clone()).unwrap_or_default(),
            wants,
        })
    }

    async fn synced(&self, in_sync: bool, requests: usize) -> Result<Synced, UplinkError> {
        let read = self.desk.store.read(|conn| {
            Ok::<_, StoreError>((
                device::waiting(conn)?,
                refused::count(conn)?,
                attachments::totals(conn)?.count,
            ))
        });
        let (waiting, refused, waiting_files) = read.await?;
        Ok(Synced {
            delivered: waiting.items == 0 && refused == (0, 0),
            in_sync,
            requests,
            waiting_items: waiting.items,
            refused_items: refused.0,
            waiting_files,
        })
    }

    fn spend(&self, bytes: u64) {
        self.budget().spend(bytes, Instant::now());
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The wait after so many cuts that brought nothing, spread so that offices behind one line do not come at once.
    fn pause(&self, cuts: usize) -> Duration {
        let Some(doublings) = cuts.checked_sub(1) else {
            return Duration::ZERO;
        };
        let [random] = self.desk.clock.random::<1>();
        let pause = CUT_PAUSE_FIRST * 2_u32.saturating_pow(u32::try_from(doublings).unwrap_or(u32::MAX));
        pause + pause * u32::from(random) / 255
    }
}

/// What shows whether an exchange brought anything: places in both logs, and how much of what travels in pieces is where.
#[derive(PartialEq, Eq)]
struct Marks {
    places: Option<(u64, u64)>,
    wanted: Vec<Want>,
    wants: Vec<Want>,
}

/// Exchanges in a row: only those count that brought nothing.
#[derive(Default)]
struct Row {
    requests: usize,
    exchanges: usize,
    cuts: usize,
}

impl Row {
    fn count(&mut self, moved: bool, failed: bool) {
        self.requests += 1;
        self.exchanges = if moved { 0 } else { self.exchanges + 1 };
        self.cuts = match (moved, failed) {
            (true, _) => 0,
            (false, true) => self.cuts + 1,
            (false, false) => self.cuts,
        };
    }
}
