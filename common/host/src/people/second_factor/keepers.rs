//! Taking the second factor off somebody's account, for those who keep accounts.

use axum::extract::{FromRef, Path, State};

use super::doing;
use super::own::OWN_SECOND_FACTOR;
use crate::people::accounts::normal;
use crate::people::directory::answer;
use crate::people::{Right, SignedIn};
use crate::web::{Kit, PageResult, Reader, Routes, Who, redirect};

/// Gives `/akun/semua/…/dua-langkah` to a program's router.
pub(super) fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Routes::default().post("/akun/semua/{name}/dua-langkah", Who::May(Right::Administer), take_off)
}

async fn take_off(
    State(kit): State<Kit>,
    (reader, keeper): (Reader, SignedIn),
    Path(name): Path<String>,
) -> PageResult {
    if normal(&name) == keeper.name {
        // One's own is switched off with the password: an unattended screen shall not do it.
        return Ok(redirect(OWN_SECOND_FACTOR));
    }
    let taken = doing::take_off((&kit.store, &kit.clock, &keeper.name), &name).await;
    answer(&kit, &reader, name, "notice-second-factor-taken-off", taken).await
}
