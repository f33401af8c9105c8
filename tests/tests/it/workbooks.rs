//! Exports that are no exports: whatever is uploaded, nothing half-read ever changes a complaint.

use std::fs;
use std::path::Path;

use rust_xlsxwriter::Workbook;
use titian_demo::cast::{self, Cast, LIAISON};
use titian_demo::export::{self, Row};
use titian_demo::hub::Hub;
use titian_demo::visitor::Visitor;

use crate::stage::{Stage, list, sheet};

#[test]
fn an_unreadable_wrong_or_half_export_changes_nothing_and_says_what_to_do() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    let complaint = cast::forward(&cast.pelaihari, &sheet(1)).unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    cast.hub.step(&["accept", &complaint.id]).unwrap();
    cast.hub
        .step(&["enter", &complaint.id, "--tracking-id", "9400001"])
        .unwrap();

    let good = stage.folder().join("good.xlsx");
    let row = Row {
        tracking_id: "9400001".into(),
        disposed_to: "Dinas Perhubungan".into(),
        ..Row::default()
    };
    export::write(&good, &[row]).unwrap();
    let bytes = fs::read(&good).unwrap();
    let wrong = stage.folder().join("wrong.xlsx");
    let mut workbook = Workbook::new();
    workbook.add_worksheet().write(0, 0, "Daftar hadir rapat").unwrap();
    workbook.save(&wrong).unwrap();
    let bad: [(&str, Vec<u8>); 6] = [
        ("empty.xlsx", Vec::new()),
        ("noise.xlsx", (0..5_000_u32).map(|n| (n * 7 % 251) as u8).collect()),
        ("half.xlsx", bytes[..bytes.len() / 2].to_vec()),
        ("nearly.xlsx", bytes[..bytes.len() - 30].to_vec()),
        ("page.xlsx", b"<html><body>Silakan masuk kembali</body></html>".to_vec()),
        ("wrong.xlsx", fs::read(&wrong).unwrap()),
    ];
    let before = list(&cast.hub.program);
    let mut visitor = Visitor::new(cast.hub.program.address().unwrap()).unwrap();
    visitor.log_in(LIAISON.name, LIAISON.password).unwrap();
    for (name, bytes) in &bad {
        let path = stage.folder().join(name);
        fs::write(&path, bytes).unwrap();
        assert_refused(&cast.hub, &path, name);
        let page = visitor.upload("/impor-lapor", "file", name, bytes).unwrap();
        assert!(
            page.status.is_client_error(),
            "{name} as an upload: {} {}",
            page.status,
            page.text()
        );
        assert_eq!(list(&cast.hub.program), before, "{name} changed something");
    }
    // The very same file, whole, is taken: it was the damage that was refused.
    cast.hub
        .program
        .json(&["lapor", "import", good.to_str().unwrap()])
        .unwrap();
    assert_eq!(cast.hub.show("9400001").unwrap()["stage"], "disposed");
    cast.stop().unwrap();
    stage.assert_no_errors();
}

fn assert_refused(hub: &Hub, path: &Path, name: &str) {
    let refused = hub.program.run(&["lapor", "import", path.to_str().unwrap()]).unwrap();
    assert_eq!(refused.code, Some(2), "{name}: {refused:?}");
    assert!(
        refused.stderr.starts_with("error: ") && refused.stderr.contains("\nnext: "),
        "{name}: {}",
        refused.stderr
    );
}
