//! The hub's settings; `config show` lists them with where each value came from.

use std::net::SocketAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};
use titian_domain::retention::{Periods, YEARS_MAX};
use titian_host::config::{self, ConfigError, Key, Kind, Loaded, Settings, Sources};
use titian_sync::enrol::address::leaves_in_the_clear;

use crate::roles::ROLES;

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
    /// `[tls]`
    pub tls: Tls,
    /// `[retention]`
    pub retention: Retention,
    /// `[people]`
    pub people: People,
}

/// For how many years it is kept who brought a complaint, after it was finished; 0 where no time is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "each key of the file names its unit")]
pub struct Retention {
    /// `retention.complaint_years`: of complaints, and of what was never classified.
    pub complaint_years: u32,
    /// `retention.aspiration_years`: of aspirations.
    pub aspiration_years: u32,
    /// `retention.information_request_years`: of requests for information.
    pub information_request_years: u32,
}

impl Retention {
    /// Gives the times that are set.
    pub fn periods(self) -> Periods {
        let set = |years: u32| (years > 0).then_some(years);
        Periods {
            complaint: set(self.complaint_years),
            aspiration: set(self.aspiration_years),
            information_request: set(self.information_request_years),
        }
    }

    fn check(self) -> Result<(), (&'static str, String)> {
        let keys = [
            ("retention.complaint_years", self.complaint_years),
            ("retention.aspiration_years", self.aspiration_years),
            ("retention.information_request_years", self.information_request_years),
        ];
        match keys.into_iter().find(|(_, years)| *years > YEARS_MAX) {
            Some((key, _)) => Err((key, format!("at most {YEARS_MAX} years are expected; 0 keeps for ever"))),
            None => Ok(()),
        }
    }
}

/// What is asked of the people who work here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct People {
    /// `people.second_factor`: the roles that must have a second factor; everybody may.
    pub second_factor: Vec<String>,
}

/// What protects the way to the hub.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// `tls.mode`: when TLS is spoken.
    pub mode: TlsMode,
    /// `tls.certificate`: a PEM file with the certificate that browsers see and its chain; the hub's own if empty.
    pub certificate: String,
    /// `tls.key`: the PEM file with its key.
    pub key: String,
}

/// When TLS is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Unless `listen` is this machine alone.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never: something that only this machine or a closed network reaches the hub through speaks it instead.
    BehindProxy,
}

impl Default for HubSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8320".into(),
            public_url: String::new(),
            code_hours: 168,
            tls: Tls::default(),
            retention: Retention::default(),
            people: People::default(),
        }
    }
}

impl HubSettings {
    /// Tells whether the hub speaks TLS.
    pub fn speaks_tls(&self) -> bool {
        match self.tls.mode {
            TlsMode::Auto => !self.listen.parse().is_ok_and(|at: SocketAddr| at.ip().is_loopback()),
            TlsMode::On => true,
            TlsMode::BehindProxy => false,
        }
    }

    fn check_second_factor(&self) -> Result<(), String> {
        let unknown = |role: &&String| !ROLES.codes().any(|code| code == role.as_str());
        match self.people.second_factor.iter().find(unknown) {
            Some(role) => {
                let codes: Vec<_> = ROLES.codes().collect();
                Err(format!("there is no role '{role}': use some of {}", codes.join(", ")))
            }
            None => Ok(()),
        }
    }

    fn check_public_url(&self) -> Result<(), String> {
        let url = &self.public_url;
        if url.is_empty() || url.starts_with("https://") {
            return Ok(());
        }
        if !url.starts_with("http://") {
            return Err("an address such as https://hub.tanahlaut.go.id:8320 is expected".to_owned());
        }
        if self.speaks_tls() {
            return Err("the hub speaks TLS: write https:// instead of http://".to_owned());
        }
        if leaves_in_the_clear(url) && self.tls.mode != TlsMode::BehindProxy {
            return Err(
                "complaints would travel unencrypted: let the hub listen there itself, which then speaks TLS, and write \
                 https://; or set tls.mode to behind-proxy where the way is protected otherwise"
                    .to_owned(),
            );
        }
        Ok(())
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
        Key::new(
            "tls.mode",
            Kind::Text,
            "auto: TLS unless listen is this machine alone; on: always; behind-proxy: plain HTTP",
        ),
        Key::new(
            "tls.certificate",
            Kind::Text,
            "PEM file with the certificate for browsers and its chain; the hub makes its own if empty",
        ),
        Key::new("tls.key", Kind::Text, "PEM file with the key of that certificate"),
        Key::new(
            "retention.complaint_years",
            Kind::Number,
            "for how many years after its end it is kept who brought a complaint; 0: no time is set",
        ),
        Key::new("retention.aspiration_years", Kind::Number, "the same for aspirations"),
        Key::new(
            "retention.information_request_years",
            Kind::Number,
            "the same for requests for information",
        ),
        Key::new(
            "people.second_factor",
            Kind::List,
            "roles that must have a second factor for signing in, such as liaison,administrator; everybody may have one",
        ),
    ];

