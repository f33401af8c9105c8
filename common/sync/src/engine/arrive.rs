//! The hub's side of one exchange: what arrives in frames and pieces, what both sides know already, and waiting for news.

use super::Refusal;
use super::body::{ArrivedFrame, ArrivedPiece, BadBody};
use super::hub::{HubError, HubExchange, HubFact, HubStep, Phase, ScopeState};
use super::pieces::{self, ATTACHMENT_BYTES_PER_EXCHANGE, Attachments, Blob, Partial, Put};
use crate::chain::Cursor;
use crate::item::Item;
use crate::varint::Malformed;
use crate::wire::codec::BadFrame;
use crate::wire::extension::{Want, Whole};
use crate::wire::head::Taken;
use crate::wire::history::{HISTORY_ITEMS_MAX, History};

/// A gateway is not kept waiting longer, whatever it offers: what lies between may drop a connection that is still.
const WAIT_SECONDS_MAX: u64 = 300;

/// How long a gateway is asked to wait when the hub has no memory to spare.
const BUSY_RETRY_MILLIS: u64 = 30_000;

impl HubExchange {
    /// Answers [`HubStep::NeedHistory`].
    pub fn history(&mut self, items: &[Item]) -> Result<HubStep, HubError> {
        let told = self.head()?.extensions.history;
        self.phase = Phase::Frames;
        if told == Some(History::mark(items)) {
            let incoming = self.incoming.as_mut().ok_or(HubError::Driver)?;
            incoming.start_after(History::of(items));
        } else {
            // One of the two has not what the other thinks: whole hashes and no history are always understood.
            self.refuse(Refusal::Unresolved);
        }
        self.step()
    }

    /// Answers [`HubStep::NeedPartial`]; `None` if nothing is kept.
    pub fn partial(&mut self, partial: Option<Partial>) -> Result<HubStep, HubError> {
        self.arriving.load(partial);
        match std::mem::replace(&mut self.phase, Phase::Frames) {
            Phase::Partial(piece) => self.take_piece(piece),
            _ => Err(HubError::Driver),
        }
    }

    /// Answers [`HubStep::NeedAttachment`]; `None` if it is not here.
    pub fn attachment(&mut self, blob: Option<Blob>) {
        self.attachments.offer(blob);
    }

    /// Ends the reply with the next frame: what is left travels in the next exchange.
    pub fn wind_down(&mut self) {
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.wind_down();
        }
    }

    /// Answers [`HubStep::NeedWants`], the most wanted first.
    pub fn wants(&mut self, wants: Vec<Want>) -> Result<HubStep, HubError> {
        if self.refusal.is_none() && !self.head()?.loose && self.head()?.extensions.cells.is_none() {
            self.attachments = Attachments::wanted(&self.head()?.extensions.wants, ATTACHMENT_BYTES_PER_EXCHANGE);
        }
        self.wants = Some(wants);
        self.step()
    }

    /// Tells whether to wait for news instead of saying that there are none.
    pub(super) fn may_wait(&self, scope: ScopeState) -> Option<u64> {
        let head = self.head.as_ref().filter(|_| !self.has_waited)?;
        let in_sync = scope.digest.mark() == head.digest && head.cursor == self.end.mark();
        let seconds = head.extensions.wait_seconds.min(WAIT_SECONDS_MAX);
        (seconds > 0 && in_sync && !head.frames && head.extensions.wants.is_empty()).then_some(seconds)
    }

    pub(super) fn wait(&mut self, seconds: u64) -> HubStep {
        self.has_waited = true;
        self.phase = Phase::Scope;
        HubStep::Wait {
            seconds,
            end: self.end.position,
        }
    }

    pub(super) fn need_history(&mut self) -> Result<HubStep, HubError> {
        let told = self.head()?.extensions.history.map_or(0, |history| history.items);
        match usize::try_from(told) {
            Ok(items) if items <= HISTORY_ITEMS_MAX => Ok(HubStep::NeedHistory(items)),
            _ => Err(HubError::Malformed(Malformed::TooLarge("history"))),
        }
    }

    pub(super) fn take_piece(&mut self, arrived: ArrivedPiece) -> Result<HubStep, HubError> {
        let device = self.head()?.device;
        let (last, more) = (arrived.last, arrived.more);
        if arrived.piece.of == Whole::Item && arrived.piece.offset > 0 && !self.arriving.is_loaded {
            self.phase = Phase::Partial(arrived);
            return self.step();
        }
        let piece = arrived.piece;
        let put = if piece.of == Whole::Attachment {
            Put::Kept
        } else {
            self.arriving.put(&piece)
        };
        let fact = match put {
            Put::Ignored => None,
            Put::Kept => Some(HubFact::Piece { device, piece }),
            Put::Broken => Some(HubFact::PartialDropped { device }),
            Put::Whole(packed) => {
                let dictionary = self.head()?.dictionary;
                self.unsaved.push(HubFact::PartialDropped { device });
                let mut frame = pieces::unfold(&packed, dictionary);
                if let Ok(frame) = &mut frame {
                    (frame.last, frame.more) = (last, more);
                }
                return self.take_frame(frame);
            }
        };
        self.unsaved.extend(fact);
        if last {
            self.phase = Phase::Scope;
            if self.arriving.is_open {
                self.taken = Taken::UpTo(self.acked.mark());
                // Its sender thinks that the item is whole.
                if !more {
                    self.refuse(Refusal::Elsewhere);
                }
            }
        }
        Ok(HubStep::Save(std::mem::take(&mut self.unsaved)))
    }

    pub(super) fn take_frame(&mut self, frame: Result<ArrivedFrame, BadBody>) -> Result<HubStep, HubError> {
        let (position, loose) = (self.acked.position, self.head()?.loose);
        let refusal = match &frame {
            // A large item before these is not whole.
            Ok(_) if self.arriving.is_open => Some(Refusal::Elsewhere),
            Ok(frame) if !loose && frame.cursor.position < position + frame.items.len() as u64 => {
                Some(Refusal::BadItem { position })
            }
            Ok(frame) if !frame.items.iter().all(|item| self.proofs().admit(item)) => {
                Some(Refusal::BadItem { position })
            }
            Ok(_) => None,
            Err(BadBody::Signature) => Some(Refusal::BadSignature),
            Err(BadBody::Frame(BadFrame::Unresolved)) => Some(Refusal::Unresolved),
            Err(BadBody::NoMemory) => Some(Refusal::Busy {
                millis: BUSY_RETRY_MILLIS,
            }),
            Err(_) => Some(Refusal::BadItem { position }),
        };
        let (Ok(frame), None) = (frame, refusal) else {
            self.refuse(refusal.unwrap_or(Refusal::BadItem { position }));
            return self.step();
        };
        if frame.last {
            self.phase = Phase::Scope;
        }
        let stays = loose && frame.cursor == Cursor::START;
        let acked = if stays { self.acked } else { frame.cursor };
        let mut facts = std::mem::take(&mut self.unsaved);
        facts.push(HubFact::Frame {
            device: self.head()?.device,
            items: frame.items,
            before: self.acked,
            acked,
        });
        self.before = std::mem::replace(&mut self.acked, acked);
        Ok(HubStep::Save(facts))
    }
}
