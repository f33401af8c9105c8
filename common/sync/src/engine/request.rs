//! A gateway's side of one exchange, first half: what the request says and carries.

use super::gateway::{Exchange, ExchangeError, Phase, SaveFact, Step};
use super::outgoing::Outgoing;
use super::pieces::{Attachments, Blob, Partial};
use super::queue;
use super::repair::{Purpose, Repair};
use crate::dictionary;
use crate::item::Item;
use crate::wire::FRAME_BYTES_MAX;
use crate::wire::extension::{AuditEnd, RequestExtensions, Want};
use crate::wire::frame::Carried;
use crate::wire::head::RequestHead;
use crate::wire::history::History;
use crate::wire::seal::Direction;

/// What this exchange may do beside bringing news. The default brings news only, and waits for nothing.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// For how many seconds to wait for news from the hub; 0 for not at all.
    pub wait_seconds: u64,
    /// How many bytes of attachments may be sent.
    pub attachment_bytes_max: u64,
    /// What is wanted in pieces from the hub.
    pub wants: Vec<Want>,
    /// Where the own audit log ends; `None` where the hub has heard that.
    pub audit: Option<AuditEnd>,
}

impl Exchange {
    /// Sets what it may do beside bringing news.
    #[must_use]
    pub fn on(mut self, terms: Terms) -> Self {
        if self.purpose == Purpose::News {
            self.attachments = Attachments::wanted(&self.state.wanted, terms.attachment_bytes_max);
        }
        self.terms = terms;
        self
    }

    /// Ends the request's body with the next frame: what is left travels in the next exchange.
    pub fn wind_down(&mut self) {
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.wind_down();
        }
    }

    /// Sends no more of attachments in this exchange: something more urgent waits.
    pub fn hold_attachments(&mut self) {
        self.attachments.stop();
    }

    /// Answers [`Step::NeedHistory`].
    pub fn history(&mut self, mut items: Vec<Item>) {
        History::trim(&mut items);
        let mark = (!items.is_empty()).then(|| History::mark(&items));
        self.history = Some((History::of(&items), mark));
    }

    /// Answers [`Step::NeedAttachment`]; `None` if it is not here.
    pub fn attachment(&mut self, blob: Option<Blob>) {
        self.attachments.offer(blob);
    }

    /// Answers [`Step::NeedPartial`]; `None` if nothing is kept.
    pub fn partial(&mut self, partial: Option<Partial>) -> Result<Step, ExchangeError> {
        self.arriving.load(partial);
        match std::mem::replace(&mut self.phase, Phase::ReplyFrames) {
            Phase::Partial(piece) => self.take_piece(piece),
            _ => Err(ExchangeError::Driver),
        }
    }

    pub(super) fn send(&mut self) -> Result<Step, ExchangeError> {
        let entries = matches!(self.purpose, Purpose::News | Purpose::Mend);
        match self.queue.wants() {
            Some(queue::Want::At(positions)) if entries => return Ok(Step::NeedEntriesAt(positions)),
            Some(queue::Want::After(after)) if entries => {
                let until = self.snapshot.end.position;
                return Ok(Step::NeedEntries { after, until });
            }
            _ => {}
        }
        if self.queue.has_ended()
            && let Some(want) = self.attachments.lacks()
        {
            return Ok(Step::NeedAttachment(want));
        }
        if self.outgoing.is_none() {
            let something = !self.queue.is_empty() || !self.attachments.is_done();
            let frames = self.purpose == Purpose::Mend || entries && something;
            if self.purpose == Purpose::News && self.may_use_history() {
                return Ok(Step::NeedHistory {
                    after: self.state.history_from,
                    until: self.state.acked.position,
                });
            }
            if frames && !self.state.in_flight {
                return Ok(self.save(vec![SaveFact::Sending]));
            }
            let mut outgoing = self.head(frames);
            if !frames {
                let bytes = outgoing.head_alone();
                self.outgoing = Some(outgoing);
                self.phase = Phase::EndOfRequest;
                return Ok(Step::Send(bytes));
            }
            self.outgoing = Some(outgoing);
            self.phase = Phase::Send;
        }
        let outgoing = self.outgoing.as_mut().ok_or(ExchangeError::Driver)?;
        if let Some(ids) = self.fetch.pop_front() {
            return Ok(Step::Send(outgoing.carry(Carried::Fetch { ids }, false)));
        }
        let bytes = outgoing.frame(&mut self.queue, &mut self.attachments, None)?;
        self.hoped = outgoing.cursor;
        if outgoing.is_finished() {
            self.outcome.again = !self.queue.has_ended();
            self.phase = Phase::EndOfRequest;
        }
        Ok(Step::Send(bytes))
    }

    /// Tells whether items are to be sent, in place and with shortened hashes, and the items before them are not known yet.
    fn may_use_history(&self) -> bool {
        self.history.is_none() && !self.state.whole && !self.queue.is_empty()
    }

    fn head(&mut self, frames: bool) -> Outgoing {
        let (history, mark) = self.history.take().unwrap_or_default();
        self.tells_history = mark.is_some();
        let head = RequestHead {
            frames,
            whole: self.state.whole,
            loose: self.purpose == Purpose::Mend,
            newest_dictionary: dictionary::NEWEST,
            dictionary: if frames { self.state.dictionary } else { 0 },
            device: self.state.device,
            counter: self.state.counter,
            cursor: self.shown_cursor().mark(),
            start: self.state.acked.mark(),
            digest: self.snapshot.digest.mark(),
            extensions: RequestExtensions {
                lease: self.state.lease.to_show(),
                cells: self.cells_wanted(),
                wait_seconds: if frames { 0 } else { self.terms.wait_seconds },
                wants: self.terms.wants.clone(),
                audit: self.terms.audit,
                two_keys: self.keys.hub.newer.is_some(),
                history: mark,
                frame_bytes: if self.state.frame_bytes < FRAME_BYTES_MAX {
                    self.state.frame_bytes as u64
                } else {
                    0
                },
            },
        };
        let direction = Direction::Request {
            hub: self.keys.hub.newest(),
        };
        let outgoing = Outgoing::new(self.keys.device.clone(), direction, head.to_bytes());
        let from = match &self.state.repair {
            Repair::Known(difference) if self.purpose == Purpose::Mend => difference.until,
            _ => self.hoped,
        };
        outgoing
            .packing(self.state.dictionary, self.state.whole)
            .after(history)
            .framing(self.state.frame_bytes)
            .going_on(from, &self.state.wanted)
    }
}
