//! The invented complaints that the demonstration plays with: what citizens brought, and how far each one gets.

use std::collections::BTreeMap;

use serde::Deserialize;

const COMPLAINTS: &str = include_str!("../data/complaints.json");

/// One invented complaint. Words of a list are codes of `titian_domain`; a text that was not told is empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The code of the office that it is brought to, e.g. `63.01.03`.
    pub office: String,
    /// How far the demonstration takes it.
    pub reach: Reach,
    /// The way by which it reached the office.
    pub channel: String,
    /// When the citizen brought it.
    pub received_at: Received,
    /// Complaint, aspiration or request for information.
    pub classification: String,
    /// LAPOR's category.
    pub category: String,
    /// One short sentence.
    pub title: String,
    /// What happened.
    pub narrative: String,
    /// When it happened.
    pub event_date: EventDate,
    /// The code of the village.
    pub region: String,
    /// Where exactly, in words.
    pub place: String,
    /// The institution that it is addressed to.
    pub institution: String,
    /// The name is hidden from the public and from the institution.
    #[serde(default)]
    pub anonymous: bool,
    /// The report is hidden from the public.
    #[serde(default)]
    pub confidential: bool,
    /// The kind that LAPOR does not take; empty if it takes this one.
    #[serde(default)]
    pub out_of_scope: String,
    /// Why there is no name.
    #[serde(default)]
    pub why_nameless: String,
    /// Why there is no contact.
    #[serde(default)]
    pub why_unreachable: String,
    /// What was done about it, where it was resolved at once.
    #[serde(default)]
    pub answer: String,
    /// Who brings it.
    #[serde(default)]
    pub reporter: Reporter,
    /// What the office asks the complainant, where the report is incomplete.
    #[serde(default)]
    pub question: String,
    /// How the liaison gives the first round back, if at all.
    pub returned: Option<Returned>,
    /// What the office mends before it forwards again.
    #[serde(default)]
    pub mended: Option<Mended>,
    /// LAPOR's number, once entered.
    #[serde(default)]
    pub tracking_id: String,
    /// LAPOR's status, once entered.
    #[serde(default)]
    pub lapor_status: String,
    /// The institution that the coordinator disposes it to (*Instansi Terdisposisi*), once disposed.
    #[serde(default)]
    pub disposed_to: String,
    /// How it is closed, once closed.
    pub closing: Option<Closing>,
}

/// The stage that the demonstration brings a complaint to: the codes of `titian_domain::vocabulary::Stage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// On record at the office.
    Recorded,
    /// Its substance is clear.
    Verified,
    /// Handed on to the liaison.
    Forwarded,
    /// Given back, and not mended yet.
    Returned,
    /// Taken by the liaison.
    Accepted,
    /// In LAPOR.
    Entered,
    /// Assigned to an institution.
    Disposed,
    /// Over: at the office (then [`Closing::outcome`] is told) or in LAPOR.
    Closed,
}

/// A point in time before the day of the demonstration, so that the deadlines look alive whenever it runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// How many days before today.
    pub days_ago: u32,
    /// The local time of day, `HH:MM`.
    pub time: String,
}

/// When it happened: a date before the day of the demonstration, or words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum EventDate {
    /// A date.
    DaysAgo {
        /// How many days before today.
        days_ago: u32,
    },
    /// Words as the citizen told it; empty if not told.
    Words(String),
}

/// Who brings an invented complaint; the person is invented too.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reporter {
    /// The name.
    pub name: String,
    /// Sixteen digits with a serial of 99xx, which no registry office gives.
    pub nik: String,
    /// A number in a range of zeros, which no operator gives.
    pub phone: String,
    /// An address under `example.com`.
    pub email: String,
    /// The postal address.
    pub address: String,
}

/// How the liaison gives a complaint back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// What is missing: codes of `titian_domain::completeness::Missing`.
    pub missing: Vec<String>,
    /// The liaison's words.
    pub reason: String,
}

/// What the office changes in a complaint that came back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mended {
    /// The date that was missing.
    pub event_date: EventDate,
    /// The place in words.
    pub place: String,
}

/// How a complaint ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The outcome where the office closes it (code of `titian_domain::vocabulary::OfficeOutcome`); empty where the
    /// liaison does, after LAPOR did.
    #[serde(default)]
    pub outcome: String,
    /// The words beside it.
    pub reason: String,
}

impl Sample {
    /// Tells whether the complaint goes the whole way to an assigned institution in LAPOR.
    pub fn is_disposed(&self) -> bool {
        !self.disposed_to.is_empty()
    }
}

/// Reads the complaints that are shipped in the program.
pub fn all() -> Vec<Sample> {
    serde_json::from_str(COMPLAINTS).expect("the shipped complaints are read by a test")
}

/// Groups the complaints by the code of their office.
pub fn by_office() -> BTreeMap<String, Vec<Sample>> {
    let mut offices: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for sample in all() {
        offices.entry(sample.office.clone()).or_default().push(sample);
    }
    offices
}

#[cfg(test)]
mod tests;
