//! What the pages promise, asked through their router over a real database.

mod attachments;
mod audit;
mod encryption;
mod enrolment;
mod notice;
mod rig;
mod sheet;
mod steps;
mod sticks;
mod trouble;
mod ways;
mod words;
