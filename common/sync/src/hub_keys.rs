//! The keys of a hub: one, or two while one takes the other's place, at the hub and at its gateways.
//!
//! A hub announces its next key in what it signs with the one that a gateway trusts. From then on the gateway binds its requests
//! to the new one: that alone shows the hub that the announcement has arrived. Whoever has not heard it goes on with the former
//! key until the hub destroys that.

use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::bundle::label::Label;
use crate::enrol::Fingerprint;
use crate::proof::Proofs;

/// What a hub says about its keys, in a head that it signs with one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySaid {
    /// It has this one too, and it is the newer one.
    Newer([u8; 32]),
    /// It has no other than the one that it signs with.
    Only,
}

/// The secret keys of a hub.
#[derive(Clone)]
pub struct HubKeys {
    newest: SigningKey,
    former: Option<SigningKey>,
    switched: bool,
    proofs: Proofs,
}

impl HubKeys {
    /// One key alone. What the hub's handlings are proved with is derived from it.
    pub fn alone(key: SigningKey) -> Self {
        Self {
            proofs: Proofs::of_hub(&key),
            newest: key,
            former: None,
            switched: false,
        }
    }

    /// Two keys, of which the newest is the present one once it was switched to.
    #[must_use]
    pub fn replaced_by(self, newest: SigningKey, switched: bool) -> Self {
        Self {
            former: Some(self.newest),
            newest,
            switched,
            proofs: self.proofs,
        }
    }

    /// Sets what handlings are proved with: gateways hold proofs from before any change of keys.
    #[must_use]
    pub fn proving(self, proofs: Proofs) -> Self {
        Self { proofs, ..self }
    }

    /// The present key: new enrolment codes name it, and who connects without a wish is shown it.
    pub fn present(&self) -> &SigningKey {
        self.former.as_ref().filter(|_| !self.switched).unwrap_or(&self.newest)
    }

    /// The key that every gateway is to know.
    pub fn newest(&self) -> &SigningKey {
        &self.newest
    }

    /// All of them, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.newest).chain(&self.former)
    }

    /// The key to sign with for a gateway that last bound something to `bound`; the older one for who never did.
    pub fn known_to(&self, bound: Option<VerifyingKey>) -> &SigningKey {
        let known = self.all().find(|key| Some(key.verifying_key()) == bound);
        known.unwrap_or_else(|| self.former.as_ref().unwrap_or(&self.newest))
    }

    /// The key that a bundle's label names.
    pub fn named_by(&self, label: &Label) -> Option<&SigningKey> {
        self.all().find(|key| label.is_of_hub(&key.verifying_key()))
    }

    /// The key to show in a TLS handshake to who offers these application protocols.
    pub fn wished<'a>(&self, mut protocols: impl Iterator<Item = &'a [u8]>) -> &SigningKey {
        let wish = protocols.find_map(|protocol| {
            self.all()
                .find(|key| tls_wish(Fingerprint::of(&key.verifying_key())) == protocol)
        });
        wish.unwrap_or_else(|| self.present())
    }

    /// Tells whether no key takes another's place.
    pub fn is_one(&self) -> bool {
        self.former.is_none()
    }

    /// What to say about the keys in a head that `signer` signs.
    pub fn said_by(&self, signer: &SigningKey) -> Option<KeySaid> {
        if self.is_one() {
            Some(KeySaid::Only)
        } else if *signer == self.newest {
            None
        } else {
            Some(KeySaid::Newer(self.newest.verifying_key().to_bytes()))
        }
    }

    /// What the hub's handlings are proved with.
    pub fn proofs(&self) -> &Proofs {
        &self.proofs
    }
}

impl From<SigningKey> for HubKeys {
    fn from(key: SigningKey) -> Self {
        Self::alone(key)
    }
}

/// Names a key among the application protocols of a TLS handshake (RFC 7301): so a gateway asks for the key that it trusts where
/// the hub showed it another. No side speaks a protocol of that name, so none is chosen.
pub fn tls_wish(key: Fingerprint) -> Vec<u8> {
    format!("titian-key/{key}").into_bytes()
}

/// Says that the hub announced something that is no key, or none that is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hub announced a key that cannot be used")]
pub struct UnusableKey;

/// The keys of its hub that a gateway trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedKeys {
    /// The only one, or the older one.
    pub key: VerifyingKey,
    /// The one that was announced.
    pub newer: Option<VerifyingKey>,
}

impl From<VerifyingKey> for TrustedKeys {
    fn from(key: VerifyingKey) -> Self {
        Self { key, newer: None }
    }
}

impl TrustedKeys {
    /// The key to bind requests to and to seal bundles for.
    pub fn newest(&self) -> VerifyingKey {
        self.newer.unwrap_or(self.key)
    }

    /// All of them, the newest first.
    pub fn all(&self) -> impl Iterator<Item = VerifyingKey> + use<> {
        self.newer.into_iter().chain([self.key])
    }

    /// The key that a bundle's label names.
    pub fn named_by(&self, label: &Label) -> Option<VerifyingKey> {
        self.all().find(|key| label.is_of_hub(key))
    }

    /// What is trusted once the hub has said something in a head that one of these keys signed.
    ///
    /// # Errors
    /// When what it announced is no key; then nothing changes.
    pub fn heard(self, signer: VerifyingKey, said: KeySaid) -> Result<Self, UnusableKey> {
        match said {
            KeySaid::Newer(bytes) => {
                let announced = VerifyingKey::from_bytes(&bytes).map_err(|_| UnusableKey)?;
                if announced.is_weak() {
                    return Err(UnusableKey);
                }
                let newer = (announced != signer).then_some(announced);
                Ok(Self { key: signer, newer })
            }
            // Only the newer one can end the older one: a stick may come late, from before there were two.
            KeySaid::Only if self.newer == Some(signer) => Ok(signer.into()),
            KeySaid::Only => Ok(self),
        }
    }

