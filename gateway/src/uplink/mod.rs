//! The way to the hub: enrolment, one exchange after another, and how this gateway stands with it.

mod background;
mod bundle;
mod enrol;
mod estimate;
mod exchange;
mod interrupt;
mod link;
pub mod pace;
mod pin;
mod rounds;

use std::error::Error as _;
use std::fs::File;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde::Serialize;
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::attachments::AttachmentFiles;
use titian_host::casebook::pieces::PieceError;
use titian_host::casebook::refused;
use titian_host::store::StoreError;
use titian_host::web::IDLE_MAX;
use titian_sync::engine::gateway::ExchangeError;
use titian_sync::engine::{Refusal, Repair};
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::address::leaves_in_the_clear;
use titian_sync::enrol::code::BadCode;
use titian_sync::enrol::message::EnrolError;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

pub use self::background::background;
pub use self::bundle::Exported;
pub use self::estimate::Estimate;
use self::interrupt::Turn;
use self::pace::{Budget, QuietHours};
use crate::desk::Desk;
use crate::settings;
use crate::sidecar::Sidecar;
use crate::store::attachments;
use crate::store::device::{self, Device};

/// A link that does not come up in this time is taken for down.
const CONNECT_SECONDS_MAX: u64 = 15;
/// How much earlier than the hub an idle connection is given up here.
const IDLE_MARGIN: Duration = Duration::from_secs(20);
/// How long to wait for one more piece to leave, or to arrive. A line of one kilobyte a second has sent what the system
/// and this program hold back by then.
const SILENCE_MAX: Duration = Duration::from_mins(5);

/// The way to the hub. Cheap to clone; one exchange runs at a time.
#[derive(Clone)]
pub struct Uplink {
    desk: Desk,
    /// What a backup of the database cannot bring back.
    sidecar: Sidecar,
    /// Whether a hub elsewhere may be spoken to without TLS.
    plain_http: bool,
    /// The client for the hub that was last spoken to.
    client: Arc<std::sync::Mutex<Option<Client>>>,
    /// The file beside the database by which two programs of one office PC take turns.
    lock: Arc<Mutex<File>>,
    turn: Turn,
    files: AttachmentFiles,
    limits: Limits,
    budget: Arc<std::sync::Mutex<Budget>>,
}

/// A client for one hub: it keeps the connection, and the TLS session for the next one.
struct Client {
    /// The keys of which the hub has to show one, the newest first.
    pins: Vec<Fingerprint>,
    /// Whether it is asked for the newest of them by name, since it showed another one unasked.
    wishes: bool,
    http: reqwest::Client,
}

/// What the settings allow.
#[derive(Clone, Copy, Debug)]
struct Limits {
    exchange_max: Duration,
    /// How long to wait for news from the hub; zero for not at all.
    wait: Duration,
    quiet_hours: Option<QuietHours>,
}

