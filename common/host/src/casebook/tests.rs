//! What lists and searches show follows the log, in the same transaction, and can be derived from it anew.

mod attachments;
mod erasing;
mod names;
mod pieces;

use rusqlite::{Connection, Transaction};
use sha2::Digest as _;
use titian_domain::calendar::Calendar;
use titian_domain::completeness::Missing;
use titian_domain::deadline::Procedure;
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, EventId, Incarnation, OfficeCode};
use titian_domain::particulars::Particulars;
use titian_domain::refusal::Refusal;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification, Stage};
use titian_sync::digest::Digest;
use titian_sync::item::{Item, ItemKind};
use titian_sync::wire::extension::Quarantined;

use super::edit::{self, EditError};
use super::erase::ERASE_MIGRATION;
use super::explain;
use super::list::{self, Filter};
use super::log::{self, Whose};
use super::project::{self, Rules};
use super::{
    ATTACHMENT_MIGRATION, CASEBOOK_MIGRATION, NAME_HIDDEN_MIGRATION, PARTIAL_MIGRATION, REFUSED_MIGRATION,
    REPAIR_MIGRATION, arrive, refused,
};
use crate::audit::AUDIT_MIGRATION;

const START: i64 = 1_773_100_000_000;

struct Book {
    conn: Connection,
    office: OfficeCode,
    rules: Rules,
    ticks: u8,
}

impl Book {
    fn new() -> Self {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(CASEBOOK_MIGRATION.sql).unwrap();
        conn.execute_batch(ATTACHMENT_MIGRATION.sql).unwrap();
        conn.execute_batch(REPAIR_MIGRATION.sql).unwrap();
        conn.execute_batch(REFUSED_MIGRATION.sql).unwrap();
        conn.execute_batch(PARTIAL_MIGRATION.sql).unwrap();
        conn.execute_batch(AUDIT_MIGRATION.sql).unwrap();
        conn.execute_batch(ERASE_MIGRATION.sql).unwrap();
        conn.execute_batch(NAME_HIDDEN_MIGRATION.sql).unwrap();
        let office: OfficeCode = "63.01.03".parse().unwrap();
        let tx = conn.transaction().unwrap();
        log::open_scope(&tx, &office, [7; 16]).unwrap();
        tx.commit().unwrap();
        let rules = Rules {
            procedure: Procedure::default(),
            calendar: Calendar::bundled(),
            fingerprint: [1; 32],
        };
        Self {
            conn,
            office,
            rules,
            ticks: 0,
        }
    }

    fn stamp(&mut self) -> Stamp {
        self.ticks += 1;
        let at = UnixMillis(START + i64::from(self.ticks) * 1000);
        let event = EventId::new(at, [self.ticks; 10]);
        Stamp {
            at,
            trusted: true,
            staff: "siti".into(),
            event,
            incarnation: Incarnation([3; 16]),
        }
    }

    fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>, &Rules, &OfficeCode) -> T) -> T {
        let tx = self.conn.transaction().unwrap();
        let answer = work(&tx, &self.rules, &self.office);
        tx.commit().unwrap();
        answer
    }

    fn record(&mut self, title: &str, name: &str) -> ComplaintId {
        let by = self.stamp();
        let (serial, salt) = (u32::from(self.ticks), self.ticks);
        let id = ComplaintId::new(by.at, [self.ticks; 10]);
        let mut particulars = Particulars {
            classification: Some(Classification::Complaint),
            category: "Infrastruktur".into(),
            title: title.into(),
            narrative: "Sudah dua kali dilaporkan ke ketua RT dan belum ada hasil.".into(),
            event_date: "2026-03-09".into(),
            region: "63.01.03.2001".into(),
            institution: "Dinas PUPR".into(),
            ..Particulars::new(Channel::Visit, by.at)
        };
        let reporter = ReporterRecord {
            name: name.into(),
            phone: "+628120000001".into(),
            ..ReporterRecord::default()
        };
        self.write(|tx, rules, office| {
            let hash = edit::keep_reporter(tx, (office, id), &reporter.salted([salt; 16])).unwrap();
            particulars.reporter = Some(hash);
            let register = format!("{office}/A/2026/{serial:04}").parse().unwrap();
            edit::record(tx, rules, (id, &register), &particulars, None, &by).unwrap();
        });
        id
    }

    fn verify(&mut self, id: ComplaintId) -> Result<bool, EditError> {
        let by = self.stamp();
        self.write(|tx, rules, _| {
            edit::edit(tx, rules, (id, ItemKind::Intake), (&by, "step"), |case, known| {
                Ok(Some(case.verify(known, &by)?))
            })
        })
    }

    fn list(&self, filter: &Filter) -> Vec<String> {
        list::list(&self.conn, filter)
            .unwrap()
            .into_iter()
            .map(|row| row.title)
            .collect()
    }

    fn everything(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for table in ["complaint", "reporter"] {
            let mut statement = self.conn.prepare(&format!("SELECT * FROM {table} ORDER BY 2")).unwrap();
            // The row number is no fact: it may differ when rows are derived in another order.
            let first = usize::from(table == "complaint");
            let columns = first..statement.column_count();
            let mut found = statement.query([]).unwrap();
            while let Some(row) = found.next().unwrap() {
                let cells: Vec<_> = columns
                    .clone()
                    .map(|column| format!("{:?}", row.get_ref_unwrap(column)))
                    .collect();
                rows.push(cells.join("|"));
            }
        }
        rows
    }
}

