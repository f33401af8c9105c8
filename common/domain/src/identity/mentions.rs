//! Identities inside a text: numbers, addresses and names that a citizen wrote into the story itself.
//!
//! LAPOR shows the story of a complaint to the institution, and to the public unless it is confidential. What is found here
//! is pointed out, and a redacted text proposed; a person decides. An empty list promises nothing: a name without a
//! *Pak* or *Ibu* before it looks like any other word.

use std::ops::Range;

use super::{Nik, Phone, PhoneHint};
use crate::lang::Lang;
use crate::reporter::ReporterRecord;

/// What kind of identity stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MentionKind {
    /// Sixteen digits that begin like a NIK.
    Nik,
    /// A phone number.
    Phone,
    /// An electronic mail address.
    Email,
    /// A word of the reporter's own name.
    ReporterName,
    /// Somebody's name behind a *Pak*, *Ibu*, *Sdr.* and the like.
    Name,
}

/// An identity that stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where, in bytes.
    pub at: Range<usize>,
    /// What kind.
    pub kind: MentionKind,
}

/// Fewest digits of a phone number inside a text: fewer are dates, amounts and house numbers.
const PHONE_DIGITS_MIN: usize = 9;
/// Most digits of a number that is looked at: a NIK.
const DIGITS_MAX: usize = 16;
/// Behind a blank so many digits go on with a number; `0812 3456 7890 3 hari` ends before the 3.
const GROUP_MIN: usize = 3;
/// Fewest letters of a word of the reporter's name that is searched: shorter ones are words of the language.
const NAME_LETTERS_MIN: usize = 3;
/// Most words of a name behind an honorific.
const NAME_WORDS_MAX: usize = 3;

/// So many digits are no number of a letter, but somebody's.
const DIGITS_OF_SOMEBODY: usize = 8;

/// A name of one word may be any word: a month, a day, a village.
const WORDS_OF_SOMEBODY: usize = 2;

/// What stands before somebody's name.
const HONORIFICS: &[&str] = &[
    "pak",
    "bapak",
    "bpk",
    "bu",
    "ibu",
    "sdr",
    "sdri",
    "saudara",
    "saudari",
    "haji",
    "hajah",
    "hj",
    "ustaz",
    "ustadz",
    "kyai",
    "mas",
    "mbak",
    "bang",
    "almarhum",
    "almarhumah",
    "alm",
];
/// What stands behind *Pak* and *Ibu* and is an office, not a name.
const OFFICES: &[&str] = &[
    "camat",
    "lurah",
    "kepala",
    "kades",
    "desa",
    "bupati",
    "gubernur",
    "presiden",
    "wakil",
    "sekretaris",
    "bendahara",
    "ketua",
    "guru",
    "dokter",
    "bidan",
    "polisi",
    "rt",
    "rw",
    "dinas",
    "menteri",
    "hakim",
    "jaksa",
    "dan",
    "rumah",
];
/// Words of a name that many share and that are no name.
const PARTICLES: &[&str] = &["bin", "binti", "haji", "hajah", "alm", "drs", "ibu", "bapak"];

impl MentionKind {
    /// Names it.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Nik => "NIK",
            Self::Phone => lang.pick("nomor telepon", "phone number"),
            Self::Email => lang.pick("alamat surel", "email address"),
            Self::ReporterName => lang.pick("nama pelapor", "the reporter's name"),
            Self::Name => lang.pick("nama orang", "somebody's name"),
        }
    }

    /// What stands in its place in a redacted text, which is Indonesian whoever reads it.
    fn instead(self) -> &'static str {
        match self {
            Self::Nik => "[NIK]",
            Self::Phone => "[nomor telepon]",
            Self::Email => "[alamat surel]",
            Self::ReporterName => "[pelapor]",
            Self::Name => "[nama]",
        }
    }
}

