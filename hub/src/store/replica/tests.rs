//! What the hub takes from a gateway and what it does not, on a real database.

use titian_domain::casefile::CaseFile;
use titian_domain::id::{ComplaintId, EventId, Incarnation};
use titian_domain::particulars::Particulars;
use titian_domain::reporter::Reporter;
use titian_domain::vocabulary::{Channel, Classification, Stage};
use titian_host::attachments::AttachmentFiles;
use titian_host::casebook::list::Filter;
use titian_host::clock::Clock;
use titian_host::facts::Facts;
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::code::{EnrolCode, Secret};

use super::*;
use crate::airlock::Airlock;
use crate::desk::Desk;
use crate::examine;
use crate::store::quarantine::Which;

/// Wednesday, 11 March 2026, 9.00 WITA.
pub const START: UnixMillis = UnixMillis(1_773_190_800_000);
pub const ENROLLED: Incarnation = Incarnation([1; 16]);
pub const HUB_KEY: [u8; 32] = [7; 32];
pub const DEVICE_KEY: [u8; 32] = [4; 32];
pub const STRANGER: Incarnation = Incarnation([2; 16]);

pub struct Hub {
    _folder: tempfile::TempDir,
    pub desk: Desk,
    pub office: OfficeCode,
    pub device: u64,
}

impl Hub {
    pub async fn with_a_gateway() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, facts) = (Clock::manual(START), Facts::load(folder.path()).unwrap());
        let store = HubStore::open(folder.path()).unwrap();
        let office: OfficeCode = "63.01.03".parse().unwrap();
        store
            .add_office(office.clone(), "Pelaihari".into(), START, [9; 16])
            .await
            .unwrap();
        let key = SigningKey::from_bytes(&HUB_KEY);
        let secret = Secret([3; 14]);
        let letter = store
            .add_code((office.clone(), "hasnah"), secret.clone(), (START, START))
            .await
            .unwrap();
        let hub = Fingerprint::of(&key.verifying_key());
        let code = EnrolCode {
            secret,
            hub,
            office: office.clone(),
            letter,
            address: "http://hub.example".into(),
        };
        let request = EnrolRequest::new(&code, &SigningKey::from_bytes(&DEVICE_KEY), "PC depan");
        let enrolled = store.enrol(key.clone().into(), request.clone(), START).await.unwrap();
        let device = enrolled.unwrap().0.device;
        let again = store
            .enrol(key.clone().into(), request, START.plus_millis(1))
            .await
            .unwrap();
        assert_eq!(
            again.unwrap().0.device,
            device,
            "an answer that was lost is given again"
        );
        let other = EnrolRequest::new(&code, &SigningKey::from_bytes(&[5; 32]), "PC belakang");
        let refused = store.enrol(key.into(), other, START).await.unwrap();
        assert_eq!(refused.err(), Some(EnrolError::Used));
        let desk = Desk {
            store,
            files: AttachmentFiles::open(folder.path()).unwrap(),
            rules: facts.rules,
            incarnation: Incarnation(clock.random()),
            clock,
        };
        Self {
            _folder: folder,
            desk,
            office,
            device,
        }
    }

    pub async fn save(&self, facts: Vec<HubFact>) -> Result<Saved, ReplicaError> {
        self.save_of(&self.office, facts).await
    }

    /// Does what the receiver does with facts of an office's gateway.
    async fn save_of(&self, office: &OfficeCode, facts: Vec<HubFact>) -> Result<Saved, ReplicaError> {
        let (desk, store, airlock) = (self.desk.clone(), &self.desk.store, Airlock::in_this_process());
        let stamp = move |staff: &str| desk.stamp(staff);
        let mut findings = Findings::default();
        for fact in &facts {
            if let HubFact::Frame { device, items, .. } = fact {
                findings = examine::frame((store, &airlock), office, *device, items).await.unwrap();
            }
        }
        store
            .save_exchange(
                self.desk.rules.clone(),
                stamp,
                (office.clone(), self.desk.files.clone()),
                (facts, findings),
            )
            .await
    }

    /// Judges everything again that is aside.
    async fn retry(&self) {
        let (desk, store) = (self.desk.clone(), &self.desk.store);
        let mut candidates = Vec::new();
        for one in store.aside(Which::default()).await.unwrap() {
            candidates.extend(store.aside_item(one.number).await.unwrap());
        }
        let airlock = Airlock::in_this_process();
        let findings = examine::again((store, &airlock), &self.office, candidates)
            .await
            .unwrap();
        let stamp = move |staff: &str| desk.stamp(staff);
        let rules = self.desk.rules.clone();
        store
            .carry_out(rules, stamp, self.office.clone(), findings)
            .await
            .unwrap();
    }

    /// Why items are aside, in the order in which they came.
    pub async fn reasons(&self) -> Vec<Option<Reason>> {
        let aside = self.desk.store.aside(Which::default()).await.unwrap();
        aside.into_iter().map(|one| one.reason).collect()
    }

    fn frame(&self, items: Vec<Item>, (before, after): (u64, u64)) -> HubFact {
        let cursor = |position| Cursor {
            position,
            hash: RunningHash([0; 16]),
        };
        HubFact::Frame {
            device: self.device,
            items,
            before: cursor(before),
            acked: cursor(after),
        }
    }

    async fn stages(&self) -> Vec<(Stage, bool)> {
        let rows = self.desk.list(Filter::default()).await.unwrap();
        rows.into_iter().map(|row| (row.stage, row.received)).collect()
    }
}

