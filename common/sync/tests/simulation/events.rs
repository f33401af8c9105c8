//! What happens in the simulated world.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use titian_sync::engine::hub::DeviceRow;
use titian_sync::hub_keys::HubKeys;
use titian_sync::item::{Item, ItemHash, ItemKind};
use titian_sync::proof::{PROOF_BYTES, Proof};

use crate::casework;
use crate::drive::{self, Trouble, When};
use crate::sticks;
use crate::world::{Gateway, Log, change};
use crate::{ALIVE_MAX, OFFICES, Simulation};

impl Simulation {
    pub fn event(&mut self) {
        let index = self.dice.below(self.gateways.len());
        match self.dice.below(48) {
            0..=10 => self.capture(index),
            11..=13 => self.handle(),
            14 | 15 => self.replay(),
            16 => self.arrive_late(),
            17 => self.restart(index),
            18 => self.back_up(index),
            19 => self.restore(index),
            20 => self.copy(index),
            21 if self.gateways[index].copied => self.enrol_anew(index),
            22 => self.hub_backup = self.hub.clone(),
            23 => self.restore_hub(),
            24 => self.forge(index),
            25 => self.set_clock(),
            26..=29 => self.write_stick(index),
            30..=34 => self.carry_stick(index),
            _ => {
                let trouble = self.trouble();
                self.exchange(index, trouble);
            }
        }
    }

    /// The administrator goes on with a change of the hub's key; the last step comes only when nobody would be left behind.
    pub fn rotate(&mut self, fresh: [u8; 32]) {
        let keys = self.hub.keys.clone();
        let newest = keys.newest().clone();
        let knows = |(_, row): &(usize, DeviceRow)| row.hub == Some(newest.verifying_key());
        let alive = |gateway: &Gateway| self.hub.devices.get(&gateway.state.device).is_some_and(knows);
        self.hub.keys = if keys.is_one() {
            keys.replaced_by(SigningKey::from_bytes(&fresh), false)
        } else if *keys.present() != newest {
            HubKeys::alone(keys.present().clone())
                .replaced_by(newest, true)
                .proving(keys.proofs().clone())
        } else if self.gateways.iter().all(alive) {
            HubKeys::alone(newest).proving(keys.proofs().clone())
        } else {
            keys
        };
    }

    pub fn capture(&mut self, index: usize) {
        let gateway = &mut self.gateways[index];
        if self.real {
            return casework::capture(&mut gateway.log, &mut self.dice, &gateway.actor);
        }
        if self.dice.below(12) == 0 {
            return gateway
                .log
                .attach(&mut gateway.shelf, &mut self.dice, &mut gateway.actor);
        }
        self.write(index);
    }

    /// The same, and never a file.
    pub fn write(&mut self, index: usize) {
        let gateway = &mut self.gateways[index];
        gateway.log.edit(&mut self.dice, ItemKind::Intake, &mut gateway.actor);
    }

    pub fn handle(&mut self) {
        let office = self.dice.below(OFFICES);
        self.handle_in(office);
    }

    pub fn handle_in(&mut self, office: usize) {
        let log = &mut self.hub.offices[office];
        if log.complaints().is_empty() {
            return;
        }
        let before = log.entries.len();
        if self.real {
            casework::handle(log, &mut self.dice, &self.hub.actor);
        } else {
            log.edit(&mut self.dice, ItemKind::Handling, &mut self.hub.actor);
        }
        self.handled
            .extend(log.entries[before..].iter().map(|(item, ..)| item.hash()));
    }

    fn trouble(&mut self) -> Trouble {
        let dice = &mut self.dice;
        let mut trouble = Trouble::default();
        let when = |dice: &mut crate::Dice| {
            if dice.below(2) == 0 {
                When::BeforeSave
            } else {
                When::AfterSave
            }
        };
        match dice.below(12) {
            0 | 1 => trouble.request_cut = Some(dice.below(60_000)),
            2 | 3 => trouble.reply_cut = Some(dice.below(60_000)),
            4 => trouble.gateway_dies = Some((dice.below(4), when(dice))),
            5 => trouble.hub_dies = Some((dice.below(4), when(dice))),
            6 => trouble.never_arrives = true,
            7 => trouble.request_tampered = Some(dice.below(60_000)),
            _ => {}
        }
        trouble
    }

    /// Somebody writes a bundle, for the hub or for a gateway.
    pub fn write_stick(&mut self, index: usize) {
        let gateway = &self.gateways[index];
        let stick = if self.dice.below(2) == 0 {
            sticks::export_request(gateway, &mut self.dice)
        } else if self.hub.devices.contains_key(&gateway.state.device) {
            sticks::export_reply(&self.hub, gateway.state.device, &mut self.dice)
        } else {
            return;
        };
        if self.sticks.len() == sticks::STICKS_MAX {
            self.sticks.remove(0);
        }
        self.sticks.push(stick);
    }

    /// Somebody takes a stick to a machine, mostly to the right one, and mostly whole. It is kept, and may be taken again.
    pub fn carry_stick(&mut self, index: usize) {
        if self.sticks.is_empty() {
            return;
        }
        let stick = self.sticks[self.dice.below(self.sticks.len())].clone();
        let mut part = stick.part;
        if self.dice.below(5) == 0 {
            part.truncate(self.dice.below(part.len()));
        }
        if stick.for_hub != (self.dice.below(10) == 0) {
            return sticks::import_at_hub(&mut self.hub, stick.hub, &part);
        }
        let fault = self.hub.fault;
        let gateway = &mut self.gateways[index];
        if sticks::import_at_gateway(gateway, stick.hub, &part) && fault.is_none() {
            assert_eq!(
                gateway.log.hashes, stick.held,
                "proved by a bundle to be equal, and was not"
            );
        }
    }

