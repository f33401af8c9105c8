//! Stories of a hub that changes its key: what is believed of whom, and what it costs.

use ed25519_dalek::{SigningKey, VerifyingKey};
use titian_domain::time::UnixMillis;
use titian_sync::digest::Digest;
use titian_sync::engine::gateway::{Exchange, ExchangeError, Keys, SaveFact, Snapshot, Step};
use titian_sync::engine::{Refusal, gateway::ReplicaState};
use titian_sync::hub_keys::{HubKeys, KeySaid, TrustedKeys};
use titian_sync::wire::extension::ReplyExtensions;
use titian_sync::wire::head::{self, ReplyHead, Taken};
use titian_sync::wire::seal::{self, Covered, Direction};

use crate::Simulation;
use crate::drive::Trouble;

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(number: u8) -> VerifyingKey {
    key(number).verifying_key()
}

/// What a gateway that trusts two keys, 1 and 2, makes of a reply with this refusal, signed with any key.
fn answered(signer: u8, refusal: Option<Refusal>, said: KeySaid) -> Result<Vec<SaveFact>, ExchangeError> {
    let hub = TrustedKeys {
        key: public(1),
        newer: Some(public(2)),
    };
    let keys = Keys { device: key(7), hub };
    let snapshot = Snapshot {
        end: titian_sync::chain::Cursor::START,
        digest: Digest::EMPTY,
    };
    let mut exchange = Exchange::begin(ReplicaState::enrolled(1, 1), snapshot, keys, [3; 8]);
    let (mut request, mut facts) = (Vec::new(), Vec::new());
    loop {
        match exchange.step()? {
            Step::Send(bytes) => request.extend(bytes),
            Step::Save(saved) => facts.extend(saved),
            Step::NeedEntries { .. } => exchange.entries(Vec::new()),
            Step::NeedReply => {
                let to = seal::head_hash(head::find(&request).unwrap().unwrap().bytes);
                let reply = ReplyHead {
                    taken: if refusal.is_some() { Taken::Unsaid } else { Taken::All },
                    in_sync: refusal.is_none(),
                    dictionary: None,
                    cursor_unknown: false,
                    refusal,
                    hub_time: UnixMillis(1_774_000_000_000),
                    digest: None,
                    extensions: ReplyExtensions {
                        keys: Some(said),
                        ..ReplyExtensions::default()
                    },
                };
                let bytes = reply.to_bytes();
                let direction = Direction::Reply { to };
                let signature = seal::sign(&key(signer), direction, &seal::head_hash(&bytes), Covered::HeadAlone);
                exchange.reply(&[&bytes[..], &signature].concat());
            }
            Step::Done(_) => return Ok(facts),
            _ => {}
        }
    }
}

fn trusted(facts: &[SaveFact]) -> Option<Vec<VerifyingKey>> {
    let heard = |fact: &SaveFact| match fact {
        SaveFact::HubKeys(keys) => Some(keys.all().collect()),
        _ => None,
    };
    facts.iter().find_map(heard)
}

fn announced(number: u8) -> KeySaid {
    KeySaid::Newer(public(number).to_bytes())
}

#[test]
fn an_announcement_is_believed_of_the_key_that_the_request_is_bound_to_and_of_nobody_else() {
    let heard = trusted(&answered(2, None, announced(3)).unwrap());
    assert_eq!(heard, Some(vec![public(3), public(2)]));
    assert_eq!(
        trusted(&answered(2, None, KeySaid::Only).unwrap()),
        Some(vec![public(2)])
    );
    for (signer, refusal) in [(9, None), (9, Some(Refusal::BadSignature)), (1, None)] {
        let refused = answered(signer, refusal, announced(9)).err();
        assert!(
            matches!(refused, Some(ExchangeError::Signature)),
            "{signer} {refusal:?}"
        );
    }
}

#[test]
fn of_the_older_key_a_refusal_is_believed_and_nothing_else_in_it() {
    let put_back = answered(1, Some(Refusal::BadSignature), announced(9)).unwrap();
    assert_eq!(
        trusted(&put_back),
        Some(vec![public(1)]),
        "the hub does not have the newer one"
    );
    for refusal in [Refusal::UnknownDevice, Refusal::Revoked] {
        assert_eq!(trusted(&answered(1, Some(refusal), announced(9)).unwrap()), None);
    }
    let tampered = answered(2, Some(Refusal::BadSignature), announced(9)).unwrap();
    assert_eq!(
        trusted(&tampered),
        None,
        "a hub that has both signs with the one that it noted"
    );
}

#[test]
fn a_key_that_cannot_be_used_is_noted_and_stops_nothing() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let facts = answered(2, None, KeySaid::Newer(neutral)).unwrap();
    assert!(facts.contains(&SaveFact::UnusableHubKey) && facts.contains(&SaveFact::InSync));
    assert_eq!(trusted(&facts), None);
}

#[test]
fn a_change_costs_its_announcement_and_one_more_exchange_and_then_two_bytes() {
    let mut simulation = Simulation::new(11, None);
    simulation.settle();
    let quiet = |simulation: &mut Simulation| {
        let observed = simulation.exchange(0, Trouble::default());
        (
            observed.request.len(),
            observed.reply.len(),
            observed.outcome.unwrap().again,
        )
    };
    // Every third request would wait for news, which is said in three bytes.
    let ordinary = [0; 3].map(|_| quiet(&mut simulation));
    let sum = |of: [(usize, usize, bool); 3]| of.iter().fold((0, 0), |(up, down), one| (up + one.0, down + one.1));
    let keys = simulation.hub.keys.clone();
    simulation.hub.keys = keys.replaced_by(key(2), true);
    let told = quiet(&mut simulation);
    assert!(told.2, "the hub is to know at once that it has arrived");
    assert_eq!(told.1, ordinary[0].1 + 34);
    let during = [0; 3].map(|_| quiet(&mut simulation));
    assert_eq!(sum(during), (sum(ordinary).0 + 3 * 2, sum(ordinary).1));
    simulation.hub.keys = HubKeys::alone(key(2)).proving(simulation.hub.keys.proofs().clone());
    let ended = quiet(&mut simulation);
    assert_eq!(ended.1, ordinary[0].1 + 2);
    let after = [0; 3].map(|_| quiet(&mut simulation));
    assert_eq!(sum(after), sum(ordinary), "as if nothing had been");
}
