//! How complaints stand in a database: the log, the projections derived from it, and the edits that touch both.
//!
//! Shared by both programs. The log is the truth; [`project::rebuild`] makes everything else from it.

pub mod arrive;
pub mod attachment;
pub mod edit;
pub mod erase;
pub mod explain;
pub mod list;
pub mod log;
pub mod pieces;
pub mod project;
pub mod reach;
pub mod reason;
pub mod refused;
pub mod show;

use crate::store::Migration;

/// The tables of this module. The first step of both programs' schemas.
pub const CASEBOOK_MIGRATION: Migration = Migration {
    name: "0001_casebook",
    sql: include_str!("schema.sql"),
};

/// The tables of attached files.
pub const ATTACHMENT_MIGRATION: Migration = Migration {
    name: "0004_attachments",
    sql: include_str!("attachment.sql"),
};

/// What a repair needs of the log.
pub const REPAIR_MIGRATION: Migration = Migration {
    name: "log_repair",
    sql: include_str!("repair.sql"),
};

/// What the hub keeps aside. A later step of both programs' schemas.
pub const REFUSED_MIGRATION: Migration = Migration {
    name: "refused",
    sql: include_str!("refused.sql"),
};

/// The table of items that are not whole yet.
pub const PARTIAL_MIGRATION: Migration = Migration {
    name: "partial_items",
    sql: include_str!("partial.sql"),
};

/// How far the logs of others were held.
pub const REACH_MIGRATION: Migration = Migration {
    name: "reach",
    sql: include_str!("reach.sql"),
};

/// Which complaints the search by name passes over.
pub const NAME_HIDDEN_MIGRATION: Migration = Migration {
    name: "name_hidden",
    sql: include_str!("name_hidden.sql"),
};

#[cfg(test)]
mod tests;
