//! How replicas converge: log, cursors, frames, digests. Sans-IO.

pub mod chain;
mod chunk;
pub mod dictionary;
pub mod digest;
pub mod engine;
pub mod enrol;
pub mod item;
pub mod varint;
pub mod wire;