#[test]
fn an_edit_shows_in_lists_counts_and_search_at_once() {
    let mut book = Book::new();
    let bridge = book.record("Jembatan lapuk", "Rahma Yulianti");
    book.record("Lampu jalan padam", "Budi Santoso");
    assert_eq!(book.list(&Filter::default()), ["Lampu jalan padam", "Jembatan lapuk"]);
    let search = |text: &str| {
        book.list(&Filter {
            text: Some(text.into()),
            by_name: true,
            ..Filter::default()
        })
    };
    assert_eq!(search("jemb"), ["Jembatan lapuk"], "an unfinished word");
    assert_eq!(search("LAPUK jembatan"), ["Jembatan lapuk"], "every word, in any order");
    assert_eq!(search("yulianti"), ["Jembatan lapuk"], "the reporter's name");
    assert_eq!(search("0002 2026"), ["Lampu jalan padam"], "the number");
    assert_eq!(search("!!!"), Vec::<String>::new(), "no word at all");
    assert_eq!(
        search("\" OR *"),
        Vec::<String>::new(),
        "signs of the search language are plain text"
    );

    assert!(book.verify(bridge).unwrap());
    let counts: Vec<_> = list::counts(&book.conn, None)
        .unwrap()
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(counts, [(Stage::Recorded, 1), (Stage::Verified, 1)]);
    assert_eq!(
        book.list(&Filter {
            stage: Some(Stage::Verified),
            ..Filter::default()
        }),
        ["Jembatan lapuk"]
    );
    let row = list::summary(&book.conn, bridge).unwrap().unwrap();
    assert_eq!(row.step.as_deref(), Some("forward"));
    let overdue = |at: UnixMillis| {
        book.list(&Filter {
            overdue_at: Some(at),
            ..Filter::default()
        })
        .len()
    };
    assert_eq!(
        (overdue(UnixMillis(START)), overdue(UnixMillis(START + 40 * 86_400_000))),
        (0, 2)
    );
    assert_eq!(
        book.list(&Filter {
            before: Some(bridge),
            ..Filter::default()
        }),
        Vec::<String>::new()
    );
}

#[test]
fn a_complaint_is_found_by_each_of_its_names() {
    let mut book = Book::new();
    let id = book.record("Jembatan lapuk", "Rahma");
    let find = |name: &str| list::find(&book.conn, name).unwrap();
    assert_eq!(find(&id.to_string()), [id]);
    assert_eq!(find(" 63.01.03/A/2026/0001 "), [id]);
    assert_eq!(find("63.01.03/A/2026/0009"), []);
    assert_eq!(find(&ComplaintId::new(UnixMillis(1), [1; 10]).to_string()), []);
}

#[test]
fn a_refused_edit_leaves_no_trace() {
    let mut book = Book::new();
    let id = book.record("Jembatan lapuk", "Rahma");
    let before = (log::scope(&book.conn, &book.office).unwrap(), book.everything());
    let by = book.stamp();
    let refused = book.write(|tx, rules, _| {
        edit::edit(tx, rules, (id, ItemKind::Intake), (&by, "step"), |case, known| {
            Ok(Some(case.forward(known, &by)?))
        })
    });
    assert!(matches!(refused, Err(EditError::Refused(Refusal::NotNow { .. }))));
    assert_eq!(
        (log::scope(&book.conn, &book.office).unwrap(), book.everything()),
        before
    );
}

