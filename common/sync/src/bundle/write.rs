//! Making a bundle: entries of a log go in, parts of a bounded size come out.

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::head::{BundleHead, Sender};
use super::{PART_BYTES_MAX, PART_BYTES_MIN};
use crate::chain::Cursor;
use crate::engine::LogEntry;
use crate::engine::outgoing::Outgoing;
use crate::engine::pieces::{Attachments, Blob};
use crate::engine::queue::{self, Queue};
use crate::wire::extension::Want;
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
    /// Read some bytes of a file from where they are wanted. Answer with [`Writer::file`].
    NeedFile(Want),
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
    files: Attachments,
    part: Option<Outgoing>,
    done: bool,
}

impl Writer {
    /// Begins with the head that all parts share but for their number, which is counted here. `start` is the place that its mark names; entries up to `until` are sent.
    /// The hub says with `end` where its log ends, for not all of it is for the gateway.
    pub fn begin(keys: Keys, head: BundleHead, start: Cursor, until: u64, end: Option<Cursor>) -> Self {
        let head = BundleHead { part: 0, ..head };
        Self {
            keys,
            part_bytes: super::PART_BYTES_DEFAULT,
            until,
            end,
            place: start,
            queue: Queue::new(start.position),
            files: Attachments::default(),
            head,
            part: None,
            done: false,
        }
    }

    /// Lets files follow the items: these, each from its offset on.
    #[must_use]
    pub fn with_files(mut self, files: &[Want]) -> Self {
        self.files = Attachments::wanted(files, u64::MAX);
        self
    }

    /// Sets how large a part may become, within [`PART_BYTES_MIN`] and [`PART_BYTES_MAX`].
    #[must_use]
    pub fn with_parts_of(mut self, bytes: usize) -> Self {
        self.part_bytes = bytes.clamp(PART_BYTES_MIN, PART_BYTES_MAX);
        self
    }

    /// Says what to do next.
    pub fn step(&mut self) -> Result<Write, PackError> {
        if let Some(part) = self.part.take_if(|part| part.is_finished()) {
            self.done = !part.has_more();
            return Ok(Write::EndOfPart);
        }
        if self.done {
            return Ok(Write::Done);
        }
        // Nothing is listed one by one in a bundle.
        if let Some(queue::Want::After(after)) = self.queue.wants() {
            let until = self.until;
            return Ok(Write::NeedEntries { after, until });
        }
        // Items first: what a file belongs to is known before its bytes come.
        if let Some(want) = self.files.lacks().filter(|_| self.queue.has_ended()) {
            return Ok(Write::NeedFile(want));
        }
        let part = match &mut self.part {
            Some(part) => part,
            empty => {
                // It starts where the one before it ended.
                self.head.start = self.place.mark();
                self.head.part += 1;
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
                    .going_on(self.place, &[])
                    .for_part();
                empty.insert(outgoing)
            }
        };
        if part.is_between_items() && !part.has_room(self.part_bytes) {
            part.wind_down();
        }
        let bytes = part.frame(&mut self.queue, &mut self.files, self.end)?;
        self.place = part.cursor;
        Ok(Write::Bytes(bytes))
    }

    /// Answers [`Write::NeedEntries`].
    pub fn entries(&mut self, entries: Vec<LogEntry>) {
        self.queue.offer(entries);
    }

    /// Answers [`Write::NeedFile`]; `None` if it is not here.
    pub fn file(&mut self, blob: Option<Blob>) {
        self.files.offer(blob);
    }
}
