//! The NIK: sixteen digits, namely region of first issue (6), date of birth (6, day + 40 for women), serial (4).

use std::fmt;

use chrono::{Datelike as _, NaiveDate};

use crate::id::OfficeCode;
use crate::lang::Lang;
use crate::region::Regions;

/// How many digits a NIK has.
const DIGITS: usize = 16;
/// What is added to the day of birth in a woman's NIK.
const WOMAN_DAY_OFFSET: u32 = 40;
/// Somebody younger hardly comes to an office with a complaint.
const REPORTER_AGE_MIN: i32 = 12;
/// Somebody older hardly does either.
const REPORTER_AGE_MAX: i32 = 100;

/// An identity number of the right form. Whether it was ever issued is not known here: it has no check digit.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nik(String);

/// Why a text is no NIK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub enum NikError {
    /// Nothing is there.
    Blank,
    /// It was a number in a spreadsheet, which keeps only fifteen digits.
    Spreadsheet,
    /// Something else than digits is in it.
    NotDigits,
    /// Too few or too many digits.
    Length {
        /// How many there are.
        found: usize,
    },
}

/// What is odd about a NIK. The number is taken all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NikHint {
    /// The six digits of the date of birth are no date.
    ImpossibleBirthDate,
    /// The holder would be a small child or older than a hundred.
    ImplausibleAge,
    /// No regency has the code that it begins with.
    UnknownRegion,
    /// It was first issued in another regency than the office's.
    OtherRegion,
}

impl Nik {
    /// Reads a NIK as people write it: spaces, dots and dashes between the digits do not matter.
    pub fn parse(text: &str) -> Result<Self, NikError> {
        // Spreadsheets mark a text cell by a leading apostrophe, which comes along when copied.
        let text = text.trim().trim_start_matches('\'');
        let digits: String = text.chars().filter(|c| !is_separator(*c)).collect();
        if digits.is_empty() {
            return Err(NikError::Blank);
        }
        if text.to_ascii_uppercase().contains("E+") {
            return Err(NikError::Spreadsheet);
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NikError::NotDigits);
        }
        if digits.len() != DIGITS {
            return Err(NikError::Length { found: digits.len() });
        }
        Ok(Self(digits))
    }

    /// Gives the sixteen digits. Only for storing, and for somebody who asked to see them.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the number with all but the last four digits hidden.
    pub fn masked(&self) -> String {
        format!("{}{}", "•".repeat(DIGITS - 4), &self.0[DIGITS - 4..])
    }

    /// Tells what is odd about the number, for a day and, if given, an office.
    pub fn hints(&self, today: NaiveDate, office: Option<&OfficeCode>) -> Vec<NikHint> {
        let mut hints = Vec::new();
        // Districts are split and renumbered often; the regency is what stays.
        let regency = format!("{}.{}", &self.0[..2], &self.0[2..4]);
        if Regions::bundled().name(&regency).is_none() {
            hints.push(NikHint::UnknownRegion);
        } else if office.is_some_and(|office| !office.as_str().starts_with(&regency)) {
            hints.push(NikHint::OtherRegion);
        }
        let ages: Vec<i32> = self.possible_births(today).map(|birth| age(birth, today)).collect();
        if ages.is_empty() {
            hints.push(NikHint::ImpossibleBirthDate);
        } else if !ages
            .iter()
            .any(|age| (REPORTER_AGE_MIN..=REPORTER_AGE_MAX).contains(age))
        {
            hints.push(NikHint::ImplausibleAge);
        }
        hints
    }

    /// Gives the dates of birth that the number may mean: the year has two digits, so there can be two.
    fn possible_births(&self, today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let two = |at: usize| {
            self.0[at..at + 2]
                .bytes()
                .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
        };
        let (day, month, year) = (two(6), two(8), two(10));
        let day = if day > WOMAN_DAY_OFFSET {
            day - WOMAN_DAY_OFFSET
        } else {
            day
        };
        [1900, 2000]
            .into_iter()
            .filter_map(move |century| NaiveDate::from_ymd_opt(century + i32::try_from(year).ok()?, month, day))
            .filter(move |birth| *birth <= today)
    }
}

/// Whole years since birth.
fn age(birth: NaiveDate, today: NaiveDate) -> i32 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    today.year() - birth.year() - i32::from(!had_birthday)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '‐' | '‑' | '–')
}

impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nik(•)")
    }
}

impl NikError {
    /// Says what is wrong and what to do.
    pub fn words(self, lang: Lang) -> String {
        let fixed = match self {
            Self::Blank => lang.pick(
                "NIK masih kosong. Isi 16 angka dari KTP, atau kosongkan isian jika pelapor tidak membawanya.",
                "The NIK is empty. Type the 16 digits on the identity card, or leave it out if it is not at hand.",
            ),
            Self::Spreadsheet => lang.pick(
                "NIK ini sudah dibulatkan oleh Excel. Ubah kolomnya menjadi teks, lalu ketik lagi dari KTP.",
                "A spreadsheet has rounded this NIK. Make the column text and type it again from the identity card.",
            ),
            Self::NotDigits => lang.pick(
                "NIK memuat huruf atau tanda lain. Ketik hanya angkanya.",
                "The NIK has letters or other signs in it. Type the digits only.",
            ),
            Self::Length { found } => {
                return lang.pick(
                    format!("NIK harus 16 angka, yang diketik {found}. Periksa lagi pada KTP."),
                    format!("A NIK has 16 digits, {found} were typed. Check it against the identity card."),
                );
            }
        };
        fixed.to_owned()
    }
}

