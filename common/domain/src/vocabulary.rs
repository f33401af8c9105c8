//! The closed word lists of the domain: one code per word, one label per language.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// Says that a text is not a word of the list that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {list}; one of these is expected: {words}")]
pub struct UnknownWord {
    /// The list that the word should have come from.
    pub list: &'static str,
    /// The words of that list.
    pub words: String,
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $list:literal { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $id:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every word of the list, in the order in which screens offer them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Gives the word as code, files and the command line write it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Gives the word as a screen shows it.
            pub fn label(self, lang: Lang) -> &'static str {
                match self { $(Self::$variant => lang.pick($id, $en)),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.code())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            /// Reads a code or a label in either language, whatever its case: registers are typed by people.
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let text = text.trim().to_lowercase();
                let fits = |word: &Self| {
                    text == word.code() || Lang::ALL.iter().any(|&lang| text == word.label(lang).to_lowercase())
                };
                Self::ALL.iter().copied().find(fits).ok_or_else(|| UnknownWord {
                    list: $list,
                    words: Self::ALL.iter().map(|word| word.code()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

vocabulary! {
    /// The way by which a complaint reached the office.
    Channel, "channel" {
        /// In person, at the counter.
        Visit = "visit", "Tatap muka", "Visit";
        /// On paper.
        Letter = "letter", "Surat", "Letter";
        /// By voice.
        Phone = "phone", "Telepon", "Phone";
        /// By short message.
        Sms = "sms", "SMS", "SMS";
        /// By WhatsApp.
        WhatsApp = "whatsapp", "WhatsApp", "WhatsApp";
        /// By electronic mail.
        Email = "email", "Email", "Email";
        /// Into the box at the door.
        SuggestionBox = "suggestion_box", "Kotak pengaduan", "Suggestion box";
        /// On a social network.
        SocialMedia = "social_media", "Media sosial", "Social media";
        /// On the office's own site.
        Web = "web", "Web", "Web";
        /// By a local application.
        App = "app", "Aplikasi", "App";
    }
}

vocabulary! {
    /// What a complaint is in LAPOR's sense.
    Classification, "classification" {
        /// Something went wrong.
        Complaint = "complaint", "Pengaduan", "Complaint";
        /// Something is wished for.
        Aspiration = "aspiration", "Aspirasi", "Aspiration";
        /// Something is asked.
        InformationRequest = "information_request", "Permintaan informasi", "Request for information";
    }
}

vocabulary! {
    /// A kind of report that LAPOR does not take.
    OutOfScope, "out-of-scope kind" {
        /// A criminal case: the police takes it.
        Crime = "crime", "Tindak pidana", "Crime";
        /// Corruption: the anti-corruption commission and the inspectorate take it.
        Corruption = "corruption", "Korupsi", "Corruption";
        /// A wish about laws: parliament takes it.
        Legislation = "legislation", "Peraturan perundang-undangan", "Legislation";
        /// A report by an insider: the whistle-blowing system takes it.
        WhistleBlowing = "whistle_blowing", "Whistle-blowing", "Whistle-blowing";
    }
}

vocabulary! {
    /// Why an office closed a complaint without handing it on.
    OfficeOutcome, "outcome" {
        /// Another body takes it, and the citizen was told which.
        Referred = "referred", "Dirujuk ke lembaga lain", "Referred elsewhere";
        /// The citizen took it back.
        Withdrawn = "withdrawn", "Dicabut pelapor", "Withdrawn by the reporter";
        /// The same matter is already registered; the note names the other number.
        Duplicate = "duplicate", "Ganda", "Duplicate";
        /// It was registered by mistake.
        Mistaken = "mistaken", "Salah catat", "Registered by mistake";
    }
}

vocabulary! {
    /// Where in the procedure a complaint stands.
    Stage, "stage" {
        /// Step 1: the office has it on record.
        Recorded = "recorded", "Tercatat", "Recorded";
        /// Step 2: its substance is clear.
        Verified = "verified", "Terverifikasi", "Verified";
        /// Step 3: the office handed it on; the liaison has not decided yet.
        Forwarded = "forwarded", "Diteruskan", "Forwarded";
        /// The liaison gave it back to be mended.
        Returned = "returned", "Dikembalikan", "Returned";
        /// The liaison took it.
        Accepted = "accepted", "Diterima penghubung", "Accepted";
        /// Step 4: it is in LAPOR and has a Tracking ID.
        Entered = "entered", "Masuk LAPOR", "In LAPOR";
        /// Step 5: the coordinator assigned it to an institution.
        Disposed = "disposed", "Terdisposisi", "Disposed";
        /// Nothing more will be done here.
        Closed = "closed", "Ditutup", "Closed";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_by_its_code_and_by_its_label_in_either_language() {
        assert_eq!("Tatap Muka".parse(), Ok(Channel::Visit));
        assert_eq!("suggestion_box".parse(), Ok(Channel::SuggestionBox));
        assert_eq!(" permintaan informasi ".parse(), Ok(Classification::InformationRequest));
        let unknown = "merpati pos".parse::<Channel>().unwrap_err().to_string();
        assert!(
            unknown.starts_with("unknown channel; one of these is expected: visit, letter"),
            "{unknown}"
        );
    }
}
