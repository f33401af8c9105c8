//! Identity numbers and phone numbers: what is wrong (an error) kept apart from what is merely odd (a hint).
//!
//! An error stops the number from being taken; a hint never stops anybody: residents of elsewhere may complain, and
//! a NIK keeps the region of its first issue for life. No error, hint or `Debug` shows the number itself.

mod mentions;
mod nik;
mod phone;

pub use mentions::{Mention, MentionKind, mentions, names_outright, names_person, redacted};
pub use nik::{Nik, NikError, NikHint};
pub use phone::{Phone, PhoneError, PhoneHint};
