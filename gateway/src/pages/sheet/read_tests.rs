//! How a filled-in sheet is read.

use titian_domain::lang::Lang;
use titian_host::texts::Texts;

use super::*;
use crate::pages::TEXTS;

fn read(changes: &[(&str, &str)]) -> Result<Sheet, Problems> {
    let words = Words::new(&Texts::new(&TEXTS).unwrap(), Lang::En, Zone::Wita);
    let regions = Regions::bundled();
    let reader = SheetReader {
        words: &words,
        zone: Zone::Wita,
        regions: &regions,
        regency: "63.01".to_owned(),
    };
    let mut typed = Typed::default();
    typed.set("channel", "visit");
    typed.set("received_at", "2026-03-27T10:15");
    for (name, value) in changes {
        typed.set(name, *value);
    }
    reader.read(&typed, None)
}

fn event_date(text: &str) -> Result<String, Problems> {
    read(&[("event_date", text)]).map(|sheet| sheet.particulars.event_date)
}

#[test]
fn a_date_is_kept_as_iso_and_words_stay_words() {
    for text in ["9/3/2026", "09-03-2026", "9.3.26", "2026-03-09", " 2026/3/9 "] {
        assert_eq!(event_date(text).unwrap(), "2026-03-09", "{text}");
    }
    for text in ["sejak awal Maret", "9 Maret", "3/2026", ""] {
        assert_eq!(event_date(text).unwrap(), text);
    }
    assert!(event_date("31/2/2026").unwrap_err().of("event_date").is_some());
}

#[test]
fn the_time_of_receipt_is_read_in_the_offices_zone() {
    let at = |text: &str| read(&[("received_at", text)]).map(|sheet| sheet.particulars.received_at.0);
    for text in [
        "2026-03-27T10:15",
        "27/3/2026 10:15",
        "27-3-2026 10:15",
        "27/03/2026 10.15",
    ] {
        assert_eq!(at(text).unwrap(), 1_774_577_700_000, "{text}");
    }
    for text in ["", "kemarin", "2026-02-30T10:15", "1950-01-01T00:00"] {
        assert!(at(text).unwrap_err().of("received_at").is_some(), "{text}");
    }
}

#[test]
fn a_region_is_taken_by_choice_by_code_or_by_a_name_that_is_alone() {
    let region = |chosen: &str, wanted: &str| {
        read(&[("region", chosen), ("region_search", wanted)]).map(|sheet| sheet.particulars.region)
    };
    assert_eq!(region("63.01.03.2008", "").unwrap(), "63.01.03.2008");
    assert_eq!(region("", "63.01.01.2002").unwrap(), "63.01.01.2002");
    assert_eq!(
        region("63.01.03.2008", "tabanio").unwrap(),
        "63.01.01.2002",
        "what was looked for last is meant"
    );
    assert!(region("", "sungai").unwrap_err().of("region").is_some());
    assert!(region("", "Atlantis").unwrap_err().of("region_search").is_some());
    assert!(region("99.99.99.9999", "").unwrap_err().of("region").is_some());
}

#[test]
fn identity_numbers_are_kept_in_one_form_and_a_record_stays_within_its_limit() {
    let sheet = read(&[
        ("reporter_nik", "6301 0341 0790 0001"),
        ("reporter_phone", "(0512) 21445"),
    ])
    .ok()
    .unwrap();
    assert_eq!(
        (sheet.reporter.nik.as_str(), sheet.reporter.phone.as_str()),
        ("6301034107900001", "+6251221445")
    );
    let widest = |count: usize| "𝔄".repeat(count);
    let full = read(&[
        ("reporter_name", &widest(REPORTER_LINE_CHARS_MAX)),
        ("reporter_address", &widest(REPORTER_ADDRESS_CHARS_MAX)),
        (
            "reporter_email",
            &format!("{}@a.id", widest(REPORTER_LINE_CHARS_MAX - 5)),
        ),
        ("reporter_nik", "6301034107900001"),
    ]);
    let record = full.ok().unwrap().reporter.salted([7; 16]);
    assert!(record.to_bytes().len() <= titian_domain::reporter::REPORTER_BYTES_MAX);
    let over = read(&[("reporter_address", &widest(REPORTER_ADDRESS_CHARS_MAX + 1))]);
    assert!(over.err().unwrap().of("reporter_address").is_some());
}

#[test]
fn what_only_a_browser_changed_is_no_edit() {
    let mut known = Particulars::new(Channel::Visit, UnixMillis(1_774_577_700_000));
    known.narrative = " Satu.\r\nDua. ".to_owned();
    let words = Words::new(&Texts::new(&TEXTS).unwrap(), Lang::En, Zone::Wita);
    let regions = Regions::bundled();
    let reader = SheetReader {
        words: &words,
        zone: Zone::Wita,
        regions: &regions,
        regency: String::new(),
    };
    let before = Before {
        particulars: &known,
        reporter: None,
    };
    let mut typed = crate::pages::sheet::typed(&known, Zone::Wita);
    typed.set("narrative", "Satu.\r\nDua.");
    assert_eq!(reader.read(&typed, Some(&before)).ok().unwrap().particulars, known);
    typed.set("narrative", "Satu. Dua.");
    assert_eq!(
        reader.read(&typed, Some(&before)).ok().unwrap().particulars.narrative,
        "Satu. Dua."
    );
}