    /// Somebody who listened sends a request again: nothing may change, and the answer is a refusal.
    fn replay(&mut self) {
        if self.seen.is_empty() {
            return;
        }
        let request = self.seen[self.dice.below(self.seen.len())].clone();
        let before: Vec<_> = self.hub.offices.iter().map(Log::end).collect();
        drive::serve(&mut self.hub, &mut self.dice, &request, true, None);
        let after: Vec<_> = self.hub.offices.iter().map(Log::end).collect();
        assert_eq!(before, after, "a replayed request changed the hub");
    }

    /// A request that the gateway has long given up arrives after all; nobody waits for the reply.
    fn arrive_late(&mut self) {
        if !self.under_way.is_empty() {
            let request = self.under_way.swap_remove(self.dice.below(self.under_way.len()));
            drive::serve(&mut self.hub, &mut self.dice, &request, true, None);
        }
    }

    fn restart(&mut self, index: usize) {
        self.gateways[index].start(&mut self.dice, self.hub.fault);
    }

    pub fn back_up(&mut self, index: usize) {
        self.backups.push((index, self.gateways[index].clone()));
    }

    /// The file comes back from a backup, and mostly without the sidecar.
    pub fn restore(&mut self, index: usize) {
        let Some(place) = self.backups.iter().rposition(|(of, _)| *of == index) else {
            return;
        };
        let backup = self.backups[place].1.clone();
        let gateway = &mut self.gateways[index];
        if backup.state.device != gateway.state.device {
            // From before it was enrolled anew: an identity that is over.
            return;
        }
        let (sidecar, doubtful) = (gateway.sidecar, gateway.doubtful);
        *gateway = backup;
        gateway.doubtful |= doubtful;
        self.put_back = true;
        if self.dice.below(4) == 0 {
            gateway.doubtful = true;
        } else {
            gateway.sidecar = sidecar;
        }
        gateway.start(&mut self.dice, self.hub.fault);
        self.forget_what_nobody_holds();
    }

    /// The data folder is copied to another PC, and both are used from now on.
    pub fn copy(&mut self, index: usize) {
        if self.gateways.len() < ALIVE_MAX {
            self.gateways[index].doubtful = true;
            let mut copy = self.gateways[index].clone();
            copy.start(&mut self.dice, self.hub.fault);
            self.gateways.push(copy);
        }
    }

    pub fn restore_hub(&mut self) {
        let before: BTreeSet<ItemHash> = self.hub.offices.iter().flat_map(|log| log.hashes.clone()).collect();
        self.hub = self.hub_backup.clone();
        self.put_back = true;
        self.hub.actor = crate::Actor::new(&mut self.dice);
        let after: BTreeSet<ItemHash> = self.hub.offices.iter().flat_map(|log| log.hashes.clone()).collect();
        self.lost_by_hub.extend(before.difference(&after).copied());
        // To a hub that does not remember it, an old request is a late one.
        self.under_way.append(&mut self.seen);
        self.forget_what_nobody_holds();
    }

    /// Where both sides lost something, nothing can bring it back.
    fn forget_what_nobody_holds(&mut self) {
        let logs = self
            .gateways
            .iter()
            .map(|gateway| &gateway.log)
            .chain(&self.hub.offices);
        let held: BTreeSet<ItemHash> = logs.flat_map(|log| log.hashes.clone()).collect();
        self.acknowledged.retain(|hash| held.contains(hash));
    }

    /// An office PC in bad hands, with the device's own key: it brings a handling of its own making.
    pub fn forge(&mut self, index: usize) {
        let gateway = &self.gateways[index];
        let Some(complaint) = gateway.log.complaints().first().copied() else {
            return;
        };
        let mut hostile = gateway.clone();
        let body = change(&[], &self.dice.bytes::<64>());
        let proof = if self.dice.below(2) == 0 {
            // One that is right for another handling.
            let handling = |item: &&Item| item.kind() == ItemKind::Handling;
            let known = gateway.log.entries.iter().map(|(item, ..)| item).find(handling);
            known.map_or(Proof::NONE, Item::proof)
        } else {
            Proof(self.dice.bytes::<PROOF_BYTES>())
        };
        let mut forged = Item::new(ItemKind::Handling, Some(complaint), body)
            .unwrap()
            .with_proof(proof);
        if self.hub.fault == Some(crate::Fault::ProofsKnown) {
            forged = self.hub.keys.proofs().prove(forged);
        }
        hostile.log.append(&forged, 0);
        drive::exchange(&mut hostile, &mut self.hub, &mut self.dice, Trouble::default());
        // The honest program goes on from where its identity is now, without the forgery.
        let gateway = &mut self.gateways[index];
        (gateway.state.counter, gateway.state.open) = (hostile.state.counter, true);
        (gateway.state.lease, gateway.sidecar) = (hostile.state.lease, hostile.sidecar);
        gateway.copied = hostile.copied;
    }

    fn set_clock(&mut self) {
        let years = [-17, -1, 0, 9];
        let year = years[self.dice.below(years.len())];
        self.hub.now.0 = 1_774_000_000_000 + year * 365 * 24 * 3_600_000;
    }
}
