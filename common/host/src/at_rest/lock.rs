//! The lock of a running program: has the passwords of the accounts that are good today open the folder, and no others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::{DataKey, KeyFile};
use crate::clock::Clock;
use crate::people::{self, Password};
use crate::store::{Store, StoreError};

/// How soon the key file follows the accounts: a leaver's password is shut out in this time. Looked at by the clock, since what a command
/// of another process changes is not told here.
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
        let known = store.read(move |conn| Ok::<_, StoreError>(people::password_hash(conn, &wanted)?));
        let hash = match known.await {
            Ok(Some(hash)) => hash,
            Ok(None) => return,
            Err(error) => return tracing::warn!(%error, "the key file could not follow the accounts"),
        };
        let mut file = self.file.lock().await;
        if let Err(error) = file.set_account((&name, &hash), password, &self.key, clock).await {
            tracing::warn!(%error, "an account's password does not open the data folder yet");
        }
    }

    /// Shuts out what leavers know, and former passwords, now and as long as the program runs. Never resolves.
    pub async fn follow(self, store: Store) {
        loop {
            if let Err(error) = self.shut_out(&store).await {
                tracing::warn!(%error, "the key file could not follow the accounts");
            }
            tokio::time::sleep(FOLLOWING).await;
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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use titian_domain::time::UnixMillis;

    use super::super::RecoveryCode;
    use super::*;
    use crate::people::{NewStaff, PEOPLE_MIGRATION, ROLES_MIGRATION};

    #[tokio::test]
    async fn whoever_another_process_closes_is_shut_out_while_this_one_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (database, clock) = (folder.path().join("gateway.db"), Clock::system());
        let store = Store::open(&database, &[PEOPLE_MIGRATION, ROLES_MIGRATION]).unwrap();
        let key = DataKey::new([5; 32]);
        let mut file = KeyFile::begin(&database, &key, &RecoveryCode::new([1; 16]), &clock).unwrap();
        let left_long_ago = ("budi", "$argon2id$two");
        let password = Password::typed("jembatan bambu");
        file.set_account(left_long_ago, password, &key, &clock).await.unwrap();
        let lock = Lock::new(file, key, true);
        let adding = store.write(|tx| {
            let staff = NewStaff {
                name: "siti".into(),
                full_name: "Siti Rahmah".into(),
                roles: vec!["operator".into()],
                password_hash: "$argon2id$one".into(),
            };
            people::insert(tx, &staff, UnixMillis(1))
        });
        adding.await.unwrap();
        lock.learn(&store, &clock, "siti", Password::typed("jembatan bambu"))
            .await;
        let path = KeyFile::path_beside(&database);
        let opens = |name| std::fs::read_to_string(&path).unwrap().contains(name);
        assert!(opens("siti") && opens("budi"));
        let following = tokio::spawn(lock.follow(store));
        let shut_out = async {
            // Once the first look is over, only a next one can find what changes then.
            while opens("budi") {
                tokio::task::yield_now().await;
            }
            assert!(opens("siti"));
            let other = Connection::open(&database).unwrap();
            other.execute("UPDATE staff SET disabled = 1", []).unwrap();
            while opens("siti") {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(FOLLOWING * 3, shut_out).await.unwrap();
        following.abort();
    }
}
