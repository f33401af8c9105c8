//! The two messages of `POST /enrol/v1`: JSON with bytes as hexadecimal digits, so that a person can read them.
//!
//! The secret itself never travels: the request carries the code's name and a proof that binds the device's key.

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use titian_domain::id::{GatewayLetter, OfficeCode};
use titian_domain::time::UnixMillis;

use super::Fingerprint;
use super::code::{CodeId, EnrolCode, SecretHash};

/// A machine's name is cut to this.
pub const MACHINE_CHARS_MAX: usize = 64;
/// More than either message ever takes.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// Says why an enrolment did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolError {
    /// Not a message of enrolment.
    #[error("this is not a message of enrolment; check that the address belongs to a Titian hub")]
    Malformed,
    /// The hub knows no such code.
    #[error("the hub does not know this enrolment code; ask the administrator for a new one")]
    UnknownCode,
    /// The code was used.
    #[error("this enrolment code was used already; ask the administrator for a new one")]
    Used,
    /// The code has expired.
    #[error("this enrolment code has expired; ask the administrator for a new one")]
    Expired,
    /// The proof or a signature does not hold.
    #[error("the other side could not prove who it is; ask the administrator for a new code")]
    Unproved,
    /// The hub is another one than the code was made by.
    #[error("another hub answered than the one that made this code; check the address with the administrator")]
    OtherHub,
}

/// What a new gateway asks.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The name of the code.
    code: Hex<8>,
    /// The device's public key.
    device_key: Hex<32>,
    /// The machine's name, for the administrator's list.
    machine: String,
    /// Proves that the secret is known, and binds it to the key.
    proof: Hex<32>,
    /// The device's signature.
    signature: Hex<64>,
}

/// What the hub answers.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrolReply {
    /// The number of the device.
    device: u64,
    /// The epoch of the office's log at the hub.
    epoch: Hex<16>,
    /// The hub's public key.
    hub_key: Hex<32>,
    /// The office.
    office: OfficeCode,
    /// The gateway's letter.
    letter: GatewayLetter,
    /// The hub's clock.
    hub_time: UnixMillis,
    /// The newest dictionary that the hub has.
    dictionary: u64,
    /// The hub's signature.
    signature: Hex<64>,
}

/// What a gateway keeps of its enrolment, and what the hub decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The number of the device: in every request.
    pub device: u64,
    /// The epoch of the office's log at the hub.
    pub epoch: [u8; 16],
    /// The office.
    pub office: OfficeCode,
    /// The gateway's letter.
    pub letter: GatewayLetter,
    /// The hub's clock.
    pub hub_time: UnixMillis,
    /// The newest dictionary that the hub has.
    pub dictionary: u64,
}

#[derive(Serialize, Deserialize)]
struct Refused {
    refused: EnrolError,
}

impl EnrolRequest {
    /// Makes a request from a code.
    pub fn new(code: &EnrolCode, device: &SigningKey, machine: &str) -> Self {
        let machine: String = machine
            .chars()
            .filter(|c| !c.is_control())
            .take(MACHINE_CHARS_MAX)
            .collect();
        let id = code.secret.code_id();
        let message = request_message(code.hub, id, device.verifying_key().as_bytes(), &machine);
        Self {
            code: Hex(id.0),
            device_key: Hex(device.verifying_key().to_bytes()),
            proof: Hex(*blake3::keyed_hash(&code.secret.hash().0, &message).as_bytes()),
            signature: Hex(device.sign(&message).to_bytes()),
            machine,
        }
    }

