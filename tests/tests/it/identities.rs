//! The invented citizens of the tests: whoever they are, no program may write of them to a log, whatever the test is about.
//!
//! A [`Stage`](crate::stage::Stage) looks through everything that its programs wrote when it is taken down.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use titian_demo::samples;

use crate::stage::Stage;

/// The names that tests give to citizens; the demo's samples bring theirs, see [`names`].
const NAMES: [&str; 3] = ["Kanaria Rahmawati", "Rahma Yulianti", "Pelapor Nomor"];

/// Digits of a NIK.
const NIK_DIGITS: usize = 16;

/// The fewest digits of a phone number that is worth the name, with `62` or `08` before them.
const PHONE_DIGITS_MIN: usize = 10;

/// Lists the lines that show who somebody is: by a name that we know, or by any number that could be a NIK or a phone.
pub fn lines_that_tell<'a>(log: &'a str, names: &BTreeSet<String>) -> Vec<&'a str> {
    let tells = |line: &str| names.iter().any(|name| line.contains(name)) || numbers(line).any(is_of_a_person);
    log.lines().filter(|line| tells(line)).collect()
}

/// Gives the names of all citizens whom tests know.
pub fn names() -> BTreeSet<String> {
    let samples = samples::all().into_iter().map(|sample| sample.reporter.name);
    let named = samples.filter(|name| !name.is_empty());
    named.chain(NAMES.map(str::to_owned)).collect()
}

/// Gives the runs of digits that are no part of a word, such as a hash, with a plus before them.
fn numbers(line: &str) -> impl Iterator<Item = &str> {
    let part = |letter: char| letter.is_alphanumeric() || letter == '+';
    let words = line.split(move |letter| !part(letter));
    words.filter(|word| {
        word.len() >= PHONE_DIGITS_MIN && word.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_of_a_person(number: &str) -> bool {
    number.len() == NIK_DIGITS || ["+62", "62", "08"].iter().any(|begin| number.starts_with(begin))
}

#[test]
fn a_line_that_names_a_citizen_is_found() {
    let names = names();
    let tells = |line| lines_that_tell(line, &names).len() == 1;
    for line in [
        "complaint of Rahma Yulianti kept",
        "nik=6301034101900001",
        "phone=\"+6281200000777\" at",
        "called 081200000777",
        "6281200000777:",
    ] {
        assert!(tells(line), "{line}");
    }
    for line in [
        "at=1774000000000 millis=12",
        "hash=6301034101900001abc",
        "the office 63.01.03/A synced 1000 items",
    ] {
        assert!(!tells(line), "{line}");
    }
}

#[test]
fn every_citizen_of_a_test_is_known_here() {
    let names = names();
    let mut met = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let given = text.split("reporter_name\"").skip(1);
        let literal = |rest: &str| {
            rest.trim_start_matches([':', ',', ']', ' ', '='])
                .strip_prefix('"')
                .map(str::to_owned)
        };
        for name in given.filter_map(literal) {
            let name = name.split('"').next().unwrap().to_owned();
            if name.starts_with("reporter_") || !name.contains(' ') {
                // The next of a list of fields, or a formula.
                continue;
            }
            met += 1;
            assert!(
                names.contains(&name),
                "add {name:?} to NAMES, so that logs are searched for it"
            );
        }
    }
    assert!(
        met > 0,
        "no test names a citizen any more: this one looks in the wrong place"
    );
}

#[test]
#[should_panic(expected = "the logs name citizens")]
fn a_stage_whose_programs_named_a_citizen_fails_its_test() {
    let stage = Stage::new();
    stage
        .log()
        .push("gateway", "kept a complaint of Rahma Yulianti".to_owned());
}
