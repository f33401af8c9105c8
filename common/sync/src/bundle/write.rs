//! Making a bundle: entries of a log go in, parts of a bounded size come out.

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::head::{BundleHead, Sender};
use super::{PART_BYTES_MAX, PART_BYTES_MIN};
use crate::chain::Cursor;
use crate::engine::LogEntry;
use crate::engine::body::Outgoing;
use crate::engine::queue::{Queue, Want};
use crate::wire::pack::PackError;
use crate::wire::seal::Direction;

/// What the driver has to do next.
pub enum Write {
    /// Look up entries of the own log that the other side is to have, with `after` < position ≤ `until`, in order; some
    /// hundred at a time. Answer with [`Writer::entries`]; none if there are no more.
    NeedEntries {
        /// After which position.
        after: u64,
        /// Up to which position.
        until: u64,
    },
    /// Append this to the part, or begin one with it.
    Bytes(Vec<u8>),
    /// The part is complete. Step on for the next one.
    EndOfPart,
    /// The bundle is complete.
    Done,
}

/// The two keys of a part.
#[derive(Clone)]
pub struct Keys {
    /// The sender's secret key.
    pub sender: SigningKey,
    /// The receiver's public key, to which everything is bound.
    pub receiver: VerifyingKey,
}

/// Makes the parts of one bundle.
pub struct Writer {
    keys: Keys,
    head: BundleHead,
    part_bytes: usize,
    until: u64,
    /// Where the sender's log ends, where that is further than the last entry that is sent.
    end: Option<Cursor>,
    place: Cursor,
    queue: Queue,
    part: Option<Outgoing>,
    done: bool,
}

impl Writer {
    /// Begins with the head of the first part. `start` is the place that its mark names; entries up to `until` are sent.
    /// The hub says with `end` where its log ends, for not all of it is for the gateway.
    pub fn begin(keys: Keys, head: BundleHead, start: Cursor, until: u64, end: Option<Cursor>) -> Self {
        Self {
            keys,
            part_bytes: super::PART_BYTES_DEFAULT,
            until,
            end,
            place: start,
            queue: Queue::new(start.position),
            head,
            part: None,
            done: false,
        }
    }

    /// Sets how large a part may become, within [`PART_BYTES_MIN`] and [`PART_BYTES_MAX`].
    #[must_use]
    pub fn with_parts_of(mut self, bytes: usize) -> Self {
        self.part_bytes = bytes.clamp(PART_BYTES_MIN, PART_BYTES_MAX);
        self
    }

    /// Says what to do next.
    pub fn step(&mut self) -> Result<Write, PackError> {
        if self.part.as_ref().is_some_and(Outgoing::is_finished) {
            self.part = None;
            self.done = self.queue.has_ended();
            return Ok(Write::EndOfPart);
        }
        if self.done {
            return Ok(Write::Done);
        }
        // Nothing is listed one by one in a bundle.
        if let Some(Want::After(after)) = self.queue.wants() {
            let until = self.until;
            return Ok(Write::NeedEntries { after, until });
        }
        let part = match &mut self.part {
            Some(part) => part,
            empty => {
                if self.head.start != self.place.mark() {
                    // Not the first part: it starts where the one before it ended.
                    self.head.start = self.place.mark();
                    self.head.part += 1;
                }
                let direction = match self.head.sender {
                    Sender::Gateway => Direction::BundleRequest {
                        hub: self.keys.receiver,
                    },
                    Sender::Hub { .. } => Direction::BundleReply {
                        device: self.keys.receiver,
                    },
                };
                let outgoing = Outgoing::new(self.keys.sender.clone(), direction, self.head.to_bytes())
                    // Nothing may depend on what the receiver, or another part, holds: hashes are written in full.
                    .packing(self.head.dictionary, true)
                    .starting_at(self.place)
                    .of_at_most(self.part_bytes);
                empty.insert(outgoing)
            }
        };
        let bytes = part.frame(&mut self.queue, self.end)?;
        self.place = part.cursor;
        Ok(Write::Bytes(bytes))
    }

    /// Answers [`Write::NeedEntries`].
    pub fn entries(&mut self, entries: Vec<LogEntry>) {
        self.queue.offer(entries);
    }
}
