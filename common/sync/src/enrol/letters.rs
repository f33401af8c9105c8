//! How secrets are written for paper: capital letters and digits in groups, read back however somebody typed them.

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};

/// Letters between two dashes.
const GROUP_CHARS: usize = 5;
/// What a pasted text may be long before it is no code.
const TEXT_BYTES_MAX: usize = 1024;

/// Crockford's letters: no I, L, O, U; reading forgives small letters, O for 0, I and L for 1, spaces and dashes.
static LETTERS: LazyLock<Encoding> = LazyLock::new(|| {
    let mut letters = Specification::new();
    letters.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    letters.translate.from.push_str("abcdefghjkmnpqrstvwxyzOoIiLl");
    letters.translate.to.push_str("ABCDEFGHJKMNPQRSTVWXYZ001111");
    letters.ignore.push_str(" -_.\t\r\n");
    letters.encoding().expect("the letters are distinct")
});

/// Writes bytes as people see them.
pub fn write(bytes: &[u8]) -> String {
    let letters = LETTERS.encode(bytes);
    let groups: Vec<_> = letters
        .as_bytes()
        .chunks(GROUP_CHARS)
        .map(String::from_utf8_lossy)
        .collect();
    groups.join("-")
}

/// Reads what somebody typed, pasted or scanned; none where it cannot be such a text.
pub fn read(text: &str) -> Option<Vec<u8>> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    LETTERS.decode(text.as_bytes()).ok()
}
