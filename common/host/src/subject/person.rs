//! Who is meant: the records that a NIK, a phone number or a name finds, and whether they are one person's.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde::Serialize;
use titian_domain::id::{ComplaintId, ReporterHash};
use titian_domain::identity::Nik;
use titian_domain::reporter::ReporterRecord;
use titian_domain::vocabulary::Stage;

use crate::casebook::{erase, project};
use crate::store::StoreError;

/// A complaint of somebody, in a list.
#[derive(Serialize)]
pub struct Found {
    /// The complaint.
    pub id: ComplaintId,
    /// The office's number.
    pub register: String,
    /// Where it stands.
    pub stage: Stage,
    /// Who brings it now, masked: the list says that somebody is known, not who. None where nobody is named.
    pub reporter: Option<String>,
    /// Whether the identity is not to be looked at for now.
    pub restricted: bool,
    /// The end of the identity number that was found, to tell two people of one name apart.
    pub nik: Option<String>,
}

/// What was found of somebody. No `Debug`: it holds identities.
pub struct Person {
    /// Their complaints, the oldest first.
    pub complaints: Vec<Found>,
    records: Vec<(ComplaintId, ReporterHash, ReporterRecord)>,
}

/// Why nothing was handed out: it is not clear who is meant, or the reason says who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Nobody is known here by that.
    Nobody,
    /// The records do not say the same: they may be several people's, and somebody has to choose the complaints.
    Choose,
    /// The records name people of different names: a shared telephone, as a rule.
    SeveralPeople,
    /// A complaint that was chosen is not among those that were found.
    NotTheirs(String),
    /// The reason names who brought this complaint.
    NamesThem(ComplaintId),
}

impl Person {
    /// Looks somebody up.
    ///
    /// # Errors
    /// When the database fails.
    pub fn find(conn: &Connection, sought: &str) -> Result<Self, StoreError> {
        let mut person = Self {
            complaints: Vec::new(),
            records: Vec::new(),
        };
        for (id, hash) in erase::of_person(conn, sought)? {
            let Some(record) = project::reporter(conn, hash)? else {
                continue;
            };
            let masked_nik = Nik::parse(&record.nik).ok().map(|nik| nik.masked());
            if person.complaints.last().is_none_or(|last| last.id != id) {
                let Some(complaint) = project::load(conn, id)?.complaint() else {
                    continue;
                };
                person.complaints.push(Found {
                    id,
                    register: complaint.register.to_string(),
                    stage: complaint.standing.stage,
                    reporter: project::reporter_of(conn, &complaint)?.map(|record| record.masked_name()),
                    restricted: complaint.is_restricted(),
                    nik: None,
                });
            }
            if let Some(last) = person.complaints.last_mut() {
                last.nik = masked_nik.or(last.nik.take());
            }
            person.records.push((id, hash, record));
        }
        Ok(person)
    }

    /// Gives the complaints that were chosen by id or register number, all of them where none was, each with the records of that person;
    /// nothing where that might hand somebody's data to somebody else.
    ///
    /// # Errors
    /// When it is not clear who is meant.
    pub fn chosen(&self, names: &[String]) -> Result<Vec<(ComplaintId, BTreeSet<ReporterHash>)>, Unclear> {
        if self.complaints.is_empty() {
            return Err(Unclear::Nobody);
        }
        let mut chosen = Vec::new();
        for name in names {
            let is_it = |found: &&Found| found.register == name.trim() || found.id.to_string() == name.trim();
            let found = self.complaints.iter().find(is_it);
            chosen.push(found.ok_or_else(|| Unclear::NotTheirs(name.clone()))?.id);
        }
        let of = |id: &ComplaintId| chosen.is_empty() || chosen.contains(id);
        let records: Vec<_> = self.records.iter().filter(|(id, ..)| of(id)).collect();
        let mut clear = true;
        for (index, (one, _, record)) in records.iter().enumerate() {
            for (other, _, known) in &records[index + 1..] {
                match Likeness::of(record, known) {
                    Likeness::Same => {}
                    // What stands in one complaint was corrected, not brought by two people of one name.
                    Likeness::Unclear if one == other => {}
                    Likeness::Unclear => clear = false,
                    Likeness::Different => return Err(Unclear::SeveralPeople),
                }
            }
        }
        if !clear && chosen.is_empty() {
            return Err(Unclear::Choose);
        }
        let of_complaint = |id: ComplaintId| {
            let theirs = records.iter().filter(move |(of, ..)| *of == id);
            (id, theirs.map(|(_, hash, _)| *hash).collect())
        };
        let complaints = self.complaints.iter().map(|found| found.id);
        Ok(complaints.filter(of).map(of_complaint).collect())
    }
}

