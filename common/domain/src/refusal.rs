//! Why a step cannot be taken, and what to do instead.

use crate::attachment::{FILE_BYTES_MAX, FILES_MAX};
use crate::completeness::Missing;
use crate::lang::Lang;
use crate::particulars::Field;
use crate::vocabulary::{OutOfScope, Stage};

/// A step that the procedure does not allow now. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words(Lang::En))]
pub enum Refusal {
    /// The complaint stands elsewhere.
    NotNow {
        /// What was tried.
        step: &'static str,
        /// Where the complaint stands.
        stage: Stage,
    },
    /// Something without which it cannot be followed up is missing.
    Incomplete(Vec<Missing>),
    /// Fields have several values.
    Conflicts(Vec<Field>),
    /// The substance is no longer what was verified.
    ChangedSinceVerified,
    /// Whoever put it on record may not verify it too: so this office has set.
    OwnRecord,
    /// LAPOR does not take it.
    OutOfScope {
        /// Of which kind it is.
        kind: OutOfScope,
    },
    /// A text is too long.
    TooLong {
        /// Which one.
        field: &'static str,
        /// How many characters it may have.
        max: usize,
    },
    /// A text that must say something is empty.
    Blank {
        /// Which one.
        field: &'static str,
    },
    /// The complainant was asked already and has not answered.
    AlreadyAsked,
    /// The complainant was not asked anything.
    NotAsked,
    /// The Tracking ID is noted already.
    SameTrackingId,
    /// The field has only one value.
    NoConflict {
        /// Which one.
        field: Field,
    },
    /// Something about its files.
    File(FileRefusal),
    /// Who brought it is restricted, and what is restricted is kept.
    Restricted,
    /// The page shows a state that this machine does not have.
    StalePage,
    /// The change that put it on record has not arrived.
    Unreadable,
}

