//! The lock of a running program: has the passwords of the accounts that are good today open the folder, and no others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::{DataKey, KeyFile, KeyFileError, Opener, RecoveryCode, Stage};
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

    /// Gives the key file as it is now, with the key that it opens.
    pub async fn parts(&self) -> (KeyFile, DataKey) {
        (self.fresh().await.clone(), self.key.clone())
    }

    /// Lists what opens the folder.
    pub async fn openers(&self) -> Vec<Opener> {
        self.fresh().await.openers().cloned().collect()
    }

    /// Tells whether a code opens the folder.
    pub async fn is_opened_by(&self, code: &RecoveryCode) -> bool {
        self.fresh().await.open_by_code(code).is_some()
    }

    /// Tells whether enciphering the folder was begun and is not over.
    pub async fn is_begun(&self) -> bool {
        self.file.lock().await.stage() == Stage::Enciphering
    }

    /// Has a new recovery code open the folder, and the former one no more.
    ///
    /// # Errors
    /// When the key file cannot be written; the former code opens it then.
    pub async fn renew_code(&self, code: &RecoveryCode, clock: &Clock) -> Result<(), KeyFileError> {
        self.fresh()
            .await
            .set_code(Opener::RecoveryCode, &self.key, code, clock)
    }

    /// Gives the key file for a change: commands of other processes change it too.
    async fn fresh(&self) -> MutexGuard<'_, KeyFile> {
        let mut file = self.file.lock().await;
        file.read_again();
        file
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
        let mut file = self.fresh().await;
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
        let good = good.await?;
        let gone = self.fresh().await.keep_accounts(&good)?;
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
    async fn a_code_that_a_command_renewed_stays_when_the_program_changes_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (database, clock) = (folder.path().join("gateway.db"), Clock::system());
        let code = |byte| RecoveryCode::new([byte; 16]);
        let key = DataKey::new([5; 32]);
        let file = KeyFile::begin(&database, &key, &code(1), &clock).unwrap();
        let mut command = file.clone();
        let lock = Lock::new(file, key.clone(), true);
        command.set_code(Opener::RecoveryCode, &key, &code(2), &clock).unwrap();
        command.set_code(Opener::Machine, &key, &code(3), &clock).unwrap();
        assert_eq!(lock.openers().await, [Opener::RecoveryCode, Opener::Machine]);
        command.set_code(Opener::Machine, &key, &code(4), &clock).unwrap();
        lock.renew_code(&code(5), &clock).await.unwrap();
        let file = KeyFile::beside(&database).unwrap().unwrap();
        let opens = |byte| file.open_by_code(&code(byte)).is_some();
        assert_eq!([1, 2, 3, 4, 5].map(opens), [false, false, false, true, true]);
        // Nor by a copy that was read before, whatever is done with it: `command` knows nothing of the fifth.
        assert!(!lock.is_opened_by(&code(2)).await && lock.is_opened_by(&code(5)).await);
        command.finish().unwrap();
        let file = KeyFile::beside(&database).unwrap().unwrap();
        assert!(file.stage() == Stage::Enciphered && file.open_by_code(&code(5)).is_some());
    }

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
