//! Where requests of gateways wait for news of their office: a bounded number, for a bounded time, and not beyond the end of
//! the program.

use std::sync::Arc;
use std::time::Duration;

use titian_domain::id::OfficeCode;
use titian_host::store::StoreError;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep};

use crate::store::HubStore;

/// Half of the connections that the server holds: those who have something to say always find room.
const WAITING_MAX: usize = titian_host::web::CONNECTIONS_MAX / 2;

/// How often to look for what commands beside this program wrote: their commits do not show here.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// The room. Cheap to clone; all clones are one room.
#[derive(Clone)]
pub struct WaitingRoom {
    seats: Arc<Semaphore>,
    closed: watch::Receiver<bool>,
}

/// Ends all waiting when it is told so, or dropped.
pub struct Closing(watch::Sender<bool>);

impl Closing {
    /// Ends all waiting: everybody gets an answer now.
    pub fn close(&self) {
        self.0.send_replace(true);
    }
}

impl WaitingRoom {
    /// Opens a room, with what closes it.
    pub fn open() -> (Self, Closing) {
        let (closing, closed) = watch::channel(false);
        let seats = Arc::new(Semaphore::new(WAITING_MAX));
        (Self { seats, closed }, Closing(closing))
    }

    /// Waits until the office's log is longer than it was, for so long at most. Returns at once where the room is full
    /// or closed.
    pub async fn wait(
        &self,
        store: &HubStore,
        (office, length): (OfficeCode, u64),
        most: Duration,
    ) -> Result<(), StoreError> {
        let Ok(_seat) = self.seats.try_acquire() else {
            return Ok(());
        };
        let (mut changed, mut closed) = (store.door().changed(), self.closed.clone());
        let end = Instant::now() + most;
        while !*closed.borrow_and_update() && store.length(office.clone()).await? == length {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            tokio::select! {
                changed = changed.changed() => if changed.is_err() { break },
                closed = closed.changed() => if closed.is_err() { break },
                () = sleep(left.min(LOOK_EVERY)) => {}
            }
        }
        Ok(())
    }
}
