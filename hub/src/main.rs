//! Placeholder.
mod lapor;

fn main() {}
