//! What was written when: former values of an intake, for whoever asks what was ever kept of them.

use super::CaseFile;
use crate::particulars::{Field, Value};
use crate::time::UnixMillis;

/// What one change wrote into fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Who wrote it.
    pub staff: String,
    /// When, by that machine's clock, to the second.
    pub at: UnixMillis,
    /// The fields and what was written into each.
    pub values: Vec<(Field, Value)>,
}

impl CaseFile {
    /// Lists what was ever written into the fields, former values included, each after what it builds on. Changes that only
    /// append an event are left out.
    pub fn writings(&self) -> Vec<Writing> {
        self.intake.writings()
    }
}
