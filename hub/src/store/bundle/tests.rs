//! How far a gateway's log counts as held after bundles and exchanges in any order, on a real database.

use ed25519_dalek::SigningKey;
use titian_domain::airlock::Reason;
use titian_sync::bundle::head::Sender;
use titian_sync::item::{Item, ItemKind};
use titian_sync::wire::extension::ReplyExtensions;

use super::*;
use crate::airlock::Airlock;
use crate::examine;
use crate::store::quarantine::QUARANTINE_ITEMS_MAX;
use crate::store::replica::tests::{ENROLLED, HUB_KEY, Hub, START, STRANGER, forwarded};

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

fn head_of(hub: &Hub) -> BundleHead {
    BundleHead {
        sender: Sender::Gateway,
        device: hub.device,
        gateway: "63.01.03/A".parse().unwrap(),
        bundle: [0; 16],
        part: 1,
        made_at: START,
        newest_dictionary: 1,
        dictionary: 1,
        anew: false,
        start: Cursor::START.mark(),
        end: Cursor::START.mark(),
        holds: Cursor::START.mark(),
        digest: [0; 16],
        extensions: ReplyExtensions::default(),
    }
}

fn frame(start: Cursor, items: Vec<Item>, cursor: Cursor) -> Arc<BundleFrame> {
    Arc::new(BundleFrame {
        start: start.mark(),
        items,
        cursor,
        last: true,
        more: false,
    })
}

/// What a part came to.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    new_items: u64,
    aside_items: u64,
    ahead: bool,
}

impl Hub {
    /// Takes a part that reaches from one place to another.
    async fn part(&self, (start, end): (Cursor, Cursor), anew: Option<u8>, items: Vec<Item>) -> Came {
        let head = BundleHead {
            bundle: [anew.unwrap_or_default(); 16],
            anew: anew.is_some(),
            start: start.mark(),
            end: end.mark(),
            ..head_of(self)
        };
        let stamp = || {
            let desk = self.desk.clone();
            move |staff: &str| desk.stamp(staff)
        };
        let (store, rules, airlock) = (&self.desk.store, &self.desk.rules, Airlock::in_this_process());
        let findings = examine::frame((store, &airlock), &self.office, self.device, &items).await;
        let scope = (self.office.clone(), head);
        let taken = store.take_bundle_frame(
            rules.clone(),
            stamp(),
            scope.clone(),
            frame(start, items, end),
            findings.unwrap(),
        );
        let taken = taken.await.unwrap();
        let (office, head) = scope;
        let hub = SigningKey::from_bytes(&HUB_KEY).verifying_key();
        store
            .end_bundle(rules.clone(), stamp(), (office, head, hub))
            .await
            .unwrap();
        let FrameTaken::Taken {
            new_items,
            aside_items,
            ahead,
        } = taken
        else {
            panic!("the quarantine is full");
        };
        Came {
            new_items,
            aside_items,
            ahead,
        }
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

/// What a gateway brings that forwards its first complaint.
fn registered_and_forwarded() -> Vec<Item> {
    let mut items = vec![Item::incarnation(ENROLLED)];
    items.extend(forwarded(ENROLLED, 1));
    items
}

#[tokio::test]
async fn a_bundle_brings_what_an_exchange_brings_and_once_only() {
    let hub = Hub::with_a_gateway().await;
    let items = registered_and_forwarded();
    let count = items.len() as u64;
    let first = hub.part((place(0, 1), place(4, 1)), None, items.clone()).await;
    assert_eq!((first.new_items, first.aside_items, first.ahead), (count, 0, false));
    let again = hub.part((place(0, 1), place(4, 1)), None, items).await;
    assert_eq!((again.new_items, again.aside_items), (0, 0));
    assert_eq!(hub.acked().await, place(4, 1));
    let row = &hub
        .desk
        .list(titian_host::casebook::list::Filter::default())
        .await
        .unwrap()[0];
    assert!(row.received, "the round that arrived by stick was noted as received");
}

#[tokio::test]
async fn what_may_not_stand_is_put_aside_and_the_rest_of_the_part_is_taken() {
    let hub = Hub::with_a_gateway().await;
    let honest = registered_and_forwarded();
    let honest_count = honest.len() as u64;
    // Nobody registered this writer.
    let foreign = forwarded(STRANGER, 2);
    let foreign_count = foreign.iter().filter(|item| item.kind() == ItemKind::Intake).count() as u64;
    let items: Vec<_> = foreign.into_iter().chain(honest).collect();
    let all = items.len() as u64;
    let came = hub.part((place(0, 1), place(9, 1)), None, items.clone()).await;
    assert!(foreign_count > 0 && all >= honest_count + foreign_count);
    assert_eq!((came.new_items, came.aside_items), (all - foreign_count, foreign_count));
    assert_eq!(hub.acked().await, place(9, 1), "nothing of it holds up the rest");
    assert!(
        hub.reasons()
            .await
            .iter()
            .all(|reason| *reason == Some(Reason::Unregistered))
    );
    let again = hub.part((place(0, 1), place(9, 1)), None, items).await;
    assert_eq!((again.new_items, again.aside_items), (0, foreign_count));
    // The answer tells the gateway, always with the whole list.
    let answer = hub
        .desk
        .store
        .answer_for(hub.device, (hub.office.clone(), hub.desk.files.clone()), false, [0; 32])
        .await
        .unwrap();
    assert_eq!(answer.aside.len() as u64, foreign_count);
}

#[tokio::test]
async fn a_part_that_would_overfill_the_quarantine_is_not_taken_and_moves_nothing() {
    let hub = Hub::with_a_gateway().await;
    let per_complaint = forwarded(STRANGER, 1)
        .iter()
        .filter(|item| item.kind() == ItemKind::Intake)
        .count();
    let complaints = QUARANTINE_ITEMS_MAX / per_complaint + 1;
    let items: Vec<_> = (1..=complaints)
        .flat_map(|seed| forwarded(STRANGER, u8::try_from(seed % 250).unwrap()))
        .collect();
    let airlock = Airlock::in_this_process();
    let store = &hub.desk.store;
    let findings = examine::frame((store, &airlock), &hub.office, hub.device, &items)
        .await
        .unwrap();
    let desk = hub.desk.clone();
    let taken = store
        .take_bundle_frame(
            hub.desk.rules.clone(),
            move |staff: &str| desk.stamp(staff),
            (hub.office.clone(), head_of(&hub)),
            frame(Cursor::START, items, place(9, 1)),
            findings,
        )
        .await;
    assert_eq!(taken.unwrap(), FrameTaken::QuarantineFull);
    assert_eq!(hub.acked().await, Cursor::START);
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
        .answer_for(hub.device, (hub.office.clone(), hub.desk.files.clone()), false, [0; 32])
        .await
        .unwrap();
    assert_eq!(answer.start, Cursor::START, "it gets everything");
}