/// Gives the changes of a complaint that was recorded, verified and forwarded.
pub fn forwarded(incarnation: Incarnation, serial: u8) -> Vec<Item> {
    let id = ComplaintId::new(START, [serial; 10]);
    let by = |event: u8| Stamp {
        at: START,
        trusted: true,
        staff: "Siti".into(),
        event: EventId::new(START, [event; 10]),
        incarnation,
    };
    let particulars = Particulars {
        classification: Some(Classification::Complaint),
        category: "Infrastruktur".into(),
        title: "Jembatan lapuk".into(),
        narrative: "Papan jembatan lapuk dan dua anak sudah terperosok.".into(),
        event_date: "2026-03-09".into(),
        place: "RT 4".into(),
        institution: "Dinas PUPR".into(),
        why_nameless: "takut".into(),
        why_unreachable: "tidak punya telepon".into(),
        ..Particulars::new(Channel::Visit, START)
    };
    let register = format!("63.01.03/A/2026/{serial:04}").parse().unwrap();
    let (mut case, first) = CaseFile::record(id, &register, &particulars, &by(1)).unwrap();
    let verified = case.verify(Reporter::None, &by(2)).unwrap();
    let handed_on = case.forward(Reporter::None, &by(3)).unwrap();
    let item = |change: titian_domain::document::Change| Item::new(ItemKind::Intake, Some(id), change.bytes).unwrap();
    [first, verified, handed_on].map(item).into()
}

#[tokio::test]
async fn a_change_counts_only_if_its_incarnation_was_registered_by_the_office() {
    let hub = Hub::with_a_gateway().await;
    hub.save(vec![hub.frame(forwarded(STRANGER, 1), (0, 3))]).await.unwrap();
    assert_eq!(hub.stages().await, [], "nobody registered who wrote this");
    assert_eq!(hub.reasons().await, [Some(Reason::Unregistered); 3]);

    let mut items = vec![Item::incarnation(ENROLLED)];
    items.extend(forwarded(ENROLLED, 2));
    hub.save(vec![hub.frame(items, (3, 7))]).await.unwrap();
    assert_eq!(
        hub.stages().await,
        [(Stage::Forwarded, true)],
        "and the hub noted when it arrived"
    );

    hub.save(vec![hub.frame(forwarded(ENROLLED, 3), (7, 10))])
        .await
        .unwrap();
    assert_eq!(hub.stages().await.len(), 2, "registered in an earlier frame");
}

#[tokio::test]
async fn a_frame_that_comes_twice_adds_nothing_and_one_out_of_place_is_refused_as_a_whole() {
    let hub = Hub::with_a_gateway().await;
    let mut items = vec![Item::incarnation(ENROLLED)];
    items.extend(forwarded(ENROLLED, 1));
    hub.save(vec![hub.frame(items.clone(), (0, 4))]).await.unwrap();
    let before = hub.desk.store.scope(hub.office.clone(), START).await.unwrap();
    let overtaken = hub.save(vec![hub.frame(forwarded(ENROLLED, 2), (0, 4))]).await;
    assert!(matches!(overtaken, Err(ReplicaError::Overtaken)));
    hub.save(vec![hub.frame(items, (4, 8))]).await.unwrap();
    let after = hub.desk.store.scope(hub.office.clone(), START).await.unwrap();
    assert_eq!((after.end, after.digest), (before.end, before.digest));
}

#[tokio::test]
async fn a_counter_is_used_once() {
    let hub = Hub::with_a_gateway().await;
    let counter = |counter| {
        vec![HubFact::Counter {
            device: hub.device,
            counter,
            lease: LeaseSeen::default(),
        }]
    };
    hub.save(counter(5)).await.unwrap();
    for used in [5, 4] {
        assert!(
            matches!(hub.save(counter(used)).await, Err(ReplicaError::Overtaken)),
            "{used}"
        );
    }
    hub.save(counter(6)).await.unwrap();
    assert_eq!(hub.desk.store.device(hub.device).await.unwrap().unwrap().0.counter, 6);
}

#[tokio::test]
async fn another_offices_complaint_is_left_alone() {
    let hub = Hub::with_a_gateway().await;
    let mut items = vec![Item::incarnation(ENROLLED)];
    items.extend(forwarded(ENROLLED, 1));
    hub.save(vec![hub.frame(items, (0, 4))]).await.unwrap();

    let other: OfficeCode = "63.01.01".parse().unwrap();
    hub.desk
        .store
        .add_office(other.clone(), "Takisung".into(), START, [8; 16])
        .await
        .unwrap();
    let mut foreign = vec![Item::incarnation(STRANGER)];
    foreign.extend(forwarded(STRANGER, 1));
    let facts = vec![hub.frame(foreign, (4, 8))];
    hub.save_of(&other, facts).await.unwrap();
    let taken = hub.desk.store.scope(other, START).await.unwrap();
    assert_eq!(taken.end.position, 1, "the registration, and nothing of the complaint");
    assert_eq!(hub.stages().await, [(Stage::Forwarded, true)]);
    assert_eq!(hub.reasons().await, [Some(Reason::OtherOffice); 3]);
}

