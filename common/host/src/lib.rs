//! How a program stands on a machine: the SQLite door, web kit, configuration, logs, clock, accounts.

pub mod casebook;
pub mod cli;
pub mod clock;
pub mod config;
pub mod facts;
pub mod logs;
pub mod people;
pub mod store;
pub mod texts;
pub mod web;
