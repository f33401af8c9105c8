//! TLS on the hub's one port: gateways see the hub's own key, browsers a certificate.
//!
//! A gateway asks for a raw public key (RFC 7250) and pins it, so what it trusts is the key that its enrolment code names
//! and that signs every reply; the handshake stays small, and neither an authority nor a clock has a say. Browsers know
//! nothing of that and get a certificate, configured or made here, that may change without any gateway noticing.

mod certificate;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use ed25519_dalek::{SigningKey, VerifyingKey};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::{Acceptor, AlwaysResolvesServerRawPublicKeys, ClientHello, ServerSessionMemoryCache};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use titian_host::web::Door;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

pub use self::certificate::{Certificate, CertificateError};
use crate::desk::Desk;

/// Sessions that are remembered: one for each gateway of the country and some for browsers, at about 250 bytes. A
/// session that was pushed out costs its gateway a whole handshake.
const SESSIONS_MAX: usize = 8 * 1024;

/// One for the next connection: a gateway has only one at a time, and each ticket costs 103 bytes.
const TICKETS: usize = 1;

/// What stands before the 32 bytes of an Ed25519 secret key in PKCS #8 (RFC 8410).
const ED25519_PKCS8_FRONT: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// The first byte of every TLS connection.
const TLS_FIRST_BYTE: u8 = 0x16;

/// More than the head of a request that a browser sends to the wrong scheme.
const PLAIN_HEAD_BYTES_MAX: usize = 8 * 1024;

/// What somebody is told who wrote `http://` before the address.
const PLAIN_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n\
    Alamat ini memakai https: tulis https:// di depannya.\nThis address speaks https: write https:// in front of it.\n";

/// The door of a hub that speaks TLS.
#[derive(Clone)]
pub struct Tls {
    desk: Desk,
    /// One for each of the hub's keys that was asked for.
    gateways: Arc<Mutex<Vec<ForKey>>>,
    browsers: Arc<ServerConfig>,
}

/// One of the hub's keys, and the side that shows it.
type ForKey = (VerifyingKey, Arc<ServerConfig>);

impl Tls {
    /// Makes the door from the desk, where the keys are that gateways pin, and the certificate for browsers.
    ///
    /// # Errors
    /// When a key is of a kind that the library does not know.
    pub fn new(desk: Desk, browsers: Certificate) -> Result<Self, rustls::Error> {
        let browsers = builder()?.with_single_cert(browsers.chain, browsers.key)?;
        Ok(Self {
            desk,
            gateways: Arc::default(),
            browsers: Arc::new(remembering(browsers)),
        })
    }

    /// Gives the side that shows the key which was wished for by its name, and the present one otherwise. The keys are read each
    /// time: a command of another process may have changed them.
    async fn for_gateway(&self, hello: &ClientHello<'_>) -> io::Result<Arc<ServerConfig>> {
        let keys = self.desk.keys().await.map_err(io::Error::other)?;
        let key = keys.wished(hello.alpn().into_iter().flatten());
        let shown = key.verifying_key();
        let mut kept = self.gateways.lock().unwrap_or_else(PoisonError::into_inner);
        // With a key that is gone its sessions go: nobody comes back by one who would not be let in.
        kept.retain(|(known, _)| keys.all().any(|key| key.verifying_key() == *known));
        if let Some((_, config)) = kept.iter().find(|(known, _)| *known == shown) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(gateways(key).map_err(io::Error::other)?);
        kept.push((shown, Arc::clone(&config)));
        Ok(config)
    }
}

fn gateways(key: &SigningKey) -> Result<ServerConfig, rustls::Error> {
    let resolver = AlwaysResolvesServerRawPublicKeys::new(Arc::new(raw(key)?));
    Ok(remembering(builder()?.with_cert_resolver(Arc::new(resolver))))
}

/// Keeps sessions here and not in the ticket: a ticket of 32 bytes, good for one connection, and no key that could open recorded
/// sessions later. A restart forgets them.
fn remembering(mut config: ServerConfig) -> ServerConfig {
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS_MAX);
    config.send_tls13_tickets = TICKETS;
    config
}

impl Door for Tls {
    type Stream = TlsStream<TcpStream>;

    const IS_ENCRYPTED: bool = true;

    async fn open(&self, stream: TcpStream) -> io::Result<Self::Stream> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0] != TLS_FIRST_BYTE {
            return Err(refuse_plain(stream).await);
        }
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let asks_for_a_raw_key = hello
            .client_hello()
            .server_cert_types()
            .is_some_and(|types| types.contains(&rustls::server::CertificateType::RawPublicKey));
        let config = if asks_for_a_raw_key {
            self.for_gateway(&hello.client_hello()).await?
        } else {
            Arc::clone(&self.browsers)
        };
        hello.into_stream(config).await
    }
}

type Builder = rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>;

fn builder() -> Result<Builder, rustls::Error> {
    let builder =
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_protocol_versions(&[&TLS13])?;
    // Gateways sign each request, people log in: neither needs a certificate.
    Ok(builder.with_no_client_auth())
}

/// The hub's key as a raw public key.
fn raw(hub: &SigningKey) -> Result<CertifiedKey, rustls::Error> {
    let secret = [&ED25519_PKCS8_FRONT[..], hub.as_bytes()].concat();
    let key = ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(secret))?;
    let shown = key
        .public_key()
        .ok_or(rustls::Error::General("a key without its public half".into()))?;
    Ok(CertifiedKey::new(vec![shown.as_ref().to_vec().into()], key))
}

/// Tells whoever speaks plain HTTP what to do, and gives the reason why the connection did not come about.
async fn refuse_plain(mut stream: TcpStream) -> io::Error {
    let mut head = vec![0; PLAIN_HEAD_BYTES_MAX];
    // What was sent has to be read, or closing would throw the answer away before it is seen.
    let answered = async {
        let _ = stream.read(&mut head).await?;
        stream.write_all(PLAIN_ANSWER).await?;
        stream.shutdown().await
    };
    let told = answered.await;
    told.err()
        .unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "plain HTTP was spoken where TLS is"))
}

#[cfg(test)]
mod tests;
