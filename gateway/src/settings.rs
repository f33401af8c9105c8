//! The gateway's settings; `config show` lists them with where each value came from.

use std::path::{Path, PathBuf};

use crate::uplink::pace::QuietHours;
use serde::{Deserialize, Serialize};
use titian_host::config::{self, ConfigError, Key, Kind, Loaded, Settings, Sources};

use crate::capture::Shrinking;

/// The file in the data folder that settings are read from, where it exists.
pub const FILE: &str = "gateway.toml";

/// More often would keep an old PC and a bad line busy for nothing.
const INTERVAL_SECONDS_MIN: u64 = 1;
/// On less a letter cannot be read; more is more than any proof needs, and than a bad line carries.
const SIDE_PIXELS_MIN: u32 = 400;
const SIDE_PIXELS_MAX: u32 = 6_000;
/// Below, letters blur; above, files grow and nobody sees why.
const QUALITY_MIN: u8 = 30;
const QUALITY_MAX: u8 = 95;
/// A frame takes this long on a line of half a kilobyte a second: a shorter exchange would carry one at a time.
const EXCHANGE_SECONDS_MIN: u64 = 30;
/// A silent connection is given up after five minutes.
const WAIT_SECONDS_MAX: u64 = 240;

/// The gateway's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewaySettings {
    /// `listen`: address of the pages. Loopback: the pages are for this machine.
    pub listen: String,
    /// `[sync]`
    pub sync: Sync,
    /// `[attachments]`
    pub attachments: Attachments,
    /// `[verification]`
    pub verification: Verification,
    /// `[encryption]`
    pub encryption: Encryption,
}

/// What opens the office's data, where they are enciphered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Encryption {
    /// `encryption.unlock`: which secrets open them.
    pub unlock: Unlock,
}

/// What opens the office's data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlock {
    /// The first password of an account that is typed after the machine was switched on; the recovery code too.
    #[default]
    Login,
    /// At the start, the machine's own key store or the recovery code; no password of an account.
    Start,
}

/// Who verifies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Verification {
    /// `verification.by_another`: whether whoever put a complaint on record may not verify it too.
    pub by_another: bool,
}

/// When the gateway looks for the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sync {
    /// `sync.interval_seconds`: how long to wait between two exchanges when nothing happens here.
    pub interval_seconds: u64,
    /// `sync.wait_seconds`: for how long the hub may hold a request until it has news; 0 for not at all.
    pub wait_seconds: u64,
    /// `sync.exchange_seconds_max`: how long one exchange goes on sending; what is left travels in the next.
    pub exchange_seconds_max: u64,
    /// `sync.attachment_kbit_per_second`: how fast attachments may travel; 0 for as fast as the line can.
    pub attachment_kbit_per_second: u64,
    /// `sync.quiet_hours`: the part of the day in which attachments wait, in the office's zone; empty for none.
    pub quiet_hours: String,
    /// `sync.plain_http`: whether a hub on another machine may be spoken to without TLS, as inside a VPN.
    pub plain_http: bool,
}

/// What becomes of photos.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attachments {
    /// `attachments.longest_side_pixels`: to what photos are shrunk.
    pub longest_side_pixels: u32,
    /// `attachments.jpeg_quality`: 1 to 100.
    pub jpeg_quality: u8,
}

impl Attachments {
    /// Gives both as the capture takes them.
    pub fn shrinking(&self) -> Shrinking {
        Shrinking {
            longest_side: self.longest_side_pixels,
            jpeg_quality: self.jpeg_quality,
        }
    }
}

impl Default for Attachments {
    fn default() -> Self {
        let Shrinking {
            longest_side,
            jpeg_quality,
        } = Shrinking::default();
        Self {
            longest_side_pixels: longest_side,
            jpeg_quality,
        }
    }
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8330".into(),
            sync: Sync::default(),
            attachments: Attachments::default(),
            verification: Verification::default(),
            encryption: Encryption::default(),
        }
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            interval_seconds: 300,
            plain_http: false,
            wait_seconds: 120,
            exchange_seconds_max: 240,
            attachment_kbit_per_second: 0,
            quiet_hours: String::new(),
        }
    }
}