/// Why an exchange did not come about. What was saved stays.
#[derive(Debug, thiserror::Error)]
pub enum UplinkError {
    /// No enrolment code was typed yet.
    #[error("this gateway is not enrolled yet")]
    NotEnrolled,
    /// The hub does not answer.
    #[error("the hub cannot be reached ({0})")]
    Unreachable(Silence),
    /// Nothing was sent: a server with another key answers.
    #[error(
        "what answers at the hub's address has another key than this gateway's hub; this PC's clock is not the reason; if the \
         hub has changed its key meanwhile, this gateway needs a new enrolment code"
    )]
    OtherKey,
    /// Nothing was sent: what answers does not speak TLS as a hub does.
    #[error(
        "what answers at the hub's address does not prove itself as a hub ({0}); this PC's clock is not the reason"
    )]
    NotSecured(String),
    /// Nothing was sent: the hub's address says that it would go unencrypted.
    #[error("the hub's address {0} would send complaints unencrypted over the network")]
    PlainHttp(String),
    /// Something answers, but it is no hub.
    #[error("what answers at the hub's address is no hub (status {status})")]
    NotAHub {
        /// The HTTP status.
        status: u16,
    },
    /// The hub, or something in between, says that it cannot take anything now.
    #[error("the hub has no room or too much to do (status 503)")]
    HubInTrouble,
    /// The stored key of the hub is no key.
    #[error("the hub's key in the database is damaged")]
    HubKey,
    /// The code cannot be used.
    #[error(transparent)]
    Code(#[from] CodeTrouble),
    /// The hub answered and refused.
    #[error("{0}")]
    Refused(Refusal),
    /// The exchange broke off.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The HTTP client or the lock file could not be set up.
    #[error("the network cannot be used")]
    Setup(#[source] anyhow::Error),
    /// What arrived in pieces could not be kept.
    #[error(transparent)]
    Piece(#[from] PieceError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How the hub cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    /// Not a byte was sent: the link is down, or nothing listens there.
    #[error("no connection")]
    NoConnection,
    /// Something may have arrived.
    #[error("the connection broke")]
    Broke,
    /// Something may have arrived.
    #[error("no answer in time")]
    NoAnswer,
}

impl UplinkError {
    /// Names the kind of failure in a word that stays the same while the sentences change: it is noted with the device,
    /// and the pages have their own words for it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotEnrolled => "not-enrolled",
            Self::Unreachable(_) => "unreachable",
            Self::OtherKey => "other-key",
            Self::NotSecured(_) => "not-secured",
            Self::PlainHttp(_) => "plain-http",
            Self::NotAHub { .. } => "not-a-hub",
            Self::HubInTrouble => "hub-in-trouble",
            Self::Code(trouble) => trouble.kind(),
            Self::Refused(refusal) => match refusal {
                Refusal::UnknownDevice => "unknown-device",
                Refusal::Revoked => "revoked",
                Refusal::BadSignature => "bad-signature",
                Refusal::Version { .. } => "version",
                Refusal::BadItem { .. } => "bad-item",
                Refusal::Busy { .. } => "busy",
                Refusal::Copied => "copied",
                Refusal::QuarantineFull { .. } => "quarantine-full",
                Refusal::Replayed { .. } | Refusal::Elsewhere | Refusal::Unresolved | Refusal::Dictionary { .. } => {
                    "out-of-step"
                }
            },
            Self::Exchange(ExchangeError::Cut | ExchangeError::Malformed(_) | ExchangeError::Frame(_)) => {
                "broken-reply"
            }
            Self::Exchange(ExchangeError::Signature) => "other-hub",
            Self::HubKey | Self::Exchange(_) | Self::Setup(_) | Self::Piece(_) | Self::Store(_) => "internal",
        }
    }

    /// Tells whether the link broke under way, so that the next exchange may come further.
    fn is_cut(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(Silence::Broke) | Self::Exchange(ExchangeError::Cut)
        )
    }

    /// Bounds one wait for the link.
    async fn bounded<T>(wait: impl Future<Output = T>) -> Result<T, Self> {
        timeout(SILENCE_MAX, wait)
            .await
            .map_err(|_| Self::Unreachable(Silence::NoAnswer))
    }

    fn unreachable(error: &reqwest::Error) -> Self {
        if let Some(untrusted) = error.is_connect().then(|| Self::untrusted(error)).flatten() {
            return untrusted;
        }
        Self::Unreachable(if error.is_connect() {
            Silence::NoConnection
        } else if error.is_timeout() {
            Silence::NoAnswer
        } else {
            Silence::Broke
        })
    }

    /// Finds out whether a connection failed because the other side is not whom it should be.
    fn untrusted(error: &reqwest::Error) -> Option<Self> {
        let mut cause = error.source();
        while let Some(error) = cause {
            match error.downcast_ref() {
                Some(rustls::Error::InvalidCertificate(_)) => return Some(Self::OtherKey),
                Some(other) => return Some(Self::NotSecured(other.to_string())),
                None => {}
            }
            // An error of the system passes over what it wraps when it is asked for its source.
            cause = match error.downcast_ref().and_then(std::io::Error::get_ref) {
                Some(within) => Some(within),
                None => error.source(),
            };
        }
        None
    }

    /// Tells whether it is certain that not a byte of a request left this machine.
    fn nothing_was_sent(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(Silence::NoConnection) | Self::OtherKey | Self::NotSecured(_) | Self::PlainHttp(_)
        )
    }
}

/// Why an enrolment code cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeTrouble {
    /// It was typed wrong, or made by another version.
    #[error(transparent)]
    Unreadable(#[from] BadCode),
    /// It is for another office than the complaints here.
    #[error(
        "this gateway holds the complaints of office {here}; a code of office {there} needs a data folder of its own"
    )]
    OtherOffice {
        /// Whose complaints are here.
        here: OfficeCode,
        /// Whose code it is.
        there: OfficeCode,
    },
    /// The hub did not take it.
    #[error(transparent)]
    Refused(#[from] EnrolError),
}