    /// Writes the body of the request.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers make JSON")
    }

    /// Reads the body of a request.
    pub fn from_json(bytes: &[u8]) -> Result<Self, EnrolError> {
        let request: Self = read(bytes)?;
        let machine = &request.machine;
        if machine.chars().count() > MACHINE_CHARS_MAX || machine.chars().any(char::is_control) {
            return Err(EnrolError::Malformed);
        }
        Ok(request)
    }

    /// Gives the name of the code: by it the hub finds the secret's hash.
    pub fn code_id(&self) -> CodeId {
        CodeId(self.code.0)
    }

    /// Gives the machine's name.
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// Checks at the hub that the request comes from who holds the code and the device's key; gives that key.
    pub fn verify(&self, secret: &SecretHash, hub: &VerifyingKey) -> Result<VerifyingKey, EnrolError> {
        let message = request_message(Fingerprint::of(hub), self.code_id(), &self.device_key.0, &self.machine);
        // The comparison of two hashes of this type takes the same time wherever they differ.
        if blake3::keyed_hash(&secret.0, &message) != blake3::Hash::from_bytes(self.proof.0) {
            return Err(EnrolError::Unproved);
        }
        let key = VerifyingKey::from_bytes(&self.device_key.0).map_err(|_| EnrolError::Unproved)?;
        key.verify_strict(&message, &Signature::from_bytes(&self.signature.0))
            .map_err(|_| EnrolError::Unproved)?;
        Ok(key)
    }
}

impl EnrolReply {
    /// Makes the hub's reply to a request that was verified and whose code is spent.
    pub fn new(enrolled: &Enrolled, request: &EnrolRequest, hub: &SigningKey) -> Self {
        let hub_key = hub.verifying_key().to_bytes();
        let signature = hub.sign(&reply_message(enrolled, &hub_key, request)).to_bytes();
        Self {
            device: enrolled.device,
            epoch: Hex(enrolled.epoch),
            hub_key: Hex(hub_key),
            office: enrolled.office.clone(),
            letter: enrolled.letter.clone(),
            hub_time: enrolled.hub_time,
            dictionary: enrolled.dictionary,
            signature: Hex(signature),
        }
    }

    /// Writes the body of the reply.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers make JSON")
    }

    /// Writes the body of a refusal.
    pub fn refusal_to_json(refused: EnrolError) -> Vec<u8> {
        serde_json::to_vec(&Refused { refused }).expect("a word makes JSON")
    }

    /// Reads the body of the hub's answer at the gateway, and checks that the hub of the code wrote it for this request.
    pub fn open(
        bytes: &[u8],
        code: &EnrolCode,
        request: &EnrolRequest,
    ) -> Result<(Enrolled, VerifyingKey), EnrolError> {
        if let Ok(refusal) = read::<Refused>(bytes) {
            return Err(refusal.refused);
        }
        let reply: Self = read(bytes)?;
        let key = VerifyingKey::from_bytes(&reply.hub_key.0).map_err(|_| EnrolError::Malformed)?;
        if Fingerprint::of(&key) != code.hub {
            return Err(EnrolError::OtherHub);
        }
        let enrolled = Enrolled {
            device: reply.device,
            epoch: reply.epoch.0,
            office: reply.office,
            letter: reply.letter,
            hub_time: reply.hub_time,
            dictionary: reply.dictionary,
        };
        let message = reply_message(&enrolled, &reply.hub_key.0, request);
        key.verify_strict(&message, &Signature::from_bytes(&reply.signature.0))
            .map_err(|_| EnrolError::Unproved)?;
        Ok((enrolled, key))
    }
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, EnrolError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(EnrolError::Malformed);
    }
    serde_json::from_slice(bytes).map_err(|_| EnrolError::Malformed)
}

fn request_message(hub: Fingerprint, code: CodeId, device_key: &[u8; 32], machine: &str) -> Vec<u8> {
    let mut out = b"titian POST /enrol/v1 request\0".to_vec();
    out.extend_from_slice(&hub.0);
    out.extend_from_slice(&code.0);
    out.extend_from_slice(device_key);
    out.extend_from_slice(machine.as_bytes());
    out
}

