//! What a repair costs where much is the same and little differs: prints rounds and bytes with `--nocapture`.

use titian_domain::id::Incarnation;
use titian_sync::engine::Repair;
use titian_sync::engine::gateway::Agreement;
use titian_sync::item::Item;

use crate::Simulation;
use crate::drive::Trouble;

const ITEMS: usize = 100_000;

/// What a repair came to: rounds and bytes of finding out what differs, both ways, and of exchanging it.
struct Cost {
    rounds: usize,
    sounding: usize,
    mending: usize,
}

fn repair(differing: usize) -> Cost {
    let mut simulation = Simulation::new(differing as u64, None);
    let gateway = &mut simulation.gateways[0];
    let mut fresh = || Item::incarnation(Incarnation(simulation.dice.bytes()));
    for number in 0..ITEMS {
        let item = fresh();
        // Half of what differs is here and half there, so that the two counts tell nothing.
        if number >= differing / 2 {
            gateway.log.append(&item, 0);
        }
        if number < ITEMS - differing.div_ceil(2) {
            simulation.hub.offices[0].append(&item, 2);
        }
    }
    gateway.state.repair = Repair::DUE;
    let mut cost = Cost {
        rounds: 0,
        sounding: 0,
        mending: 0,
    };
    loop {
        let known = matches!(simulation.gateways[0].state.repair, Repair::Known(_));
        let observed = simulation.exchange(0, Trouble::default());
        let bytes = observed.request.len() + observed.reply.len();
        cost.rounds += 1;
        *if known { &mut cost.mending } else { &mut cost.sounding } += bytes;
        let outcome = observed.outcome.unwrap();
        if !outcome.again {
            assert_eq!(outcome.agreement, Agreement::Proved);
            simulation.invariant_proved_means_equal(0);
            println!(
                "{ITEMS} items, {differing} differ: {} rounds, {} bytes to find out which, {} to exchange them",
                cost.rounds, cost.sounding, cost.mending
            );
            return cost;
        }
    }
}

#[test]
fn of_a_hundred_thousand_items_ten_that_differ_are_found_in_less_than_a_kilobyte() {
    let cost = repair(10);
    assert!(cost.sounding < 1024, "{} bytes", cost.sounding);
    assert!(cost.rounds <= 3, "{} rounds", cost.rounds);
}

#[test]
fn of_a_hundred_thousand_items_a_thousand_that_differ_cost_in_proportion() {
    let cost = repair(1_000);
    assert!(cost.sounding < 36_000, "{} bytes", cost.sounding);
    assert!(cost.rounds <= 7, "{} rounds", cost.rounds);
    let none = repair(0);
    assert!(none.sounding < 256, "{} bytes for nothing", none.sounding);
}
