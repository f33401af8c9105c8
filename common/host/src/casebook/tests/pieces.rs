//! What travels in pieces is kept where it belongs behind what is here, and nowhere else.

use titian_domain::attachment::{AttachedFile, AttachmentHash, MediaType};
use titian_sync::item::ItemHash;
use titian_sync::wire::extension::{ATTACHMENTS_WANTED_MAX, Want, Whole};
use titian_sync::wire::frame::Piece;

use super::attachments::attach;
use super::*;
use crate::attachments::AttachmentFiles;
use crate::casebook::attachment::FileState;
use crate::casebook::pieces;

const PEER: u64 = 9;

struct Shelf {
    book: Book,
    files: AttachmentFiles,
    _folder: tempfile::TempDir,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            book: Book::new(),
            files: AttachmentFiles::open(folder.path()).unwrap(),
            _folder: folder,
        }
    }

    fn keep(&mut self, office: &str, piece: &Piece) {
        let (office, files) = (office.parse().unwrap(), &self.files);
        self.book
            .write(|tx, _, _| pieces::keep(tx, files, (&office, PEER), piece).unwrap());
    }

    fn wants(&self, start: Option<[u8; 32]>) -> Vec<Want> {
        pieces::wants(&self.book.conn, &self.files, (&self.book.office, PEER), start).unwrap()
    }

    fn read(&self, office: &str, hash: AttachmentHash, offset: u64) -> Option<(u64, Vec<u8>)> {
        let want = Want {
            of: Whole::Attachment,
            hash: ItemHash(hash.0),
            offset,
        };
        let office = office.parse().unwrap();
        let blob = pieces::read(&self.book.conn, &self.files, &office, &want).unwrap();
        blob.map(|blob| (blob.total, blob.bytes))
    }
}

fn piece(of: Whole, hash: [u8; 32], total: u64, offset: u64, bytes: &[u8]) -> Piece {
    Piece {
        of,
        hash: ItemHash(hash),
        total,
        offset,
        bytes: bytes.to_vec(),
    }
}

#[test]
fn of_a_large_item_only_the_next_piece_is_kept_and_one_from_the_start_begins_anew() {
    let mut shelf = Shelf::new();
    let (one, other) = ([1; 32], [2; 32]);
    let of = |hash, offset, bytes: &[u8]| piece(Whole::Item, hash, 9, offset, bytes);
    let held = |shelf: &Shelf| {
        let partial = pieces::partial(&shelf.book.conn, PEER).unwrap();
        partial.map(|partial| (partial.hash.0, partial.bytes))
    };
    shelf.keep("63.01.03", &of(one, 3, b"late"));
    assert_eq!(held(&shelf), None, "what it follows on never came");
    shelf.keep("63.01.03", &of(one, 0, b"abc"));
    shelf.keep("63.01.03", &of(one, 4, b"gap"));
    shelf.keep("63.01.03", &of(other, 3, b"def"));
    shelf.keep("63.01.03", &of(one, 3, b"def"));
    shelf.keep("63.01.03", &of(one, 3, b"twice"));
    assert_eq!(held(&shelf), Some((one, b"abcdef".to_vec())));
    assert_eq!(
        shelf.wants(None),
        [Want {
            of: Whole::Item,
            hash: ItemHash(one),
            offset: 6
        }]
    );
    shelf.keep("63.01.03", &of(other, 0, b"x"));
    assert_eq!(held(&shelf), Some((other, b"x".to_vec())));
    shelf.book.write(|tx, _, _| pieces::drop_partial(tx, PEER).unwrap());
    assert_eq!((held(&shelf), shelf.wants(None)), (None, vec![]));
}

#[test]
fn of_a_file_only_what_the_office_wants_is_kept_and_only_the_office_reads_it() {
    let mut shelf = Shelf::new();
    let id = shelf.book.record("Jembatan lapuk", "Rahma");
    let content = b"isi berkas";
    let hash = attach(&mut shelf.book, id, content);
    let of = |total, offset, bytes: &[u8]| piece(Whole::Attachment, hash.0, total, offset, bytes);
    // Another office, another length than the intake names, a gap: nothing of it is kept.
    shelf.keep("63.01.04", &of(10, 0, b"isi"));
    shelf.keep("63.01.03", &of(11, 0, b"isi"));
    shelf.keep("63.01.03", &of(10, 3, b"gap"));
    shelf.keep("63.01.03", &piece(Whole::Attachment, [9; 32], 3, 0, b"abc"));
    assert_eq!(shelf.files.state(hash), FileState::Nothing);

    shelf.keep("63.01.03", &of(10, 0, &content[..4]));
    let wanted = shelf.wants(Some([0; 32]));
    assert_eq!((wanted.len(), wanted[0].offset), (1, 4));
    assert_eq!(shelf.read("63.01.03", hash, 0), None, "half a file is read by nobody");
    shelf.keep("63.01.03", &of(10, 4, &content[4..]));
    assert_eq!(shelf.wants(Some([0; 32])), []);
    assert_eq!(shelf.read("63.01.03", hash, 4), Some((10, content[4..].to_vec())));
    assert_eq!(shelf.read("63.01.04", hash, 0), None, "it is no file of that office");
    // What came is not that file: it begins again from nothing.
    let other = attach(&mut shelf.book, id, b"lain");
    shelf.keep(
        "63.01.03",
        &piece(Whole::Attachment, other.0, 4, 0, b"salah"[..4].as_ref()),
    );
    assert_eq!(shelf.wants(Some([0; 32]))[0].offset, 0);
    assert_eq!(shelf.files.state(other), FileState::Nothing);
}

#[test]
fn no_more_files_are_wanted_at_once_than_a_whole_list_may_not_name() {
    let mut shelf = Shelf::new();
    let id = shelf.book.record("Jembatan lapuk", "Rahma");
    for number in 0..9 {
        let content = [number; 5];
        let file = AttachedFile {
            hash: AttachmentHash::of(&content),
            name: "foto.jpg".into(),
            media_type: MediaType::Jpeg,
            bytes: 5,
        };
        let by = shelf.book.stamp();
        shelf.book.write(|tx, rules, _| {
            edit::edit(tx, rules, (id, ItemKind::Intake), (&by, "step"), |case, _| {
                Ok(case.attach(&file, &by)?)
            })
            .unwrap()
        });
    }
    assert_eq!(shelf.wants(Some([0; 32])).len(), ATTACHMENTS_WANTED_MAX);
    assert_eq!(shelf.wants(None), []);
}
