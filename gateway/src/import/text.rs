//! Reads a register from text: which alphabet, which separator, and where its rows end.

use titian_host::spreadsheet::workbook::Cell;

use super::ImportError;
use super::problem::{RowProblem, Trouble};
use super::table::{HEADER_ROW_MAX, Header, RawRow, Table, whole_row};

/// What spreadsheets separate cells with; an Indonesian Excel takes the semicolon.
const SEPARATORS: [u8; 4] = *b";,\t|";
/// Each stray quote costs another look at the rest of the file; a file with more of them is not a table.
const STRAY_QUOTES_MAX: usize = 100;
/// What Windows-1252 has between 0x80 and 0x9F; all else is Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Decodes UTF-8, UTF-16 with its mark, or else Windows-1252; `None` for what is no text.
pub fn decode(bytes: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().map(|&pair| read(pair));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|&byte| windows_1252(byte)).collect(),
        },
    };
    (!text.contains('\0')).then_some(text)
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// Reads a table of separated cells under the header that knows most columns.
pub fn read_csv(text: &str) -> Result<Table, ImportError> {
    let found = SEPARATORS
        .into_iter()
        .filter_map(|separator| find_header(text, separator));
    let best = found.max_by_key(|found| found.header.places.len());
    let Found {
        header,
        separator,
        width,
        end,
    } = best.ok_or(ImportError::NoHeader)?;
    let rows = Body { text, separator, width }.rows(&header, end)?;
    Ok(header.table(rows))
}

struct Found {
    header: Header,
    separator: u8,
    /// How many cells the header has.
    width: usize,
    /// The byte behind it.
    end: usize,
}

fn find_header(text: &str, separator: u8) -> Option<Found> {
    let mut records = Records::new(text, 0, separator);
    for _ in 0..HEADER_ROW_MAX {
        let record = records.next()?;
        if let Some(header) = Header::read(record.cells.iter().enumerate()) {
            return Some(Found {
                header,
                separator,
                width: record.cells.len(),
                end: record.end,
            });
        }
    }
    None
}

struct Body<'a> {
    text: &'a str,
    separator: u8,
    width: usize,
}

impl Body<'_> {
    fn rows(&self, header: &Header, start: usize) -> Result<Vec<Result<RawRow, RowProblem>>, ImportError> {
        let mut rows = Vec::new();
        let mut lines = LineCounter::default();
        let mut strays = 0;
        let mut records = Records::new(self.text, start, self.separator);
        while let Some(record) = records.next() {
            let line = lines.line_of(self.text, record.start);
            if self.has_stray_quote(&record) {
                strays += 1;
                if strays > STRAY_QUOTES_MAX {
                    return Err(ImportError::StrayQuotes { line });
                }
                rows.push(Err(whole_row(line, Trouble::StrayQuote)));
                // What the quote swallowed are rows of their own.
                let next_line = self.text[record.start..].find('\n').map(|at| record.start + at + 1);
                records = Records::new(self.text, next_line.unwrap_or(self.text.len()), self.separator);
            } else if record.cells.iter().skip(self.width).any(|cell| !cell.trim().is_empty()) {
                rows.push(Err(whole_row(line, Trouble::TooManyCells)));
            } else {
                let cells = record.cells.iter().map(|cell| Cell::Text(cell.to_owned())).enumerate();
                rows.extend(header.row(line, cells).map(Ok));
            }
        }
        Ok(rows)
    }

    /// Tells whether a quote that nobody closed ran over the end of its row: the cells do not fit the header, or
    /// a line within the row would itself fit it.
    fn has_stray_quote(&self, record: &Record) -> bool {
        let raw = self.text[record.start..record.end].trim_end();
        let mut lines = raw.lines().skip(1).peekable();
        let odd = raw.matches('"').count() % 2 == 1;
        if lines.peek().is_none() {
            return odd
                && record.cells.len() != self.width
                && raw.contains(&format!("{}\"", char::from(self.separator)));
        }
        let cells_in = |line: &str| line.matches(char::from(self.separator)).count() + 1;
        record.cells.len() != self.width || lines.any(|line| cells_in(line) == self.width)
    }
}

struct Record {
    cells: csv::StringRecord,
    /// Where its first cell begins in the text.
    start: usize,
    /// The byte behind it.
    end: usize,
}

