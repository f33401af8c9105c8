//! Who may do what, tried one by one: every command as every role, and every endpoint as every kind of device. What is added to a
//! program without standing here fails. The ways into the pages are tried the same way beside each program's pages (`ways.rs`).

use std::collections::BTreeSet;

use titian_demo::cast::{Cast, PELAIHARI, TAKISUNG};
use titian_demo::program::Program;
use titian_sync::engine::Refusal;
use titian_tests::hostile::{Device, post};

use crate::stage::{Stage, sheet};

/// A command that acts in somebody's name: its words, what has to follow them, and the roles that may.
type Line<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

const RECORD: &[&str] = &["operator"];
const VERIFY: &[&str] = &["verifier"];
const FORWARD: &[&str] = &["verifier", "head"];
const NOTE: &[&str] = &["operator", "verifier", "head"];
const HEAD: &[&str] = &["head"];
const LIAISON: &[&str] = &["liaison"];
const ADMINISTRATOR: &[&str] = &["administrator"];

/// A complaint that is not there: who may not is refused before anything is looked up, and nothing is done in this test's course.
const NONE: &str = "63.01.03/A/2026/9999";

/// Lists the commands of a program that do something, as its own help tells, with whether they act in somebody's name.
fn commands(program: &Program, words: &[&str]) -> Vec<(String, bool)> {
    let help = program.run(&[words, &["--help"]].concat()).unwrap().stdout;
    let staff = help.contains("--staff");
    let Some((usage, listed)) = help.split_once("\nCommands:\n") else {
        return vec![(words.join(" "), staff)];
    };
    let listed = listed.split("\n\n").next().unwrap().lines();
    let entries = listed.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let names = entries
        .filter_map(|line| line.split(' ').next())
        .filter(|name| *name != "help");
    let mut found: Vec<_> = names
        .flat_map(|name| commands(program, &[words, &[name]].concat()))
        .collect();
    // Some do something by themselves too: the line of their own usage names no further command.
    let alone = |line: &str| line.contains(words.last().unwrap_or(&"-")) && !line.contains("<COMMAND>");
    if usage.lines().any(|line| line.starts_with("Usage:") && alone(line)) {
        found.push((words.join(" "), staff));
    }
    found
}

