//! The tests that need the whole workspace: real processes, a real browser, and the rules of the house.

mod house;
