//! Bundles in the simulated world: written at any time, carried late, twice, in any order, cut, and to the wrong machine;
//! and what the two drivers do with them.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::VerifyingKey;
use titian_domain::time::UnixMillis;
use titian_sync::bundle::head::{BundleHead, Sender};
use titian_sync::bundle::place::{Acknowledged, Progress, acknowledged, progress};
use titian_sync::bundle::read::{BundleFrame, PartReader, Read};
use titian_sync::bundle::write::{Keys, Write, Writer};
use titian_sync::chain::{Cursor, Mark};
use titian_sync::engine::{LogEntry, Repair};
use titian_sync::item::ItemHash;
use titian_sync::wire::extension::{ReplyExtensions, Want, Whole};

use crate::Fault;
use crate::world::{Dice, Gateway, HUB, Hub, Log, Shelf};

/// Sticks that lie about; the oldest gets lost first.
pub const STICKS_MAX: usize = 6;

/// A stick with a bundle on it.
#[derive(Clone)]
pub struct Stick {
    pub part: Vec<u8>,
    pub for_hub: bool,
    /// The key of the hub that its label names.
    pub hub: VerifyingKey,
    /// What its writer held when it was written.
    pub held: BTreeSet<ItemHash>,
}

/// How far a peer's log was held: the tables `reached` and `ahead` of the programs.
#[derive(Clone, Default)]
pub struct Reach {
    reached: BTreeSet<(u64, [u8; 8])>,
    ahead: BTreeMap<(u64, [u8; 8]), Cursor>,
    /// A fault: every place is believed.
    believes: bool,
}

impl Reach {
    /// What the triggers of the programs do whenever the place moves, whatever moved it.
    pub fn moved(&mut self, from: Cursor, to: Cursor) {
        if to.position == 0 && from.position > 0 {
            *self = Self::default();
        } else if to.position > 0 {
            self.reached.insert(key(to.mark()));
        }
    }

    fn holds(&self, place: Cursor, start: Mark) -> bool {
        start == place.mark() || start.position == 0 || self.reached.contains(&key(start))
    }

    fn join(&mut self, mut place: Cursor) -> Cursor {
        while let Some(next) = self
            .ahead
            .get(&key(place.mark()))
            .filter(|next| next.position > place.position)
        {
            place = *next;
        }
        self.ahead.retain(|_, end| end.position > place.position);
        place
    }

    fn keep_ahead(&mut self, start: Mark, end: Cursor) {
        let kept = self.ahead.entry(key(start)).or_insert(end);
        if end.position > kept.position {
            *kept = end;
        }
    }

    /// Moves the place over a frame of a part; gives where it is then.
    fn take(&mut self, place: Cursor, (start, end): (Mark, Cursor), began_anew: bool) -> Cursor {
        match progress(place, self.believes || self.holds(place, start), end, began_anew) {
            Progress::Moved => self.join(end),
            Progress::Behind => place,
            Progress::Ahead => {
                self.keep_ahead(start, end);
                place
            }
        }
    }
}

fn key(mark: Mark) -> (u64, [u8; 8]) {
    (mark.position, mark.hash)
}

/// What the hub keeps of a device for bundles.
#[derive(Clone)]
pub struct Told {
    holds: Mark,
    anew: bool,
    begun_by: Option<[u8; 16]>,
    wants: Vec<Want>,
}

/// A gateway writes what the hub has not acknowledged, or everything.
pub fn export_request(gateway: &Gateway, dice: &mut Dice) -> Stick {
    let anew = gateway.state.repair != Repair::No || dice.below(6) == 0;
    let start = if anew { Cursor::START } else { gateway.state.acked };
    let log = &gateway.log;
    let start = of_some_part(log, start, dice);
    let end = log.cursor(log.end()).unwrap();
    let head = BundleHead {
        sender: Sender::Gateway,
        device: gateway.state.device,
        gateway: "63.01.03/A".parse().unwrap(),
        bundle: dice.bytes(),
        part: 1,
        made_at: UnixMillis(0),
        newest_dictionary: 1,
        dictionary: 1,
        anew,
        start: start.mark(),
        end: end.mark(),
        holds: gateway.state.cursor.mark(),
        digest: log.digest.mark(),
        extensions: ReplyExtensions {
            wants: gateway.shelf.wants(log, HUB),
            ..ReplyExtensions::default()
        },
    };
    let keys = Keys {
        sender: gateway.key.clone(),
        receiver: gateway.trusted.newest(),
    };
    let whole = |(hash, _)| Want {
        of: Whole::Attachment,
        hash,
        offset: 0,
    };
    let files: Vec<_> = log.attachments().into_iter().map(whole).collect();
    let writer = Writer::begin(keys, head, start, end.position, None).with_files(&files);
    Stick {
        part: write(writer, &gateway.shelf, |after, until| {
            log.range(after, until, |origin| origin == 0)
        }),
        for_hub: true,
        hub: gateway.trusted.newest(),
        held: log.hashes.clone(),
    }
}

