//! Enrolment: a code is typed once; capture works from then on, and the hub takes the code at the first contact.

use ed25519_dalek::SigningKey;
use serde::Serialize;
use titian_domain::id::{GatewayLetter, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_host::casebook::log;
use titian_sync::engine::gateway::ReplicaState;
use titian_sync::enrol::code::EnrolCode;
use titian_sync::enrol::message::{EnrolError, EnrolReply, EnrolRequest, MESSAGE_BYTES_MAX};

use super::{Uplink, UplinkError};
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
    /// # Errors
    /// When the code is no code, belongs to another office than the complaints here, or the hub refuses it.
    pub async fn enrol(&self, code: &str) -> Result<Enrolled, UplinkError> {
        let parsed = EnrolCode::parse(code).map_err(|error| UplinkError::Code(error.to_string()))?;
        let (text, key, epoch) = (code.trim().to_owned(), self.desk.clock.random(), self.desk.clock.random());
        let EnrolCode { office, letter, address, .. } = parsed;
        let enrolled = Enrolled { office: office.clone(), letter: letter.clone(), confirmed: false };
        self.desk
            .store
            .write(move |tx| {
                if let Some(known) = device::read(tx)? {
                    if known.office != office {
                        return Err(UplinkError::Code(format!(
                            "this gateway holds the complaints of office {}; a code of office {office} needs a data folder of its own",
                            known.office
                        )));
                    }
                    if known.code.as_deref() == Some(text.as_str()) {
                        return Ok(());
                    }
                }
                log::open_scope(tx, &office, epoch)?;
                Ok(device::adopt(tx, (&office, &letter), (&text, &address), key)?)
            })
            .await?;
        match self.sync_now().await {
            Ok(_) => Ok(Enrolled { confirmed: true, ..enrolled }),
            Err(UplinkError::Unreachable(_)) => Ok(enrolled),
            Err(error) => Err(error),
        }
    }

    /// Presents the stored code to the hub.
    pub(super) async fn present_code(&self, device: &Device) -> Result<(), UplinkError> {
        let text = device.code.as_deref().ok_or(UplinkError::NotEnrolled)?;
        let code = EnrolCode::parse(text).map_err(|error| UplinkError::Code(error.to_string()))?;
        let request = EnrolRequest::new(&code, &SigningKey::from_bytes(&device.key), &machine_name());
        let url = format!("{}{PATH}", device.hub_address.trim_end_matches('/'));
        let mut response = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .body(request.to_json())
            .send()
            .await
            .map_err(|error| UplinkError::unreachable(&error))?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| UplinkError::unreachable(&error))? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MESSAGE_BYTES_MAX {
                return Err(UplinkError::NotAHub { status });
            }
        }
        let (enrolled, hub_key) = EnrolReply::open(&bytes, &code, &request).map_err(|error| match error {
            EnrolError::Malformed => UplinkError::NotAHub { status },
            other => UplinkError::Code(other.to_string()),
        })?;
        let now = self.desk.clock.now();
        self.desk
            .store
            .write(move |tx| {
                let replica = ReplicaState::enrolled(enrolled.device, enrolled.dictionary);
                device::enrolled(tx, hub_key.to_bytes(), &replica)?;
                measured(tx, enrolled.hub_time, now)
            })
            .await
    }
}

fn measured(tx: &rusqlite::Transaction<'_>, hub: UnixMillis, here: UnixMillis) -> Result<(), UplinkError> {
    Ok(device::clock_measured(tx, hub, here)?)
}

/// The machine's name, for the administrator's list. Nothing depends on it.
fn machine_name() -> String {
    let variables = ["COMPUTERNAME", "HOSTNAME"];
    let named = variables.iter().find_map(|variable| std::env::var(variable).ok());
    named.or_else(|| std::fs::read_to_string("/etc/hostname").ok()).map_or_else(|| "?".into(), |name| name.trim().into())
}
