//! Enciphers the files of a folder that was plain, one after the other; what was done is known by the names.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use titian_domain::attachment::AttachmentHash;

use super::{DAMAGED, FOLDER};
use crate::at_rest::FilesKey;
use crate::folder as folders;
use crate::store::encipher::{former, overwrite};

/// A damaged file that was enciphered: its name does not tell that by its content.
const DAMAGED_ENCIPHERED: &str = "damaged.enciphered";

/// Enciphers what is plain among the attached files of a data folder, and gives how many that were. Drafts, pictures that can be
/// made again and files that had begun to arrive are removed: they come again. After a power cut it goes on where it was.
///
/// # Errors
/// When the disk is full or fails; each file is then plain or enciphered, whole.
pub fn encipher(data: &Path, key: &FilesKey) -> io::Result<usize> {
    let folder = data.join(FOLDER);
    let mut count = 0;
    let entries: Vec<_> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    // What is only removed comes first: a file that was half enciphered is begun anew under the same name.
    let stays = |path: &Path| path.extension().is_none_or(|ending| ending == DAMAGED);
    let (staying, leaving): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| stays(path));
    for path in leaving.into_iter().chain(staying) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (name, ending) = name.split_once('.').unwrap_or((name, ""));
        let Ok(hash) = name.parse::<AttachmentHash>() else {
            continue;
        };
        let target = match ending {
            "" => path.clone(),
            DAMAGED => folder.join(format!("{hash}.{DAMAGED_ENCIPHERED}")),
            DAMAGED_ENCIPHERED => continue,
            _ => {
                let mut file = OpenOptions::new().write(true).open(&path)?;
                fs::remove_file(&path)?;
                overwrite(&mut file)?;
                continue;
            }
        };
        let mut content = fs::read(&path)?;
        let found = AttachmentHash::of(&content);
        let mut target = target;
        if ending.is_empty() && found != hash {
            let mut plain = content.clone();
            key.apply(hash, 0, &mut plain)?;
            if AttachmentHash::of(&plain) == hash {
                // It was enciphered before.
                continue;
            }
            target = folder.join(format!("{hash}.{DAMAGED_ENCIPHERED}"));
        }
        // Under the hash of what is there: a whole file of that name comes again, and shares no keystream with this one.
        key.apply(found, 0, &mut content)?;
        let former = former(&path)?;
        folders::replace(&target, &content)?;
        if target != path {
            fs::remove_file(&path)?;
        }
        folders::sync(&folder)?;
        if let Some(mut former) = former {
            overwrite(&mut former)?;
        }
        count += 1;
    }
    Ok(count)
}

/// Lists what is plain among the attached files of a data folder that is enciphered in part. What cannot be read is left out: it
/// cannot be shown either.
///
/// # Errors
/// When the folder cannot be read.
pub fn still_plain(data: &Path) -> io::Result<BTreeSet<AttachmentHash>> {
    let is_plain = |path: &Path, hash: AttachmentHash| -> io::Result<bool> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path)?)?;
        Ok(AttachmentHash(*hasher.finalize().as_bytes()) == hash)
    };
    let mut found = BTreeSet::new();
    let entries = match fs::read_dir(data.join(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let named = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        if let Some(hash) = named
            && is_plain(&path, hash).unwrap_or(false)
        {
            found.insert(hash);
        }
    }
    Ok(found)
}
