//! Enrolment: a code is typed once; capture works from then on, and the hub takes the code at the first contact.

use ed25519_dalek::{SigningKey, VerifyingKey};
use rusqlite::Transaction;
use serde::Serialize;
use titian_domain::id::{GatewayLetter, OfficeCode};
use titian_host::audit::{self, Deed};
use titian_host::casebook::log;
use titian_host::machine;
use titian_sync::engine::Repair;
use titian_sync::engine::gateway::ReplicaState;
use titian_sync::enrol::code::EnrolCode;
use titian_sync::enrol::message::{self, EnrolError, EnrolReply, EnrolRequest, MESSAGE_BYTES_MAX};

use super::{CodeTrouble, Uplink, UplinkError};
use crate::store::HUB;
use crate::store::device::{self, Device};

/// The path of the enrolment endpoint.
const PATH: &str = "/enrol/v1";

/// What typing a code came to.
#[derive(Clone, Debug, Serialize)]
pub struct Enrolled {
    /// The office that this gateway stands in from now on.
    pub office: OfficeCode,
    /// Its letter in register numbers.
    pub letter: GatewayLetter,
    /// Whether the hub has taken the code already; if not, it will at the first contact.
    pub confirmed: bool,
}

impl Uplink {
    /// Takes a code that was typed, and presents it to the hub if that can be reached.
    ///
    /// A gateway that is enrolled already keeps what it has until the hub has taken the new code.
    ///
    /// # Errors
    /// When the code is no code, belongs to another office than the complaints here, or the hub refuses it.
    pub async fn enrol(&self, text: &str) -> Result<Enrolled, UplinkError> {
        let text = text.trim().to_owned();
        let code = EnrolCode::parse(&text).map_err(CodeTrouble::from)?;
        let known = self
            .desk
            .store
            .read(|conn| Ok::<_, UplinkError>(device::read(conn)?))
            .await?;
        if let Some(known) = known.as_ref().filter(|known| known.office != code.office) {
            let (here, there) = (known.office.clone(), code.office);
            return Err(CodeTrouble::OtherOffice { here, there }.into());
        }
        let enrolled = Enrolled {
            office: code.office.clone(),
            letter: code.letter.clone(),
            confirmed: true,
        };
        let key = self.desk.clock.random();
        // The same code typed again: the key that the hub may have taken already stays.
        let pending = known
            .as_ref()
            .is_some_and(|known| known.code.as_deref() == Some(text.as_str()));
        if known.is_some_and(|known| known.hub.is_some()) {
            let (taken, hub_key) = self.present(&code, &key).await?;
            self.adopt(code, text, key).await?;
            self.keep_enrolment(taken, hub_key).await?;
            return Ok(enrolled);
        }
        if !pending {
            self.adopt(code, text, key).await?;
        }
        match self.sync_now().await {
            Ok(_) => Ok(enrolled),
            Err(UplinkError::Unreachable(_) | UplinkError::HubInTrouble) => Ok(Enrolled {
                confirmed: false,
                ..enrolled
            }),
            Err(error @ UplinkError::Code(CodeTrouble::Refused(_))) => {
                // The letter of a refused code may be another gateway's: no number may be given under it.
                self.desk
                    .store
                    .write(|tx| Ok::<_, UplinkError>(device::forget_unused(tx)?))
                    .await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Presents the stored code to the hub.
    pub(super) async fn present_code(&self, device: &Device) -> Result<(), UplinkError> {
        let text = device.code.as_deref().ok_or(UplinkError::NotEnrolled)?;
        let code = EnrolCode::parse(text).map_err(CodeTrouble::from)?;
        let (taken, hub_key) = self.present(&code, &device.key).await?;
        self.keep_enrolment(taken, hub_key).await
    }

    /// The request that a code and this device's key make; the same each time.
    pub(super) fn enrol_request(device: &Device) -> Result<(EnrolCode, EnrolRequest), UplinkError> {
        let text = device.code.as_deref().ok_or(UplinkError::NotEnrolled)?;
        let code = EnrolCode::parse(text).map_err(CodeTrouble::from)?;
        let request = EnrolRequest::new(&code, &SigningKey::from_bytes(&device.key), &machine::name());
        Ok((code, request))
    }

    /// Makes this machine a device of the code's office: capture works from now on, contact or not.
    async fn adopt(&self, code: EnrolCode, text: String, key: [u8; 32]) -> Result<(), UplinkError> {
        let epoch = self.desk.clock.random();
        self.desk
            .store
            .write(move |tx| {
                log::open_scope(tx, &code.office, epoch)?;
                Ok(device::adopt(
                    tx,
                    (&code.office, &code.letter),
                    (&text, &code.address),
                    key,
                )?)
            })
            .await
    }

    async fn keep_enrolment(&self, taken: message::Enrolled, hub_key: VerifyingKey) -> Result<(), UplinkError> {
        let now = self.desk.clock.now();
        self.desk
            .store
            .write(move |tx| {
                keep_enrolled(tx, &taken, hub_key)?;
                let entry = audit::Entry {
                    at: now,
                    who: audit::BY_ITSELF,
                    deed: Deed::Enrolled,
                    complaint: None,
                    detail: &format!("{}/{}", taken.office, taken.letter),
                };
                audit::note(tx, entry)?;
                Ok::<_, UplinkError>(device::clock_measured(tx, taken.hub_time, now)?)
            })
            .await?;
        self.desk.clock.believe();
        Ok(())
    }

    async fn present(
        &self,
        code: &EnrolCode,
        key: &[u8; 32],
    ) -> Result<(message::Enrolled, VerifyingKey), UplinkError> {
        let request = EnrolRequest::new(code, &SigningKey::from_bytes(key), &machine::name());
        let url = format!("{}{PATH}", code.address.trim_end_matches('/'));
        let request_body = request.to_json();
        let mut response = loop {
            let sent = self
                .client(&[code.hub], &code.address)?
                .post(&url)
                .header("content-type", "application/json")
                .body(request_body.clone())
                .send();
            match UplinkError::bounded(sent).await? {
                Ok(response) => break response,
                Err(error) => match UplinkError::unreachable(&error) {
                    // The code is from before the hub changed its key.
                    UplinkError::OtherKey if self.wish()? => {}
                    error => return Err(error),
                },
            }
        };
        let status = response.status().as_u16();
        if status == 503 {
            return Err(UplinkError::HubInTrouble);
        }
        let mut bytes = Vec::new();
        while let Some(piece) = response
            .chunk()
            .await
            .map_err(|error| UplinkError::unreachable(&error))?
        {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MESSAGE_BYTES_MAX {
                return Err(UplinkError::NotAHub { status });
            }
        }
        EnrolReply::open(&bytes, code, &request).map_err(|error| match error {
            EnrolError::Malformed => UplinkError::NotAHub { status },
            refused => CodeTrouble::from(refused).into(),
        })
    }
}
/// Notes that the hub has taken the code, as its answer says.
pub(super) fn keep_enrolled(
    tx: &Transaction<'_>,
    taken: &message::Enrolled,
    hub_key: VerifyingKey,
) -> rusqlite::Result<()> {
    let mut replica = ReplicaState::enrolled(taken.device, taken.dictionary);
    // The same log under a new name: what the hub holds of it already is found out, not sent again.
    let scope = log::scope(tx, &taken.office)?;
    if scope.is_some_and(|scope| scope.cursor.position > 0) {
        replica.repair = Repair::DUE;
    }
    // The hub knows this log under the old name; what another hub heard says nothing.
    audit::unhear(tx, HUB)?;
    device::enrolled(tx, hub_key.to_bytes(), &replica)
}
