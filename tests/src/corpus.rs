//! The complaints of the benchmarks: seeded, of the size and the entropy of real ones, in text that trained no dictionary.
//!
//! A benchmark of compression is worth what its text is worth. Words are drawn one by one from a real vocabulary, the
//! frequent ones more often (Zipf), so no sentence ever comes twice; a test holds 1,000 of these complaints to the
//! size under gzip of the baseline in DESIGN §4.

use std::sync::LazyLock;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use titian_domain::particulars::{Field, Particulars, Value};
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification, OutOfScope};

mod lists;

use crate::draw::Draw;

/// One word a line, the most frequent first.
const WORDS: &str = include_str!("../data/words.txt");
const CATEGORIES: &str = include_str!("../../common/domain/data/categories.csv");

/// Flattens the top of the Zipf curve: weight = 1 / (rank + this). Calibrated together with the length of the
/// narrative; see the test of the size under gzip.
const ZIPF_OFFSET: u64 = 8;
/// Bytes of a narrative: the bounds of the length that is aimed at; the last sentence goes beyond it.
const NARRATIVE_BYTES: (u64, u64) = (860, 1_645);
/// An edit is about sixty: its last word goes beyond this.
const EDIT_BYTES_MIN: usize = 56;
/// 1 January 2026, 00:00 WITA.
const YEAR_STARTS: i64 = 1_767_196_800_000;

/// A generated complaint and who brings it.
#[derive(Clone)]
pub struct CorpusComplaint {
    /// The sheet; its reporter hash is that of the record beside it.
    pub particulars: Particulars,
    /// Who brings it: invented, with a phone number in a block that is given to nobody.
    pub reporter: ReporterRecord,
}

/// Makes one complaint; the same seed and index give the same one on every machine.
pub fn complaint(seed: u64, index: u64) -> CorpusComplaint {
    let mut draw = Draw::new(seed, index);
    let nameless = draw.one_in(18);
    let (region, village) = *draw.pick(&lists::VILLAGES);
    let reporter = reporter(&mut draw, nameless);
    let bytes = draw.between(NARRATIVE_BYTES.0, NARRATIVE_BYTES.1);
    let day = i64::try_from(draw.between(0, 364)).unwrap_or(0);
    let minute = i64::try_from(draw.between(7 * 60 + 30, 16 * 60)).unwrap_or(0);
    let channel = *draw.pick(Channel::ALL);
    let particulars = Particulars {
        classification: Some(match draw.below(10) {
            0 => Classification::Aspiration,
            1 => Classification::InformationRequest,
            _ => Classification::Complaint,
        }),
        category: draw.pick(&CATEGORY_NAMES).to_string(),
        title: phrase(&mut draw, 4, 8),
        narrative: prose(&mut draw, bytes),
        event_date: event_date(&mut draw, day),
        region: region.to_owned(),
        place: place(&mut draw, village),
        institution: (*draw.pick(&lists::INSTITUTIONS)).to_owned(),
        anonymous: draw.one_in(8),
        confidential: draw.one_in(12),
        out_of_scope: draw.one_in(60).then(|| *draw.pick(OutOfScope::ALL)),
        reporter: Some(ReporterRecord::hash_of(&reporter.to_bytes())),
        why_nameless: if nameless {
            phrase(&mut draw, 3, 7)
        } else {
            String::new()
        },
        why_unreachable: if reporter.is_reachable() {
            String::new()
        } else {
            phrase(&mut draw, 3, 7)
        },
        answer: if draw.one_in(12) {
            prose(&mut draw, 180)
        } else {
            String::new()
        },
        ..Particulars::new(channel, UnixMillis(YEAR_STARTS + (day * 24 * 60 + minute) * 60_000))
    };
    CorpusComplaint { particulars, reporter }
}

/// Gives the plain JSON of complaints as one array: what a REST baseline would send, compressed or not.
///
/// All fields are there; the reporter's record stands where the sheet has its hash, which a baseline can compute from it.
pub fn json(complaints: &[CorpusComplaint]) -> Vec<u8> {
    let rows: Vec<Row<'_>> = complaints.iter().map(Row).collect();
    serde_json::to_vec(&rows).expect("there are only texts, flags and numbers in it")
}

/// Makes the text of an edit, about sixty characters: a new title, or a sentence to add.
pub fn edit(seed: u64, index: u64) -> String {
    // Another stream than that of the complaint with the same index.
    let mut draw = Draw::new(!seed, index);
    let mut text = capitalized(word(&mut draw));
    while text.len() < EDIT_BYTES_MIN {
        push_word(&mut draw, &mut text);
    }
    text
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::new(WORDS));

static CATEGORY_NAMES: LazyLock<Vec<&str>> =
    LazyLock::new(|| CATEGORIES.lines().skip(1).map(|line| line.trim_matches('"')).collect());

/// Words with the sums of their weights. Whole numbers only: floating point need not agree between machines.
struct Vocabulary {
    words: Vec<&'static str>,
    sums: Vec<u64>,
}

