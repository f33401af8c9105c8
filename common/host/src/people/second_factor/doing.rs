//! What is done about second factors: set up, used, renewed, switched off, taken off. Pages and commands both do it here.

use std::net::IpAddr;

use super::halfway::{self, Halfway};
use super::recovery::{CODE_BYTES, RECOVERY_CODES, RecoveryCode};
use super::rows::{self, Used};
use super::totp::Secret;
use crate::audit::Deed;
use crate::clock::Clock;
use crate::people::accounts::{self, normal};
use crate::people::sessions::{self, SessionToken};
use crate::people::signing_in::{Answer, line, note, with_password};
use crate::people::throttle::{self, Tried};
use crate::people::{Password, StaffError};
use crate::store::{Store, StoreError};

/// Fresh recovery codes, in the form in which they are shown once. No `Debug`.
pub(super) struct FreshCodes(pub Vec<String>);

/// Whose account it is, and where it is kept.
type Own<'a> = (&'a Store, &'a Clock, &'a str);

/// How the second step of signing in ended.
pub(super) enum Step {
    /// It worked; the browser gets this token. With a recovery code it is told how many are left.
    In(SessionToken, Option<u32>),
    /// The code is none, or was used before.
    Refused,
    /// That was the last try: the password is asked for again.
    TooMany,
    /// Too many failures; the next try counts after so many milliseconds.
    Wait(i64),
    /// Nobody is halfway in: it took too long, or something about the account changed.
    Over,
}

/// How it ended to try a code of the secret that was offered.
pub(super) enum Trial {
    /// The second factor is on; these are its recovery codes.
    On(FreshCodes),
    /// The code does not fit: the same secret is shown again.
    Refused(Secret),
    /// Nothing is offered, or no more.
    Over,
}

/// Offers a fresh secret to who knows the account's password; `None` where a second factor is on already.
pub(super) async fn offer(
    (store, clock, name): Own<'_>,
    password: Password,
    from: Option<IpAddr>,
) -> Result<Answer<Option<Secret>>, StaffError> {
    let secret = Secret::new(clock.random());
    let offering = with_password((store, clock), (name, password), from, move |tx, proved| {
        let is_offered = rows::offer(tx, &proved.name, &secret, proved.now)?;
        Ok(is_offered.then(|| secret.clone()))
    });
    offering.await
}

/// Turns the offered second factor on where the code fits. All other sessions end: they began without it.
pub(super) async fn turn_on(
    (store, clock, name): Own<'_>,
    typed: &str,
    asking: SessionToken,
) -> Result<Trial, StoreError> {
    let (name, typed, now) = (normal(name), typed.to_owned(), clock.now());
    let fresh: [[u8; CODE_BYTES]; RECOVERY_CODES] = std::array::from_fn(|_| clock.random());
    let turning = store.write(move |tx| {
        let Some(secret) = rows::offered(tx, &name, now)? else {
            return Ok(Trial::Over);
        };
        let step = rows::of_app(&typed).and_then(|code| secret.step_of(&code, now, 0));
        let Some(step) = step else {
            return Ok(Trial::Refused(secret));
        };
        let codes = fresh.map(RecoveryCode::new);
        rows::turn_on(tx, &name, step)?;
        rows::set_recovery(tx, &name, &codes)?;
        sessions::end_others(tx, &name, &asking)?;
        note(tx, now, (&name, Deed::SecondFactorOn), "")?;
        Ok(Trial::On(FreshCodes::of(&codes)))
    });
    turning.await
}

/// Makes other recovery codes for who knows the account's password.
///
/// # Errors
/// [`StaffError::NoSecondFactor`].
pub(super) async fn renew(
    (store, clock, name): Own<'_>,
    password: Password,
    from: Option<IpAddr>,
) -> Result<Answer<FreshCodes>, StaffError> {
    let fresh: [[u8; CODE_BYTES]; RECOVERY_CODES] = std::array::from_fn(|_| clock.random());
    let renewing = with_password((store, clock), (name, password), from, move |tx, proved| {
        if !rows::is_on(tx, &proved.name)? {
            return Err(StaffError::NoSecondFactor);
        }
        let codes = fresh.map(RecoveryCode::new);
        rows::set_recovery(tx, &proved.name, &codes)?;
        note(tx, proved.now, (&proved.name, Deed::RecoveryCodesMade), "")?;
        Ok(FreshCodes::of(&codes))
    });
    renewing.await
}

