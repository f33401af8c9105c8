//! A secret in Windows' own key store, the credential manager: the system enciphers it for the account that is signed in.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error};
use windows_native_keyring_store::Store;
use zeroize::Zeroizing;

use super::{Kept, name};

/// One entry of the store.
#[derive(Clone, Debug)]
pub struct Secret(Arc<Entry>);

impl Secret {
    /// Names the entry of a data folder: `titian-….key` or `titian-….code`, as the credential manager lists it.
    pub fn of(data: &Path, kept: Kept) -> Option<Self> {
        // "Session" ends when the person signs out. "Local" never travels with a roaming profile, as the store's default does.
        let (what, persistence) = match kept {
            Kept::WhileItRuns => ("key", "Session"),
            Kept::OverRestarts => ("code", "Local"),
        };
        let entry = Store::new()
            .and_then(|store| store.build(what, &name(data), Some(&HashMap::from([("persistence", persistence)]))));
        entry.ok().map(|entry| Self(Arc::new(entry)))
    }

    /// Gives what is kept, if anything is.
    pub fn get(&self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        match self.0.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(io_error(&error)),
        }
    }

    /// Keeps this instead of what was kept before.
    pub fn set(&self, secret: &[u8]) -> io::Result<()> {
        self.0.set_secret(secret).map_err(|error| io_error(&error))
    }

    /// Removes what is kept.
    pub fn delete(&self) -> io::Result<()> {
        match self.0.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(io_error(&error)),
        }
    }
}

/// Takes the words alone: some of these errors carry bytes of the store.
fn io_error(error: &Error) -> io::Error {
    io::Error::other(error.to_string())
}
