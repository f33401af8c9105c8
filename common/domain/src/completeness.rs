//! The checklist that decides whether "verified" is possible: an incomplete report cannot be followed up (SOP, *Peringatan* 1).

use crate::particulars::Particulars;
use crate::reporter::Reporter;

use crate::lang::Lang;
use serde::{Deserialize, Serialize};

/// The fewest letters and digits that can tell what happened; a word or two never did.
const NARRATIVE_LETTERS_MIN: usize = 20;

/// Something without which a complaint cannot be followed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// A short title.
    Title,
    /// What happened.
    What,
    /// Where it happened.
    Where,
    /// When it happened.
    When,
    /// Who brings it, or why that is not told.
    Who,
    /// Which institution is addressed.
    Institution,
    /// How to reach the reporter, or why there is no way.
    Contact,
    /// What LAPOR's form calls it: complaint, aspiration, request for information.
    Classification,
    /// LAPOR's category.
    Category,
    /// Something that the liaison put into words.
    Other,
}

impl Missing {
    /// Every kind, in the order of the form.
    pub const ALL: [Self; 10] = [
        Self::Classification,
        Self::Title,
        Self::What,
        Self::When,
        Self::Where,
        Self::Institution,
        Self::Category,
        Self::Who,
        Self::Contact,
        Self::Other,
    ];

    /// Gives the word that code and the command line use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::What => "what",
            Self::Where => "where",
            Self::When => "when",
            Self::Who => "who",
            Self::Institution => "institution",
            Self::Contact => "contact",
            Self::Classification => "classification",
            Self::Category => "category",
            Self::Other => "other",
        }
    }

    /// Names what is missing, for lists whose heading already says so.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Title => lang.pick("Judul", "Title"),
            Self::What => lang.pick("Isi laporan (kejelasan)", "What happened (clarity)"),
            Self::Where => lang.pick("Tempat kejadian", "Place of the event"),
            Self::When => lang.pick("Tanggal kejadian", "Date of the event"),
            Self::Who => lang.pick(
                "Nama pelapor atau alasan tanpa nama",
                "Reporter's name or why there is none",
            ),
            Self::Institution => lang.pick("Instansi tujuan", "Institution addressed"),
            Self::Contact => lang.pick(
                "Kontak pelapor atau alasan tidak ada",
                "Reporter's contact or why there is none",
            ),
            Self::Classification => lang.pick("Klasifikasi", "Classification"),
            Self::Category => lang.pick("Kategori", "Category"),
            Self::Other => lang.pick("Lainnya (lihat penjelasan)", "Something else (see the explanation)"),
        }
    }

    /// Names several things, separated by commas.
    pub fn labels(missing: &[Self], lang: Lang) -> String {
        missing
            .iter()
            .map(|item| item.label(lang))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Says what is missing and what to do.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Title => lang.pick(
                "Judul belum ada: tulis satu kalimat pendek.",
                "No title: write one short sentence.",
            ),
            Self::What => lang.pick(
                "Isi belum jelas: ceritakan apa yang terjadi, paling sedikit satu kalimat.",
                "What happened is not clear: tell it in at least one sentence.",
            ),
            Self::Where => lang.pick(
                "Tempat belum ada: pilih desa/kelurahan atau tulis tempat kejadian.",
                "No place: choose the village or write where it happened.",
            ),
            Self::When => lang.pick("Tanggal kejadian belum ada.", "No date of the event."),
            Self::Who => lang.pick(
                "Pelapor belum ada: tulis namanya, atau alasan mengapa tanpa nama.",
                "No reporter: write the name, or why there is none.",
            ),
            Self::Institution => lang.pick("Instansi tujuan belum ada.", "No institution addressed."),
            Self::Contact => lang.pick(
                "Kontak belum ada: tulis nomor telepon, email atau alamat, atau alasan mengapa tidak ada.",
                "No contact: write a phone number, an email or postal address, or why there is none.",
            ),
            Self::Classification => lang.pick(
                "Klasifikasi belum dipilih: pengaduan, aspirasi atau permintaan informasi.",
                "No classification: complaint, aspiration or request for information.",
            ),
            Self::Category => lang.pick("Kategori belum dipilih.", "No category."),
            Self::Other => lang.pick("Lainnya (lihat alasan).", "Something else (see the reason)."),
        }
    }
}

