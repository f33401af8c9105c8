//! All that is held about a reporter in one complaint, read from the database: for the file that they get, and for the printed case
//! file.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::{Value, json};
use titian_domain::casefile::Writing;
use titian_domain::complaint::Complaint;
use titian_domain::id::{ComplaintId, ReporterHash};
use titian_domain::notice::{Notice, NoticeVersion};
use titian_domain::particulars;
use titian_domain::particulars::Field;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_sync::item::ItemKind;

use crate::audit::{self, Deed, Row};
use crate::casebook::{log, project, show};
use crate::export::WITH_REPORTERS;
use crate::store::StoreError;

/// Gives the text of a notice by its version, where it is kept here.
pub type NoticeOf = fn(&Connection, &NoticeVersion) -> rusqlite::Result<Option<Notice>>;

/// A record of who brings a complaint. No `Debug`: it is an identity.
pub struct Identity {
    /// By which the complaint names it.
    pub hash: ReporterHash,
    /// What it says.
    pub record: ReporterRecord,
    /// Whether it is the one that holds; the others are former ones.
    pub is_current: bool,
}

/// What one complaint holds about its reporter.
pub struct Held {
    /// The complaint.
    pub complaint: Complaint,
    /// The records of that person, the oldest first.
    pub identities: Vec<Identity>,
    /// How many records name somebody else, or cannot be told to be theirs; nothing of these is told.
    pub others: usize,
    /// Whether that person brings it now. If not, it is somebody else's complaint, under which their data stood once: then nothing of
    /// what it says is theirs.
    pub is_theirs: bool,
    /// What was ever written into its fields.
    pub writings: Vec<Writing>,
    /// What citizens were told when it was put on record, where the text is kept here.
    pub notice: Option<Notice>,
    /// What was done with it at this machine.
    pub trail: Vec<Row>,
}

/// Everything that is held about somebody, as it was at one moment.
pub struct Dossier {
    /// When it was put together.
    pub at: UnixMillis,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Their complaints, the oldest first.
    pub complaints: Vec<Held>,
    /// The exports of the register with reporters, made at this machine: whoever stood in it then is in them.
    pub exports: Vec<Row>,
}

impl Held {
    /// Reads a complaint and those of its records that are a person's; `None` where it cannot be read.
    ///
    /// # Errors
    /// When the database fails.
    pub fn read(
        conn: &Connection,
        notice_of: NoticeOf,
        id: ComplaintId,
        is_theirs: impl Fn(ReporterHash) -> bool,
    ) -> Result<Option<Self>, StoreError> {
        let case = project::load(conn, id)?;
        let Some(complaint) = case.complaint() else {
            return Ok(None);
        };
        let mut identities = Vec::new();
        let mut others = 0;
        for body in log::bodies(conn, id, ItemKind::Reporter)? {
            // A husk is no record: nothing is held of it.
            let Some(record) = ReporterRecord::from_bytes(&body) else {
                continue;
            };
            let hash = ReporterRecord::hash_of(&body);
            if is_theirs(hash) {
                identities.push(Identity {
                    is_current: complaint.particulars.reporter == Some(hash),
                    hash,
                    record,
                });
            } else {
                others += 1;
            }
        }
        let conflict = complaint
            .conflicts
            .iter()
            .find(|conflict| conflict.field == Field::Reporter);
        let contenders = conflict
            .map(|conflict| conflict.contenders.as_slice())
            .unwrap_or_default();
        let is_other = |value: &particulars::Value| match value {
            particulars::Value::Reporter(hash) => !is_theirs(*hash),
            _ => false,
        };
        let disputed = contenders.iter().any(|contender| is_other(&contender.value));
        let notice = complaint.notice().map(|version| notice_of(conn, version)).transpose()?;
        Ok(Some(Self {
            is_theirs: complaint.particulars.reporter.is_some_and(&is_theirs) && !disputed,
            writings: without_others(case.writings(), &is_theirs),
            notice: notice.flatten(),
            trail: audit::trail(conn, id)?,
            complaint,
            identities,
            others,
        }))
    }

