//! Writing, loading and what spoils a load.

use super::*;

fn stamp(actor: u8, at: i64) -> Stamp {
    let id = EventId::new(UnixMillis(at), [actor; 10]);
    Stamp {
        at: UnixMillis(at),
        trusted: true,
        staff: format!("staff {actor}"),
        event: id,
        incarnation: Incarnation([actor; 16]),
    }
}

fn put(key: &str, text: &str) -> Vec<(String, ScalarValue)> {
    vec![(key.to_owned(), ScalarValue::Str(text.into()))]
}

#[test]
fn an_edit_based_on_an_older_state_of_one_program_stands_as_a_conflict() {
    let mut document = Document::empty();
    let first = document.write(None, &stamp(1, 1_000), put("title", "a"));
    let seen = document.heads();
    let second = document.write(Some(&seen), &stamp(1, 2_000), put("title", "b"));
    assert!(document.contenders("title").is_empty());
    let third = document.write(Some(&seen), &stamp(1, 3_000), put("title", "c"));
    assert_eq!(document.contenders("title").len(), 2);
    assert_eq!(inspect(&third.bytes).unwrap().incarnation, Incarnation([1; 16]));
    assert_eq!(inspect(&second.bytes).unwrap().dependencies, [first.hash]);

    let changes = [&third.bytes[..], &second.bytes, &first.bytes];
    let (loaded, bad) = Document::load(changes);
    assert_eq!(bad, []);
    let mut staff: Vec<_> = loaded
        .contenders("title")
        .into_iter()
        .map(|c| (c.value.to_string(), c.at.0))
        .collect();
    staff.sort();
    assert_eq!(staff, [("b".to_owned(), 2_000), ("c".to_owned(), 3_000)]);
}

#[test]
fn a_bad_change_is_named_and_the_others_are_merged() {
    let mut document = Document::empty();
    let first = document.write(None, &stamp(1, 1), put("title", "a"));
    let mut twin = Document::empty();
    let clash = twin.write(
        None,
        &stamp(1, 1),
        put("title", "other content under one sequence number"),
    );
    let mut torn = first.bytes.clone();
    torn.truncate(20);
    let (loaded, bad) = Document::load([&torn[..], &first.bytes, &clash.bytes, b""]);
    assert_eq!(loaded.text("title").as_deref(), Some("a"));
    let indexes: Vec<_> = bad.iter().map(|(index, _)| *index).collect();
    assert_eq!(indexes, [0, 3, 2]);
    assert_eq!(bad[2].1, BadChange::Contradicts);
}

#[test]
fn a_change_whose_dependency_is_missing_says_so() {
    let mut document = Document::empty();
    let first = document.write(None, &stamp(1, 1), put("title", "a"));
    let second = document.write(None, &stamp(1, 2), put("title", "b"));
    let (loaded, bad) = Document::load([&second.bytes[..]]);
    assert_eq!(bad, []);
    assert_eq!(loaded.missing_dependencies(), [first.hash]);
}
