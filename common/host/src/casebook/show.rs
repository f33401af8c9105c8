//! A complaint as the command line shows it: one JSON object, or two columns.

use serde_json::{Value, json};
use titian_domain::complaint::Complaint;
use titian_domain::deadline::StepDeadline;
use titian_domain::event::{HandlingEvent, IntakeEvent, What};
use titian_domain::identity::{Nik, Phone};
use titian_domain::lang::Lang;
use titian_domain::particulars::{self, Field};
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::Zone;

use crate::cli::Table;

/// Gives a complaint as one JSON object. The reporter is masked unless `reveal`.
pub fn complaint(
    complaint: &Complaint,
    reporter: Option<&ReporterRecord>,
    reveal: bool,
    steps: &[StepDeadline],
) -> Value {
    let field = |field: Field| (field.code().to_owned(), field_value(&complaint.particulars.get(field)));
    let conflict = |conflict: &titian_domain::complaint::Conflict| {
        let values: Vec<_> = conflict
            .contenders
            .iter()
            .map(|one| json!({ "value": one.value.to_string(), "staff": one.staff, "at": one.at }))
            .collect();
        json!({ "field": conflict.field.code(), "values": values })
    };
    let timeline: Vec<_> = complaint
        .timeline()
        .into_iter()
        .map(|event| {
            let (side, what) = match &event.what {
                What::Intake(what) => ("office", serde_json::to_value(what)),
                What::Handling(what) => ("hub", serde_json::to_value(what)),
            };
            json!({ "id": event.id, "at": event.at, "trusted": event.trusted, "staff": event.staff, "side": side,
                    "what": what.unwrap_or_default() })
        })
        .collect();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            json!({ "step": step.step.code(), "started": step.started, "due": step.due, "done": step.done,
                    "paused": step.paused, "explanation": step.explanation.words(Lang::En) })
        })
        .collect();
    json!({
        "id": complaint.id,
        "register": complaint.register,
        "office": complaint.register.office,
        "stage": complaint.standing.stage,
        "round": complaint.standing.round,
        "received_by_hub": complaint.standing.received,
        "fields": Field::ALL.into_iter().map(field).collect::<serde_json::Map<_, _>>(),
        "notice": complaint.notice(),
        "reporter": reporter.map(|record| reporter_fields(record, reveal).into_iter().collect::<serde_json::Map<_, _>>()),
        "conflicts": complaint.conflicts.iter().map(conflict).collect::<Vec<_>>(),
        "restricted": complaint.is_restricted(),
        "needs_reverification": complaint.needs_reverification(),
        "waits_for_complainant": complaint.waits_for_complainant(),
        "tracking_id": complaint.tracking_id,
        "disposed_to": complaint.disposed_to,
        "lapor_status": complaint.lapor_status,
        "steps": steps,
        "timeline": timeline,
    })
}

/// Gives the value of a field in JSON.
pub(crate) fn field_value(value: &particulars::Value) -> Value {
    match value {
        particulars::Value::Text(text) => Value::from(text.as_str()),
        particulars::Value::Flag(flag) => Value::from(*flag),
        particulars::Value::Instant(at) => Value::from(at.0),
        particulars::Value::Reporter(hash) => Value::from(hash.to_string()),
    }
}

/// Gives a complaint as two columns.
pub fn table(
    complaint: &Complaint,
    reporter: Option<&ReporterRecord>,
    reveal: bool,
    steps: &[StepDeadline],
    zone: Zone,
) -> Table {
    let standing = complaint.standing;
    let mut table = Table::new(["what", "value"])
        .row(["register number", &complaint.register.to_string()])
        .row(["id", &complaint.id.to_string()])
        .row(["stage", standing.stage.code()])
        .row(["round", &standing.round.to_string()]);
    for field in Field::ALL {
        let value = match complaint.particulars.get(field) {
            particulars::Value::Instant(at) => at.local(zone).format("%Y-%m-%d %H:%M").to_string(),
            value => value.to_string(),
        };
        if !value.is_empty() && field != Field::Reporter {
            table.push([field.code(), &value]);
        }
    }
    for (name, value) in reporter
        .map(|record| reporter_fields(record, reveal))
        .unwrap_or_default()
    {
        table.push([
            format!("reporter {name}"),
            value.as_str().unwrap_or_default().to_owned(),
        ]);
    }
    for conflict in &complaint.conflicts {
        for (number, one) in conflict.contenders.iter().enumerate() {
            let at = one.at.local(zone).format("%Y-%m-%d %H:%M");
            let value = format!("{}: {} ({}, {at})", number + 1, one.value, one.staff);
            table.push([format!("conflict in {}", conflict.field.code()), value]);
        }
    }
    if complaint.is_restricted() {
        table.push(["attention", "the reporter's identity is restricted"]);
    }
    if complaint.needs_reverification() {
        table.push([
            "attention",
            "the substance changed after it was verified: verify it again",
        ]);
    }
    let known = [
        ("tracking id", complaint.tracking_id.as_ref().map(ToString::to_string)),
        ("disposed to", complaint.disposed_to.clone()),
        ("status in LAPOR", complaint.lapor_status.clone()),
        ("notice on personal data", complaint.notice().map(ToString::to_string)),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            table.push([name, &value]);
        }
    }
    for step in steps.iter().filter(|step| step.started.is_some()) {
        table.push([format!("step {}", step.step.code()), step.explanation.words(Lang::En)]);
    }
    for event in complaint.timeline() {
        let at = event.at.local(zone).format("%Y-%m-%d %H:%M");
        let doubt = if event.trusted { "" } else { "?" };
        table.push([
            format!("{at}{doubt}"),
            format!("{} ({})", event_words(&event.what), event.staff),
        ]);
    }
    table
}

