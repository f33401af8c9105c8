//! What the tests and benchmarks of the whole house share.

pub mod badlink;
pub mod benchmark;
pub mod corpus;
pub mod disk;
pub mod draw;
pub mod fuzz;
pub mod hostile;
pub mod moments;
pub mod proxy;
pub mod register;
