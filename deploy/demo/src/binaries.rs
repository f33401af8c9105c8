//! The two programs, built from this very source.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// Where the built programs are.
#[derive(Clone, Debug)]
pub struct Binaries {
    /// `titian-gateway`.
    pub gateway: PathBuf,
    /// `titian-hub`.
    pub hub: PathBuf,
}

impl Binaries {
    /// Builds both programs with cargo; quick if they are built already. Cargo tells its progress on standard error.
    ///
    /// # Errors
    /// When they do not build.
    pub fn build(release: bool) -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args([
            "build",
            "--quiet",
            "--locked",
            "--message-format=json-render-diagnostics",
        ]);
        if release {
            // As they are shipped: with the features that they ask for, and no others.
            command.args(["--release", "--package", "titian-gateway", "--package", "titian-hub"]);
        } else {
            // Out of the whole workspace, as `cargo test --workspace` and `cargo demo` are built: what they need is there.
            command.args(["--bin", "titian-gateway", "--bin", "titian-hub"]);
        }
        // Cargo tells whom it runs which package that is; a build script that looks (ring's) would be run again each time.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_")) {
            if ["CARGO_HOME", "CARGO_TARGET_DIR"].iter().all(|kept| name != *kept) {
                command.env_remove(name);
            }
        }
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("the crate lies two folders deep")?;
        let built = command
            .current_dir(workspace)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start cargo")?;
        ensure!(
            built.status.success(),
            "the programs do not build; cargo says above why"
        );
        let messages = String::from_utf8_lossy(&built.stdout);
        let find = |name: &str| executable(&messages, name).with_context(|| format!("cargo built no {name}"));
        Ok(Self {
            gateway: find("titian-gateway")?,
            hub: find("titian-hub")?,
        })
    }
}

/// Finds the path of an executable in cargo's messages, so that no target folder is guessed.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let artifacts = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut executables = artifacts.filter(|artifact| artifact["target"]["name"] == name);
    executables.find_map(|artifact| artifact["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_the_one_that_cargo_names() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"titian_hub"},"executable":null}
            not a message
            {"reason":"compiler-artifact","target":{"name":"titian-hub"},"executable":"somewhere/titian-hub"}"#;
        assert_eq!(
            executable(messages, "titian-hub"),
            Some(PathBuf::from("somewhere/titian-hub"))
        );
        assert_eq!(executable(messages, "titian-gateway"), None);
    }
}
