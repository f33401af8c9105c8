//! Where the tests play: a rig of freshly built programs whose logs must stay free of errors.

use std::ops::Deref;
use std::sync::OnceLock;
use std::thread;

use anyhow::Result;
use serde_json::{Value, json};
use titian_demo::binaries::Binaries;
use titian_demo::program::Program;
use titian_demo::rig::Rig;
use titian_demo::visitor::{Page, Visitor};

use crate::identities;

/// A rig that fails its test if a program logged an error, or anything by which a citizen is known.
pub struct Stage(Rig);

impl Stage {
    pub fn new() -> Self {
        Self(Rig::new(binaries()).unwrap())
    }

    /// The same with every line that the programs can log.
    pub fn talkative() -> Self {
        Self(Rig::new(binaries()).unwrap().with_variable("TITIAN_LOG", "trace"))
    }

    /// Ends a test: call it last, when no program runs any more.
    pub fn assert_no_errors(&self) {
        let errors = self.log().errors();
        assert!(errors.is_empty(), "the programs logged errors: {errors:#?}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let text = self.log().text();
        let told = identities::lines_that_tell(&text, &identities::names());
        assert!(told.is_empty(), "the logs name citizens: {told:#?}");
    }
}

impl Deref for Stage {
    type Target = Rig;

    fn deref(&self) -> &Rig {
        &self.0
    }
}

/// Builds the programs once for all tests of this run.
pub fn binaries() -> Binaries {
    static BINARIES: OnceLock<Binaries> = OnceLock::new();
    BINARIES.get_or_init(|| Binaries::build(false).unwrap()).clone()
}

/// A complete complaint; the number makes it one of many.
pub fn sheet(number: usize) -> Value {
    json!({
        "channel": "visit",
        "classification": "complaint",
        "category": "Perhubungan",
        "title": format!("Lampu jalan nomor {number} padam"),
        "narrative": format!("Lampu jalan nomor {number} di tepi jalan poros padam sejak dua minggu, warga takut lewat."),
        "event_date": "2026-03-02",
        "region": "63.01.03.1004",
        "place": format!("Tiang nomor {number}"),
        "institution": "Dinas Perhubungan",
        "reporter_name": "Rahma Yulianti",
        "reporter_phone": "+6281200000199",
    })
}

/// Records a complaint in the browser as the operator does, and gives the answer as it came.
pub fn record(operator: &mut Visitor, number: usize) -> Result<Page> {
    let form = typed(operator, number)?;
    save(operator, &form)
}

/// Opens the form of a new complaint and types one into it.
pub fn typed(operator: &mut Visitor, number: usize) -> Result<Value> {
    let form = operator.get("/laporan/baru")?;
    let mut fields = sheet(number);
    for name in ["id", "received_at", "received_exact"] {
        fields[name] = form.input(name).unwrap_or_default().into();
    }
    Ok(fields)
}

/// Sends the form of a new complaint.
pub fn save(operator: &mut Visitor, form: &Value) -> Result<Page> {
    let fields: Vec<(&str, &str)> = form
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    operator.post("/laporan/baru", &fields)
}

/// A row of an office's register, as `import` reads it.
pub fn import_row(number: usize) -> Value {
    json!({
        "received_at": "2026-02-03",
        "channel": "visit",
        "title": format!("Parit nomor {number} tersumbat"),
        "narrative": format!("Parit nomor {number} di depan rumah warga tersumbat dan meluap setiap kali hujan turun."),
        "reporter_name": format!("Pelapor Nomor {number}"),
        "place": format!("Gang {number}"),
    })
}

/// Reads a whole list, page by page.
pub fn list(program: &Program) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let last = all.last().map(|row| row["id"].as_str().unwrap().to_owned());
        let page = match &last {
            Some(id) => program.json(&["complaint", "list", "--before", id]).unwrap(),
            None => program.json(&["complaint", "list"]).unwrap(),
        };
        let rows = page.as_array().unwrap();
        if rows.is_empty() {
            return all;
        }
        all.extend(rows.iter().cloned());
    }
}

/// Lists the register numbers, sorted.
pub fn registers(program: &Program) -> Vec<String> {
    let mut registers: Vec<_> = list(program)
        .iter()
        .map(|row| row["register"].as_str().unwrap().to_owned())
        .collect();
    registers.sort_unstable();
    registers
}

/// A PDF of some size that does not shrink on the way.
pub fn pdf(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut content = b"%PDF-1.4\n".to_vec();
    while content.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend_from_slice(&state.to_le_bytes());
    }
    content.extend_from_slice(b"\n%%EOF\n");
    content
}
