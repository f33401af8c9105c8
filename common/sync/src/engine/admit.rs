//! The hub's side of one exchange, its beginning: whether a request comes from the device that it names, and to which of the
//! hub's keys it is bound.

use ed25519_dalek::SigningKey;

use super::Refusal;
use super::body::{BadBody, Incoming};
use super::hub::{DeviceRow, HubError, HubExchange, HubFact, HubStep, Phase};
use crate::dictionary;
use crate::hub_keys::KeySaid;
use crate::wire::head::{RequestHead, Taken};
use crate::wire::seal::{self, Covered, Direction};

/// What the first signature of a request shows.
enum Seal {
    /// It has not arrived.
    NotHere,
    /// It holds for none of the hub's keys.
    Broken,
    /// It holds for this one.
    Holds(Box<Bound>),
}

/// A key of the hub's, and what is bound to it.
struct Bound {
    key: SigningKey,
    /// What reads the frames that follow, if any do.
    incoming: Option<Incoming>,
}

impl HubExchange {
    /// Finds the key of this hub that the request is bound to.
    fn find_seal(&self, head: &RequestHead, row: &DeviceRow) -> Result<Seal, HubError> {
        for key in self.keys.all() {
            let hub = key.verifying_key();
            let direction = Direction::Request { hub };
            let (holds, incoming) = if head.frames {
                let incoming = Incoming::new(row.key, direction, self.hash, head.dictionary);
                match incoming.is_here(&self.fed.bytes) {
                    Ok(false) => return Ok(Seal::NotHere),
                    Ok(true) => (true, Some(incoming)),
                    Err(BadBody::Malformed(malformed)) => return Err(HubError::Malformed(malformed)),
                    Err(_) => (false, None),
                }
            } else {
                let Some(signature) = self.fed.bytes.first_chunk() else {
                    return Ok(Seal::NotHere);
                };
                let covered = Covered::HeadAlone;
                (seal::verify(&row.key, direction, &self.hash, covered, signature), None)
            };
            if holds {
                let key = key.clone();
                return Ok(Seal::Holds(Box::new(Bound { key, incoming })));
            }
        }
        Ok(Seal::Broken)
    }

    pub(super) fn check_seal(&mut self) -> Result<HubStep, HubError> {
        let (Some(head), Some(row)) = (&self.head, &self.device) else {
            return Err(HubError::Driver);
        };
        let seal = self.find_seal(head, row)?;
        let (frames, loose, counter, start) = (head.frames, head.loose, head.counter, head.start);
        let (device, dictionary, last) = (head.device, head.dictionary, row.counter);
        let (seen, shown) = (row.lease, head.extensions.lease);
        let (history, audit) = (head.extensions.history.is_some(), head.extensions.audit);
        let revoked = row.revoked;
        match seal {
            Seal::NotHere => return self.more(),
            Seal::Broken if revoked => {}
            Seal::Broken => {
                self.refuse(Refusal::BadSignature);
                return self.step();
            }
            Seal::Holds(bound) => (self.key, self.incoming) = (bound.key, bound.incoming),
        }
        self.phase = Phase::Frames;
        // Only now: who is shut out is told so with the key that they know.
        if revoked {
            self.refuse(Refusal::Revoked);
            return self.step();
        }
        if counter <= last {
            self.refuse(Refusal::Replayed { last });
            return self.step();
        }
        // A request without a lease, such as one in a file, is judged by its counter alone.
        let Some(lease) = shown.map_or(Some(seen), |shown| seen.take(shown)) else {
            self.unsaved.push(HubFact::Counter {
                device,
                counter,
                lease: seen,
            });
            self.unsaved.push(HubFact::Copied { device });
            // Nothing is told to a copy, not even where the other one stands.
            self.refuse(Refusal::Copied);
            return self.step();
        };
        self.verified = true;
        self.unsaved.push(HubFact::Counter { device, counter, lease });
        self.unsaved.extend(audit.map(|end| HubFact::AuditEnd { device, end }));
        if !self.keys.is_one() {
            let key = self.key.verifying_key();
            self.unsaved.push(HubFact::Bound { device, key });
        }
        // Listed items lie anywhere in the gateway's log; the place where they end is named at their end.
        let in_place = loose || start == self.acked.mark();
        self.taken = if in_place {
            Taken::All
        } else {
            Taken::UpTo(self.acked.mark())
        };
        if frames && dictionary > dictionary::NEWEST {
            self.refuse(Refusal::Dictionary {
                newest: dictionary::NEWEST,
            });
        } else if frames && !in_place {
            self.refuse(Refusal::Elsewhere);
        } else if !frames {
            self.phase = Phase::Scope;
        } else if history {
            self.phase = Phase::History;
        }
        self.step()
    }

    /// What the reply to a verified request says about the hub's keys: nothing, but where one takes another's place.
    pub(super) fn said_of_keys(&self) -> Option<KeySaid> {
        let told = self.head.as_ref().filter(|_| self.verified)?;
        let said = self.keys.said_by(&self.key)?;
        (said != KeySaid::Only || told.extensions.two_keys).then_some(said)
    }
}
