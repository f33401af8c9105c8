//! Enrolled devices that send what no gateway of ours would write: the hub serves on, and takes nothing bad.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;
use titian_demo::cast::{Cast, PELAIHARI};
use titian_demo::hub::Hub;
use titian_domain::id::Incarnation;
use titian_host::clock::Stopwatch;
use titian_sync::engine::Refusal;
use titian_sync::item::{Item, ItemKind};
use titian_tests::benchmark::memory;
use titian_tests::draw::Draw;
use titian_tests::hostile::changes::{Author, bomb, chunk, mutate};
use titian_tests::hostile::{Device, post};

use crate::stage::{Stage, sheet};

/// What the serving process may need at its peak, in a debug build and with everything that the test throws at it.
const HUB_KB_MAX: u64 = 96 * 1024;
/// The limit of the child's whole address space; what is resident is less.
const CHILD_KB_MAX: u64 = 256 * 1024;
/// How long an honest exchange may take meanwhile: a hostile page's turn, on a machine that runs all tests at once.
const HONEST_MILLIS_MAX: u64 = 60_000;
/// Mutations that are sent, over all devices.
const MUTATIONS: u32 = 300;
/// Of one device: its quarantine has room for so many.
const MUTATIONS_OF_ONE: u32 = 150;
const MUTATIONS_IN_A_REQUEST: u32 = 50;

fn enrolled(hub: &Hub, number: u8) -> (Device, Author) {
    let code = hub.enrolment_code(PELAIHARI.0).unwrap();
    let mut device = Device::enrol(hub.program.address().unwrap(), &code, number).unwrap();
    let author = Author::of(&device.office, number);
    device.push(Item::incarnation(author.incarnation));
    (device, author)
}

