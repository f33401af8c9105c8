//! The one door to SQLite: one writer thread, a few read-only connections, and nothing said before it is durable.

mod ballast;
pub mod encipher;
mod error;
mod migrate;
mod pragmas;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use rusqlite::{Connection, Transaction};
// Linked for its SQLite alone; see there.
use titian_sqlite as _;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

pub use self::ballast::Ballast;
pub use self::error::{OpenError, StoreError};
pub use self::migrate::Migration;
use self::writer::{Job, Writer};
use crate::at_rest::DatabaseKey;

/// How many reads run at once. More would only queue on the one disk of the machines that we run on.
pub const READERS_MAX: usize = 4;

/// How many writes may wait for the writer thread before the next caller waits for room.
pub const WRITES_WAITING_MAX: usize = 256;

/// The database of a program. Cheap to clone; all clones share one writer thread and one set of readers.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    key: Option<DatabaseKey>,
    jobs: mpsc::Sender<Job>,
    changed: watch::Receiver<u64>,
    idle_readers: Arc<Mutex<Vec<Connection>>>,
    reader_permits: Arc<Semaphore>,
}

impl Store {
    /// Opens a database file, creates it where it is missing, and brings it up to the given migrations.
    ///
    /// The settings that durability rests on are set and then read back. Where the disk is full the ballast is given up.
    /// The content is not searched for damage here, since that costs seconds on a large file: programs that serve look
    /// out for [`Store::damage`] beside their work, commands do not.
    ///
    /// # Errors
    /// [`OpenError`] says what to do; the file is left as it was.
    pub fn open(path: impl AsRef<Path>, migrations: &[Migration]) -> Result<Self, OpenError> {
        Self::open_with(path, None, migrations)
    }

    /// Does the same with a file that is enciphered with a key; with none it is a plain one.
    ///
    /// # Errors
    /// As [`Store::open`]; [`OpenError::Sealed`] where the file is enciphered and the key is missing or another.
    pub fn open_with(
        path: impl AsRef<Path>,
        key: Option<DatabaseKey>,
        migrations: &[Migration],
    ) -> Result<Self, OpenError> {
        let path = path.as_ref().to_path_buf();
        let connection = match open_writer(&path, key.as_ref(), migrations) {
            // The reserve is for this too: a program that does not start shows nobody what is there.
            Err(OpenError::Full { .. }) if Ballast::beside(&path).release() => {
                tracing::error!("the disk is full: the reserve was given up to open the database; free some space now");
                open_writer(&path, key.as_ref(), migrations)?
            }
            opened => opened?,
        };
        let (changed_sender, changed) = watch::channel(0);
        let (jobs, queue) = mpsc::channel(WRITES_WAITING_MAX);
        Writer::new(connection, Ballast::beside(&path), changed_sender)
            .start(queue)
            .map_err(|source| OpenError::Thread { source })?;
        Ok(Self {
            inner: Arc::new(Inner {
                path,
                key,
                jobs,
                changed,
                idle_readers: Arc::default(),
                reader_permits: Arc::new(Semaphore::new(READERS_MAX)),
            }),
        })
    }

    /// Runs one piece of work in a transaction of its own, and resolves only once that is durably committed.
    ///
    /// An error or a panic in the work rolls back and leaves no trace. Where the disk is full the ballast is given
    /// up and the work runs a second time, which is why it is `FnMut`: it borrows what it inserts. Dropping the
    /// future does not cancel work that is already queued.
    ///
    /// # Errors
    /// What the work returned, or a [`StoreError`] of the door itself.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.on_writer(move |writer| writer.run(work)).await?
    }

    /// Does something on the thread that writes, after what waits there already.
    async fn on_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |writer| {
            // A caller that went away no longer wants the answer; what was written stands all the same.
            let _ = answer.send(work(writer));
        });
        self.inner.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)
    }

    /// Runs one piece of reading on a read-only connection, off the async threads, in one snapshot.
    ///
    /// # Errors
    /// What the work returned, or a [`StoreError`] of the door itself.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.inner.reader_permits).acquire_owned();
        let permit = permit.await.map_err(|_| StoreError::Closed)?;
        let idle = Arc::clone(&self.inner.idle_readers);
        let inner = Arc::clone(&self.inner);
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let pooled = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match pooled {
                Some(connection) => connection,
                None => pragmas::open_reader(&inner.path, inner.key.as_ref()).map_err(StoreError::from)?,
            };
            let snapshot = connection.transaction().map_err(StoreError::from)?;
            let result = work(&snapshot);
            // Had the work panicked, the connection would be dropped here and replaced by a new one.
            drop(snapshot);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        });
        reading.await.map_err(|_| StoreError::Panicked)?
    }

    /// Empties the write-ahead log, in which former contents of pages stay readable until others take their place.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] with a busy code where somebody reads for longer than a writer waits.
    pub async fn empty_journal(&self) -> Result<(), StoreError> {
        self.on_writer(Writer::empty_journal).await?
    }

    /// Tells of every commit of this process that changed something: the value counts them.
    ///
    /// Commits of other processes do not show; whoever must see those looks at intervals.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.inner.changed.clone()
    }

    /// Searches the whole file for damage, on a connection of its own beside all others; dropping the future ends it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] says what to do; nothing is changed or deleted.
    pub async fn check(&self) -> Result<(), StoreError> {
        let path = self.inner.path.clone();
        let connection = pragmas::open_reader(&path, self.inner.key.as_ref())?;
        // A program that is stopped waits for its blocking threads, and this one reads for minutes where much is kept.
        let _end = Interrupt(connection.get_interrupt_handle());
        let checking = tokio::task::spawn_blocking(move || pragmas::quick_check(&connection, &path));
        checking.await.map_err(|_| StoreError::Panicked)?
    }

    /// Resolves once damage was found or the file could not be searched, and never where all is well: what a program that
    /// serves does beside its pages, since an office with years of complaints must not wait until every page was read.
    pub async fn damage(&self) -> StoreError {
        match self.check().await {
            Ok(()) => std::future::pending().await,
            Err(error) => error,
        }
    }

    /// Keeps some room beside the database that a full disk gives back; see [`Ballast`]. Failing only warns: a
    /// program that cannot have its reserve still has to take complaints.
    pub async fn keep_ballast(&self) {
        let ballast = Ballast::beside(&self.inner.path);
        let kept = tokio::task::spawn_blocking(move || ballast.keep()).await;
        if let Ok(Err(error)) = kept {
            tracing::warn!(%error, "no room could be set aside for a full disk; free some space on this disk");
        }
    }

    /// Gives the path of the database file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }
}

/// Ends what runs on a connection when dropped.
struct Interrupt(rusqlite::InterruptHandle);

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

fn open_writer(path: &Path, key: Option<&DatabaseKey>, migrations: &[Migration]) -> Result<Connection, OpenError> {
    let mut connection = pragmas::open_writer(path, key)?;
    migrate::run(&mut connection, path, migrations)?;
    Ok(connection)
}

#[cfg(test)]
mod cipher_tests;
#[cfg(test)]
mod tests;
