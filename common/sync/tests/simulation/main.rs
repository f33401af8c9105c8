//! A seeded simulation of gateways and a hub over links that break at any byte and programs that die at any save, whose
//! files are brought back from backups and copied.
//!
//! Invariants are checked after every event. `SEED=17 cargo test -p titian-sync --test simulation one_seed` replays one,
//! `SEEDS=1000000 cargo test --release -p titian-sync --test simulation whatever` runs a million, `SEEDS=10000..20000` those.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]
#![expect(clippy::print_stdout, reason = "measures are printed with --nocapture")]

mod cases;
mod casework;
mod drive;
mod events;
mod invariants;
mod keys;
mod scale;
mod sticks;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use drive::{Observed, Trouble};
use ed25519_dalek::SigningKey;
use sticks::{Reach, Stick};
use titian_domain::time::UnixMillis;
use titian_sync::engine::gateway::{Agreement, EXCHANGES_IN_A_ROW_MAX, ReplicaState};
use titian_sync::engine::{LeaseHeld, Refusal, Repair};
use titian_sync::item::ItemHash;
use world::{Actor, Authorship, Dice, Gateway, Hub, Log, Shelf};

/// What is broken on purpose, to see it caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The hub acknowledges before the items are durable.
    AckBeforeSave,
    /// The gateway counts as delivered what was only sent.
    ResendForgotten,
    /// The hub loses an item of a frame.
    ItemForgotten,
    /// The hub reads another office's log.
    WrongOffice,
    /// The gateway sends what it has not saved.
    SentBeforeSave,
    /// A program that starts anew goes on as the actor that its file names.
    ActorReused,
    /// A place in a log is believed without its running hash.
    CursorWithoutHash,
    /// A gateway knows the key of the hub's proofs, or the hub does not look at them.
    ProofsKnown,
    /// A part of a bundle counts although something before it is missing.
    GapIgnored,
}

/// Many more on demand, see above.
const SEEDS: u64 = 10_000;
const EVENTS: usize = 24;
const OFFICES: usize = 3;
/// Gateways that a run begins with, at most; copies come on top.
const GATEWAYS_MAX: usize = 4;
/// Living copies and originals together.
const ALIVE_MAX: usize = 5;
/// An exchange or a few after a repair, and once more for what others brought meanwhile.
const ROUNDS_MAX: usize = 12;

struct Simulation {
    dice: Dice,
    gateways: Vec<Gateway>,
    hub: Hub,
    /// Requests that the hub has seen, to be replayed, and such that are still under way.
    seen: Vec<Vec<u8>>,
    under_way: Vec<Vec<u8>>,
    backups: Vec<(usize, Gateway)>,
    hub_backup: Hub,
    /// Bundles that somebody wrote.
    sticks: Vec<Stick>,
    /// What the hub lost with its file: it may be acknowledged and not there until somebody brings it back.
    lost_by_hub: BTreeSet<ItemHash>,
    /// What has ever been acknowledged, as long as anybody holds it.
    acknowledged: BTreeSet<ItemHash>,
    /// The one content of each actor's change of a number.
    authored: BTreeMap<Authorship, ItemHash>,
    /// Handlings that the hub itself wrote.
    handled: BTreeSet<ItemHash>,
    /// Whether changes are those of real case files.
    real: bool,
    /// Decides when the hub's key is changed on, where it is.
    rotation: Option<Dice>,
    /// Whether anything was put back from a backup, and may know other keys than the other side.
    put_back: bool,
}

impl Simulation {
    fn new(seed: u64, fault: Option<Fault>) -> Self {
        let mut dice = Dice(seed);
        let offices = (0..OFFICES).map(|_| Log::new(dice.bytes())).collect();
        let hub = Hub {
            keys: SigningKey::from_bytes(&dice.bytes()).into(),
            offices,
            shelves: vec![Shelf::default(); OFFICES],
            devices: BTreeMap::new(),
            fault,
            now: UnixMillis(1_774_000_000_000),
            actor: Actor::new(&mut dice),
            told: BTreeMap::new(),
            reach: BTreeMap::new(),
        };
        let mut simulation = Self {
            dice,
            gateways: Vec::new(),
            hub_backup: hub.clone(),
            hub,
            seen: Vec::new(),
            under_way: Vec::new(),
            backups: Vec::new(),
            sticks: Vec::new(),
            lost_by_hub: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            authored: BTreeMap::new(),
            handled: BTreeSet::new(),
            real: false,
            rotation: None,
            put_back: false,
        };
        // Two of office 0 at least: what one brings, the other gets.
        let count = 2 + simulation.dice.below(GATEWAYS_MAX - 1);
        for office in [0, 0, 1, 2].into_iter().take(count) {
            simulation.add_gateway(office);
        }
        simulation.hub_backup = simulation.hub.clone();
        simulation
    }

