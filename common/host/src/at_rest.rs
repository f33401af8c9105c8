//! Encryption at rest: a data folder that a stolen disk does not show.
//!
//! One data key of 32 random bytes enciphers the database and the attached files. It is kept in the key file beside the
//! database, wrapped once for each secret that opens it: the recovery code on paper, the machine's own code, and the passwords
//! of accounts where the setting says so. Nothing else in the data folder is enciphered, and nothing else holds personal data.

mod key;
mod key_file;
mod lock;
mod machine;
mod recovery_code;
mod since_boot;

pub use self::key::{DataKey, DatabaseKey, FilesKey};
pub use self::key_file::{KeyFile, KeyFileError, Opener, Stage};
pub use self::lock::Lock;
pub use self::machine::MachineCode;
pub use self::recovery_code::RecoveryCode;
pub use self::since_boot::SinceBoot;