/// Switches one's own second factor off, knowing the password. All other sessions end.
///
/// # Errors
/// [`StaffError::NoSecondFactor`].
pub(super) async fn switch_off(
    (store, clock, name): Own<'_>,
    password: Password,
    from: Option<IpAddr>,
    asking: SessionToken,
) -> Result<Answer<()>, StaffError> {
    let switching = with_password((store, clock), (name, password), from, move |tx, proved| {
        if !rows::remove(tx, &proved.name)? {
            return Err(StaffError::NoSecondFactor);
        }
        sessions::end_others(tx, &proved.name, &asking)?;
        Ok(note(tx, proved.now, (&proved.name, Deed::SecondFactorOff), "")?)
    });
    switching.await
}

/// Takes the second factor off an account whose owner lost phone and codes, and ends its sessions. `by` is an account, or
/// [`crate::audit::AT_THE_SHELL`].
///
/// # Errors
/// [`StaffError::Missing`] or [`StaffError::NoSecondFactor`].
pub(super) async fn take_off((store, clock, by): Own<'_>, name: &str) -> Result<(), StaffError> {
    let (name, by, now) = (normal(name), by.to_owned(), clock.now());
    let taking = store.write(move |tx| {
        if accounts::by_name(tx, &name)?.is_none() {
            return Err(StaffError::Missing);
        }
        if !rows::remove(tx, &name)? {
            return Err(StaffError::NoSecondFactor);
        }
        sessions::end_all(tx, &name)?;
        Ok(note(tx, now, (&by, Deed::SecondFactorTakenOff), &name)?)
    });
    taking.await
}

/// Takes the code of somebody who gave the right password, and lets them in.
pub(super) async fn sign_in(
    (store, clock): (&Store, &Clock),
    halfway: Halfway,
    typed: &str,
    from: Option<IpAddr>,
) -> Result<Step, StoreError> {
    let (typed, now, line) = (typed.to_owned(), clock.now(), line(from));
    let token = SessionToken::new(clock.random());
    let judging = store.write(move |tx| {
        let Some(name) = halfway::find(tx, &halfway, now)? else {
            return Ok(Step::Over);
        };
        let tried = Tried::new(&name, from);
        let wait = throttle::wait_millis(tx, &tried, now)?;
        if wait > 0 {
            return Ok(Step::Wait(wait));
        }
        let left = match rows::take_code(tx, &name, &typed, now)? {
            Used::Refused => {
                throttle::failed(tx, &tried, now)?;
                note(tx, now, (&name, Deed::SignInCodeRefused), &line)?;
                let may_try_again = halfway::may_try_again(tx, &halfway)?;
                return Ok(if may_try_again { Step::Refused } else { Step::TooMany });
            }
            Used::App => None,
            Used::Recovery(left) => Some(left),
        };
        throttle::succeeded(tx, &tried)?;
        halfway::end_of(tx, &name)?;
        sessions::begin(tx, &token, &name, now)?;
        if let Some(left) = left {
            note(tx, now, (&name, Deed::RecoveryCodeUsed), &left.to_string())?;
        }
        note(tx, now, (&name, Deed::SignedIn), &line)?;
        Ok(Step::In(token.clone(), left))
    });
    judging.await
}

/// Forgets who is halfway in. A program does so when it starts: what was begun before is begun anew.
///
/// # Errors
/// When the database fails.
pub async fn forget_halfway(store: &Store) -> Result<(), StoreError> {
    store.write(|tx| Ok(halfway::end_all(tx)?)).await
}

impl FreshCodes {
    fn of(codes: &[RecoveryCode; RECOVERY_CODES]) -> Self {
        Self(codes.iter().map(RecoveryCode::in_groups).collect())
    }
}
