//! The register as a spreadsheet: text in every cell, reporters masked, and each of it in the audit log.

use std::fs;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use serde_json::json;
use titian_demo::cast::{Cast, OPERATOR};
use titian_demo::program::Program;
use titian_demo::visitor::Visitor;
use titian_host::export::as_written;

use crate::stage::{Stage, list, sheet};

/// What a spreadsheet must not compute, one for each field that people type.
const FORMULAS: [(&str, &str); 13] = [
    ("title", "=HYPERLINK(\"http://evil.example\",\"klik\")"),
    (
        "narrative",
        "@SUM(1+1)*cmd|' /C calc'!A0 dan seterusnya; =1+1 sampai cukup panjang\n- untuk sebuah laporan",
    ),
    ("category", "=1+1"),
    ("event_date", "-1+1"),
    ("place", "+1+1"),
    ("institution", "＝1+1"),
    ("answer", "\"=1+1"),
    ("why_nameless", "=2+1"),
    ("why_unreachable", "@SUM(2)"),
    ("reporter_name", "=1+1"),
    ("reporter_nik", "6301034101900001"),
    ("reporter_email", "=1+1@contoh.example"),
    ("reporter_address", "\u{a0}=1+1"),
];
const PHONE: &str = "+6281200000777";

fn export(program: &Program, args: &[&str]) -> Option<i32> {
    program.run(&[&["export"], args].concat()).unwrap().code
}

fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let bytes = fs::read(path).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let text = text
        .strip_prefix('\u{feff}')
        .expect("Excel reads it as UTF-8 only with this in front");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// An office with three complaints, one of them full of formulas, which the hub has too.
fn office(stage: &Stage) -> Cast {
    let mut cast = Cast::set_up(stage).unwrap();
    for number in 0..2 {
        let recorded = cast.pelaihari.add(&sheet(number)).unwrap();
        cast.pelaihari.step(&["verify", &recorded.id]).unwrap();
        cast.pelaihari.step(&["forward", &recorded.id]).unwrap();
    }
    let mut harmful = sheet(2);
    for (field, formula) in FORMULAS {
        harmful[field] = json!(formula);
    }
    harmful["reporter_phone"] = json!(PHONE);
    cast.pelaihari.add(&harmful).unwrap();
    cast.hub.serve().unwrap();
    cast.pelaihari.sync().unwrap();
    let disposed = list(&cast.hub.program).pop().unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    cast.hub.step(&["accept", &disposed]).unwrap();
    cast.hub
        .step(&["enter", &disposed, "--tracking-id", "5049672"])
        .unwrap();
    cast.hub.step(&["dispose", &disposed, "--institution", "=3+1"]).unwrap();
    cast.pelaihari.sync().unwrap();
    cast.hub.program.stop().unwrap();
    cast
}

