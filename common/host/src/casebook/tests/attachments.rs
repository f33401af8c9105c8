//! What is wanted of files follows the documents and the folder, and can be derived from them anew.

use titian_domain::attachment::{AttachedFile, AttachmentHash, MediaType};

use super::*;
use crate::attachments::AttachmentFiles;
use crate::casebook::attachment::{self, FileState, Wanted};

const ZERO: AttachmentHash = AttachmentHash([0; 32]);

pub fn attach(book: &mut Book, id: ComplaintId, content: &[u8]) -> AttachmentHash {
    let file = AttachedFile {
        hash: AttachmentHash::of(content),
        name: "foto.jpg".into(),
        media_type: MediaType::Jpeg,
        bytes: content.len() as u64,
    };
    let by = book.stamp();
    book.write(|tx, rules, _| {
        edit::edit(tx, rules, (id, ItemKind::Intake), (&by, "step"), |case, _| {
            Ok(case.attach(&file, &by)?)
        })
        .unwrap()
    });
    file.hash
}

fn detach(book: &mut Book, id: ComplaintId, hash: AttachmentHash) {
    let by = book.stamp();
    book.write(|tx, rules, _| {
        edit::edit(tx, rules, (id, ItemKind::Intake), (&by, "step"), |case, _| {
            Ok(Some(case.detach(hash, &by)?))
        })
        .unwrap()
    });
}

fn wanted(book: &Book, files: &AttachmentFiles, start: AttachmentHash, most: usize) -> Vec<(AttachmentHash, u64, u64)> {
    let wanted = attachment::wanted(&book.conn, files, &book.office, start, most).unwrap();
    wanted
        .into_iter()
        .map(|Wanted { hash, bytes, held }| (hash, bytes, held))
        .collect()
}

#[test]
fn what_is_wanted_shrinks_as_files_arrive_and_survives_a_rebuild() {
    let mut book = Book::new();
    let data = tempfile::tempdir().unwrap();
    let files = AttachmentFiles::open(data.path()).unwrap();
    let first = book.record("Jembatan lapuk", "Rahma");
    let second = book.record("Jalan rusak", "Budi");
    let (a, b, c) = (
        attach(&mut book, first, b"aaaa"),
        attach(&mut book, first, b"bb"),
        attach(&mut book, second, b"c"),
    );
    // One file in two complaints is wanted once.
    attach(&mut book, second, b"aaaa");
    let mut all = [(a, 4, 0), (b, 2, 0), (c, 1, 0)];
    all.sort_unstable();
    assert_eq!(wanted(&book, &files, ZERO, 9), all);
    // From another place on, around the end.
    assert_eq!(wanted(&book, &files, all[1].0, 9), [all[1], all[2], all[0]]);
    assert_eq!(wanted(&book, &files, all[1].0, 1), [all[1]]);

    // What has begun comes first, with what is held.
    files.append(a, 4, 0, b"aa").unwrap();
    book.write(|tx, _, _| attachment::note(tx, a, FileState::Part).unwrap());
    assert_eq!(wanted(&book, &files, all[2].0, 1), [(a, 4, 2)]);
    files.append(a, 4, 2, b"aa").unwrap();
    book.write(|tx, _, _| attachment::note(tx, a, FileState::Whole).unwrap());
    detach(&mut book, second, c);
    assert_eq!(wanted(&book, &files, ZERO, 9), [(b, 2, 0)]);

    let rows = |book: &Book| -> Vec<String> {
        let sql = "SELECT hex(complaint) || office || hex(hash) || bytes || name || media_type || state FROM attachment
                   ORDER BY complaint, hash";
        let mut statement = book.conn.prepare(sql).unwrap();
        statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    };
    let before = rows(&book);
    assert_eq!(before.len(), 3);
    book.write(|tx, rules, _| project::rebuild(tx, rules).unwrap());
    assert_eq!(rows(&book), before);
    let office = book.office.clone();
    assert!(attachment::is_of_office(&book.conn, &office, a).unwrap());
    assert!(
        !attachment::is_of_office(&book.conn, &office, c).unwrap(),
        "no longer any complaint's"
    );
    assert!(!attachment::is_of_office(&book.conn, &"63.01.04".parse().unwrap(), a).unwrap());
}

#[test]
fn what_lies_in_the_folder_counts_whatever_the_database_remembers() {
    let mut book = Book::new();
    let data = tempfile::tempdir().unwrap();
    let files = AttachmentFiles::open(data.path()).unwrap();
    let id = book.record("Jembatan lapuk", "Rahma");
    let (kept, begun, lost) = (
        attach(&mut book, id, b"kept"),
        attach(&mut book, id, b"begun"),
        attach(&mut book, id, b"lost"),
    );
    // As after a crash between the folder and the database, and after the folder was restored without some files.
    files.put(b"kept").unwrap();
    files.append(begun, 5, 0, b"beg").unwrap();
    book.write(|tx, _, _| attachment::note(tx, lost, FileState::Whole).unwrap());
    let mut differences = attachment::differences(&book.conn, &files).unwrap();
    differences.sort_unstable();
    let mut expected = [
        (kept, FileState::Whole),
        (begun, FileState::Part),
        (lost, FileState::Nothing),
    ];
    expected.sort_unstable();
    assert_eq!(differences, expected);
    book.write(|tx, _, _| {
        for (hash, state) in &differences {
            attachment::note(tx, *hash, *state).unwrap();
        }
    });
    assert_eq!(attachment::differences(&book.conn, &files).unwrap(), []);
    assert_eq!(wanted(&book, &files, ZERO, 9), [(begun, 5, 3), (lost, 4, 0)]);
}
