//! What a complaint is: the case file, the procedure, the deadlines.
//!
//! Pure: time, identifiers and randomness come in as arguments; nothing here reads a clock, a file or a socket.
//! Start at [`casefile::CaseFile`], the steps that people take, and [`complaint::Complaint`], what one reads.

pub mod airlock;
pub mod attachment;
pub mod calendar;
pub mod casefile;
pub mod category;
pub mod complaint;
pub mod completeness;
pub mod deadline;
pub mod document;
pub mod event;
pub mod id;
pub mod identity;
pub mod lang;
pub mod milestones;
pub mod notice;
pub mod particulars;
pub mod refusal;
pub mod region;
pub mod reporter;
pub mod retention;
pub mod scope;
pub mod stage;
mod table;
pub mod time;
pub mod vocabulary;
