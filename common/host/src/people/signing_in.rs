//! Making accounts, signing in and out: what pages and commands both do.

use std::net::IpAddr;
use std::sync::Arc;

use rusqlite::Transaction;
use titian_domain::time::UnixMillis;

use super::StaffError;
use super::accounts::{self, NewStaff, normal};
use super::password::{self, Password};
use super::rights::Roles;
use super::second_factor::{self, Halfway};
use super::sessions::{self, SessionToken};
use super::throttle::{self, Tried};
use crate::audit::{self, Deed};
use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// How an attempt to sign in ended.
pub enum Signing {
    /// It worked; the browser gets this token.
    In(SessionToken),
    /// The password was right, and the account has a second factor: its code is asked for next. There is no session yet.
    Code(Halfway),
    /// Name and password do not match, or the account is closed: nobody is told which.
    Wrong,
    /// Too many tries; the next one counts after so many milliseconds.
    Wait(i64),
}

/// How an account comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Adding {
    /// By its owner, as the first of all.
    First,
    /// By somebody else, who chose the password.
    By(String),
    /// From the shell, where its owner typed the password.
    InPerson,
}

/// Adds an account, with its password still in clear, as its owner typed it.
///
/// # Errors
/// What is wrong with it, or [`StaffError::Taken`].
pub async fn add(
    store: &Store,
    clock: &Clock,
    roles: Roles,
    who: (&str, &str, &[&str]),
    password: Password,
) -> Result<(), StaffError> {
    add_as(store, clock, roles, who, password, Adding::InPerson).await
}

pub(super) async fn add_as(
    store: &Store,
    clock: &Clock,
    roles: Roles,
    (name, full_name, held): (&str, &str, &[&str]),
    password: Password,
    adding: Adding,
) -> Result<(), StaffError> {
    let name = normal(name);
    accounts::check(&name, full_name, held, roles)?;
    let staff = NewStaff {
        name,
        full_name: full_name.to_owned(),
        roles: accounts::owned(held),
        password_hash: password::hash(password, clock.random()).await?,
    };
    let now = clock.now();
    let adding = store.write(move |tx| {
        if adding == Adding::First && accounts::any(tx)? {
            return Err(StaffError::NotFirst);
        }
        accounts::insert(tx, &staff, now)?;
        let (who, given) = match &adding {
            // The first account is made by whoever sits at the machine, and has its name from then on.
            Adding::First => (staff.name.as_str(), false),
            Adding::By(who) => (who.as_str(), true),
            Adding::InPerson => (audit::AT_THE_SHELL, false),
        };
        accounts::set_given(tx, &staff.name, given)?;
        Ok(note(
            tx,
            now,
            (who, Deed::AccountAdded),
            &format!("{} {}", staff.name, staff.roles.join(",")),
        )?)
    });
    adding.await
}

/// Tries to sign in, from an address if it is known. Whether there is such an account makes no difference in work or words, and
/// whether it has a second factor is told to nobody who does not know the password.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn login(
    store: &Store,
    clock: &Clock,
    name: &str,
    password: Password,
    from: Option<IpAddr>,
) -> Result<Signing, StaffError> {
    let token = SessionToken::new(clock.random());
    let halfway = Halfway::new(clock.random());
    let trying = with_password((store, clock), (name, password), from, move |tx, proved| {
        if second_factor::is_on(tx, &proved.name)? {
            second_factor::begin_halfway(tx, &halfway, &proved.name, proved.now)?;
            return Ok(Signing::Code(halfway.clone()));
        }
        sessions::begin(tx, &token, &proved.name, proved.now)?;
        note(tx, proved.now, (&proved.name, Deed::SignedIn), &proved.line)?;
        Ok(Signing::In(token.clone()))
    });
    Ok(match trying.await? {
        Answer::Right(signing) => signing,
        Answer::Wrong => Signing::Wrong,
        Answer::Wait(millis) => Signing::Wait(millis),
    })
}

/// How a password that was asked for was answered.
pub enum Answer<T> {
    /// It was right, and what follows is done.
    Right(T),
    /// Name and password do not match, or the account is closed.
    Wrong,
    /// Too many tries; the next one counts after so many milliseconds.
    Wait(i64),
}

/// Somebody whose password was right. No `Debug`: it holds the hash.
pub struct Proved {
    /// The login name.
    pub name: String,
    /// When.
    pub now: UnixMillis,
    /// From which address, as the audit log keeps it.
    pub line: String,
    /// What the database holds of the password.
    pub hash: String,
}