#[test]
fn projections_derived_anew_are_what_they_were() {
    let mut book = Book::new();
    let ids: Vec<_> = (0..5)
        .map(|n| book.record(&format!("Laporan {n}"), &format!("Pelapor {n}")))
        .collect();
    book.verify(ids[1]).unwrap();
    book.verify(ids[3]).unwrap();
    let before = book.everything();
    assert_eq!(before.len(), 10);
    book.conn
        .execute("UPDATE complaint SET title = 'rusak', due_at = 1", [])
        .unwrap();
    book.conn.execute("DELETE FROM reporter", []).unwrap();
    assert_ne!(book.everything(), before);
    assert_eq!(book.write(|tx, rules, _| project::rebuild(tx, rules).unwrap()), 5);
    assert_eq!(book.everything(), before);
    assert_eq!(
        book.list(&Filter {
            text: Some("laporan 3".into()),
            ..Filter::default()
        }),
        ["Laporan 3"]
    );
}

#[test]
fn other_rules_derive_the_deadlines_anew_and_the_same_ones_do_not() {
    let mut book = Book::new();
    book.record("Jembatan lapuk", "Rahma");
    assert_eq!(book.write(|tx, rules, _| project::renew(tx, rules).unwrap()), Some(1));
    assert_eq!(book.write(|tx, rules, _| project::renew(tx, rules).unwrap()), None);
    book.rules.fingerprint = [2; 32];
    assert_eq!(book.write(|tx, rules, _| project::renew(tx, rules).unwrap()), Some(1));
}

#[test]
fn what_arrives_twice_or_out_of_order_is_the_same_in_the_end() {
    let mut here = Book::new();
    let id = here.record("Jembatan lapuk", "Rahma");
    here.verify(id).unwrap();
    let end = log::scope(&here.conn, &here.office).unwrap().unwrap();
    let entries = log::entries(&here.conn, &here.office, (0, end.cursor.position), Whose::WrittenHere).unwrap();
    assert_eq!(entries.len(), 4, "registration, reporter, recording, verification");
    assert_eq!(entries.last().unwrap().cursor, end.cursor);
    let items: Vec<Item> = entries.into_iter().map(|entry| entry.item).collect();

    let mut there = Book::new();
    for item in items.iter().rev().chain(&items) {
        there.write(|tx, rules, office| arrive::take(tx, rules, office, std::slice::from_ref(item), 5).unwrap());
    }
    let scope = log::scope(&there.conn, &there.office).unwrap().unwrap();
    assert_eq!((scope.cursor.position, scope.digest), (4, end.digest));
    assert_ne!(scope.digest, Digest::EMPTY);
    assert_ne!(
        scope.cursor.hash, end.cursor.hash,
        "the running hash is over the order, the digest over the set"
    );
    assert_eq!(there.everything(), here.everything());
    let skipped = log::entries(&there.conn, &there.office, (0, 4), Whose::NotFrom(Some(5))).unwrap();
    assert!(skipped.is_empty(), "a device is not sent what it brought");
    let prefix = items[2].hash().prefix();
    let held = log::held(&there.conn, &there.office, &[prefix]).unwrap();
    assert!(
        matches!(held[&prefix], titian_sync::engine::Held::One { hash, complaint } if hash == items[2].hash() && complaint == id)
    );
}

#[test]
fn one_change_that_cannot_be_merged_harms_no_other() {
    let mut book = Book::new();
    let id = book.record("Jembatan lapuk", "Rahma");
    // Well-formed on the outside, nonsense inside: a change chunk with a right checksum over a broken body.
    let broken = broken_change();
    let item = Item::new(ItemKind::Intake, Some(id), broken).unwrap();
    book.write(|tx, rules, office| arrive::take(tx, rules, office, &[item], 5).unwrap());
    let row = list::summary(&book.conn, id).unwrap().unwrap();
    assert_eq!((row.title.as_str(), row.unmerged), ("Jembatan lapuk", 1));
    assert!(book.verify(id).unwrap(), "the complaint goes on");
    let missing = titian_domain::completeness::missing(
        &project::load(&book.conn, id).unwrap().complaint().unwrap().particulars,
        titian_domain::reporter::Reporter::Erased,
    );
    assert_eq!(missing, Vec::<Missing>::new());
}

