//! How far a gateway's log counts as held after bundles and exchanges in any order, on a real database.

use titian_sync::bundle::head::Sender;
use titian_sync::item::Item;
use titian_sync::wire::extension::ReplyExtensions;

use super::*;
use crate::store::replica::tests::{ENROLLED, Hub, START, forwarded};

/// A place of the gateway's log; the branch makes it one of another log.
fn place(position: u8, branch: u8) -> Cursor {
    if position == 0 {
        return Cursor::START;
    }
    Cursor {
        position: position.into(),
        hash: RunningHash([branch; 16]),
    }
}

impl Hub {
    /// Takes a part that reaches from one place to another.
    async fn part(&self, (start, end): (Cursor, Cursor), anew: Option<u8>, items: Vec<Item>) -> FrameTaken {
        let head = BundleHead {
            sender: Sender::Gateway,
            device: self.device,
            gateway: "63.01.03/A".parse().unwrap(),
            bundle: [anew.unwrap_or_default(); 16],
            part: 1,
            made_at: START,
            newest_dictionary: 1,
            dictionary: 1,
            anew: anew.is_some(),
            start: start.mark(),
            holds: Cursor::START.mark(),
            digest: [0; 16],
            extensions: ReplyExtensions::default(),
        };
        let frame = BundleFrame {
            items,
            cursor: end,
            last: true,
            more: false,
        };
        let stamp = || {
            let desk = self.desk.clone();
            move |staff: &str| desk.stamp(staff)
        };
        let (store, rules) = (&self.desk.store, &self.desk.rules);
        let taken = store.take_bundle_frame(rules.clone(), stamp(), self.office.clone(), head.clone(), frame);
        let taken = taken.await.unwrap();
        let ended = store.end_bundle(stamp(), rules.clone(), self.office.clone(), head);
        ended.await.unwrap();
        taken
    }

    /// Takes a frame over HTTP.
    async fn frame_over_http(&self, before: Cursor, acked: Cursor) {
        let (device, items) = (self.device, Vec::new());
        self.save(vec![HubFact::Frame {
            device,
            items,
            before,
            acked,
        }])
        .await
        .unwrap();
    }

    async fn acked(&self) -> Cursor {
        self.desk.store.device(self.device).await.unwrap().unwrap().0.acked
    }
}

#[tokio::test]
async fn a_bundle_brings_what_an_exchange_brings_and_once_only() {
    let hub = Hub::with_a_gateway().await;
    let items: Vec<_> = [Item::incarnation(ENROLLED)]
        .into_iter()
        .chain(forwarded(ENROLLED, 1))
        .collect();
    let count = items.len() as u64;
    let first = hub.part((place(0, 1), place(4, 1)), None, items.clone()).await;
    assert_eq!((first.new_items, first.known_items, first.ahead), (count, 0, false));
    let again = hub.part((place(0, 1), place(4, 1)), None, items).await;
    assert_eq!((again.new_items, again.known_items), (0, count));
    assert_eq!(hub.acked().await, place(4, 1));
    let row = &hub
        .desk
        .list(titian_host::casebook::list::Filter::default())
        .await
        .unwrap()[0];
    assert!(row.received, "the round that arrived by stick was noted as received");
}

#[tokio::test]
async fn what_is_held_never_goes_back_and_never_jumps_over_a_gap() {
    let hub = Hub::with_a_gateway().await;
    hub.part((place(0, 1), place(4, 1)), None, Vec::new()).await;
    hub.frame_over_http(place(4, 1), place(9, 1)).await;
    // Older than what the network brought; one that reaches beyond it, from a place in the middle of what is held.
    hub.part((place(0, 1), place(6, 1)), None, Vec::new()).await;
    assert_eq!(hub.acked().await, place(9, 1));
    assert!(!hub.part((place(4, 1), place(12, 1)), None, Vec::new()).await.ahead);
    assert_eq!(hub.acked().await, place(12, 1));
    // From a place of another log, and from one that is not held.
    assert!(hub.part((place(4, 2), place(20, 2)), None, Vec::new()).await.ahead);
    assert!(hub.part((place(15, 1), place(20, 1)), None, Vec::new()).await.ahead);
    assert_eq!(hub.acked().await, place(12, 1));
    // What was missing arrives over the network, and then by stick.
    hub.frame_over_http(place(12, 1), place(13, 1)).await;
    assert_eq!(hub.acked().await, place(13, 1));
    hub.part((place(13, 1), place(15, 1)), None, Vec::new()).await;
    assert_eq!(hub.acked().await, place(20, 1), "both stretches count now");
}

#[tokio::test]
async fn a_gateway_that_lost_something_begins_anew_once_per_bundle() {
    let hub = Hub::with_a_gateway().await;
    hub.part((place(0, 1), place(9, 1)), None, Vec::new()).await;
    hub.part((place(0, 2), place(5, 2)), Some(7), Vec::new()).await;
    assert_eq!(hub.acked().await, place(5, 2), "restored from an older copy");
    hub.part((place(5, 2), place(8, 2)), None, Vec::new()).await;
    hub.part((place(0, 2), place(5, 2)), Some(7), Vec::new()).await;
    assert_eq!(
        hub.acked().await,
        place(8, 2),
        "the same bundle once more changes nothing"
    );
    let answer = hub
        .desk
        .store
        .answer_for(hub.device, hub.office.clone(), false)
        .await
        .unwrap();
    assert!(answer.mine_too, "it gets everything, also what it brought itself");
}
