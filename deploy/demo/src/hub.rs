//! The hub of a rig: what the administrator and the liaison do with it.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::cast::Account;
use crate::program::Program;

/// What its people are there: few people do it all.
const ROLES: &str = "liaison,administrator";

/// A hub.
pub struct Hub {
    /// Its program.
    pub program: Program,
}

impl Hub {
    /// Starts the server, at the same address as before.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn serve(&mut self) -> Result<()> {
        self.program.serve(&["serve"])
    }

    /// Registers an office.
    ///
    /// # Errors
    /// When the hub refuses it.
    pub fn add_office(&self, code: &str, name: &str) -> Result<()> {
        self.program.json(&["office", "add", code, "--name", name]).map(|_| ())
    }

    /// Makes a one-time code that enrols a gateway of an office. The server must have run: the code holds its address.
    ///
    /// # Errors
    /// When there is no such office.
    pub fn enrolment_code(&self, office: &str) -> Result<String> {
        self.enrolment_code_over(office, self.program.address()?)
    }

    /// Makes a one-time code for a gateway that reaches the hub at another address than its own.
    ///
    /// # Errors
    /// When there is no such office.
    pub fn enrolment_code_over(&self, office: &str, url: &str) -> Result<String> {
        let made = self.program.json(&["office", "code", office, "--url", url])?;
        made["code"]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("no code in {made}"))
    }

    /// Gives somebody an account.
    ///
    /// # Errors
    /// When the hub refuses it.
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

    /// Takes a step with a complaint: `complaint` with these words behind it.
    ///
    /// # Errors
    /// When the hub refuses it.
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
}
