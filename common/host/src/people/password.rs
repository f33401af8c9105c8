//! Passwords: argon2id, off the async threads, a few at a time.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::StaffError;

/// The least that NIST advises for a password that is alone; a short sentence is longer anyway.
pub const PASSWORD_LETTERS_MIN: usize = 8;

/// Far beyond any password, far below what would cost time to hash.
pub const PASSWORD_LETTERS_MAX: usize = 256;

/// The passwords of eight letters and more that are met most often in leaks (the list of zxcvbn, MIT), and what lies near
/// at an Indonesian office; in small letters, sorted, one on a line. ASVS 6.2.4 asks for the first 3,000.
const COMMON: &str = include_str!("../../data/common-passwords.txt");

/// OWASP's minimum for argon2id, since the offices' PCs are old: about 50 ms on one of them, 19 MiB while it lasts.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashings at once, so that many sign-ins do not take the memory of a small machine.
const HASHINGS_MAX: usize = 2;

static HASHINGS: Semaphore = Semaphore::const_new(HASHINGS_MAX);

/// What stands in for the hash of a name that does not exist, so that its answer takes as long. No password fits it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password as typed. Has no `Debug`, so that it cannot reach a log.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes a password for a new account.
    ///
    /// # Errors
    /// When it is too short, too long, or among those that are guessed first.
    pub fn new(text: String) -> Result<Self, StaffError> {
        let letters = text.chars().count();
        if letters < PASSWORD_LETTERS_MIN {
            return Err(StaffError::PasswordShort);
        }
        if letters > PASSWORD_LETTERS_MAX {
            return Err(StaffError::PasswordLong);
        }
        let small = text.to_lowercase();
        if COMMON.lines().any(|common| common == small) {
            return Err(StaffError::PasswordCommon);
        }
        Ok(Self(text))
    }

    /// Takes what somebody typed to sign in; what could never be a password is cut, and will not fit.
    pub fn typed(text: &str) -> Self {
        Self(text.chars().take(PASSWORD_LETTERS_MAX + 1).collect())
    }
}

/// Hashes a password with a fresh salt, for the database.
///
/// # Errors
/// When the machine has no memory for it.
pub async fn hash(password: Password, salt: [u8; 16]) -> Result<String, StaffError> {
    off_thread(move || {
        let hashed: PasswordHash = hasher()?
            .hash_password_with_salt(password.0.as_bytes(), &salt)
            .map_err(|error| error.to_string())?;
        Ok(hashed.to_string())
    })
    .await
}

/// Makes a key of a password, as slowly as a hash: for what the password opens on the disk.
///
/// # Errors
/// When the machine has no memory for it.
pub(crate) async fn stretch(password: Password, salt: [u8; 16]) -> Result<Zeroizing<[u8; 32]>, StaffError> {
    off_thread(move || {
        let mut key = Zeroizing::new([0; 32]);
        hasher()?
            .hash_password_into(password.0.as_bytes(), &salt, &mut *key)
            .map_err(|error| error.to_string())?;
        Ok(key)
    })
    .await
}

/// Compares a typed password with a hash; with none it works as long and says no.
pub(super) async fn fits(password: Password, hash: Option<String>) -> Result<bool, StaffError> {
    off_thread(move || {
        let against = hash.as_deref().unwrap_or(NOBODY);
        let against = PasswordHash::new(against).map_err(|error| error.to_string())?;
        let fits = hasher()?.verify_password(password.0.as_bytes(), &against).is_ok();
        Ok(fits && hash.is_some())
    })
    .await
}

fn hasher() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, StaffError> {
    let _permit = HASHINGS
        .acquire()
        .await
        .map_err(|_| StaffError::Hashing("shutting down".to_owned()))?;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| StaffError::Hashing("the work broke off".to_owned()))?
        .map_err(StaffError::Hashing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let password = Password::new("jembatan bambu".to_owned()).ok().unwrap();
        let hashed = hash(password.clone(), [7; 16]).await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(fits(password.clone(), Some(hashed.clone())).await.unwrap());
        assert!(!fits(Password::typed("jembatan bambU"), Some(hashed)).await.unwrap());
        assert!(!fits(password, None).await.unwrap());
    }

    #[test]
    fn what_is_guessed_first_is_no_password() {
        for common in ["12345678", "Password1", "RAHASIA123", "kecamatan"] {
            let refused = Password::new(common.to_owned()).err();
            assert!(matches!(refused, Some(StaffError::PasswordCommon)), "{common}");
        }
        assert!(Password::new("kecamatan bambu".to_owned()).is_ok());
        assert!(COMMON.lines().count() >= 3_000 && COMMON.lines().is_sorted());
        let fit = |common: &str| common.chars().count() >= PASSWORD_LETTERS_MIN && common == common.to_lowercase();
        assert!(COMMON.lines().all(fit), "the others are refused anyway");
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_real_one() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&hash).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
    }
}