/// The records of a text from a byte on.
struct Records<'a> {
    text: &'a str,
    offset: usize,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, offset: usize, separator: u8) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(&text.as_bytes()[offset..]);
        Self { text, offset, reader }
    }

    fn next(&mut self) -> Option<Record> {
        let before = self.position();
        let mut cells = csv::StringRecord::new();
        // The text is UTF-8 and rows of any length are taken, so that nothing is left that could fail.
        if !self.reader.read_record(&mut cells).unwrap_or(false) {
            return None;
        }
        // The reader skips blank lines and line ends before a record.
        let blank = self.text[before..].len() - self.text[before..].trim_start_matches(['\r', '\n']).len();
        Some(Record {
            cells,
            start: before + blank,
            end: self.position(),
        })
    }

    fn position(&self) -> usize {
        let read = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        self.offset.saturating_add(read).min(self.text.len())
    }
}

/// Counts lines up to ever later places.
#[derive(Default)]
struct LineCounter {
    at: usize,
    newlines: u32,
}

impl LineCounter {
    fn line_of(&mut self, text: &str, place: usize) -> u32 {
        let passed = text[self.at..place].matches('\n').count();
        self.newlines = self.newlines.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.at = place;
        self.newlines.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::column::Column;

    fn lines(text: &str) -> Vec<(u32, Result<usize, Trouble>)> {
        let rows = read_csv(text).unwrap_or_else(|error| panic!("{error}")).rows;
        let pair = |row: Result<RawRow, RowProblem>| match row {
            Ok(row) => (row.line, Ok(row.cells.len())),
            Err(problem) => (problem.line, Err(problem.trouble)),
        };
        rows.into_iter().map(pair).collect()
    }

    #[test]
    fn every_alphabet_is_decoded_and_bytes_without_one_are_refused() {
        let utf16: Vec<u8> = "\u{feff}Café".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&b"\xEF\xBB\xBFCaf\xC3\xA9"[..], b"Caf\xC3\xA9", b"Caf\xE9", &utf16] {
            assert_eq!(decode(bytes).as_deref(), Some("Café"));
        }
        assert_eq!(decode(b"\x93ya\x94 \x96 \x80").as_deref(), Some("“ya” – €"));
        assert_eq!(decode(b"\x7FELF\0\0"), None);
    }

    #[test]
    fn the_separator_and_the_header_are_found_and_lines_are_counted() {
        for separator in [",", ";", "\t", "|"] {
            let text = "Register, Kecamatan Pelaihari; 2026\r\n\r\nTanggal;Kanal;Judul\r\n\r\n9/3/2026;WA;\"Dua\r\nbaris\"\r\n\r\n;;\r\n10/3/2026;WA;Satu";
            let text = text.replace(';', separator);
            assert_eq!(lines(&text), [(5, Ok(3)), (9, Ok(3))], "{separator:?}");
        }
        assert!(matches!(read_csv("Nama;Umur\nRahma;30"), Err(ImportError::NoHeader)));
        let table = read_csv("Tgl,Kanal,Judul,Golongan darah,Perihal\n").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(table.ignored_columns, ["Golongan darah", "Perihal"]);
        assert_eq!(table.columns, [Column::ReceivedAt, Column::Channel, Column::Title]);
    }

    #[test]
    fn a_stray_quote_swallows_no_other_row() {
        let text = "Tanggal;Kanal;Judul;Isi\n1/3/2026;WA;A;a\n2/3/2026;WA;\"B;b\n3/3/2026;WA;C;\"c \"\"ya\"\"\nc\"\n4/3/2026;WA;D;d\n";
        let expected = [(2, Ok(4)), (3, Err(Trouble::StrayQuote)), (4, Ok(4)), (6, Ok(4))];
        assert_eq!(lines(text), expected);
        assert_eq!(
            lines("Tanggal;Kanal;Judul\n1/3/2026;WA;A\n2/3/2026;\"WA;B"),
            [(2, Ok(3)), (3, Err(Trouble::StrayQuote))]
        );
        let hostile = "Tanggal;Kanal;Judul\n".to_owned() + &"x;\"y;\n".repeat(1_001);
        assert!(matches!(read_csv(&hostile), Err(ImportError::StrayQuotes { .. })));
    }

    #[test]
    fn a_row_with_more_cells_than_the_header_is_told() {
        let text = "Tanggal,Kanal,Judul\n1/3/2026,WA,Jalan rusak, gelap\n2/3/2026,WA,B,,\n";
        assert_eq!(lines(text), [(2, Err(Trouble::TooManyCells)), (3, Ok(3))]);
    }
}