impl CodeTrouble {
    fn kind(&self) -> &'static str {
        match self {
            Self::Refused(EnrolError::Used) => "code-used",
            Self::Refused(EnrolError::UnknownCode) => "code-unknown",
            Self::Refused(EnrolError::Expired) => "code-expired",
            Self::Refused(EnrolError::OtherHub) => "other-hub",
            Self::Unreadable(_) | Self::OtherOffice { .. } | Self::Refused(_) => "code",
        }
    }
}

impl From<rusqlite::Error> for UplinkError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a sync came to.
#[derive(Clone, Debug, Serialize)]
pub struct Synced {
    /// Whether the hub has acknowledged everything that was written here.
    pub delivered: bool,
    /// Whether both sides are proved to hold the same.
    pub in_sync: bool,
    /// How many requests it took.
    pub requests: usize,
    /// What still waits.
    pub waiting_items: u64,
    /// What the hub keeps aside.
    pub refused_items: u64,
    /// Files that lie here and not all at the hub.
    pub waiting_files: u64,
}

/// How this gateway stands with the hub.
#[derive(Clone, Debug, Serialize)]
pub struct SyncStatus {
    /// The office; `None` before an enrolment code was typed.
    pub office: Option<String>,
    /// The letter in register numbers.
    pub letter: Option<String>,
    /// Whether the hub has taken the enrolment.
    pub enrolled: bool,
    /// Where the hub is.
    pub hub: Option<String>,
    /// Items that the hub has not acknowledged.
    pub waiting_items: u64,
    /// Complaints that they belong to.
    pub waiting_complaints: u64,
    /// Items that the hub keeps aside: it has them, and does not take them into its case files.
    pub refused_items: u64,
    /// Complaints that they belong to.
    pub refused_complaints: u64,
    /// Files that lie here and not all at the hub.
    pub waiting_files: u64,
    /// How many bytes of them the hub lacks.
    pub waiting_file_bytes: u64,
    /// When an exchange last succeeded.
    pub last_success: Option<UnixMillis>,
    /// Since when both sides are proved to hold the same, apart from what the hub keeps aside.
    pub in_sync_since: Option<UnixMillis>,
    /// What went wrong last, as `kind: sentence`.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<UnixMillis>,
    /// When the hub made the newest answer that came in a bundle, by its clock.
    pub answered_by_bundle: Option<UnixMillis>,
    /// Whether this machine's clock was lately found to be right.
    pub clock_is_trusted: bool,
    /// When the hub first said that another living copy of this gateway was there: it has to be enrolled anew.
    pub copied_since: Option<UnixMillis>,
    /// How far the repair of a difference is: `none`, `due`, `running`, or `tried` in vain.
    pub repair: &'static str,
    /// Since when there is something to repair.
    pub repair_since: Option<UnixMillis>,
    /// What the last start found that was not as it was left: `restored`, `moved` or `exchanged`.
    pub found: Option<String>,
    /// When that was.
    pub found_at: Option<UnixMillis>,
}

impl Limits {
    fn of(settings: &settings::Sync) -> Self {
        Self {
            exchange_max: Duration::from_secs(settings.exchange_seconds_max),
            wait: Duration::from_secs(settings.wait_seconds),
            quiet_hours: settings.quiet_hours.parse().ok(),
        }
    }
}

impl Uplink {
    /// Sets the way up. Nothing is sent yet.
    pub fn new(desk: Desk) -> Result<Self, UplinkError> {
        let setup = |error: anyhow::Error| UplinkError::Setup(error);
        let files = desk.files.clone();
        let turn = Turn::beside(desk.store.path());
        let path = desk.store.path().with_extension("sync-lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| setup(error.into()))?;
        Ok(Self {
            sidecar: Sidecar::beside(desk.store.path()),
            desk,
            plain_http: false,
            client: Arc::default(),
            lock: Arc::new(Mutex::new(lock)),
            turn,
            files,
            limits: Limits::of(&settings::Sync::default()),
            budget: Arc::new(std::sync::Mutex::new(Budget::new(0, Instant::now()))),
        })
    }

    /// Says whether a hub on another machine may be spoken to without TLS, as inside a VPN. By itself it may not.
    #[must_use]
    pub fn allowing_plain_http(self, plain_http: bool) -> Self {
        Self { plain_http, ..self }
    }

    /// Gives the client that speaks to a hub with one of these keys, the newest first, and over `https://` to no other server.
    fn client(&self, pins: &[Fingerprint], address: &str) -> Result<reqwest::Client, UplinkError> {
        if leaves_in_the_clear(address) && !self.plain_http {
            return Err(UplinkError::PlainHttp(address.to_owned()));
        }
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(client) if client.pins == pins => Ok(client.http.clone()),
            _ => {
                let client = self.new_client(pins.to_vec(), false).map_err(UplinkError::Setup)?;
                Ok(kept.insert(client).http.clone())
            }
        }
    }