impl NikHint {
    /// Says what is odd and what to do.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::ImpossibleBirthDate => lang.pick(
                "Tanggal lahir di dalam NIK tidak mungkin. Periksa angka ke-7 sampai ke-12 pada KTP.",
                "The date of birth within the NIK is impossible. Check digits 7 to 12 on the identity card.",
            ),
            Self::ImplausibleAge => lang.pick(
                "Menurut NIK, pelapor masih anak kecil atau berumur lebih dari 100 tahun. Periksa angka ke-7 sampai ke-12.",
                "By the NIK the reporter is a small child or over 100 years old. Check digits 7 to 12.",
            ),
            Self::UnknownRegion => lang.pick(
                "Kode wilayah di awal NIK tidak dikenal; mungkin kode lama. Periksa empat angka pertama.",
                "The region code that the NIK begins with is not known; it may be an old one. Check the first four digits.",
            ),
            Self::OtherRegion => lang.pick(
                "NIK ini pertama kali terbit di kabupaten atau kota lain. Itu boleh; periksa hanya jika ragu.",
                "This NIK was first issued in another regency. That is allowed; check it only if in doubt.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 27).unwrap()
    }

    fn hints(text: &str) -> Vec<NikHint> {
        let office: OfficeCode = "63.01.03".parse().unwrap();
        Nik::parse(text).unwrap().hints(today(), Some(&office))
    }

    #[test]
    fn a_nik_is_read_however_it_is_spaced() {
        for text in [
            "6301034107900001",
            " 6301 0341 0790 0001 ",
            "630103.410790-0001",
            "'6301034107900001",
        ] {
            assert_eq!(Nik::parse(text).unwrap().as_str(), "6301034107900001", "{text}");
        }
    }

    #[test]
    fn an_error_says_what_is_wrong() {
        assert_eq!(Nik::parse(" - "), Err(NikError::Blank));
        assert_eq!(Nik::parse("630103410790000"), Err(NikError::Length { found: 15 }));
        assert_eq!(Nik::parse("63010341079000011"), Err(NikError::Length { found: 17 }));
        assert_eq!(Nik::parse("630103410790000O"), Err(NikError::NotDigits));
        assert_eq!(Nik::parse("٦٣٠١٠٣٤١٠٧٩٠٠٠٠١"), Err(NikError::NotDigits));
        assert_eq!(Nik::parse("6.30103E+15"), Err(NikError::Spreadsheet));
        assert_eq!(Nik::parse("6,30103e+15"), Err(NikError::Spreadsheet));
    }

    #[test]
    fn neither_errors_nor_debug_show_digits_of_the_number() {
        let nik = Nik::parse("6301034107900042").unwrap();
        assert_eq!(format!("{nik:?}"), "Nik(•)");
        assert_eq!(nik.masked(), "••••••••••••0042");
        let error = Nik::parse("777888999").unwrap_err();
        for lang in Lang::ALL {
            assert!(!error.words(lang).contains("777") && !error.words(lang).contains("999"));
        }
        assert!(error.to_string().contains("9 were typed"));
    }

    #[test]
    fn an_ordinary_nik_has_no_hints() {
        assert_eq!(hints("6301034107900001"), []);
        assert_eq!(hints("6301030107900001"), []);
        // A leap day, read in the one century where it exists.
        assert_eq!(hints("6301032902000001"), []);
    }

    #[test]
    fn oddities_are_hints_and_never_errors() {
        assert_eq!(hints("6301033202900001"), [NikHint::ImpossibleBirthDate]);
        assert_eq!(hints("6301037302900001"), [NikHint::ImpossibleBirthDate]);
        assert_eq!(hints("6301030013900001"), [NikHint::ImpossibleBirthDate]);
        assert_eq!(hints("6301032902010001"), [NikHint::ImpossibleBirthDate]);
        assert_eq!(hints("6301030101200001"), [NikHint::ImplausibleAge]);
        assert_eq!(hints("9999030107900001"), [NikHint::UnknownRegion]);
        assert_eq!(hints("3201030107900001"), [NikHint::OtherRegion]);
        assert_eq!(
            hints("0000000000000000"),
            [NikHint::UnknownRegion, NikHint::ImpossibleBirthDate]
        );
    }

    #[test]
    fn without_an_office_no_region_is_another() {
        assert_eq!(Nik::parse("3201030107900001").unwrap().hints(today(), None), []);
    }

    #[test]
    fn the_age_decides_between_the_two_centuries() {
        // Born on 27 or 28 March 2014: twelve years old today, or tomorrow.
        assert_eq!(hints("6301032703140001"), []);
        assert_eq!(hints("6301032803140001"), [NikHint::ImplausibleAge]);
    }
}