/// Finds identities in a text, in their order. `reporter` is who brings the complaint, where that is known.
pub fn mentions(text: &str, reporter: Option<&ReporterRecord>) -> Vec<Mention> {
    let words = words(text);
    let mut found = numbers(text);
    found.extend(addresses(text));
    found.extend(
        reporter
            .into_iter()
            .flat_map(|record| own_name(text, &words, &record.name)),
    );
    found.extend(names_with_honorific(text, &words));
    found.sort_by_key(|mention| (mention.at.start, mention.kind));
    let mut apart: Vec<Mention> = Vec::new();
    for mention in found {
        if apart.last().is_none_or(|last| last.at.end <= mention.at.start) {
            apart.push(mention);
        }
    }
    apart
}

/// Tells whether a text names one person: a word of their name, or what [`names_outright`] finds. For what is kept for ever, where one
/// word too many is better than a name.
pub fn names_person(text: &str, person: &ReporterRecord) -> bool {
    !own_name(text, &words(text), &person.name).is_empty() || has_name(text, &person.name) || has_number(text, person)
}

/// Tells whether a text has somebody's whole name of several words in it, their NIK, telephone number or mail address, whatever stands
/// between the digits.
pub fn names_outright(text: &str, person: &ReporterRecord) -> bool {
    words(&person.name).len() >= WORDS_OF_SOMEBODY && has_name(text, &person.name) || has_number(text, person)
}

fn has_name(text: &str, name: &str) -> bool {
    let spaced = |text: &str| {
        let words = words(text).into_iter().map(|word| text[word].to_lowercase());
        words.fold(" ".to_owned(), |line, word| line + &word + " ")
    };
    let name = spaced(name);
    name.trim().chars().any(char::is_alphabetic) && spaced(text).contains(&name)
}

fn has_number(text: &str, person: &ReporterRecord) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let said = digits(text);
    let number = |number: &str| {
        let number = digits(number);
        let number = number.trim_start_matches("62").trim_start_matches('0');
        number.len() >= DIGITS_OF_SOMEBODY && said.contains(number)
    };
    let email = person.email.trim().to_lowercase();
    // Registers write a dash where there is none.
    number(&person.nik) || number(&person.phone) || email.contains('@') && text.to_lowercase().contains(&email)
}

/// Gives the text with each of its mentions replaced by what it is.
pub fn redacted(text: &str, mentions: &[Mention]) -> String {
    let (mut out, mut after) = (String::new(), 0);
    for Mention { at, kind } in mentions {
        out.push_str(&text[after..at.start]);
        out.push_str(kind.instead());
        after = at.end;
    }
    out.push_str(&text[after..]);
    out
}

fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut begun = None;
    for (index, letter) in text.char_indices() {
        let inside = letter.is_alphanumeric() || matches!(letter, '\'' | '’');
        match (begun, inside) {
            (None, true) => begun = Some(index),
            (Some(start), false) => {
                words.push(start..index);
                begun = None;
            }
            _ => {}
        }
    }
    words.extend(begun.map(|start| start..text.len()));
    words
}

/// Finds NIKs and phone numbers, whatever stands between their digits.
fn numbers(text: &str) -> Vec<Mention> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_digit() || matches!(bytes[at], b'+' | b'(');
        if !begins || is_within(&bytes[..at]) {
            at += 1;
            continue;
        }
        let ends = group_ends(bytes, at);
        let kind = |end: &usize| number_kind(&text[at..*end]).map(|kind| (*end, kind));
        match ends.iter().rev().find_map(kind) {
            Some((end, kind)) => {
                found.push(Mention { at: at..end, kind });
                at = end;
            }
            // Behind the first group another number may begin.
            None => at = ends.first().copied().unwrap_or(at + 1),
        }
    }
    found
}

/// Tells whether a place lies within a word, or within a number or date written with dots or dashes.
fn is_within(before: &[u8]) -> bool {
    match before {
        [.., digit, b'.' | b'-'] => digit.is_ascii_digit(),
        [.., last] => last.is_ascii_alphanumeric(),
        [] => false,
    }
}

