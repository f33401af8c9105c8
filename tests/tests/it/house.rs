//! The rules of the house: directions between crates, and what every file owes its reader.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// What each crate may see of the others.
const DIRECTIONS: [(&str, &[&str]); 9] = [
    ("titian-domain", &[]),
    ("titian-sync", &["titian-domain"]),
    ("titian-sqlite", &[]),
    ("titian-host", &["titian-domain", "titian-sync", "titian-sqlite"]),
    ("titian-gateway", &["titian-domain", "titian-sync", "titian-host"]),
    ("titian-hub", &["titian-domain", "titian-sync", "titian-host"]),
    ("titian-demo", &["titian-domain"]),
    ("titian-sbom", &[]),
    (
        "titian-tests",
        &["titian-domain", "titian-sync", "titian-host", "titian-demo"],
    ),
];

/// The crates that decide: without a network, a database, a clock or a source of randomness.
const PURE: [&str; 2] = ["titian-domain", "titian-sync"];
const IMPURE: [&str; 10] = [
    "tokio",
    "axum",
    "hyper",
    "reqwest",
    "rusqlite",
    "titian-sqlite",
    "getrandom",
    "rand",
    "tempfile",
    "tracing",
];

/// A file that is longer is several files.
const LINES_MAX: usize = 600;

#[test]
fn crates_see_only_what_lies_below_them() {
    let packages = packages();
    let names: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        DIRECTIONS.iter().map(|(name, _)| *name).collect(),
        "a new crate needs its place in DIRECTIONS"
    );
    for (name, allowed) in DIRECTIONS {
        let seen = dependencies(&packages[name]);
        let others: BTreeSet<_> = seen
            .iter()
            .filter(|seen| names.contains(seen.as_str()))
            .map(String::as_str)
            .collect();
        let forbidden: Vec<_> = others.difference(&allowed.iter().copied().collect()).copied().collect();
        assert!(forbidden.is_empty(), "{name} must not depend on {forbidden:?}");
    }
}

#[test]
fn what_decides_knows_no_clock_no_network_and_no_database() {
    let packages = packages();
    for name in PURE {
        let seen = dependencies(&packages[name]);
        let impure: Vec<_> = IMPURE.iter().filter(|crate_name| seen.contains(**crate_name)).collect();
        assert!(impure.is_empty(), "{name} must not depend on {impure:?}");
        let chrono = packages[name]
            .dependencies
            .iter()
            .find(|dependency| dependency.name == "chrono");
        assert!(
            chrono.is_none_or(|chrono| !chrono.uses_default_features && !chrono.features.contains(&"clock".to_owned())),
            "{name} must use chrono without its clock"
        );
    }
}

#[test]
fn the_database_and_the_pages_do_not_know_each_other() {
    let mut wrong = Vec::new();
    for file in sources() {
        let lies_in = |part: &str| file.path.split(['/', '.']).any(|of| of == part);
        let names = |word: &str| file.text.contains(&format!("{word}::"));
        if lies_in("store") && names("axum") || lies_in("pages") && names("rusqlite") {
            wrong.push(file.path);
        }
    }
    assert!(
        wrong.is_empty(),
        "store/ must not name axum, pages/ must not name rusqlite: {wrong:?}"
    );
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.path)
        .collect();
    assert!(
        silent.is_empty(),
        "each .rs file opens with one `//!` sentence of purpose: {silent:?}"
    );
}

#[test]
fn no_file_is_too_long_to_read_in_one_go() {
    let is_test = |path: &str| path.ends_with("tests.rs") || path.contains("/tests/") || path.starts_with("tests/");
    let long: Vec<_> = sources()
        .into_iter()
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, path)| *lines >= LINES_MAX && !is_test(path))
        .collect();
    assert!(
        long.is_empty(),
        "split by phase what has {LINES_MAX} lines or more: {long:?}"
    );
}

#[test]
fn no_test_file_is_forgotten() {
    let here = root().join("tests/tests/it");
    let main = fs::read_to_string(here.join("main.rs")).unwrap();
    for entry in fs::read_dir(here).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let declared = main.contains(&format!("mod {module};"));
        assert!(
            declared || module == "main",
            "main.rs does not declare {module}: it never runs"
        );
    }
}

#[test]
fn no_text_names_a_machine_or_a_mirror() {
    // In two halves each: this file is read as well.
    let forbidden = [
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
        ("arti", "factory"),
        ("index.cra", "tes.io"),
        ("static.cra", "tes.io"),
        ("deb.deb", "ian.org"),
    ];
    assert_nowhere(&forbidden, "no path of a machine, no host of a package registry");
}

#[test]
fn no_text_tells_how_it_was_made() {
    let forbidden = [
        ("../sha", "red"),
        ("language mo", "del"),
        ("chat", "gpt"),
        ("cla", "ude"),
        ("anth", "ropic"),
        ("co-autho", "red-by"),
        ("ai assis", "tant"),
        ("/tmp/br", "ief"),
    ];
    assert_nowhere(&forbidden, "the project tells what it is, not who typed it");
}

fn assert_nowhere(forbidden: &[(&str, &str)], why: &str) {
    let words: Vec<String> = forbidden.iter().map(|(one, other)| format!("{one}{other}")).collect();
    let mut found = Vec::new();
    for file in files() {
        for (line, text) in (1..).zip(file.text.to_lowercase().lines()) {
            if words.iter().any(|word| text.contains(word)) {
                found.push(format!("{}:{line}", file.path));
            }
        }
    }
    assert!(found.is_empty(), "{why}: {found:#?}");
}

struct File {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies one folder deep")
}

fn packages() -> BTreeMap<String, Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    metadata
        .packages
        .into_iter()
        .map(|package| (package.name.to_string(), package))
        .collect()
}

/// Lists what a crate needs to be built and run; what its tests need is its own affair.
fn dependencies(package: &Package) -> BTreeSet<String> {
    let needed = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development);
    needed.map(|dependency| dependency.name.clone()).collect()
}

fn sources() -> Vec<File> {
    files()
        .into_iter()
        .filter(|file| Path::new(&file.path).extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

/// Reads every text file of the project.
fn files() -> Vec<File> {
    let mut folders = vec![root().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap();
            // In a further work tree .git is a file, and names the first.
            if name == "target" || name == ".git" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                files.push(File {
                    path: relative(&path),
                    text,
                });
            }
        }
    }
    assert!(files.len() > 100, "the rules look at nothing");
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}
