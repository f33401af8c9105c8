//! What was ever written into the fields stays known, in the order in which it was.

use super::*;
use crate::particulars::Value;

#[test]
fn former_values_are_listed_with_who_wrote_them() {
    let mut desk = Desk { machine: 0, ticks: 0 };
    let (mut case, _) = CaseFile::record(id(), &register(), &sample(), &desk.stamp()).unwrap();
    case.note("dua anak terperosok", &desk.stamp()).unwrap();
    let base = case.intake_heads();
    let mut corrected = sample();
    corrected.title = "Jembatan ulin lapuk".into();
    case.amend(&base, &corrected, &desk.stamp()).unwrap();
    let titles: Vec<_> = case
        .writings()
        .into_iter()
        .map(|writing| {
            let title = writing.values.into_iter().find(|(field, _)| *field == Field::Title);
            (writing.staff, title.map(|(_, value)| value))
        })
        .collect();
    let wrote = |title: &str| ("staff 0".to_owned(), Some(Value::Text(title.to_owned())));
    assert_eq!(
        titles,
        [wrote("Jembatan kayu lapuk"), wrote("Jembatan ulin lapuk")],
        "a note writes into no field"
    );
}
