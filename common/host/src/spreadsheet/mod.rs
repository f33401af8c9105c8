//! Excel files that people choose, and the dates in them: the gateway's registers and LAPOR's export are both read by this.

pub mod dates;
pub mod workbook;