/// Makes a change chunk whose body automerge cannot read.
fn broken_change() -> Vec<u8> {
    let body = [
        0_u8, 16, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 1, 0, 0, 0xff, 0xff, 0xff,
    ];
    let mut hashed = vec![1_u8, u8::try_from(body.len()).unwrap()];
    hashed.extend_from_slice(&body);
    let checksum = sha2::Sha256::digest(&hashed);
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83];
    chunk.extend_from_slice(&checksum[..4]);
    chunk.extend_from_slice(&hashed);
    chunk
}

#[test]
fn fingerprints_are_those_of_the_items_and_no_body_is_read_for_them() {
    let mut book = Book::new();
    book.record("Jembatan kayu lapuk", "Rahma");
    let all = log::entries(&book.conn, &book.office, (1, 99), Whose::NotFrom(None)).unwrap();
    let expected = all
        .iter()
        .map(|entry| (entry.cursor.position, entry.item.fingerprint()));
    let listed = log::fingerprints(&book.conn, &book.office, (1, 99)).unwrap();
    let listed = listed.iter().map(|listed| (listed.position, listed.fingerprint));
    assert!(!all.is_empty() && listed.eq(expected));
    let sql = format!("EXPLAIN QUERY PLAN {}", log::FINGERPRINTS);
    let plan: String = book
        .conn
        .query_row(&sql, ("63.01.03", 0, 9, 9), |row| row.get(3))
        .unwrap();
    assert!(plan.contains("USING COVERING INDEX item_fingerprint"), "{plan}");
}

#[test]
fn what_the_other_side_lacks_of_a_complaint_is_named_with_its_time() {
    let mut book = Book::new();
    let id = book.record("Jembatan kayu lapuk", "Rahma");
    let delivered = log::scope(&book.conn, &book.office).unwrap().unwrap().cursor.position;
    let at = |holds| explain::OtherSide {
        holds,
        whose: Whose::WrittenHere,
    };
    let whole = explain::explain(&book.conn, &book.office, id, at(delivered)).unwrap();
    assert!(whole.is_whole() && whole.here == whole.there);
    book.verify(id).unwrap();
    assert_eq!(
        explain::incomplete(&book.conn, &book.office, at(delivered)).unwrap(),
        [id]
    );
    let explained = explain::explain(&book.conn, &book.office, id, at(delivered)).unwrap();
    assert_eq!(explained.there, whole.here);
    let [missing] = &explained.missing_there[..] else {
        panic!("one change is missing: {explained:?}");
    };
    assert_eq!(explained.here.intake, std::slice::from_ref(&missing.hash));
    assert_eq!(missing.since, Some(UnixMillis(START + 2_000)));
    assert!(!explained.is_whole());
}

#[test]
fn what_the_hub_keeps_aside_counts_no_more_until_it_is_off_the_list() {
    let mut book = Book::new();
    let id = book.record("Jembatan kayu lapuk", "Rahma");
    let digest = |book: &Book| log::scope(&book.conn, &book.office).unwrap().unwrap().digest;
    let whole = digest(&book);
    let last = log::entries(&book.conn, &book.office, (0, 99), Whose::WrittenHere).unwrap();
    let last = last.last().unwrap().item.clone();
    let mut front = [0; 8];
    front.copy_from_slice(&last.fingerprint()[..8]);
    let unknown = Quarantined {
        front: [7; 8],
        reason: 3,
    };
    let naming = |reason| vec![Quarantined { front, reason }, unknown];
    let take = |book: &mut Book, list: Vec<Quarantined>, at| {
        book.write(|tx, _, office| refused::take_list(tx, office, &list, UnixMillis(at)).unwrap());
    };
    take(&mut book, naming(7), 5);
    take(&mut book, naming(200), 9);
    let told = refused::of_complaint(&book.conn, id).unwrap().unwrap();
    assert_eq!(
        (told.items, told.since, told.reason),
        (1, UnixMillis(5), None),
        "a newer hub's reason"
    );
    let mut without = whole;
    without.remove(&last);
    assert_eq!(digest(&book), without);
    let listed = log::fingerprints(&book.conn, &book.office, (0, 99)).unwrap();
    assert!(listed.iter().all(|listed| listed.fingerprint != last.fingerprint()));
    take(&mut book, Vec::new(), 11);
    assert_eq!(digest(&book), whole);
    assert_eq!(refused::of_complaint(&book.conn, id).unwrap(), None);
}
