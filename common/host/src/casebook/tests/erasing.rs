//! Erasing a reporter: what is left, and what arrives afterwards.

use titian_domain::casefile::Place;
use titian_sync::item::{Item, ItemKind};

use super::*;
use crate::casebook::erase;

/// Records a complaint of somebody, and gives all that the log then holds.
fn recorded(book: &mut Book) -> (ComplaintId, Vec<Item>) {
    let id = book.record("Jembatan lapuk", "Rahma");
    (id, items(book))
}

fn items(book: &Book) -> Vec<Item> {
    let end = log::scope(&book.conn, &book.office).unwrap().unwrap().cursor.position;
    let entries = log::entries(&book.conn, &book.office, (0, end), Whose::NotFrom(None)).unwrap();
    entries.into_iter().map(|entry| entry.item).collect()
}

fn erase(book: &mut Book, id: ComplaintId) -> usize {
    book.write(|tx, rules, _| erase::erase(tx, rules, &[id], ("camat", UnixMillis(START)), "surat nomor 12").unwrap())
}

fn knows(book: &Book, name: &str) -> bool {
    !erase::of_person(&book.conn, name).unwrap().is_empty()
}

#[test]
fn a_husk_takes_the_place_of_the_record_and_log_and_digest_stay_as_they_are() {
    let mut book = Book::new();
    let (id, before) = recorded(&mut book);
    let digest = log::scope(&book.conn, &book.office).unwrap().unwrap().digest;
    assert!(knows(&book, "rahma"));
    assert_eq!(erase(&mut book, id), 1);
    assert!(!knows(&book, "rahma"));
    let after = items(&book);
    let fingerprints = |items: &[Item]| items.iter().map(Item::fingerprint).collect::<Vec<_>>();
    assert_eq!(fingerprints(&after)[..before.len()], fingerprints(&before));
    let husk = after.iter().find(|item| item.kind() == ItemKind::Reporter).unwrap();
    assert!(husk.is_husk());
    let mut expected = digest;
    expected.add(after.last().unwrap());
    let scope = log::scope(&book.conn, &book.office).unwrap().unwrap();
    assert_eq!(scope.digest, expected, "the order to erase is all that is new");
    assert_eq!(erase(&mut book, id), 0, "what is gone is not erased again");
    book.write(|tx, rules, _| project::rebuild(tx, rules).unwrap());
    assert!(!knows(&book, "rahma"));
}

#[test]
fn a_restricted_identity_is_erased_by_nobody_until_that_is_lifted_and_no_other_with_it() {
    let mut book = Book::new();
    let (free, held) = (
        book.record("Lampu padam", "Budi"),
        book.record("Jembatan lapuk", "Rahma"),
    );
    let change = |book: &mut Book, lift: bool| {
        let by = book.stamp();
        let written = book.write(|tx, rules, _| {
            edit::edit(tx, rules, (held, ItemKind::Intake), (&by, "step"), |case, _| {
                Ok(if lift {
                    case.lift_restrictions(Place::Office, "surat nomor 13", &by)?
                } else {
                    case.restrict(Place::Office, "surat nomor 12", &by)?
                })
            })
        });
        assert!(written.unwrap());
    };
    change(&mut book, false);
    let tx = book.conn.transaction().unwrap();
    let by = ("camat", UnixMillis(START));
    let refused = erase::erase(&tx, &book.rules, &[free, held], by, "surat nomor 14");
    assert!(matches!(refused, Err(EditError::Refused(Refusal::Restricted))));
    drop(tx);
    assert!(knows(&book, "rahma") && knows(&book, "budi"));
    change(&mut book, true);
    assert_eq!(erase(&mut book, held), 1);
    assert!(!knows(&book, "rahma"));
}

#[test]
fn in_whatever_order_record_husk_and_order_arrive_nobody_is_known_in_the_end() {
    let mut here = Book::new();
    let (id, before) = recorded(&mut here);
    erase(&mut here, id);
    let all: Vec<Item> = before.into_iter().chain(items(&here)).collect();
    let end = log::scope(&here.conn, &here.office).unwrap().unwrap().digest;
    for turn in 0..all.len() {
        let mut there = Book::new();
        for item in all.iter().cycle().skip(turn).take(all.len()) {
            there.write(|tx, rules, office| arrive::take(tx, rules, office, std::slice::from_ref(item), 5).unwrap());
        }
        assert!(!knows(&there, "rahma"), "begun at {turn}");
        let kept = log::bodies(&there.conn, id, ItemKind::Reporter).unwrap();
        assert!(kept.iter().all(|body| body[0] == 0), "begun at {turn}");
        assert_eq!(
            log::scope(&there.conn, &there.office).unwrap().unwrap().digest,
            end,
            "begun at {turn}"
        );
    }
}

#[test]
fn a_husk_that_is_no_hash_is_no_item() {
    let id = Some(ComplaintId::from_bytes([1; 16]));
    for length in [1, 32, 34, 500] {
        assert!(
            Item::new(ItemKind::Reporter, id, vec![0; length]).is_err(),
            "{length} bytes"
        );
    }
    assert!(Item::new(ItemKind::Reporter, id, vec![0; 33]).is_ok());
}
