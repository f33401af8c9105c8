//! The benchmark's complaints are as large and as hard to compress as those of DESIGN §4, and no training text is in them.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use titian_domain::completeness::missing;
use titian_domain::reporter::Reporter;

use super::*;

const TRAINING: &str = include_str!("../../data/training.txt");
const REGIONS: &str = include_str!("../../../common/domain/data/wilayah.csv");
const SEED: u64 = 2026;

fn thousand(seed: u64) -> Vec<CorpusComplaint> {
    (0..1_000).map(|index| complaint(seed, index)).collect()
}

fn gzipped_bytes(plain: &[u8]) -> usize {
    // The level of `gzip` and of web servers where nobody chose another.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap().len()
}

#[test]
fn a_thousand_complaints_weigh_what_those_of_the_baseline_weigh() {
    for seed in [SEED, 1, 77] {
        let plain = json(&thousand(seed));
        let gzipped = gzipped_bytes(&plain);
        assert!((1_880_000..=1_940_000).contains(&plain.len()), "plain: {}", plain.len());
        assert!((620_000..=640_000).contains(&gzipped), "under gzip: {gzipped}");
    }
}

#[test]
fn the_same_seed_gives_the_same_complaints_and_another_gives_others() {
    let (one, again) = (json(&[complaint(SEED, 7)]), json(&[complaint(SEED, 7)]));
    assert_eq!(one, again);
    assert_ne!(one, json(&[complaint(SEED, 8)]));
    assert_ne!(one, json(&[complaint(SEED + 1, 7)]));
    let narratives: BTreeSet<_> = thousand(SEED).into_iter().map(|c| c.particulars.narrative).collect();
    assert_eq!(narratives.len(), 1_000);
}

#[test]
fn every_complaint_could_be_verified_as_it_is() {
    let regions: BTreeSet<&str> = REGIONS.lines().collect();
    for (code, name) in lists::VILLAGES {
        assert!(regions.contains(format!("{code},{name}").as_str()), "{code} {name}");
    }
    for CorpusComplaint { particulars, reporter } in thousand(SEED) {
        assert_eq!(missing(&particulars, Reporter::Known(&reporter)), []);
        assert_eq!(particulars.too_long(), []);
        assert!(reporter.nik.is_empty() || reporter.nik.len() == 16);
    }
}

#[test]
fn an_edit_is_about_sixty_characters_and_no_two_are_the_same() {
    let edits: BTreeSet<_> = (0..100).map(|index| edit(SEED, index)).collect();
    assert_eq!(edits.len(), 100);
    assert!(edits.iter().all(|edit| (56..=76).contains(&edit.len())), "{edits:?}");
}

#[test]
fn the_vocabulary_is_wide_and_each_word_stands_once() {
    let words: Vec<&str> = WORDS.lines().collect();
    assert!(words.len() >= 1_200, "{}", words.len());
    assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    assert!(words.iter().all(|word| !word.is_empty() && word.trim() == *word));
}

#[test]
fn no_run_of_a_narrative_is_in_the_training_texts() {
    /// Longer than any turn of phrase that two people would share by chance.
    const RUN_BYTES: usize = 40;
    let trained: BTreeSet<&[u8]> = TRAINING.as_bytes().windows(RUN_BYTES).collect();
    assert!(TRAINING.lines().filter(|line| !line.is_empty()).count() >= 150);
    for CorpusComplaint { particulars, .. } in thousand(SEED) {
        let narrative = particulars.narrative;
        let shared = narrative
            .as_bytes()
            .windows(RUN_BYTES)
            .find(|run| trained.contains(run));
        assert_eq!(shared.map(String::from_utf8_lossy), None);
    }
}