    /// What is trusted once it is clear that the hub knows nothing of the announced key: it was put back to before.
    #[must_use]
    pub fn without_newer(self) -> Self {
        self.key.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::label::Content;

    fn key(number: u8) -> SigningKey {
        SigningKey::from_bytes(&[number; 32])
    }

    fn public(number: u8) -> VerifyingKey {
        key(number).verifying_key()
    }

    fn announced(number: u8) -> KeySaid {
        KeySaid::Newer(public(number).to_bytes())
    }

    fn two() -> TrustedKeys {
        TrustedKeys {
            key: public(1),
            newer: Some(public(2)),
        }
    }

    #[test]
    fn a_hub_announces_the_newer_key_to_who_knows_the_older_one_before_the_switch_and_after() {
        let (one, two) = (HubKeys::alone(key(1)), key(2));
        assert_eq!(one.said_by(&key(1)), Some(KeySaid::Only));
        for (switched, present) in [(false, 1), (true, 2)] {
            let keys = one.clone().replaced_by(two.clone(), switched);
            assert_eq!(keys.present(), &key(present));
            assert_eq!(keys.newest(), &two);
            assert_eq!(keys.said_by(&key(1)), Some(announced(2)));
            assert_eq!(keys.said_by(&two), None, "who knows it is told nothing more");
        }
    }

    #[test]
    fn a_hub_signs_with_the_key_that_a_gateway_is_known_to_trust() {
        let keys = HubKeys::alone(key(1)).replaced_by(key(2), true);
        assert_eq!(keys.known_to(Some(public(2))), &key(2));
        assert_eq!(keys.known_to(Some(public(1))), &key(1));
        assert_eq!(keys.known_to(None), &key(1), "who never said: what all know");
        assert_eq!(keys.known_to(Some(public(9))), &key(1), "a key of long ago");
        assert_eq!(HubKeys::alone(key(2)).known_to(Some(public(1))), &key(2));
    }

    #[test]
    fn who_wishes_for_a_key_is_shown_it_and_who_does_not_the_present_one() {
        let keys = HubKeys::alone(key(1)).replaced_by(key(2), true);
        let shown = |wish: &[Vec<u8>]| keys.wished(wish.iter().map(Vec::as_slice)).verifying_key();
        assert_eq!(shown(&[]), public(2));
        assert_eq!(shown(&[tls_wish(Fingerprint::of(&public(1)))]), public(1));
        assert_eq!(
            shown(&[b"h2".to_vec(), tls_wish(Fingerprint::of(&public(9)))]),
            public(2),
            "none of ours"
        );
    }

    #[test]
    fn what_proves_handlings_stays_when_the_key_goes() {
        let before = Proofs::of_hub(&key(1));
        let keys = HubKeys::alone(key(1)).replaced_by(key(2), false);
        assert!(keys.proofs().key() == before.key());
        let after = HubKeys::alone(key(2)).proving(before.clone());
        assert!(after.proofs().key() == before.key());
    }

    #[test]
    fn a_gateway_trusts_what_its_key_announces_beside_it_and_drops_the_older_one_when_the_newer_says_so() {
        let one = TrustedKeys::from(public(1));
        assert_eq!(one.heard(public(1), announced(2)), Ok(two()));
        assert_eq!(two().heard(public(1), announced(2)), Ok(two()), "twice is once");
        assert_eq!(two().newest(), public(2));
        assert_eq!(two().heard(public(2), KeySaid::Only), Ok(public(2).into()));
        assert_eq!(
            two().heard(public(1), KeySaid::Only),
            Ok(two()),
            "a stick from before the announcement"
        );
        assert_eq!(one.heard(public(1), KeySaid::Only), Ok(one));
        assert_eq!(one.heard(public(1), announced(1)), Ok(one), "itself is no other");
        assert_eq!(two().without_newer(), one);
    }

    #[test]
    fn never_more_than_two_are_trusted() {
        let next = two().heard(public(2), announced(3)).unwrap();
        assert_eq!(next.all().collect::<Vec<_>>(), [public(3), public(2)]);
        let instead = two().heard(public(1), announced(3)).unwrap();
        assert_eq!(
            instead.all().collect::<Vec<_>>(),
            [public(3), public(1)],
            "renewed once more after a backup"
        );
    }

    #[test]
    fn what_is_no_key_is_not_trusted() {
        let one = TrustedKeys::from(public(1));
        // No point of the curve; the neutral point, for which anybody can sign.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let no_point = (0..=u8::MAX)
            .map(|byte| [byte; 32])
            .find(|bytes| VerifyingKey::from_bytes(bytes).is_err())
            .unwrap();
        for bytes in [no_point, neutral] {
            assert_eq!(one.heard(public(1), KeySaid::Newer(bytes)), Err(UnusableKey));
        }
    }

    #[test]
    fn a_label_names_one_of_two() {
        let label = |number| {
            let gateway = "63.01.03/A".parse().unwrap();
            Label::new(Content::Reply, gateway, Fingerprint::of(&public(number)))
        };
        let keys = HubKeys::alone(key(1)).replaced_by(key(2), false);
        for number in [1, 2] {
            assert_eq!(keys.named_by(&label(number)), Some(&key(number)));
            assert_eq!(two().named_by(&label(number)), Some(public(number)));
        }
        assert_eq!(keys.named_by(&label(3)), None);
        assert_eq!(two().named_by(&label(3)), None);
    }
}