fn reply_message(enrolled: &Enrolled, hub_key: &[u8; 32], request: &EnrolRequest) -> Vec<u8> {
    let mut out = b"titian POST /enrol/v1 reply\0".to_vec();
    out.extend_from_slice(&request.signature.0);
    out.extend_from_slice(hub_key);
    out.extend_from_slice(&enrolled.device.to_le_bytes());
    out.extend_from_slice(&enrolled.epoch);
    out.extend_from_slice(&enrolled.hub_time.0.to_le_bytes());
    out.extend_from_slice(&enrolled.dictionary.to_le_bytes());
    out.extend_from_slice(enrolled.office.as_str().as_bytes());
    out.extend_from_slice(enrolled.letter.as_str().as_bytes());
    out
}

/// Bytes as hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Hex<const N: usize>([u8; N]);

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("bytes in hexadecimal digits are expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::code::{SECRET_BYTES, Secret};
    use super::*;

    fn hub() -> SigningKey {
        SigningKey::from_bytes(&[1; 32])
    }

    fn device() -> SigningKey {
        SigningKey::from_bytes(&[2; 32])
    }

    fn code() -> EnrolCode {
        EnrolCode {
            secret: Secret([7; SECRET_BYTES]),
            hub: Fingerprint::of(&hub().verifying_key()),
            office: "63.01.03".parse().unwrap(),
            letter: "A".parse().unwrap(),
            address: "https://titian.example.id".into(),
        }
    }

    fn enrolled() -> Enrolled {
        Enrolled {
            device: 17,
            epoch: [9; 16],
            office: code().office,
            letter: code().letter,
            hub_time: UnixMillis(1_774_000_000_000),
            dictionary: 1,
        }
    }

    #[test]
    fn both_sides_come_out_with_the_same_enrolment_and_each_others_keys() {
        let request = EnrolRequest::new(&code(), &device(), "PC-PELAYANAN\u{7}");
        let heard = EnrolRequest::from_json(&request.to_json()).unwrap();
        assert_eq!(heard.machine(), "PC-PELAYANAN");
        assert_eq!(heard.code_id(), code().secret.code_id());
        let key = heard.verify(&code().secret.hash(), &hub().verifying_key());
        assert_eq!(key, Ok(device().verifying_key()));
        let reply = EnrolReply::new(&enrolled(), &heard, &hub()).to_json();
        let opened = EnrolReply::open(&reply, &code(), &request);
        assert_eq!(opened, Ok((enrolled(), hub().verifying_key())));
    }

    #[test]
    fn a_wrong_secret_a_changed_message_or_another_hub_is_refused() {
        let request = EnrolRequest::new(&code(), &device(), "PC");
        let hub_key = hub().verifying_key();
        let other = Secret([8; SECRET_BYTES]).hash();
        assert_eq!(request.verify(&other, &hub_key), Err(EnrolError::Unproved));
        let changed = EnrolRequest {
            machine: "PD".into(),
            ..request.clone()
        };
        assert_eq!(
            changed.verify(&code().secret.hash(), &hub_key),
            Err(EnrolError::Unproved)
        );
        let thief = SigningKey::from_bytes(&[5; 32]);
        let reply = EnrolReply::new(&enrolled(), &request, &thief).to_json();
        assert_eq!(
            EnrolReply::open(&reply, &code(), &request).err(),
            Some(EnrolError::OtherHub)
        );
        let mut forged = EnrolReply::new(&enrolled(), &request, &hub());
        forged.device = 18;
        let opened = EnrolReply::open(&forged.to_json(), &code(), &request);
        assert_eq!(opened.err(), Some(EnrolError::Unproved));
    }

    #[test]
    fn a_refusal_arrives_as_what_it_is() {
        let request = EnrolRequest::new(&code(), &device(), "PC");
        let body = EnrolReply::refusal_to_json(EnrolError::Expired);
        assert_eq!(String::from_utf8_lossy(&body), r#"{"refused":"expired"}"#);
        assert_eq!(
            EnrolReply::open(&body, &code(), &request).err(),
            Some(EnrolError::Expired)
        );
        let page = EnrolReply::open(b"<html>", &code(), &request);
        assert_eq!(page.err(), Some(EnrolError::Malformed));
    }
}
