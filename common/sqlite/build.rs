//! Compiles SQLite with its ciphers for the target.

use sqlite3mc_src::{SOURCE_FILE, source_dir};

/// What of SQLite is in: what libsqlite3-sys would build, without what nobody here calls.
const SQLITE: [(&str, Option<&str>); 13] = [
    ("SQLITE_CORE", None),
    ("SQLITE_THREADSAFE", Some("1")),
    ("SQLITE_DEFAULT_FOREIGN_KEYS", Some("1")),
    ("SQLITE_ENABLE_API_ARMOR", None),
    ("SQLITE_ENABLE_COLUMN_METADATA", None),
    ("SQLITE_ENABLE_DBSTAT_VTAB", None),
    ("SQLITE_ENABLE_FTS5", None),
    ("SQLITE_ENABLE_STAT4", None),
    // What SQLite sorts or sets aside stays in memory: a temporary file would not be enciphered.
    ("SQLITE_TEMP_STORE", Some("3")),
    ("SQLITE_OMIT_LOAD_EXTENSION", None),
    ("HAVE_USLEEP", Some("1")),
    ("HAVE_ISNAN", None),
    ("_POSIX_THREAD_SAFE_FUNCTIONS", None),
];

/// The ciphers that stay out; the one that is in is ChaCha20-Poly1305.
const LEFT_OUT: [&str; 6] = [
    "HAVE_CIPHER_AES_128_CBC",
    "HAVE_CIPHER_AES_256_CBC",
    "HAVE_CIPHER_SQLCIPHER",
    "HAVE_CIPHER_RC4",
    "HAVE_CIPHER_ASCON128",
    "HAVE_CIPHER_AEGIS",
];

fn main() {
    let mut build = cc::Build::new();
    build.file(source_dir().join(SOURCE_FILE)).warnings(false);
    for (name, value) in SQLITE {
        build.define(name, value);
    }
    for name in LEFT_OUT {
        build.define(name, "0");
    }
    if std::env::var_os("CARGO_CFG_WINDOWS").is_none() {
        build.define("HAVE_LOCALTIME_R", None);
    }
    // The names are asked for by libsqlite3-sys, which a linker may come to later than to this: so all of it is taken.
    build.cargo_metadata(false).compile("titian_sqlite3");
    let folder = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR for a build script");
    println!("cargo::rustc-link-search=native={folder}");
    println!("cargo::rustc-link-lib=static:+whole-archive=titian_sqlite3");
    println!("cargo::rerun-if-changed=build.rs");
}
