//! Matches the rows of an export to the complaints of the hub: decides, and changes nothing.

use std::collections::BTreeMap;

use titian_domain::id::{ComplaintId, TrackingId};
use titian_domain::lang::Lang;
use titian_domain::refusal::Refusal;

use super::export::ExportRow;

/// What the hub knows of a complaint that is in LAPOR.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Known {
    /// Which complaint.
    pub complaint: ComplaintId,
    /// The status that LAPOR showed last.
    pub status: Option<String>,
    /// The institution that it is disposed to.
    pub disposed_to: Option<String>,
    /// Its title.
    pub title: String,
}

/// A complaint that was accepted and has no Tracking ID yet.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Waiting {
    /// Which complaint.
    pub complaint: ComplaintId,
    /// Its title.
    pub title: String,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// Complaints of which something is new.
    pub update: Vec<Update>,
    /// How many rows say what is known.
    pub unchanged: usize,
    /// Complaints of which something is new that the procedure did not allow: they are as before.
    pub refused: Vec<RefusedUpdate>,
    /// Rows whose Tracking ID no complaint has: most reports reach LAPOR without the offices.
    pub unmatched: Vec<UnmatchedRow>,
}

/// What is new of a complaint; at least one of the two is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Update {
    /// Which complaint.
    pub complaint: ComplaintId,
    /// Its number in LAPOR.
    pub tracking_id: TrackingId,
    /// The status, where it differs from the known one.
    pub status: Option<String>,
    /// The institution, where it differs from the known one.
    pub disposed_to: Option<String>,
}

/// An update of which nothing was taken; only the writing of it shows that.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RefusedUpdate {
    /// What was new.
    pub update: Update,
    /// Why it was not taken.
    #[serde(serialize_with = "in_words")]
    pub reason: Refusal,
}

/// A row whose Tracking ID no complaint has.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct UnmatchedRow {
    /// The row's number in Excel.
    pub line: u32,
    /// LAPOR's number of the report.
    pub tracking_id: TrackingId,
    /// The report's title.
    pub title: String,
}

/// A guess that a person must confirm: titles alone never join two records.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Suggestion {
    /// The complaint whose Tracking ID this may be.
    pub complaint: ComplaintId,
    /// The number of the report with the same title.
    pub tracking_id: TrackingId,
    /// The row's number in Excel.
    pub line: u32,
}

/// Tells what each row would change. Blank cells take nothing back, so an import repeated changes nothing.
pub fn plan(rows: &[ExportRow], known: &BTreeMap<TrackingId, Known>) -> Plan {
    let mut plan = Plan::default();
    for row in rows {
        let Some(known) = known.get(&row.tracking_id) else {
            plan.unmatched.push(UnmatchedRow {
                line: row.line,
                tracking_id: row.tracking_id.clone(),
                title: row.title.clone(),
            });
            continue;
        };
        let news = |told: &Option<String>, known: &Option<String>| told.clone().filter(|_| told != known);
        let update = Update {
            complaint: known.complaint,
            tracking_id: row.tracking_id.clone(),
            status: news(&row.status, &known.status),
            disposed_to: news(&row.disposed_to, &known.disposed_to),
        };
        if update.status.is_none() && update.disposed_to.is_none() {
            plan.unchanged += 1;
        } else {
            plan.update.push(update);
        }
    }
    plan
}

/// Lists complaints whose missing Tracking ID an unmatched row with the same title may be. Never applied by itself.
pub fn suggest(unmatched: &[UnmatchedRow], waiting: &[Waiting]) -> Vec<Suggestion> {
    let mut by_title: BTreeMap<String, Vec<&UnmatchedRow>> = BTreeMap::new();
    for row in unmatched {
        by_title.entry(fold(&row.title)).or_default().push(row);
    }
    let pair = |waiting: &Waiting| {
        let title = fold(&waiting.title);
        let rows = by_title.get(&title).filter(|_| !title.is_empty());
        let complaint = waiting.complaint;
        rows.into_iter()
            .flatten()
            .map(|row| Suggestion {
                complaint,
                tracking_id: row.tracking_id.clone(),
                line: row.line,
            })
            .collect::<Vec<_>>()
    };
    waiting.iter().flat_map(pair).collect()
}

fn in_words<S: serde::Serializer>(reason: &Refusal, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&reason.words(Lang::En))
}

/// Folds a title to its words: case, blanks and punctuation are lost when people type it anew.
fn fold(title: &str) -> String {
    let words = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u32, tracking: &str, status: &str, disposed_to: Option<&str>) -> ExportRow {
        ExportRow {
            line,
            tracking_id: tracking.parse().unwrap(),
            received: None,
            title: "Jalan  berlubang, Bati-Bati".into(),
            narrative: String::new(),
            category: String::new(),
            classification: String::new(),
            status: Some(status.into()),
            disposed_to: disposed_to.map(str::to_owned),
        }
    }

    fn id(byte: u8) -> ComplaintId {
        ComplaintId::from_bytes([byte; 16])
    }

    fn hub() -> BTreeMap<TrackingId, Known> {
        let known = |byte, disposed_to: Option<&str>| Known {
            complaint: id(byte),
            status: Some("Belum Terdisposisi".into()),
            disposed_to: disposed_to.map(str::to_owned),
            title: "Jalan berlubang".into(),
        };
        BTreeMap::from([
            ("5049601".parse().unwrap(), known(1, None)),
            ("5049602".parse().unwrap(), known(2, Some("Dinas Kesehatan"))),
        ])
    }

    #[test]
    fn only_what_is_new_is_planned_and_an_import_repeated_changes_nothing() {
        let rows = [
            row(7, "5049601", "Terdisposisi", Some("Perumda Air Minum")),
            row(8, "5049602", "Belum Terdisposisi", None),
            row(9, "5049603", "Proses", None),
        ];
        let mut known = hub();
        let plan_once = plan(&rows, &known);
        assert_eq!(
            plan_once.update,
            [Update {
                complaint: id(1),
                tracking_id: "5049601".parse().unwrap(),
                status: Some("Terdisposisi".into()),
                disposed_to: Some("Perumda Air Minum".into()),
            }]
        );
        assert_eq!(plan_once.unchanged, 1, "a blank cell takes no disposition back");
        assert_eq!(plan_once.unmatched.iter().map(|row| row.line).collect::<Vec<_>>(), [9]);
        for update in plan_once.update {
            let entry = known.get_mut(&update.tracking_id).unwrap();
            entry.status = update.status.or(entry.status.take());
            entry.disposed_to = update.disposed_to.or(entry.disposed_to.take());
        }
        let again = plan(&rows, &known);
        assert_eq!((again.update, again.unchanged), (vec![], 2));
    }

    #[test]
    fn the_same_title_is_suggested_and_nothing_else() {
        let unmatched = plan(&[row(9, "5049603", "Proses", None)], &BTreeMap::new()).unmatched;
        let waiting = |byte, title: &str| Waiting {
            complaint: id(byte),
            title: title.into(),
        };
        let suggested = suggest(
            &unmatched,
            &[
                waiting(1, "jalan berlubang bati bati"),
                waiting(2, "Jalan berlubang"),
                waiting(3, ""),
            ],
        );
        let suggested: Vec<_> = suggested.into_iter().map(|s| (s.complaint, s.line)).collect();
        assert_eq!(suggested, [(id(1), 9)]);
        let untitled = [UnmatchedRow {
            line: 1,
            tracking_id: "5049603".parse().unwrap(),
            title: " - ".into(),
        }];
        assert_eq!(suggest(&untitled, &[waiting(3, "")]), []);
    }
}
