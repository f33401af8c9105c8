//! Whatever is cut, repeated or broken, a file under its own name is whole and sound.

use super::*;

fn folder() -> (tempfile::TempDir, AttachmentFiles) {
    let data = tempfile::tempdir().unwrap();
    let files = AttachmentFiles::open(data.path()).unwrap();
    (data, files)
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn names(data: &tempfile::TempDir) -> Vec<String> {
    let entries = fs::read_dir(data.path().join(FOLDER)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_file_is_kept_once_under_the_hash_of_its_content() {
    let (data, files) = folder();
    let hash = files.put(b"a letter").unwrap();
    assert_eq!(files.put(b"a letter").unwrap(), hash);
    assert_eq!(names(&data), [blake3::hash(b"a letter").to_hex().to_string()]);
    assert_eq!(files.read(hash, 2, 100).unwrap(), b"letter");
    assert_eq!(files.read(hash, 100, 100).unwrap(), b"");
}

#[test]
fn pieces_grow_into_the_file_whatever_is_repeated_or_skipped() {
    let (data, files) = folder();
    let whole = content(1000);
    let (hash, total) = (AttachmentHash::of(&whole), 1000);
    let append = |from: usize, to: usize| files.append(hash, total, from as u64, &whole[from..to]).unwrap();
    assert_eq!(append(100, 200), Appended::Held(0));
    assert_eq!(append(0, 400), Appended::Held(400));
    assert_eq!(append(0, 400), Appended::Held(400));
    assert_eq!(append(100, 300), Appended::Held(400));
    assert_eq!(append(500, 1000), Appended::Held(400));
    assert_eq!(append(300, 600), Appended::Held(600));
    assert_eq!(files.state(hash), FileState::Part);
    assert_eq!(files.held(hash), 600);
    // Another run of the program goes on where this one stopped.
    let again = AttachmentFiles::open(data.path()).unwrap();
    assert_eq!(
        again.append(hash, total, 600, &whole[600..]).unwrap(),
        Appended::Complete
    );
    assert_eq!(
        again.append(hash, total, 600, &whole[600..]).unwrap(),
        Appended::Complete
    );
    assert_eq!(again.read(hash, 0, 2000).unwrap(), whole);
    assert_eq!(names(&data), [hash.to_string()]);
}

#[test]
fn what_is_not_the_file_is_dropped_and_begins_again() {
    let (data, files) = folder();
    let whole = content(300);
    let hash = AttachmentHash::of(&whole);
    assert_eq!(files.append(hash, 300, 0, &whole[..200]).unwrap(), Appended::Held(200));
    assert_eq!(files.append(hash, 300, 200, &[7; 100]).unwrap(), Appended::Mismatch);
    assert_eq!((files.held(hash), names(&data)), (0, vec![]));
    for (total, offset, bytes) in [
        (0, 0, &whole[..]),
        (299, 0, &whole[..]),
        (FILE_BYTES_MAX + 1, 0, &whole[..]),
    ] {
        assert_eq!(
            files.append(hash, total, offset, bytes).unwrap(),
            Appended::Mismatch,
            "{total}"
        );
    }
    assert_eq!(files.append(hash, 300, u64::MAX, &whole).unwrap(), Appended::Mismatch);
    assert_eq!(files.append(hash, 300, 0, &whole).unwrap(), Appended::Complete);
}

#[test]
fn what_a_power_cut_left_full_length_but_wrong_is_found_out() {
    let (data, files) = folder();
    let whole = content(300);
    let hash = AttachmentHash::of(&whole);
    // The length was durable, the content was not.
    fs::write(data.path().join(FOLDER).join(format!("{hash}.part")), [0; 300]).unwrap();
    assert_eq!(files.append(hash, 300, 300, &[]).unwrap(), Appended::Mismatch);
    assert_eq!(files.append(hash, 300, 0, &whole).unwrap(), Appended::Complete);
}

#[test]
fn a_damaged_file_is_set_aside_and_counts_as_missing() {
    let (data, files) = folder();
    let hash = files.put(&content(5000)).unwrap();
    fs::write(data.path().join(FOLDER).join(hash.to_string()), content(4999)).unwrap();
    assert!(matches!(files.read(hash, 0, 10), Err(FileError::Damaged { .. })));
    assert!(matches!(files.read(hash, 0, 10), Err(FileError::Missing { .. })));
    assert!(!files.has(hash));
    assert_eq!(names(&data), [format!("{hash}.damaged")]);
}

#[test]
fn a_draft_stays_only_if_somebody_attaches_it() {
    let (data, files) = folder();
    let kept = files.put_draft(b"attached in the end").unwrap();
    files.put_draft(b"never attached").unwrap();
    assert!(!files.has(kept));
    files.settle(kept).unwrap();
    files.settle(kept).unwrap();
    fs::write(data.path().join(FOLDER).join(format!("{kept}.17.tmp")), b"half").unwrap();
    assert_eq!(files.clear_strays().unwrap(), 2);
    assert_eq!(names(&data), [kept.to_string()]);
    assert!(matches!(
        files.settle(AttachmentHash([1; 32])),
        Err(FileError::Missing { .. })
    ));
}

/// A device that is always full stands in for a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_done() {
    let (data, files) = folder();
    let whole = content(300);
    let hash = AttachmentHash::of(&whole);
    let part = data.path().join(FOLDER).join(format!("{hash}.part"));
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    let full = files.append(hash, 300, 0, &whole).unwrap_err();
    assert!(matches!(full, FileError::DiskFull), "{full}");
    assert_eq!(files.held(hash), 0);
    fs::remove_file(&part).unwrap();
    assert_eq!(files.append(hash, 300, 0, &whole).unwrap(), Appended::Complete);
}

#[test]
fn a_folder_that_was_begun_with_shows_every_file_and_keeps_none_of_the_new_ones_plain() {
    let (data, files) = folder();
    let key = || crate::at_rest::DataKey::new([7; 32]).files();
    let before: Vec<_> = (300..303).map(content).collect();
    let hashes: Vec<_> = before.iter().map(|whole| files.put(whole).unwrap()).collect();
    let path = |hash: AttachmentHash| data.path().join(FOLDER).join(hash.to_string());
    // A power cut came after the first of them.
    let mut sealed = before[0].clone();
    key().apply(hashes[0], 0, &mut sealed).unwrap();
    fs::write(path(hashes[0]), sealed).unwrap();

    let begun = AttachmentFiles::open_begun(data.path(), key()).unwrap();
    for (hash, whole) in hashes.iter().zip(&before) {
        assert!(begun.read(*hash, 0, 400).unwrap() == *whole);
    }
    let new = begun.put(b"kanaria").unwrap();
    assert!(fs::read(path(new)).unwrap() != b"kanaria" && begun.read(new, 0, 10).unwrap() == b"kanaria");

    assert_eq!(encipher::encipher(data.path(), &key()).unwrap(), 2);
    let all = AttachmentFiles::open_with(data.path(), Some(key())).unwrap();
    for (hash, whole) in hashes.iter().zip(&before) {
        assert!(fs::read(path(*hash)).unwrap() != *whole && all.read(*hash, 0, 400).unwrap() == *whole);
    }
    assert!(all.read(new, 0, 10).unwrap() == b"kanaria");
}

#[test]
fn a_file_that_was_damaged_before_anybody_noticed_is_enciphered_too() {
    let (data, files) = folder();
    let key = crate::at_rest::DataKey::new([7; 32]).files();
    let (good, mut damaged) = (content(300), content(400));
    let (whole, hash) = (files.put(&good).unwrap(), files.put(&damaged).unwrap());
    damaged[7] ^= 1;
    fs::write(data.path().join(FOLDER).join(hash.to_string()), &damaged).unwrap();
    for _ in 0..2 {
        // Twice: what is enciphered is known and left alone.
        encipher::encipher(data.path(), &key).unwrap();
        let shows = |entry: fs::DirEntry| {
            let bytes = fs::read(entry.path()).unwrap();
            bytes
                .windows(32)
                .any(|piece| piece == &damaged[100..132] || piece == &good[100..132])
        };
        let folder = fs::read_dir(data.path().join(FOLDER)).unwrap();
        assert!(!folder.map(Result::unwrap).any(shows));
        let mut found = names(&data);
        found.sort_unstable();
        let mut expected = [whole.to_string(), format!("{hash}.damaged.enciphered")];
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}