/// The hub answers a device from where it said to stand.
pub fn export_reply(hub: &Hub, device: u64, dice: &mut Dice) -> Stick {
    let (office, row) = &hub.devices[&device];
    let log = &hub.offices[*office];
    let signer = hub.keys.known_to(row.hub);
    let told = hub.told.get(&device);
    let holds = told.map_or(Cursor::START.mark(), |told| told.holds);
    let known = if holds.position == 0 {
        Some(Cursor::START)
    } else {
        log.cursor(holds.position).filter(|own| own.mark() == holds)
    };
    let anew = told.is_some_and(|told| told.anew);
    let start = of_some_part(log, known.filter(|_| !anew).unwrap_or(Cursor::START), dice);
    let end = if log.end() == 0 {
        Cursor::START
    } else {
        log.cursor(log.end()).unwrap()
    };
    let head = BundleHead {
        sender: Sender::Hub {
            cursor_unknown: known.is_none(),
        },
        device,
        gateway: "63.01.03/A".parse().unwrap(),
        bundle: dice.bytes(),
        part: 1,
        made_at: hub.now,
        newest_dictionary: 1,
        dictionary: 1,
        anew: false,
        start: start.mark(),
        end: end.mark(),
        holds: row.acked.mark(),
        digest: log.digest.mark(),
        extensions: ReplyExtensions {
            keys: hub.keys.said_by(signer),
            ..ReplyExtensions::default()
        },
    };
    let keys = Keys {
        sender: signer.clone(),
        receiver: row.key,
    };
    let proofs = hub.keys.proofs();
    let wants = told.map_or(&[][..], |told| &told.wants);
    let writer = Writer::begin(keys, head, start, end.position, Some(end)).with_files(wants);
    Stick {
        part: write(writer, &hub.shelves[*office], |after, until| {
            let mut entries = log.range(after, until, |_| true);
            for entry in &mut entries {
                entry.item = proofs.prove(entry.item.clone());
            }
            entries
        }),
        for_hub: false,
        hub: signer.verifying_key(),
        held: log.hashes.clone(),
    }
}

/// Where a part starts: where its bundle does, or, of a later part, behind the parts before it.
fn of_some_part(log: &Log, start: Cursor, dice: &mut Dice) -> Cursor {
    let left = usize::try_from(log.end() - start.position).unwrap();
    if left == 0 || dice.below(3) > 0 {
        return start;
    }
    log.cursor(start.position + 1 + dice.below(left) as u64).unwrap()
}

fn write(mut writer: Writer, shelf: &Shelf, entries: impl Fn(u64, u64) -> Vec<LogEntry>) -> Vec<u8> {
    let mut part = Vec::new();
    loop {
        match writer.step().unwrap() {
            Write::NeedEntries { after, until } => writer.entries(entries(after, until)),
            Write::NeedFile(want) => writer.file(shelf.read(&want)),
            Write::Bytes(bytes) => part.extend(bytes),
            // Everything in this world fits into one.
            Write::EndOfPart => {}
            Write::Done => return part,
        }
    }
}

/// The hub takes a part, as far as it is whole.
pub fn import_at_hub(hub: &mut Hub, named: VerifyingKey, part: &[u8]) {
    if hub.keys.all().all(|key| key.verifying_key() != named) {
        return;
    }
    let mut reader = fed(PartReader::begin(named), part);
    let (mut said, mut office) = (None::<BundleHead>, 0);
    while let Ok(read) = reader.step() {
        match read {
            Read::NeedSender(head) => {
                let found = hub.devices.get(&head.device).filter(|_| head.sender == Sender::Gateway);
                let Some((of, row)) = found else { return };
                office = *of;
                if reader.sender(row.key).is_err() {
                    return;
                }
            }
            Read::Head(head) => said = Some(head),
            Read::Frame(frame) => take_at_hub(hub, said.as_ref().unwrap(), &frame),
            Read::Piece(piece) => {
                let device = said.as_ref().unwrap().device;
                hub.shelves[office].put(&hub.offices[office], device, &piece.piece);
            }
            Read::NeedBytes => return,
            Read::Done => {
                let head = said.unwrap();
                let begun_by = hub.told.get(&head.device).and_then(|told| told.begun_by);
                let begins = head.anew && head.start.position == 0;
                let told = Told {
                    holds: head.holds,
                    anew: head.anew,
                    begun_by: begins.then_some(head.bundle).or(begun_by),
                    wants: head.extensions.wants,
                };
                hub.told.insert(head.device, told);
                hub.devices.get_mut(&head.device).unwrap().1.hub = Some(named);
                return;
            }
        }
    }
}

