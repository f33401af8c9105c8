//! The gateway's settings; `config show` lists them with where each value came from.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use titian_host::config::{self, ConfigError, Key, Kind, Loaded, Settings, Sources};

/// The file in the data folder that settings are read from, where it exists.
pub const FILE: &str = "gateway.toml";

/// More often would keep an old PC and a bad line busy for nothing.
const INTERVAL_SECONDS_MIN: u64 = 1;

/// The gateway's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewaySettings {
    /// `listen`: address of the pages. Loopback: the pages are for this machine.
    pub listen: String,
    /// `[sync]`
    pub sync: Sync,
}

/// When the gateway looks for the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sync {
    /// `sync.interval_seconds`: how long to wait between two exchanges when nothing happens here.
    pub interval_seconds: u64,
    /// `sync.plain_http`: whether a hub on another machine may be spoken to without TLS, as inside a VPN.
    pub plain_http: bool,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8330".into(),
            sync: Sync::default(),
        }
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            interval_seconds: 300,
            plain_http: false,
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
        Ok(())
    }
}

/// Loads the settings of a data folder.
pub fn load(folder: &Path, flags: impl FnOnce(Sources) -> Sources) -> Result<Loaded<GatewaySettings>, ConfigError> {
    let file: PathBuf = folder.join(FILE);
    config::load(&flags(Sources::of_process(Some(file), false)))
}