/// Whether two records are one person's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// One NIK, or one name and one telephone.
    Same,
    /// One name, and nothing else in common: it may be another of that name.
    Unclear,
    /// Another name, and not one NIK.
    Different,
}

impl Likeness {
    /// Compares two records.
    pub fn of(one: &ReporterRecord, other: &ReporterRecord) -> Self {
        let same = |one: &str, other: &str| !one.is_empty() && one == other;
        let tidy = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if same(&one.nik, &other.nik) {
            return Self::Same;
        }
        if tidy(&one.name) != tidy(&other.name) {
            return Self::Different;
        }
        let two_niks = !one.nik.is_empty() && !other.nik.is_empty();
        if same(&one.phone, &other.phone) && !two_niks {
            Self::Same
        } else {
            Self::Unclear
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, nik: &str, phone: &str) -> ReporterRecord {
        ReporterRecord {
            name: name.into(),
            nik: nik.into(),
            phone: phone.into(),
            ..ReporterRecord::default()
        }
    }

    fn person(records: &[(u8, ReporterRecord)]) -> Person {
        let id = |number: u8| ComplaintId::from_bytes([number; 16]);
        let mut person = Person {
            complaints: Vec::new(),
            records: Vec::new(),
        };
        for (index, (number, record)) in (0..).zip(records) {
            if person.complaints.last().is_none_or(|last| last.id != id(*number)) {
                person.complaints.push(Found {
                    id: id(*number),
                    register: format!("{number}"),
                    stage: Stage::Recorded,
                    reporter: None,
                    restricted: false,
                    nik: None,
                });
            }
            person
                .records
                .push((id(*number), ReporterHash([index; 32]), record.clone()));
        }
        person
    }

    #[test]
    fn two_people_of_one_name_are_told_apart_by_a_person_and_of_two_names_never_mixed() {
        let (nik, other_nik) = ("6301034101900001", "6301034101900002");
        let one = record("Siti Aminah", nik, "");
        let hers = person(&[(1, one.clone()), (2, record("Siti  aminah ", nik, "+62811"))]);
        assert_eq!(hers.chosen(&[]).map(|all| all.len()), Ok(2));

        let namesakes = person(&[(1, one.clone()), (2, record("Siti Aminah", other_nik, ""))]);
        assert_eq!(namesakes.chosen(&[]), Err(Unclear::Choose));
        let first = namesakes.chosen(&["1".to_owned()]).unwrap();
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].1, BTreeSet::from([ReporterHash([0; 32])]));
        assert_eq!(
            namesakes.chosen(&["3".to_owned()]),
            Err(Unclear::NotTheirs("3".to_owned()))
        );

        // One telephone, two names: also where somebody chose, also within one complaint.
        let household = person(&[
            (1, record("Siti Aminah", "", "+62811")),
            (1, record("Ahmad", "", "+62811")),
        ]);
        assert_eq!(household.chosen(&["1".to_owned()]), Err(Unclear::SeveralPeople));
        assert_eq!(person(&[]).chosen(&[]), Err(Unclear::Nobody));

        // A number that was corrected in one complaint is no other person.
        let corrected = person(&[(1, one), (1, record("Siti Aminah", other_nik, ""))]);
        assert_eq!(corrected.chosen(&[]).unwrap()[0].1.len(), 2);
    }
}
