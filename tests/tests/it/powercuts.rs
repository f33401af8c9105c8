//! Power cuts under the running programs: they halt, the file system goes down with whatever it had not written yet, the
//! machine starts again, and nothing that was acknowledged is missing.
//!
//! `POWER_CUTS=100` cuts a hundred times instead of a few. Where nothing may be mounted the tests say that they were
//! skipped; `DISK_TESTS_MUST_RUN=1` makes that a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rusqlite::Connection;
use titian_demo::cast::{self, Cast, OPERATOR, PELAIHARI};
use titian_demo::visitor::Visitor;
use titian_demo::wait;
use titian_tests::disk::{self, Disk, Wants};
use titian_tests::draw::Draw;
use titian_tests::moments::Moments;

use crate::equality;
use crate::stage::{Stage, list, sheet};

/// How often the power is cut where nobody says otherwise.
const CUTS: u64 = 5;
/// Says otherwise.
const CUTS_VARIABLE: &str = "POWER_CUTS";
/// Room for both programs, their reserves and what the tests write.
const DISK_BYTES: u64 = 96 * 1024 * 1024;
/// How many cuts more there may be until one comes within an exchange.
const CUTS_MORE_MAX: u64 = 20;
const SEED: u64 = 20_261_125;
/// Notes are spread over so many complaints that none of them grows large.
const COMPLAINTS: usize = 12;

fn cuts() -> u64 {
    std::env::var(CUTS_VARIABLE).map_or(CUTS, |text| text.parse().expect("a number of power cuts"))
}

#[test]
fn what_a_page_confirmed_is_there_after_a_power_cut() {
    if !disk::alone(
        "powercuts::what_a_page_confirmed_is_there_after_a_power_cut",
        Wants::Image,
    )
    .unwrap()
    {
        return;
    }
    let stage = Stage::new();
    let at = stage.folder().join("pelaihari");
    let disk = Disk::with_power(&at, &stage.folder().join("disk.img"), DISK_BYTES).unwrap();
    let mut cast = Cast::set_up(&stage).unwrap();
    let ids: Vec<String> = (0..COMPLAINTS)
        .map(|number| cast.pelaihari.add(&sheet(number)).unwrap().id)
        .collect();
    cast.pelaihari.serve().unwrap();
    let mut moments = Moments::new(SEED, 200_000);
    let mut confirmed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut notes, mut midway) = (0, 0);
    for cut in 0..cuts() {
        let heard = AtomicU64::new(0);
        // New browsers each time: the old ones hold connections to a program that is gone.
        let mut visitors = [(); 2].map(|()| {
            let mut visitor = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
            visitor.log_in(OPERATOR.name, OPERATOR.password).unwrap();
            visitor
        });
        let told = thread::scope(|scope| {
            let writers: Vec<_> = (0..)
                .zip(&mut visitors)
                .map(|(who, visitor)| {
                    let (heard, ids) = (&heard, &ids);
                    let mut draw = Draw::new(SEED, cut * 2 + who);
                    scope.spawn(move || {
                        let mut told = Vec::new();
                        for number in 0.. {
                            let id = draw.pick(ids);
                            let note = format!("Catatan {cut}-{who}-{number}");
                            let answer = visitor.post(&format!("/laporan/{id}/catatan"), &[("note", &note)]);
                            // Only the way to the complaint's page says that it is saved.
                            if !answer.is_ok_and(|page| page.location.is_some()) {
                                return told;
                            }
                            heard.fetch_add(1, Ordering::SeqCst);
                            told.push((id.clone(), note));
                        }
                        told
                    })
                })
                .collect();
            wait::until("a note is confirmed", || {
                Ok((heard.load(Ordering::SeqCst) > 0).then_some(()))
            })
            .unwrap();
            moments.pass();
            cast.pelaihari.program.halt().unwrap();
            disk.cut().unwrap();
            cast.pelaihari.program.kill().unwrap();
            let told = writers.into_iter().flat_map(|writer| writer.join().unwrap());
            told.collect::<Vec<_>>()
        });
        disk.start_again().unwrap();
        notes += told.len();
        midway += u64::from(told.len() > 2);
        for (id, note) in told {
            confirmed.entry(id).or_default().insert(note);
        }
        // Starting searches the whole file for damage.
        cast.pelaihari.serve().unwrap();
        for (id, notes) in &confirmed {
            let timeline = cast.pelaihari.show(id).unwrap()["timeline"].to_string();
            let lost: Vec<_> = notes
                .iter()
                .filter(|note| !timeline.contains(&format!("{note}\"")))
                .collect();
            assert!(lost.is_empty(), "confirmed and lost in cut {cut}: {lost:?}");
        }
    }
    assert!(midway > 0, "no cut came while somebody wrote");
    disk::tell(&format!("{notes} notes confirmed over {} power cuts, 0 lost", cuts())).unwrap();
    cast.pelaihari.program.stop().unwrap();
}

