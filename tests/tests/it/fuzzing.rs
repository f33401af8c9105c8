//! The fuzzer's committed corpus, replayed; and the seeds that it grew from, which are written anew where they are missing.

use std::fs;
use std::path::{Path, PathBuf};

use titian_sync::item::{Item, ItemKind};
use titian_tests::draw::Draw;
use titian_tests::fuzz::{TARGETS, page_author, page_input};
use titian_tests::hostile::changes::{chunk, mutate};
use titian_tests::hostile::{sample_body, sample_parts};

/// A corpus is for finding mistakes again quickly, not for keeping all that was ever tried.
const FILE_BYTES_MAX: u64 = 32 * 1024;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

#[test]
fn every_input_of_the_committed_corpus_comes_back() {
    for (name, target) in TARGETS {
        let mut count = 0;
        for entry in fs::read_dir(corpus(name)).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            assert!(bytes.len() as u64 <= FILE_BYTES_MAX, "{} is too large", path.display());
            target(&bytes);
            count += 1;
        }
        assert!(count > 2, "{name} has {count} inputs");
    }
}

#[test]
fn the_seeds_are_in_the_corpus() {
    let author = page_author();
    let honest = author.honest(1, 4);
    let mut seeds: Vec<(&str, String, Vec<u8>)> = vec![("page", "honest".into(), page_input(&honest))];
    for (index, (reason, bytes)) in author.forgeries(&honest[..3]).into_iter().enumerate() {
        seeds.push((
            "page",
            format!("forged-{index}-{reason}"),
            page_input(&[bytes, honest[3].clone()]),
        ));
    }
    for index in 0..12 {
        let bytes = mutate(&honest[3], &mut Draw::new(3, index));
        seeds.push(("page", format!("mutated-{index}"), page_input(&[bytes])));
    }
    let items = honest
        .iter()
        .map(|bytes| Item::new(ItemKind::Intake, Some(author.complaint(1)), bytes.clone()));
    let body = sample_body(items.collect::<Result<Vec<_>, _>>().unwrap());
    for (name, length) in [("whole", body.len()), ("half", body.len() / 2), ("head", 40)] {
        seeds.push(("frame", name.into(), body[..length].to_vec()));
    }
    let export = include_bytes!("../../samples/lapor-export.xlsx");
    for (name, length) in [("export", export.len()), ("cut", export.len() / 2), ("start", 30)] {
        seeds.push(("workbook", name.into(), export[..length].to_vec()));
    }
    seeds.extend(bundle_seeds().into_iter().map(|(name, bytes)| ("bundle", name, bytes)));
    for (target, name, bytes) in seeds {
        let path = corpus(target).join(name);
        if std::env::var_os("TITIAN_WRITE_SEEDS").is_some() {
            fs::create_dir_all(corpus(target)).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert!(
            path.is_file(),
            "{} is missing: run once with TITIAN_WRITE_SEEDS=1",
            path.display()
        );
    }
}

/// Parts of bundles: with case files, with what does not fit into a frame, with a file, of the hub, cut and mutated.
fn bundle_seeds() -> Vec<(String, Vec<u8>)> {
    let author = page_author();
    let item = |bytes: Vec<u8>| Item::new(ItemKind::Intake, Some(author.complaint(1)), bytes).unwrap();
    let mut items = vec![Item::incarnation(author.incarnation)];
    items.extend(author.honest(1, 4).into_iter().map(item));
    // It builds on nothing.
    let large = chunk(1, &[vec![0], noise(20_000)].concat());
    let with_large = [items[0].clone(), item(large), items[1].clone()];
    let case = sample_parts(&items, &[]).remove(0);
    let mut seeds = vec![
        ("nothing".to_owned(), sample_parts(&[], &[]).remove(0)),
        ("large".to_owned(), sample_parts(&with_large, &[]).remove(0)),
        ("file".to_owned(), sample_parts(&items[..2], &[noise(9_000)]).remove(0)),
        ("cut".to_owned(), case[..case.len() - 70].to_vec()),
        (
            "label".to_owned(),
            b"titian-bundle 1 reply 63.01.03/A abababababababab\n".to_vec(),
        ),
    ];
    for index in 0..12 {
        let mut bytes = case.clone();
        let mut draw = Draw::new(7, index);
        for _ in 0..=index % 3 {
            let at = usize::try_from(draw.below(bytes.len() as u64)).unwrap();
            bytes[at] ^= 1 << draw.below(8);
        }
        seeds.push((format!("mutated-{index}"), bytes));
    }
    seeds.push(("case".to_owned(), case));
    seeds
}

/// Bytes that do not shrink, always the same.
fn noise(length: usize) -> Vec<u8> {
    let mut draw = Draw::new(1, 1);
    (0..length).map(|_| u8::try_from(draw.below(256)).unwrap()).collect()
}
