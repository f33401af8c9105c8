//! Which files complaints have, which of them are here, and which are wanted from the other side.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use titian_domain::attachment::AttachmentHash;
use titian_domain::complaint::Complaint;
use titian_domain::id::{ComplaintId, OfficeCode};

use crate::attachments::AttachmentFiles;

/// How much of a file is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileState {
    /// Nothing.
    Nothing = 0,
    /// A part.
    Part = 1,
    /// All of it.
    Whole = 2,
}

impl FileState {
    fn from_code(code: u8) -> Self {
        match code {
            2 => Self::Whole,
            1 => Self::Part,
            _ => Self::Nothing,
        }
    }
}

/// A file that a complaint has and that is not all here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its identity.
    pub hash: AttachmentHash,
    /// Its length, as the complaint states it.
    pub bytes: u64,
    /// How much of it is here: what is wanted begins there.
    pub held: u64,
}

/// Lists at most `most` files of an office that are not all here: those that have begun first, so that a cut never leads
/// to many halves, and then the others in the order of their hashes from `start` on and around. A caller that starts
/// elsewhere each time (a random hash) does not let files that nobody can bring hold up the rest.
pub fn wanted(
    conn: &Connection,
    files: &AttachmentFiles,
    office: &OfficeCode,
    start: AttachmentHash,
    most: usize,
) -> rusqlite::Result<Vec<Wanted>> {
    // The state stands in the statements as a number, so that the partial index is used.
    const BEGUN: &str = "SELECT hash, max(bytes) FROM attachment WHERE office = ?1 AND state = 1
        GROUP BY hash ORDER BY hash LIMIT ?2";
    const FROM_START: &str = "SELECT hash, max(bytes) FROM attachment WHERE office = ?1 AND state = 0 AND hash >= ?3
        GROUP BY hash ORDER BY hash LIMIT ?2";
    const AROUND: &str = "SELECT hash, max(bytes) FROM attachment WHERE office = ?1 AND state = 0 AND hash < ?3
        GROUP BY hash ORDER BY hash LIMIT ?2";
    let mut all: Vec<Wanted> = Vec::new();
    for sql in [BEGUN, FROM_START, AROUND] {
        let room = most.saturating_sub(all.len());
        let mut statement = conn.prepare_cached(sql)?;
        let wanted = |row: &Row<'_>| {
            let (hash, bytes) = (AttachmentHash(row.get(0)?), row.get(1)?);
            let held = files.held(hash);
            Ok(Wanted { hash, bytes, held })
        };
        let found = if sql == BEGUN {
            statement.query_map(params![office.as_str(), room], wanted)?.collect()
        } else {
            statement
                .query_map(params![office.as_str(), room, start.0], wanted)?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        all.append(&mut found?);
    }
    Ok(all)
}

/// Tells whether a complaint of this office has the file: only then does the office get it.
pub fn is_of_office(conn: &Connection, office: &OfficeCode, hash: AttachmentHash) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM attachment WHERE hash = ?2 AND office = ?1")?
        .exists(params![office.as_str(), hash.0])
}

/// Tells how much of a file is here, as the database knows it.
pub fn state(conn: &Connection, hash: AttachmentHash) -> rusqlite::Result<FileState> {
    let code = conn
        .prepare_cached("SELECT state FROM attachment_file WHERE hash = ?1")?
        .query_row([hash.0], |row| row.get(0))
        .optional()?;
    Ok(code.map_or(FileState::Nothing, FileState::from_code))
}

/// Notes how much of a file is here now. Writes nothing where that is known already.
pub fn note(tx: &Transaction<'_>, hash: AttachmentHash, now: FileState) -> rusqlite::Result<()> {
    if state(tx, hash)? == now {
        return Ok(());
    }
    if now == FileState::Nothing {
        tx.prepare_cached("DELETE FROM attachment_file WHERE hash = ?1")?
            .execute([hash.0])?;
    } else {
        tx.prepare_cached(
            "INSERT INTO attachment_file (hash, state) VALUES (?1, ?2) ON CONFLICT (hash) DO UPDATE SET state = ?2",
        )?
        .execute(params![hash.0, now as u8])?;
    }
    tx.prepare_cached("UPDATE attachment SET state = ?2 WHERE hash = ?1")?
        .execute(params![hash.0, now as u8])?;
    Ok(())
}

/// Compares what the database knows with what lies in the folder, and gives what is to be noted: after a crash between
/// the two, after a folder was restored without the database, or the other way round.
pub fn differences(conn: &Connection, files: &AttachmentFiles) -> rusqlite::Result<Vec<(AttachmentHash, FileState)>> {
    let mut differing = Vec::new();
    for (hash, here) in files.list() {
        if state(conn, hash)? != here {
            differing.push((hash, here));
        }
    }
    let mut known = conn.prepare("SELECT hash FROM attachment_file")?;
    let mut rows = known.query([])?;
    while let Some(row) = rows.next()? {
        let hash = AttachmentHash(row.get(0)?);
        if files.state(hash) == FileState::Nothing {
            differing.push((hash, FileState::Nothing));
        }
    }
    Ok(differing)
}

/// Writes the rows of one complaint anew.
pub(super) fn project(tx: &Transaction<'_>, complaint: &Complaint) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM attachment WHERE complaint = ?1")?
        .execute([complaint.id.bytes()])?;
    let files = complaint.attachments();
    if files.is_empty() {
        return Ok(());
    }
    let office = office_of(tx, complaint.id)?.unwrap_or_else(|| complaint.register.office.to_string());
    let mut insert = tx.prepare_cached(
        "INSERT INTO attachment (complaint, office, hash, bytes, name, media_type, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce((SELECT state FROM attachment_file WHERE hash = ?3), 0))",
    )?;
    for attachment in files {
        let file = attachment.file;
        insert.execute(params![
            complaint.id.bytes(),
            office,
            file.hash.0,
            file.bytes,
            file.name,
            file.media_type.code()
        ])?;
    }
    Ok(())
}

/// The office whose log holds the complaint: what the register number says is a peer's word.
fn office_of(tx: &Transaction<'_>, complaint: ComplaintId) -> rusqlite::Result<Option<String>> {
    tx.prepare_cached("SELECT office FROM item WHERE complaint = ?1 LIMIT 1")?
        .query_row([complaint.bytes()], |row| row.get(0))
        .optional()
}
