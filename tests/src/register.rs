//! The corpus as a register that a gateway imports.

use std::io::Write as _;

use anyhow::Result;
use serde_json::json;
use titian_domain::vocabulary::Classification;

use crate::corpus::CorpusComplaint;

const YEAR_MILLIS: i64 = 365 * 24 * 3_600_000;

/// Writes complaints as NDJSON, a line each.
///
/// # Errors
/// When one of them is no JSON.
pub fn ndjson(complaints: &[CorpusComplaint]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for CorpusComplaint {
        particulars: said,
        reporter,
    } in complaints
    {
        let zone = titian_domain::time::Zone::default();
        let row = json!({
            // The corpus is of a whole year, and a register holds nothing from the future.
            "received_at": said.received_at.plus_millis(-YEAR_MILLIS).local(zone).format("%Y-%m-%d %H:%M").to_string(),
            "channel": said.channel.code(),
            "classification": said.classification.map(Classification::code),
            "category": said.category, "title": said.title, "narrative": said.narrative,
            "event_date": said.event_date.replacen("2026", "2025", 1), "region": said.region, "place": said.place,
            "institution": said.institution, "anonymous": yes_or_no(said.anonymous),
            "confidential": yes_or_no(said.confidential), "why_nameless": said.why_nameless,
            "why_unreachable": said.why_unreachable, "answer": said.answer, "name": reporter.name,
            "nik": reporter.nik, "phone": reporter.phone, "email": reporter.email, "address": reporter.address,
        });
        writeln!(lines, "{row}")?;
    }
    Ok(lines)
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "ya" } else { "tidak" }
}
