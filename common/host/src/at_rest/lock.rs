//! The lock of a running program: has the passwords of the accounts that are good today open the folder, and no others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::{DataKey, KeyFile};
use crate::clock::Clock;
use crate::people::{self, Password};
use crate::store::{Store, StoreError};

/// How soon after a change of the database the key file follows: a leaver's password is shut out in this time.
const FOLLOWING: Duration = Duration::from_secs(10);

/// The key file of a program that runs, with the key that it opens. Cheap to clone.
#[derive(Clone)]
pub struct Lock {
    file: Arc<Mutex<KeyFile>>,
    key: DataKey,
    by_accounts: bool,
}

impl Lock {
    /// Takes the open key file; with `by_accounts` the passwords of accounts open it too.
    pub fn new(file: KeyFile, key: DataKey, by_accounts: bool) -> Self {
        Self {
            file: Arc::new(Mutex::new(file)),
            key,
            by_accounts,
        }
    }

    /// Has an account's password open the folder from now on, if the setting says so. Called when somebody signed in or chose a
    /// password: at no other time is it known. Failing only warns: the code on paper opens it all the same.
    pub async fn learn(&self, store: &Store, clock: &Clock, name: &str, password: Password) {
        if !self.by_accounts {
            return;
        }
        let name = people::normal(name);
        let wanted = name.clone();
        let known = store.read(move |conn| Ok::<_, StoreError>(people::good_passwords(conn)?));
        let hash = match known.await {
            Ok(known) => known.into_iter().find(|(of, _)| *of == wanted),
            Err(error) => return tracing::warn!(%error, "the key file could not follow the accounts"),
        };
        let Some((_, hash)) = hash else { return };
        let mut file = self.file.lock().await;
        if let Err(error) = file.set_account((&name, &hash), password, &self.key, clock).await {
            tracing::warn!(%error, "an account's password does not open the data folder yet");
        }
    }

    /// Shuts out what leavers know, and former passwords: now, and whenever the accounts may have changed. Never resolves.
    pub async fn follow(self, store: Store) {
        let mut changed = store.changed();
        loop {
            if let Err(error) = self.shut_out(&store).await {
                tracing::warn!(%error, "the key file could not follow the accounts");
            }
            tokio::time::sleep(FOLLOWING).await;
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    async fn shut_out(&self, store: &Store) -> Result<(), anyhow::Error> {
        let by_accounts = self.by_accounts;
        let good = store.read(move |conn| {
            if by_accounts {
                Ok::<_, StoreError>(people::good_passwords(conn)?)
            } else {
                Ok(Vec::new())
            }
        });
        let gone = self.file.lock().await.keep_accounts(&good.await?)?;
        if gone > 0 {
            tracing::info!(
                accounts = gone,
                "passwords that are not good any more do not open the data folder"
            );
        }
        Ok(())
    }
}
