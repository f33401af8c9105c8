//! Who is anonymous or restricted is found by no search for their name, whatever happened in which order.

use titian_domain::casefile::Place;
use titian_domain::particulars::Particulars;

use super::*;

/// Tells how many complaints are found by a name, as they stand and once all is derived anew.
fn found(book: &mut Book, name: &str, by_name: bool) -> usize {
    let filter = Filter {
        text: Some(name.into()),
        by_name,
        ..Filter::default()
    };
    let before = book.list(&filter);
    book.write(|tx, rules, _| project::rebuild(tx, rules).unwrap());
    assert_eq!(book.list(&filter), before, "derived anew");
    before.len()
}

fn anonymous(book: &mut Book, id: ComplaintId, anonymous: bool) {
    let by = book.stamp();
    let changed = book.write(|tx, rules, _| {
        let mut case = project::load(tx, id).unwrap();
        let (base, complaint) = (case.intake_heads(), case.complaint().unwrap());
        let particulars = Particulars {
            anonymous,
            ..complaint.particulars
        };
        edit::edit(tx, rules, (id, ItemKind::Intake), (&by, "step"), |case, _| {
            Ok(case.amend(&base, &particulars, &by)?)
        })
    });
    assert!(changed.unwrap());
}

fn restrict(book: &mut Book, id: ComplaintId, place: Place, lift: bool) {
    let by = book.stamp();
    let kind = match place {
        Place::Office => ItemKind::Intake,
        Place::Hub => ItemKind::Handling,
    };
    let changed = book.write(|tx, rules, _| {
        edit::edit(tx, rules, (id, kind), (&by, "step"), |case, _| {
            Ok(if lift {
                case.lift_restrictions(place, "surat nomor 13", &by)?
            } else {
                case.restrict(place, "surat nomor 12", &by)?
            })
        })
    });
    assert!(changed.unwrap());
}

#[test]
fn no_search_finds_who_is_anonymous_or_restricted_by_their_name() {
    let mut book = Book::new();
    let id = book.record("Jembatan lapuk", "Rahma Yulianti");
    assert_eq!(found(&mut book, "yulianti", true), 1);
    assert_eq!(found(&mut book, "yulianti", false), 0, "for who may not see names");
    anonymous(&mut book, id, true);
    assert_eq!(found(&mut book, "yulianti", true), 0);
    assert_eq!(found(&mut book, "%", true), 0, "nor by what fits every name");
    assert_eq!(found(&mut book, "jembatan", true), 1, "by its words as before");
    anonymous(&mut book, id, false);
    assert_eq!(found(&mut book, "yulianti", true), 1);
    for (place, other) in [(Place::Office, Place::Hub), (Place::Hub, Place::Office)] {
        restrict(&mut book, id, place, false);
        assert_eq!(found(&mut book, "yulianti", true), 0, "{place:?}");
        restrict(&mut book, id, other, true);
        assert_eq!(found(&mut book, "yulianti", true), 1, "{other:?}");
    }
}

#[test]
fn a_complaint_that_was_not_projected_since_an_update_is_found_by_no_name() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(CASEBOOK_MIGRATION.sql).unwrap();
    let tx = conn.transaction().unwrap();
    tx.execute_batch(
        "INSERT INTO reporter VALUES (zeroblob(32), 'Rahma', '', '', '', '');
         INSERT INTO complaint (id, office, register, stage, round, received, title, channel, category, institution, region,
             received_at, stage_since, paused, reverify, conflicts, unmerged, anonymous, confidential, reporter)
         VALUES (zeroblob(16), '63.01.03', '63.01.03/A/2026/0001', 'recorded', 0, 0, '', 'visit', '', '', '', 0, 0, 0, 0, 0, 0, 1, 0,
             zeroblob(32));",
    )
    .unwrap();
    tx.execute_batch(NAME_HIDDEN_MIGRATION.sql).unwrap();
    tx.commit().unwrap();
    let filter = Filter {
        text: Some("rahma".into()),
        by_name: true,
        ..Filter::default()
    };
    assert_eq!(list::list(&conn, &filter).unwrap(), []);
}
