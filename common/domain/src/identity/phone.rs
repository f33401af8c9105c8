//! Phone numbers, written in any of the usual ways and kept in international form.

use std::fmt;

use crate::lang::Lang;

/// Fewest digits of an Indonesian number behind `+62`: a short landline with its area code.
const NATIONAL_DIGITS_MIN: usize = 7;
/// Most digits of an Indonesian number behind `+62`.
const NATIONAL_DIGITS_MAX: usize = 13;
/// Fewest digits of a mobile number behind `+62` that operators give out.
const MOBILE_DIGITS_MIN: usize = 9;
/// Most digits of a mobile number behind `+62` that operators give out.
const MOBILE_DIGITS_MAX: usize = 12;
/// Fewest digits of a foreign number, country code included.
const FOREIGN_DIGITS_MIN: usize = 8;
/// Most digits of any number, country code included (E.164).
const FOREIGN_DIGITS_MAX: usize = 15;
/// How many digits a mask leaves.
const MASK_KEEPS: usize = 3;

/// A phone number in international form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Why a text is no phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub enum PhoneError {
    /// Nothing is there.
    Blank,
    /// Something else than a number is in it.
    NotDigits,
    /// More than one number.
    Several,
    /// Neither 0 nor + at the beginning.
    NoAreaCode,
    /// Too few digits.
    TooShort,
    /// Too many digits.
    TooLong,
}

/// What is odd about a phone number. It is taken all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneHint {
    /// A mobile number with fewer or more digits than operators give out.
    UnusualLength,
    /// No area and no operator has this beginning.
    UnusualPrefix,
    /// A landline: it has no WhatsApp and takes no SMS.
    Landline,
    /// A number of another country.
    Foreign,
}

impl Phone {
    /// Reads a number as people write it: `0812-3456-7890`, `+62 812…`, `62812…`, `(0512) 21445`, `812…` from a
    /// spreadsheet that dropped the zero. A foreign number needs its + or 00.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        // Spreadsheets mark a text cell by a leading apostrophe, which comes along when copied.
        let text = text.trim().trim_start_matches('\'');
        if text.contains(['/', ',', ';', '\n']) {
            return Err(PhoneError::Several);
        }
        let plain: String = text.chars().filter(|c| !is_separator(*c)).collect();
        let (international, digits) = match plain.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, plain.as_str()),
        };
        if digits.is_empty() {
            return Err(PhoneError::Blank);
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneError::NotDigits);
        }
        let (international, digits) = match digits.strip_prefix("00") {
            Some(rest) if !international => (true, rest),
            _ => (international, digits),
        };
        if let Some(national) = digits.strip_prefix("62") {
            // +62 (0)812…: the zero belongs to calls from within the country.
            return Self::indonesian(national.strip_prefix('0').unwrap_or(national));
        }
        if international {
            return within(digits.len(), FOREIGN_DIGITS_MIN, FOREIGN_DIGITS_MAX).map(|()| Self(format!("+{digits}")));
        }
        match digits.strip_prefix('0') {
            Some(national) => Self::indonesian(national),
            None if digits.starts_with('8') && digits.len() >= MOBILE_DIGITS_MIN => Self::indonesian(digits),
            None => Err(PhoneError::NoAreaCode),
        }
    }

    /// Gives the number in international form. Only for storing, and for somebody who asked to see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the number with all but the last three digits hidden.
    pub fn masked(&self) -> String {
        let keep = self.0.len() - MASK_KEEPS;
        format!("{}{}", "•".repeat(keep), &self.0[keep..])
    }

    /// Tells whether it is an Indonesian mobile number, which can be expected to have WhatsApp.
    pub fn is_mobile(&self) -> bool {
        self.0.starts_with("+628")
    }

    /// Tells what is odd about the number.
    pub fn hints(&self) -> Vec<PhoneHint> {
        let Some(national) = self.0.strip_prefix("+62") else {
            return vec![PhoneHint::Foreign];
        };
        let mut hints = Vec::new();
        let mut first_two = national.bytes();
        let known = match (first_two.next(), first_two.next()) {
            (Some(b'8'), Some(second)) => matches!(second, b'1' | b'2' | b'3' | b'5' | b'7' | b'8' | b'9'),
            (Some(first), _) => matches!(first, b'2'..=b'7' | b'9'),
            (None, _) => false,
        };
        if !known {
            hints.push(PhoneHint::UnusualPrefix);
        }
        if !self.is_mobile() {
            hints.push(PhoneHint::Landline);
        } else if !(MOBILE_DIGITS_MIN..=MOBILE_DIGITS_MAX).contains(&national.len()) {
            hints.push(PhoneHint::UnusualLength);
        }
        hints
    }

    fn indonesian(national: &str) -> Result<Self, PhoneError> {
        within(national.len(), NATIONAL_DIGITS_MIN, NATIONAL_DIGITS_MAX).map(|()| Self(format!("+62{national}")))
    }
}

fn within(digits: usize, min: usize, max: usize) -> Result<(), PhoneError> {
    if digits < min {
        Err(PhoneError::TooShort)
    } else if digits > max {
        Err(PhoneError::TooLong)
    } else {
        Ok(())
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '‐' | '‑' | '–' | '(' | ')')
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(•)")
    }
}

