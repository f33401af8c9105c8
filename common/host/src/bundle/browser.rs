//! Bundles through a browser: files that wait to be saved to a stick, and files that somebody chose from one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use futures_util::stream;
use titian_domain::attachment::bytes_words;
use titian_domain::lang::Lang;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{BundleTrouble, ENDING, ImportReport};
use crate::web::{PageError, PageResult, Reader};

/// What one upload may take: a dozen of the largest parts. It lies on the disk, not in memory.
pub const BODY_BYTES_MAX: usize = 1 << 30;
/// More files than this nobody chooses at once.
const FILES_MAX: usize = 256;
/// How the folders of uploads begin.
const ARRIVING: &str = "arriving-";
/// How much of a file is read at once when it is sent to a browser.
const SEND_BYTES: usize = 64 * 1024;

/// The folder of files that were made for a browser to save. They are encrypted, as on a stick.
#[derive(Clone, Debug)]
pub struct Outbox(PathBuf);

/// A file that waits to be saved to a stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
}

impl Ready {
    /// Says how large it is.
    pub fn size(&self, lang: &Lang) -> String {
        bytes_words(self.bytes, *lang)
    }
}

impl Outbox {
    /// The outbox in the folder of a program's database.
    pub fn beside(database: &Path) -> Self {
        Self(database.with_file_name("outbox"))
    }

    /// Gives the folder after removing the files whose names begin so: new ones take their place.
    pub fn make_room(&self, beginning: &str) -> Result<PathBuf, BundleTrouble> {
        crate::folder::make(&self.0).map_err(BundleTrouble::Unwritable)?;
        for entry in fs::read_dir(&self.0).map_err(BundleTrouble::Unwritable)? {
            let path = entry.map_err(BundleTrouble::Unwritable)?.path();
            if path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(beginning))
            {
                fs::remove_file(path).map_err(BundleTrouble::Unwritable)?;
            }
        }
        Ok(self.0.clone())
    }

    /// Lists the files whose names begin so.
    pub fn list(&self, beginning: &str) -> Vec<Ready> {
        let Ok(entries) = fs::read_dir(&self.0) else {
            return Vec::new();
        };
        let ready = |entry: io::Result<fs::DirEntry>| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let whole = name.starts_with(beginning) && Path::new(&name).extension().is_some_and(|end| end == ENDING);
            let bytes = entry.metadata().ok()?.len();
            whole.then_some(Ready { name, bytes })
        };
        let mut files: Vec<_> = entries.filter_map(ready).collect();
        files.sort_by(|one, other| one.name.cmp(&other.name));
        files
    }

    /// Sends a file to the browser, to be saved.
    pub async fn send(&self, name: &str) -> PageResult {
        // Only what the list shows: no name leads out of the folder.
        if !self.list("").iter().any(|ready| ready.name == name) {
            return Err(PageError::not_found());
        }
        let file = tokio::fs::File::open(self.0.join(name)).await;
        let file = file.map_err(|_| PageError::not_found())?;
        let length = file
            .metadata()
            .await
            .map_err(|error| PageError::Internal(error.into()))?
            .len();
        let pieces = stream::unfold(file, |mut file| async move {
            let mut piece = vec![0; SEND_BYTES];
            match file.read(&mut piece).await {
                Ok(0) => None,
                Ok(read) => {
                    piece.truncate(read);
                    Some((Ok(Bytes::from(piece)), file))
                }
                Err(error) => Some((Err(error), file)),
            }
        });
        let headers = [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_LENGTH, length.to_string()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ];
        Ok((headers, Body::from_stream(pieces)).into_response())
    }
}

/// Files that somebody uploaded. They are gone when this is dropped.
pub struct Arriving {
    folder: PathBuf,
}

/// Why an upload has no usable file in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untaken {
    /// No file was chosen.
    NoFile,
    /// It did not arrive whole.
    CutOff,
    /// It is larger than any bundle.
    TooLarge,
    /// This machine has no room for it.
    NoRoom,
}

impl Untaken {
    /// The key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Self::NoFile => "bundle-no-file",
            Self::CutOff => "bundle-cut-off",
            Self::TooLarge => "bundle-too-large",
            Self::NoRoom => "bundle-no-room",
        }
    }
}

impl Arriving {
    /// Takes the files of a form to the disk beside the database, piece by piece.
    pub async fn take(database: &Path, unique: [u8; 8], mut parts: Multipart) -> Result<Self, Untaken> {
        let folder = database.with_file_name(format!("{ARRIVING}{:016x}", u64::from_le_bytes(unique)));
        crate::folder::make(&folder).map_err(|_| Untaken::NoRoom)?;
        let arriving = Self { folder };
        let mut count = 0;
        while let Some(mut part) = parts.next_field().await.map_err(|error| untaken(&error))? {
            // A form without a chosen file sends a nameless one of no bytes.
            let given = part.file_name().map(plain_name).unwrap_or_default();
            if given.is_empty() {
                continue;
            }
            count += 1;
            if count > FILES_MAX {
                return Err(Untaken::TooLarge);
            }
            let path = arriving.folder.join(format!("{given}.{ENDING}"));
            let mut file = tokio::fs::File::create(path).await.map_err(|_| Untaken::NoRoom)?;
            while let Some(piece) = part.chunk().await.map_err(|error| untaken(&error))? {
                file.write_all(&piece).await.map_err(|_| Untaken::NoRoom)?;
            }
            file.flush().await.map_err(|_| Untaken::NoRoom)?;
        }
        if count == 0 { Err(Untaken::NoFile) } else { Ok(arriving) }
    }

