//! Builds and installs what the benchmark compares, once, below the target folder: nothing is asked of who runs it but cargo and Node.js.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use titian_demo::binaries::Binaries;

use super::machine::npm_version;
use super::pair::Subject;
use super::peers::Peer;
use super::titian::{self, Titian};
use super::zamsync::{self, ZamSync};

/// JSON over REST, whole rows.
pub const REST: &str = "JSON over REST, gzip";
/// JSON over REST, changed fields only.
pub const REST_PATCH: &str = "the same, changed fields only";
const POUCHDB: &str = "PouchDB";
const AUTOMERGE_REPO: &str = "automerge-repo";
const SAMOD: &str = "samod";

/// The subjects in the order of the tables, each with the word by which `--only` names it.
pub const SUBJECTS: [(&str, &str); 7] = [
    ("titian", titian::NAME),
    ("rest", REST),
    ("rest-patch", REST_PATCH),
    ("pouchdb", POUCHDB),
    ("automerge-repo", AUTOMERGE_REPO),
    ("samod", SAMOD),
    ("zamsync", zamsync::NAME),
];

/// What is installed, to the last digit of its versions.
const LOCK: &str = "package-lock.json";

/// About what a complaint takes on the wire of a subject whose pieces its users choose, in bytes: as gzipped JSON …
const GZIPPED_COMPLAINT_BYTES: u64 = 800;
/// … and as JSON in a request of PouchDB.
const PLAIN_COMPLAINT_BYTES: u64 = 2_400;

/// Makes a subject ready; of Titian a release build, or a debug build.
///
/// # Errors
/// When it cannot be built or installed; cargo or npm say above why.
pub fn subject(name: &str, release: bool) -> Result<Box<dyn Subject>> {
    Ok(match name {
        titian::NAME => Box::new(Titian {
            binaries: Binaries::build(release)?,
            optimised: release,
        }),
        zamsync::NAME => Box::new(ZamSync { binary: zamsync()? }),
        SAMOD => Box::new(Peer {
            name: SAMOD,
            program: vec![samod()?.into()],
            words: vec![],
            complaint_bytes: None,
            settings: "crate `samod` 0.16.0, its own TCP framing, files as storage; one document per complaint, texts \
                       as scalars; a dropped connection is dialled again after 0.2 s by the same process"
                .to_owned(),
            speaks_tls: false,
        }),
        _ => Box::new(on_node(name)?),
    })
}

fn on_node(name: &str) -> Result<Peer> {
    let folder = npm()?;
    let version = |package| npm_version(&folder.join("node_modules"), package).unwrap_or_default();
    let (script, words, complaint_bytes, settings) = match name {
        POUCHDB => (
            "pouchdb.js",
            vec![],
            Some(PLAIN_COMPLAINT_BYTES),
            format!(
                "npm `pouchdb` {} with LevelDB on both sides, served by `express-pouchdb` {} (what pouchdb-server runs) \
                 behind `compression`; `replicate.to`, then `replicate.from`, in the default batches of 100, \
                 connections kept alive",
                version("pouchdb"),
                version("express-pouchdb")
            ),
        ),
        AUTOMERGE_REPO => (
            "automerge-repo.js",
            vec![],
            None,
            format!(
                "npm `@automerge/automerge-repo` {} over its WebSocket adapter, files as storage; one document per \
                 complaint, texts as `ImmutableString`; a dropped connection is made again after 5 s, its default, by the same process (a shorter time makes it drop connections that are still opening)",
                version("@automerge/automerge-repo")
            ),
        ),
        _ => (
            "rest.js",
            if name == REST_PATCH { vec!["--patch"] } else { vec![] },
            Some(GZIPPED_COMPLAINT_BYTES),
            format!(
                "`node:http`, one `POST` that carries gzipped rows up and brings rows since a sequence number down, a \
                 bearer token, connection kept alive; an edit travels as {}",
                if name == REST_PATCH {
                    "a JSON merge patch that adds its event"
                } else {
                    "its whole row"
                }
            ),
        ),
    };
    let name = SUBJECTS
        .iter()
        .find(|(_, title)| *title == name)
        .context("a subject of the list")?
        .1;
    Ok(Peer {
        name,
        program: vec![OsString::from("node"), folder.join(script).into()],
        words,
        complaint_bytes,
        settings,
        speaks_tls: script == "rest.js",
    })
}

/// Installs the packages of npm beside copies of the scripts, and gives the folder.
fn npm() -> Result<PathBuf> {
    let (from, folder) = (own_folder("peers"), target().join("peers"));
    fs::create_dir_all(&folder)?;
    let (lock, installed) = (fs::read(from.join(LOCK))?, folder.join("installed.json"));
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), folder.join(file.file_name()))?;
    }
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        // Not `npm ci`: it insists on optional packages for other systems. Nothing needs its install script: the native
        // parts come built.
        let words = [
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--omit-lockfile-registry-resolved",
        ];
        run(Command::new("npm").args(words).current_dir(&folder)).context("the peers need Node.js 20 with npm")?;
        fs::write(installed, lock)?;
    }
    Ok(folder)
}

/// Builds samod's peer in a workspace of its own.
fn samod() -> Result<PathBuf> {
    let built = target().join("samod");
    run(cargo()
        .args(["build", "--release", "--locked", "--quiet", "--target-dir"])
        .arg(&built)
        .current_dir(own_folder("samod")))?;
    Ok(built.join("release").join("titian-benchmark-samod"))
}

fn zamsync() -> Result<PathBuf> {
    let root = target().join("zamsync");
    // Does nothing if this version is there already.
    run(cargo()
        .args([
            "install",
            "zamsync",
            "--locked",
            "--quiet",
            "--version",
            zamsync::VERSION,
            "--root",
        ])
        .arg(&root))?;
    Ok(root.join("bin").join("zamsync"))
}

fn run(command: &mut Command) -> Result<()> {
    let words = format!("{command:?}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {words}"))?;
    ensure!(status.success(), "{words} failed");
    Ok(())
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn own_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benchmark").join(name)
}

/// Gives the folder of everything that the benchmark builds and keeps.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/benchmark")
}
