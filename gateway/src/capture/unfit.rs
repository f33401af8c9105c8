//! Why a file cannot be attached, and what to do instead.

use std::fmt;

use titian_domain::lang::Lang;
use titian_domain::refusal::FileRefusal;

/// A file that cannot be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing is in it.
    Empty,
    /// It is larger than LAPOR takes.
    TooLarge,
    /// None of the kinds that LAPOR takes.
    OtherKind,
    /// An old Word document: it may hold programs, and cannot be looked into safely.
    OldWord,
    /// A Word document with a program in it.
    Macros,
    /// It ends in the middle.
    CutOff,
    /// Its content contradicts itself.
    Broken,
    /// It would unfold to more pixels than this machine can hold.
    TooManyPixels,
}

impl Unfit {
    /// Says what is wrong and what to do.
    pub fn words(self, lang: Lang) -> String {
        let (id, en) = match self {
            Self::Empty => return FileRefusal::Empty.words(lang),
            Self::TooLarge => return FileRefusal::TooLarge.words(lang),
            Self::OtherKind => (
                "Jenis berkas ini tidak diterima LAPOR. Lampirkan foto JPEG atau PNG, PDF, atau DOCX.",
                "LAPOR does not take this kind of file. Attach a JPEG or PNG photo, a PDF or a DOCX.",
            ),
            Self::OldWord => (
                "Ini dokumen Word lama (.doc) yang isinya tidak bisa diperiksa. Simpan sebagai PDF atau DOCX lalu lampirkan lagi.",
                "This is an old Word document (.doc) that cannot be checked. Save it as PDF or DOCX and attach it again.",
            ),
            Self::Macros => (
                "Dokumen ini berisi makro. Simpan sebagai PDF lalu lampirkan lagi.",
                "This document holds macros. Save it as PDF and attach it again.",
            ),
            Self::CutOff => (
                "Berkas ini terpotong di tengah. Salin lagi dari asalnya lalu lampirkan lagi.",
                "The file ends in the middle. Copy it again from where it came from and attach it again.",
            ),
            Self::Broken => (
                "Berkas ini rusak dan tidak bisa dibuka. Ambil fotonya lagi, atau minta berkasnya dikirim ulang.",
                "The file is broken and cannot be opened. Take the photo again, or have the file sent again.",
            ),
            Self::TooManyPixels => (
                "Gambar ini terlalu besar untuk komputer ini. Perkecil gambarnya, atau ambil foto dengan resolusi lebih rendah.",
                "The picture is too large for this computer. Make it smaller, or take the photo at a lower resolution.",
            ),
        };
        lang.pick(id, en).to_owned()
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}