    /// Reads a complaint as its case file has it: with all records, whoever they name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn whole(conn: &Connection, notice_of: NoticeOf, id: ComplaintId) -> Result<Option<Self>, StoreError> {
        let held = Self::read(conn, notice_of, id, |_| true)?;
        Ok(held.map(|held| Self {
            is_theirs: true,
            ..held
        }))
    }

    /// Gives it as one JSON object.
    fn json(&self) -> Value {
        let identity = |identity: &Identity| {
            let fields: serde_json::Map<_, _> = show::reporter_fields(&identity.record, true).into_iter().collect();
            json!({ "id": identity.hash.to_string(), "current": identity.is_current, "fields": fields })
        };
        let writing = |writing: &Writing| {
            let values: serde_json::Map<_, _> = self
                .told(writing)
                .map(|(field, value)| (field.code().to_owned(), show::field_value(value)))
                .collect();
            (!values.is_empty()).then(|| json!({ "staff": writing.staff, "at": writing.at, "values": values }))
        };
        let complaint = &self.complaint;
        json!({
            "id": complaint.id,
            "register": complaint.register,
            "office": complaint.register.office,
            "brought_by_this_person": self.is_theirs,
            "identities": self.identities.iter().map(identity).collect::<Vec<_>>(),
            "records_of_others_left_out": self.others,
            "complaint": self.is_theirs.then(|| show::complaint(complaint, None, false, &[])),
            "attachments": self.is_theirs.then(|| complaint.attachments().into_iter().map(|one| one.file).collect::<Vec<_>>()),
            "written": self.writings.iter().filter_map(writing).collect::<Vec<_>>(),
            "notice": self.notice.as_ref().map(|notice| json!({ "version": notice.version(), "text": notice.text() })),
            "audit": self.trail,
        })
    }

    /// Lists what of a writing may be told: all, but of whom else it names; where it is somebody else's complaint, only where it names
    /// this person.
    pub fn told<'a>(&'a self, writing: &'a Writing) -> impl Iterator<Item = &'a (Field, particulars::Value)> {
        let is_known = |hash: &ReporterHash| self.identities.iter().any(|identity| identity.hash == *hash);
        writing.values.iter().filter(move |(_, value)| match value {
            particulars::Value::Reporter(hash) => is_known(hash),
            _ => self.is_theirs,
        })
    }
}

/// Leaves out what was written while the complaint named somebody else: a story that was typed under a wrong name is the other's, also
/// where the name was put right later.
fn without_others(mut writings: Vec<Writing>, is_theirs: impl Fn(ReporterHash) -> bool) -> Vec<Writing> {
    let mut is_others = false;
    for writing in &mut writings {
        for (field, value) in &writing.values {
            match value {
                particulars::Value::Reporter(hash) => is_others = !is_theirs(*hash),
                _ if *field == Field::Reporter => is_others = false,
                _ => {}
            }
        }
        if is_others {
            writing.values.retain(|(field, _)| *field == Field::Reporter);
        }
    }
    writings
}

impl Dossier {
    /// Reads what some complaints hold about a person.
    ///
    /// # Errors
    /// When the database fails.
    pub fn read(
        conn: &Connection,
        notice_of: NoticeOf,
        chosen: &[(ComplaintId, BTreeSet<ReporterHash>)],
        (by, at): (&str, UnixMillis),
        reason: &str,
    ) -> Result<Self, StoreError> {
        let mut complaints = Vec::new();
        for (id, theirs) in chosen {
            complaints.extend(Held::read(conn, notice_of, *id, |hash| theirs.contains(&hash))?);
        }
        let with_reporters = |row: &Row| row.detail.contains(WITH_REPORTERS);
        Ok(Self {
            at,
            by: by.to_owned(),
            reason: reason.to_owned(),
            complaints,
            exports: audit::all_of(conn, Deed::Exported)?
                .into_iter()
                .filter(with_reporters)
                .collect(),
        })
    }

    /// Gives it in a form that other programs read (law 27 of 2022, article 13).
    pub fn json(&self) -> Value {
        json!({
            "format": "titian subject file 1",
            "made_at": self.at,
            "made_by": self.by,
            "reason": self.reason,
            "complaints": self.complaints.iter().map(Held::json).collect::<Vec<_>>(),
            "exports_with_reporters": self.exports,
        })
    }
}