impl std::str::FromStr for Missing {
    type Err = crate::vocabulary::UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|missing| missing.code() == text.trim())
            .ok_or_else(|| Self::Err {
                list: "missing item",
                words: Self::ALL.map(Self::code).join(", "),
            })
    }
}

/// Lists what is still missing; empty means that the complaint can be verified.
///
/// The reporter is looked at through its record; an erased record counts as told, for the law erased it, not the office.
pub fn missing(particulars: &Particulars, reporter: Reporter<'_>) -> Vec<Missing> {
    let blank = |text: &str| text.trim().is_empty();
    let letters = particulars.narrative.chars().filter(|c| c.is_alphanumeric()).count();
    let mut missing = Vec::new();
    let mut need = |told: bool, item: Missing| {
        if !told {
            missing.push(item);
        }
    };
    need(particulars.classification.is_some(), Missing::Classification);
    need(!blank(&particulars.title), Missing::Title);
    need(letters >= NARRATIVE_LETTERS_MIN, Missing::What);
    need(!blank(&particulars.event_date), Missing::When);
    need(
        !blank(&particulars.region) || !blank(&particulars.place),
        Missing::Where,
    );
    need(!blank(&particulars.institution), Missing::Institution);
    need(!blank(&particulars.category), Missing::Category);
    let (named, reachable) = match reporter {
        Reporter::None => (false, false),
        Reporter::Erased => (true, true),
        Reporter::Known(record) => (!blank(&record.name), record.is_reachable()),
    };
    need(named || !blank(&particulars.why_nameless), Missing::Who);
    need(reachable || !blank(&particulars.why_unreachable), Missing::Contact);
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::particulars::sample;
    use crate::reporter::ReporterRecord;

    #[test]
    fn a_complete_complaint_misses_nothing_and_each_blank_is_named() {
        let record = ReporterRecord {
            name: "Rahma".into(),
            phone: "+6281234567890".into(),
            ..ReporterRecord::default()
        };
        let known = Reporter::Known(&record);
        let full = sample();
        assert_eq!(missing(&full, known), []);
        let without = |change: fn(&mut Particulars)| {
            let mut particulars = full.clone();
            change(&mut particulars);
            missing(&particulars, known)
        };
        assert_eq!(without(|p| p.title = "  ".into()), [Missing::Title]);
        assert_eq!(without(|p| p.narrative = "Jalan rusak.".into()), [Missing::What]);
        assert_eq!(without(|p| p.event_date.clear()), [Missing::When]);
        assert_eq!(without(|p| p.institution.clear()), [Missing::Institution]);
        assert_eq!(without(|p| p.classification = None), [Missing::Classification]);
        assert_eq!(without(|p| p.category.clear()), [Missing::Category]);
        assert_eq!(without(|p| p.region.clear()), [], "the place in words is enough");
        assert_eq!(
            without(|p| {
                p.region.clear();
                p.place.clear();
            }),
            [Missing::Where]
        );
    }

    #[test]
    fn each_label_names_one_thing_in_both_languages_and_claims_nothing() {
        for lang in Lang::ALL {
            let labels: std::collections::BTreeSet<_> = Missing::ALL.iter().map(|item| item.label(lang)).collect();
            assert_eq!(labels.len(), Missing::ALL.len(), "each is named differently");
            // In a list of what a complaint was returned for, "there is no date" would be said of a date that is there.
            let claims = |label: &&str| label.contains("belum") || label.starts_with("No ") || label.ends_with('.');
            assert_eq!(labels.iter().copied().find(claims), None);
            assert!(labels.iter().all(|label| !label.contains(',')), "commas separate them");
        }
        assert!(
            Missing::ALL
                .iter()
                .all(|item| item.label(Lang::Id) != item.label(Lang::En))
        );
        let two = Missing::labels(&[Missing::When, Missing::Where], Lang::Id);
        assert_eq!(two, "Tanggal kejadian, Tempat kejadian");
    }

    #[test]
    fn a_nameless_or_unreachable_reporter_needs_a_reason() {
        let mut particulars = sample();
        assert_eq!(missing(&particulars, Reporter::None), [Missing::Who, Missing::Contact]);
        particulars.why_nameless = "Takut dikenali.".into();
        particulars.why_unreachable = "Tidak punya telepon.".into();
        assert_eq!(missing(&particulars, Reporter::None), []);
        assert_eq!(missing(&sample(), Reporter::Erased), []);
    }
}
