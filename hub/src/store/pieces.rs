//! What travels in pieces, and what both sides know already, as the hub's database and files have it.

use titian_domain::id::OfficeCode;
use titian_host::attachments::AttachmentFiles;
use titian_host::casebook::{log, pieces};
use titian_host::store::StoreError;
use titian_sync::engine::pieces::{Blob, Partial};
use titian_sync::item::Item;
use titian_sync::wire::extension::Want;

use super::HubStore;

/// No log is as long: the largest number that the database keeps.
const POSITION_MAX: u64 = i64::MAX as u64;

impl HubStore {
    /// Reads the last items that a device brought.
    pub async fn last_of(&self, office: OfficeCode, device: u64, count: usize) -> Result<Vec<Item>, StoreError> {
        self.door()
            .read(move |conn| Ok(log::last_of(conn, &office, device, (0, POSITION_MAX), count)?))
            .await
    }

    /// Reads what is kept of a large item of a device.
    pub async fn partial(&self, device: u64) -> Result<Option<Partial>, StoreError> {
        self.door().read(move |conn| Ok(pieces::partial(conn, device)?)).await
    }

    /// Lists what is wanted of a device in pieces; files from a random place on.
    pub async fn wants(
        &self,
        files: AttachmentFiles,
        (office, device): (OfficeCode, u64),
        start: [u8; 32],
    ) -> Result<Vec<Want>, StoreError> {
        self.door()
            .read(move |conn| Ok(pieces::wants(conn, &files, (&office, device), Some(start))?))
            .await
    }

    /// Reads a file of an office from where it is wanted.
    pub async fn file(
        &self,
        files: AttachmentFiles,
        office: OfficeCode,
        want: Want,
    ) -> Result<Option<Blob>, StoreError> {
        self.door()
            .read(move |conn| Ok(pieces::read(conn, &files, &office, &want)?))
            .await
    }
}
