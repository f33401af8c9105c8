//! One-time codes by which a gateway joins: made by a command or on a page, shown once, and kept as a hash.

use serde::Serialize;
use titian_domain::id::{GatewayLetter, OfficeCode};
use titian_domain::time::UnixMillis;
use titian_host::store::StoreError;
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::code::{BadCode, EnrolCode, Secret};

use crate::desk::Desk;
use crate::settings::HubSettings;
use crate::store::office::OfficeError;

const HOUR_MILLIS: i64 = 3_600_000;

/// What goes into each code but its secret and the hub's key.
#[derive(Clone)]
pub struct Codes {
    public_url: String,
    hours: u32,
}

/// A fresh code. It is shown once and never again: the hub keeps only a hash.
#[derive(Serialize)]
pub struct FreshCode {
    /// The code, in groups of letters and digits.
    pub code: String,
    /// The office that the gateway will belong to.
    pub office: OfficeCode,
    /// The letter that it will have.
    pub letter: GatewayLetter,
    /// Where the gateway will look for the hub.
    pub hub: String,
    /// Until when it can be used, by the hub's clock.
    pub expires_at: UnixMillis,
}

/// Says why no code was made.
#[derive(Debug, thiserror::Error)]
pub enum NoCode {
    /// It is not known where gateways reach the hub.
    #[error("the hub does not know under which address gateways reach it")]
    NoAddress,
    /// That address cannot stand in a code.
    #[error(transparent)]
    Address(#[from] BadCode),
    /// About the office.
    #[error(transparent)]
    Office(#[from] OfficeError),
}

impl From<StoreError> for NoCode {
    fn from(error: StoreError) -> Self {
        Self::Office(error.into())
    }
}

impl Codes {
    /// Makes codes as the hub's settings say.
    pub fn new(settings: &HubSettings) -> Self {
        Self {
            public_url: settings.public_url.clone(),
            hours: settings.code_hours,
        }
    }

    /// Makes a code for one gateway of an office. Without a public address it names where the hub was last served.
    ///
    /// # Errors
    /// [`NoCode`]; then no letter is spent.
    pub async fn make(&self, desk: &Desk, office: OfficeCode, by: &str) -> Result<FreshCode, NoCode> {
        let address = match self.public_url.as_str() {
            "" => desk.store.address().await?,
            public => public.to_owned(),
        };
        if address.is_empty() {
            return Err(NoCode::NoAddress);
        }
        let (secret, now) = (Secret(desk.clock.random()), desk.now());
        let expires_at = now.plus_millis(i64::from(self.hours) * HOUR_MILLIS);
        let mut code = EnrolCode {
            secret: secret.clone(),
            hub: Fingerprint::of(&desk.keys().await?.present().verifying_key()),
            office: office.clone(),
            letter: FIRST_LETTER.parse().expect("a letter"),
            address: address.clone(),
        };
        // Tried before a letter is spent: letters are never given twice.
        code.to_text()?;
        code.letter = desk
            .store
            .add_code((office.clone(), by), secret, (now, expires_at))
            .await?;
        Ok(FreshCode {
            code: code.to_text()?,
            letter: code.letter,
            office,
            hub: address,
            expires_at,
        })
    }
}

/// Stands in a code that is only tried.
const FIRST_LETTER: &str = "A";
