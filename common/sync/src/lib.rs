//! How replicas converge: log, cursors, frames, digests. Sans-IO: time and randomness are arguments, and what has to be
//! saved, sent or looked up is said to a driver that does it. `docs/protocol.md` is authoritative for the bytes.
//!
//! - [`item`]: what a log is made of. [`item::Item::new`] checks and hashes; nothing else makes an item.
//! - [`chain`] and [`digest`]: what a log keeps beside its items. Appending an item means
//!   `hash = hash.then(&item)` and `digest.add(&item)`, unless an item of that hash is there already.
//! - [`reconcile`] and [`proof`]: how a difference is found and mended, and how a hub knows its own changes again.
//! - [`engine`]: the two sides of one exchange. [`enrol`]: how a gateway and its hub come to know each other.
//! - [`hub_keys`]: which keys a hub has, and which ones a gateway trusts, while one takes the other's place.
//! - [`bundle`]: an exchange in files that a person carries.
//! - [`wire`]: the bytes. [`dictionary`]: what the compressor knows beforehand.
//!
//! # The gateway's driver
//! Stores one [`engine::gateway::ReplicaState`], applies each fact to it, and makes at most
//! [`engine::gateway::EXCHANGES_IN_A_ROW_MAX`] exchanges while [`engine::gateway::Outcome::again`] says so.
//! ```
//! use titian_sync::engine::gateway::{Exchange, ExchangeError, Outcome, SaveFact, Step};
//! use titian_sync::engine::{Fingerprinted, LogEntry};
//! # use std::collections::BTreeMap;
//! # use titian_sync::engine::pieces::{Blob, Partial};
//! # use titian_sync::{item::Item, wire::extension::Want};
//! # use titian_sync::{chain::Cursor, digest::Digest, engine::Held, item::HashPrefix};
//! # trait File {
//! #     fn save_in_one_transaction(&mut self, facts: Vec<SaveFact>) -> Result<(), ExchangeError>;
//! #     fn written_here(&self, after: u64, until: u64) -> Vec<LogEntry>;
//! #     fn entries_at(&self, positions: &[u64]) -> Vec<LogEntry>;
//! #     fn fingerprints(&self, after: u64, until: u64) -> Vec<Fingerprinted>;
//! #     fn last_written_here(&self, after: u64, until: u64) -> Vec<Item>;
//! #     fn attachment(&self, want: Want) -> Option<Blob>;
//! #     fn partial(&self) -> Option<Partial>;
//! #     fn cursor_at(&self, position: u64) -> Option<Cursor>;
//! #     fn held(&self, prefixes: &[HashPrefix]) -> BTreeMap<HashPrefix, Held>;
//! #     fn digest(&self) -> (Digest, bool);
//! # }
//! # trait Link { fn send(&mut self, bytes: Vec<u8>); fn end(&mut self); fn read(&mut self) -> Option<Vec<u8>>; }
//! fn drive(mut exchange: Exchange, file: &mut dyn File, link: &mut dyn Link) -> Result<Outcome, ExchangeError> {
//!     let mut step = exchange.step()?;
//!     loop {
//!         step = match step {
//!             // If this fails, drop the exchange; stepping on declares that the facts are durable.
//!             Step::Save(facts) => { file.save_in_one_transaction(facts)?; exchange.step()? }
//!             Step::NeedEntries { after, until } => { exchange.entries(file.written_here(after, until)); exchange.step()? }
//!             Step::NeedEntriesAt(positions) => { exchange.entries(file.entries_at(&positions)); exchange.step()? }
//!             Step::NeedFingerprints { after, until } => exchange.fingerprints(&file.fingerprints(after, until))?,
//!             Step::NeedHistory { after, until } => { exchange.history(file.last_written_here(after, until)); exchange.step()? }
//!             Step::NeedAttachment(want) => { exchange.attachment(file.attachment(want)); exchange.step()? }
//!             Step::NeedPartial => exchange.partial(file.partial())?,
//!             Step::Send(bytes) => { link.send(bytes); exchange.step()? }
//!             Step::EndOfRequest => { link.end(); exchange.step()? }
//!             Step::NeedReply => {
//!                 match link.read() { Some(bytes) => exchange.reply(&bytes), None => exchange.reply_end() }
//!                 exchange.step()?
//!             }
//!             Step::NeedOwnCursor(position) => exchange.own_cursor(file.cursor_at(position))?,
//!             Step::NeedHashes(prefixes) => exchange.held(&file.held(&prefixes))?,
//!             Step::NeedDigest => { let (digest, unsent) = file.digest(); exchange.digest(&digest, unsent) }
//!             Step::Done(outcome) => return Ok(outcome),
//!         };
//!     }
//! }
//! ```
//! A body whose first [`engine::gateway::Step::Send`] is followed by `EndOfRequest` is sent with its length, any other
//! as a stream. The first `Send` of a request or reply holds its head and its first frame.
//!
//! # The hub's driver
//! The same loop over [`engine::hub::HubStep`]: feed the body as it arrives (at most
//! [`engine::hub::HubExchange::FEED_BYTES_MAX`] at a time), answer each look-up for the office of the device that
//! `NeedDevice` named, save, and pass on what is to be sent. The transaction of a
//! [`engine::hub::HubFact::Frame`] fails if `before` is not what is stored, that of a
//! [`engine::hub::HubFact::Counter`] if the counter is not higher: another request of the device overtook this one.
//! A connection that breaks drops the exchange; what was saved stays.

pub mod bundle;
pub mod chain;
mod chunk;
pub mod dictionary;
pub mod digest;
pub mod engine;
pub mod enrol;
pub mod hub_keys;
pub mod item;
pub mod proof;
pub mod reconcile;
pub mod varint;
pub mod wire;
