//! The words that registers use for channels, classifications and flags, beyond those that the domain knows.

use titian_domain::lang::Lang;
use titian_domain::vocabulary::{Channel, Classification};

use super::column::fold;
use super::problem::Trouble;

/// A list of words that a cell must come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordList {
    /// The ways by which a complaint reaches an office.
    Channel,
    /// What a complaint is in LAPOR's sense.
    Classification,
    /// Yes and no.
    Flag,
    /// What is hidden.
    Openness,
}

impl WordList {
    /// Gives the words, as a message lists them.
    pub fn words(self, lang: Lang) -> String {
        match self {
            Self::Channel => list(Channel::ALL.iter().map(|word| word.label(lang))),
            Self::Classification => list(Classification::ALL.iter().map(|word| word.label(lang))),
            Self::Flag => lang.pick("ya, tidak", "yes, no").to_owned(),
            Self::Openness => lang
                .pick(
                    "anonim, rahasia, anonim dan rahasia, terbuka",
                    "anonymous, confidential, normal",
                )
                .to_owned(),
        }
    }

    fn unknown(self) -> Trouble {
        Trouble::UnknownWord(self)
    }
}

/// Reads a channel as people write it.
pub fn channel(text: &str) -> Result<Channel, Trouble> {
    let known = |text: &str| text.parse().ok();
    let folded = fold(text);
    known(text)
        .or_else(|| known(&folded))
        .or_else(|| more_channels(&folded))
        .ok_or(WordList::Channel.unknown())
}

fn more_channels(folded: &str) -> Option<Channel> {
    Some(match folded {
        "langsung" | "datang" | "datang langsung" | "tatap muka langsung" | "kunjungan" | "walk in" | "lisan" => {
            Channel::Visit
        }
        "surat masuk" | "tertulis" | "surat pengaduan" => Channel::Letter,
        "telpon" | "telp" | "tlp" | "tlpn" | "telefon" | "hp" => Channel::Phone,
        "wa" | "whats app" | "whatsap" => Channel::WhatsApp,
        "e mail" | "surel" | "surat elektronik" => Channel::Email,
        "kotak saran" | "kotak aduan" | "kotak surat" => Channel::SuggestionBox,
        "medsos" | "sosmed" | "facebook" | "fb" | "instagram" | "ig" | "tiktok" | "twitter" | "x" => {
            Channel::SocialMedia
        }
        "website" | "situs" | "situs web" => Channel::Web,
        "application" => Channel::App,
        _ => return None,
    })
}

/// Reads a classification as people write it.
pub fn classification(text: &str) -> Result<Classification, Trouble> {
    let known = |text: &str| text.parse().ok();
    let folded = fold(text);
    let more = || {
        Some(match folded.as_str() {
            "aduan" | "keluhan" => Classification::Complaint,
            "usul" | "usulan" | "saran" | "masukan" => Classification::Aspiration,
            "informasi" | "permohonan informasi" | "pertanyaan" => Classification::InformationRequest,
            _ => return None,
        })
    };
    known(text)
        .or_else(|| known(&folded))
        .or_else(more)
        .ok_or(WordList::Classification.unknown())
}

/// Reads yes or no.
pub fn flag(text: &str) -> Result<bool, Trouble> {
    match fold(text).as_str() {
        "ya" | "y" | "iya" | "yes" | "true" | "benar" | "1" | "v" | "anonim" | "rahasia" => Ok(true),
        // A tick folds to nothing.
        "" if text.contains(['✓', '✔', '√', '☑']) => Ok(true),
        "" | "tidak" | "tdk" | "t" | "bukan" | "no" | "n" | "false" | "0" | "terbuka" => Ok(false),
        _ => Err(WordList::Flag.unknown()),
    }
}

/// Reads *anonim* and *rahasia* from one cell. A word that is not known may mean either, so it is not passed over.
pub fn openness(text: &str) -> Result<(bool, bool), Trouble> {
    let (mut anonymous, mut confidential) = (false, false);
    for word in fold(text).split(' ') {
        match word {
            "anonim" | "anonymous" => anonymous = true,
            "rahasia" | "confidential" => confidential = true,
            "" | "dan" | "and" | "biasa" | "umum" | "terbuka" | "normal" | "publik" | "tidak" => {}
            _ => return Err(WordList::Openness.unknown()),
        }
    }
    Ok((anonymous, confidential))
}

/// Tells whether a name says that there is none.
pub fn is_no_name(name: &str) -> bool {
    matches!(
        fold(name).as_str(),
        "anonim" | "anonymous" | "tanpa nama" | "nn" | "n n" | "hamba allah" | "tidak diketahui" | "noname" | "no name"
    )
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_offices_write_them() {
        assert_eq!(channel("Datang Langsung"), Ok(Channel::Visit));
        assert_eq!(channel(" WA "), Ok(Channel::WhatsApp));
        assert_eq!(channel("suggestion_box"), Ok(Channel::SuggestionBox));
        assert_eq!(classification("Aduan"), Ok(Classification::Complaint));
        assert_eq!(
            (flag("√"), flag("Tidak"), flag(" - ")),
            (Ok(true), Ok(false), Ok(false))
        );
        assert_eq!(openness("Anonim, Rahasia"), Ok((true, true)));
        assert!(openness("tertutup").is_err() && flag("mungkin").is_err());
    }

    #[test]
    fn an_unknown_word_is_answered_with_those_that_are_allowed() {
        assert_eq!(channel("merpati pos"), Err(Trouble::UnknownWord(WordList::Channel)));
        assert!(
            WordList::Channel
                .words(Lang::Id)
                .starts_with("Tatap muka, Surat, Telepon")
        );
    }
}
