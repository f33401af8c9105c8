//! Everything that the hub keeps. Nothing of SQLite shows in this module's interface: another backend can stand here.

pub mod bundle;
pub mod explain;
pub mod keys;
pub mod lapor;
pub mod office;
mod pieces;
pub mod quarantine;
pub mod replica;
pub mod retention;
pub mod subject;

use std::path::Path;
use std::sync::Arc;

use titian_domain::deadline;
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, TrackingId};
use titian_domain::vocabulary::Stage;
use titian_host::attachments::AttachmentFiles;
use titian_host::audit::{AUDIT_ENDS_MIGRATION, AUDIT_MIGRATION};
use titian_host::casebook::edit;
use titian_host::casebook::erase::ERASE_MIGRATION;
use titian_host::casebook::list::{self, Filter, Summary};
use titian_host::casebook::project::{self, Rules};
use titian_host::casebook::{
    ATTACHMENT_MIGRATION, CASEBOOK_MIGRATION, NAME_HIDDEN_MIGRATION, PARTIAL_MIGRATION, REACH_MIGRATION,
    REFUSED_MIGRATION, REPAIR_MIGRATION,
};
use titian_host::people::{
    GIVEN_MIGRATION, PEOPLE_MIGRATION, ROLES_MIGRATION, SECOND_FACTOR_MIGRATION, THROTTLE_MIGRATION,
};
use titian_host::store::{Migration, OpenError, Store, StoreError};
use titian_sync::item::ItemKind;

use crate::desk::{DeskError, Shown, Step};

const MIGRATIONS: &[Migration] = &[
    CASEBOOK_MIGRATION,
    PEOPLE_MIGRATION,
    Migration {
        name: "0003_hub",
        sql: include_str!("hub.sql"),
    },
    ATTACHMENT_MIGRATION,
    REPAIR_MIGRATION,
    Migration {
        name: "0006_lease",
        sql: include_str!("lease.sql"),
    },
    Migration {
        name: "quarantine",
        sql: include_str!("quarantine.sql"),
    },
    REFUSED_MIGRATION,
    PARTIAL_MIGRATION,
    REACH_MIGRATION,
    Migration {
        name: "bundle",
        sql: include_str!("bundle.sql"),
    },
    THROTTLE_MIGRATION,
    ROLES_MIGRATION,
    Migration {
        name: "first_roles",
        sql: include_str!("first_roles.sql"),
    },
    AUDIT_MIGRATION,
    AUDIT_ENDS_MIGRATION,
    GIVEN_MIGRATION,
    ERASE_MIGRATION,
    Migration {
        name: "erase_quarantine",
        sql: include_str!("erase_quarantine.sql"),
    },
    Migration {
        name: "retention",
        sql: include_str!("retention.sql"),
    },
    SECOND_FACTOR_MIGRATION,
    Migration {
        name: "hub_keys",
        sql: include_str!("keys.sql"),
    },
    NAME_HIDDEN_MIGRATION,
];

/// The hub's database.
#[derive(Clone)]
pub struct HubStore(Store);