#[test]
fn what_either_side_acknowledged_is_there_after_a_power_cut() {
    if !disk::alone(
        "powercuts::what_either_side_acknowledged_is_there_after_a_power_cut",
        Wants::Image,
    )
    .unwrap()
    {
        return;
    }
    let stage = Stage::new();
    let disk_of = |name: &str| {
        let image = stage.folder().join(format!("{name}.img"));
        Disk::with_power(&stage.folder().join(name), &image, DISK_BYTES).unwrap()
    };
    let (hub_disk, gateway_disk) = (disk_of("hub"), disk_of("pelaihari"));
    let mut cast = Cast::set_up(&stage).unwrap();
    let mut draw = Draw::new(SEED, 1);
    let mut moments = Moments::new(SEED + 1, 100_000);
    let (mut sheets, mut registers) = (0, BTreeSet::new());
    for cut in 0..cuts() + CUTS_MORE_MAX {
        // How long an exchange takes on this machine is found out by cutting: on until one was cut within.
        if cut >= cuts() && moments.early > 0 {
            break;
        }
        cast.hub.serve().unwrap();
        for _ in 0..2 {
            sheets += 1;
            registers.insert(cast::forward(&cast.pelaihari, &sheet(sheets)).unwrap().register);
        }
        for row in list(&cast.hub.program).iter().filter(|row| row["stage"] == "forwarded") {
            cast.hub.step(&["accept", row["id"].as_str().unwrap()]).unwrap();
        }
        let syncing = cast.pelaihari.program.begin(&["sync"], "").unwrap();
        moments.pass();
        let late = if draw.one_in(2) {
            cast.hub.program.halt().unwrap();
            hub_disk.cut().unwrap();
            cast.hub.program.kill().unwrap();
            let outcome = syncing.wait().unwrap();
            hub_disk.start_again().unwrap();
            outcome.code == Some(0)
        } else {
            syncing.halt().unwrap();
            gateway_disk.cut().unwrap();
            let outcome = syncing.kill().unwrap();
            cast.hub.program.kill().unwrap();
            gateway_disk.start_again().unwrap();
            outcome.code == Some(0)
        };
        moments.learn(late);
        let (gateway, hub) = (&cast.pelaihari.program, &cast.hub.program);
        let acknowledged = equality::acknowledged_items(gateway, PELAIHARI.0);
        let there = equality::items(hub, PELAIHARI.0);
        assert!(
            acknowledged.is_subset(&there),
            "acknowledged by the hub and lost in cut {cut}"
        );
        let own = equality::own_items(gateway, PELAIHARI.0);
        let brought = equality::brought_items(hub, PELAIHARI.0);
        assert!(
            brought.is_subset(&own),
            "sent by the gateway before it was durable, and lost in cut {cut}"
        );
    }
    assert!(moments.early > 0, "every cut came too late");
    cast.hub.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    let held: BTreeSet<String> = list(&cast.hub.program)
        .iter()
        .map(|row| row["register"].as_str().unwrap().to_owned())
        .collect();
    assert!(registers.is_subset(&held), "a number that a command printed is lost");
    equality::assert_equal(&cast.pelaihari.program, &cast.hub.program, PELAIHARI.0);
    let Moments { early, .. } = moments;
    disk::tell(&format!(
        "at least {} power cuts, {early} of them within an exchange, 0 items lost",
        cuts()
    ))
    .unwrap();
    cast.stop().unwrap();
}

/// The test of the test: the same cuts under a writer of which it is known what it risks.
#[test]
fn cuts_show_what_a_careless_writer_loses() {
    if !disk::alone("powercuts::cuts_show_what_a_careless_writer_loses", Wants::Image).unwrap() {
        return;
    }
    let lost: BTreeMap<&str, u64> = ["FULL", "NORMAL", "OFF"]
        .into_iter()
        .map(|synchronous| (synchronous, lost_with(synchronous)))
        .collect();
    assert_eq!(lost["FULL"], 0, "{lost:?}");
    assert!(lost["OFF"] > 0, "a cut that takes nothing away shows nothing: {lost:?}");
    disk::tell(&format!("commits lost over {} power cuts each: {lost:?}", cuts())).unwrap();
}

/// Counts the acknowledged commits that power cuts take from a database with this setting.
fn lost_with(synchronous: &str) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("disk");
    let disk = Disk::with_power(&at, &folder.path().join("disk.img"), DISK_BYTES).unwrap();
    let mut moments = Moments::new(SEED + 2, 100_000);
    let mut lost = 0;
    for cut in 0..cuts() {
        let file = at.join(format!("{cut}.db"));
        let acknowledged = AtomicU64::new(0);
        let mut before_the_cut = 0;
        thread::scope(|scope| {
            scope.spawn(|| {
                // Ends with the first commit that fails: the disk is down.
                let _ = commit_on_and_on(&file, synchronous, &acknowledged);
            });
            wait::until("a commit is acknowledged", || {
                Ok((acknowledged.load(Ordering::SeqCst) > 0).then_some(()))
            })
            .unwrap();
            moments.pass();
            // This writer is not halted: what it is told while the disk goes down is told to nobody.
            before_the_cut = acknowledged.load(Ordering::SeqCst);
            disk.cut().unwrap();
        });
        disk.start_again().unwrap();
        let held = Connection::open(&file).and_then(|connection| {
            let count = "SELECT count(*) FROM page";
            connection.query_row(count, [], |row| row.get::<_, u64>(0))
        });
        // Without its table or not to be read at all: everything is lost.
        lost += before_the_cut.saturating_sub(held.unwrap_or(0));
        // A hundred of them would fill the disk.
        for file in std::fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()) {
            if file.is_file() {
                std::fs::remove_file(file).unwrap();
            }
        }
    }
    lost
}

fn commit_on_and_on(file: &std::path::Path, synchronous: &str, acknowledged: &AtomicU64) -> rusqlite::Result<()> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.execute_batch("CREATE TABLE page (text TEXT NOT NULL) STRICT")?;
    loop {
        connection.execute("INSERT INTO page VALUES (hex(randomblob(300)))", [])?;
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
}
