//! Single stories in the simulated world: restores, refusals, tampering, cuts, and what nothing costs.

use titian_sync::chain::Cursor;
use titian_sync::engine::gateway::Agreement;
use titian_sync::engine::{Refusal, Repair};
use titian_sync::item::ItemKind;
use titian_sync::wire::head::{self, ReplyHead};

use crate::Simulation;
use crate::drive::{self, Trouble};

#[test]
fn a_hub_restored_from_a_backup_regains_what_gateways_hold() {
    for seed in 0..50 {
        let mut simulation = Simulation::new(seed, None);
        (0..6).for_each(|_| simulation.capture(0));
        simulation.settle();
        simulation.hub_backup = simulation.hub.clone();
        (0..6).for_each(|_| simulation.capture(0));
        (0..6).for_each(|_| simulation.handle_in(0));
        simulation.settle();
        let before = simulation.hub.offices[0].hashes.clone();
        simulation.restore_hub();
        // It even goes on writing before anybody comes, and so does a gateway.
        simulation.capture(0);
        simulation.handle_in(0);
        let first = simulation.exchange(0, Trouble::default()).outcome.unwrap();
        assert_eq!(first.refusal, Some(Refusal::Elsewhere));
        simulation.settle();
        simulation.invariant_at_rest_the_hub_holds_all_that_was_acknowledged();
        simulation.invariant_proved_means_equal(0);
        simulation.invariant_proved_means_equal(1);
        let after = &simulation.hub.offices[0].hashes;
        assert!(before.is_subset(after), "its own handlings came back too");
    }
}

#[test]
fn what_another_brought_while_a_frame_was_refused_does_not_wait_on() {
    let mut met = 0;
    for (seed, place) in (0..40).zip((7_919..).step_by(7_919)) {
        let mut simulation = Simulation::new(seed, None);
        (0..40).for_each(|_| simulation.write(0));
        simulation.copy(0);
        let copy = simulation.gateways.len() - 1;
        simulation.enrol_anew(copy);
        while !simulation.sync(copy) {}
        let tampered = Trouble {
            request_tampered: Some(place),
            ..Trouble::default()
        };
        // That it asks once more is an invariant of each exchange.
        let outcome = simulation.exchange(0, tampered).outcome;
        met += usize::from(outcome.is_some_and(|outcome| {
            outcome.refusal == Some(Refusal::BadSignature) && outcome.agreement == Agreement::Proved
        }));
        simulation.sync(0);
        assert!(!simulation.gateways[0].has_unsent());
    }
    assert!(met > 3, "frames were refused although the hub had it all");
}

#[test]
fn a_gateway_restored_from_a_backup_regains_what_it_had_sent() {
    for seed in 0..50 {
        let mut simulation = Simulation::new(seed, None);
        (0..4).for_each(|_| simulation.capture(0));
        simulation.settle();
        simulation.back_up(0);
        (0..4).for_each(|_| simulation.capture(0));
        simulation.settle();
        simulation.restore(0);
        (0..2).for_each(|_| simulation.capture(0));
        let first = simulation.exchange(0, Trouble::default()).outcome.unwrap();
        assert!(matches!(first.refusal, Some(Refusal::Replayed { .. })));
        simulation.settle();
        simulation.invariant_proved_means_equal(0);
        assert_eq!(simulation.gateways[0].state.repair, Repair::No);
    }
}

#[test]
fn a_revoked_and_an_unknown_device_are_told_so_and_nothing_else() {
    let mut simulation = Simulation::new(1, None);
    simulation.capture(0);
    simulation.settle();
    simulation.hub.devices.get_mut(&1).unwrap().1.revoked = true;
    let refused = simulation.exchange(0, Trouble::default());
    assert_eq!(refused.outcome.unwrap().refusal, Some(Refusal::Revoked));
    assert!(refused.reply.len() < 80, "no digest, no position");
    simulation.gateways[1].state.device = 99;
    simulation.hub.devices.insert(98, simulation.hub.devices[&2]);
    let observed = drive::exchange(
        &mut simulation.gateways[1],
        &mut simulation.hub,
        &mut simulation.dice,
        Trouble::default(),
    );
    assert_eq!(observed.outcome.unwrap().refusal, Some(Refusal::UnknownDevice));
    simulation.gateways[1].state.device = 1;
    simulation.hub.devices.get_mut(&1).unwrap().1.revoked = false;
    let observed = drive::exchange(
        &mut simulation.gateways[1],
        &mut simulation.hub,
        &mut simulation.dice,
        Trouble::default(),
    );
    assert_eq!(observed.outcome.unwrap().refusal, Some(Refusal::BadSignature));
}

#[test]
fn any_changed_byte_of_a_request_is_refused() {
    let mut simulation = Simulation::new(5, None);
    simulation.capture(0);
    let hub = simulation.hub.clone();
    let request = simulation.exchange(0, Trouble::default()).request;
    for index in 0..request.len() {
        let mut tampered = request.clone();
        tampered[index] ^= 1 << (index % 8);
        let mut fresh = hub.clone();
        drive::serve(&mut fresh, &mut simulation.dice, &tampered, true, None);
        assert_eq!(fresh.offices[0].end(), 0, "byte {index}");
        assert_eq!(fresh.devices[&1].1.counter, 0, "byte {index}");
    }
}

