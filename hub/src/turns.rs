//! Requests of one device, one after the other: what arrived before a link died is not overtaken by the next request, which
//! over a fast link is here before the hub has looked at it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::timeout;

/// How long a request waits for the one before it. Beyond that it overtakes: what the other one still brings is refused.
const TURN_MAX: Duration = Duration::from_secs(5);

/// Whose turn it is. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<BTreeMap<u64, Weak<Turn<()>>>>>);

impl Turns {
    /// Waits for the turn of a device, which lasts until the guard is dropped; `None` where it does not come in time.
    pub async fn take(&self, device: u64) -> Option<OwnedMutexGuard<()>> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            turns.get(&device).and_then(Weak::upgrade).unwrap_or_else(|| {
                let turn = Arc::<Turn<()>>::default();
                turns.insert(device, Arc::downgrade(&turn));
                turn
            })
        };
        timeout(TURN_MAX, turn.lock_owned()).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_device_waits_for_itself_and_for_nobody_else() {
        let turns = Turns::default();
        let first = turns.take(1).await.unwrap();
        assert!(turns.take(2).await.is_some());
        let waiting = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(1).await.is_some() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        assert!(waiting.await.unwrap());
        turns.take(3).await.unwrap();
        assert_eq!(
            turns.0.lock().unwrap().len(),
            1,
            "nothing is kept of those that are over"
        );
    }
}