    fn check(&self) -> Result<(), (&'static str, String)> {
        let _: SocketAddr = self
            .listen
            .parse()
            .map_err(|_| ("listen", "an address such as 0.0.0.0:8320 is expected".to_owned()))?;
        self.check_public_url().map_err(|reason| ("public_url", reason))?;
        if self.code_hours == 0 {
            return Err(("code_hours", "at least one hour is expected".to_owned()));
        }
        self.retention.check()?;
        self.check_second_factor()
            .map_err(|reason| ("people.second_factor", reason))?;
        match (self.tls.certificate.is_empty(), self.tls.key.is_empty()) {
            (false, true) => Err(("tls.certificate", "set tls.key to the file with its key too".to_owned())),
            (true, false) => Err((
                "tls.key",
                "set tls.certificate to the file it belongs to too".to_owned(),
            )),
            _ => Ok(()),
        }
    }
}

/// Loads the settings of a data folder.
pub fn load(folder: &Path, flags: impl FnOnce(Sources) -> Sources) -> Result<Loaded<HubSettings>, ConfigError> {
    config::load(&flags(Sources::of_process(Some(folder.join(FILE)), false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(listen: &str, public_url: &str, mode: TlsMode) -> HubSettings {
        HubSettings {
            listen: listen.into(),
            public_url: public_url.into(),
            tls: Tls { mode, ..Tls::default() },
            ..HubSettings::default()
        }
    }

    #[test]
    fn a_hub_that_others_can_reach_speaks_tls_by_itself() {
        assert!(settings("0.0.0.0:8320", "", TlsMode::Auto).speaks_tls());
        assert!(settings("[::]:8320", "", TlsMode::Auto).speaks_tls());
        assert!(settings("192.168.1.4:8320", "", TlsMode::Auto).speaks_tls());
        assert!(!settings("127.0.0.1:8320", "", TlsMode::Auto).speaks_tls());
        assert!(!settings("[::1]:8320", "", TlsMode::Auto).speaks_tls());
        assert!(settings("127.0.0.1:8320", "", TlsMode::On).speaks_tls());
        assert!(!settings("0.0.0.0:8320", "", TlsMode::BehindProxy).speaks_tls());
    }

    #[test]
    fn an_address_that_would_carry_complaints_in_the_clear_has_to_be_allowed() {
        let refused = |settings: HubSettings| settings.check().err().map(|(key, _)| key);
        let elsewhere = "http://hub.tanahlaut.example:8320";
        assert_eq!(
            refused(settings("127.0.0.1:8320", elsewhere, TlsMode::Auto)),
            Some("public_url")
        );
        assert_eq!(
            refused(settings("0.0.0.0:8320", elsewhere, TlsMode::Auto)),
            Some("public_url")
        );
        assert_eq!(
            refused(settings("127.0.0.1:8320", elsewhere, TlsMode::BehindProxy)),
            None
        );
        assert_eq!(
            refused(settings("127.0.0.1:8320", "http://127.0.0.1:1", TlsMode::Auto)),
            None
        );
        assert_eq!(
            refused(settings("127.0.0.1:8320", "http://127.0.0.1:1", TlsMode::On)),
            Some("public_url")
        );
        assert_eq!(
            refused(settings("0.0.0.0:8320", "https://hub.example", TlsMode::Auto)),
            None
        );
        assert_eq!(
            refused(settings("0.0.0.0:8320", "hub.example", TlsMode::Auto)),
            Some("public_url")
        );
    }

    #[test]
    fn a_certificate_and_its_key_go_together() {
        let mut half = settings("0.0.0.0:8320", "", TlsMode::Auto);
        half.tls.certificate = "hub.pem".into();
        assert_eq!(half.check().err().map(|(key, _)| key), Some("tls.certificate"));
        half.tls.key = "hub.key".into();
        assert_eq!(half.check(), Ok(()));
    }

    #[test]
    fn a_second_factor_is_asked_of_roles_that_there_are() {
        let asked_of = |role: &str| HubSettings {
            people: People {
                second_factor: vec!["liaison".into(), role.into()],
            },
            ..HubSettings::default()
        };
        assert_eq!(asked_of("administrator").check(), Ok(()));
        let (key, reason) = asked_of("operator").check().unwrap_err();
        assert_eq!(key, "people.second_factor");
        assert!(
            reason.contains("'operator'") && reason.contains("coordinator"),
            "{reason}"
        );
    }
}