impl Refusal {
    /// Says what is wrong and what to do.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::NotNow { stage, .. } => {
                let stage = stage.label(lang);
                lang.pick(
                    format!("Langkah ini tidak bisa sekarang: laporan berada di tahap “{stage}”. Muat ulang halaman untuk melihat langkah yang tersedia."),
                    format!("This step is not possible now: the complaint is at stage “{stage}”. Show it to see the steps that are open."),
                )
            }
            Self::Incomplete(missing) => {
                let list: Vec<_> = missing.iter().map(|item| item.words(lang)).collect();
                format!(
                    "{} {}",
                    lang.pick("Laporan belum lengkap.", "The complaint is not complete."),
                    list.join(" ")
                )
            }
            Self::Conflicts(fields) => {
                let fields = fields
                    .iter()
                    .map(|field| field.label(lang))
                    .collect::<Vec<_>>()
                    .join(", ");
                lang.pick(
                    format!("Ada dua isian berbeda untuk: {fields}. Pilih dulu mana yang benar."),
                    format!("Two values stand against each other in: {fields}. Choose the right one first."),
                )
            }
            Self::ChangedSinceVerified => lang
                .pick(
                    "Isi laporan berubah setelah diverifikasi. Verifikasi lagi sebelum meneruskan.",
                    "The substance changed after it was verified. Verify it again before forwarding.",
                )
                .to_owned(),
            Self::OutOfScope { kind } => {
                let kind = kind.label(lang);
                lang.pick(
                    format!("LAPOR tidak menerima laporan jenis ini ({kind}). Rujuk pelapor ke lembaga yang berwenang lalu tutup laporan, atau hapus tandanya jika keliru."),
                    format!("LAPOR does not take this kind of report ({kind}). Refer the reporter to the body in charge and close it, or clear the flag if it is wrong."),
                )
            }
            Self::OwnRecord => lang
                .pick(
                    "Laporan ini Anda sendiri yang mencatat. Di kantor ini petugas lain yang memverifikasinya.",
                    "You put this complaint on record yourself. At this office somebody else verifies it.",
                )
                .to_owned(),
            Self::TooLong { field, max } => lang.pick(
                format!("Isian “{field}” terlalu panjang: paling banyak {max} huruf. Pendekkan lalu simpan lagi."),
                format!("“{field}” is too long: at most {max} characters. Shorten it and save again."),
            ),
            Self::Blank { field } => lang.pick(
                format!("Isian “{field}” masih kosong. Isi lalu simpan lagi."),
                format!("“{field}” is empty. Fill it in and save again."),
            ),
            Self::AlreadyAsked => lang
                .pick(
                    "Pelapor sudah ditanya dan belum menjawab. Catat jawabannya dulu.",
                    "The complainant was asked already and has not answered. Note the answer first.",
                )
                .to_owned(),
            Self::NotAsked => lang
                .pick(
                    "Tidak ada pertanyaan yang menunggu jawaban pelapor.",
                    "No question to the complainant is open.",
                )
                .to_owned(),
            Self::SameTrackingId => lang
                .pick(
                    "ID lacak ini sudah tercatat pada laporan ini.",
                    "This Tracking ID is noted on this complaint already.",
                )
                .to_owned(),
            Self::NoConflict { field } => {
                let field = field.label(lang);
                lang.pick(
                    format!("Isian “{field}” hanya punya satu nilai; tidak ada yang perlu dipilih."),
                    format!("“{field}” has only one value; there is nothing to choose."),
                )
            }
            Self::File(refusal) => refusal.words(lang),
            Self::Restricted => lang
                .pick(
                    "Identitas pelapor dibatasi: selama itu tidak dihapus. Cabut dulu pembatasannya.",
                    "Who brought it is restricted, and is not erased while that holds. Lift the restriction first.",
                )
                .to_owned(),
            Self::StalePage => lang
                .pick(
                    "Halaman ini sudah kedaluwarsa. Muat ulang laporan, lalu ulangi perubahan Anda.",
                    "This page is out of date. Load the complaint again and repeat your change.",
                )
                .to_owned(),
            Self::Unreadable => lang
                .pick(
                    "Sebagian data laporan ini belum tiba. Coba lagi setelah sinkronisasi berikutnya.",
                    "Part of this complaint has not arrived yet. Try again after the next sync.",
                )
                .to_owned(),
        }
    }
}

/// A file that cannot be attached or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRefusal {
    /// The complaint has as many files as it may.
    TooMany,
    /// The file is larger than LAPOR takes.
    TooLarge,
    /// There is nothing in the file.
    Empty,
    /// The complaint has no such file.
    Unknown,
}

impl From<FileRefusal> for Refusal {
    fn from(refusal: FileRefusal) -> Self {
        Self::File(refusal)
    }
}

impl FileRefusal {
    /// Says what is wrong and what to do.
    pub fn words(self, lang: Lang) -> String {
        match self {
            Self::TooMany => lang.pick(
                format!("Laporan ini sudah punya {FILES_MAX} lampiran, paling banyak sekian. Hapus yang tidak perlu, atau gabungkan beberapa halaman menjadi satu PDF."),
                format!("This complaint has {FILES_MAX} attachments already, which is the most. Detach one that is not needed, or put several pages into one PDF."),
            ),
            Self::TooLarge => {
                let megabytes = FILE_BYTES_MAX / 1_000_000;
                lang.pick(
                    format!("Berkas lebih besar dari {megabytes} MB, batas LAPOR. Perkecil berkasnya lalu lampirkan lagi."),
                    format!("The file is larger than the {megabytes} MB that LAPOR takes. Make it smaller and attach it again."),
                )
            }
            Self::Empty => lang
                .pick(
                    "Berkas ini kosong. Salin lagi dari asalnya lalu lampirkan lagi.",
                    "The file is empty. Copy it again from where it came from and attach it again.",
                )
                .to_owned(),
            Self::Unknown => lang
                .pick(
                    "Laporan ini tidak punya lampiran itu. Muat ulang halaman untuk melihat lampirannya.",
                    "The complaint has no such attachment. Show it again to see those that it has.",
                )
                .to_owned(),
        }
    }
}