#[test]
fn no_cell_of_either_form_is_a_formula_or_a_number_and_reporters_are_masked() {
    let stage = Stage::new();
    let cast = office(&stage);
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        let file = |name: &str| stage.folder().join(format!("{}-{name}", program.name()));
        let (csv, xlsx) = (file("register.csv"), file("register.xlsx"));
        assert_eq!(export(program, &[csv.to_str().unwrap()]), Some(0));
        assert_eq!(export(program, &[xlsx.to_str().unwrap()]), Some(0));
        let rows = csv_rows(&csv);
        assert_eq!(rows.len(), 4, "a heading and three complaints");
        let all = rows.concat();
        // Also where a spreadsheet takes `;` for the separator.
        let computed = |cell: &&String| {
            let mut parts = cell.split([';', '\n']);
            parts.any(|part| {
                part.trim_start_matches([' ', '\u{a0}', '"'])
                    .starts_with(['=', '+', '-', '@', '＝'])
            })
        };
        assert_eq!(all.iter().find(computed), None);
        let shown_open = [
            "title",
            "narrative",
            "category",
            "event_date",
            "place",
            "institution",
            "answer",
            "why_nameless",
            "why_unreachable",
        ];
        for (field, formula) in FORMULAS.iter().filter(|(field, _)| shown_open.contains(field)) {
            let back = |cell: &String| as_written(cell) == *formula;
            assert!(
                all.iter().any(|cell| cell.starts_with('\'') && back(cell)),
                "{field} in {}",
                program.name()
            );
        }
        assert!(
            all.iter().any(|cell| cell == "'=3+1"),
            "what LAPOR says is no more trusted"
        );
        let shown = all.join("\n");
        assert!(
            !shown.contains("6301034101900001") && !shown.contains("81200000777") && !shown.contains("contoh.example"),
            "masked"
        );
        assert!(shown.contains("••••••••••••0001"));

        let mut workbook: Xlsx<_> = open_workbook(&xlsx).unwrap();
        let name = workbook.sheet_names()[0].clone();
        let formulas = workbook.worksheet_formula(&name).unwrap();
        assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()));
        let range = workbook.worksheet_range(&name).unwrap();
        assert!(
            range.used_cells().all(|(_, _, cell)| matches!(cell, Data::String(_))),
            "text alone"
        );
        let cells: Vec<Vec<String>> = range
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect();
        assert_eq!(cells, rows, "both forms say the same");
    }
    stage.assert_no_errors();
}

#[test]
fn a_browser_saves_what_the_list_shows_masked_and_noted() {
    let stage = Stage::new();
    let mut cast = office(&stage);
    cast.pelaihari.serve().unwrap();
    let mut visitor = Visitor::new(cast.pelaihari.program.address().unwrap()).unwrap();
    assert_ne!(
        visitor.post("/ekspor", &[("form", "csv")]).unwrap().status,
        200,
        "nobody is signed in"
    );
    visitor.log_in(OPERATOR.name, OPERATOR.password).unwrap();
    assert!(visitor.get("/").unwrap().html.contains("action=\"/ekspor\""));
    let searched = visitor.submit("/cari", &[("text", "nomor \">")]).unwrap().html;
    assert!(
        searched.contains("action=\"/ekspor\"") && !searched.contains("nomor \">"),
        "{searched}"
    );
    let all = visitor
        .post("/ekspor", &[("form", "csv"), ("stage", ""), ("text", "")])
        .unwrap();
    assert_eq!(all.status, 200);
    assert!(
        all.html.starts_with('\u{feff}') && all.html.contains("'=HYPERLINK"),
        "{}",
        all.html
    );
    assert!(!all.html.contains("6301034101900001") && !all.html.contains("81200000777"));
    let complaints = |text: &str| text.lines().filter(|line| line.starts_with("63.01.03/")).count();
    assert_eq!(complaints(&all.html), 3);
    let some = visitor
        .post(
            "/ekspor",
            &[("form", "csv"), ("stage", "forwarded"), ("text", "nomor 1")],
        )
        .unwrap();
    assert_eq!(complaints(&some.html), 1, "the one that was searched for");
    let workbook = visitor.post("/ekspor", &[("form", "xlsx")]).unwrap();
    assert!(workbook.status == 200 && workbook.html.starts_with("PK"));
    for strange in [[("form", "exe"), ("stage", "")], [("form", "csv"), ("stage", "x")]] {
        assert_eq!(visitor.post("/ekspor", &strange).unwrap().status, 404, "{strange:?}");
    }
    let audit = cast.pelaihari.program.run(&["audit", "list"]).unwrap().stdout;
    assert_eq!(audit.matches("exported").count(), 3, "{audit}");
    for detail in [
        "csv, all, 3 complaints, masked",
        "csv, forwarded, search, 1 complaints, masked",
        "xlsx, all, 3 complaints, masked",
    ] {
        assert!(audit.contains(detail), "{detail}: {audit}");
    }
    cast.stop().unwrap();
    stage.assert_no_errors();
}

