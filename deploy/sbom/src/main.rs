//! `cargo sbom`: the software bill of materials of the two programs, as `CycloneDX` 1.6, from what cargo has locked.
//!
//! Nothing in it changes from one run to the next: no time, no serial number, no path. The same sources give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

/// The programs that are given to people.
const PROGRAMS: [&str; 2] = ["titian-gateway", "titian-hub"];

/// Build dependencies whose content is compiled into the programs: the C source of `SQLite` with its ciphers.
const COMPILED_IN: [&str; 1] = ["sqlite3mc-src"];

fn main() -> Result<()> {
    let target = std::env::args().nth(1);
    let bill = bill(&metadata(target.as_deref())?, &lock()?)?;
    let text = serde_json::to_string_pretty(&bill)? + "\n";
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("standard output cannot be written")
}

/// Asks cargo what the lock file means for a target; for this machine's where none is given.
fn metadata(target: Option<&str>) -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--locked", "--format-version", "1", "--filter-platform"]);
    command.arg(target.map_or_else(host, |target| Ok(target.to_owned()))?);
    command.current_dir(root());
    let output = command.output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The target that this machine builds for.
fn host() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("rustc cannot be started")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say for which target it builds")
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Reads the checksums of the lock file, by name and version.
fn lock() -> Result<BTreeMap<(String, String), String>> {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).context("the lock file cannot be read")?;
    let mut checksums = BTreeMap::new();
    for block in text.split("[[package]]") {
        let of = |key: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim_matches(['=', ' ', '"']).to_owned())
        };
        if let (Some(name), Some(version), Some(checksum)) = (of("name "), of("version "), of("checksum ")) {
            checksums.insert((name, version), checksum);
        }
    }
    Ok(checksums)
}

/// Puts the bill together: every package that is compiled into one of the programs, and what each of them needs.
fn bill(metadata: &Value, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let packages: BTreeMap<&str, &Value> = list(&metadata["packages"])
        .map(|package| (text(package, "id"), package))
        .collect();
    let needs: BTreeMap<&str, Vec<&str>> = list(&metadata["resolve"]["nodes"])
        .map(|node| {
            let needed = list(&node["deps"]).filter(|dependency| is_compiled_in(dependency));
            (
                text(node, "id"),
                needed.map(|dependency| text(dependency, "pkg")).collect(),
            )
        })
        .collect();
    let programs = packages
        .iter()
        .filter(|(_, package)| PROGRAMS.contains(&text(package, "name")));
    let mut waiting: Vec<&str> = programs.map(|(id, _)| *id).collect();
    if waiting.len() != PROGRAMS.len() {
        bail!("one of {} is not in this workspace", PROGRAMS.join(", "));
    }
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            waiting.extend(needs.get(id).into_iter().flatten());
        }
    }
    let mut components = BTreeMap::new();
    let mut dependencies = BTreeMap::new();
    for id in reached {
        let package = packages
            .get(id)
            .context("cargo names a package that it does not describe")?;
        let reference = reference(package);
        let mut on: Vec<_> = needs[id]
            .iter()
            .map(|needed| self::reference(packages[needed]))
            .collect();
        on.sort_unstable();
        components.insert(reference.clone(), component(package, checksums));
        dependencies.insert(reference.clone(), json!({ "ref": reference, "dependsOn": on }));
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": { "type": "application", "bom-ref": "titian", "name": "titian" } },
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": dependencies.into_values().collect::<Vec<_>>(),
    }))
}

/// Tells whether a dependency becomes a part of the program: what is only needed to build or to test it does not.
fn is_compiled_in(dependency: &Value) -> bool {
    let name = text(dependency, "name").replace('_', "-");
    list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()) || COMPILED_IN.contains(&name.as_str())
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Value {
    let (name, version) = (text(package, "name"), text(package, "version"));
    let kind = if PROGRAMS.contains(&name) {
        "application"
    } else {
        "library"
    };
    let mut component = json!({
        "type": kind,
        "bom-ref": reference(package),
        "name": name,
        "version": version,
        "purl": reference(package),
    });
    // Some write `MIT/Apache-2.0` still, which the standard does not know.
    if let Some(licence) = package["license"].as_str() {
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
    }
    // Our own packages have none: they are these sources.
    if let Some(checksum) = checksums.get(&(name.to_owned(), version.to_owned())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// The package URL: what scanners look vulnerabilities up by.
fn reference(package: &Value) -> String {
    format!(
        "pkg:cargo/{}@{}",
        text(package, "name"),
        text(package, "version").replace('+', "%2B")
    )
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bill: &Value) -> BTreeSet<(&str, &str)> {
        list(&bill["components"])
            .map(|one| (text(one, "name"), text(one, "version")))
            .collect()
    }

    #[test]
    fn what_is_compiled_into_a_program_stands_in_the_bill_as_cargo_itself_lists_it() {
        let bill = bill(&metadata(None).unwrap(), &lock().unwrap()).unwrap();
        let names = names(&bill);
        for program in PROGRAMS {
            // Another view of the same graph, which cargo prints for people.
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let tree = Command::new(cargo)
                .args([
                    "tree",
                    "--locked",
                    "--package",
                    program,
                    "--edges",
                    "normal",
                    "--prefix",
                    "none",
                    "--format",
                    "{p}",
                ])
                .current_dir(root())
                .output()
                .unwrap();
            assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
            let tree = String::from_utf8(tree.stdout).unwrap();
            let mut seen = 0;
            for line in tree.lines().filter(|line| !line.is_empty()) {
                let mut words = line.split(' ');
                let (name, version) = (words.next().unwrap(), words.next().unwrap().trim_start_matches('v'));
                assert!(
                    names.contains(&(name, version)),
                    "{name} {version} of {program} is missing"
                );
                seen += 1;
            }
            assert!(seen > 100, "{seen} lines");
        }
        let has = |name: &str| names.iter().any(|(of, _)| *of == name);
        assert!(has("sqlite3mc-src") && has("automerge"));
        assert!(
            !has("insta") && !has("cc") && !has("titian-demo"),
            "what only builds and tests is no part of it"
        );
    }

    #[test]
    fn each_component_can_be_looked_up_and_all_of_them_are_connected() {
        let bill = bill(&metadata(None).unwrap(), &lock().unwrap()).unwrap();
        let components: Vec<_> = list(&bill["components"]).collect();
        let references: BTreeSet<_> = components.iter().map(|one| text(one, "bom-ref")).collect();
        assert_eq!(references.len(), components.len());
        for one in components {
            let own = text(one, "name").starts_with("titian-");
            assert!(text(one, "purl").starts_with("pkg:cargo/") && !text(one, "version").is_empty());
            assert!(own || one["licenses"][0]["expression"].is_string(), "{one}");
            assert!(own || text(&one["hashes"][0], "content").len() == 64, "{one}");
        }
        for dependency in list(&bill["dependencies"]) {
            let needed = list(&dependency["dependsOn"]).map(|one| one.as_str().unwrap());
            assert!(needed.into_iter().all(|one| references.contains(one)), "{dependency}");
        }
    }

    #[test]
    fn the_same_sources_give_the_same_bytes_without_a_place_or_a_time() {
        let make = || bill(&metadata(None).unwrap(), &lock().unwrap()).unwrap().to_string();
        let (first, second) = (make(), make());
        assert_eq!(first, second);
        let here = root().canonicalize().unwrap();
        assert!(
            !first.contains(here.to_str().unwrap()) && !first.contains("timestamp") && !first.contains("serialNumber")
        );
    }
}
