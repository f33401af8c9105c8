//! How a program stands on a machine: the SQLite door, web kit, configuration, logs, clock, accounts.

pub mod clock;
pub mod store;
