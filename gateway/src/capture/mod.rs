//! Files on their way into a case file: told apart by what they contain, pictures shrunk and freed of what they say about
//! place and camera, everything else passed through or refused.

mod kind;
mod picture;
#[cfg(test)]
mod tests;
mod unfit;

use std::sync::Arc;

use titian_domain::attachment::{AttachedFile, AttachmentHash, FILE_BYTES_MAX, MediaType, tidy_name};
use titian_host::attachments::{AttachmentFiles, FileError};
use tokio::sync::Semaphore;

pub use self::unfit::Unfit;

/// To what pictures are shrunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shrinking {
    /// The longest side, in pixels.
    pub longest_side: u32,
    /// The quality of a JPEG, 1 to 100.
    pub jpeg_quality: u8,
}

impl Default for Shrinking {
    /// A pothole and a letter can both be read, at some 300 KB.
    fn default() -> Self {
        Self {
            longest_side: 1600,
            jpeg_quality: 75,
        }
    }
}

/// Why a file was not taken. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It cannot be attached; the reason says what to do.
    #[error("{0}")]
    Unfit(Unfit),
    /// It could not be kept.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Takes files, one at a time: an old PC has the memory to unfold one photo, not several. Cheap to clone.
#[derive(Clone)]
pub struct Capture {
    files: AttachmentFiles,
    shrinking: Shrinking,
    turn: Arc<Semaphore>,
}

impl Capture {
    /// Takes files into a folder.
    pub fn new(files: AttachmentFiles, shrinking: Shrinking) -> Self {
        Self {
            files,
            shrinking,
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Takes one file, as a draft: `Desk::attach` makes it a complaint's.
    pub async fn take(&self, name: &str, content: Vec<u8>) -> Result<AttachedFile, CaptureError> {
        let (files, shrinking) = (self.files.clone(), self.shrinking);
        let (media_type, bytes, hash) = self
            .alone(move || {
                let (media_type, content) = fit(content, shrinking).map_err(CaptureError::Unfit)?;
                Ok((media_type, content.len() as u64, files.put_draft(&content)?))
            })
            .await?;
        Ok(AttachedFile {
            hash,
            name: caption(name, media_type),
            media_type,
            bytes,
        })
    }

    /// Gives a small picture of a whole file that is one; made once, and kept beside it.
    pub async fn thumbnail(&self, hash: AttachmentHash, media_type: MediaType) -> Result<Vec<u8>, CaptureError> {
        let files = self.files.clone();
        self.alone(move || {
            if let Some(made) = files.thumbnail(hash) {
                return Ok(made);
            }
            let content = files.read(hash, 0, usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX))?;
            let made = picture::thumbnail(media_type, &content).map_err(CaptureError::Unfit)?;
            files.keep_thumbnail(hash, &made);
            Ok(made)
        })
        .await
    }

    /// Runs work off the async threads, and nothing else of its kind beside it. A decoder that panics has met a file that
    /// nobody can use.
    async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CaptureError> + Send + 'static,
    ) -> Result<T, CaptureError> {
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let working = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        working.await.unwrap_or(Err(CaptureError::Unfit(Unfit::Broken)))
    }
}

/// Makes of a file what a case file may hold.
fn fit(content: Vec<u8>, shrinking: Shrinking) -> Result<(MediaType, Vec<u8>), Unfit> {
    if content.len() as u64 > FILE_BYTES_MAX {
        return Err(Unfit::TooLarge);
    }
    let kind = kind::of(&content)?;
    let (kind, content) = if kind.is_picture() {
        picture::shrink(kind, &content, shrinking)?
    } else {
        (kind, content)
    };
    if content.len() as u64 > FILE_BYTES_MAX {
        return Err(Unfit::TooLarge);
    }
    Ok((kind, content))
}

/// Gives a file without a usable name one.
fn caption(name: &str, kind: MediaType) -> String {
    let name = tidy_name(name);
    if name.is_empty() {
        format!("lampiran.{}", kind.extension())
    } else {
        name
    }
}
