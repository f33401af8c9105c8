//! Edits of a case file: one change, its log entry and the refreshed projection in one transaction.

use rusqlite::Transaction;
use titian_domain::casefile::CaseFile;
use titian_domain::complaint::Complaint;
use titian_domain::document::{Change, Stamp};
use titian_domain::id::{ComplaintId, OfficeCode, RegisterNumber, ReporterHash};
use titian_domain::notice::NoticeVersion;
use titian_domain::particulars::Particulars;
use titian_domain::refusal::Refusal;
use titian_domain::reporter::{Reporter, ReporterRecord};
use titian_sync::item::{Item, ItemKind};

use super::log::{self, WRITTEN_HERE};
use super::project::{self, Rules};
use crate::audit::{self, Deed};
use crate::store::StoreError;

/// Why an edit was not made. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The procedure does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such complaint here.
    #[error("there is no such complaint")]
    NotFound,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for EditError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Puts a complaint on record, with its reporter, and with what citizens are told about their data then, where that is known.
pub fn record(
    tx: &Transaction<'_>,
    rules: &Rules,
    (id, register): (ComplaintId, &RegisterNumber),
    particulars: &Particulars,
    notice: Option<&NoticeVersion>,
    by: &Stamp,
) -> Result<(), EditError> {
    let (_, change) = CaseFile::record_told(id, register, particulars, notice, by)?;
    append_change(tx, &register.office, (id, ItemKind::Intake), change, by)?;
    note(tx, id, by, "record")?;
    Ok(project::refresh(tx, rules, id)?)
}

/// Keeps a reporter record beside the complaint that names it, and gives the hash by which it does so.
pub fn keep_reporter(
    tx: &Transaction<'_>,
    (office, id): (&OfficeCode, ComplaintId),
    record: &ReporterRecord,
) -> Result<ReporterHash, EditError> {
    let body = record.to_bytes();
    let hash = ReporterRecord::hash_of(&body);
    project::write_reporter(tx, &body)?;
    log::append(tx, office, &ours(ItemKind::Reporter, id, body), WRITTEN_HERE)?;
    Ok(hash)
}

/// Takes one step with a complaint, which the audit log knows by its name. `work` gives the change to write, or none where
/// there is nothing to do; the answer tells which it was.
pub fn edit(
    tx: &Transaction<'_>,
    rules: &Rules,
    (id, kind): (ComplaintId, ItemKind),
    (by, step): (&Stamp, &str),
    work: impl FnOnce(&mut CaseFile, Reporter<'_>) -> Result<Option<Change>, EditError>,
) -> Result<bool, EditError> {
    let mut case = project::load(tx, id)?;
    let complaint = case.complaint().ok_or(EditError::NotFound)?;
    check_is_ours(tx, &complaint)?;
    let record = project::reporter_of(tx, &complaint)?;
    let Some(change) = work(&mut case, project::known(&complaint, record.as_ref()))? else {
        return Ok(false);
    };
    append_change(tx, &complaint.register.office, (id, kind), change, by)?;
    note(tx, id, by, step)?;
    project::refresh(tx, rules, id)?;
    Ok(true)
}

/// Refuses a complaint of which nothing is written here: its register number is of an office that has no log here, or another office
/// brought it. Such a complaint is only shown.
pub(super) fn check_is_ours(tx: &Transaction<'_>, complaint: &Complaint) -> Result<(), EditError> {
    let office = &complaint.register.office;
    if log::scope(tx, office)?.is_none() || log::is_of_another_office(tx, office, complaint.id)? {
        return Err(EditError::NotFound);
    }
    Ok(())
}

fn note(tx: &Transaction<'_>, id: ComplaintId, by: &Stamp, step: &str) -> rusqlite::Result<()> {
    let entry = audit::Entry {
        at: by.at,
        who: &by.staff,
        deed: Deed::Step,
        complaint: Some(id),
        detail: step,
    };
    audit::note(tx, entry)
}

fn append_change(
    tx: &Transaction<'_>,
    office: &OfficeCode,
    (id, kind): (ComplaintId, ItemKind),
    change: Change,
    by: &Stamp,
) -> Result<(), EditError> {
    if kind == ItemKind::Intake {
        // A change counts at the hub only if its incarnation was registered before it; known ones are skipped.
        log::append(tx, office, &Item::incarnation(by.incarnation), WRITTEN_HERE)?;
    }
    log::append(tx, office, &ours(kind, id, change.bytes), WRITTEN_HERE)?;
    Ok(())
}

fn ours(kind: ItemKind, id: ComplaintId, body: Vec<u8>) -> Item {
    Item::new(kind, Some(id), body).expect("what the case file writes is within the limits of the log")
}
