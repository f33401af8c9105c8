//! How far the repair of a difference has come, and a gateway's steps in it: cells, what they mean, and what follows.
//!
//! A repair is due where the two sides hold different things although nothing waits, or where one does not recognise the
//! other's place. It goes on from what is stored, and each round makes the difference smaller or better known.

use std::collections::BTreeSet;

use titian_domain::time::UnixMillis;

use super::Fingerprinted;
use super::gateway::{Exchange, ExchangeError, Phase, SaveFact, Step};
use crate::chain::{Cursor, RunningHash};
use crate::reconcile::{self, CELLS_MAX, Cells, Coder, Salt, SaltedId};
use crate::varint::{self, Malformed, Reader};
use crate::wire::extension::CellsWanted;

/// How many repairs may follow on one another at once. One may be in vain because another gateway, or a copy of this one
/// that nobody has recognised yet, came in between; what stands in the way of the second needs a person.
const ATTEMPTS_MAX: u8 = 2;
/// After how long such a repair is tried again.
const RETRY_MILLIS: i64 = 24 * 3600 * 1000;

/// Where the attempt stands in the first byte that is kept, above what it is about.
const ATTEMPT_SHIFT: u32 = 4;

/// How far the repair of a difference has come. Kept by the driver as its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Repair {
    /// Nothing is known to differ.
    #[default]
    No,
    /// The next request asks for cells.
    Due(Attempt),
    /// Some cells are here, and more are needed.
    Cells(Row),
    /// What differs is known: the next request brings and fetches it.
    Known(Difference),
    /// What differed was exchanged; the proof is still to come.
    Settling(Attempt),
    /// That did not help, not even when it was done once more: the difference is shown to people, and tried again after a day.
    Tried {
        /// When, by the hub's clock.
        at: UnixMillis,
    },
}

/// Which repair this is since the difference was found, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempt(u8);

/// The cells of the hub's set, as far as they are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    attempt: Attempt,
    salt: Salt,
    /// They cover the items before this place in the hub's log: what came later is no part of them.
    cover: Cursor,
    cells: Cells,
}

/// What the two sides differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    attempt: Attempt,
    salt: Salt,
    /// The place in the hub's log up to which this tells the whole difference.
    pub(super) cover: Cursor,
    /// The same place in the own log.
    pub(super) until: Cursor,
    /// The positions in the own log of what the hub lacks.
    pub(super) ours: Vec<u64>,
    /// What this gateway lacks.
    pub(super) theirs: Vec<SaltedId>,
}

impl Repair {
    /// A repair that was not tried before.
    pub const DUE: Self = Self::Due(Attempt(0));

    /// Tells, in a word that stays the same, how far it has come.
    pub fn word(&self) -> &'static str {
        match self {
            Self::No => "none",
            Self::Due(_) => "due",
            Self::Cells(_) | Self::Known(_) | Self::Settling(_) => "running",
            Self::Tried { .. } => "tried",
        }
    }

    /// The repair that is due after a difference was found at a time.
    pub(super) fn after_difference(&self, now: UnixMillis) -> Self {
        match self {
            Self::Settling(Attempt(done)) if done + 1 < ATTEMPTS_MAX => Self::Due(Attempt(done + 1)),
            Self::Settling(_) => Self::Tried { at: now },
            // Set back further than it was tried: a clock that was mended must not put this off for years.
            Self::Tried { at } if (0..RETRY_MILLIS).contains(&now.0.saturating_sub(at.0)) => self.clone(),
            _ => self.anew(),
        }
    }

    /// The same repair from its beginning: what was known of the difference does not hold any more.
    pub(super) fn anew(&self) -> Self {
        Self::Due(self.attempt())
    }

    /// Which repair this is; a new one where none runs.
    pub(super) fn attempt(&self) -> Attempt {
        match self {
            Self::No | Self::Tried { .. } => Attempt(0),
            Self::Due(attempt) | Self::Settling(attempt) => *attempt,
            Self::Cells(row) => row.attempt,
            Self::Known(difference) => difference.attempt,
        }
    }

    /// Writes it for the driver to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Attempt(attempt) = self.attempt();
        let mut out = vec![attempt << ATTEMPT_SHIFT];
        match self {
            Self::No => {}
            Self::Due(_) => out[0] |= 1,
            Self::Cells(row) => {
                out[0] |= 2;
                out.extend_from_slice(&row.salt.0);
                put_cursor(&mut out, row.cover);
                row.cells.write(&mut out);
            }
            Self::Known(difference) => {
                out[0] |= 3;
                out.extend_from_slice(&difference.salt.0);
                put_cursor(&mut out, difference.cover);
                put_cursor(&mut out, difference.until);
                varint::put(&mut out, difference.ours.len() as u64);
                for position in &difference.ours {
                    varint::put(&mut out, *position);
                }
                for SaltedId(id) in &difference.theirs {
                    out.extend_from_slice(&id.to_le_bytes());
                }
            }
            Self::Settling(_) => out[0] |= 4,
            Self::Tried { at } => {
                out[0] |= 5;
                out.extend_from_slice(&at.0.to_le_bytes());
            }
        }
        out
    }

    /// Reads what was kept. What cannot be read is begun anew.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::read(&mut Reader::new(bytes)).unwrap_or(Self::DUE)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.is_empty() {
            return Ok(Self::No);
        }
        let first = reader.u8()?;
        let attempt = Attempt(first >> ATTEMPT_SHIFT);
        Ok(match first & !(u8::MAX << ATTEMPT_SHIFT) {
            0 => Self::No,
            1 => Self::Due(attempt),
            2 => Self::Cells(Row {
                attempt,
                salt: Salt(reader.array()?),
                cover: read_cursor(reader)?,
                cells: Cells::read(0, reader)?,
            }),
            3 => {
                let (salt, cover, until) = (Salt(reader.array()?), read_cursor(reader)?, read_cursor(reader)?);
                let count = reader.limited(CELLS_MAX, "difference")?;
                let ours = (0..count).map(|_| reader.varint()).collect::<Result<_, _>>()?;
                let mut theirs = Vec::new();
                while !reader.is_empty() {
                    theirs.push(SaltedId(u64::from_le_bytes(reader.array()?)));
                }
                Self::Known(Difference {
                    attempt,
                    salt,
                    cover,
                    until,
                    ours,
                    theirs,
                })
            }
            4 => Self::Settling(attempt),
            5 => Self::Tried {
                at: UnixMillis(i64::from_le_bytes(reader.array()?)),
            },
            _ => return Err(Malformed::Unknown("repair")),
        })
    }
}

