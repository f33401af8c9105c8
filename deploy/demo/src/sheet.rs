//! Turns an invented complaint into what the office's commands read.

use serde_json::{Value, json};

use crate::samples::{EventDate, Mended, Received, Sample};
use crate::today;

/// Gives the sheet of a complaint as `complaint add --json` reads it. What was not told is left out.
pub fn of(sample: &Sample) -> Value {
    let reporter = &sample.reporter;
    let mut sheet = json!({
        "channel": sample.channel,
        "received_at": received(&sample.received_at),
        "classification": sample.classification,
        "category": sample.category,
        "title": sample.title,
        "narrative": sample.narrative,
        "event_date": event_date(&sample.event_date),
        "region": sample.region,
        "place": sample.place,
        "institution": sample.institution,
        "anonymous": sample.anonymous,
        "confidential": sample.confidential,
        "out_of_scope": sample.out_of_scope,
        "why_nameless": sample.why_nameless,
        "why_unreachable": sample.why_unreachable,
        "answer": sample.answer,
        "reporter_name": reporter.name,
        "reporter_nik": reporter.nik,
        "reporter_phone": reporter.phone,
        "reporter_email": reporter.email,
        "reporter_address": reporter.address,
    });
    if let Some(fields) = sheet.as_object_mut() {
        fields.retain(|_, value| value != "");
    }
    sheet
}

/// Gives what the office changes in a complaint that came back.
pub fn of_mended(mended: &Mended) -> Value {
    json!({ "event_date": event_date(&mended.event_date), "place": mended.place })
}

fn event_date(told: &EventDate) -> String {
    match told {
        EventDate::DaysAgo { days_ago } => today::date(*days_ago),
        EventDate::Words(words) => words.clone(),
    }
}

/// Nobody brings a complaint later than now, even where the demonstration runs before breakfast.
fn received(received: &Received) -> String {
    let told = today::instant(received.days_ago, &received.time);
    if received.days_ago == 0 {
        told.min(today::this_minute())
    } else {
        told
    }
}
