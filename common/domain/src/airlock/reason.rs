//! Why a change may not stand in a case file, as numbers on the wire and as sentences for people.

use crate::lang::Lang;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $code:literal, $id:literal, $en:literal;)+) => {
        /// Why an item was put aside. The numbers stand in databases and on the wire: never reused, never changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Reason {
            $($(#[$doc])* $variant = $number,)+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: [Self; [$($number),+].len()] = [$(Self::$variant),+];

            /// Gives the word that machines read.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Says it to people.
            pub fn words(self, lang: Lang) -> &'static str {
                match self { $(Self::$variant => lang.pick($id, $en)),+ }
            }
        }
    };
}

reasons! {
    /// Not one plain change.
    Unreadable = 1, "unreadable",
        "bukan perubahan yang bisa dibaca", "it is not a change that can be read";
    /// Automerge panicked on it.
    Unprocessable = 2, "unprocessable",
        "tidak bisa diolah", "it cannot be processed";
    /// The examining process died of it, or had to be ended.
    Deadly = 3, "deadly",
        "menghentikan proses pemeriksa", "it brought the examining process down";
    /// Others of its page brought the examining process down too often.
    Unexamined = 4, "unexamined",
        "belum diperiksa, karena kiriman yang sama merusak proses pemeriksa",
        "it was not examined, because others that came with it brought the examining process down";
    /// It, or the document with it, is larger than any of ours.
    TooLarge = 5, "too_large",
        "lebih besar dari yang diizinkan", "it is larger than allowed";
    /// It writes something else than plain values at the root.
    Nested = 6, "nested",
        "menulis sesuatu yang bukan isian atau peristiwa", "it writes something that is neither a field nor an event";
    /// It writes a field that no intake has, or a value of another type.
    Field = 7, "field",
        "menulis isian yang tidak dikenal", "it writes a field that is not known here";
    /// It writes an event that is none, or overwrites one.
    Event = 8, "event",
        "menulis peristiwa yang tidak sah", "it writes an event that is not allowed";
    /// It writes what only the hub writes.
    HubsOwn = 9, "hubs_own",
        "menulis apa yang hanya boleh ditulis hub", "it writes what only the hub may write";
    /// It gives the complaint a register number that is none of this office, or gives it a second one.
    Register = 10, "register",
        "memberi nomor agenda yang tidak sah", "it gives a register number that is not allowed";
    /// Its writer's identity is not in the one allowed form.
    Writer = 11, "writer",
        "penulisnya tidak sah", "its writer is not in the allowed form";
    /// Its writer was not registered by a gateway of this office.
    Unregistered = 12, "unregistered",
        "penulisnya tidak terdaftar di kantor ini", "its writer was not registered by a gateway of this office";
    /// Counters or times are out of all proportion.
    Counter = 13, "counter",
        "penghitung atau waktunya tidak masuk akal", "its counters or times make no sense";
    /// Another change of this writer stands at its place already.
    Contradicts = 14, "contradicts",
        "bertentangan dengan perubahan yang sudah ada", "it contradicts a change that is already here";
    /// The document that it makes does not load again.
    NotReloadable = 15, "not_reloadable",
        "merusak berkas sehingga tidak bisa dibuka lagi", "the case file could not be opened again with it";
    /// What it begins does not read as a complaint.
    NoComplaint = 16, "no_complaint",
        "tidak menghasilkan laporan", "it does not make a complaint";
    /// The complaint belongs to another office.
    OtherOffice = 17, "other_office",
        "laporannya milik kantor lain", "the complaint belongs to another office";
    /// It builds on changes that are not here.
    Waiting = 18, "waiting",
        "menunggu perubahan sebelumnya yang belum ada di hub", "it waits for an earlier change that the hub does not have";
    /// An administrator decided that it is not wanted.
    Discarded = 19, "discarded",
        "dibuang oleh administrator hub", "an administrator of the hub discarded it";
}

impl Reason {
    /// Gives the number that stands in databases and on the wire.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Finds the reason of a number; `None` for one of a newer program.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }
}