fn take_at_hub(hub: &mut Hub, head: &BundleHead, frame: &BundleFrame) {
    let (office, row) = hub.devices.get_mut(&head.device).unwrap();
    let reach = hub.reach.entry(head.device).or_default();
    reach.believes = hub.fault == Some(Fault::GapIgnored);
    // What does not go on from where the log is held may be of a branch that its gateway does not have any more.
    let origin = if frame.start == row.acked.mark() {
        head.device
    } else {
        u64::MAX
    };
    let forgotten = usize::from(hub.fault == Some(Fault::ItemForgotten));
    for item in frame.items.iter().skip(forgotten) {
        hub.offices[*office].append(item, origin);
    }
    let begun = hub.told.get(&head.device).and_then(|told| told.begun_by);
    let began_anew = head.anew && head.start.position == 0 && begun != Some(head.bundle);
    let place = reach.take(row.acked, (head.start, frame.cursor), began_anew);
    reach.moved(row.acked, place);
    row.acked = place;
}

/// A gateway takes a part, as far as it is whole; tells whether it proved both sides to hold the same.
pub fn import_at_gateway(gateway: &mut Gateway, named: VerifyingKey, part: &[u8]) -> bool {
    if gateway.trusted.all().all(|key| key != named) {
        return false;
    }
    let mut reader = fed(PartReader::begin(gateway.key.verifying_key()), part);
    let (mut said, mut newest, mut proved) = (None::<BundleHead>, false, false);
    while let Ok(read) = reader.step() {
        match read {
            Read::NeedSender(head) => {
                let ours = matches!(head.sender, Sender::Hub { .. }) && head.device == gateway.state.device;
                if !ours || reader.sender(named).is_err() {
                    return false;
                }
            }
            Read::Head(head) => {
                newest = gateway.heard.is_none_or(|heard| head.made_at >= heard);
                if newest {
                    gateway.heard = Some(head.made_at);
                    let said = head.extensions.keys;
                    gateway.trusted = said.map_or(gateway.trusted, |said| gateway.trusted.heard(named, said).unwrap());
                }
                let own = gateway
                    .log
                    .cursor(head.holds.position)
                    .filter(|_| head.holds.position > 0);
                if let Acknowledged::Moves(place) = acknowledged(gateway.state.acked, head.holds, own, newest) {
                    gateway.state.acked = place;
                }
                said = Some(head);
            }
            Read::Frame(frame) => {
                let head = said.as_ref().unwrap();
                frame.items.iter().for_each(|item| gateway.log.append(item, HUB));
                let began_anew = newest && head.sender == Sender::Hub { cursor_unknown: true };
                let before = gateway.state.cursor;
                let place = gateway.reach.take(before, (head.start, frame.cursor), began_anew);
                gateway.reach.moved(before, place);
                gateway.state.cursor = place;
                proved |= frame.last && conclude(gateway, head, newest);
            }
            Read::Piece(piece) => {
                gateway.shelf.put(&gateway.log, HUB, &piece.piece);
                proved |= piece.last && conclude(gateway, said.as_ref().unwrap(), newest);
            }
            Read::NeedBytes | Read::Done => return proved,
        }
    }
    proved
}

fn conclude(gateway: &mut Gateway, head: &BundleHead, newest: bool) -> bool {
    let state = &gateway.state;
    let comparable = newest && head.holds == state.acked.mark() && state.cursor.mark() == head.end;
    if !comparable || gateway.has_unsent() {
        return false;
    }
    let same = gateway.log.digest.mark() == head.digest;
    if same {
        gateway.state.repair = Repair::No;
    } else if gateway.state.repair == Repair::No {
        gateway.state.repair = Repair::DUE;
    }
    same
}

fn fed(mut reader: PartReader, part: &[u8]) -> PartReader {
    reader.feed(part);
    reader.feed_end();
    reader
}
