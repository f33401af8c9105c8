//! What citizens may ask about their own data, the same in both programs (law 27 of 2022, articles 5 to 13): who is known, the file of
//! all that is held about them, and erasing it.

mod case;
mod command;
mod happened;
mod held;
mod look;
mod page;
mod person;
mod print;
mod requests;

pub use self::case::CaseButton;
pub use self::command::SubjectCommand;
pub use self::held::{Dossier, NoticeOf};
pub use self::look::{LookArgs, Looker, look, may_look};
pub use self::page::routes;
pub use self::requests::{Asking, MakeStamp, Side};
