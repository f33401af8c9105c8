//! The demonstration: a hub and two gateways with invented complaints, and the whole story played unattended.
//!
//! The same rig drives the tests that need real processes: it starts the real binaries in a temporary folder, waits
//! for conditions instead of sleeping, and ends what it started when it is dropped.

pub mod binaries;
pub mod cast;
pub mod compare;
pub mod export;
pub mod gateway;
pub mod hub;
pub mod log;
pub mod port;
pub mod program;
pub mod report;
pub mod rig;
pub mod samples;
pub mod scene;
pub mod sheet;
pub mod story;
pub mod task;
pub mod today;
pub mod visitor;
pub mod wait;