/// The reasons of what is aside, and how often each.
fn reasons(hub: &Hub) -> BTreeMap<String, usize> {
    let aside = hub.program.json(&["quarantine", "list"]).unwrap();
    let mut reasons = BTreeMap::new();
    for one in aside.as_array().unwrap() {
        *reasons.entry(one["reason"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    reasons
}

#[test]
fn hostile_devices_neither_stop_the_hub_nor_get_anything_bad_into_it() {
    let stage = Stage::new();
    let Cast { mut hub, takisung, .. } = Cast::set_up(&stage).unwrap();
    hub.serve().unwrap();
    let (done, slowest) = (AtomicBool::new(false), std::sync::Mutex::new(0));
    let (pid, mut peaks) = (hub.program.pid().unwrap(), Peaks::default());
    thread::scope(|scope| {
        // An honest office works on as if nothing were.
        let (done, slowest) = (&done, &slowest);
        let honest = scope.spawn(move || {
            let mut number = 0;
            while !done.load(Ordering::SeqCst) {
                number += 1;
                takisung.add(&sheet(number)).unwrap();
                let began = Stopwatch::start();
                assert_eq!(takisung.sync().unwrap(), Some(0));
                let mut slowest = slowest.lock().unwrap();
                *slowest = (*slowest).max(began.millis());
            }
            number
        });
        let ended = Ended(done);
        mutations(&hub, &mut peaks, pid);
        forgeries(&hub);
        peaks.look(pid);
        killers(&hub);
        orphans(&hub);
        torn_bodies(&hub);
        peaks.look(pid);
        drop(ended);
        let count = honest.join().unwrap();
        assert!(count > 1, "the honest office was at work meanwhile");
        assert_eq!(complaints(&hub, "63.01.01").len(), count);
    });
    assert!(!hub.program.has_ended().unwrap(), "the hub serves on");
    assert!(peaks.hub > 0 && peaks.hub < HUB_KB_MAX, "{} KB in the hub", peaks.hub);
    assert!(
        peaks.child > 0 && peaks.child < CHILD_KB_MAX,
        "{} KB in the child",
        peaks.child
    );
    let slowest = *slowest.lock().unwrap();
    assert!(slowest < HONEST_MILLIS_MAX, "an honest exchange took {slowest} ms");
    let seen = reasons(&hub);
    for reason in [
        "nested",
        "field",
        "hubs_own",
        "event",
        "register",
        "counter",
        "contradicts",
        "writer",
        "too_large",
        "deadly",
        "waiting",
        "other_office",
        "unregistered",
        "unreadable",
    ] {
        assert!(seen.contains_key(reason), "{reason} in {seen:?}");
    }
    assert_eq!(hub.program.stop().unwrap(), Some(0));
    nothing_bad_is_there(&hub);
    stage.assert_no_errors();
}

/// Lets the honest office stop, also where the test fails: nobody would wait for its end otherwise.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Changes with some wrong bytes and a right checksum, each of a complaint of its own.
fn mutations(hub: &Hub, peaks: &mut Peaks, pid: u32) {
    let mut sent = 0;
    for number in 10.. {
        if sent >= MUTATIONS {
            break;
        }
        let (mut device, author) = enrolled(hub, number);
        for request in 0..MUTATIONS_OF_ONE / MUTATIONS_IN_A_REQUEST {
            for index in 0..MUTATIONS_IN_A_REQUEST {
                let serial = request * MUTATIONS_IN_A_REQUEST + index + 1;
                let honest = author.honest(serial, 0).remove(0);
                let mut draw = Draw::new(u64::from(number), u64::from(serial));
                if let Some(item) = author.item(serial, mutate(&honest, &mut draw)) {
                    device.push(item);
                    sent += 1;
                }
            }
            let outcome = device.exchange().unwrap();
            assert_eq!(outcome.refusal, None);
        }
        peaks.look(pid);
    }
}

/// Forgeries that have a name, each beside an honest complaint, which must pass.
fn forgeries(hub: &Hub) {
    let (mut device, author) = enrolled(hub, 30);
    let mut expected = BTreeSet::new();
    let honest = author.honest(1, 2);
    for bytes in honest.clone() {
        device.push(author.item(1, bytes).unwrap());
    }
    for (reason, bytes) in author.forgeries(&honest) {
        let item = author.item(1, bytes).unwrap();
        expected.insert((item.fingerprint(), reason));
        device.push(item);
    }
    // A complaint of an office that this device does not belong to, and a writer whom nobody registered.
    let foreign = complaints(hub, "63.01.01").into_iter().next().unwrap();
    let item = Item::new(
        ItemKind::Intake,
        Some(foreign.parse().unwrap()),
        author.honest(9, 0).remove(0),
    )
    .unwrap();
    device.push(item);
    let stranger = Author {
        incarnation: Incarnation([99; 16]),
        ..author.clone()
    };
    device.push(stranger.item(8, stranger.honest(8, 0).remove(0)).unwrap());
    device.exchange().unwrap();
    assert!(
        device.quarantined.len() > expected.len(),
        "the device is told what was put aside"
    );
    let aside = hub.program.json(&["quarantine", "list"]).unwrap();
    for (fingerprint, reason) in expected {
        let entry = device
            .quarantined
            .iter()
            .find(|entry| fingerprint.starts_with(&entry.front));
        let number = entry.unwrap_or_else(|| panic!("{reason} passed")).reason;
        let named = titian_domain::airlock::Reason::from_number(u8::try_from(number).unwrap()).unwrap();
        assert_eq!(named.code(), reason);
    }
    assert!(
        complaints(hub, PELAIHARI.0).contains(&author.complaint(1).to_string()),
        "{aside}"
    );
}

/// What the child does not survive, with honest changes before and behind it in the same page.
fn killers(hub: &Hub) {
    let (mut device, author) = enrolled(hub, 31);
    let honest = author.honest(1, 1);
    device.push(author.item(1, honest[0].clone()).unwrap());
    device.push(author.item(1, bomb(&author)).unwrap());
    device.push(author.item(1, honest[1].clone()).unwrap());
    device.push(author.item(2, author.honest(2, 0).remove(0)).unwrap());
    device.exchange().unwrap();
    assert_eq!(device.quarantined.len(), 1, "only the bomb is aside");
    for serial in [1, 2] {
        assert!(
            complaints(hub, PELAIHARI.0).contains(&author.complaint(serial).to_string()),
            "{serial}"
        );
    }
}

/// Thousands of changes that build on one that never comes: a few wait, the others are not taken.
fn orphans(hub: &Hub) {
    let (mut device, author) = enrolled(hub, 32);
    let mut refusal = None;
    for serial in 1..=50 {
        for item in author.orphans(serial, 60) {
            device.push(item);
        }
        // Twice where a hash has to be written in full.
        for _ in 0..2 {
            refusal = device.exchange().unwrap().refusal;
            if !refusal.is_some_and(Refusal::is_mended_by_retry) {
                break;
            }
        }
    }
    let Some(Refusal::QuarantineFull { kept }) = refusal else {
        panic!("{refusal:?}");
    };
    assert!((1..=256).contains(&kept), "{kept}");
}

/// What is no frame at all: torn, mutated, and unfolding to more than a frame may hold.
fn torn_bodies(hub: &Hub) {
    let (mut device, _) = enrolled(hub, 33);
    device.exchange().unwrap();
    let bomb = zeros_in_zstd();
    device.send_payload(1, bomb).unwrap();
    device.send_payload(512, vec![0xff; 4_000]).unwrap();
    let mut draw = Draw::new(5, 5);
    for length in (0..400).step_by(7) {
        let bytes: Vec<u8> = (0..length).map(|_| u8::try_from(draw.below(256)).unwrap()).collect();
        post(hub.program.address().unwrap(), "/sync/v1", &bytes).unwrap();
    }
    // A bundle and a compressed change cannot even be put on the wire: an item is one plain change chunk.
    for kind in [0, 2, 3] {
        assert!(Item::new(ItemKind::Intake, Some(device_complaint()), chunk(kind, &[0; 60])).is_err());
    }
}

fn device_complaint() -> titian_domain::id::ComplaintId {
    titian_domain::id::ComplaintId::from_bytes([1; 16])
}

/// A group whose zstd bytes are a hundred kilobytes that mean hundreds of megabytes of zeros.
fn zeros_in_zstd() -> Vec<u8> {
    let mut stream = vec![0x00, 0x88];
    for _ in 0..3_000 {
        // A block of one byte repeated 128 KiB times, not the last one.
        let header: u32 = (128 * 1024) << 3 | 1 << 1;
        stream.extend_from_slice(&header.to_le_bytes()[..3]);
        stream.push(0);
    }
    let mut group = Vec::new();
    titian_sync::varint::put(&mut group, stream.len() as u64);
    group.extend_from_slice(&stream);
    titian_sync::varint::put(&mut group, 0);
    group
}

fn complaints(hub: &Hub, office: &str) -> Vec<String> {
    let (mut all, mut before) = (Vec::new(), None::<String>);
    loop {
        let mut args = vec!["complaint", "list", "--office", office];
        if let Some(before) = &before {
            args.extend(["--before", before]);
        }
        let page = hub.program.json(&args).unwrap();
        let ids = page
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned());
        let ids: Vec<String> = ids.collect();
        let Some(last) = ids.last().cloned() else {
            return all;
        };
        (before, all) = (Some(last), [all, ids].concat());
    }
}

/// Every complaint opens with all of its changes, and the lists come out the same when they are made anew.
fn nothing_bad_is_there(hub: &Hub) {
    let lists = |hub: &Hub| -> Vec<Value> {
        let offices = ["63.01.01", PELAIHARI.0];
        let ids = offices.iter().flat_map(|office| complaints(hub, office));
        ids.map(|id| hub.show(&id).unwrap()).collect()
    };
    let before = lists(hub);
    assert!(before.len() > 3);
    for complaint in &before {
        assert_eq!(complaint["unmerged"], 0, "{complaint}");
    }
    hub.program.run(&["projections", "rebuild"]).unwrap().success().unwrap();
    assert_eq!(lists(hub), before);
}

/// The most memory that hub and child were ever seen to hold, in KiB.
#[derive(Default)]
struct Peaks {
    hub: u64,
    child: u64,
}

impl Peaks {
    fn look(&mut self, hub: u32) {
        for process in memory::family(hub) {
            let seen = if process == hub { &mut self.hub } else { &mut self.child };
            *seen = (*seen).max(memory::peak_of_one(process).unwrap_or(0) / 1_024);
        }
    }
}