impl Settings for GatewaySettings {
    const KEYS: &'static [Key] = &[
        Key::new(
            "listen",
            Kind::Text,
            "address of the pages; loopback, for they are for this machine",
        ),
        Key::new(
            "sync.interval_seconds",
            Kind::Number,
            "seconds between two exchanges when nothing happens here",
        ),
        Key::new(
            "sync.plain_http",
            Kind::Switch,
            "whether a hub on another machine may be spoken to without TLS, as inside a VPN",
        ),
        Key::new(
            "attachments.longest_side_pixels",
            Kind::Number,
            "photos are shrunk until their longest side has so many pixels",
        ),
        Key::new(
            "attachments.jpeg_quality",
            Kind::Number,
            "quality of shrunk photos, 1 to 100; higher is larger",
        ),
        Key::new(
            "verification.by_another",
            Kind::Switch,
            "whether whoever put a complaint on record may not verify it too",
        ),
        Key::new(
            "encryption.unlock",
            Kind::Text,
            "what opens enciphered data: login (the first password after a start) or start (recovery code or machine only)",
        ),
        Key::new(
            "sync.wait_seconds",
            Kind::Number,
            "seconds for which the hub may hold a request until it has news; 0 for not at all",
        ),
        Key::new(
            "sync.exchange_seconds_max",
            Kind::Number,
            "seconds for which one exchange goes on sending; what is left travels in the next",
        ),
        Key::new(
            "sync.attachment_kbit_per_second",
            Kind::Number,
            "how fast attachments may travel; 0 for as fast as the line can",
        ),
        Key::new(
            "sync.quiet_hours",
            Kind::Text,
            "part of the day in which attachments wait, such as 08:00-15:00; empty for none",
        ),
    ];

    fn check(&self) -> Result<(), (&'static str, String)> {
        let address: std::net::SocketAddr = self
            .listen
            .parse()
            .map_err(|_| ("listen", "an address such as 127.0.0.1:8330 is expected".to_owned()))?;
        if !address.ip().is_loopback() {
            return Err((
                "listen",
                "the pages are for this machine only: give a loopback address".to_owned(),
            ));
        }
        if self.sync.interval_seconds < INTERVAL_SECONDS_MIN {
            return Err(("sync.interval_seconds", "at least one second is expected".to_owned()));
        }
        let Attachments {
            longest_side_pixels,
            jpeg_quality,
        } = self.attachments;
        if !(SIDE_PIXELS_MIN..=SIDE_PIXELS_MAX).contains(&longest_side_pixels) {
            return Err((
                "attachments.longest_side_pixels",
                format!("{SIDE_PIXELS_MIN} to {SIDE_PIXELS_MAX} pixels are expected"),
            ));
        }
        if !(QUALITY_MIN..=QUALITY_MAX).contains(&jpeg_quality) {
            return Err((
                "attachments.jpeg_quality",
                format!("{QUALITY_MIN} to {QUALITY_MAX} is expected"),
            ));
        }
        if self.sync.exchange_seconds_max < EXCHANGE_SECONDS_MIN {
            return Err((
                "sync.exchange_seconds_max",
                format!("at least {EXCHANGE_SECONDS_MIN} seconds are expected"),
            ));
        }
        if self.sync.wait_seconds > WAIT_SECONDS_MAX {
            return Err((
                "sync.wait_seconds",
                format!("at most {WAIT_SECONDS_MAX} seconds are expected"),
            ));
        }
        if !self.sync.quiet_hours.is_empty() {
            let hours = self.sync.quiet_hours.parse::<QuietHours>();
            hours.map_err(|error| ("sync.quiet_hours", error.to_string()))?;
        }
        Ok(())
    }
}

/// Loads the settings of a data folder.
pub fn load(folder: &Path, flags: impl FnOnce(Sources) -> Sources) -> Result<Loaded<GatewaySettings>, ConfigError> {
    let file: PathBuf = folder.join(FILE);
    config::load(&flags(Sources::of_process(Some(file), false)))
}
