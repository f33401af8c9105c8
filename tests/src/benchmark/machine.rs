//! When and where a table was measured.

use std::fs;
use std::path::Path;
use std::process::Command;

use titian_demo::today;

/// Tells the day, the machine and the system in one sentence.
pub fn describe() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = value(&cpus, "model name").unwrap_or("an unnamed processor");
    let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = value(&memory, "MemTotal").and_then(|kib| kib.trim_end_matches(" kB").parse::<u64>().ok());
    let gibibytes = memory.unwrap_or(0) >> 20;
    let system = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{}, {cores} cores ({model}), {gibibytes} GiB of memory, Linux {}",
        today::date(0),
        system.trim()
    )
}

/// Gives what a program says about its version; none where it is not there.
pub fn version_of(program: &str) -> Option<String> {
    let said = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// Gives the version of an installed npm package.
pub fn npm_version(modules: &Path, package: &str) -> Option<String> {
    let description = fs::read(modules.join(package).join("package.json")).ok()?;
    let description: serde_json::Value = serde_json::from_slice(&description).ok()?;
    description["version"].as_str().map(str::to_owned)
}

fn value<'a>(table: &'a str, key: &str) -> Option<&'a str> {
    let line = table.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim())
}