fn put_cursor(out: &mut Vec<u8>, cursor: Cursor) {
    varint::put(out, cursor.position);
    out.extend_from_slice(&cursor.hash.0);
}

fn read_cursor(reader: &mut Reader<'_>) -> Result<Cursor, Malformed> {
    Ok(Cursor {
        position: reader.varint()?,
        hash: RunningHash(reader.array()?),
    })
}

impl Difference {
    /// Nothing differs; what remains is that both sides learn where the other stands.
    pub(super) fn none(cover: Cursor, until: Cursor) -> Self {
        Self {
            attempt: Attempt::default(),
            salt: Salt([0; 8]),
            cover,
            until,
            ours: Vec::new(),
            theirs: Vec::new(),
        }
    }
}

/// A pass over the own set, to toggle it in the hub's cells or to tell which side an item belongs to.
pub(super) enum Pass {
    Toggle { cells: Cells },
    Part { found: BTreeSet<SaltedId>, ours: Vec<u64> },
}

/// What an exchange is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// News, both ways.
    News,
    /// Only where the hub stands: how the exchange before ended is not known.
    Probe,
    /// Cells.
    Sound,
    /// What was found to differ, and news.
    Mend,
}

impl Exchange {
    /// The place in the hub's log that the request shows.
    pub(super) fn shown_cursor(&self) -> Cursor {
        match &self.state.repair {
            Repair::Cells(row) if self.purpose == Purpose::Sound => row.cover,
            Repair::Known(difference) if self.purpose == Purpose::Mend => difference.cover,
            _ => self.state.cursor,
        }
    }

    /// What the request says about cells: which ones are wanted, or the salt of the ids that are fetched.
    pub(super) fn cells_wanted(&self) -> Option<CellsWanted> {
        let wanted = |salt: Salt, first: usize, most: usize| CellsWanted {
            salt: salt.0,
            first: first as u64,
            most: most as u64,
            held: self.snapshot.end.position,
        };
        match &self.state.repair {
            Repair::Cells(row) if self.purpose == Purpose::Sound => {
                let so_far = row.cells.len();
                let most = reconcile::next_batch(so_far).min(CELLS_MAX - so_far);
                Some(wanted(row.salt, so_far, most))
            }
            Repair::Known(difference) if self.purpose == Purpose::Mend && !difference.theirs.is_empty() => {
                Some(wanted(difference.salt, 0, 0))
            }
            _ if self.purpose == Purpose::Sound => Some(wanted(self.salt, 0, CELLS_MAX)),
            _ => None,
        }
    }

    /// Takes a frame of cells; `true` if they follow on those that are here.
    pub(super) fn take_cells(&mut self, cover: Cursor, cells: &Cells) -> bool {
        let repair = std::mem::take(&mut self.state.repair);
        let attempt = repair.attempt();
        let mut row = match repair {
            Repair::Cells(row) => row,
            _ => Row {
                attempt,
                salt: self.salt,
                cover,
                cells: Cells::empty(0, 0),
            },
        };
        let follows = self.purpose == Purpose::Sound && row.cover == cover && row.cells.append(cells);
        self.state.repair = if follows {
            Repair::Cells(row)
        } else {
            Repair::Due(attempt)
        };
        follows
    }

