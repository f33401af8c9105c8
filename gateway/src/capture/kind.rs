//! What a file is, by its content: names and what browsers say about it are a stranger's word.

use std::io::Cursor;

use titian_domain::attachment::MediaType;
use zip::ZipArchive;

use super::unfit::Unfit;

const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF];
const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
const PDF: &[u8] = b"%PDF-";
const PDF_END: &[u8] = b"%%EOF";
/// Where the end of a PDF stands at the latest, counted from the end of the file: readers look no further.
const PDF_END_BYTES: usize = 1024;
const ZIP: &[u8] = b"PK\x03\x04";
/// An OLE container: `.doc`, and `.docx` under a password.
const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];
/// The mark of one entry in the list of a zip file.
const ZIP_ENTRY: &[u8] = b"PK\x01\x02";
/// More parts than any word processor writes; each takes memory before it is looked at.
const ZIP_ENTRIES_MAX: usize = 2_000;

/// Tells what a file is.
pub fn of(content: &[u8]) -> Result<MediaType, Unfit> {
    if content.is_empty() {
        Err(Unfit::Empty)
    } else if content.starts_with(JPEG) {
        Ok(MediaType::Jpeg)
    } else if content.starts_with(PNG) {
        Ok(MediaType::Png)
    } else if content.starts_with(PDF) {
        let tail = &content[content.len().saturating_sub(PDF_END_BYTES)..];
        if holds(tail, PDF_END) {
            Ok(MediaType::Pdf)
        } else {
            Err(Unfit::CutOff)
        }
    } else if content.starts_with(ZIP) {
        document(content)
    } else if content.starts_with(OLE) {
        Err(Unfit::OldWord)
    } else {
        Err(Unfit::OtherKind)
    }
}

/// A Word document is a zip file with certain parts. Nothing in it is unfolded.
fn document(content: &[u8]) -> Result<MediaType, Unfit> {
    let entries = content.windows(ZIP_ENTRY.len()).filter(|window| *window == ZIP_ENTRY);
    if entries.take(ZIP_ENTRIES_MAX + 1).count() > ZIP_ENTRIES_MAX {
        return Err(Unfit::OtherKind);
    }
    // The list of parts stands at the end: a file that was cut off has none.
    let archive = ZipArchive::new(Cursor::new(content)).map_err(|_| Unfit::CutOff)?;
    let names: Vec<_> = archive.file_names().flatten().collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    if !has("[Content_Types].xml") || !has("word/document.xml") {
        return Err(Unfit::OtherKind);
    }
    let is_program = |name: &str| name.to_ascii_lowercase().ends_with("vbaproject.bin");
    if names.iter().any(|name| is_program(name)) {
        return Err(Unfit::Macros);
    }
    Ok(MediaType::Docx)
}

fn holds(content: &[u8], mark: &[u8]) -> bool {
    content.windows(mark.len()).any(|window| window == mark)
}
