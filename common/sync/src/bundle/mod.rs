//! USB bundles: the same items, frames and signatures as over HTTP, in files that a person carries.
//!
//! A bundle is written by one side for the other and cut into **parts**, each a file of its own that can be used without
//! the others. There is no counter and no lease: a part may come late, twice, and in any order, and the places in its
//! head say what it is worth. `docs/protocol.md` is authoritative for the bytes; encryption happens around them, where
//! files are written and read.
//!
//! - [`label`]: the one line in clear in front of a file, from whom and for whom.
//! - [`head`]: what a part says of itself and of its sender's log.
//! - [`write`](mod@write) and [`read`](mod@read): the two machines that make and open parts, sans-IO.
//! - [`place`]: what a part that was taken proves about how far a log is held.

pub mod head;
pub mod label;
pub mod place;
pub mod read;
#[cfg(test)]
mod tests;
pub mod write;

/// What a part takes at least: the largest item, which is not divided, and some more.
pub const PART_BYTES_MIN: usize = 1024 * 1024;
/// What a part takes unless somebody says otherwise: a minute on the slowest sticks.
pub const PART_BYTES_DEFAULT: usize = 32 * 1024 * 1024;
/// What a part takes at most: the frames of one exchange, far below what any file system of a stick holds in one file.
pub const PART_BYTES_MAX: usize = 64 * 1024 * 1024;
