//! What has to hold after every event, and what has to hold at rest.

use std::collections::BTreeSet;

use titian_sync::item::{ItemHash, ItemKind};

use crate::Simulation;
use crate::world::authorship;

impl Simulation {
    pub fn check(&mut self) {
        self.invariant_acknowledged_is_never_lost();
        self.invariant_a_cursor_is_never_ahead();
        self.invariant_equal_digests_mean_equal_sets();
        self.invariant_nobody_has_anothers_items();
        self.invariant_a_number_of_an_actor_has_one_content();
        self.invariant_only_the_hub_writes_handlings();
    }

    fn invariant_acknowledged_is_never_lost(&mut self) {
        for gateway in &self.gateways {
            let hub = &self.hub.offices[gateway.office];
            self.lost_by_hub.retain(|hash| !hub.hashes.contains(hash));
        }
        for gateway in &self.gateways {
            let acked = usize::try_from(gateway.state.acked.position).unwrap();
            let hub = &self.hub.offices[gateway.office];
            for (item, origin, _) in &gateway.log.entries[..acked] {
                if *origin != 0 {
                    continue;
                }
                let there = hub.hashes.contains(&item.hash()) || self.lost_by_hub.contains(&item.hash());
                assert!(there, "an acknowledged item is lost");
                self.acknowledged.insert(item.hash());
            }
        }
    }

    /// Left out is a device that may be alive twice. A restored hub cannot tell two copies apart before one of them has come
    /// twice, and the cursor of each passes over what the other brought. The digests say so, and at rest it is mended.
    fn invariant_a_cursor_is_never_ahead(&self) {
        for gateway in self.gateways.iter().filter(|gateway| !gateway.doubtful) {
            let (hub, cursor) = (&self.hub.offices[gateway.office], gateway.state.cursor);
            if hub.cursor(cursor.position) != Some(cursor) {
                // Of a log that the hub has lost.
                continue;
            }
            for (item, ..) in &hub.entries[..usize::try_from(cursor.position).unwrap()] {
                assert!(
                    gateway.log.hashes.contains(&item.hash()),
                    "a cursor passed over an item that is not there"
                );
            }
        }
    }

    fn invariant_equal_digests_mean_equal_sets(&self) {
        for gateway in &self.gateways {
            let hub = &self.hub.offices[gateway.office];
            assert_eq!(gateway.log.digest == hub.digest, gateway.log.hashes == hub.hashes);
        }
    }

    fn invariant_nobody_has_anothers_items(&self) {
        for gateway in &self.gateways {
            for (office, log) in self.hub.offices.iter().enumerate() {
                let apart = office == gateway.office || gateway.log.hashes.is_disjoint(&log.hashes);
                assert!(apart, "a gateway holds items of another office");
            }
        }
    }

    fn invariant_a_number_of_an_actor_has_one_content(&mut self) {
        let logs = self
            .gateways
            .iter()
            .map(|gateway| &gateway.log)
            .chain(&self.hub.offices);
        for (item, ..) in logs.flat_map(|log| &log.entries) {
            if let Some(authorship) = authorship(item, self.real) {
                let known = self.authored.entry(authorship).or_insert(item.hash());
                assert_eq!(*known, item.hash(), "one actor wrote two changes of one number");
            }
        }
    }

    fn invariant_only_the_hub_writes_handlings(&self) {
        for log in &self.hub.offices {
            for (item, ..) in &log.entries {
                let handling = item.kind() == ItemKind::Handling;
                assert!(
                    !handling || self.handled.contains(&item.hash()),
                    "a handling that the hub never wrote"
                );
            }
        }
    }

    pub fn invariant_proved_means_equal(&self, index: usize) {
        let gateway = &self.gateways[index];
        let hub = &self.hub.offices[gateway.office];
        assert_eq!(gateway.log.hashes, hub.hashes, "proved to be equal, and is not");
    }

    pub fn invariant_only_a_copy_is_refused_as_one(&self, index: usize) {
        assert!(
            self.gateways[index].doubtful,
            "refused as a copy, and it is the only one"
        );
    }

    pub fn invariant_at_rest_the_hub_holds_all_that_was_acknowledged(&self) {
        let held: BTreeSet<ItemHash> = self.hub.offices.iter().flat_map(|log| log.hashes.clone()).collect();
        assert!(self.acknowledged.is_subset(&held), "something acknowledged is nowhere");
    }

    pub fn invariant_at_rest_each_device_lives_once(&self) {
        let devices: BTreeSet<_> = self.gateways.iter().map(|gateway| gateway.state.device).collect();
        assert_eq!(devices.len(), self.gateways.len(), "two copies pass for one device");
    }
}
