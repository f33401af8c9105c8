//! A part of a bundle before its reader, for libFuzzer; the work is in `titian_tests::fuzz`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| titian_tests::fuzz::bundle(bytes));
