//! The hub's part in a repair: cells of its set, and the entries that a gateway fetches. Nothing of it is kept between
//! requests.

use std::collections::VecDeque;

use super::Fingerprinted;
use super::hub::{HubError, HubExchange, HubStep, Phase, ScopeState};
use super::queue::Queue;
use crate::chain::Cursor;
use crate::reconcile::{self, CELLS_MAX, Cells, Coder, Salt};
use crate::wire::extension::CellsWanted;
use crate::wire::frame::Carried;

/// Cells in a frame of the first few thousand: 3 KiB, for a link that dies often.
const FRAME_CELLS_MIN: usize = 256;
/// Cells in a frame of a large repair: just below 16 KiB.
const FRAME_CELLS_MAX: usize = 1_280;

/// What a pass over the office's set is for.
pub(super) enum Counted {
    Nothing,
    Cells {
        coder: Coder,
        cells: Cells,
        /// The items before this place are counted.
        cover: Cursor,
        after: u64,
    },
    Fetched {
        coder: Coder,
        found: Vec<u64>,
        until: Cursor,
        after: u64,
    },
}

impl HubExchange {
    /// The cells that the request asks for; `None` if it asks for none.
    pub(super) fn cells_wanted(&self) -> Result<Option<CellsWanted>, HubError> {
        let wanted = self.head()?.extensions.cells;
        Ok(wanted.filter(|wanted| wanted.most > 0))
    }

    /// Begins to count cells; further ones cover the same items as those before them.
    pub(super) fn count_cells(&mut self, wanted: CellsWanted, cover: Cursor, scope: ScopeState) {
        let most = usize::try_from(wanted.most).unwrap_or(CELLS_MAX);
        let count = if wanted.first == 0 {
            most.min(reconcile::first_batch(cover.position, wanted.held))
        } else {
            most
        };
        self.counted = Counted::Cells {
            coder: Coder::new(Salt(wanted.salt)),
            cells: Cells::empty(wanted.first, count),
            cover,
            after: 0,
        };
        self.phase = Phase::Count(scope);
    }

    /// Begins to look for what is fetched, which lies before a place in the log.
    pub(super) fn find_fetched(&mut self, salt: Salt, until: Cursor, scope: ScopeState) {
        self.counted = Counted::Fetched {
            coder: Coder::new(salt),
            found: Vec::new(),
            until,
            after: 0,
        };
        self.phase = Phase::Count(scope);
    }

    pub(super) fn need_fingerprints(&self) -> Result<HubStep, HubError> {
        let (after, until) = match &self.counted {
            Counted::Cells { after, cover, .. } => (*after, cover.position),
            Counted::Fetched { after, until, .. } => (*after, until.position),
            Counted::Nothing => return Err(HubError::Driver),
        };
        Ok(HubStep::NeedFingerprints { after, until })
    }

    /// Answers [`HubStep::NeedFingerprints`]; none if there are no more.
    pub fn fingerprints(&mut self, items: &[Fingerprinted]) -> Result<HubStep, HubError> {
        let Phase::Count(scope) = self.phase else {
            return Err(HubError::Driver);
        };
        for item in items {
            match &mut self.counted {
                Counted::Cells {
                    coder, cells, after, ..
                } => {
                    cells.toggle(coder, coder.id(&item.fingerprint));
                    *after = item.position;
                }
                Counted::Fetched {
                    coder, found, after, ..
                } => {
                    if self.fetch.remove(&coder.id(&item.fingerprint)) {
                        found.push(item.position);
                    }
                    *after = item.position;
                }
                Counted::Nothing => return Err(HubError::Driver),
            }
        }
        if items.is_empty() {
            if let Counted::Fetched { found, until, .. } = &self.counted {
                self.queue = Queue::listed(found.iter().copied(), *until);
            }
            return self.gather(scope);
        }
        self.step()
    }

    /// Gives the cells as frames; none if none were counted.
    pub(super) fn cell_frames(&mut self) -> VecDeque<Carried> {
        let Counted::Cells { cells, cover, .. } = std::mem::replace(&mut self.counted, Counted::Nothing) else {
            return VecDeque::new();
        };
        // What is kept of a repair grows with it and is written anew with each frame: larger frames, fewer writes.
        let before = usize::try_from(cells.first()).unwrap_or(CELLS_MAX);
        let most = (before / 4).clamp(FRAME_CELLS_MIN, FRAME_CELLS_MAX);
        let frame = |cells| Carried::Cells { cover, cells };
        cells.parts(most).map(frame).collect()
    }
}