    fn add_gateway(&mut self, office: usize) {
        let dice = &mut self.dice;
        let key = SigningKey::from_bytes(&dice.bytes());
        let number = self.hub.enrol(office, &key);
        self.gateways.push(Gateway {
            office,
            key,
            log: Log::new(dice.bytes()),
            shelf: Shelf::default(),
            state: ReplicaState::enrolled(number, 1),
            copied: false,
            sidecar: LeaseHeld::default(),
            actor: Actor::new(dice),
            doubtful: false,
            reach: Reach::default(),
            heard: None,
            trusted: self.hub.keys.present().verifying_key().into(),
        });
    }

    fn exchange(&mut self, index: usize, trouble: Trouble) -> Observed {
        let gateway = &mut self.gateways[index];
        let device = gateway.state.device;
        let counter = self.hub.devices.get(&device).map(|(_, row)| row.counter);
        let observed = drive::exchange(gateway, &mut self.hub, &mut self.dice, trouble);
        if self.hub.devices.get(&device).map(|(_, row)| row.counter) > counter {
            self.seen.push(observed.request.clone());
        } else if trouble.never_arrives {
            self.under_way.push(observed.request.clone());
        }
        if let Some(outcome) = observed.outcome {
            if outcome.agreement == Agreement::Proved {
                self.invariant_proved_means_equal(index);
                let waiting = !outcome.again && self.gateways[index].has_unsent();
                assert!(!waiting, "proved to be equal, and something still waits to be sent");
            }
            if outcome.refusal == Some(Refusal::Copied) {
                self.invariant_only_a_copy_is_refused_as_one(index);
            }
        }
        observed
    }

    /// The way out for a copy, and for a device that a restored hub does not know: a new code, and the same log.
    fn enrol_anew(&mut self, index: usize) {
        let gateway = &mut self.gateways[index];
        gateway.key = SigningKey::from_bytes(&self.dice.bytes());
        let number = self.hub.enrol(gateway.office, &gateway.key);
        gateway.state = ReplicaState::enrolled(number, 1);
        gateway.state.repair = Repair::DUE;
        gateway.sidecar = LeaseHeld::default();
        (gateway.reach, gateway.heard) = (Reach::default(), None);
        gateway.trusted = self.hub.keys.present().verifying_key().into();
        gateway.actor = Actor::new(&mut self.dice);
        (gateway.copied, gateway.doubtful) = (false, false);
    }

    /// Lets everybody sync without trouble; fails if that does not come to rest.
    fn settle(&mut self) {
        // Two quiet rounds: of two copies that were made of a device whose last reply was lost, either may be the one
        // that lost it. The hub can tell them apart when one of them has gone on.
        let mut quiet_rounds = 0;
        for round in 0.. {
            if round == ROUNDS_MAX / 3 {
                // Each step of a change asks for one more exchange.
                self.rotation = None;
            }
            let before: Vec<_> = self.hub.offices.iter().map(Log::end).collect();
            let mut quiet = true;
            for index in 0..self.gateways.len() {
                quiet &= self.sync(index);
            }
            quiet &= self.files_are_everywhere();
            quiet &= before == self.hub.offices.iter().map(Log::end).collect::<Vec<_>>();
            quiet_rounds = if quiet { quiet_rounds + 1 } else { 0 };
            if quiet_rounds == 2 {
                return;
            }
            assert!(round < ROUNDS_MAX, "no rest after so many rounds");
        }
    }

    /// Tells whether each file that anybody of an office holds lies with everybody who knows of it.
    fn files_are_everywhere(&self) -> bool {
        self.gateways.iter().all(|gateway| {
            let (hub, log) = (&self.hub.shelves[gateway.office], &self.hub.offices[gateway.office]);
            log.attachments()
                .iter()
                .all(|(hash, _)| hub.holds(hash) == gateway.shelf.holds(hash))
        })
    }

    /// Exchanges without trouble until nothing is left to say; `true` if there was nothing from the start.
    fn sync(&mut self, index: usize) -> bool {
        for exchanges in 1.. {
            self.rotate_perhaps();
            if self.is_locked_out(index) {
                // A copy may never have heard what the hub believes that its original has.
                let excused = self.put_back || self.gateways[index].doubtful;
                assert!(excused, "a change of keys has locked a gateway out");
                self.enrol_anew(index);
            }
            let before = self.gateways[index].trusted;
            let observed = self.exchange(index, Trouble::default());
            self.check();
            let outcome = observed.outcome.expect("without trouble an exchange comes to its end");
            match outcome.refusal {
                Some(Refusal::BadSignature) if self.gateways[index].trusted != before => {}
                Some(Refusal::Copied | Refusal::UnknownDevice | Refusal::BadSignature) => self.enrol_anew(index),
                _ if !outcome.again => return outcome.agreement == Agreement::Proved && exchanges == 1,
                _ => {}
            }
            assert!(exchanges <= 2 * EXCHANGES_IN_A_ROW_MAX, "exchanges without an end");
        }
        false
    }

