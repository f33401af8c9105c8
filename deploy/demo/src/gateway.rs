//! A gateway of a rig: what the staff of its office do with it.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::cast::Account;
use crate::program::Program;

/// What its people are there: few people do it all.
const ROLES: &str = "operator,verifier,head";

/// A gateway.
pub struct Gateway {
    /// Its program.
    pub program: Program,
}

/// The names of a complaint that was just put on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its identity.
    pub id: String,
    /// The office's number.
    pub register: String,
}

impl Gateway {
    /// Starts the pages. They sync by themselves only every hour: the rig says when.
    ///
    /// # Errors
    /// When they do not come up.
    pub fn serve(&mut self) -> Result<()> {
        self.serve_syncing("3600")
    }

    /// Starts the pages, and syncs every so many seconds.
    ///
    /// # Errors
    /// When they do not come up.
    pub fn serve_syncing(&mut self, seconds: &str) -> Result<()> {
        self.program.serve(&["run", "--sync-every", seconds])
    }

    /// Enrols it with a code of the hub.
    ///
    /// # Errors
    /// When the code is refused.
    pub fn enrol(&self, code: &str) -> Result<()> {
        self.program.run(&["enrol", code])?.success().map(|_| ())
    }

    /// Gives somebody an account.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub fn add_staff(&self, account: Account) -> Result<()> {
        let Account {
            name,
            full_name,
            password,
        } = account;
        let args = [
            "staff",
            "add",
            name,
            "--full-name",
            full_name,
            "--role",
            ROLES,
            "--password-stdin",
            "--own-password",
        ];
        self.program.run_with(&args, password)?.success().map(|_| ())
    }

    /// Puts a complaint on record: an object of the fields that `complaint add --json` reads.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub fn add(&self, sheet: &Value) -> Result<Recorded> {
        let recorded = self
            .program
            .json_with(&["complaint", "add", "--json", "-"], &sheet.to_string())?;
        let text = |key: &str| {
            recorded[key]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no {key} in {recorded}"))
        };
        Ok(Recorded {
            id: text("id")?,
            register: text("register")?,
        })
    }

    /// Takes a step with a complaint: `complaint` with these words behind it.
    ///
    /// # Errors
    /// When the gateway refuses it.
    pub fn step(&self, words: &[&str]) -> Result<()> {
        self.program
            .run(&[&["complaint"], words].concat())?
            .success()
            .map(|_| ())
    }

    /// Shows a complaint.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn show(&self, name: &str) -> Result<Value> {
        self.program.json(&["complaint", "show", name])
    }

    /// Exchanges news with the hub once, and gives the exit code.
    ///
    /// # Errors
    /// When the program does not end.
    pub fn sync(&self) -> Result<Option<i32>> {
        Ok(self.program.run(&["sync"])?.code)
    }
}
