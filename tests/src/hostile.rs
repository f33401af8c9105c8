//! A hostile device: enrolled like any other, and sending what no gateway of ours would write.
//!
//! It speaks the real protocol with the real engine and a real signature: what is refused is refused for what it says.

pub mod changes;
mod device;
mod stick;

pub use self::device::{Device, post, sample_body};
pub use self::stick::{sample_keys, sample_parts};