#[test]
fn any_changed_byte_of_a_reply_is_refused() {
    let mut simulation = Simulation::new(5, None);
    let mut actor = simulation.hub.actor.clone();
    simulation.hub.offices[0].edit(&mut simulation.dice, ItemKind::Intake, &mut actor);
    let (gateway, hub) = (simulation.gateways[0].clone(), simulation.hub.clone());
    let reply = simulation.exchange(0, Trouble::default()).reply;
    assert_eq!(simulation.gateways[0].log.end(), 2);
    for index in 0..reply.len() {
        (simulation.gateways[0], simulation.hub) = (gateway.clone(), hub.clone());
        let trouble = Trouble {
            reply_tampered: Some(index),
            ..Trouble::default()
        };
        let observed = simulation.exchange(0, trouble);
        let after = &simulation.gateways[0];
        assert!(observed.outcome.is_none(), "byte {index}");
        assert_eq!(
            (after.log.end(), after.state.cursor),
            (0, Cursor::START),
            "byte {index}"
        );
        assert!(
            after.state.counter == 1 && !after.state.open,
            "byte {index}: the counter is used; nothing was sent whose fate could be open"
        );
    }
}

#[test]
fn a_request_of_another_version_is_told_which_one_is_spoken() {
    let mut simulation = Simulation::new(5, None);
    let request = [&[2, 3][..], b"abc", &[0; 64]].concat();
    let (reply, whole) = drive::serve(&mut simulation.hub, &mut simulation.dice, &request, true, None);
    assert!(whole);
    let head = ReplyHead::read(head::find(&reply).unwrap().unwrap()).unwrap();
    assert_eq!(head.refusal, Some(Refusal::Version { newest: 1 }));
    assert_eq!(head.digest, None);
}

#[test]
fn after_a_cut_the_next_request_only_asks_and_the_one_after_goes_on_from_there() {
    let mut simulation = Simulation::new(5, None);
    (0..60).for_each(|_| simulation.write(0));
    let cut = Trouble {
        request_cut: Some(50_000),
        ..Trouble::default()
    };
    let whole = simulation.exchange(0, cut).request.len();
    let taken = simulation.hub.offices[0].end();
    assert!(taken > 0 && taken < 61, "some frames arrived before the cut");
    let asked = simulation.exchange(0, Trouble::default());
    assert!(asked.request.len() < 200);
    assert_eq!(simulation.gateways[0].state.acked.position, taken);
    let rest = simulation.exchange(0, Trouble::default()).request.len();
    assert!(rest + 30_000 < whole, "what arrived is not sent again");
    assert_eq!(simulation.hub.offices[0].end(), 61);
}

#[test]
fn a_gateway_cannot_bring_a_handling() {
    let mut simulation = Simulation::new(5, None);
    simulation.capture(0);
    let gateway = &mut simulation.gateways[0];
    gateway
        .log
        .edit(&mut simulation.dice, ItemKind::Handling, &mut gateway.actor);
    let outcome = simulation.exchange(0, Trouble::default()).outcome.unwrap();
    assert_eq!(outcome.refusal, Some(Refusal::BadItem { position: 0 }));
    assert_eq!(simulation.hub.offices[0].end(), 0);
}

#[test]
fn nothing_changed_costs_two_signatures_and_a_few_numbers() {
    let mut simulation = Simulation::new(5, None);
    (0..400).for_each(|_| simulation.write(0));
    simulation.settle();
    simulation.gateways[0].state.counter = 5_000;
    let observed = simulation.exchange(0, Trouble::default());
    assert_eq!(observed.outcome.unwrap().agreement, Agreement::Proved);
    assert_eq!((observed.request.len(), observed.reply.len()), (126, 73));
}

#[test]
fn of_two_copies_the_second_is_told_and_both_keep_their_work() {
    for seed in 0..50 {
        let mut simulation = Simulation::new(seed, None);
        (0..4).for_each(|_| simulation.capture(0));
        simulation.sync(0);
        simulation.copy(0);
        let copy = simulation.gateways.len() - 1;
        for index in [0, copy] {
            (0..3).for_each(|_| simulation.capture(index));
        }
        let written = simulation.gateways[copy].log.hashes.clone();
        simulation.sync(0);
        let outcome = simulation.exchange(copy, Trouble::default()).outcome.unwrap();
        assert!(
            matches!(outcome.refusal, Some(Refusal::Replayed { .. })),
            "its counter is behind"
        );
        let refused = simulation.exchange(copy, Trouble::default());
        assert_eq!(refused.outcome.unwrap().refusal, Some(Refusal::Copied));
        assert!(refused.reply.len() < 80, "no digest, no position");
        assert!(simulation.gateways[copy].copied);
        simulation.capture(copy);
        let sent = simulation.gateways[copy].log.end();
        simulation.enrol_anew(copy);
        simulation.settle();
        assert!(written.is_subset(&simulation.hub.offices[0].hashes));
        assert!(sent <= simulation.hub.offices[0].end());
        simulation.invariant_at_rest_each_device_lives_once();
    }
}

#[test]
fn a_copy_that_is_enrolled_anew_brings_only_what_the_hub_lacks() {
    let mut simulation = Simulation::new(3, None);
    (0..300).for_each(|_| simulation.write(0));
    simulation.sync(0);
    simulation.copy(0);
    let copy = simulation.gateways.len() - 1;
    simulation.write(copy);
    simulation.enrol_anew(copy);
    let mut bytes = 0;
    for _ in 0..5 {
        let observed = simulation.exchange(copy, Trouble::default());
        bytes += observed.request.len() + observed.reply.len();
    }
    simulation.invariant_proved_means_equal(copy);
    assert!(bytes < 12_000, "{bytes} bytes for one change");
}
