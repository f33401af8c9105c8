//! The steps of a change of keys: in which order, who is named, and what is left.

use super::super::replica::tests::{HUB_KEY, Hub};
use super::*;
use crate::desk::Desk;

const NEXT: [u8; 32] = [0x5a; 32];

fn by() -> Taken {
    Taken {
        who: "Hasnah Fitriani".into(),
        at: UnixMillis(1_774_000_000_000),
    }
}

fn public(key: [u8; 32]) -> VerifyingKey {
    SigningKey::from_bytes(&key).verifying_key()
}

async fn with_key() -> Hub {
    let hub = Hub::with_a_gateway().await;
    hub.desk.store.keys(HUB_KEY).await.unwrap();
    hub
}

async fn renewed() -> Hub {
    let hub = with_key().await;
    hub.desk.store.renew_key([[0; 32], NEXT], by()).await.unwrap();
    hub
}

async fn says(hub: &Hub, key: [u8; 32]) {
    let device = hub.device;
    let write = hub
        .desk
        .store
        .door()
        .write(move |tx| Ok::<_, StoreError>(bound(tx, device, public(key))?));
    assert_eq!(write.await.unwrap(), 1);
}

async fn standing_of(desk: &Desk) -> Standing {
    desk.store.key_standing([0; 32], by().at).await.unwrap()
}

#[tokio::test]
async fn the_steps_have_one_order() {
    let hub = with_key().await;
    let store = &hub.desk.store;
    assert_eq!(standing_of(&hub.desk).await.course, Course::Steady);
    assert!(matches!(store.switch_key(true, by()).await, Err(KeyError::NoNext)));
    assert!(matches!(store.retire_key(true, by()).await, Err(KeyError::NoFormer)));
    let fresh = [[0; 32], NEXT];
    assert_eq!(store.renew_key(fresh, by()).await.unwrap().course, Course::Announcing);
    assert!(matches!(store.renew_key(fresh, by()).await, Err(KeyError::UnderWay)));
    assert!(matches!(store.retire_key(true, by()).await, Err(KeyError::NoFormer)));
    let switched = store.switch_key(true, by()).await.unwrap();
    assert_eq!(switched.course, Course::Overlapping);
    assert_eq!(
        (switched.present, switched.former),
        (fingerprint(NEXT), Some(fingerprint(HUB_KEY)))
    );
    assert!(matches!(store.renew_key(fresh, by()).await, Err(KeyError::UnderWay)));
    assert_eq!(store.retire_key(true, by()).await.unwrap().course, Course::Steady);
    assert_eq!(store.keys([0; 32]).await.unwrap().present().to_bytes(), NEXT);
}

#[tokio::test]
async fn who_has_not_heard_of_the_next_key_is_named_until_it_has_or_is_shut_out() {
    let hub = renewed().await;
    let store = &hub.desk.store;
    let behind = ["63.01.03/A".to_owned()];
    for step in 0..2 {
        says(&hub, HUB_KEY).await;
        assert_eq!(standing_of(&hub.desk).await.behind, behind);
        let refused = if step == 0 {
            store.switch_key(false, by()).await
        } else {
            store.retire_key(false, by()).await
        };
        let Err(KeyError::Behind(named)) = refused else {
            panic!("done although a gateway would be left behind")
        };
        assert_eq!(named, behind);
        says(&hub, NEXT).await;
        assert!(standing_of(&hub.desk).await.behind.is_empty());
        if step == 0 {
            store.switch_key(false, by()).await.unwrap();
        }
    }
    says(&hub, HUB_KEY).await;
    store.revoke("63.01.03/A".parse().unwrap(), by().at).await.unwrap();
    store.retire_key(false, by()).await.unwrap();
}

#[tokio::test]
async fn what_proves_handlings_outlives_the_key_that_it_was_derived_from() {
    let hub = renewed().await;
    let store = &hub.desk.store;
    store.switch_key(true, by()).await.unwrap();
    store.retire_key(true, by()).await.unwrap();
    let again = [[0; 32], [0x77; 32]];
    store.renew_key(again, by()).await.unwrap();
    store.switch_key(true, by()).await.unwrap();
    store.retire_key(true, by()).await.unwrap();
    let first = Proofs::of_hub(&SigningKey::from_bytes(&HUB_KEY));
    assert!(store.keys([0; 32]).await.unwrap().proofs().key() == first.key());
}

#[tokio::test]
async fn of_a_key_that_was_retired_nothing_is_left_in_the_files() {
    let hub = renewed().await;
    let store = &hub.desk.store;
    let folder = store.door().path().parent().unwrap().to_owned();
    let holds = |key: [u8; 32]| {
        let files = std::fs::read_dir(&folder).unwrap();
        let contents = files.filter_map(|file| std::fs::read(file.unwrap().path()).ok());
        let is_there = |content: Vec<u8>| content.windows(32).any(|window| window == key);
        contents.filter(|content| !content.is_empty()).any(is_there)
    };
    store.switch_key(true, by()).await.unwrap();
    assert!(holds(HUB_KEY), "while both hold");
    store.retire_key(true, by()).await.unwrap();
    assert!(erase::scrub(store.door()).await.unwrap());
    assert!(!holds(HUB_KEY) && holds(NEXT));
}

#[tokio::test]
async fn each_step_is_in_the_audit_log_with_who_took_it() {
    let hub = renewed().await;
    let store = &hub.desk.store;
    store.switch_key(true, by()).await.unwrap();
    store.retire_key(true, by()).await.unwrap();
    let filter = audit::Filter {
        who: Some(by().who),
        limit: 9,
        ..audit::Filter::default()
    };
    let read = store
        .door()
        .read(move |conn| Ok::<_, StoreError>(audit::list(conn, &filter)?));
    let rows: Vec<_> = read
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.deed, row.detail))
        .collect();
    let row = |deed: Deed, key| (deed.code().to_owned(), fingerprint(key));
    assert_eq!(
        rows,
        [
            row(Deed::KeyRetired, HUB_KEY),
            row(Deed::KeySwitched, NEXT),
            row(Deed::KeyRenewed, NEXT)
        ]
    );
}

#[tokio::test]
async fn codes_from_before_the_switch_are_counted_while_they_hold() {
    let hub = renewed().await;
    let store = &hub.desk.store;
    let at = by().at;
    let add = async |secret, created, expires| {
        let secret = titian_sync::enrol::code::Secret([secret; 14]);
        let times = (at.plus_millis(created), at.plus_millis(expires));
        store
            .add_code((hub.office.clone(), "hasnah"), secret, times)
            .await
            .unwrap();
    };
    add(31, -2, 1000).await;
    add(32, -2, -1).await;
    assert_eq!(standing_of(&hub.desk).await.former_codes, 0, "not before");
    store.switch_key(true, by()).await.unwrap();
    add(33, 1, 1000).await;
    assert_eq!(
        standing_of(&hub.desk).await.former_codes,
        1,
        "one expired, one names the new key"
    );
}
