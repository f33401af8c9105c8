//! Who works at an office, and what each of them may do with this program.

use titian_host::people::Right::{
    Administer, Audit, Exchange, Forward, Import, Note, Read, Record, Reveal, Subject, Verify,
};
use titian_host::people::{Role, Roles};

/// Puts complaints on record.
const OPERATOR: Role = Role {
    code: "operator",
    rights: &[Read, Reveal, Record, Note, Import, Exchange],
};

/// Declares that their substance is clear.
const VERIFIER: Role = Role {
    code: "verifier",
    rights: &[Read, Reveal, Note, Verify, Forward, Exchange],
};

/// Answers for the office, and keeps its accounts.
const HEAD: Role = Role {
    code: "head",
    rights: &[Read, Reveal, Note, Forward, Exchange, Administer, Audit, Subject],
};

/// The roles of an office. At many one person does it all, so the first account may.
pub const ROLES: Roles = Roles {
    all: &[OPERATOR, VERIFIER, HEAD],
    first: &["operator", "verifier", "head"],
};
