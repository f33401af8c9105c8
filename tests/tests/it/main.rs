//! The tests that need the whole workspace: real processes, a real browser, and the rules of the house.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod atrest;
mod attachments;
mod audit;
mod background;
mod badlinks;
mod browser;
mod bundles;
mod clocks;
mod costs;
mod damage;
mod disk;
mod encryption_page;
mod enrolment;
mod equality;
mod erasure;
mod exits;
mod exports;
mod fulldisks;
mod fuzzing;
mod hostile;
mod house;
mod identities;
mod kills;
mod links;
mod looks;
mod matrix;
mod notices;
mod offices;
mod package;
mod packing;
mod pages;
mod payloads;
mod powercuts;
mod quarantine;
mod repairs;
mod retention;
mod rotation;
mod second_factor;
mod stage;
mod sticks;
mod story;
mod subjects;
mod tls;
mod workbooks;
