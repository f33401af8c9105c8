//! What citizens may ask about their own data, the same in both programs (law 27 of 2022, articles 5 to 13): who is known, the file of
//! all that is held about them, and erasing it.

mod case;
mod command;
mod happened;
mod held;
mod page;
mod person;
mod print;
mod requests;

use titian_domain::complaint::Complaint;

use crate::people::{Right, Rights};

pub use self::case::CaseButton;
pub use self::command::SubjectCommand;
pub use self::held::{Dossier, NoticeOf};
pub use self::page::routes;
pub use self::requests::{Asking, MakeStamp, Side};

/// Tells whether somebody with these rights may look at who brings a complaint: while that is restricted (article 11), only who answers
/// citizens' requests may.
pub fn may_look(complaint: &Complaint, rights: Rights) -> bool {
    rights.has(Right::Subject) || !complaint.is_restricted()
}
