//! Offices over bad links: whatever cuts, losses, damage, repetition and kills do, both sides end with the same.
//!
//! One season is one seed: a hub, two machines of one office that share a line, and a second office. They work, sync over
//! links in changing weather, and are killed in the middle; at the end the weather is fair, and everything must be
//! everywhere. `BADLINK_SEEDS=42` plays one season again, `BADLINK_SEEDS=100..200` a hundred of them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};
use titian_demo::cast::{self, LIAISON, OPERATOR, PELAIHARI, TAKISUNG};
use titian_demo::gateway::Gateway;
use titian_demo::hub::Hub;
use titian_demo::task::{Outcome, Task};
use titian_tests::badlink::{BadLink, Counted, Cut, Weather};
use titian_tests::draw::Draw;
use titian_tests::moments::Moments;

use crate::equality::{self, assert_equal};
use crate::stage::{Stage, list, pdf, sheet};

/// Which seasons are played where nobody names others: a minute or two on two cores.
const SEEDS: Range<u64> = 1..4;
/// How many seasons more may be played until enough has happened: where in a season a link dies is a matter of timing.
const SEASONS_MORE_MAX: u64 = 6;
/// Names others: one seed, or a range of them.
const SEEDS_VARIABLE: &str = "BADLINK_SEEDS";
/// How often everybody works and syncs in one season.
const ROUNDS: usize = 6;
/// In fair weather: what one machine brought is with the other after two turns, and a repair takes two more.
const FAIR_TURNS_MAX: usize = 4;
/// Exit codes of `sync` that a bad link may lead to: done, not all delivered, no hub to be reached, refused.
const LINK_CODES: [i32; 4] = [0, 3, 6, 8];

#[test]
fn offices_over_bad_links_end_with_the_same_as_the_hub() {
    let seeds = seeds();
    let next = AtomicU64::new(seeds.start);
    let mut befallen = thread::scope(|scope| {
        let players = (0..thread::available_parallelism().map_or(1, usize::from)).map(|_| {
            scope.spawn(|| {
                let mut befallen = Befallen::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end {
                        return befallen;
                    }
                    befallen.add(Season::new(seed).play());
                }
            })
        });
        let players: Vec<_> = players.collect();
        players
            .into_iter()
            .map(|player| player.join().unwrap())
            .reduce(Befallen::and)
            .unwrap()
    });
    // Seasons in which nothing happens prove nothing.
    if seeds == SEEDS {
        for seed in SEEDS.end..SEEDS.end + SEASONS_MORE_MAX {
            if befallen.is_enough() {
                break;
            }
            befallen.add(Season::new(seed).play());
        }
        assert!(befallen.is_enough(), "too little happened: {befallen:?}");
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var(SEEDS_VARIABLE) else {
        return SEEDS;
    };
    let number = |text: &str| -> u64 {
        text.trim()
            .parse()
            .expect("a seed is a number, seeds are two with .. between")
    };
    match text.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => number(&text)..number(&text) + 1,
    }
}

/// What happened, so that a test can tell whether enough did.
#[derive(Clone, Copy, Debug, Default)]
struct Befallen {
    links: Counted,
    kills: u32,
    done: u32,
}

impl Befallen {
    fn add(&mut self, other: Self) {
        self.links.resets += other.links.resets;
        self.links.corrupted += other.links.corrupted;
        self.links.repeated += other.links.repeated;
        self.links.overtaken += other.links.overtaken;
        self.kills += other.kills;
        self.done += other.done;
    }

    /// Tells whether every kind of weather was there, and the common ones more than once.
    fn is_enough(&self) -> bool {
        let links = &self.links;
        links.resets > 5 && links.corrupted > 1 && links.repeated > 1 && links.overtaken > 0 && self.kills > 5
    }

    fn and(mut self, other: Self) -> Self {
        self.add(other);
        self
    }
}

/// One machine with a gateway, and what it was told to be saved.
struct Machine {
    gateway: Gateway,
    office: &'static str,
    /// Register numbers, and notes by complaint, that a command confirmed.
    registers: Vec<String>,
    notes: BTreeMap<String, Vec<String>>,
}

struct Season {
    seed: u64,
    draw: Draw,
    moments: Moments,
    stage: Stage,
    hub: Hub,
    lines: Vec<BadLink>,
    machines: Vec<Machine>,
    sheets: usize,
    befallen: Befallen,
}

impl Drop for Season {
    fn drop(&mut self) {
        if thread::panicking() {
            let (seed, log) = (self.seed, self.stage.log().text());
            // Past the test harness, which shows only what the test's own thread printed.
            let _ = writeln!(
                std::io::stderr(),
                "season {seed} failed; {SEEDS_VARIABLE}={seed} plays it again\n{log}"
            );
        }
    }
}