impl Vocabulary {
    fn new(text: &'static str) -> Self {
        let words: Vec<_> = text.lines().collect();
        let weigh = |sum: &mut u64, rank: u64| {
            *sum += 1_000_000_000 / (rank + 1 + ZIPF_OFFSET);
            Some(*sum)
        };
        let sums = (0..words.len() as u64).scan(0, weigh).collect();
        Self { words, sums }
    }

    fn draw(&self, draw: &mut Draw) -> &'static str {
        let all = self.sums.last().copied().unwrap_or(1);
        let at = draw.below(all);
        self.words[self.sums.partition_point(|&sum| sum <= at)]
    }
}

fn word(draw: &mut Draw) -> &'static str {
    VOCABULARY.draw(draw)
}

/// Adds a word that the text does not end with: nobody writes "ada ada".
fn push_word(draw: &mut Draw, text: &mut String) {
    let last = text.rsplit(' ').next().unwrap_or_default();
    let mut next = word(draw);
    while next.eq_ignore_ascii_case(last) {
        next = word(draw);
    }
    text.push(' ');
    text.push_str(next);
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A few words without an end mark, as titles are.
fn phrase(draw: &mut Draw, least: u64, most: u64) -> String {
    let mut text = capitalized(word(draw));
    for _ in 1..draw.between(least, most) {
        push_word(draw, &mut text);
    }
    text
}

fn sentence(draw: &mut Draw) -> String {
    let mut text = capitalized(word(draw));
    let words = draw.between(6, 18);
    for place in 1..words {
        if place + 1 < words && draw.one_in(13) {
            text.push(',');
        }
        if draw.one_in(32) {
            text.push(' ');
            text.push_str(&number(draw));
        } else {
            push_word(draw, &mut text);
        }
    }
    text.push(if draw.one_in(20) { '?' } else { '.' });
    text
}

fn number(draw: &mut Draw) -> String {
    match draw.below(4) {
        0 => format!("Rp{}.000", draw.between(5, 950)),
        1 => format!("{}.{:02}", draw.between(0, 23), draw.below(12) * 5),
        _ => draw.between(2, 99).to_string(),
    }
}

/// Sentences until there are at least so many bytes.
fn prose(draw: &mut Draw, bytes: u64) -> String {
    let mut text = sentence(draw);
    while (text.len() as u64) < bytes {
        text.push(' ');
        text.push_str(&sentence(draw));
    }
    text
}

fn event_date(draw: &mut Draw, received_day: i64) -> String {
    if draw.one_in(5) {
        return format!("sejak {} {}", word(draw), word(draw));
    }
    let back = i64::try_from(draw.between(0, 20)).unwrap_or(0);
    let at = UnixMillis(YEAR_STARTS + (received_day - back) * 86_400_000);
    at.date(titian_domain::time::Zone::Wita).to_string()
}

fn place(draw: &mut Draw, village: &str) -> String {
    let landmark = phrase(draw, 2, 4);
    format!(
        "RT {} RW {}, {landmark}, {village}",
        draw.between(1, 24),
        draw.between(1, 6)
    )
}

fn reporter(draw: &mut Draw, nameless: bool) -> ReporterRecord {
    let mut salt = [0; 16];
    salt[..8].copy_from_slice(&draw.next().to_le_bytes());
    salt[8..].copy_from_slice(&draw.next().to_le_bytes());
    let mut record = ReporterRecord::default().salted(salt);
    if nameless {
        return record;
    }
    let (given, family) = (*draw.pick(&lists::GIVEN_NAMES), *draw.pick(&lists::FAMILY_NAMES));
    record.name = format!("{given} {family}");
    let district = draw.between(1, 11);
    // Forty is added to the day of birth of women.
    let day = draw.between(1, 28) + 40 * draw.below(2);
    record.nik = format!(
        "6301{district:02}{day:02}{:02}{:02}99{:02}",
        draw.between(1, 12),
        draw.between(50, 99),
        draw.below(100)
    );
    if !draw.one_in(10) {
        // No operator has the block 084.
        record.phone = format!("+6284{:09}", draw.below(1_000_000_000));
    }
    if draw.one_in(6) {
        let (given, family) = (given.to_lowercase(), family.to_lowercase());
        record.email = format!("{given}.{family}{}@example.com", draw.below(100));
    }
    if !draw.one_in(4) {
        let village = draw.pick(&lists::VILLAGES).1;
        record.address = format!("RT {}, {village}, Pelaihari", draw.between(1, 24));
    }
    record
}

struct Row<'a>(&'a CorpusComplaint);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Field::ALL.len()))?;
        for field in Field::ALL {
            match self.0.particulars.get(field) {
                Value::Text(text) => map.serialize_entry(field.code(), &text)?,
                Value::Flag(flag) => map.serialize_entry(field.code(), &flag)?,
                Value::Instant(at) => map.serialize_entry(field.code(), &at)?,
                Value::Reporter(_) => map.serialize_entry(field.code(), &self.0.reporter)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
