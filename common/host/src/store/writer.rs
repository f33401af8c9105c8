//! The thread that writes: one closure after the other, each in a transaction of its own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};
use tokio::sync::{mpsc, watch};

use super::ballast::Ballast;
use super::error::{StoreError, is_full};

/// One piece of work, with the channel for its answer inside.
pub(super) type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// What the writer thread owns.
pub(super) struct Writer {
    connection: Connection,
    ballast: Ballast,
    changed: watch::Sender<u64>,
}

/// How one attempt at a piece of work ended.
enum Attempt<T, E> {
    Done(Result<T, E>),
    DiskFull(E),
}

impl Writer {
    pub(super) fn new(connection: Connection, ballast: Ballast, changed: watch::Sender<u64>) -> Self {
        Self {
            connection,
            ballast,
            changed,
        }
    }

    /// Starts the thread; it ends when the last [`super::Store`] is dropped.
    pub(super) fn start(mut self, mut queue: mpsc::Receiver<Job>) -> std::io::Result<()> {
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || {
            while let Some(job) = queue.blocking_recv() {
                job(&mut self);
            }
        })?;
        Ok(())
    }

    /// Runs one piece of work to its durable end.
    pub(super) fn run<T, E, F>(&mut self, mut work: F) -> Result<T, E>
    where
        F: FnMut(&Transaction<'_>) -> Result<T, E>,
        E: From<StoreError> + 'static,
    {
        let changes_before = self.connection.total_changes();
        let result = match self.attempt(&mut work) {
            Attempt::Done(result) => result,
            Attempt::DiskFull(error) => {
                if self.ballast.release() {
                    tracing::error!(
                        "the disk is full: the reserve was given up to save this work; free some space now"
                    );
                    match self.attempt(&mut work) {
                        Attempt::Done(result) => result,
                        Attempt::DiskFull(error) => Err(error),
                    }
                } else {
                    tracing::error!("the disk is full and nothing more can be saved; free some space now");
                    Err(error)
                }
            }
        };
        if result.is_ok() && self.connection.total_changes() != changes_before {
            self.changed.send_modify(|count| *count += 1);
        }
        result
    }

    /// Empties the write-ahead log: outside of any transaction.
    pub(super) fn empty_journal(&mut self) -> Result<(), StoreError> {
        // It waits for readers, and says in its answer, not as an error, when they did not end.
        let busy: bool = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None).into());
        }
        Ok(())
    }

    fn attempt<T, E, F>(&mut self, work: &mut F) -> Attempt<T, E>
    where
        F: FnMut(&Transaction<'_>) -> Result<T, E>,
        E: From<StoreError> + 'static,
    {
        let tx = match self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
        {
            Ok(tx) => tx,
            Err(error) => return failed(error),
        };
        // What the closure captured is dropped with it and what it wrote is rolled back: nothing half-done is seen.
        match catch_unwind(AssertUnwindSafe(|| work(&tx))) {
            Ok(Ok(value)) => match tx.commit() {
                Ok(()) => Attempt::Done(Ok(value)),
                Err(error) => failed(error),
            },
            // SQLite itself rolls back where it ran out of room, whatever error the work made of that.
            Ok(Err(error)) if tx.is_autocommit() || is_disk_full(&error) => Attempt::DiskFull(error),
            Ok(Err(error)) => Attempt::Done(Err(error)),
            Err(_) => {
                tracing::error!("a write broke off in the middle and was rolled back; see the lines above");
                Attempt::Done(Err(StoreError::Panicked.into()))
            }
        }
    }
}

fn failed<T, E: From<StoreError>>(error: rusqlite::Error) -> Attempt<T, E> {
    if is_full(&error) {
        Attempt::DiskFull(StoreError::from(error).into())
    } else {
        Attempt::Done(Err(StoreError::from(error).into()))
    }
}

fn is_disk_full(error: &dyn Any) -> bool {
    let sqlite = if let Some(StoreError::Sqlite(error)) = error.downcast_ref() {
        Some(error)
    } else if let Some(error) = error.downcast_ref::<anyhow::Error>() {
        error.chain().find_map(|cause| cause.downcast_ref())
    } else {
        error.downcast_ref::<rusqlite::Error>()
    };
    sqlite.is_some_and(is_full)
}