impl Season {
    fn new(seed: u64) -> Self {
        let stage = Stage::new();
        let mut hub = stage.hub();
        hub.serve().unwrap();
        hub.add_staff(LIAISON).unwrap();
        let mut lines = Vec::new();
        for (code, name) in [PELAIHARI, TAKISUNG] {
            hub.add_office(code, name).unwrap();
            let line = lines.len() as u64;
            lines.push(BadLink::to(hub.program.address().unwrap(), Weather::FAIR, seed * 10 + line).unwrap());
        }
        let machine = |name, (office, _): (&'static str, _), line: usize| {
            let gateway = stage.gateway(name);
            let code = hub.enrolment_code_over(office, &lines[line].address()).unwrap();
            gateway.enrol(&code).unwrap();
            gateway.add_staff(OPERATOR).unwrap();
            Machine {
                gateway,
                office,
                registers: Vec::new(),
                notes: BTreeMap::new(),
            }
        };
        let machines = vec![
            machine("pelaihari", PELAIHARI, 0),
            machine("pelaihari-laptop", PELAIHARI, 0),
            machine("takisung", TAKISUNG, 1),
        ];
        Self {
            seed,
            draw: Draw::new(seed, 0),
            moments: Moments::new(seed, 150_000),
            stage,
            hub,
            lines,
            machines,
            sheets: 0,
            befallen: Befallen::default(),
        }
    }

    fn play(mut self) -> Befallen {
        for round in 0..ROUNDS {
            for machine in 0..self.machines.len() {
                self.work(machine);
            }
            self.hub_works(round);
            for line in 0..self.lines.len() {
                let weather = weather(&mut self.draw);
                self.lines[line].turn(weather);
            }
            for machine in 0..self.machines.len() {
                self.exchange(machine);
            }
            self.both_at_once();
        }
        self.settle();
        self.assert_nothing_is_lost();
        for machine in &mut self.machines {
            assert_equal(&machine.gateway.program, &self.hub.program, machine.office);
            machine.gateway.program.stop().unwrap();
        }
        self.hub.program.stop().unwrap();
        self.stage.assert_no_errors();
        for line in &self.lines {
            let links = line.counted_so_far();
            self.befallen.add(Befallen {
                links,
                ..Befallen::default()
            });
        }
        self.befallen
    }

    /// A machine's staff record, hand on, note and amend.
    fn work(&mut self, machine: usize) {
        self.sheets += 1;
        let Self {
            machines,
            draw,
            sheets,
            stage,
            ..
        } = self;
        let machine = &mut machines[machine];
        let gateway = &machine.gateway;
        machine
            .registers
            .push(cast::forward(gateway, &sheet(*sheets)).unwrap().register);
        let known = list(&gateway.program);
        let id = draw.pick(&known)["id"].as_str().unwrap().to_owned();
        let note = format!("Catatan nomor {sheets}");
        gateway.step(&["note", &id, "--note", &note]).unwrap();
        machine.notes.entry(id).or_default().push(note);
        // Now and then a file: some fit into one piece, some into none.
        if draw.below(3) == 0 {
            let id = draw.pick(&known)["id"].as_str().unwrap();
            let path = stage.folder().join("surat.pdf");
            let length = usize::try_from(draw.between(100, 25_000)).unwrap();
            std::fs::write(&path, pdf(*sheets as u64, length)).unwrap();
            let attached = gateway
                .program
                .run(&["complaint", "attach", id, path.to_str().unwrap()]);
            assert!(matches!(attached.unwrap().code, Some(0 | 5)));
        }
        let id = draw.pick(&known)["id"].as_str().unwrap().to_owned();
        let amended = json!({ "place": format!("Tempat nomor {sheets}") }).to_string();
        let args = ["complaint", "amend", &id, "--json", "-"];
        let outcome = gateway.program.run_with(&args, &amended).unwrap();
        // What the liaison has taken is not amended any more.
        assert!(matches!(outcome.code, Some(0 | 5)), "{outcome:?}");
    }

    /// The liaison accepts some of what came, returns some, and enters some into LAPOR.
    fn hub_works(&mut self, round: usize) {
        let rows = list(&self.hub.program);
        for row in rows.iter().filter(|row| row["stage"] == "forwarded").take(4) {
            let id = row["id"].as_str().unwrap();
            match self.draw.below(3) {
                0 => self.hub.step(&["accept", id]).unwrap(),
                1 => {
                    let reason = format!("Kurang lengkap, putaran {round}");
                    let args = ["return", id, "--missing", "when", "--reason", &reason];
                    self.hub.step(&args).unwrap();
                }
                _ => {}
            }
        }
    }

