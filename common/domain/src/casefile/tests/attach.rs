//! Files of a complaint: attached at any stage, taken away only while the sheet may be changed, never out of the history.

use super::*;
use crate::attachment::{AttachedFile, AttachmentHash, FILE_BYTES_MAX, FILES_MAX, MediaType};
use crate::event::IntakeEvent;
use crate::refusal::FileRefusal;

fn photo(content: &[u8]) -> AttachedFile {
    AttachedFile {
        hash: AttachmentHash::of(content),
        name: "../foto\u{202E}gpj.exe".into(),
        media_type: MediaType::Jpeg,
        bytes: content.len() as u64,
    }
}

fn names(case: &CaseFile) -> Vec<String> {
    let files = case.complaint().unwrap().attachments();
    files.into_iter().map(|known| known.file.name).collect()
}

#[test]
fn a_file_comes_after_the_verification_and_leaves_it_standing() {
    let mut desk = Desk { machine: 0, ticks: 0 };
    let (mut case, _) = CaseFile::record(id(), &register(), &sample(), &desk.stamp()).unwrap();
    let record = record();
    case.verify(Reporter::Known(&record), &desk.stamp()).unwrap();
    let file = photo(b"a bridge");
    assert!(case.attach(&file, &desk.stamp()).unwrap().is_some());
    assert!(
        case.attach(&file, &desk.stamp()).unwrap().is_none(),
        "the same file twice is one"
    );
    assert_eq!(names(&case), ["fotogpj.exe"]);
    assert!(!case.complaint().unwrap().needs_reverification());
    case.forward(Reporter::Known(&record), &desk.stamp()).unwrap();

    // In the liaison's hands: more may come, nothing may go.
    assert!(case.attach(&photo(b"the river"), &desk.stamp()).unwrap().is_some());
    let refused = case.detach(file.hash, &desk.stamp()).unwrap_err();
    assert!(matches!(refused, Refusal::NotNow { step: "detach", .. }), "{refused}");
}

#[test]
fn a_file_that_was_taken_away_stays_in_the_history_and_may_come_again() {
    let (mut case, mut desk, _) = fresh();
    let file = photo(b"a bridge");
    case.attach(&file, &desk.stamp()).unwrap();
    case.detach(file.hash, &desk.stamp()).unwrap();
    assert_eq!(
        case.detach(file.hash, &desk.stamp()),
        Err(Refusal::File(FileRefusal::Unknown))
    );
    let complaint = case.complaint().unwrap();
    assert!(complaint.attachments().is_empty());
    let kept = complaint
        .intake_events
        .iter()
        .filter(|event| matches!(event.what, IntakeEvent::Attached(_)));
    assert_eq!(kept.count(), 1);
    assert!(case.attach(&file, &desk.stamp()).unwrap().is_some());
    assert_eq!(case.complaint().unwrap().attachments().len(), 1);
}

#[test]
fn a_complaint_has_no_more_and_no_larger_files_than_it_may() {
    let (mut case, mut desk, _) = fresh();
    let sized = |bytes| AttachedFile { bytes, ..photo(b"x") };
    let large = case.attach(&sized(FILE_BYTES_MAX + 1), &desk.stamp());
    assert_eq!(large, Err(Refusal::File(FileRefusal::TooLarge)));
    assert!(matches!(
        case.attach(&sized(0), &desk.stamp()),
        Err(Refusal::File(FileRefusal::Empty))
    ));
    for number in 0..FILES_MAX {
        case.attach(&photo(&[7, u8::try_from(number).unwrap()]), &desk.stamp())
            .unwrap();
    }
    let one_more = case.attach(&photo(b"one more"), &desk.stamp());
    assert_eq!(one_more, Err(Refusal::File(FileRefusal::TooMany)));
}

#[test]
fn what_a_peer_wrote_without_sense_names_no_file() {
    let (mut case, mut desk, _) = fresh();
    for bytes in [0, FILE_BYTES_MAX + 1, u64::MAX] {
        case.append_intake(
            &desk.stamp(),
            IntakeEvent::Attached(AttachedFile { bytes, ..photo(b"x") }),
        );
    }
    assert!(case.complaint().unwrap().attachments().is_empty());
}

fn fresh() -> (CaseFile, Desk, ReporterRecord) {
    let mut desk = Desk { machine: 0, ticks: 0 };
    let (case, _) = CaseFile::record(id(), &register(), &sample(), &desk.stamp()).unwrap();
    (case, desk, record())
}
