//! Runs Titian and what else one might take over the same links with the same complaints, and writes down what it cost.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use titian_tests::benchmark::limits::Limit;
use titian_tests::benchmark::pair::COMPLAINTS;
use titian_tests::benchmark::results::Results;
use titian_tests::benchmark::rows::{self, CUTS_KILOBYTES, FAR_MILLIS};
use titian_tests::benchmark::{limits, machine, report, setup, titian};

/// How many complaints an office has that has worked with this for years.
const MANY: u64 = 100_000;
/// What can be measured of a subject.
const PARTS: [&str; 5] = ["near", "far", "cuts", "tls", "large"];
/// How often what has a column of time is measured: something else may run on the machine.
const TIMES: u32 = 3;

/// Measures what it costs to make two sides the same, for Titian and for what else one might take, and writes it into
/// docs/benchmark.md and the README. With --only or --parts the rest of the tables stays as this machine measured it last.
///
/// Exit codes: 0 done · 1 something failed, or Titian broke one of its limits.
#[derive(Parser)]
#[command(name = "benchmark")]
struct Args {
    /// Only these: titian, rest, rest-patch, pouchdb, automerge-repo, samod, zamsync
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these parts: near, far, cuts, tls, large
    #[arg(long, value_delimiter = ',')]
    parts: Vec<String>,
    /// Take Titian's debug build: quick to build, and its bytes are the same
    #[arg(long)]
    debug_build: bool,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    for (given, known) in [
        (&args.only, &setup::SUBJECTS.map(|(word, _)| word)[..]),
        (&args.parts, &PARTS),
    ] {
        if let Some(word) = given.iter().find(|word| !known.contains(&word.as_str())) {
            bail!("'{word}' is none of {}", known.join(", "));
        }
    }
    let kept = setup::target().join("results.json");
    let mut results = Results::read(&kept);
    let mut failures = Vec::new();
    for (_, name) in setup::SUBJECTS.iter().filter(|(word, _)| wants(&args.only, word)) {
        if let Err(error) = measure(name, &args, &mut results, &mut failures) {
            failures.push(format!("{name}: {error:#}"));
        }
        results.keep(&kept)?;
    }
    let limits = limits::judge(&results);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tables = results.tables(&limits);
    report::put(&root.join("docs/benchmark.md"), &tables)?;
    report::put(&root.join("README.md"), &results.short_table())?;
    write!(std::io::stdout(), "{tables}")?;
    for failure in &failures {
        say(&format!("failed: {failure}"))?;
    }
    let is_well = failures.is_empty() && limits.iter().all(Limit::is_kept);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn wants(list: &[String], word: &str) -> bool {
    list.is_empty() || list.iter().any(|wanted| wanted == word)
}

/// Measures one subject; a part that fails is noted, and the others go on.
fn measure(name: &str, args: &Args, results: &mut Results, failures: &mut Vec<String>) -> Result<()> {
    say(&format!("{name}: building …"))?;
    let subject = setup::subject(name, !args.debug_build)?;
    let mut keep = |what: String, measured: Result<()>| {
        if let Err(error) = measured {
            failures.push(format!("{what}: {error:#}"));
        }
    };
    let measured = results.of(name);
    (measured.settings, measured.when) = (subject.settings(), machine::describe());
    for (part, millis, costs) in [("near", 0, &mut measured.near), ("far", FAR_MILLIS, &mut measured.far)] {
        if wants(&args.parts, part) {
            let what = format!("{name}, {part}");
            say(&format!("{what} …"))?;
            costs.clear();
            keep(
                what,
                rows::live(&*subject, COMPLAINTS, millis, TIMES).map(|rows| *costs = rows),
            );
        }
    }
    for kilobytes in CUTS_KILOBYTES {
        // What sends only changed fields sends the first thousand as the one before.
        if wants(&args.parts, "cuts") && name != setup::REST_PATCH {
            let what = format!("{name}, cut every {kilobytes} KB");
            say(&format!("{what} …"))?;
            measured.cuts.remove(&kilobytes);
            keep(
                what,
                rows::cut(&*subject, kilobytes).map(|cost| _ = measured.cuts.insert(kilobytes, cost)),
            );
        }
    }
    if wants(&args.parts, "tls") && subject.speaks_tls() {
        say(&format!("{name}, over TLS …"))?;
        measured.secured = None;
        keep(
            format!("{name}, over TLS"),
            rows::secured(&*subject, COMPLAINTS).map(|costs| measured.secured = Some(costs)),
        );
    }
    if name == titian::NAME {
        results.optimised = !args.debug_build;
        if wants(&args.parts, "large") {
            say(&format!("{name}, {MANY} complaints …"))?;
            results.large = None;
            keep(
                format!("{name}, {MANY}"),
                rows::live(&*subject, MANY, 0, 1).map(|rows| results.large = Some(rows)),
            );
        }
    }
    Ok(())
}

fn say(what: &str) -> std::io::Result<()> {
    writeln!(std::io::stderr(), "{what}")
}
