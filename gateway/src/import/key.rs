//! What makes a row of a register the same row, on every PC and in every form of file.

use titian_domain::particulars::Field;
use titian_domain::reporter::ReporterRecord;

use super::column::fold;
use super::row::ImportRow;

/// Hashes what identifies a complaint in a register. What an office fills in or corrects later (category, answer,
/// flags) is left out, so that the same register imported a year later adds only what is new.
pub fn of_what_is_said(row: &ImportRow) -> [u8; 32] {
    let said = &row.particulars;
    let received = said.received_at.0.to_string();
    hash(
        "titian 2026 row of an imported register",
        &[
            &received,
            said.channel.code(),
            &fold(&said.title),
            &fold(&said.narrative),
            &said.region,
            &fold(&said.place),
            &fold(&row.old_number),
        ],
    )
}

/// Hashes all that a row says. For the memory only: an identity is in it.
pub fn of_all(row: &ImportRow) -> [u8; 32] {
    let fields = Field::ALL.map(|field| format!("{:?}", row.particulars.get(field)));
    let reporter = row.reporter.as_ref().map(ReporterRecord::to_bytes).unwrap_or_default();
    let reporter = String::from_utf8_lossy(&reporter);
    let mut parts: Vec<&str> = fields.iter().map(String::as_str).collect();
    parts.extend([&*reporter, row.old_number.as_str()]);
    hash("titian 2026 whole row of an imported register", &parts)
}

/// Makes the key of a row; `alike` counts the rows above it that say the same.
pub fn make(said: &[u8; 32], alike: u32) -> [u8; 10] {
    let mut hasher = blake3::Hasher::new_derive_key("titian 2026 complaint of an imported register");
    hasher.update(said).update(&alike.to_le_bytes());
    let mut key = [0; 10];
    hasher.finalize_xof().fill(&mut key);
    key
}

fn hash(context: &str, parts: &[&str]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in parts {
        hasher
            .update(&(part.len() as u64).to_le_bytes())
            .update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}
