//! Hints that a report may be of a kind that LAPOR does not take. A person decides; a word list only asks.

use crate::vocabulary::OutOfScope;

/// Stems that such reports use, in the Indonesian of letters and counters.
const STEMS: &[(OutOfScope, &[&str])] = &[
    (
        OutOfScope::Crime,
        &[
            "pencurian",
            "dicuri",
            "perampokan",
            "pembunuhan",
            "penganiayaan",
            "pemerkosaan",
            "narkoba",
            "pembegalan",
            "penipuan",
        ],
    ),
    (
        OutOfScope::Corruption,
        &[
            "korupsi",
            "gratifikasi",
            "suap",
            "menyuap",
            "penggelapan dana",
            "mark up",
            "mark-up",
        ],
    ),
    (
        OutOfScope::Legislation,
        &[
            "rancangan undang-undang",
            "revisi undang-undang",
            "mengubah undang-undang",
            "uji materi",
            "mencabut perda",
            "revisi perda",
        ],
    ),
    (
        OutOfScope::WhistleBlowing,
        &["whistle", "saya pegawai di instansi", "rekan kerja saya di instansi"],
    ),
];

/// Lists the kinds whose words occur in a text. An empty list promises nothing.
pub fn hints(text: &str) -> Vec<OutOfScope> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|w| !w.is_empty())
        .collect();
    let spoken = format!(" {} ", words.join(" "));
    let occurs = |stem: &&str| spoken.contains(&format!(" {stem}"));
    STEMS
        .iter()
        .filter(|(_, stems)| stems.iter().any(&occurs))
        .map(|(kind, _)| *kind)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_about_a_theft_asks_and_one_about_a_road_does_not() {
        assert_eq!(hints("Sepeda motor saya DICURI, mohon polisi."), [OutOfScope::Crime]);
        assert_eq!(
            hints("Diduga ada korupsi dana desa dan suap."),
            [OutOfScope::Corruption]
        );
        assert_eq!(hints("Jalan rusak sejak lama; air PDAM keruh."), []);
        assert_eq!(
            hints("Ban kapal pengerusuap"),
            [],
            "a stem counts at the start of a word only"
        );
    }
}