impl PhoneError {
    /// Says what is wrong and what to do.
    pub fn words(self, lang: Lang) -> String {
        let words = match self {
            Self::Blank => lang.pick(
                "Nomor telepon masih kosong. Ketik nomornya, atau kosongkan isian jika tidak ada.",
                "The phone number is empty. Type the number, or leave it out if there is none.",
            ),
            Self::NotDigits => lang.pick(
                "Nomor telepon memuat huruf atau tanda lain. Ketik hanya angkanya, misalnya 0812 3456 7890.",
                "The phone number has letters or other signs in it. Type the digits only, e.g. 0812 3456 7890.",
            ),
            Self::Several => lang.pick(
                "Isian ini memuat lebih dari satu nomor. Ketik satu nomor saja; yang lain boleh ditulis di catatan.",
                "There is more than one number here. Type one only; the others can go into a note.",
            ),
            Self::NoAreaCode => lang.pick(
                "Nomor telepon harus diawali 0 atau +. Untuk telepon rumah, tambahkan kode daerah, misalnya 0512.",
                "A phone number begins with 0 or +. For a landline add the area code, e.g. 0512.",
            ),
            Self::TooShort => lang.pick(
                "Nomor telepon terlalu pendek. Periksa apakah ada angka yang tertinggal, atau kode daerahnya.",
                "The phone number is too short. Check whether a digit or the area code is missing.",
            ),
            Self::TooLong => lang.pick(
                "Nomor telepon terlalu panjang. Periksa apakah ada angka yang terketik dua kali.",
                "The phone number is too long. Check whether a digit was typed twice.",
            ),
        };
        words.to_owned()
    }
}

impl PhoneHint {
    /// Says what is odd and what to do.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::UnusualLength => lang.pick(
                "Panjang nomor HP ini tidak biasa. Bacakan kembali kepada pelapor.",
                "This mobile number has an unusual length. Read it back to the reporter.",
            ),
            Self::UnusualPrefix => lang.pick(
                "Awal nomor ini tidak dikenal. Bacakan kembali kepada pelapor.",
                "The beginning of this number is not known. Read it back to the reporter.",
            ),
            Self::Landline => lang.pick(
                "Ini telepon rumah, tanpa WhatsApp dan SMS. Tanyakan apakah ada nomor HP.",
                "This is a landline, without WhatsApp and SMS. Ask whether there is a mobile number.",
            ),
            Self::Foreign => lang.pick(
                "Ini nomor luar negeri. Bacakan kembali kepada pelapor.",
                "This is a number of another country. Read it back to the reporter.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indonesian_number_is_one_number_however_it_is_written() {
        for text in [
            "0812-3456-7890",
            "+62 812 3456 7890",
            "6281234567890",
            "+62 (0)812-3456-7890",
            "00 62 812 3456 7890",
            "'081234567890",
            "81234567890",
            " 0812.3456.7890 ",
        ] {
            assert_eq!(
                Phone::parse(text).map(|phone| phone.0),
                Ok("+6281234567890".to_owned()),
                "{text}"
            );
        }
        assert_eq!(Phone::parse("(0512) 21445").unwrap().as_str(), "+6251221445");
        assert_eq!(Phone::parse("+31 20 624 1111").unwrap().as_str(), "+31206241111");
        assert_eq!(Phone::parse("0031206241111").unwrap().as_str(), "+31206241111");
    }

    #[test]
    fn an_error_says_what_is_wrong() {
        for (text, error) in [
            (" ", PhoneError::Blank),
            ("+", PhoneError::Blank),
            ("0812-ABCD-7890", PhoneError::NotDigits),
            ("0812+34567890", PhoneError::NotDigits),
            ("081234567890 / 081298765432", PhoneError::Several),
            ("21445", PhoneError::NoAreaCode),
            ("51221445", PhoneError::NoAreaCode),
            ("08123", PhoneError::TooShort),
            ("+62", PhoneError::TooShort),
            ("+12345", PhoneError::TooShort),
            ("0812345678901234", PhoneError::TooLong),
            ("+1234567890123456", PhoneError::TooLong),
        ] {
            assert_eq!(Phone::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn oddities_are_hints_and_never_errors() {
        for (text, hints) in [
            ("081234567890", vec![]),
            ("0811500123", vec![]),
            ("08123456", vec![PhoneHint::UnusualLength]),
            ("08123456789012", vec![PhoneHint::UnusualLength]),
            ("084112345678", vec![PhoneHint::UnusualPrefix]),
            ("0512-21445", vec![PhoneHint::Landline]),
            ("0112345678", vec![PhoneHint::UnusualPrefix, PhoneHint::Landline]),
            ("+31206241111", vec![PhoneHint::Foreign]),
        ] {
            assert_eq!(Phone::parse(text).unwrap().hints(), hints, "{text}");
        }
    }

    #[test]
    fn neither_mask_nor_debug_nor_error_shows_the_number() {
        let phone = Phone::parse("081234567890").unwrap();
        assert_eq!(phone.masked(), "•••••••••••890");
        assert_eq!(format!("{phone:?}"), "Phone(•)");
        let error = Phone::parse("0877").unwrap_err();
        assert!(Lang::ALL.iter().all(|lang| !error.words(*lang).contains("877")));
    }
}