#[test]
fn reporters_are_written_for_a_reason_that_is_noted_and_by_who_may_see_them() {
    let stage = Stage::new();
    let cast = office(&stage);
    let hub = &cast.hub.program;
    let file = |name: &str| stage.folder().join(name).to_str().unwrap().to_owned();
    let add = [
        "staff",
        "add",
        "koordinator",
        "--full-name",
        "Budi Contoh",
        "--role",
        "coordinator",
        "--password-stdin",
    ];
    hub.run_with(&add, "jembatan-bambu-9").unwrap().success().unwrap();
    let as_coordinator = ["--staff", "koordinator"];
    assert_eq!(
        export(hub, &[&[file("a.csv").as_str()], as_coordinator.as_slice()].concat()),
        Some(0)
    );
    let revealing = [file("b.csv"), "--reveal".to_owned(), "rapat bulanan".to_owned()];
    let revealing: Vec<&str> = revealing.iter().map(String::as_str).collect();
    assert_eq!(
        export(hub, &[revealing.as_slice(), as_coordinator.as_slice()].concat()),
        Some(5)
    );
    assert!(!Path::new(revealing[0]).exists(), "nothing was begun");
    assert_eq!(export(hub, &revealing), Some(0));
    let rows = csv_rows(Path::new(revealing[0]));
    let cells = rows.concat();
    for cell in [
        "'6301034101900001",
        "'+6281200000777",
        "'=1+1",
        "'=1+1@contoh.example",
        "'\u{a0}=1+1",
    ] {
        assert!(cells.iter().any(|found| found == cell), "{cell}");
    }
    let audit = hub.run(&["audit", "list"]).unwrap().stdout;
    assert!(
        audit.contains("csv, all, 3 complaints, with reporters: rapat bulanan")
            && audit.contains("csv, all, 3 complaints, masked")
            && audit.matches("exported").count() == 2,
        "{audit}"
    );

    assert_eq!(
        export(hub, &revealing),
        Some(5),
        "a file that is there is not written over"
    );
    assert_eq!(csv_rows(Path::new(revealing[0])), rows);
    assert_eq!(export(hub, &[&file("c.txt")]), Some(2));
    assert_eq!(export(hub, &[&file("d.csv"), "--reveal", " "]), Some(2));
    assert_eq!(export(hub, &[&file("e.csv"), "--stage", "forwarded"]), Some(0));
    assert_eq!(
        csv_rows(Path::new(&file("e.csv"))).len(),
        2,
        "a heading and the one that is still forwarded"
    );
    stage.assert_no_errors();
}

#[test]
fn an_export_can_be_taken_over_as_a_register_elsewhere() {
    let stage = Stage::new();
    let cast = office(&stage);
    for ending in ["csv", "xlsx"] {
        let file = stage.folder().join(format!("register.{ending}"));
        let file = file.to_str().unwrap();
        assert_eq!(
            export(&cast.pelaihari.program, &[file, "--reveal", "pindah komputer"]),
            Some(0)
        );
        let taken = cast.takisung.program.run(&["-o", "json", "import", file]).unwrap();
        assert_eq!(taken.code, Some(0), "{} {}", taken.stdout, taken.stderr);
        // The second form is the same register: nothing is recorded twice.
        assert_eq!(list(&cast.takisung.program).len(), 3, "{ending}");
    }
    let rows = list(&cast.takisung.program);
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let id = row["id"].as_str().unwrap();
            cast.takisung
                .program
                .json(&["complaint", "show", id, "--reveal", "check"])
                .unwrap()
        })
        .collect();
    let harmful = shown.iter().find(|one| one["reporter"]["phone"] == PHONE).unwrap();
    for (field, formula) in FORMULAS {
        let value = match field.strip_prefix("reporter_") {
            Some(name) => &harmful["reporter"][name],
            None => &harmful["fields"][field],
        };
        assert_eq!(value.as_str(), Some(formula.trim()), "{field}");
    }
    assert!(shown.iter().any(|one| one["reporter"]["phone"] == "+6281200000199"));
    stage.assert_no_errors();
}