#[tokio::test]
async fn an_erased_record_is_forgotten_in_the_quarantine_too_in_either_order() {
    for erased_first in [false, true] {
        let hub = Hub::with_a_gateway().await;
        let (office, device) = (hub.office.clone(), hub.device);
        let id = ComplaintId::from_bytes([9; 16]);
        let record = Item::new(ItemKind::Reporter, Some(id), br#"{"name":"Kanaria"}"#.to_vec()).unwrap();
        let left = hub
            .desk
            .store
            .door()
            .write(move |tx| {
                let put = || quarantine::put(tx, &office, (device, &record), (Reason::OtherOffice, &[]), START);
                let erase = || log::append(tx, &office, &Item::erasure(id, record.hash()), 0);
                if erased_first {
                    erase()?;
                    put()?;
                } else {
                    put()?;
                    erase()?;
                }
                let left = tx.query_row("SELECT count(body) FROM quarantine", [], |row| row.get::<_, i64>(0))?;
                Ok::<_, StoreError>(left)
            })
            .await
            .unwrap();
        assert_eq!(left, 0, "erased first: {erased_first}");
    }
}

#[tokio::test]
async fn a_change_that_waits_comes_in_by_itself_with_what_it_waits_for() {
    let hub = Hub::with_a_gateway().await;
    let all = forwarded(ENROLLED, 1);
    let mut late = vec![Item::incarnation(ENROLLED)];
    late.extend_from_slice(&all[1..]);
    hub.save(vec![hub.frame(late, (0, 3))]).await.unwrap();
    assert_eq!(hub.stages().await, []);
    let aside = hub.desk.store.aside(Which::default()).await.unwrap();
    assert_eq!(aside[0].reason, Some(Reason::Waiting));
    assert_eq!(aside[0].missing, [all[0].hash()]);

    hub.save(vec![hub.frame(all[..1].to_vec(), (3, 4))]).await.unwrap();
    assert_eq!(
        hub.stages().await,
        [(Stage::Forwarded, true)],
        "the first, and both that waited"
    );
    assert_eq!(hub.reasons().await, []);
}

#[tokio::test]
async fn a_retry_takes_what_fits_by_now_and_what_was_discarded_stays_out() {
    let hub = Hub::with_a_gateway().await;
    hub.save(vec![hub.frame(forwarded(STRANGER, 1), (0, 3))]).await.unwrap();
    let [first, .., last] = &hub.desk.store.aside(Which::default()).await.unwrap()[..] else {
        panic!("three are aside");
    };
    assert!(hub.desk.store.discard(last.number).await.unwrap());
    hub.retry().await;
    assert_eq!(hub.reasons().await.len(), 3, "nobody registered that writer yet");
    hub.save(vec![hub.frame(vec![Item::incarnation(STRANGER)], (3, 4))])
        .await
        .unwrap();
    hub.retry().await;
    assert_eq!(
        hub.stages().await,
        [(Stage::Verified, false)],
        "without the one that was discarded"
    );
    assert_eq!(hub.reasons().await, [Some(Reason::Discarded)]);
    assert_ne!(first.number, last.number);
    // The gateway does not know yet and sends all of it again.
    hub.save(vec![hub.frame(forwarded(STRANGER, 1), (4, 7))]).await.unwrap();
    assert_eq!(hub.stages().await, [(Stage::Verified, false)]);
}

#[tokio::test]
async fn a_full_quarantine_refuses_the_frame_and_keeps_the_rest_going() {
    let hub = Hub::with_a_gateway().await;
    let (mut position, mut kept) = (0, 0);
    // Three of each complaint; a cap that three does not divide.
    for serial in 1..=85 {
        hub.save(vec![hub.frame(forwarded(STRANGER, serial), (position, position + 3))])
            .await
            .unwrap();
        (position, kept) = (position + 3, kept + 3);
    }
    let full = hub
        .save(vec![hub.frame(forwarded(STRANGER, 86), (position, position + 3))])
        .await;
    assert_eq!(full.unwrap(), Saved::QuarantineFull { kept });
    let stands = hub.desk.store.device(hub.device).await.unwrap().unwrap().0.acked;
    assert_eq!(stands.position, position, "the frame is not acknowledged");
    let mut good = vec![Item::incarnation(ENROLLED)];
    good.extend(forwarded(ENROLLED, 87));
    hub.save(vec![hub.frame(good, (position, position + 4))]).await.unwrap();
    assert_eq!(hub.stages().await, [(Stage::Forwarded, true)]);
}