/// Lists where the groups of digits end that a number beginning at a place may consist of.
fn group_ends(bytes: &[u8], start: usize) -> Vec<usize> {
    let group = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut ends = Vec::new();
    let (mut at, mut digits) = (start, 0);
    loop {
        let gap = bytes[at..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'.' | b'-' | b'(' | b')' | b'+'))
            .count();
        let (blank, next) = (bytes[at..at + gap].contains(&b' '), group(at + gap));
        let another_begins = digits >= PHONE_DIGITS_MIN - 1 && bytes[at + gap..].starts_with(b"08");
        let goes_on = next > 0 && (digits == 0 || gap <= 2 && !(blank && (next < GROUP_MIN || another_begins)));
        digits += next;
        if !goes_on || digits > DIGITS_MAX {
            return ends;
        }
        at += gap + next;
        if bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphabetic()) {
            ends.push(at);
        }
    }
}

fn number_kind(text: &str) -> Option<MentionKind> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // No province has a code below 11.
    let like_nik = |nik: &Nik| !nik.as_str().starts_with('0') && nik.as_str() >= "11";
    if Nik::parse(text).is_ok_and(|nik| like_nik(&nik)) {
        return Some(MentionKind::Nik);
    }
    let odd = |hint: &PhoneHint| matches!(hint, PhoneHint::UnusualLength | PhoneHint::UnusualPrefix);
    let is_phone = |phone: Phone| !phone.hints().iter().any(odd);
    (digits >= PHONE_DIGITS_MIN && Phone::parse(text).is_ok_and(is_phone)).then_some(MentionKind::Phone)
}

fn addresses(text: &str) -> Vec<Mention> {
    let part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '%' | '+' | '-');
    let address = |(sign, _): (usize, &str)| {
        let before = text[..sign].rfind(|letter| !part(letter)).map_or(0, |index| {
            index + text[index..].chars().next().map_or(1, char::len_utf8)
        });
        let rest = &text[sign + 1..];
        let domain = rest[..rest.find(|letter| !part(letter)).unwrap_or(rest.len())].trim_end_matches(['.', '-']);
        let whole = before < sign && domain.contains('.');
        whole.then(|| Mention {
            at: before..sign + 1 + domain.len(),
            kind: MentionKind::Email,
        })
    };
    text.match_indices('@').filter_map(address).collect()
}

/// Finds words of the reporter's name; those side by side are one mention.
fn own_name(text: &str, words: &[Range<usize>], name: &str) -> Vec<Mention> {
    let parts: Vec<String> = self::words(name)
        .into_iter()
        .map(|part| name[part].to_lowercase())
        .filter(|part| part.chars().any(char::is_alphabetic))
        .filter(|part| part.chars().count() >= NAME_LETTERS_MIN && !PARTICLES.contains(&part.as_str()))
        .collect();
    let mut found: Vec<Mention> = Vec::new();
    for word in words {
        if !parts.contains(&text[word.clone()].to_lowercase()) {
            continue;
        }
        match found.last_mut() {
            Some(last) if text[last.at.end..word.start].trim_matches(['.', ' ']).is_empty() => last.at.end = word.end,
            _ => found.push(Mention {
                at: word.clone(),
                kind: MentionKind::ReporterName,
            }),
        }
    }
    found
}

fn names_with_honorific(text: &str, words: &[Range<usize>]) -> Vec<Mention> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if !HONORIFICS.contains(&text[word.clone()].to_lowercase().as_str()) {
            continue;
        }
        let mut end = word.end;
        let follows = words[index + 1..].iter().take(NAME_WORDS_MAX).take_while(|next| {
            let beside = text[end..next.start].trim_matches(['.', ' ']).is_empty();
            end = next.end;
            beside && is_name(&text[(*next).clone()])
        });
        let name: Vec<_> = follows.collect();
        if let (Some(first), Some(last)) = (name.first(), name.last()) {
            found.push(Mention {
                at: first.start..last.end,
                kind: MentionKind::Name,
            });
        }
    }
    found
}

