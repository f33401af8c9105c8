//! Syncing in the background: soon after a local change, else at an interval, and patiently where the link is down.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout};

use super::{Uplink, UplinkError};

/// How long to wait after a change for more of them: somebody who types saves field after field.
const SETTLE: Duration = Duration::from_millis(700);
/// The first wait after a failure; it doubles with each further one.
const BACK_OFF_FIRST: Duration = Duration::from_secs(5);
/// Waits are spread by up to this part of their length, so that offices do not all call at once after a power cut.
const JITTER_PARTS: u32 = 4;

/// Syncs until the future is dropped.
pub async fn background(uplink: Uplink, interval: Duration) {
    let mut changed = uplink.desk.store.changed();
    let mut failures = 0_u32;
    loop {
        changed.mark_unchanged();
        match uplink.sync_now().await {
            Ok(synced) => {
                tracing::debug!(
                    sync.requests = synced.requests,
                    sync.in_sync = synced.in_sync,
                    "exchanged news with the hub"
                );
                failures = 0;
            }
            Err(UplinkError::NotEnrolled) => tracing::debug!("not enrolled yet: nothing to sync"),
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::info!(%error, sync.failures = failures, "the exchange with the hub did not come about");
            }
        }
        let back_off = BACK_OFF_FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(16)));
        let pause = if failures == 0 {
            interval
        } else {
            back_off.min(interval)
        };
        wait(&uplink, &mut changed, spread(&uplink, pause), failures == 0).await;
    }
}

/// Waits for the pause to end, or, where the link is up, for a local change that has settled. What the exchange itself
/// wrote wakes it too and is seen to be no news; what people wrote while it ran is.
async fn wait(uplink: &Uplink, changed: &mut tokio::sync::watch::Receiver<u64>, pause: Duration, link_is_up: bool) {
    let end = Instant::now() + pause;
    if !link_is_up {
        return sleep_until(end).await;
    }
    while let Ok(Ok(())) = timeout(end.saturating_duration_since(Instant::now()), changed.changed()).await {
        while let Ok(Ok(())) = timeout(SETTLE, changed.changed()).await {}
        let waiting = uplink.status().await.is_ok_and(|status| status.waiting_items > 0);
        if waiting {
            return;
        }
    }
}

fn spread(uplink: &Uplink, pause: Duration) -> Duration {
    let [random] = uplink.desk.clock.random::<1>();
    pause + pause / JITTER_PARTS * u32::from(random) / 255
}