impl HubStore {
    /// Opens the database in a folder, and creates it where it is missing.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        Ok(Self(Store::open(folder.join("hub.db"), MIGRATIONS)?))
    }

    /// Gives the door itself, for the accounts that the host keeps beside.
    pub fn door(&self) -> &Store {
        &self.0
    }

    /// Takes one step with a complaint; `false` means that there was nothing to write.
    pub async fn step(&self, rules: Arc<Rules>, by: Stamp, id: ComplaintId, step: Step) -> Result<bool, DeskError> {
        self.0
            .write(move |tx| {
                if let Step::Enter { tracking_id } = &step {
                    refuse_taken(tx, id, tracking_id)?;
                }
                let written = edit::edit(tx, &rules, (id, ItemKind::Handling), (&by, step.name()), |case, _| {
                    Ok(match &step {
                        Step::Accept => Some(case.accept(&by)?),
                        Step::GiveBack { missing, reason } => Some(case.give_back(missing, reason, &by)?),
                        Step::Enter { tracking_id } => Some(case.enter(tracking_id, &by)?),
                        Step::Dispose { institution } => case.dispose(institution, &by)?,
                        Step::Close { reason } => Some(case.close(reason, &by)?),
                    })
                });
                Ok(written?)
            })
            .await
    }

    /// Reads all that the page of a complaint shows.
    pub async fn show(&self, rules: Arc<Rules>, files: AttachmentFiles, id: ComplaintId) -> Result<Shown, DeskError> {
        self.0
            .read(move |conn| {
                let case = project::load(conn, id)?;
                let complaint = case.complaint().ok_or(DeskError::NotFound)?;
                let reporter = project::reporter_of(conn, &complaint)?;
                let steps = deadline::steps(&rules.procedure, &rules.calendar, &complaint.milestones());
                Ok(Shown {
                    unmerged: case.unmerged().len(),
                    files: files.holdings(&complaint),
                    complaint,
                    reporter,
                    steps,
                })
            })
            .await
    }

    /// Lists complaints, newest first.
    pub async fn list(&self, filter: Filter) -> Result<Vec<Summary>, DeskError> {
        self.0.read(move |conn| Ok(list::list(conn, &filter)?)).await
    }

    /// Counts complaints by stage.
    pub async fn counts(&self) -> Result<Vec<(Stage, u64)>, DeskError> {
        self.0.read(|conn| Ok(list::counts(conn, None)?)).await
    }

    /// Finds a complaint by its id, register number or Tracking ID.
    pub async fn find(&self, name: &str) -> Result<ComplaintId, DeskError> {
        let name = name.to_owned();
        self.0.read(move |conn| one(list::find(conn, &name)?)).await
    }

    /// Rebuilds the projections if they were made by other rules; gives the number of complaints then.
    pub async fn renew(&self, rules: Arc<Rules>) -> Result<Option<u64>, StoreError> {
        self.0.write(move |tx| Ok(project::renew(tx, &rules)?)).await
    }

    /// Rebuilds every projection from the log; gives the number of complaints.
    pub async fn rebuild(&self, rules: Arc<Rules>) -> Result<u64, StoreError> {
        self.0.write(move |tx| Ok(project::rebuild(tx, &rules)?)).await
    }
}

fn one(found: Vec<ComplaintId>) -> Result<ComplaintId, DeskError> {
    match found[..] {
        [] => Err(DeskError::NotFound),
        [id] => Ok(id),
        _ => Err(DeskError::Ambiguous(found)),
    }
}

/// Refuses a Tracking ID that another complaint has. All writes pass one thread, so nothing comes between this and them.
fn refuse_taken(tx: &rusqlite::Transaction<'_>, id: ComplaintId, tracking_id: &TrackingId) -> Result<(), DeskError> {
    match lapor::holder(tx, tracking_id)? {
        Some((holder, register)) if holder != id => Err(DeskError::TrackingIdTaken { register }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_worked_here_before_there_were_several_roles_keeps_what_they_could_do() {
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        let is_roles = |migration: &Migration| migration.name == ROLES_MIGRATION.name;
        let (before, after) = MIGRATIONS.split_at(MIGRATIONS.iter().position(is_roles).unwrap());
        let tx = connection.transaction().unwrap();
        for migration in before {
            tx.execute_batch(migration.sql).unwrap();
        }
        tx.execute_batch(
            "INSERT INTO staff (name, full_name, password_hash, role, created_at)
             SELECT column1, column1, '', column2, 0 FROM (VALUES ('hasnah', 'liaison'), ('budi', 'administrator'), ('ali', 'coordinator'))",
        )
        .unwrap();
        for migration in after {
            tx.execute_batch(migration.sql).unwrap();
        }
        tx.commit().unwrap();
        for (name, roles) in KEPT {
            let staff = titian_host::people::by_name(&connection, name).unwrap().unwrap();
            assert_eq!(staff.roles, roles, "{name}");
        }
    }

    const KEPT: [(&str, &[&str]); 3] = [
        ("hasnah", &["administrator", "liaison"]),
        ("budi", &["administrator", "liaison"]),
        ("ali", &["coordinator"]),
    ];
}
