//! Who acts on a command line: the machine's administrator, or a staff member with the rights of their account.

use super::accounts;
use super::rights::{Right, Rights, Roles};
use crate::cli::{Exit, Failure};
use crate::store::{Store, StoreError};

/// The name under which a command writes where no `--staff` is given.
const SHELL: &str = "shell";

/// Who does it.
#[derive(Debug, clap::Args)]
pub struct By {
    /// The login name of the staff member who does it; without it, whoever keeps this machine does
    #[arg(long = "staff", value_name = "NAME")]
    pub(super) name: Option<String>,
}

/// Somebody who acts at the command line.
pub struct Acting {
    /// The name that is recorded with what they do.
    pub name: String,
    /// What their roles allow; whoever keeps the machine has none.
    pub rights: Rights,
}

impl By {
    /// Gives the name that is recorded with what is done, if it may be done.
    ///
    /// # Errors
    /// When there is no open account of that name, or its roles do not allow this.
    pub async fn may(&self, store: &Store, roles: Roles, right: Right) -> Result<String, Failure> {
        Ok(self.acting(store, roles, right).await?.name)
    }

    /// Tells who does something, if it may be done, with all that they may do.
    ///
    /// # Errors
    /// When there is no open account of that name, or its roles do not allow this.
    pub async fn acting(&self, store: &Store, roles: Roles, right: Right) -> Result<Acting, Failure> {
        let Some(name) = self.name.clone() else {
            return Ok(Acting {
                name: SHELL.to_owned(),
                rights: Rights::default(),
            });
        };
        let sought = name.clone();
        let found = store.read(move |connection| Ok::<_, StoreError>(accounts::by_name(connection, &sought)?));
        let Some(staff) = found.await?.filter(|staff| !staff.disabled) else {
            return Err(Failure::with_exit(
                Exit::NotFound,
                format!("--staff: there is no open account '{name}'"),
                "give a login name; see `staff list`",
            ));
        };
        let rights = roles.rights_of(&staff.roles);
        if rights.has(right) {
            return Ok(Acting {
                name: staff.full_name,
                rights,
            });
        }
        let allowed: Vec<_> = roles.with(right).collect();
        Err(Failure::with_exit(
            Exit::Conflict,
            format!("--staff: the account '{name}' may not do this"),
            format!("have it done by somebody of the role {}", allowed.join(" or ")),
        ))
    }
}
