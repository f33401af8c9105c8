//! Why somebody looks behind the mask of a reporter.

use std::str::FromStr;

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
}

impl FromStr for Reveal {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        Self::read(code).ok_or_else(|| format!("one of {} is expected", Self::ALL.map(Self::code).join(", ")))
    }
}