    /// One machine exchanges news, and perhaps somebody dies over it.
    fn exchange(&mut self, machine: usize) {
        match self.draw.below(5) {
            0 | 1 => {
                let outcome = self.begin_sync(machine).wait().unwrap();
                self.learn_of(machine, &outcome);
            }
            2 => {
                let syncing = self.begin_sync(machine);
                self.moments.pass();
                let outcome = syncing.kill().unwrap();
                self.killed(outcome.code == Some(0));
                self.learn_of(machine, &outcome);
            }
            3 => {
                let syncing = self.begin_sync(machine);
                self.moments.pass();
                self.hub.program.kill().unwrap();
                let outcome = syncing.wait().unwrap();
                self.hub.serve().unwrap();
                self.killed(outcome.code == Some(0));
                self.learn_of(machine, &outcome);
            }
            _ => {
                self.machines[machine].gateway.serve_syncing("1").unwrap();
                self.moments.pass();
                self.machines[machine].gateway.program.kill().unwrap();
                self.befallen.kills += 1;
            }
        }
    }

    /// Both machines of the first office are at it at the same time, over the one line that they have.
    fn both_at_once(&mut self) {
        let [one, two] = [0, 1].map(|machine| self.begin_sync(machine));
        for (machine, syncing) in [(0, one), (1, two)] {
            let outcome = syncing.wait().unwrap();
            self.learn_of(machine, &outcome);
        }
    }

    fn begin_sync(&self, machine: usize) -> Task {
        self.machines[machine].gateway.program.begin(&["sync"], "").unwrap()
    }

    fn killed(&mut self, late: bool) {
        self.moments.learn(late);
        self.befallen.kills += 1;
    }

    /// An exchange that ended with 0 promised that the hub has everything; any other end is one of a link.
    fn learn_of(&mut self, machine: usize, outcome: &Outcome) {
        let machine = &self.machines[machine];
        let Some(code) = outcome.code else {
            return;
        };
        assert!(
            LINK_CODES.contains(&code),
            "{}: {outcome:?}",
            machine.gateway.program.name()
        );
        if code == 0 {
            self.befallen.done += 1;
            let own = equality::own_items(&machine.gateway.program, machine.office);
            let there = equality::items(&self.hub.program, machine.office);
            assert!(
                own.is_subset(&there),
                "delivered, and {} lack",
                own.difference(&there).count()
            );
        }
    }

    /// In fair weather everything arrives, in a bounded number of turns.
    fn settle(&mut self) {
        for line in &self.lines {
            line.turn(Weather::FAIR);
        }
        for turn in 1.. {
            let proved: Vec<Value> = self
                .machines
                .iter()
                .map(|machine| machine.gateway.program.json(&["sync"]).unwrap()["in_sync"].clone())
                .collect();
            // In the last turn nobody brought anything that somebody before in the turn lacks.
            if turn > 1 && proved.iter().all(|proved| *proved == true) {
                return;
            }
            assert!(
                turn < FAIR_TURNS_MAX,
                "still not the same after {turn} turns: {proved:?}"
            );
        }
    }

    fn assert_nothing_is_lost(&self) {
        for machine in &self.machines {
            for register in &machine.registers {
                let shown = self.hub.show(register).unwrap();
                assert_eq!(shown["register"], register.as_str());
            }
            for (id, notes) in &machine.notes {
                let timeline = self.hub.show(id).unwrap()["timeline"].to_string();
                for note in notes {
                    assert!(timeline.contains(&format!("{note}\"")), "{note} is lost: {timeline}");
                }
            }
        }
    }
}

/// Draws what kind of day it is.
fn weather(draw: &mut Draw) -> Weather {
    let fair = Weather::FAIR;
    match draw.below(7) {
        0 => Weather::cut(Cut::Both(draw.between(200, 4_000))),
        1 => Weather::cut(Cut::Down(draw.between(1, 600))),
        2 => Weather {
            lost_every: Some(4_000),
            ..fair
        },
        3 => Weather {
            corrupt_every: Some(draw.between(50, 2_000)),
            ..fair
        },
        4 => Weather {
            repeated_percent: 100,
            overtaken_percent: 30,
            ..fair
        },
        5 => Weather {
            bytes_per_second: Some(20_000),
            lost_every: Some(20_000),
            ..Weather::round_trip(80)
        },
        _ => Weather {
            lost_every: Some(5_000),
            corrupt_every: Some(5_000),
            repeated_percent: 30,
            overtaken_percent: 30,
            ..fair
        },
    }
}
