//! The two drivers of the simulation: what the gateway's HTTP client and the hub's handler do, without HTTP.

use titian_sync::engine::gateway::{Exchange, Keys, Outcome, SaveFact, Snapshot, Step, Terms};
use titian_sync::engine::hub::{HubExchange, HubFact, HubStep, ScopeState};

use titian_sync::wire::head::{self, RequestHead};

use crate::Fault;
use crate::world::{Dice, Gateway, HUB, Hub};

/// What goes wrong in an exchange.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// The connection breaks after so many bytes of the request.
    pub request_cut: Option<usize>,
    /// The connection breaks after so many bytes of the reply.
    pub reply_cut: Option<usize>,
    /// The request is under way for so long that the gateway gives up.
    pub never_arrives: bool,
    /// One bit of this byte of the request is changed on its way.
    pub request_tampered: Option<usize>,
    /// One bit of this byte of the reply is changed on its way.
    pub reply_tampered: Option<usize>,
    /// The gateway dies at its n-th save.
    pub gateway_dies: Option<(usize, When)>,
    /// The hub dies at its n-th save.
    pub hub_dies: Option<(usize, When)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    BeforeSave,
    AfterSave,
}

/// Counts saves down to a death.
struct Fate(Option<(usize, When)>);

impl Fate {
    fn strikes(&mut self, when: When) -> bool {
        match &mut self.0 {
            Some((0, at)) if *at == when => true,
            Some((count, _)) if when == When::AfterSave => {
                *count = count.saturating_sub(1);
                false
            }
            _ => false,
        }
    }
}

/// What came of an exchange, and the bytes of its request.
pub struct Observed {
    pub request: Vec<u8>,
    pub reply: Vec<u8>,
    /// `None` if it did not come to its end.
    pub outcome: Option<Outcome>,
}

/// Makes one exchange over a link that may break.
pub fn exchange(gateway: &mut Gateway, hub: &mut Hub, dice: &mut Dice, trouble: Trouble) -> Observed {
    let snapshot = Snapshot {
        end: gateway.log.cursor(gateway.log.end()).unwrap(),
        digest: gateway.log.digest,
    };
    let keys = Keys {
        device: gateway.key.clone(),
        hub: gateway.trusted,
    };
    let terms = Terms {
        wait_seconds: if gateway.state.counter.is_multiple_of(3) { 7 } else { 0 },
        attachment_bytes_max: 50_000,
        wants: gateway.shelf.wants(&gateway.log, HUB),
        audit: None,
    };
    let mut exchange = Exchange::begin(gateway.state.clone(), snapshot, keys, dice.bytes()).on(terms);
    // A fault: what has to be durable before it is sent is saved only afterwards.
    let mut late = Vec::new();
    let mut fate = Fate(trouble.gateway_dies);
    let mut observed = Observed {
        request: Vec::new(),
        reply: Vec::new(),
        outcome: None,
    };
    let mut next = exchange.step();
    loop {
        let Ok(step) = next else { return observed };
        next = match step {
            Step::Save(facts) => {
                if hub.fault == Some(Fault::SentBeforeSave) && observed.request.is_empty() {
                    late = facts;
                    next = exchange.step();
                    continue;
                }
                if fate.strikes(When::BeforeSave) {
                    return observed;
                }
                gateway.save(&std::mem::take(&mut late));
                gateway.save(&facts);
                plant(gateway, hub.fault, &facts);
                if fate.strikes(When::AfterSave) {
                    return observed;
                }
                exchange.step()
            }
            Step::NeedEntries { after, until } => {
                exchange.entries(gateway.log.range(after, until, |origin| origin == 0));
                exchange.step()
            }
            Step::NeedEntriesAt(positions) => {
                exchange.entries(gateway.log.at(&positions));
                exchange.step()
            }
            Step::NeedFingerprints { after, until } => exchange.fingerprints(&gateway.log.fingerprints(after, until)),
            Step::NeedHistory { after, until } => {
                exchange.history(gateway.log.last_of(0, (after, until), usize::MAX));
                exchange.step()
            }
            Step::NeedAttachment(want) => {
                exchange.attachment(gateway.shelf.read(&want));
                exchange.step()
            }
            Step::NeedPartial => exchange.partial(gateway.shelf.partial(HUB)),
            Step::Send(bytes) => {
                observed.request.extend_from_slice(&bytes);
                exchange.step()
            }
            Step::EndOfRequest if trouble.never_arrives => return observed,
            Step::EndOfRequest => {
                let cut = trouble.request_cut.map(|cut| cut % observed.request.len());
                let mut arrived = observed.request[..cut.unwrap_or(observed.request.len())].to_vec();
                if let Some(index) = trouble.request_tampered.filter(|_| !arrived.is_empty()) {
                    let index = index % arrived.len();
                    arrived[index] ^= 1 << (index % 8);
                }
                let (reply, whole) = serve(hub, dice, &arrived, cut.is_none(), trouble.hub_dies);
                let cut = trouble.reply_cut.map(|cut| cut % reply.len().max(1));
                let mut heard = reply[..cut.unwrap_or(reply.len())].to_vec();
                if let Some(index) = trouble.reply_tampered {
                    heard[index] ^= 1 << (index % 8);
                }
                exchange.reply(&heard);
                if cut.is_some() || !whole {
                    exchange.reply_end();
                }
                observed.reply = reply;
                exchange.step()
            }
            Step::NeedReply => return observed,
            Step::NeedOwnCursor(position) => exchange.own_cursor(gateway.log.cursor(position)),
            Step::NeedHashes(prefixes) => exchange.held(&gateway.log.held(&prefixes)),
            Step::NeedDigest => Ok(exchange.digest(&gateway.log.digest, gateway.has_unsent())),
            Step::Done(outcome) => {
                observed.outcome = Some(outcome);
                return observed;
            }
        };
    }
}

