//! What the region table promises.

use super::*;

fn names<'a>(regions: impl IntoIterator<Item = Region<'a>>) -> Vec<&'a str> {
    regions.into_iter().map(|region| region.name).collect()
}

#[test]
fn every_bundled_row_is_found_by_its_code_and_lies_in_a_parent() {
    let regions = Regions::bundled();
    let mut last = "";
    let mut count = 0;
    for line in BUNDLED.lines().skip(1) {
        let (code, name) = line.split_once(',').unwrap();
        assert!(last < code, "{code} is not sorted");
        assert!(Level::of(code).is_some(), "{code}");
        assert_eq!(regions.name(code), Some(name.trim().trim_matches('"')));
        if let Some((parent, _)) = code.rsplit_once('.') {
            assert!(regions.name(parent).is_some(), "{code} lies nowhere");
        }
        last = code;
        count += 1;
    }
    assert_eq!(count, 91_599);
}

#[test]
fn codes_that_do_not_exist_have_no_name() {
    let regions = Regions::bundled();
    for code in [
        "",
        "0",
        "00",
        "63.",
        "63.01.3",
        "63.01.03.",
        "63.01.03.9999",
        "99",
        "99.99",
        "code",
        "é",
    ] {
        assert_eq!(regions.name(code), None, "{code}");
        assert_eq!(regions.full_name(code), None, "{code}");
    }
}

#[test]
fn children_are_the_next_level_only() {
    let regions = Regions::bundled();
    assert_eq!(regions.children("").count(), 38);
    let districts: Vec<_> = regions.children("63.01").collect();
    assert_eq!(districts.len(), 11);
    assert!(
        districts
            .iter()
            .all(|region| Level::of(region.code) == Some(Level::District))
    );
    let villages: Vec<_> = regions.children("63.01.03").collect();
    assert_eq!(villages[0].name, "Sarang Halang");
    assert!(villages.len() > 10 && villages.iter().all(|region| region.code.starts_with("63.01.03.")));
    assert_eq!(regions.children("63.01.03.2008").count(), 0);
    assert_eq!(regions.children("63.9").count(), 0);
    assert_eq!(regions.children("99").count(), 0);
    let last = regions.children("96").last().map(|region| region.code);
    assert_eq!(last, Some("96.71"));
}

#[test]
fn a_full_name_says_of_which_kind_each_part_is() {
    let regions = Regions::bundled();
    let full = |code| regions.full_name(code).unwrap();
    assert_eq!(
        full("63.01.03.2008"),
        "Desa Sungai Riam, Kecamatan Pelaihari, Kabupaten Tanah Laut"
    );
    assert_eq!(
        full("63.01.03.1004"),
        "Kelurahan Angsau, Kecamatan Pelaihari, Kabupaten Tanah Laut"
    );
    assert!(full("91.03.01.3007").starts_with("Desa Adat Yoboi, Kecamatan "));
    assert_eq!(full("63.01.03"), "Kecamatan Pelaihari, Kabupaten Tanah Laut");
    assert_eq!(full("63.01"), "Kabupaten Tanah Laut");
    assert_eq!(full("63"), "Provinsi Kalimantan Selatan");
    assert_eq!(
        full("12.07.28.1007").split(", Kec").next(),
        Some("Kelurahan Lubuk Pakam I,II")
    );
}

#[test]
fn a_search_is_bounded_and_puts_the_best_first() {
    let regions = Regions::bundled();
    assert_eq!(names(regions.search("pelaihari", "63.01")), ["Pelaihari", "Pelaihari"]);
    assert_eq!(names(regions.search("SUNGAI  riam", "63.01")), ["Sungai Riam"]);
    assert_eq!(names(regions.search("riam", "63.01.03")), ["Sungai Riam"]);
    assert_eq!(names(regions.search("63.01.03", "63.01")), ["Pelaihari"]);
    assert!(regions.search("a", "").len() == SEARCH_RESULTS_MAX);
    assert!(regions.search("  ", "").is_empty());
    assert!(regions.search("tidak ada desa begini", "").is_empty());
    assert_eq!(regions.search("tanah laut", "")[0].code, "63.01");
}

#[test]
fn a_replacement_is_sorted_and_searched_in_the_same_way() {
    let text = "\u{feff}code,name\r\n63.01.03,Pelaihari\r\n\r\n63.01.03.2001,\"Baru, Satu\"\r\n63,Kalimantan Selatan\r\n63.01,Kabupaten Tanah Laut\r\n";
    let regions = Regions::parse(text).unwrap();
    assert_eq!(regions.name("63.01.03.2001"), Some("Baru, Satu"));
    assert_eq!(names(regions.children("63.01.03")), ["Baru, Satu"]);
    assert_eq!(names(regions.children("")), ["Kalimantan Selatan"]);
}

#[test]
fn a_bad_file_is_refused_and_names_its_line() {
    use RegionFileProblem::{Code, Columns, Count, Header, Name, Orphan, Twice};
    let refused = |text: &str| {
        let error = Regions::parse(text).unwrap_err();
        (error.line, error.problem)
    };
    assert_eq!(refused(""), (1, Header));
    assert_eq!(refused("63,Kalimantan Selatan\n"), (1, Header));
    assert_eq!(refused("code,name\n"), (1, Count));
    assert_eq!(refused("code,name\n63,Kalimantan Selatan\n63.1,X\n"), (3, Code));
    assert_eq!(refused("code,name\n63\n"), (2, Columns));
    assert_eq!(refused("code,name\n63,a,b\n"), (2, Columns));
    assert_eq!(refused("code,name\n63, \n"), (2, Name));
    assert_eq!(refused("code,name\n63,a\n64,b\n63,c\n"), (4, Twice));
    assert_eq!(refused("code,name\n63,a\n63.01.03,b\n"), (3, Orphan));
    let error = Regions::parse("code,name\n63,a\n63.1,b\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "region file, line 3: the code must look like 63, 63.01, 63.01.03 or 63.01.03.2001"
    );
}