    /// Gives the folder that they lie in.
    pub fn folder(&self) -> PathBuf {
        self.folder.clone()
    }
}

/// Removes what a program that died left of uploads. For the start of a server, before anybody uploads.
pub fn tidy(database: &Path) {
    let folder = database.parent().unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_one = entry.file_name().to_string_lossy().starts_with(ARRIVING);
        if is_one && let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(%error, "what was left of an upload could not be removed");
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, "uploaded files could not be removed");
        }
    }
}

/// A browser's name of a file, as far as it is one on every system: letters, digits, and what our own names have.
fn plain_name(name: &str) -> String {
    let stem = name.strip_suffix(&format!(".{ENDING}")).unwrap_or(name);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let kept: String = stem
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .take(120)
        .collect();
    kept.trim_start_matches('.').to_owned()
}

fn untaken(error: &MultipartError) -> Untaken {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Untaken::TooLarge,
        _ => Untaken::CutOff,
    }
}

/// What came of one uploaded file, in the reader's words.
struct Row {
    file: String,
    is_taken: bool,
    words: String,
}

#[derive(Template)]
#[template(path = "bundle_result.html")]
struct ResultPage<'a> {
    reader: &'a Reader,
    rows: Vec<Row>,
    back: &'a str,
}

/// Shows what came of uploaded files.
pub fn result_page(report: &ImportReport, reader: &Reader, back: &str) -> PageResult {
    let rows = rows(report, reader);
    reader.page("bundle-result-title", &ResultPage { reader, rows, back })
}

/// Says why an upload was not taken.
pub fn not_taken(untaken: Untaken) -> PageError {
    PageError::user(StatusCode::UNPROCESSABLE_ENTITY, untaken.key(), "bundle-nothing-lost")
}

fn rows(report: &ImportReport, reader: &Reader) -> Vec<Row> {
    let row = |file: &super::report::FileReport| {
        let words = match (&file.taken, file.trouble) {
            (Some(taken), _) => {
                let mut words = reader.say_with(
                    "bundle-taken",
                    &[
                        ("gateway", taken.gateway.as_str().into()),
                        ("part", taken.part.into()),
                        ("new", taken.new_items.into()),
                    ],
                );
                if taken.files > 0 {
                    words.push(' ');
                    words.push_str(&reader.say_with("bundle-files", &[("count", taken.files.into())]));
                }
                for key in taken.keys() {
                    words.push(' ');
                    words.push_str(&reader.say(key));
                }
                words
            }
            (None, trouble) => {
                let kind = trouble.unwrap_or("internal");
                reader.say(&format!("bundle-trouble-{kind}"))
            }
        };
        Row {
            file: file.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            is_taken: file.taken.is_some(),
            words,
        }
    };
    report.files.iter().map(row).collect()
}

/// Makes a page of why a bundle could not be made or read at all.
pub fn page_error(trouble: BundleTrouble, reader: &Reader) -> PageError {
    match trouble {
        BundleTrouble::Store(error) => error.into(),
        BundleTrouble::Internal(error) => PageError::Internal(error),
        trouble => PageError::user(
            StatusCode::CONFLICT,
            reader.say(&format!("bundle-trouble-{}", trouble.kind())),
            "bundle-nothing-lost",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_browser_leads_nowhere_else() {
        assert_eq!(plain_name("titian_63.01.03-A_hub_1.titian"), "titian_63.01.03-A_hub_1");
        assert_eq!(plain_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(plain_name("C:\\Users\\x.titian"), "C__Users_x");
        assert_eq!(plain_name("..."), "");
    }

    #[test]
    fn a_start_removes_what_was_left_of_uploads_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["arriving-0011", "outbox"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("a.titian"), "x").unwrap();
        }
        tidy(&folder.path().join("hub.db"));
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["outbox"]);
    }

    #[test]
    fn the_outbox_shows_whole_files_of_one_beginning_and_makes_room_for_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::beside(&folder.path().join("hub.db"));
        assert_eq!(outbox.list(""), []);
        let made = outbox.make_room("a").unwrap();
        for name in ["a_1.titian", "a_2.titian.unfinished", "b_1.titian"] {
            fs::write(made.join(name), "x").unwrap();
        }
        let ready = |name: &str| Ready {
            name: name.to_owned(),
            bytes: 1,
        };
        assert_eq!(outbox.list("a"), [ready("a_1.titian")]);
        outbox.make_room("a").unwrap();
        assert_eq!(outbox.list(""), [ready("b_1.titian")]);
    }
}
