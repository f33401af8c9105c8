//! A file is whole and for its receiver, or it is refused with the reason; and a write that fails leaves no file.

use titian_sync::bundle::label::Content;
use titian_sync::enrol::Fingerprint;

use super::*;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn label(content: Content) -> Label {
    let hub = Fingerprint::of(&key(1).verifying_key());
    Label::new(content, "63.01.03/A".parse().unwrap(), hub)
}

fn written(folder: &Path, content: &[u8]) -> Written {
    let receiver = key(1).verifying_key();
    let mut part = PartFile::begin(folder, "a.titian", &label(Content::Request), Some(&receiver)).unwrap();
    part.write(content).unwrap();
    part.finish().unwrap()
}

fn read(path: &Path, key: &SigningKey) -> Result<Vec<u8>, BundleTrouble> {
    let mut source = PartSource::open(path, key)?;
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(all),
            read => all.extend_from_slice(&buffer[..read]),
        }
    }
}

fn kind(path: &Path, key: &SigningKey) -> &'static str {
    read(path, key).map_or_else(|trouble| trouble.kind(), |_| "read")
}

#[test]
fn only_the_receiver_opens_what_was_written_and_everybody_sees_whose_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let content = vec![7; 200_000];
    let file = written(folder.path(), &content);
    assert_eq!(fs::metadata(&file.path).unwrap().len(), file.bytes);
    assert_eq!(read(&file.path, &key(1)).unwrap(), content);
    assert_eq!(PartSource::label_of(&file.path).unwrap(), label(Content::Request));
    let trouble = read(&file.path, &key(2)).unwrap_err().to_string();
    assert!(trouble.contains("gateway 63.01.03/A made it for hub"), "{trouble}");
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["a.titian"]);
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(written(folder.path(), b"little").path).unwrap();
    let path = folder.path().join("cut.titian");
    let label_bytes = label(Content::Request).to_line().len();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let expected = if length < label_bytes {
            "not-a-bundle"
        } else {
            "damaged"
        };
        assert_eq!(kind(&path, &key(1)), expected, "{length} of {}", whole.len());
    }
}

#[test]
fn a_file_with_any_bit_flipped_is_refused_or_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read(written(folder.path(), b"little").path).unwrap();
    let path = folder.path().join("flipped.titian");
    let label_bytes = label(Content::Request).to_line().len();
    for at in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[at / 8] ^= 1 << (at % 8);
        fs::write(&path, &changed).unwrap();
        // Of the label nothing is believed: who reads compares it with what is signed.
        let same_label = Label::find(&changed).is_ok_and(|(found, _)| found == label(Content::Request));
        if at / 8 >= label_bytes || same_label {
            assert_ne!(kind(&path, &key(1)), "read", "bit {at}");
        }
    }
}

#[test]
fn what_is_no_bundle_is_found_out_without_reading_it_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mkv");
    // Four gigabytes that take no room.
    File::create(&path).unwrap().set_len(4 << 30).unwrap();
    assert_eq!(kind(&path, &key(1)), "not-a-bundle");
    let mut endless = File::create(&path).unwrap();
    endless.write_all(label(Content::Request).to_line().as_bytes()).unwrap();
    endless.write_all(b"age-encryption.org/v1\n-> X25519 ").unwrap();
    endless.write_all(&vec![b'A'; 100_000]).unwrap();
    endless.set_len(4 << 30).unwrap();
    assert_eq!(kind(&path, &key(1)), "damaged");
    assert_eq!(kind(folder.path(), &key(1)), "not-a-bundle");
    assert_eq!(kind(&folder.path().join("missing"), &key(1)), "unreadable");
    fs::write(&path, "").unwrap();
    assert_eq!(kind(&path, &key(1)), "not-a-bundle");
}

#[test]
fn a_file_that_was_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = key(1).verifying_key();
    let mut part = PartFile::begin(folder.path(), "a.titian", &label(Content::Request), Some(&receiver)).unwrap();
    part.write(&vec![1; 100_000]).unwrap();
    drop(part);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = PartFile::begin(
        &folder.path().join("gone"),
        "a",
        &label(Content::Request),
        Some(&receiver),
    );
    assert_eq!(nowhere.err().map(|trouble| trouble.kind()), Some("unwritable"));
}

#[test]
fn a_medium_that_keeps_other_bytes_than_were_written_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = key(1).verifying_key();
    let mut part = PartFile::begin(folder.path(), "a.titian", &label(Content::Request), Some(&receiver)).unwrap();
    part.write(&vec![1; 200_000]).unwrap();
    // A stick of which one cell is worn out.
    let unfinished = folder.path().join("a.titian.unfinished");
    let mut bytes = fs::read(&unfinished).unwrap();
    bytes[50_000] ^= 1;
    let mut stick = File::options().write(true).open(&unfinished).unwrap();
    stick.write_all(&bytes).unwrap();
    assert_eq!(
        part.finish().err().map(|trouble| trouble.kind()),
        Some("not-what-was-written")
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_medium_without_room_is_an_error_and_no_file() {
    // The one device that is always full.
    let file = File::options().write(true).open("/dev/full").unwrap();
    let receiver = key(1).verifying_key();
    let full = seal(file, &label(Content::Request), Some(&receiver));
    assert_eq!(full.err().map(|error| error.kind()), Some(ErrorKind::StorageFull));
}
