//! LAPOR's Excel export: read it, and match its rows to the complaints of the hub. Nothing here stores anything.

pub mod export;
pub mod matching;
