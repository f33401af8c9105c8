//! SQLite with ciphers, linked in the place of the plain one.
//!
//! There is nothing to call here: rusqlite declares SQLite's functions, and this crate brings them. Whoever links rusqlite
//! names this crate once, so that it is linked too; `titian-host`, the one door to SQLite, does.
