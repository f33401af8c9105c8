//! What travels in pieces, as it stands on this machine: files beside the database, and items that are not whole yet.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use titian_domain::attachment::AttachmentHash;
use titian_domain::id::OfficeCode;
use titian_sync::engine::pieces::{Blob, Partial};
use titian_sync::item::ItemHash;
use titian_sync::wire::extension::{ATTACHMENTS_WANTED_MAX, WANTS_MAX, Want, Whole};
use titian_sync::wire::frame::Piece;

use super::attachment::{self, FileState};
use crate::attachments::{Appended, AttachmentFiles, FileError};

/// What is read of a file at once: a few pieces.
const READ_BYTES: usize = 64 * 1024;

/// Why a piece could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum PieceError {
    /// The file beside the database failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
}

/// Keeps a piece that a peer brought, where it is wanted and belongs behind what is here; any other changes nothing.
/// It is durable once the transaction is.
///
/// # Errors
/// When the disk or the database fails.
pub fn keep(
    tx: &Transaction<'_>,
    files: &AttachmentFiles,
    (office, peer): (&OfficeCode, u64),
    piece: &Piece,
) -> Result<(), PieceError> {
    match piece.of {
        Whole::Item => keep_of_item(tx, peer, piece)?,
        Whole::Attachment => keep_of_file(tx, files, office, piece)?,
    }
    Ok(())
}

fn keep_of_item(tx: &Transaction<'_>, peer: u64, piece: &Piece) -> rusqlite::Result<()> {
    if piece.offset == 0 {
        tx.prepare_cached("INSERT OR REPLACE INTO partial_item (peer, hash, bytes) VALUES (?1, ?2, ?3)")?
            .execute(params![peer, piece.hash.0, piece.bytes])?;
        return Ok(());
    }
    tx.prepare_cached(
        "UPDATE partial_item SET bytes = CAST(bytes || ?3 AS BLOB) WHERE peer = ?1 AND hash = ?2 AND length(bytes) = ?4",
    )?
    .execute(params![peer, piece.hash.0, piece.bytes, piece.offset])?;
    Ok(())
}

fn keep_of_file(
    tx: &Transaction<'_>,
    files: &AttachmentFiles,
    office: &OfficeCode,
    piece: &Piece,
) -> Result<(), PieceError> {
    let hash = AttachmentHash(piece.hash.0);
    let is_wanted = tx
        .prepare_cached("SELECT 1 FROM attachment WHERE office = ?1 AND hash = ?2 AND bytes = ?3 AND state < 2")?
        .exists(params![office.as_str(), hash.0, piece.total])?;
    if !is_wanted || piece.offset != files.held(hash) {
        return Ok(());
    }
    let now = match files.append(hash, piece.total, piece.offset, &piece.bytes)? {
        Appended::Complete => FileState::Whole,
        Appended::Held(_) => FileState::Part,
        Appended::Mismatch => FileState::Nothing,
    };
    Ok(attachment::note(tx, hash, now)?)
}

/// Reads what is kept of a large item of a peer.
pub fn partial(conn: &Connection, peer: u64) -> rusqlite::Result<Option<Partial>> {
    conn.prepare_cached("SELECT hash, bytes FROM partial_item WHERE peer = ?1")?
        .query_row([peer], |row| {
            Ok(Partial {
                hash: ItemHash(row.get(0)?),
                bytes: row.get(1)?,
            })
        })
        .optional()
}

/// Forgets what is kept of a large item of a peer.
pub fn drop_partial(tx: &Transaction<'_>, peer: u64) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM partial_item WHERE peer = ?1")?
        .execute([peer])?;
    Ok(())
}

/// Lists what is wanted of a peer: the rest of a large item, and, where they are wanted now, files of the office. A
/// random `start` lets no file that nobody can bring hold up the others.
pub fn wants(
    conn: &Connection,
    files: &AttachmentFiles,
    (office, peer): (&OfficeCode, u64),
    start: Option<[u8; 32]>,
) -> rusqlite::Result<Vec<Want>> {
    let mut wants: Vec<_> = conn
        .prepare_cached("SELECT hash, length(bytes) FROM partial_item WHERE peer = ?1")?
        .query_map([peer], |row| {
            Ok(Want {
                of: Whole::Item,
                hash: ItemHash(row.get(0)?),
                offset: row.get(1)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    if let Some(start) = start {
        let wanted = attachment::wanted(conn, files, office, AttachmentHash(start), ATTACHMENTS_WANTED_MAX)?;
        wants.extend(wanted.into_iter().map(|wanted| Want {
            of: Whole::Attachment,
            hash: ItemHash(wanted.hash.0),
            offset: wanted.held,
        }));
    }
    Ok(wants)
}

/// Lists the files of an office that are not all here, as many as fit into the head of a bundle.
pub fn wants_by_stick(
    conn: &Connection,
    files: &AttachmentFiles,
    office: &OfficeCode,
    start: [u8; 32],
) -> rusqlite::Result<Vec<Want>> {
    let wanted = attachment::wanted(conn, files, office, AttachmentHash(start), WANTS_MAX)?;
    let want = |wanted: attachment::Wanted| Want {
        of: Whole::Attachment,
        hash: ItemHash(wanted.hash.0),
        offset: wanted.held,
    };
    Ok(wanted.into_iter().take(WANTS_MAX).map(want).collect())
}

/// What a piece of a file on a stick came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePiece {
    /// It is kept, or was here already.
    Kept,
    /// With it the file is whole.
    Completed,
    /// No complaint that is here has this file.
    Unknown,
}

/// Keeps a piece of a file that a stick brought.
///
/// # Errors
/// When the disk or the database fails.
pub fn keep_from_stick(
    tx: &Transaction<'_>,
    files: &AttachmentFiles,
    office: &OfficeCode,
    piece: &Piece,
) -> Result<FilePiece, PieceError> {
    let hash = AttachmentHash(piece.hash.0);
    if !attachment::is_of_office(tx, office, hash)? {
        return Ok(FilePiece::Unknown);
    }
    let was_whole = attachment::state(tx, hash)? == FileState::Whole;
    keep_of_file(tx, files, office, piece)?;
    let is_whole = attachment::state(tx, hash)? == FileState::Whole;
    Ok(if is_whole && !was_whole {
        FilePiece::Completed
    } else {
        FilePiece::Kept
    })
}

/// Reads a file of the office from where it is wanted; `None` where it is not here, or not whole, or not the office's.
pub fn read(
    conn: &Connection,
    files: &AttachmentFiles,
    office: &OfficeCode,
    want: &Want,
) -> rusqlite::Result<Option<Blob>> {
    let hash = AttachmentHash(want.hash.0);
    if !attachment::is_of_office(conn, office, hash)? || !files.has(hash) {
        return Ok(None);
    }
    let total = files.held(hash);
    match files.read(hash, want.offset, READ_BYTES) {
        Ok(bytes) => Ok(Some(Blob { total, bytes })),
        // It is told in the log already, and fetched again: the others go on.
        Err(FileError::Damaged { .. }) => Ok(None),
        Err(error) => {
            tracing::warn!(%error, attachment.hash = %hash, "an attachment could not be read and is left out");
            Ok(None)
        }
    }
}
