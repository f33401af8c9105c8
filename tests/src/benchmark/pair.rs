//! What is measured: a client and a server of one kind with a link between them, and the complaints that they share.

use anyhow::Result;
use titian_demo::task::Task;

use crate::badlink::BadLink;

/// The seed of the corpus and of the links; any other gives the same picture.
pub const SEED: u64 = 2026;
/// How many complaints are at the client at first.
pub const COMPLAINTS: u64 = 1_000;
/// How many are edited at either side.
pub const EDITS: u64 = 10;

/// What a pair speaks through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Nothing: every byte can be read, and every request counted.
    Plain,
    /// TLS, with the server's key or certificate pinned.
    Tls,
}

/// A client and a server on one link. At first the client holds all complaints and the server none.
pub trait Pair {
    /// Gives the link between them.
    fn link(&self) -> &BadLink;

    /// Gives the process of the server.
    fn server(&self) -> Result<u32>;

    /// Starts a client that makes both sides the same. It ends with 0 once that is done; if it ends otherwise, another
    /// one goes on. Where its makers leave that to their users, `at_once` complaints go in one piece.
    fn begin_sync(&self, at_once: Option<u64>) -> Result<Task>;

    /// Edits complaints at the client while the link is not used.
    fn edit_at_client(&mut self) -> Result<()>;

    /// Edits other complaints at the server.
    fn edit_at_server(&mut self) -> Result<()>;

    /// Tells how many complaints are at the server.
    fn arrived(&self) -> Result<u64>;

    /// Fails unless both sides hold the same, all complaints among it.
    fn prove_same(&self) -> Result<()>;

    /// Starts a client that stays and keeps its connection.
    fn stay(&mut self) -> Result<()>;

    /// Lets the client that stays make both sides the same once more, and waits until it has.
    fn again(&mut self) -> Result<()>;
}

/// A kind of pair.
pub trait Subject {
    /// Its name in the tables.
    fn name(&self) -> &str;

    /// How it was set up, for who reads the tables.
    fn settings(&self) -> String;

    /// How many complaints it is to put into one piece, so that pieces take at most so many bytes. None if that is its
    /// own affair.
    fn at_once(&self, piece_bytes: u64) -> Option<u64>;

    /// Tells whether it has TLS, and a client that can stay.
    fn speaks_tls(&self) -> bool {
        false
    }

    /// Makes a pair with so many complaints at the client.
    ///
    /// # Errors
    /// When one of the programs does not come up.
    fn pair(&self, complaints: u64, channel: Channel) -> Result<Box<dyn Pair>>;
}
