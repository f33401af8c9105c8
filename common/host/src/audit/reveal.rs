//! Why somebody looks behind the mask of a reporter, noted before they see it.

use std::str::FromStr;

use titian_domain::id::ComplaintId;

use super::{Deed, note_alone};
use crate::people::SignedIn;
use crate::store::StoreError;
use crate::web::Kit;

/// Why somebody looks at an identity. A closed list: free words would be one more place for personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reveal {
    /// To compare it with a document, or with what was told.
    Check,
    /// To ask the reporter something.
    Contact,
    /// Because the reporter asks for what is kept about them.
    Request,
    /// To type it into LAPOR.
    Transcribe,
    /// To correct it.
    Amend,
}

impl Reveal {
    const ALL: [Self; 5] = [Self::Check, Self::Contact, Self::Request, Self::Transcribe, Self::Amend];

    /// Gives the word that forms use, and the audit log.
    pub fn code(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Contact => "contact",
            Self::Request => "request",
            Self::Transcribe => "transcribe",
            Self::Amend => "amend",
        }
    }

    /// Gives the key of its text.
    pub fn key(self) -> &'static str {
        match self {
            Self::Check => "reveal-check",
            Self::Contact => "reveal-contact",
            Self::Request => "reveal-request",
            Self::Transcribe => "reveal-transcribe",
            Self::Amend => "reveal-amend",
        }
    }

    /// Finds what a form says; `None` where no reason was chosen.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }

    /// Notes that an identity is about to be shown; who is seen is not noted.
    ///
    /// # Errors
    /// When the database fails; then nothing is to be shown.
    pub async fn note(self, kit: &Kit, id: ComplaintId, person: &SignedIn) -> Result<(), StoreError> {
        let who = (person.name.as_str(), Deed::IdentityShown);
        note_alone(&kit.store, &kit.clock, who, Some(id), self.code()).await
    }
}

impl FromStr for Reveal {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        Self::read(code).ok_or_else(|| format!("one of {} is expected", Self::ALL.map(Self::code).join(", ")))
    }
}
