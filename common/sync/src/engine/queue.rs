//! Entries of a log on their way into frames.

use std::collections::VecDeque;

use crate::chain::Cursor;
use crate::wire::FRAME_BYTES_MAX;
use crate::wire::pack::{LogEntry, PackError, Packed, Packer};

/// As many items as fill a frame where they shrink well, so that a frame is seldom closed for want of items.
const QUEUE_BYTES_WANTED: usize = 8 * FRAME_BYTES_MAX;

/// Collects entries of a log until there are enough for a frame: some that are listed one by one, then all from a place
/// on.
pub(crate) struct Queue {
    entries: VecDeque<LogEntry>,
    bytes: usize,
    /// Listed positions that were not asked for yet.
    listed: VecDeque<u64>,
    /// Listed positions that were asked for.
    asked: Vec<u64>,
    /// The place from which the entries go on behind those that are listed.
    from: Cursor,
    /// After which position the next entries are wanted.
    after: u64,
    exhausted: bool,
}

/// The next entries that a queue wants.
pub(crate) enum Want {
    /// Those at these positions.
    At(Vec<u64>),
    /// Those after this position.
    After(u64),
}

/// How many listed entries are asked for at once.
const LISTED_MAX: usize = 128;

impl Queue {
    pub fn new(after: u64) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            listed: VecDeque::new(),
            asked: Vec::new(),
            from: Cursor::START,
            after,
            exhausted: false,
        }
    }

    /// A queue that begins with listed entries, which move no cursor until the last of them is there.
    pub fn listed(listed: impl IntoIterator<Item = u64>, from: Cursor) -> Self {
        Self {
            listed: listed.into_iter().collect(),
            from,
            ..Self::new(from.position)
        }
    }

    /// A queue that never gets entries.
    pub fn closed() -> Self {
        Self {
            exhausted: true,
            ..Self::new(0)
        }
    }

    pub fn wants(&mut self) -> Option<Want> {
        if self.exhausted || self.bytes >= QUEUE_BYTES_WANTED {
            return None;
        }
        let count = self.listed.len().min(LISTED_MAX);
        self.asked = self.listed.drain(..count).collect();
        Some(if self.asked.is_empty() {
            Want::After(self.after)
        } else {
            Want::At(self.asked.clone())
        })
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells whether nothing is in it and nothing more comes.
    pub fn has_ended(&self) -> bool {
        self.is_empty() && self.exhausted
    }

    /// Gives the entry in front.
    pub fn front(&self) -> Option<&LogEntry> {
        self.entries.front()
    }

    /// Takes the entry in front out: it was sent in another form.
    pub fn pop(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.item.body().len();
        }
    }

    /// Packs entries from the front into one frame of about so many bytes; `None` if the first may not fit into any.
    pub fn pack(&mut self, packer: &mut Packer, frame_bytes: usize) -> Result<Option<Packed>, PackError> {
        let frame = packer.pack(&mut self.entries, frame_bytes);
        self.bytes = self.entries.iter().map(|entry| entry.item.body().len()).sum();
        frame
    }

    /// Takes entries in the order of the log; none means that there are no more.
    pub fn offer(&mut self, mut entries: Vec<LogEntry>) {
        if self.asked.is_empty() {
            match entries.last() {
                Some(last) => self.after = last.cursor.position,
                None => self.exhausted = true,
            }
        } else {
            // Fewer may come than were asked for, so that large ones do not fill the memory.
            let reached = entries.last().map_or(u64::MAX, |last| last.cursor.position);
            let left: Vec<_> = self.asked.drain(..).filter(|position| *position > reached).collect();
            for position in left.into_iter().rev() {
                self.listed.push_front(position);
            }
            for entry in &mut entries {
                entry.cursor = Cursor::START;
            }
            if let Some(last) = entries.last_mut().filter(|_| self.listed.is_empty()) {
                last.cursor = self.from;
            }
        }
        self.bytes += entries.iter().map(|entry| entry.item.body().len()).sum::<usize>();
        self.entries.extend(entries);
    }
}