    /// Has the hub asked by name for the key that is trusted, after it showed another one: while it changes its keys it has
    /// two. Tells whether that is worth a try, as it is once.
    fn wish(&self) -> Result<bool, UplinkError> {
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pins) = kept
            .as_ref()
            .filter(|client| !client.wishes)
            .map(|client| client.pins.clone())
        else {
            return Ok(false);
        };
        *kept = Some(self.new_client(pins, true).map_err(UplinkError::Setup)?);
        Ok(true)
    }

    fn new_client(&self, pins: Vec<Fingerprint>, wishes: bool) -> anyhow::Result<Client> {
        let wish = pins.first().copied().filter(|_| wishes);
        let client = reqwest::Client::builder()
            // Before the hub closes it: a request that crosses that would have to be asked about.
            .pool_idle_timeout(IDLE_MAX.saturating_sub(IDLE_MARGIN))
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
            // A captive portal must not be taken for the hub.
            .redirect(reqwest::redirect::Policy::none())
            .tls_backend_preconfigured(pin::tls(pins.clone(), wish, self.desk.clock.clone())?);
        Ok(Client {
            http: client.build()?,
            pins,
            wishes,
        })
    }

    /// Sets what the settings allow.
    #[must_use]
    pub fn within(mut self, settings: &settings::Sync) -> Self {
        self.limits = Limits::of(settings);
        let budget = Budget::new(settings.attachment_kbit_per_second, Instant::now());
        self.budget = Arc::new(std::sync::Mutex::new(budget));
        self
    }

    async fn device(&self) -> Result<Device, UplinkError> {
        let device = self
            .desk
            .store
            .read(|conn| Ok::<_, StoreError>(device::read(conn)?))
            .await?;
        device.ok_or(UplinkError::NotEnrolled)
    }

    /// Estimates what it costs to send all that waits. Nothing is sent.
    pub async fn estimate(&self) -> Result<Estimate, UplinkError> {
        self.desk.store.read(estimate::estimate).await
    }

    /// Tells how this gateway stands with the hub.
    pub async fn status(&self) -> Result<SyncStatus, StoreError> {
        let clock = self.desk.clock.clone();
        self.desk
            .store
            .read(move |conn| {
                let device = device::read(conn)?;
                let waiting = device::waiting(conn)?;
                let (refused_items, refused_complaints) = refused::count(conn)?;
                let files = attachments::totals(conn)?;
                let device = device.as_ref();
                Ok(SyncStatus {
                    office: device.map(|device| device.office.to_string()),
                    letter: device.map(|device| device.letter.to_string()),
                    enrolled: device.is_some_and(|device| device.hub.is_some()),
                    hub: device.map(|device| device.hub_address.clone()),
                    waiting_items: waiting.items,
                    waiting_complaints: waiting.complaints,
                    refused_items,
                    refused_complaints,
                    waiting_files: files.count,
                    waiting_file_bytes: files.bytes,
                    last_success: device.and_then(|device| device.last_success),
                    in_sync_since: device
                        .and_then(|device| device.in_sync_since)
                        .filter(|_| waiting.items == 0),
                    last_error: device.and_then(|device| device.last_error.clone()),
                    last_error_at: device.and_then(|device| device.last_error_at),
                    answered_by_bundle: crate::store::bundle::answered_by_bundle(conn)?,
                    clock_is_trusted: device.is_some_and(|device| device.clock_is_trusted(&clock)),
                    copied_since: device.and_then(|device| device.copied_at),
                    repair: device
                        .and_then(|device| device.hub.as_ref())
                        .map_or(Repair::No.word(), |hub| hub.replica.repair.word()),
                    repair_since: device.and_then(|device| device.repair_since),
                    found: device.and_then(|device| device.found.clone()).map(|(what, _)| what),
                    found_at: device.and_then(|device| device.found.as_ref()).map(|(_, at)| *at),
                })
            })
            .await
    }
}
