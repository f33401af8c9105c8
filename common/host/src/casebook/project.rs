//! Projections: what lists, search and deadlines read, derived from the documents in the transaction of each change.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params};
use titian_domain::calendar::Calendar;
use titian_domain::casefile::CaseFile;
use titian_domain::complaint::Complaint;
use titian_domain::deadline::{self, Procedure};
use titian_domain::id::{ComplaintId, ReporterHash, TrackingId};
use titian_domain::reporter::{Reporter, ReporterRecord};
use titian_domain::vocabulary::{Classification, OutOfScope};
use titian_sync::item::ItemKind;

use super::{attachment, log};

/// The settings by which a projection counts days. Where they change, the projections are rebuilt.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The five steps and their limits.
    pub procedure: Procedure,
    /// Working days and holidays.
    pub calendar: Calendar,
    /// Tells two sets of rules apart.
    pub fingerprint: [u8; 32],
}

/// Counts up whenever what is projected changes, so that an updated program projects anew.
const PROJECTION_VERSION: u8 = 3;

/// Rebuilds the projections if they were made by other rules or by another version; gives the number of complaints
/// then. Programs that serve do this once at start.
pub fn renew(tx: &Transaction<'_>, rules: &Rules) -> rusqlite::Result<Option<u64>> {
    let wanted = (rules.fingerprint.to_vec(), PROJECTION_VERSION);
    let made: Option<(Vec<u8>, u8)> = tx
        .query_row("SELECT rules, version FROM projected", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    if made.as_ref() == Some(&wanted) {
        return Ok(None);
    }
    let count = rebuild(tx, rules)?;
    tx.execute(
        "INSERT OR REPLACE INTO projected (one, rules, version) VALUES (1, ?1, ?2)",
        wanted,
    )?;
    Ok(Some(count))
}

/// Builds the case file of a complaint from the log.
pub fn load(conn: &Connection, id: ComplaintId) -> rusqlite::Result<CaseFile> {
    let intake = log::bodies(conn, id, ItemKind::Intake)?;
    let handling = log::bodies(conn, id, ItemKind::Handling)?;
    Ok(CaseFile::load(
        id,
        intake.iter().map(Vec::as_slice),
        handling.iter().map(Vec::as_slice),
    ))
}

/// Refreshes the projection of one complaint. Nothing to show yet (its first change has not arrived) is no error.
pub fn refresh(tx: &Transaction<'_>, rules: &Rules, id: ComplaintId) -> rusqlite::Result<()> {
    let case = load(tx, id)?;
    match case.complaint() {
        Some(complaint) => {
            let row = write_row(tx, rules, &complaint, case.unmerged().len())?;
            attachment::project(tx, &complaint)?;
            write_text(tx, row, &complaint)
        }
        None => Ok(()),
    }
}

/// Rebuilds every projection from the log; gives the number of complaints.
pub fn rebuild(tx: &Transaction<'_>, rules: &Rules) -> rusqlite::Result<u64> {
    tx.execute_batch(
        "DELETE FROM complaint; DELETE FROM attachment; INSERT INTO complaint_text (complaint_text) VALUES ('delete-all'); DELETE FROM reporter;",
    )?;
    let mut records = tx.prepare("SELECT body FROM item WHERE kind = ?1")?;
    let mut rows = records.query([ItemKind::Reporter.code()])?;
    while let Some(row) = rows.next()? {
        write_reporter(tx, row.get_ref(0)?.as_blob()?)?;
    }
    let mut complaints =
        tx.prepare("SELECT DISTINCT complaint FROM item WHERE complaint IS NOT NULL ORDER BY complaint")?;
    let mut rows = complaints.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        refresh(tx, rules, ComplaintId::from_bytes(row.get(0)?))?;
        count += 1;
    }
    Ok(count)
}

/// Puts a reporter record where the search by name finds it. Bytes that are no record are kept in the log only.
pub fn write_reporter(tx: &Transaction<'_>, body: &[u8]) -> rusqlite::Result<()> {
    let Some(record) = ReporterRecord::from_bytes(body) else {
        return Ok(());
    };
    tx.prepare_cached(
        "INSERT INTO reporter (hash, name, nik, phone, email, address)
         VALUES (:hash, :name, :nik, :phone, :email, :address) ON CONFLICT (hash) DO NOTHING",
    )?
    .execute(named_params! {
        ":hash": ReporterRecord::hash_of(body).0, ":name": record.name, ":nik": record.nik,
        ":phone": record.phone, ":email": record.email, ":address": record.address,
    })?;
    Ok(())
}

/// Reads a reporter record.
pub fn reporter(conn: &Connection, hash: ReporterHash) -> rusqlite::Result<Option<ReporterRecord>> {
    conn.prepare_cached("SELECT name, nik, phone, email, address FROM reporter WHERE hash = ?1")?
        .query_row([hash.0], read_reporter)
        .optional()
}

