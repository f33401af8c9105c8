//! Who works at the regency, and what each of them may do with this program.

use titian_host::people::Right::{Accept, Administer, Audit, Enter, Exchange, Import, Read, Reveal, Subject};
use titian_host::people::{Role, Roles};

/// Takes what offices forward, types it into LAPOR, and brings back what LAPOR says.
const LIAISON: Role = Role {
    code: "liaison",
    rights: &[Read, Reveal, Accept, Enter, Import, Exchange],
};

/// Disposes inside LAPOR, and only reads here: complaints, and who did what with them.
const COORDINATOR: Role = Role {
    code: "coordinator",
    rights: &[Read, Audit],
};

/// Keeps accounts and gateways.
const ADMINISTRATOR: Role = Role {
    code: "administrator",
    rights: &[Read, Exchange, Administer, Audit, Subject],
};

/// The roles of the hub.
pub const ROLES: Roles = Roles {
    all: &[LIAISON, COORDINATOR, ADMINISTRATOR],
    first: &["liaison", "administrator"],
};