/// Tries each command as each role, as somebody who left and as nobody known; gives the commands that act in nobody's name.
fn try_all(program: &Program, roles: &[&str], lines: &[Line<'_>]) -> Vec<String> {
    for role in roles.iter().chain(&["leaver"]) {
        let as_role = if *role == "leaver" { roles[0] } else { role };
        let full_name = format!("Petugas {role}");
        let add = [
            "staff",
            "add",
            role,
            "--full-name",
            &full_name,
            "--role",
            as_role,
            "--password-stdin",
        ];
        program.run_with(&add, "jembatan bambu\n").unwrap().success().unwrap();
    }
    program.run(&["staff", "disable", "leaver"]).unwrap().success().unwrap();
    let (named, nameless): (Vec<_>, Vec<_>) = commands(program, &[]).into_iter().partition(|(_, staff)| *staff);
    let known: BTreeSet<_> = lines.iter().map(|(words, ..)| (*words).to_owned()).collect();
    let named: BTreeSet<_> = named.into_iter().map(|(words, _)| words).collect();
    assert_eq!(named, known, "each command stands in the matrix");
    for (words, rest, may) in lines {
        let words: Vec<_> = words.split(' ').chain(rest.iter().copied()).collect();
        for who in roles.iter().chain(&["leaver", "stranger"]) {
            let tried = program.run_with(&[&words[..], &["--staff", who]].concat(), "").unwrap();
            let refused = tried.stderr.contains("may not do this");
            let unknown = tried.stderr.contains("there is no open account");
            let expected = match *who {
                "leaver" | "stranger" => (false, true),
                role => (!may.contains(&role), false),
            };
            assert_eq!((refused, unknown), expected, "{who}: {words:?}: {}", tried.stderr);
            let code = if refused { Some(5) } else { Some(4) };
            assert!(
                !(refused || unknown) || tried.code == code,
                "{who}: {words:?}: {:?}",
                tried.code
            );
        }
    }
    nameless.into_iter().map(|(words, _)| words).collect()
}

#[test]
fn every_command_of_an_office_refuses_every_role_that_may_not() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let file = stage.folder().join("paper.txt");
    std::fs::write(&file, "Surat").unwrap();
    let file = file.to_str().unwrap();
    let new_file = stage.folder().join("register.csv");
    let (new_file, reason) = (new_file.to_str().unwrap(), ["--reason", "surat nomor 12"]);
    let change: &[&str] = &[NONE, reason[0], reason[1]];
    let rows: &[Line<'_>] = &[
        ("complaint show", &[NONE, "--reveal", "contact"], NOTE),
        ("complaint attachment save", &[NONE], NOTE),
        ("complaint add", &["--title", "Jalan rusak"], RECORD),
        ("complaint amend", &[NONE, "--title", "Jalan rusak"], RECORD),
        ("complaint settle", &[NONE, "--field", "place", "--value", "1"], RECORD),
        ("complaint attach", &[NONE, file], RECORD),
        ("complaint detach", &[NONE, "paper.txt"], RECORD),
        ("complaint verify", &[NONE], VERIFY),
        ("complaint ask", &[NONE, "--question", "Sejak kapan?"], NOTE),
        ("complaint answered", &[NONE, "--note", "Sejak dua minggu"], NOTE),
        ("complaint note", &[NONE, "--note", "Sudah dilihat"], NOTE),
        ("complaint forward", &[NONE], FORWARD),
        (
            "complaint close",
            &[NONE, "--outcome", "withdrawn", "--note", "Dicabut"],
            FORWARD,
        ),
        ("import", &[file], RECORD),
        ("export", &[new_file], NOTE),
        ("notice set", &[file], HEAD),
        ("notice reset", &[], HEAD),
        ("subject find", &[], HEAD),
        ("subject file", &[new_file, reason[0], reason[1]], HEAD),
        ("subject restrict", change, HEAD),
        ("subject lift", change, HEAD),
        ("subject erase", change, HEAD),
    ];
    let nameless = try_all(&cast.pelaihari.program, &["operator", "verifier", "head"], rows);
    // What acts in nobody's name is of whoever keeps the machine.
    insta::assert_snapshot!(nameless.join("\n"), @"
    enrol
    run
    sync explain
    sync
    bundle export
    bundle import
    bundle show
    complaint list
    complaint attachment list
    status
    staff add
    staff list
    staff roles
    staff password
    staff disable
    staff enable
    audit list
    audit verify
    audit ends
    notice show
    notice list
    encryption turn-on
    encryption show
    encryption renew-code
    encryption machine-code
    unlock
    lock
    config show
    projections rebuild
    ");
}

#[test]
fn every_command_of_the_hub_refuses_every_role_that_may_not() {
    let stage = Stage::new();
    let cast = Cast::set_up(&stage).unwrap();
    let new_file = stage.folder().join("register.csv");
    let (new_file, reason) = (new_file.to_str().unwrap(), ["--reason", "surat nomor 12"]);
    let change: &[&str] = &[NONE, reason[0], reason[1]];
    let rows: &[Line<'_>] = &[
        ("complaint show", &[NONE, "--reveal", "contact"], LIAISON),
        (
            "complaint attachment save",
            &[NONE],
            &["liaison", "coordinator", "administrator"],
        ),
        ("complaint accept", &[NONE], LIAISON),
        (
            "complaint return",
            &[NONE, "--missing", "where", "--reason", "Sebutkan RT."],
            LIAISON,
        ),
        ("complaint enter", &[NONE, "--tracking-id", "9500001"], LIAISON),
        (
            "complaint dispose",
            &[NONE, "--institution", "Dinas Kesehatan"],
            LIAISON,
        ),
        ("complaint close", change, LIAISON),
        ("lapor import", &[new_file], LIAISON),
        ("export", &[new_file], &["liaison", "coordinator", "administrator"]),
        ("subject find", &[], ADMINISTRATOR),
        ("subject file", &[new_file, reason[0], reason[1]], ADMINISTRATOR),
        ("subject restrict", change, ADMINISTRATOR),
        ("subject lift", change, ADMINISTRATOR),
        ("subject erase", change, ADMINISTRATOR),
        ("retention propose", &[], ADMINISTRATOR),
        ("retention destroy", &["1", reason[0], reason[1]], ADMINISTRATOR),
        ("retention keep", &["1", reason[0], reason[1]], ADMINISTRATOR),
        ("key renew", &[], ADMINISTRATOR),
        ("key switch", &[], ADMINISTRATOR),
        ("key retire", &[], ADMINISTRATOR),
    ];
    let nameless = try_all(&cast.hub.program, &["liaison", "coordinator", "administrator"], rows);
    // What acts in nobody's name is of whoever keeps the machine.
    insta::assert_snapshot!(nameless.join("\n"), @"
    serve
    office add
    office list
    office explain
    office code
    office revoke
    key show
    complaint list
    complaint attachment list
    bundle export
    bundle import
    bundle show
    status
    staff add
    staff list
    staff roles
    staff password
    staff disable
    staff enable
    staff second-factor-off
    audit list
    audit verify
    audit ends
    retention show
    retention list
    retention record
    config show
    projections rebuild
    quarantine list
    quarantine show
    quarantine retry
    quarantine export
    quarantine discard
    ");
}

#[test]
fn every_endpoint_serves_an_enrolled_device_of_its_office_and_no_other() {
    // What stands beside the pages: what is added there has to be tried below.
    let source = include_str!("../../../hub/src/receive.rs");
    let endpoints: Vec<_> = source
        .split(".route(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(endpoints, ["/sync/v1", "/enrol/v1"]);

    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let address = cast.hub.program.address().unwrap().to_owned();
    let of_office = |office: &str, number| {
        let code = cast.hub.enrolment_code(office).unwrap();
        (Device::enrol(&address, &code, number).unwrap(), code)
    };
    let (mut mine, used_code) = of_office(PELAIHARI.0, 7);
    let (mut theirs, _) = of_office(TAKISUNG.0, 8);
    let refused = |device: &mut Device| device.exchange().unwrap().refusal;
    let recorded = cast.pelaihari.add(&sheet(1)).unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));

    // A device of the office is given what its office has; one of another office is given nothing at all.
    assert_eq!((refused(&mut mine), refused(&mut theirs)), (None, None));
    assert!(mine.given.contains(&recorded.id.parse().unwrap()), "{:?}", mine.given);
    assert!(theirs.given.is_empty(), "{:?}", theirs.given);
    // Somebody else's number opens nothing without its key, a key nothing under another number, and a number that is not there nothing.
    let (mut keyless, mut renumbered, mut unknown) =
        (mine.with_key(9), theirs.numbered(mine.number()), mine.numbered(999_999));
    assert_eq!(refused(&mut keyless), Some(Refusal::BadSignature));
    assert_eq!(refused(&mut renumbered), Some(Refusal::BadSignature));
    assert_eq!(refused(&mut unknown), Some(Refusal::UnknownDevice));
    assert!(renumbered.given.is_empty());

    let name = mine.name().to_string();
    cast.hub
        .program
        .run(&["office", "revoke", &name])
        .unwrap()
        .success()
        .unwrap();
    cast.pelaihari.add(&sheet(2)).unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    let before = mine.given.len();
    assert_eq!(refused(&mut mine), Some(Refusal::Revoked));
    assert_eq!(mine.given.len(), before, "who was shut out is given nothing new");
    assert_eq!(refused(&mut theirs), None);

    // A code that was used, or of a device that was shut out, enrols nobody; what is no request is no device.
    assert!(Device::enrol(&address, &used_code, 10).is_err());
    assert!(Device::enrol(&address, &used_code, 7).is_err());
    for path in endpoints {
        for body in [&b""[..], b"{}", &[0; 200]] {
            let answer = post(&address, path, body).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&answer).contains(&recorded.id), "{path}");
        }
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}