/// Lists what is known of a reporter; masked, a number shows its last digits only.
pub(crate) fn reporter_fields(record: &ReporterRecord, reveal: bool) -> Vec<(String, Value)> {
    let hidden = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            "•••".to_owned()
        }
    };
    let (name, nik, phone, email, address) = if reveal {
        (
            record.name.clone(),
            record.nik.clone(),
            record.phone.clone(),
            record.email.clone(),
            record.address.clone(),
        )
    } else {
        let nik = Nik::parse(&record.nik).map_or_else(|_| hidden(&record.nik), |nik| nik.masked());
        let phone = Phone::parse(&record.phone).map_or_else(|_| hidden(&record.phone), |phone| phone.masked());
        (
            record.masked_name(),
            nik,
            phone,
            hidden(&record.email),
            hidden(&record.address),
        )
    };
    [
        ("name", name),
        ("nik", nik),
        ("phone", phone),
        ("email", email),
        ("address", address),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), Value::from(value)))
    .collect()
}

fn event_words(what: &What) -> String {
    match what {
        What::Intake(IntakeEvent::Recorded { .. }) => "recorded".into(),
        What::Intake(IntakeEvent::Verified { .. }) => "verified".into(),
        What::Intake(IntakeEvent::Forwarded { round }) => format!("forwarded, round {round}"),
        What::Intake(IntakeEvent::Asked { question }) => format!("complainant asked: {question}"),
        What::Intake(IntakeEvent::Answered { note }) => format!("complainant answered: {note}"),
        What::Intake(IntakeEvent::Noted { note }) | What::Handling(HandlingEvent::Noted { note }) => {
            format!("note: {note}")
        }
        What::Intake(IntakeEvent::Attached(file)) => format!("file attached: {}", file.name),
        What::Intake(IntakeEvent::Detached { hash }) => format!("file detached: {hash:.12}"),
        What::Intake(IntakeEvent::Closed { outcome, note }) => format!("closed at the office, {outcome}: {note}"),
        What::Handling(HandlingEvent::Received { round }) => format!("received by the hub, round {round}"),
        What::Handling(HandlingEvent::Accepted { round }) => format!("accepted, round {round}"),
        What::Handling(HandlingEvent::Returned { round, missing, reason }) => {
            let missing = missing.iter().map(|item| item.code()).collect::<Vec<_>>().join(", ");
            format!("returned, round {round}, missing {missing}: {reason}")
        }
        What::Handling(HandlingEvent::Entered { tracking_id }) => format!("entered in LAPOR as {tracking_id}"),
        What::Handling(HandlingEvent::Disposed { institution }) => format!("disposed to {institution}"),
        What::Handling(HandlingEvent::StatusSeen { status }) => format!("status in LAPOR: {status}"),
        What::Handling(HandlingEvent::Closed { reason }) => format!("closed: {reason}"),
        What::Intake(IntakeEvent::Restricted { reason }) | What::Handling(HandlingEvent::Restricted { reason }) => {
            format!("identity restricted: {reason}")
        }
        What::Intake(IntakeEvent::RestrictionLifted { reason, .. })
        | What::Handling(HandlingEvent::RestrictionLifted { reason, .. }) => format!("restriction lifted: {reason}"),
        What::Intake(IntakeEvent::Unknown) | What::Handling(HandlingEvent::Unknown) => {
            "something that a newer version of the program wrote".into()
        }
    }
}
