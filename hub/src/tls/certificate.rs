//! The certificate that browsers see: a configured one, or the hub's own, made at the first start.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The hub's own certificate, in the data folder.
const OWN_FILE: &str = "certificate.pem";
/// The key that belongs to it.
const OWN_KEY_FILE: &str = "certificate-key.pem";

/// Nobody renews a certificate that nobody's authority signed: it is as old and as young as any clock.
const OWN_YEARS: (i32, i32) = (2000, 2100);

/// A certificate with its chain and its key.
pub struct Certificate {
    /// The certificate, then those that lead to an authority.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key.
    pub key: PrivateKeyDer<'static>,
}

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error("cannot use the file {}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// A file holds something else.
    #[error("there is no {expected} in PEM form in the file {}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
    },
    /// It could not be made.
    #[error("the hub's own certificate could not be made")]
    Make(#[from] rcgen::Error),
}

impl Certificate {
    /// Reads a configured certificate with its chain, and its key.
    ///
    /// # Errors
    /// When a file cannot be read or holds something else.
    pub fn read(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(chain)
            .and_then(Iterator::collect)
            .map_err(|error| unreadable(error, chain, "certificate"));
        let certificates = certificates?;
        if certificates.is_empty() {
            return Err(CertificateError::Content {
                path: chain.to_owned(),
                expected: "certificate",
            });
        }
        Ok(Self {
            chain: certificates,
            key: PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(error, key, "private key"))?,
        })
    }

    /// Reads the hub's own certificate from the data folder, and makes it under these names where it is missing.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn own(folder: &Path, names: Vec<String>) -> Result<Self, CertificateError> {
        let (chain, key) = (folder.join(OWN_FILE), folder.join(OWN_KEY_FILE));
        if !chain.exists() {
            make(&chain, &key, names)?;
        }
        Self::read(&chain, &key)
    }
}

/// Makes a key (ECDSA on P-256, for browsers know no Ed25519) and a certificate that it signs itself. The certificate
/// comes last: where it is, the key is too.
fn make(chain: &Path, key: &Path, names: Vec<String>) -> Result<(), CertificateError> {
    let mut certificate = CertificateParams::new(names)?;
    certificate.distinguished_name = DistinguishedName::new();
    certificate.distinguished_name.push(DnType::CommonName, "Titian Hub");
    certificate.not_before = rcgen::date_time_ymd(OWN_YEARS.0, 1, 1);
    certificate.not_after = rcgen::date_time_ymd(OWN_YEARS.1, 1, 1);
    let pair = KeyPair::generate()?;
    let signed = certificate.self_signed(&pair)?;
    write_private(key, &pair.serialize_pem())?;
    write_private(chain, &signed.pem())
}

/// Writes a file whole or not at all, for the owner alone.
fn write_private(path: &Path, text: &str) -> Result<(), CertificateError> {
    let unfinished = path.with_extension("pem-part");
    let written = || -> io::Result<()> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)
    };
    written().map_err(|reason| CertificateError::File {
        path: path.to_owned(),
        reason,
    })
}

fn unreadable(error: pem::Error, path: &Path, expected: &'static str) -> CertificateError {
    let path = path.to_owned();
    match error {
        pem::Error::Io(reason) => CertificateError::File { path, reason },
        _ => CertificateError::Content { path, expected },
    }
}
