//! The package that is given to people: whole, with what it is made of, and provably as it was built.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Runs a command in the project's folder and gives what it prints.
fn printed(program: &str, args: &[&str], folder: &Path) -> String {
    // A development build: it is there already, and what is packed is packed the same way.
    let output = Command::new(program)
        .args(args)
        .env("PROFILE", "dev")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_package_holds_both_programs_and_the_bill_of_what_they_are_made_of() {
    crate::stage::binaries();
    let archive = PathBuf::from(printed("deploy/package", &[], root()).trim());
    let archive = root().join(archive);
    let folder = tempfile::tempdir().unwrap();
    printed("tar", &["-xzf", archive.to_str().unwrap()], folder.path());
    let unpacked = std::fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let checked = printed("sha256sum", &["--check", "--strict", "SHA256SUMS"], &unpacked);
    for file in [
        "titian-gateway",
        "titian-hub",
        "titian.cdx.json",
        "docs/operations.md",
        "systemd/titian-hub.service",
    ] {
        assert!(checked.contains(&format!("{file}: OK")), "{file}: {checked}");
    }
    let bill = std::fs::read_to_string(unpacked.join("titian.cdx.json")).unwrap();
    assert_eq!(bill, printed("cargo", &["sbom"], root()));
    for program in ["titian-gateway", "titian-hub"] {
        let says = printed(unpacked.join(program).to_str().unwrap(), &["--version"], folder.path());
        assert_eq!(says.trim(), format!("{program} {}", env!("CARGO_PKG_VERSION")));
    }
}
