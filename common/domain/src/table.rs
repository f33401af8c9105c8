//! Reading the small tables that an administrator may replace: rows with the line on which each stands.

/// Gives the rows below a header with their line numbers, from 1; `None` if the first row is not the header.
/// Rows of nothing but empty cells are skipped: spreadsheets leave them behind.
pub(crate) fn rows<'a>(
    text: &'a str,
    header: &[&str],
) -> Option<impl Iterator<Item = (u64, csv::StringRecord)> + use<'a>> {
    let text = text.trim_start_matches('\u{feff}');
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    // Reading from a `str` cannot fail: no device, no wrong encoding, and any number of columns is allowed.
    let mut records = reader.into_records().map_while(Result::ok);
    if records.next()?.iter().ne(header.iter().copied()) {
        return None;
    }
    let (mut line, mut counted) = (1, 0);
    let placed = records.map(move |record| {
        // The reader's own line is the one where the row before ended, which is before any blank lines.
        let end_before = record.position().map_or(0, csv::Position::byte);
        let end_before = usize::try_from(end_before).unwrap_or(usize::MAX).min(text.len());
        let rest = text.as_bytes().get(end_before..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = end_before + blank;
        line += newlines(text.as_bytes().get(counted..start).unwrap_or_default());
        counted = start;
        (line, record)
    });
    Some(placed.filter(|(_, record)| !record.iter().all(str::is_empty)))
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_knows_its_line_whatever_the_line_ends() {
        let text = "\u{feff}a,b\n1,\"x\ny\"\n\n\n2,z\n ,\n3,z\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let lines: Vec<_> = rows(&text, &["a", "b"])
                .unwrap()
                .map(|(line, row)| (line, row[0].to_owned()))
                .collect();
            assert_eq!(lines, [(2, "1".into()), (6, "2".into()), (8, "3".into())]);
        }
    }

    #[test]
    fn another_header_is_refused() {
        for text in ["", "a\n1\n", "a;b\n", "1,2\n", "a,b,c\n"] {
            assert!(rows(text, &["a", "b"]).is_none(), "{text}");
        }
    }
}
