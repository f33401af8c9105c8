//! The benchmark: what it costs to make two sides the same, for Titian and for what else one might take.
//!
//! Each subject is a client process and a server process with a link between them that counts every byte. All get the
//! same complaints and the same edits, and a row counts only if both sides hold the same in the end.

pub mod limits;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod pair;
pub mod peers;
pub mod report;
pub mod results;
pub mod rows;
pub mod setup;
pub mod sheets;
pub mod titian;
pub mod zamsync;
