//! Whom a gateway speaks to over TLS, and whom it does not.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConnection, ConfigBuilder, ServerConfig, ServerConnection};
use titian_domain::time::UnixMillis;

use super::*;

const PKCS8_FRONT: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn pin(seed: u8) -> Fingerprint {
    Fingerprint::of(&key(seed).verifying_key())
}

/// The library's form of a secret key.
fn pkcs8(seed: u8) -> PrivatePkcs8KeyDer<'static> {
    [&PKCS8_FRONT[..], key(seed).as_bytes()].concat().into()
}

fn builder() -> ConfigBuilder<ServerConfig, rustls::server::WantsServerCert> {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
}

/// A hub that shows one key and signs with another: the same one, if it is honest.
fn hub(shows: u8, signs_with: u8) -> ServerConfig {
    let public_key = [&ED25519_SPKI_FRONT[..], key(shows).verifying_key().as_bytes()].concat();
    let certifying = ring::sign::any_eddsa_type(&pkcs8(signs_with)).unwrap();
    let certified = CertifiedKey::new(vec![CertificateDer::from(public_key)], certifying);
    builder().with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(Arc::new(certified))))
}

/// A server that knows certificates only, and shows what the caller gives it.
fn web_server(certificate: &[u8]) -> ServerConfig {
    let chain = vec![CertificateDer::from(certificate.to_vec())];
    let signer = ring::sign::any_eddsa_type(&pkcs8(1)).unwrap();
    let mut resolver = rustls::server::ResolvesServerCertUsingSni::new();
    // The name is never looked up: the handshake ends before, at the kind of key.
    drop(resolver.add("hub.example", CertifiedKey::new(chain, signer)));
    builder().with_cert_resolver(Arc::new(resolver))
}

fn client(pins: &[u8], clock: UnixMillis) -> Arc<ClientConfig> {
    let pins = pins.iter().map(|seed| pin(*seed)).collect();
    Arc::new(tls(pins, None, Clock::manual(clock)).unwrap())
}

/// Shakes hands in memory: gives how, or what the client says against it.
fn shake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<rustls::HandshakeKind, Error> {
    let name = ServerName::try_from("hub.example").unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), name).unwrap();
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    // Each side needs two turns at most; one more brings the ticket over.
    for _ in 0..4 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        server.read_tls(&mut &wire[..]).unwrap();
        // What a refused server thinks of it does not matter.
        let _ = server.process_new_packets();
        wire.clear();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        client.read_tls(&mut &wire[..]).unwrap();
        client.process_new_packets()?;
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    Ok(client.handshake_kind().unwrap())
}

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

#[test]
fn the_pinned_key_is_spoken_to_at_any_date_and_the_next_time_the_session_goes_on() {
    let hub = Arc::new(hub(1, 1));
    for year in [0_i64, 1_995, 2_009, 2_026, 2_035, 2_150] {
        let client = client(&[1], UnixMillis((year - 1970) * 31_556_952_000));
        assert_eq!(shake(&client, &hub), Ok(rustls::HandshakeKind::Full), "in {year}");
        assert_eq!(shake(&client, &hub), Ok(rustls::HandshakeKind::Resumed), "in {year}");
    }
}

#[test]
fn any_other_key_is_refused() {
    let refused = Err(Error::InvalidCertificate(
        CertificateError::ApplicationVerificationFailure,
    ));
    assert_eq!(shake(&client(&[1], NOW), &Arc::new(hub(2, 2))), refused);
    assert_eq!(shake(&client(&[], NOW), &Arc::new(hub(1, 1))), refused);
}

#[test]
fn while_a_hub_changes_its_key_both_are_accepted() {
    let both = client(&[1, 2], NOW);
    for seed in [1, 2] {
        assert_eq!(
            shake(&both, &Arc::new(hub(seed, seed))),
            Ok(rustls::HandshakeKind::Full)
        );
    }
}

#[test]
fn who_shows_the_hubs_key_without_having_it_is_refused() {
    let error = shake(&client(&[1], NOW), &Arc::new(hub(1, 2))).unwrap_err();
    assert_eq!(error, Error::InvalidCertificate(CertificateError::BadSignature));
}

#[test]
fn a_server_that_knows_certificates_only_is_no_hub() {
    let error = shake(&client(&[1], NOW), &Arc::new(web_server(b"a certificate"))).unwrap_err();
    assert!(
        !matches!(error, Error::InvalidCertificate(_)),
        "it never came to a key: {error}"
    );
}

#[test]
fn a_key_in_another_form_is_refused() {
    let verifier = PinnedKey {
        pins: vec![pin(1)],
        algorithms: ring::default_provider().signature_verification_algorithms,
    };
    let judge = |shown: Vec<u8>| {
        let name = ServerName::try_from("hub.example").unwrap();
        let shown = CertificateDer::from(shown);
        verifier
            .verify_server_cert(&shown, &[], &name, &[], UnixTime::now())
            .is_ok()
    };
    let whole = [&ED25519_SPKI_FRONT[..], key(1).verifying_key().as_bytes()].concat();
    assert!(judge(whole.clone()));
    assert!(!judge(whole[1..].to_vec()));
    assert!(!judge(whole[..43].to_vec()));
    assert!(!judge([&whole[..], b"x"].concat()));
    assert!(!judge(Vec::new()));
}
