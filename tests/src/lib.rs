//! What the tests and benchmarks of the whole house share.

pub mod corpus;
pub mod counting;
