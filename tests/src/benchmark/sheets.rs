//! The complaints and edits of the benchmark in the forms that the subjects read: a register for ours, JSON for the others.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use titian_demo::cast::{LIAISON, OPERATOR};
use titian_domain::id::{ComplaintId, EventId};
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;

use super::pair::{EDITS, SEED};
use crate::corpus::{self, CorpusComplaint};
use crate::register;

/// How many rows go into one register: a file of at most 10 MiB is what `import` takes.
const REGISTER_ROWS_MAX: u64 = 4_000;
/// When the first edit is made, and how long after it the next one: 26 November 2026, and as fast as a person is.
const EDITED_AT: i64 = 1_795_660_200_000;
const EDIT_MILLIS: i64 = 41_377;

/// Writes registers that `titian-gateway import` reads, as many as it takes, and gives their paths.
///
/// # Errors
/// When they cannot be written.
pub fn registers(folder: &Path, complaints: u64) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for first in (0..complaints).step_by(usize::try_from(REGISTER_ROWS_MAX)?) {
        let path = folder.join(format!("register-{first}.ndjson"));
        let complaints = (first..complaints.min(first + REGISTER_ROWS_MAX)).map(|index| corpus::complaint(SEED, index));
        fs::write(&path, register::ndjson(&complaints.collect::<Vec<_>>())?)?;
        paths.push(path);
    }
    Ok(paths)
}

/// Writes the complaints as one JSON array, each with its `id`.
///
/// # Errors
/// When it cannot be written.
pub fn rows(folder: &Path, complaints: u64) -> Result<PathBuf> {
    let rows = (0..complaints).map(row).collect::<Result<Vec<_>>>()?;
    write(folder, "complaints.json", &Value::Array(rows))
}

/// Gives one complaint as JSON, with its `id`.
///
/// # Errors
/// When it has no JSON form.
pub fn row(index: u64) -> Result<Value> {
    let complaint = corpus::complaint(SEED, index);
    let mut row: Value = serde_json::from_slice(&corpus::json(std::slice::from_ref(&complaint)))?;
    let mut row = row[0].take();
    row.as_object_mut()
        .context("a complaint is an object")?
        .insert("id".into(), id(index, &complaint).into());
    Ok(row)
}

/// Writes the edits at the client or at the server: merge patches (RFC 7396) with the `id` of their complaint.
///
/// # Errors
/// When they cannot be written.
pub fn edits(folder: &Path, at_server: bool) -> Result<PathBuf> {
    let edits = (0..EDITS).map(|index| edit(index, at_server)).collect();
    write(folder, "edits.json", &Value::Array(edits))
}

/// Gives one edit: some complaints are edited at the client, others at the server. It is the event that Titian sends:
/// under a ULID who did it, when, what, and in which words.
pub fn edit(index: u64, at_server: bool) -> Value {
    let number = index + if at_server { EDITS } else { 0 };
    let at = UnixMillis(EDITED_AT + i64::try_from(number).unwrap_or(0) * EDIT_MILLIS);
    let random = ReporterRecord::hash_of(&[&b"edit"[..], &number.to_le_bytes()].concat()).0;
    let mut key = [0; 10];
    key.copy_from_slice(&random[..10]);
    let text = corpus::edit(SEED, number);
    let event = if at_server {
        json!({"at": at, "by": LIAISON.full_name, "kind": "returned", "round": 1, "missing": ["when"], "reason": text})
    } else {
        json!({"at": at, "by": OPERATOR.full_name, "kind": "noted", "note": text})
    };
    let id = id(number, &corpus::complaint(SEED, number));
    json!({"id": id, "events": {EventId::new(at, key).to_string(): event}})
}

fn write(folder: &Path, name: &str, rows: &Value) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, serde_json::to_vec(rows)?)?;
    Ok(path)
}

fn id(index: u64, complaint: &CorpusComplaint) -> String {
    let random = ReporterRecord::hash_of(&index.to_le_bytes()).0;
    let mut key = [0; 10];
    key.copy_from_slice(&random[..10]);
    ComplaintId::new(complaint.particulars.received_at, key).to_string()
}
