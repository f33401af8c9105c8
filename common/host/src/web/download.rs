//! A file of a complaint on its way to a browser: to be saved, never to be run.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use titian_domain::attachment::{AttachmentHash, MediaType};

use super::PageError;
use crate::attachments::{AttachmentFiles, FileError};
use crate::casebook::attachment::{self, FileState};
use crate::store::{Store, StoreError};

/// How much of a file is in memory at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// Should a browser open it after all, it can do nothing and reach nobody.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// Gives a whole file, checked against its hash before the first byte. `name` is made by the program, in plain ASCII.
///
/// # Errors
/// When it is not here, or was damaged.
pub async fn download(
    files: AttachmentFiles,
    store: &Store,
    hash: AttachmentHash,
    media_type: MediaType,
    name: &str,
) -> Result<Response, PageError> {
    let reading = files.clone();
    let first = blocking(move || {
        let first = reading.read(hash, 0, BLOCK_BYTES)?;
        Ok((reading.held(hash), first))
    });
    let (length, first) = match first.await {
        Ok(first) => first,
        Err(error) => {
            if matches!(error, FileError::Damaged { .. }) {
                // From now on it is wanted from the other side.
                let lost = store.write(move |tx| Ok::<_, StoreError>(attachment::note(tx, hash, FileState::Nothing)?));
                lost.await?;
            }
            return Err(error.into());
        }
    };
    let blocks = stream::try_unfold((0_u64, Some(first)), move |(offset, block)| {
        let files = files.clone();
        async move {
            let block = match block {
                Some(block) => block,
                None => blocking(move || files.read(hash, offset, BLOCK_BYTES))
                    .await
                    .map_err(std::io::Error::other)?,
            };
            let next = offset + block.len() as u64;
            Ok::<_, std::io::Error>((!block.is_empty()).then(|| (Bytes::from(block), (next, None))))
        }
    });
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .map_err(|error| PageError::Internal(error.into()))?;
    let mut response = Body::from_stream(blocks).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type.code()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    Ok(response)
}

/// Gives a small picture for a page.
pub fn picture(content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, MediaType::Jpeg.code()),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
    ];
    (headers, content).into_response()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(FileError::BrokeOff))
}

impl From<FileError> for PageError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::DiskFull => Self::user(
                StatusCode::INSUFFICIENT_STORAGE,
                "error-disk-full",
                "error-disk-full-next",
            ),
            FileError::Missing { .. } => {
                Self::user(StatusCode::NOT_FOUND, "error-file-missing", "error-file-missing-next")
            }
            FileError::Damaged { .. } => {
                Self::user(StatusCode::NOT_FOUND, "error-file-damaged", "error-file-damaged-next")
            }
            FileError::Io { .. } | FileError::BrokeOff => Self::Internal(error.into()),
        }
    }
}
