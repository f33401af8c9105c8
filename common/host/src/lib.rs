//! How a program stands on a machine: the SQLite door, web kit, configuration, logs, clock, accounts.

pub mod cli;
pub mod clock;
pub mod config;
pub mod logs;
pub mod store;