/// Tries a password, at the door or at a screen that may be unattended: all tries count the same. Where it is right, what follows
/// is done in the same transaction.
///
/// # Errors
/// When the database or the hashing fails, and what follows says.
pub async fn with_password<T: Send + 'static>(
    (store, clock): (&Store, &Clock),
    (name, password): (&str, Password),
    from: Option<IpAddr>,
    mut then: impl FnMut(&Transaction<'_>, &Proved) -> Result<T, StaffError> + Send + 'static,
) -> Result<Answer<T>, StaffError> {
    let (name, now) = (normal(name), clock.now());
    let tried = Arc::new(Tried::new(&name, from));
    let (hash, wait) = known(store, (&name, &tried), now).await?;
    if wait > 0 {
        // Not even hashed: who only tries often shall not keep an old PC busy.
        return Ok(Answer::Wait(wait));
    }
    let fits = password::fits(password, hash.clone()).await?;
    let proved = Proved {
        name,
        now,
        line: line(from),
        hash: hash.clone().unwrap_or_default(),
    };
    let judging = store.write(move |tx| {
        let (name, now) = (proved.name.as_str(), proved.now);
        // Many tries at once are hashed side by side: each counts for those that end after it.
        let wait = throttle::wait_millis(tx, &tried, now)?;
        if wait > 0 {
            return Ok(Answer::Wait(wait));
        }
        if !fits || accounts::password_hash(tx, name)? != hash {
            throttle::failed(tx, &tried, now)?;
            // A name that no account has may be a password in the wrong field.
            let who = if hash.is_some() { name } else { audit::SOMEBODY };
            note(tx, now, (who, Deed::SignInFailed), &proved.line)?;
            return Ok(Answer::Wrong);
        }
        // Else who knows the password could clear away their wrong codes with it.
        if !second_factor::is_on(tx, name)? {
            throttle::succeeded(tx, &tried)?;
        }
        Ok::<_, StaffError>(Answer::Right(then(tx, &proved)?))
    });
    judging.await
}

/// Writes an address as the audit log keeps it.
pub(super) fn line(from: Option<IpAddr>) -> String {
    from.map(|from| from.to_canonical().to_string()).unwrap_or_default()
}

/// Changes one's own password: whoever knows the old one gets a new session, and all others end.
///
/// # Errors
/// When the database or the hashing fails.
pub(super) async fn change_password(
    store: &Store,
    clock: &Clock,
    name: &str,
    (old, new): (Password, Password),
    from: Option<IpAddr>,
) -> Result<Answer<SessionToken>, StaffError> {
    // An unattended screen is no place to guess the password either: tries count as those of signing in.
    let proving = with_password((store, clock), (name, old), from, |_, proved| Ok(proved.hash.clone()));
    Ok(match proving.await? {
        Answer::Right(old) => match replace_password(store, clock, name, (old, new)).await? {
            Some(token) => Answer::Right(token),
            None => Answer::Wrong,
        },
        Answer::Wrong => Answer::Wrong,
        Answer::Wait(millis) => Answer::Wait(millis),
    })
}

/// Puts a password in the place of the one with this hash. None where that is no longer the account's: while the new one is hashed,
/// who keeps the accounts may close this one or give it another, and that stands.
pub(super) async fn replace_password(
    store: &Store,
    clock: &Clock,
    name: &str,
    (old, new): (String, Password),
) -> Result<Option<SessionToken>, StaffError> {
    let hash = password::hash(new, clock.random()).await?;
    let token = SessionToken::new(clock.random());
    let (name, now) = (normal(name), clock.now());
    let changing = store.write(move |tx| {
        if accounts::password_hash(tx, &name)?.as_ref() != Some(&old) {
            return Ok(None);
        }
        accounts::set_password(tx, &name, &hash)?;
        accounts::set_given(tx, &name, false)?;
        sessions::end_all(tx, &name)?;
        sessions::begin(tx, &token, &name, now)?;
        note(tx, now, (&name, Deed::PasswordSet), &name)?;
        Ok::<_, StaffError>(Some(token.clone()))
    });
    changing.await
}

/// Ends a session.
///
/// # Errors
/// When the database fails.
pub async fn logout(store: &Store, clock: &Clock, token: SessionToken) -> Result<(), StoreError> {
    let now = clock.now();
    let ending = store.write(move |tx| {
        if let Some(staff) = sessions::end(tx, &token)? {
            note(tx, now, (&staff, Deed::SignedOut), "")?;
        }
        Ok(())
    });
    ending.await
}

/// Notes what was done about accounts, in the transaction in which it is.
pub(super) fn note(
    tx: &Transaction<'_>,
    at: UnixMillis,
    (who, deed): (&str, Deed),
    detail: &str,
) -> rusqlite::Result<()> {
    let entry = audit::Entry {
        at,
        who,
        deed,
        complaint: None,
        detail,
    };
    audit::note(tx, entry)
}

async fn known(
    store: &Store,
    (name, tried): (&str, &Arc<Tried>),
    now: UnixMillis,
) -> Result<(Option<String>, i64), StoreError> {
    let (name, tried) = (name.to_owned(), Arc::clone(tried));
    let reading = store.read(move |connection| {
        Ok((
            accounts::password_hash(connection, &name)?,
            throttle::wait_millis(connection, &tried, now)?,
        ))
    });
    reading.await
}
