//! What no file that somebody chooses can do, whatever is in it.

use rust_xlsxwriter::Workbook;

use super::*;

const LIMITS: Limits = Limits {
    file_bytes: 10 << 20,
    unfolded_bytes: 40 << 20,
    rows: 1_000,
};

/// A workbook with a text in so many rows.
fn xlsx(rows: u32, text: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..rows {
        sheet.write_string(row, 0, text).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, body) in parts {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        io::Write::write_all(&mut writer, body).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn refusal(bytes: &[u8], limits: Limits) -> WorkbookError {
    find_sheet(bytes, limits, |_| Some(())).unwrap_err()
}

#[test]
fn what_is_no_workbook_is_refused_by_its_kind() {
    let ole = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    let mut encrypted = ole.to_vec();
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let archive = zip(&[("readme.txt", b"hello")]);
    let cases: [(&[u8], WorkbookError, bool); 6] = [
        (b"", WorkbookError::Empty, false),
        (b"<html><table>", WorkbookError::NotXlsx, false),
        (b"PK", WorkbookError::CutOff, false),
        (&ole, WorkbookError::OldXls, true),
        (&encrypted, WorkbookError::Protected, true),
        (&archive, WorkbookError::NotXlsx, true),
    ];
    for (bytes, expected, means_to_be) in cases {
        assert_eq!(refusal(bytes, LIMITS), expected);
        assert_eq!(is_container(bytes), means_to_be, "{expected:?}");
        assert_ne!(expected.words(Lang::Id), expected.words(Lang::En));
    }
    let large = vec![b'P'; LIMITS.file_bytes + 1];
    assert_eq!(refusal(&large, LIMITS), WorkbookError::TooLarge { mebibytes_max: 10 });
}

#[test]
fn a_zip_bomb_is_refused_even_if_it_lies_about_its_size() {
    let zeros = vec![0; 16 << 20];
    let parts: Vec<_> = ["a", "b", "c", "d"].iter().map(|name| (*name, &zeros[..])).collect();
    let bomb = zip(&parts);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(refusal(&bomb, LIMITS), WorkbookError::Unfolds);
    // The size of each part, set to zero wherever the file states it.
    let mut lying = bomb;
    let stated = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    let places: Vec<_> = (0..lying.len() - 4).filter(|&at| lying[at..at + 4] == stated).collect();
    assert!(places.len() >= 4, "the central directory states each size");
    for at in places {
        lying[at..at + 4].fill(0);
    }
    assert_eq!(refusal(&lying, LIMITS), WorkbookError::Damaged);
}

#[test]
fn one_long_text_in_every_cell_is_refused_and_so_are_too_many_rows() {
    let bytes = xlsx(400, &"x".repeat(30_000));
    let limits = Limits {
        unfolded_bytes: 1 << 20,
        rows: 100,
        ..LIMITS
    };
    assert_eq!(refusal(&bytes, limits), WorkbookError::Unfolds);
    let limits = Limits { rows: 100, ..LIMITS };
    assert_eq!(refusal(&bytes, limits), WorkbookError::TooManyRows { rows_max: 100 });
}

#[test]
fn a_panic_in_a_reader_is_an_error_like_any_other() {
    let refusal = find_sheet(&xlsx(1, "x"), LIMITS, |_| -> Option<()> {
        panic!("as a reader does on some files")
    });
    assert_eq!(refusal, Err(WorkbookError::Damaged));
}