/// A capital and small letters behind it: in a text all in capitals nothing tells a name from a word.
fn is_name(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_lowercase)
        && !OFFICES.contains(&word.to_lowercase().as_str())
        && !HONORIFICS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reporter(name: &str) -> ReporterRecord {
        ReporterRecord {
            name: name.into(),
            ..ReporterRecord::default()
        }
    }

    fn shown(text: &str) -> String {
        let reporter = reporter("Rahma Yulianti binti Hasan");
        redacted(text, &mentions(text, Some(&reporter)))
    }

    #[test]
    fn identities_in_a_story_are_found_and_replaced_by_what_they_are() {
        for (text, expected) in [
            ("NIK saya 6301034107900001.", "NIK saya [NIK]."),
            (
                "NIK 6301 0341 0790 0001, atau 63.01.03.410790.0001",
                "NIK [NIK], atau [NIK]",
            ),
            (
                "Hubungi 0812-3456-7890 atau +62 812 3456 7891!",
                "Hubungi [nomor telepon] atau [nomor telepon]!",
            ),
            ("WA 081234567890 3 hari lalu", "WA [nomor telepon] 3 hari lalu"),
            (
                "Telepon (0512) 21445 tidak diangkat",
                "Telepon [nomor telepon] tidak diangkat",
            ),
            (
                "pada 02-03-2026 0812 3456 7890 menelepon",
                "pada 02-03-2026 [nomor telepon] menelepon",
            ),
            ("surel ke warga.pelaihari@contoh.co.id.", "surel ke [alamat surel]."),
            (
                "Saya, RAHMA YULIANTI, lewat; rahma takut.",
                "Saya, [pelapor], lewat; [pelapor] takut.",
            ),
            (
                "Pak Budi Santoso menutup jalan, kata Ibu Aminah.",
                "Pak [nama] menutup jalan, kata Ibu [nama].",
            ),
            ("Sdr. Yusuf dan Hj. Sa'diah", "Sdr. [nama] dan Hj. [nama]"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn what_only_looks_like_an_identity_is_let_be() {
        for text in [
            "Kerugian Rp 12.500.000 sejak 02-03-2026, rumah nomor 0012.",
            "Pak Camat dan Ibu Kepala Desa sudah tahu.",
            "IBU RUMAH TANGGA MENUNGGU AIR",
            "Nomor agenda 63.01.03/A/2026/0042 dan ID lacak 9182736.",
            "hubungi kami @kecamatan",
            "ibu-ibu takut, pak.",
            "RT 003 RW 004 001",
            "",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_text_that_names_one_person_is_told_from_one_that_does_not() {
        let person = ReporterRecord {
            name: "Rahma Yulianti binti Hasan".into(),
            nik: "6301034107900001".into(),
            phone: "+6281234567890".into(),
            email: "Rahma.Y@contoh.example".into(),
            ..ReporterRecord::default()
        };
        let outright = [
            "surat rahma yulianti  binti HASAN",
            "NIK 63.01.03-410790.0001",
            "telp 0812 3456 7890",
            "surel rahma.y@contoh.example",
        ];
        for text in outright {
            assert!(names_person(text, &person) && names_outright(text, &person), "{text}");
        }
        // A word of a name is enough where one person is meant, and too little where everybody is.
        assert!(names_person("diminta bu Rahma", &person) && !names_outright("diminta bu Rahma", &person));
        for text in [
            "surat nomor 12 tanggal 3 Maret 2026",
            "diminta binti tetangga",
            "SK 100/12",
            "",
        ] {
            assert!(!names_person(text, &person), "{text}");
        }
        let dash = ReporterRecord {
            email: "-".into(),
            ..reporter("Mei")
        };
        assert!(!names_outright("laporan bulan Mei - lengkap", &dash) && names_person("bulan Mei", &dash));
        let short = reporter("Al");
        assert!(names_person("permintaan Al", &short) && !names_person("permintaan alamat", &short));
        assert!(!names_person("surat nomor 12", &ReporterRecord::default()));
    }

    #[test]
    fn any_text_is_read_and_its_mentions_lie_apart_on_whole_letters() {
        proptest::proptest!(|(text in "[ -~é@+0-9().\\-PakIbu’]{0,60}")| {
            let found = mentions(&text, Some(&reporter("Pak Ibu")));
            let mut after = 0;
            for mention in &found {
                assert!(mention.at.start >= after && text.is_char_boundary(mention.at.start));
                assert!(mention.at.end > mention.at.start && text.is_char_boundary(mention.at.end));
                after = mention.at.end;
            }
            redacted(&text, &found);
        });
    }
}
