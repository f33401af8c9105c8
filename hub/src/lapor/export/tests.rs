//! Exports as LAPOR writes them, and as real life bends them.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use super::*;

const SAMPLE: &[u8] = include_bytes!("../../../../tests/samples/lapor-export.xlsx");

fn xlsx(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

/// A sheet of text cells, one row per line, cells separated by `|`.
fn texts(lines: &[&str]) -> Vec<u8> {
    xlsx(|sheet| write(sheet, lines))
}

fn write(sheet: &mut Worksheet, lines: &[&str]) {
    for (row, line) in (0..).zip(lines) {
        for (column, cell) in (0..).zip(line.split('|')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
}

fn troubles(export: &Export) -> Vec<(u32, RowTrouble)> {
    let pair = |problem: &RowProblem| (problem.line, problem.what.clone());
    export.problems.iter().map(pair).collect()
}

fn local(text: &str) -> Option<NaiveDateTime> {
    text.parse().ok()
}

#[test]
fn the_sample_export_is_read_whole() {
    let export = read(SAMPLE).unwrap();
    assert_eq!(
        (export.rows.len(), export.problems, export.unknown_columns),
        (40, vec![], vec![])
    );
    let first = &export.rows[0];
    assert_eq!((first.line, first.tracking_id.as_str()), (7, "5049601"));
    assert_eq!(first.received, local("2026-10-19T11:07:00"));
    assert_eq!(first.title, "Air PDAM tidak mengalir");
    assert_eq!(first.category, "Pekerjaan Umum dan Penataan Ruang");
    assert_eq!(first.classification, "Permintaan Informasi");
    assert_eq!(first.status.as_deref(), Some("Proses"));
    assert_eq!(first.disposed_to.as_deref(), Some("Perumda Air Minum"));
    assert_eq!(
        (
            export.rows[1].disposed_to.as_deref(),
            export.rows[39].tracking_id.as_str()
        ),
        (None, "5049640")
    );
}

#[test]
fn columns_are_found_by_name_in_any_order_and_may_be_missing() {
    let export = read(&texts(&[
        "Rekapitulasi|Tracking ID",
        "",
        "\u{feff} tracking  ID |Status Laporan|Rating|Kolom Baru|STATUS LAPORAN|Instansi Terdisposisi",
        "5049601|Menunggu Bulan Purnama|5|x|y| – ",
        "",
        "5049602||||y|Dinas Kesehatan ",
    ]))
    .unwrap();
    assert_eq!(export.unknown_columns, ["Kolom Baru", "STATUS LAPORAN"]);
    let [one, two] = &export.rows[..] else {
        panic!("two rows")
    };
    assert_eq!(
        one.status.as_deref(),
        Some("Menunggu Bulan Purnama"),
        "an unknown status is kept"
    );
    assert_eq!((one.disposed_to.as_deref(), one.received), (None, None));
    assert_eq!((two.line, two.status.as_deref()), (6, None));
    assert_eq!(two.disposed_to.as_deref(), Some("Dinas Kesehatan"));
    assert_eq!(export.problems, []);
}

#[test]
fn cells_may_be_numbers_and_dates_and_months_indonesian() {
    let bytes = xlsx(|sheet| {
        write(sheet, &["Tracking ID|Tanggal Laporan Masuk|Waktu Laporan Masuk"]);
        sheet.write_number(1, 0, 5_049_672.0).unwrap();
        let date = ExcelDateTime::from_ymd(2026, 1, 3).unwrap();
        let format = Format::new().set_num_format("d mmm yyyy");
        sheet.write_datetime_with_format(1, 1, &date, &format).unwrap();
        let clock = Format::new().set_num_format("hh:mm");
        sheet.write_number_with_format(1, 2, 0.5, &clock).unwrap();
        sheet.write_number(2, 0, 5_049_673.0).unwrap();
        sheet.write_number(2, 1, 46_025.0).unwrap();
        sheet.write_number(2, 2, 0.75).unwrap();
        for (row, date) in (3..).zip([
            "3 Mei 2026",
            "3 Agt 2026",
            "3 Okt 2026",
            "3 Des 2026",
            "3 Maret 2026",
            "kemarin",
        ]) {
            sheet.write_string(row, 0, format!("50496{row:02}.0")).unwrap();
            sheet.write_string(row, 1, date).unwrap();
            sheet.write_string(row, 2, "08.05").unwrap();
        }
    });
    let export = read(&bytes).unwrap();
    let read: Vec<_> = export
        .rows
        .iter()
        .map(|row| (row.tracking_id.as_str(), row.received))
        .collect();
    let expected = [
        ("5049672", local("2026-01-03T12:00:00")),
        ("5049673", local("2026-01-03T18:00:00")),
        ("5049603", local("2026-05-03T08:05:00")),
        ("5049604", local("2026-08-03T08:05:00")),
        ("5049605", local("2026-10-03T08:05:00")),
        ("5049606", local("2026-12-03T08:05:00")),
        ("5049607", local("2026-03-03T08:05:00")),
        ("5049608", None),
    ];
    assert_eq!(read, expected);
    assert_eq!(troubles(&export), [(9, RowTrouble::BadDate)]);
}

#[test]
fn a_bad_row_is_told_with_its_line_and_holds_up_no_other() {
    let long = "x".repeat(TEXT_CHARS_MAX + 1);
    let export = read(&texts(&[
        "Tracking ID|Judul Laporan|Status Laporan",
        "5049601|Satu|Proses",
        "|Tanpa nomor|Proses",
        "50496|Pendek|Proses",
        "5049601|Lagi|Selesai",
        &format!("5049602|Dua|{long}"),
        "Jumlah: 3",
    ]))
    .unwrap();
    let read: Vec<_> = export.rows.iter().map(|row| (row.line, row.title.as_str())).collect();
    assert_eq!(read, [(2, "Satu"), (6, "Dua")]);
    assert_eq!(export.rows[0].status.as_deref(), Some("Proses"), "the first row holds");
    let expected = [
        (3, RowTrouble::NoTrackingId),
        (4, RowTrouble::BadTrackingId),
        (5, RowTrouble::SameTrackingId { first_line: 2 }),
        (
            6,
            RowTrouble::TooLong {
                column: "Status Laporan",
            },
        ),
        (7, RowTrouble::BadTrackingId),
    ];
    assert_eq!(troubles(&export), expected);
    for problem in &export.problems {
        assert!(
            problem
                .words(Lang::Id)
                .starts_with(&format!("Baris {}: ", problem.line))
        );
        assert!(problem.words(Lang::En).starts_with(&format!("Row {}: ", problem.line)));
    }
}

#[test]
fn the_sheet_with_the_header_is_found_among_several() {
    let mut book = Workbook::new();
    write(book.add_worksheet(), &["Petunjuk", "Tracking ID ada di lembar kedua"]);
    write(book.add_worksheet(), &["Tracking ID|Status Laporan", "5049601|Proses"]);
    let export = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(export.rows.len(), 1);
}

#[test]
fn what_is_no_export_is_refused_in_words() {
    let opened = |bytes: &[u8]| match read(bytes) {
        Err(ExportError::Workbook(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        read(&texts(&["Nama|Alamat", "Rahma|Pelaihari"])),
        Err(ExportError::NoHeader)
    );
    assert_eq!(read(&texts(&[])), Err(ExportError::NoHeader));
    assert_eq!(opened(b""), WorkbookError::Empty);
    assert_eq!(opened(b"<html><table>"), WorkbookError::NotXlsx);
    assert_eq!(
        opened(&vec![b'P'; FILE_BYTES_MAX + 1]),
        WorkbookError::TooLarge { mebibytes_max: 10 }
    );
    let ole = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    assert_eq!(opened(&ole), WorkbookError::OldXls);
    let mut encrypted = ole.to_vec();
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(opened(&encrypted), WorkbookError::Protected);
    for error in [ExportError::NoHeader, ExportError::Workbook(WorkbookError::CutOff)] {
        assert_ne!(error.words(Lang::Id), error.words(Lang::En));
        assert_eq!(error.to_string(), error.words(Lang::En));
    }
}

#[test]
fn a_stray_cell_at_the_far_corner_costs_nothing() {
    let bytes = xlsx(|sheet| {
        write(sheet, &["Tracking ID", "5049601"]);
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
    });
    assert_eq!(read(&bytes).unwrap().rows.len(), 1);
}

#[test]
fn a_file_cut_at_any_length_is_refused_and_never_panics() {
    let step = SAMPLE.len() / 150;
    for length in (0..SAMPLE.len()).step_by(step).chain([1, 3, 4, SAMPLE.len() - 1]) {
        let refusal = read(&SAMPLE[..length]).unwrap_err();
        let expected = if length == 0 {
            WorkbookError::Empty
        } else {
            WorkbookError::CutOff
        };
        assert_eq!(refusal, ExportError::Workbook(expected), "{length} bytes");
    }
}

#[test]
fn flipped_bytes_are_refused_or_harmless_and_never_panic() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let mut refused = 0;
    for _ in 0..400 {
        let mut bytes = SAMPLE.to_vec();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            bytes[at] = u8::try_from(next(256)).unwrap();
        }
        match read(&bytes) {
            Ok(export) => assert!(export.rows.len() <= 40),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 200, "checksums find most of them: {refused} of 400");
}
