//! The hub's settings; `config show` lists them with where each value came from.

use std::path::Path;

use serde::{Deserialize, Serialize};
use titian_host::config::{self, ConfigError, Key, Kind, Loaded, Settings, Sources};

/// The file in the data folder that settings are read from, where it exists.
pub const FILE: &str = "hub.toml";

/// The hub's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HubSettings {
    /// `listen`: address of pages and endpoints.
    pub listen: String,
    /// `public_url`: where gateways and browsers find the hub; stands in enrolment codes.
    pub public_url: String,
    /// `code_hours`: for how long an enrolment code can be used.
    pub code_hours: u32,
}

impl Default for HubSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8320".into(),
            public_url: String::new(),
            code_hours: 168,
        }
    }
}

impl Settings for HubSettings {
    const KEYS: &'static [Key] = &[
        Key::new("listen", Kind::Text, "address of pages and endpoints"),
        Key::new(
            "public_url",
            Kind::Text,
            "where gateways and browsers find the hub; stands in enrolment codes",
        ),
        Key::new(
            "code_hours",
            Kind::Number,
            "for how many hours an enrolment code can be used",
        ),
    ];

    fn check(&self) -> Result<(), (&'static str, String)> {
        let _: std::net::SocketAddr = self
            .listen
            .parse()
            .map_err(|_| ("listen", "an address such as 0.0.0.0:8320 is expected".to_owned()))?;
        if !self.public_url.is_empty() && !self.public_url.starts_with("http://") {
            return Err((
                "public_url",
                "an address such as http://hub.tanahlaut.go.id:8320 is expected".to_owned(),
            ));
        }
        if self.code_hours == 0 {
            return Err(("code_hours", "at least one hour is expected".to_owned()));
        }
        Ok(())
    }
}

/// Loads the settings of a data folder.
pub fn load(folder: &Path, flags: impl FnOnce(Sources) -> Sources) -> Result<Loaded<HubSettings>, ConfigError> {
    config::load(&flags(Sources::of_process(Some(folder.join(FILE)), false)))
}
