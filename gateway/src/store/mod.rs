//! What the gateway keeps, beside the complaints that the host's casebook keeps for both programs.

pub mod attachments;
pub mod bundle;
pub mod device;
pub mod notice;
pub mod register;
pub mod subject;

use std::path::Path;

use titian_host::at_rest::DataKey;
use titian_host::audit::{AUDIT_ENDS_MIGRATION, AUDIT_MIGRATION};
use titian_host::casebook::erase::ERASE_MIGRATION;
use titian_host::casebook::{
    ATTACHMENT_MIGRATION, CASEBOOK_MIGRATION, NAME_HIDDEN_MIGRATION, PARTIAL_MIGRATION, REACH_MIGRATION,
    REFUSED_MIGRATION, REPAIR_MIGRATION,
};
use titian_host::people::{
    GIVEN_MIGRATION, PEOPLE_MIGRATION, ROLES_MIGRATION, SECOND_FACTOR_MIGRATION, THROTTLE_MIGRATION,
};
use titian_host::store::{Migration, OpenError, Store};

const MIGRATIONS: &[Migration] = &[
    CASEBOOK_MIGRATION,
    PEOPLE_MIGRATION,
    Migration {
        name: "0003_gateway",
        sql: include_str!("gateway.sql"),
    },
    ATTACHMENT_MIGRATION,
    Migration {
        name: "0005_attachments_at_hub",
        sql: include_str!("attachments_at_hub.sql"),
    },
    REPAIR_MIGRATION,
    Migration {
        name: "0007_lease",
        sql: include_str!("lease.sql"),
    },
    REFUSED_MIGRATION,
    PARTIAL_MIGRATION,
    Migration {
        name: "0009_link",
        sql: include_str!("link.sql"),
    },
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
        name: "notice",
        sql: include_str!("notice.sql"),
    },
    SECOND_FACTOR_MIGRATION,
    Migration {
        name: "hub_keys",
        sql: include_str!("hub_keys.sql"),
    },
    NAME_HIDDEN_MIGRATION,
];

/// The hub, as the origin of items and as the owner of a log; 0 is this gateway itself.
pub const HUB: u64 = 1;

/// The database's name in the data folder.
pub const DATABASE: &str = "gateway.db";

/// Opens the database in a folder, and creates it where it is missing; with a key it is an enciphered one.
pub fn open(folder: &Path, key: Option<&DataKey>) -> Result<Store, OpenError> {
    Store::open_with(folder.join(DATABASE), key.map(DataKey::database), MIGRATIONS)
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
             SELECT column1, column1, '', column2, 0 FROM (VALUES ('siti', 'operator'))",
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

    const KEPT: [(&str, &[&str]); 1] = [("siti", &["head", "operator", "verifier"])];
}
