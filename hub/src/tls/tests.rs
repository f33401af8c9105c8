//! What a gateway and a browser see on the one port, and what plain HTTP is told.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls13_signature, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::net::TcpListener;
use tokio_rustls::TlsConnector;

use std::path::Path;

use titian_domain::time::UnixMillis;
use titian_host::machine::Machine;
use titian_sync::enrol::Fingerprint;
use titian_sync::hub_keys::tls_wish;

use super::*;
use crate::store::HubStore;
use crate::store::keys::Taken;

/// Looks at what the hub shows, and trusts it.
#[derive(Debug)]
struct Looking {
    for_a_raw_key: bool,
}

impl ServerCertVerifier for Looking {
    fn verify_server_cert(
        &self,
        _shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        if self.for_a_raw_key {
            let key = SubjectPublicKeyInfoDer::from(shown.as_ref());
            verify_tls13_signature_with_raw_key(message, &key, signature, &algorithms)
        } else {
            verify_tls13_signature(message, shown, signature, &algorithms)
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.for_a_raw_key
    }
}

fn hub() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

async fn desk(folder: &Path) -> Desk {
    let machine = Machine::open(folder.to_owned()).unwrap();
    let store = HubStore::open(&machine.folder).unwrap();
    store.keys(hub().to_bytes()).await.unwrap();
    Desk {
        store,
        files: machine.files,
        clock: machine.clock,
        rules: machine.facts.rules,
        incarnation: machine.incarnation,
    }
}

async fn door(folder: &Path) -> Tls {
    let certificate = Certificate::own(folder, vec!["hub.example".into(), "127.0.0.1".into()]).unwrap();
    Tls::new(desk(folder).await, certificate).unwrap()
}

/// Connects to a door, and gives what it showed.
async fn shown_to(door: Tls, for_a_raw_key: bool) -> Vec<u8> {
    shown(door, for_a_raw_key, None).await
}

async fn shown(door: Tls, for_a_raw_key: bool, wish: Option<&SigningKey>) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let opening = tokio::spawn(async move { door.open(listener.accept().await.unwrap().0).await.map(|_| ()) });
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Looking { for_a_raw_key }))
        .with_no_client_auth();
    let fingerprint = |key: &SigningKey| Fingerprint::of(&key.verifying_key());
    config.alpn_protocols = wish.map(|key| tls_wish(fingerprint(key))).into_iter().collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("hub.example").unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    opening.await.unwrap().unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_gateway_sees_the_hubs_own_key_and_a_browser_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let key = shown_to(door(folder.path()).await, true).await;
    assert_eq!(key.len(), 44, "a raw Ed25519 key and nothing around it");
    assert!(key.ends_with(hub().verifying_key().as_bytes()));
    let certificate = shown_to(door(folder.path()).await, false).await;
    let own = Certificate::own(folder.path(), Vec::new()).unwrap();
    assert_eq!(certificate, own.chain[0].to_vec(), "the same one after a restart");
}

#[tokio::test]
async fn plain_http_is_told_to_write_https() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: hub.example\r\n\r\n")
        .await
        .unwrap();
    let opened = door(folder.path()).await.open(listener.accept().await.unwrap().0).await;
    assert!(opened.is_err(), "no page is served in the clear");
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("https://"),
        "{answer}"
    );
}

#[tokio::test]
async fn while_the_key_is_changed_a_gateway_is_shown_the_one_that_it_asks_for_and_afterwards_the_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let (former, next) = (hub(), SigningKey::from_bytes(&[4; 32]));
    let door = door(folder.path()).await;
    let store = door.desk.store.clone();
    let by = || Taken {
        who: "hasnah".into(),
        at: UnixMillis(0),
    };
    let shows = async |wish: Option<&SigningKey>, key: &SigningKey| {
        let shown = shown(door.clone(), true, wish).await;
        shown.ends_with(key.verifying_key().as_bytes())
    };
    assert!(shows(None, &former).await);
    store.renew_key([[0; 32], next.to_bytes()], by()).await.unwrap();
    assert!(shows(None, &former).await && shows(Some(&next), &next).await);
    // The door stands all the while: what another process does is seen.
    store.switch_key(false, by()).await.unwrap();
    assert!(shows(None, &next).await && shows(Some(&former), &former).await);
    store.retire_key(false, by()).await.unwrap();
    assert!(shows(Some(&former), &next).await, "it is gone");
    assert_eq!(door.gateways.lock().unwrap().len(), 1, "and its sessions with it");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let error = |chain, key| Certificate::read(chain, key).err().unwrap().to_string();
    assert!(error(&chain, &key).contains("chain.pem"), "missing");
    std::fs::write(&chain, "Bukan sertifikat").unwrap();
    assert!(error(&chain, &key).contains("no certificate in PEM form in the file"));
    Certificate::own(folder.path(), vec!["hub.example".into()]).unwrap();
    let own = folder.path().join("certificate.pem");
    assert!(error(&own, &chain).contains("no private key in PEM form in the file"));
    // A key that belongs to another certificate is no error of a file, but of the pair.
    let other = tempfile::tempdir().unwrap();
    Certificate::own(other.path(), vec!["hub.example".into()]).unwrap();
    let pair = Certificate::read(&own, &other.path().join("certificate-key.pem")).unwrap();
    assert!(Tls::new(desk(folder.path()).await, pair).is_err());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_key_of_the_hubs_own_certificate() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    Certificate::own(folder.path(), vec!["hub.example".into()]).unwrap();
    let key = std::fs::metadata(folder.path().join("certificate-key.pem")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}