    /// Begins to look for what the cells mean.
    pub(super) fn begin_pass(&mut self) {
        self.phase = match &self.state.repair {
            Repair::Cells(row) => Phase::Pass {
                pass: Pass::Toggle {
                    cells: row.cells.clone(),
                },
                after: 0,
            },
            _ => Phase::Finished,
        };
    }

    /// Answers [`Step::NeedFingerprints`]; none if there are no more.
    pub fn fingerprints(&mut self, items: &[Fingerprinted]) -> Result<Step, ExchangeError> {
        let Repair::Cells(row) = &self.state.repair else {
            return Err(ExchangeError::Driver);
        };
        let (attempt, salt, place, so_far) = (row.attempt, row.salt, row.cover, row.cells.len());
        let coder = Coder::new(salt);
        let Phase::Pass { pass, after } = &mut self.phase else {
            return Err(ExchangeError::Driver);
        };
        for item in items {
            *after = item.position;
            let id = coder.id(&item.fingerprint);
            match pass {
                Pass::Toggle { cells } => cells.toggle(&coder, id),
                Pass::Part { found, ours } => {
                    if found.remove(&id) {
                        ours.push(item.position);
                    }
                }
            }
        }
        if !items.is_empty() {
            return self.step();
        }
        let pass = std::mem::replace(
            pass,
            Pass::Toggle {
                cells: Cells::empty(0, 0),
            },
        );
        let repair = match pass {
            Pass::Toggle { cells } => match cells.decode(&coder) {
                Some(found) => {
                    self.phase = Phase::Pass {
                        pass: Pass::Part {
                            found,
                            ours: Vec::new(),
                        },
                        after: 0,
                    };
                    return self.step();
                }
                None if so_far < CELLS_MAX => {
                    self.outcome.again = true;
                    return Ok(self.finish(Vec::new()));
                }
                None => Repair::Tried { at: self.hub_time },
            },
            Pass::Part { found, ours } => {
                self.outcome.again = true;
                Repair::Known(Difference {
                    attempt,
                    salt,
                    cover: place,
                    until: self.snapshot.end,
                    ours,
                    theirs: found.into_iter().collect(),
                })
            }
        };
        Ok(self.finish(vec![SaveFact::Repair(repair)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back_and_what_cannot_be_read_is_begun_anew() {
        let cursor = |position| Cursor {
            position,
            hash: RunningHash([7; 16]),
        };
        let mut cells = Cells::empty(0, 40);
        cells.toggle(&Coder::new(Salt([1; 8])), SaltedId(5));
        let all = [
            Repair::No,
            Repair::DUE,
            Repair::Due(Attempt(1)),
            Repair::Cells(Row {
                attempt: Attempt(1),
                salt: Salt([1; 8]),
                cover: cursor(900),
                cells,
            }),
            Repair::Known(Difference {
                attempt: Attempt(1),
                salt: Salt([2; 8]),
                cover: cursor(0),
                until: cursor(300),
                ours: vec![1, 7, 299],
                theirs: vec![SaltedId(1), SaltedId(u64::MAX)],
            }),
            Repair::Settling(Attempt(0)),
            Repair::Settling(Attempt(1)),
            Repair::Tried {
                at: UnixMillis(1_774_000_000_000),
            },
        ];
        for repair in all {
            let bytes = repair.to_bytes();
            assert_eq!(Repair::from_bytes(&bytes), repair);
            if bytes.len() > 1 {
                assert_eq!(Repair::from_bytes(&bytes[..bytes.len() - 1]), Repair::DUE);
            }
        }
        assert_eq!(Repair::from_bytes(&[]), Repair::No);
        assert_eq!(Repair::from_bytes(&[9]), Repair::DUE);
    }

    #[test]
    fn what_was_tried_in_vain_is_tried_once_more_at_once_and_then_after_a_day() {
        let once = Repair::Settling(Attempt(0)).after_difference(UnixMillis(1_000));
        assert_eq!(once, Repair::Due(Attempt(1)));
        assert_eq!(once.anew(), once);
        let tried = Repair::Settling(once.attempt()).after_difference(UnixMillis(1_000));
        assert_eq!(tried, Repair::Tried { at: UnixMillis(1_000) });
        assert_eq!(tried.after_difference(UnixMillis(RETRY_MILLIS)), tried);
        assert_eq!(tried.after_difference(UnixMillis(1_000 + RETRY_MILLIS)), Repair::DUE);
        assert_eq!(tried.after_difference(UnixMillis(0)), Repair::DUE);
    }
}