/// A driver with a fault in it.
fn plant(gateway: &mut Gateway, fault: Option<Fault>, facts: &[SaveFact]) {
    let begins = facts.iter().any(|fact| matches!(fact, SaveFact::CounterUsed(_)));
    if fault == Some(Fault::ResendForgotten) && begins && !gateway.state.open {
        gateway.state.open = true;
    }
    if fault == Some(Fault::ResendForgotten) && begins {
        // Counts as delivered what is only about to be sent.
        gateway.state.acked = gateway.log.cursor(gateway.log.end()).unwrap();
    }
}

/// Serves one request; the bytes arrive in pieces. Gives the reply, and whether it is whole.
pub fn serve(
    hub: &mut Hub,
    dice: &mut Dice,
    mut request: &[u8],
    whole: bool,
    dies: Option<(usize, When)>,
) -> (Vec<u8>, bool) {
    let all = request;
    let mut exchange = HubExchange::begin(hub.keys.clone());
    let mut fate = Fate(dies);
    let mut reply = Vec::new();
    let (mut office, mut device) = (0, 0);
    let mut next = exchange.step();
    loop {
        let Ok(step) = next else { return (reply, false) };
        next = match step {
            HubStep::NeedBody if request.is_empty() && !whole => return (reply, false),
            HubStep::NeedBody if request.is_empty() => {
                exchange.feed_end();
                exchange.step()
            }
            HubStep::NeedBody => {
                let (piece, rest) = request.split_at(request.len().min(1 + dice.below(9_000)));
                exchange.feed(piece);
                request = rest;
                exchange.step()
            }
            HubStep::NeedDevice(number) => {
                let row = hub.devices.get(&number).copied();
                (office, device) = (row.map_or(0, |(office, _)| office), number);
                exchange.device(row.map(|(_, row)| row));
                exchange.step()
            }
            HubStep::NeedHistory(count) => {
                let log = &hub.offices[office];
                exchange.history(&log.last_of(device, (0, log.end()), count))
            }
            HubStep::NeedPartial => exchange.partial(hub.shelves[office].partial(device)),
            HubStep::NeedWants => exchange.wants(hub.shelves[office].wants(&hub.offices[office], device)),
            HubStep::NeedAttachment(want) => {
                exchange.attachment(hub.shelves[office].read(&want));
                exchange.step()
            }
            HubStep::Wait { .. } => exchange.step(),
            HubStep::NeedHashes(prefixes) => exchange.held(&hub.offices[office].held(&prefixes)),
            HubStep::Save(facts) => {
                if fate.strikes(When::BeforeSave) {
                    if hub.fault == Some(Fault::AckBeforeSave) {
                        acknowledge_only(hub, &facts);
                    }
                    return (reply, false);
                }
                if hub.save(&facts).is_err() {
                    return (reply, false);
                }
                if fate.strikes(When::AfterSave) {
                    return (reply, false);
                }
                exchange.step()
            }
            HubStep::NeedScope => exchange.scope(ScopeState {
                digest: hub.offices[office].digest,
                end: hub.offices[office].cursor(hub.offices[office].end()).unwrap(),
                now: hub.now,
            }),
            HubStep::NeedCursor(position) => {
                let mut own = hub.offices[office].cursor(position);
                if let Some(own) = own.as_mut().filter(|_| hub.fault == Some(Fault::CursorWithoutHash)) {
                    // Believes any place that is not beyond its end.
                    let shown = RequestHead::read(head::find(all).unwrap().unwrap()).unwrap().cursor;
                    own.hash.0[..8].copy_from_slice(&shown.hash);
                }
                exchange.cursor(own)
            }
            HubStep::NeedEntries {
                after,
                until,
                skip_origin,
            } => {
                let log = &hub.offices[if hub.fault == Some(Fault::WrongOffice) {
                    0
                } else {
                    office
                }];
                exchange.entries(log.range(after, until, |origin| Some(origin) != skip_origin));
                exchange.step()
            }
            HubStep::NeedEntriesAt(positions) => {
                exchange.entries(hub.offices[office].at(&positions));
                exchange.step()
            }
            HubStep::NeedFingerprints { after, until } => {
                exchange.fingerprints(&hub.offices[office].fingerprints(after, until))
            }
            HubStep::Send(bytes) => {
                reply.extend_from_slice(&bytes);
                exchange.step()
            }
            HubStep::Done => return (reply, true),
        };
    }
}

/// A fault: the acknowledgement is stored, and the program dies before the items are.
fn acknowledge_only(hub: &mut Hub, facts: &[HubFact]) {
    for fact in facts {
        if let HubFact::Frame { device, acked, .. } = fact {
            hub.devices.get_mut(device).unwrap().1.acked = *acked;
        }
    }
}
