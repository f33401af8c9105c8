//! The demonstration: a hub and two gateways with invented complaints, and the whole story played unattended.

pub mod samples;
