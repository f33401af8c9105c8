//! The web kit: a small HTTP/1 server, the frame of every page, errors that readers understand, and the guards.
//!
//! A program builds its `Router`, puts [`finish`] around it, and hands it to [`serve`].

mod assets;
mod at_work;
mod bare;
pub mod browser;
mod cookie;
mod crowd;
mod download;
mod error;
mod form_token;
mod guard;
mod layout;
mod locked;
mod middleware;
mod notice;
mod pace;
mod qr;
mod reader;
mod routes;
mod searches;
mod serve;

use axum::extract::FromRef;
use titian_domain::time::Zone;

pub use self::at_work::at_work;
pub(crate) use self::cookie::per_port;
pub use self::cookie::{cookie, set_cookie};
pub use self::download::{download, picture};
pub use self::error::{PageError, PageResult, Text};
pub(crate) use self::form_token::FormSecret;
pub use self::guard::AllowedHosts;
pub(crate) use self::layout::Visit;
pub use self::layout::{Layout, NavLink};
pub use self::locked::{Unlocking, locked};
pub use self::middleware::finish;
pub use self::notice::{address, redirect, redirect_saying};
pub use self::qr::qr;
pub use self::reader::Reader;
pub use self::routes::{Routes, Way, Who};
pub use self::searches::Searches;
pub use self::serve::{CONNECTIONS_MAX, Door, IDLE_MAX, Plain, serve, shutdown_signal};

use crate::at_rest::Lock;
use crate::clock::Clock;
use crate::people::{Password, Roles, SecondFactor};
use crate::store::Store;
use crate::texts::Texts;

/// What every page needs of its program. A program's state gives it by `FromRef`.
#[derive(Clone)]
pub struct Kit {
    /// The database.
    pub store: Store,
    /// The time and random bytes.
    pub clock: Clock,
    /// What screens say.
    pub texts: Texts,
    /// The frame around each page.
    pub layout: Layout,
    /// The roles that staff may have here.
    pub roles: Roles,
    /// The second factor of signing in, where the program offers one: its clock has to be right for that.
    pub second_factor: Option<SecondFactor>,
    /// What keeps the data folder unreadable on a stolen disk, where that is on.
    pub lock: Option<Lock>,
    /// The zone in which times are read here.
    pub zone: Zone,
}

impl Kit {
    /// Has a password that was just found right open the data folder from now on, where that is enciphered.
    pub(crate) async fn learn(&self, name: &str, password: &str) {
        if let Some(lock) = &self.lock {
            lock.learn(&self.store, &self.clock, name, Password::typed(password))
                .await;
        }
    }
}

impl FromRef<Kit> for Store {
    fn from_ref(kit: &Kit) -> Self {
        kit.store.clone()
    }
}

impl FromRef<Kit> for Clock {
    fn from_ref(kit: &Kit) -> Self {
        kit.clock.clone()
    }
}

#[cfg(test)]
mod tests;
