//! The command line: exit codes, errors that say what to do next, and output as a table or as JSON.

mod failure;
mod new_file;
pub mod print;
mod work;

pub use self::failure::{Exit, Failure, run};
pub use self::new_file::{NewFile, make_all};
pub use self::print::{Output, OutputArgs, Table};
pub use self::work::{Work, good_reason, reason};
