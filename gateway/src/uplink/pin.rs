//! TLS as a gateway wants it: the hub shows the key that its enrolment code named, or nothing is sent.
//!
//! There is no certificate in it (RFC 7250): the hub's key itself is shown, and proves itself by its signature of the
//! handshake. So no public authority is trusted, and no clock decides about anything.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme};
use titian_host::clock::Clock;
use titian_sync::enrol::Fingerprint;
use titian_sync::hub_keys::tls_wish;

/// What stands before the 32 bytes of an Ed25519 key in a `SubjectPublicKeyInfo` (RFC 8410).
const ED25519_SPKI_FRONT: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Makes the TLS side of a client that speaks to no server but one with a pinned key.
///
/// Several pins hold at once while a hub changes its key. With a wish, the hub is asked to show that key: it costs bytes, and is
/// needed only where the hub shows another one unasked. The one cipher and the one key exchange that are offered need
/// no hardware to be fast, and every algorithm that is not offered makes the first message shorter.
///
/// # Errors
/// When the library refuses its own algorithms.
pub fn tls(pins: Vec<Fingerprint>, wish: Option<Fingerprint>, clock: Clock) -> Result<ClientConfig, Error> {
    let provider = CryptoProvider {
        cipher_suites: vec![ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256],
        kx_groups: vec![ring::kx_group::X25519],
        ..ring::default_provider()
    };
    let verifier = PinnedKey {
        pins,
        algorithms: provider.signature_verification_algorithms,
    };
    let mut config = ClientConfig::builder_with_details(Arc::new(provider), Arc::new(OfficeClock(clock)))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = wish.map(tls_wish).into_iter().collect();
    Ok(config)
}

/// Accepts a server by its key alone.
#[derive(Debug)]
struct PinnedKey {
    pins: Vec<Fingerprint>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinnedKey {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let key = key
            .strip_prefix(&ED25519_SPKI_FRONT)
            .and_then(|key| VerifyingKey::try_from(key).ok());
        match key {
            Some(key) if self.pins.contains(&Fingerprint::of(&key)) => Ok(ServerCertVerified::assertion()),
            _ => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _key: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::ServerDoesNotSupportTls12Or13.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(key.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// The office's clock, right or wrong: it only says whether a kept session is still fresh.
#[derive(Debug)]
struct OfficeClock(Clock);

impl TimeProvider for OfficeClock {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.now().0).unwrap_or_default();
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

#[cfg(test)]
mod tests;
