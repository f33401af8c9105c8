//! Syncing in the background: soon after a local change, at once after news at the hub where the link lets us wait for
//! them, else at an interval, and patiently where the link is down.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::interrupt::Interrupt;
use super::rounds::Waited;
use super::{Uplink, UplinkError};

/// The first wait after a failure; it doubles with each further one.
const BACK_OFF_FIRST: Duration = Duration::from_secs(5);
/// Waits are spread by up to this part of their length, so that offices do not all call at once after a power cut.
const JITTER_PARTS: u32 = 4;
/// Where the link drops a connection that is still, the next wait at the hub is half as long; below this it is not worth
/// the request.
const WAIT_MIN: Duration = Duration::from_secs(20);
/// After so many intervals without it, waiting at the hub is tried again: links change.
const INTERVALS_UNTIL_NEXT_TRY: u32 = 12;

/// Syncs until the future is dropped.
pub async fn background(uplink: Uplink, interval: Duration) {
    let mut patience = Patience::new(uplink.limits.wait);
    let mut failures = 0_u32;
    loop {
        let mut interrupt = Interrupt::of(&uplink);
        match uplink.sync_now().await {
            Ok(synced) => {
                tracing::debug!(
                    sync.requests = synced.requests,
                    sync.in_sync = synced.in_sync,
                    "exchanged news with the hub"
                );
                failures = 0;
                if synced.in_sync && stand_by(&uplink, &mut patience).await {
                    continue;
                }
            }
            Err(UplinkError::NotEnrolled) => tracing::debug!("not enrolled yet: nothing to sync"),
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::info!(%error, sync.failures = failures, "the exchange with the hub did not come about");
            }
        }
        let back_off = BACK_OFF_FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(16)));
        if failures == 0 {
            patience.an_interval_passes();
            // Ends early where something here waits for the hub.
            let _ = timeout(spread(&uplink, interval), interrupt.something_waits()).await;
        } else {
            sleep(spread(&uplink, back_off.min(interval))).await;
        }
    }
}

/// Waits at the hub again and again; `true` when there is something to say, `false` when waiting is not possible.
async fn stand_by(uplink: &Uplink, patience: &mut Patience) -> bool {
    while let Some(wait) = patience.wait() {
        match uplink.wait_at_hub(wait).await {
            Ok(Waited::Quiet) => {}
            Ok(Waited::NotLet) => return false,
            Err(error) if error.is_cut() => {
                tracing::debug!(%error, "the link does not let us wait at the hub for so long");
                patience.was_cut();
            }
            // After an error the next exchange finds out what is wrong, and notes it.
            Ok(Waited::Due) | Err(_) => return true,
        }
    }
    false
}

/// For how long to wait at the hub: as long as the settings say and the link bears.
struct Patience {
    most: Duration,
    wait: Duration,
    intervals: u32,
}

impl Patience {
    fn new(most: Duration) -> Self {
        Self {
            most,
            wait: most,
            intervals: 0,
        }
    }

    fn wait(&self) -> Option<Duration> {
        (!self.wait.is_zero()).then_some(self.wait)
    }

    fn was_cut(&mut self) {
        self.wait /= 2;
        if self.wait < WAIT_MIN {
            self.wait = Duration::ZERO;
        }
    }

    fn an_interval_passes(&mut self) {
        self.intervals += 1;
        if self.intervals >= INTERVALS_UNTIL_NEXT_TRY {
            *self = Self::new(self.most);
        }
    }
}

fn spread(uplink: &Uplink, pause: Duration) -> Duration {
    let [random] = uplink.desk.clock.random::<1>();
    pause + pause / JITTER_PARTS * u32::from(random) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_that_are_cut_get_shorter_and_end_and_are_tried_again_later() {
        let mut patience = Patience::new(Duration::from_mins(2));
        let mut waits = Vec::new();
        while let Some(wait) = patience.wait() {
            waits.push(wait.as_secs());
            patience.was_cut();
        }
        assert_eq!(waits, [120, 60, 30]);
        (0..INTERVALS_UNTIL_NEXT_TRY).for_each(|_| patience.an_interval_passes());
        assert_eq!(patience.wait(), Some(Duration::from_mins(2)));
        let mut never = Patience::new(Duration::ZERO);
        (0..INTERVALS_UNTIL_NEXT_TRY).for_each(|_| never.an_interval_passes());
        assert_eq!(never.wait(), None);
    }
}
