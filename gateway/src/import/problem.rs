//! What is the matter with a row of a register, and what to do about it.

use titian_domain::identity::{NikError, PhoneError};
use titian_domain::lang::Lang;

use super::column::Column;
use super::words::WordList;

/// A row that cannot be imported. It shows nothing of what the row says: a shifted column would show an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// The line of the file, or the row's number in Excel.
    pub line: u32,
    /// The column that it is about; `None` if it is about the whole row.
    pub column: Option<Column>,
    /// What is the matter.
    pub trouble: Trouble,
}

/// What is the matter with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A cell without which nothing can be recorded is empty.
    Blank,
    /// Neither a title nor a narrative.
    SaysNothing,
    /// Not a date.
    BadDate,
    /// Not a time of day.
    BadTime,
    /// A day that has not come yet.
    Future,
    /// Not a word of the list.
    UnknownWord(WordList),
    /// Not an identity number.
    Nik(NikError),
    /// Not a phone number.
    Phone(PhoneError),
    /// A phone number that a spreadsheet rounded.
    RoundedPhone,
    /// Longer than it may be.
    TooLong {
        /// How many characters it may have.
        max: usize,
    },
    /// The same row stands above.
    Same {
        /// Where.
        first_line: u32,
    },
    /// A quote is opened and not closed.
    StrayQuote,
    /// More cells than the header has names.
    TooManyCells,
    /// Not a JSON object.
    NotJson,
    /// A list or an object where a text belongs.
    NotPlain,
}

impl RowProblem {
    /// Gives the name of the field that it is about; empty if it is about the whole row.
    pub fn field(&self, lang: Lang) -> &'static str {
        self.column.map_or("", |column| column.label(lang))
    }

    /// Says what is wrong and what to do, without the line and the field.
    pub fn message(&self, lang: Lang) -> String {
        self.trouble.words(lang)
    }

    /// Says where it is, what is wrong and what to do, in one sentence.
    #[cfg(test)]
    pub fn words(&self, lang: Lang) -> String {
        let (line, message) = (self.line, self.message(lang));
        let line = lang.pick(format!("Baris {line}"), format!("Row {line}"));
        match self.field(lang) {
            "" => format!("{line}: {message}"),
            field => format!("{line}, “{field}”: {message}"),
        }
    }
}

impl Trouble {
    fn words(&self, lang: Lang) -> String {
        let (indonesian, english) = match self {
            Self::Nik(error) => return error.words(lang),
            Self::Phone(error) => return error.words(lang),
            Self::UnknownWord(list) => {
                let allowed = list.words(lang);
                return lang.pick(
                    format!("Kata ini tidak dikenal. Pakai salah satu dari: {allowed}."),
                    format!("This word is not known. Use one of these: {allowed}."),
                );
            }
            Self::TooLong { max } => {
                return lang.pick(
                    format!("Terlalu panjang: paling banyak {max} huruf. Pendekkan lalu impor lagi."),
                    format!("Too long: at most {max} characters. Shorten it and import again."),
                );
            }
            Self::Same { first_line } => {
                return lang.pick(
                    format!("Sama persis dengan baris {first_line}, jadi tidak diimpor dua kali. Jika ini laporan lain, beri nomor agenda yang berbeda."),
                    format!("The same as row {first_line}, so it is not imported twice. If it is another complaint, give it another number."),
                );
            }
            Self::Blank => (
                "Masih kosong. Isi lalu impor lagi.",
                "It is empty. Fill it in and import again.",
            ),
            Self::SaysNothing => (
                "Judul dan isi laporan kosong. Isi paling sedikit salah satunya lalu impor lagi.",
                "Neither a title nor a narrative. Fill in at least one of them and import again.",
            ),
            Self::BadDate => (
                "Tanggal tidak terbaca. Tulis hari dulu, misalnya 9/3/2026 atau 9 Maret 2026, lalu impor lagi.",
                "The date cannot be read. Write the day first, such as 9/3/2026 or 9 March 2026, and import again.",
            ),
            Self::BadTime => (
                "Jam tidak terbaca. Tulis misalnya 14:05, atau kosongkan, lalu impor lagi.",
                "The time cannot be read. Write it as 14:05, or leave it empty, and import again.",
            ),
            Self::Future => (
                "Tanggal ini belum tiba. Periksa hari, bulan dan tahunnya (hari ditulis dulu), juga jam komputer ini.",
                "This day has not come yet. Check its day, month and year (the day comes first), and this PC's clock.",
            ),
            Self::RoundedPhone => (
                "Nomor ini sudah dibulatkan oleh Excel. Ubah kolomnya menjadi teks, lalu ketik lagi nomornya.",
                "A spreadsheet has rounded this number. Make the column text and type the number again.",
            ),
            Self::StrayQuote => (
                "Ada tanda kutip (\") yang dibuka tetapi tidak ditutup. Hapus tanda itu atau simpan register sebagai .xlsx, lalu impor lagi.",
                "A quote (\") is opened and not closed. Remove it, or save the register as .xlsx, and import again.",
            ),
            Self::TooManyCells => (
                "Baris ini punya lebih banyak kolom daripada baris judul. Beri tanda kutip pada isi yang memuat tanda pemisah, atau simpan sebagai .xlsx, lalu impor lagi.",
                "This row has more columns than the header. Quote the text that holds a separator, or save the register as .xlsx, and import again.",
            ),
            Self::NotJson => (
                "Baris ini bukan satu objek JSON. Tulis satu laporan per baris, misalnya {\"tanggal\": \"2026-03-09\", …}.",
                "This line is no JSON object. Write one complaint per line, such as {\"date\": \"2026-03-09\", …}.",
            ),
            Self::NotPlain => (
                "Isinya daftar atau objek. Tulis sebagai teks lalu impor lagi.",
                "It holds a list or an object. Write it as text and import again.",
            ),
        };
        lang.pick(indonesian, english).to_owned()
    }
}