    /// Tells whether a gateway and the hub know no key of which both could tell: one of the two came back from a backup.
    fn is_locked_out(&self, index: usize) -> bool {
        let (gateway, keys) = (&self.gateways[index], &self.hub.keys);
        let refuses_with = match self.hub.devices.get(&gateway.state.device) {
            Some((_, row)) => keys.known_to(row.hub),
            None => keys.present(),
        };
        let is_known = keys.all().any(|key| key.verifying_key() == gateway.trusted.newest());
        let is_trusted = gateway.trusted.all().any(|key| key == refuses_with.verifying_key());
        !is_trusted && (!is_known || !self.hub.devices.contains_key(&gateway.state.device))
    }

    fn rotate_perhaps(&mut self) {
        if let Some(dice) = &mut self.rotation
            && dice.below(4) == 0
        {
            let fresh = dice.bytes();
            self.rotate(fresh);
        }
    }

    fn run(seed: u64, fault: Option<Fault>, real: bool) {
        Self::run_with(seed, fault, real, None);
    }

    fn run_with(seed: u64, fault: Option<Fault>, real: bool, rotation: Option<Dice>) {
        let mut simulation = Self::new(seed, fault);
        (simulation.real, simulation.rotation) = (real, rotation);
        for _ in 0..EVENTS {
            simulation.rotate_perhaps();
            simulation.event();
            simulation.check();
            if real {
                simulation.invariant_the_same_changes_read_the_same();
            }
        }
        simulation.settle();
        for index in 0..simulation.gateways.len() {
            simulation.invariant_proved_means_equal(index);
        }
        if real {
            simulation.invariant_the_same_changes_read_the_same();
        }
        simulation.invariant_at_rest_the_hub_holds_all_that_was_acknowledged();
        simulation.invariant_at_rest_each_device_lives_once();
    }
}

fn run_seeds(mut seeds: impl Iterator<Item = u64>, fault: Option<Fault>, real: bool) -> Option<u64> {
    let failed = seeds.find(|seed| catch_unwind(AssertUnwindSafe(|| Simulation::run(*seed, fault, real))).is_err());
    if let Some(seed) = failed.filter(|_| fault.is_none()) {
        // At once: the other workers may go on for hours.
        println!("seed {seed} fails; replay it with SEED={seed} and one_seed");
    }
    failed
}

/// Reads `SEEDS`: how many, or from which to below which (`10000..20000`).
fn wanted_seeds() -> Range<u64> {
    let Ok(wanted) = std::env::var("SEEDS") else {
        return 0..SEEDS;
    };
    let (start, end) = wanted.split_once("..").unwrap_or(("0", &wanted));
    start.parse().expect("SEEDS is a number or a range")..end.parse().expect("SEEDS is a number or a range")
}

#[test]
fn whatever_breaks_nothing_acknowledged_is_lost_and_all_come_to_rest() {
    let seeds = wanted_seeds();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = |first| std::thread::spawn(move || run_seeds((first..seeds.end).step_by(workers), None, false));
    let runs: Vec<_> = (seeds.start..).take(workers).map(share).collect();
    let failed: Vec<_> = runs
        .into_iter()
        .filter_map(|run| run.join().expect("panics are caught"))
        .collect();
    assert!(
        failed.is_empty(),
        "seeds {failed:?} fail; replay one with SEED=… and one_seed"
    );
}

#[test]
fn one_seed() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    Simulation::run(seed.unwrap_or(0), None, std::env::var("REAL").is_ok());
}

/// The hub's key is changed all the while, and nobody notices but who came back from a backup.
#[test]
fn whatever_breaks_while_keys_are_changed_nobody_is_locked_out() {
    for seed in 0..SEEDS / 20 {
        let rotation = Dice(seed ^ 0x0007_17a7_10e5);
        let run = AssertUnwindSafe(|| Simulation::run_with(seed, None, false, Some(rotation)));
        assert!(catch_unwind(run).is_ok(), "seed {seed}");
    }
}

/// What 100,000 seeds found once: a refused frame whose work another brought, and copies that a restored hub cannot tell apart.
#[test]
fn seeds_that_failed_once() {
    for seed in [34301, 36959, 45358] {
        assert_eq!(run_seeds(seed..=seed, None, false), None);
    }
}

/// The test of the test: each of these faults is noticed within so many seeds.
#[test]
fn planted_faults_are_caught() {
    for fault in [
        Fault::AckBeforeSave,
        Fault::ResendForgotten,
        Fault::ItemForgotten,
        Fault::WrongOffice,
        Fault::SentBeforeSave,
        Fault::ActorReused,
        Fault::CursorWithoutHash,
        Fault::ProofsKnown,
        Fault::GapIgnored,
    ] {
        assert!(
            run_seeds(0..300, Some(fault), false).is_some(),
            "{fault:?} was not noticed"
        );
    }
}
