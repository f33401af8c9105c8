//! What the fuzzer feeds, as plain functions: the tests replay the committed corpus through the same ones.
//!
//! Each must come back, whatever the bytes are. What the judge may not survive (loops, bombs) is for the limits of the
//! child process; inputs of that kind are kept out of its corpus and stand in `hostile::changes`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use titian_domain::airlock::{Case, Verdict, judge};
use titian_domain::casefile::CaseFile;
use titian_host::spreadsheet::workbook::{self, Limits};
use titian_sync::bundle;
use titian_sync::bundle::head::{BundleHead, Sender};
use titian_sync::bundle::label::Label;
use titian_sync::varint::Reader;
use titian_sync::wire::frame::{self, Carried, Frame};
use titian_sync::wire::head::{self, ReplyHead, RequestHead};
use titian_sync::wire::history::History;
use titian_sync::wire::pack::Unpacker;
use titian_sync::wire::seal::{self, Covered, Direction};

use crate::hostile::changes::Author;
use crate::hostile::sample_keys;

/// Takes any bytes, and comes back.
pub type Target = fn(&[u8]);

/// Each target with its name: that of its folder in `tests/fuzz/corpus`.
pub const TARGETS: [(&str, Target); 4] = [
    ("bundle", bundle),
    ("frame", frame),
    ("page", page),
    ("workbook", workbook),
];

/// Bytes of a change in a page's input stand behind their length.
const LENGTH_BYTES: usize = 2;

/// Reads a part of a bundle as both programs do once it is decrypted: as it is, and with right signatures, so that what
/// lies behind them is reached.
///
/// # Panics
/// When a part that was read is not what its frames say.
pub fn bundle(bytes: &[u8]) {
    let (sender, receiver) = sample_keys();
    if let Ok((label, length)) = Label::find(bytes) {
        assert_eq!(label.to_line().as_bytes(), &bytes[..length]);
    }
    let read = |part: &[u8]| bundle::read::read(part, receiver, |_| Some(sender.verifying_key()));
    let _ = read(bytes);
    let Ok(Some(found)) = head::find(bytes) else { return };
    let (head, mut rest) = (found.bytes, &bytes[found.bytes.len()..]);
    let direction = match BundleHead::read(found) {
        Ok(said) if said.sender == Sender::Gateway => Direction::BundleRequest { hub: receiver },
        Ok(_) => Direction::BundleReply { device: receiver },
        Err(_) => return,
    };
    let (mut signed, mut index) = (head.to_vec(), 0);
    while let Ok(Some(found)) = frame::find(rest, index) {
        let covered = Covered::Frame {
            index,
            bytes: found.bytes,
        };
        signed.extend_from_slice(found.bytes);
        signed.extend_from_slice(&seal::sign(&sender, direction, &seal::head_hash(head), covered));
        rest = &rest[found.length..];
        index += 1;
    }
    signed.extend_from_slice(rest);
    if let Ok((said, frames)) = read(&signed) {
        let mut place = said.start.position;
        for frame in frames {
            assert!(frame.cursor.position >= place + frame.items.len() as u64);
            place = frame.cursor.position;
        }
    }
}

/// Reads a body as the hub and the gateway read one: head, frames, and what is packed in them.
pub fn frame(bytes: &[u8]) {
    let mut rest = bytes;
    if let Ok(Some(found)) = head::find(bytes) {
        let _ = RequestHead::read(found);
        let _ = ReplyHead::read(found);
        rest = &bytes[found.bytes.len()..];
    }
    let Some(Ok(mut unpacker)) = Unpacker::new(0, History::default()) else {
        return;
    };
    let mut index = 0;
    while let Ok(Some(found)) = frame::find(rest, index) {
        if let Ok(Frame {
            carried: Carried::Items {
                count, check, payload, ..
            },
            ..
        }) = Frame::read(found.body)
            && let Ok(drafts) = unpacker.open(&payload, count)
        {
            let _ = unpacker.finish(drafts, &BTreeMap::new(), check);
        }
        rest = &rest[found.length..];
        index += 1;
    }
}

/// Judges a page of changes beside an honest complaint, as the child does; what fits must open.
///
/// # Panics
/// When the judge panics, or lets something pass that does not open.
pub fn page(bytes: &[u8]) {
    let author = page_author();
    let held = author.honest(1, 2);
    let held: Vec<&[u8]> = held.iter().map(Vec::as_slice).collect();
    let mut reader = Reader::new(bytes);
    let mut new = Vec::new();
    while let Ok(length) = reader.array::<LENGTH_BYTES>() {
        match reader.bytes(usize::from(u16::from_le_bytes(length))) {
            Ok(change) => new.push(change),
            Err(_) => break,
        }
    }
    let complaint = author.complaint(1);
    // The fuzzer ends at the first panic it sees; those that the judge catches are no find.
    std::panic::set_hook(Box::new(|_| {}));
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let verdicts = judge(Case {
            office: &author.office,
            complaint,
            held: &held,
            new: &new,
        });
        let fit = verdicts
            .iter()
            .zip(&new)
            .filter(|(verdict, _)| **verdict == Verdict::Fits);
        let all = held.iter().chain(fit.map(|(_, change)| change)).copied();
        let file = CaseFile::load(complaint, all, []);
        (file.unmerged().len(), file.complaint().is_some())
    }));
    let _ = std::panic::take_hook();
    assert_eq!(judged.ok(), Some((0, true)), "what passed the airlock must open");
}

/// Who wrote the honest complaint that pages build on.
pub fn page_author() -> Author {
    Author::of(&"63.01.03".parse().expect("three pairs of digits"), 5)
}

/// Writes changes as the input of [`page`].
pub fn page_input(changes: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for change in changes {
        let Ok(length) = u16::try_from(change.len()) else {
            continue;
        };
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(change);
    }
    out
}

/// Reads a workbook as the imports of both programs do.
pub fn workbook(bytes: &[u8]) {
    const LIMITS: Limits = Limits {
        file_bytes: 1 << 20,
        unfolded_bytes: 8 << 20,
        rows: 1_000,
    };
    let _ = workbook::find_sheet(bytes, LIMITS, |rows| {
        let cells: usize = rows.iter().map(|row| row.cells.len()).sum();
        // Goes on to the last sheet.
        (cells == usize::MAX).then_some(())
    });
}