/// Reads the columns of a reporter, in their order.
pub(super) fn read_reporter(row: &Row<'_>) -> rusqlite::Result<ReporterRecord> {
    Ok(ReporterRecord {
        salt: String::new(),
        name: row.get(0)?,
        nik: row.get(1)?,
        phone: row.get(2)?,
        email: row.get(3)?,
        address: row.get(4)?,
    })
}

/// Reads the record of the reporter that a complaint names; `None` if it names none, or the record is not here.
pub fn reporter_of(conn: &Connection, complaint: &Complaint) -> rusqlite::Result<Option<ReporterRecord>> {
    complaint
        .particulars
        .reporter
        .map_or(Ok(None), |hash| reporter(conn, hash))
}

/// Gives what is known of a complaint's reporter, in the form that the procedure asks for.
pub fn known<'a>(complaint: &Complaint, record: Option<&'a ReporterRecord>) -> Reporter<'a> {
    match (complaint.particulars.reporter, record) {
        (None, _) => Reporter::None,
        (Some(_), None) => Reporter::Erased,
        (Some(_), Some(record)) => Reporter::Known(record),
    }
}

fn write_row(tx: &Transaction<'_>, rules: &Rules, complaint: &Complaint, unmerged: usize) -> rusqlite::Result<i64> {
    let particulars = &complaint.particulars;
    let steps = deadline::steps(&rules.procedure, &rules.calendar, &complaint.milestones());
    let current = deadline::current(&steps);
    tx.prepare_cached(
        "INSERT INTO complaint (id, office, register, stage, round, received, title, channel, classification, category,
             institution, region, received_at, stage_since, step, due_at, paused, reverify, conflicts, unmerged,
             anonymous, confidential, out_of_scope, reporter, tracking_id, disposed_to, lapor_status, name_hidden)
         VALUES (:id, :office, :register, :stage, :round, :received, :title, :channel, :classification, :category,
             :institution, :region, :received_at, :stage_since, :step, :due_at, :paused, :reverify, :conflicts, :unmerged,
             :anonymous, :confidential, :out_of_scope, :reporter, :tracking_id, :disposed_to, :lapor_status, :name_hidden)
         ON CONFLICT (id) DO UPDATE SET register = :register, stage = :stage, round = :round, received = :received,
             title = :title, channel = :channel, classification = :classification, category = :category,
             institution = :institution, region = :region, received_at = :received_at, stage_since = :stage_since,
             step = :step, due_at = :due_at, paused = :paused, reverify = :reverify, conflicts = :conflicts,
             unmerged = :unmerged, anonymous = :anonymous, confidential = :confidential, out_of_scope = :out_of_scope,
             reporter = :reporter, tracking_id = :tracking_id, disposed_to = :disposed_to, lapor_status = :lapor_status,
             name_hidden = :name_hidden
         RETURNING row",
    )?
    .query_row(
        named_params! {
            ":id": complaint.id.bytes(),
            ":office": complaint.register.office.as_str(),
            ":register": complaint.register.to_string(),
            ":stage": complaint.standing.stage.code(),
            ":round": complaint.standing.round,
            ":received": complaint.standing.received,
            ":title": particulars.title,
            ":channel": particulars.channel.code(),
            ":classification": particulars.classification.map(Classification::code),
            ":category": particulars.category,
            ":institution": particulars.institution,
            ":region": particulars.region,
            ":received_at": particulars.received_at.0,
            ":stage_since": complaint.stage_since().0,
            ":step": current.map(|step| step.step.code()),
            ":due_at": current.and_then(|step| step.due).map(|due| due.0),
            ":paused": current.is_some_and(|step| step.paused),
            ":reverify": complaint.needs_reverification(),
            ":conflicts": complaint.conflicts.len(),
            ":unmerged": unmerged,
            ":anonymous": particulars.anonymous,
            ":confidential": particulars.confidential,
            ":out_of_scope": particulars.out_of_scope.map(OutOfScope::code),
            ":reporter": particulars.reporter.map(|hash| hash.0),
            ":tracking_id": complaint.tracking_id.as_ref().map(TrackingId::as_str),
            ":disposed_to": complaint.disposed_to,
            ":lapor_status": complaint.lapor_status,
            ":name_hidden": complaint.hides_name(),
        },
        |row| row.get(0),
    )
}

fn write_text(tx: &Transaction<'_>, row: i64, complaint: &Complaint) -> rusqlite::Result<()> {
    let particulars = &complaint.particulars;
    let tracking_id = complaint.tracking_id.as_ref().map_or("", |id| id.as_str());
    tx.prepare_cached(
        "INSERT OR REPLACE INTO complaint_text (rowid, title, narrative, place, institution, answer, number)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        row,
        &particulars.title,
        &particulars.narrative,
        &particulars.place,
        &particulars.institution,
        &particulars.answer,
        format!("{} {tracking_id}", complaint.register),
    ))?;
    Ok(())
}
