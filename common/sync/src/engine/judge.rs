//! A gateway's side of one exchange, second half: what the reply means.

use super::Refusal;
use super::body::{Arrived, ArrivedFrame, BadBody};
use super::gateway::{Agreement, Exchange, ExchangeError, Mend, Phase, SaveFact, Step};
use crate::chain::Cursor;
use crate::dictionary;
use crate::digest::Digest;
use crate::wire::codec::BadFrame;
use crate::wire::head::{ReplyHead, Taken};

impl Exchange {
    /// Answers [`Step::NeedOwnCursor`]; `None` if the own log is not as long.
    pub fn own_cursor(&mut self, own: Option<Cursor>) -> Result<Step, ExchangeError> {
        match std::mem::replace(&mut self.phase, Phase::Finished) {
            Phase::OwnCursor { head, at } => {
                let stands = own.filter(|own| own.mark() == at);
                Ok(self.accept(&head, stands))
            }
            _ => Err(ExchangeError::Driver),
        }
    }

    /// Answers [`Step::NeedDigest`] with the digest of the own log, and whether entries wait in it that were written
    /// here and not acknowledged.
    pub fn digest(&mut self, digest: &Digest, unsent: bool) -> Step {
        if unsent {
            self.outcome.again = true;
            return self.finish(Vec::new());
        }
        match self.digest {
            Some(theirs) if theirs == digest.mark() => self.proved(),
            Some(_) => self.differs(),
            None => self.finish(Vec::new()),
        }
    }

    pub(super) fn judge(&mut self, head: ReplyHead) -> Result<Step, ExchangeError> {
        self.digest = head.digest;
        self.outcome.refusal = head.refusal;
        self.outcome.again |= head.refusal.is_some_and(Refusal::is_mended_by_retry);
        match head.taken {
            // It stands somewhere else than hoped: that place has to be one of this gateway's own log.
            Taken::UpTo(at) if at.position > 0 && at != self.state.acked.mark() => {
                self.phase = Phase::OwnCursor { head, at };
                self.step()
            }
            Taken::UpTo(at) if at.position > 0 => {
                let acked = self.state.acked;
                Ok(self.accept(&head, Some(acked)))
            }
            Taken::UpTo(_) => Ok(self.accept(&head, Some(Cursor::START))),
            Taken::All => {
                let hoped = self.hoped;
                Ok(self.accept(&head, Some(hoped)))
            }
            Taken::Unsaid => Ok(self.accept(&head, None)),
        }
    }

    /// Takes the head of a reply; `stands` is where in the own log the hub stands, if that is clear.
    fn accept(&mut self, head: &ReplyHead, stands: Option<Cursor>) -> Step {
        let mut facts = vec![SaveFact::Answered {
            hub_time: head.hub_time,
            open: head.taken == Taken::Unsaid,
        }];
        match head.refusal {
            Some(Refusal::Replayed { last }) => facts.push(SaveFact::CounterSeen(last.max(self.state.counter))),
            Some(Refusal::Unresolved) => facts.push(SaveFact::Whole(true)),
            Some(Refusal::Dictionary { newest }) => {
                facts.push(SaveFact::Dictionary(newest.min(dictionary::NEWEST)));
            }
            _ => {}
        }
        match (stands, head.taken) {
            (Some(_), Taken::All) if self.restart => {
                facts.extend([
                    SaveFact::Restarted,
                    SaveFact::Mend(Mend::Running),
                    SaveFact::Whole(true),
                ]);
                self.outcome.again = true;
            }
            (Some(cursor), _) if cursor != self.state.acked => facts.push(SaveFact::Acked(cursor)),
            // The hub names a place that is not in this log: one of the two was restored or copied.
            (None, Taken::UpTo(_)) => {
                facts.push(SaveFact::Mend(Mend::Due));
                self.outcome.again = true;
                // Its frames leave out what this gateway brought, which it may have lost: they prove nothing.
                return self.finish(facts);
            }
            _ => {}
        }
        if let Some(dictionary) = head.dictionary
            && dictionary != self.state.dictionary
        {
            facts.push(SaveFact::Dictionary(dictionary.min(dictionary::NEWEST)));
        }
        let nothing_open = head.refusal.is_none() && head.taken == Taken::All && !self.restart;
        if nothing_open && self.state.whole && self.state.mend != Mend::Running && self.incoming.is_none() {
            facts.push(SaveFact::Whole(false));
        }
        self.phase = if self.incoming.is_some() {
            Phase::ReplyFrames
        } else {
            Phase::Finished
        };
        if head.in_sync {
            self.outcome.agreement = Agreement::Proved;
        }
        if self.incoming.is_none() {
            return self.conclude(facts);
        }
        self.save(facts)
    }

    pub(super) fn read_frame(&mut self) -> Result<Step, ExchangeError> {
        let incoming = self.incoming.as_mut().ok_or(ExchangeError::Driver)?;
        // A loop, not a recursion: a body may hold thousands of frames that are skipped.
        let (arrived, more) = loop {
            match incoming.poll(&mut self.buffer) {
                Ok(Arrived::Skipped { last: false, .. }) => {}
                Ok(Arrived::Skipped { last: true, more }) => break (None, more),
                arrived => break (Some(arrived), false),
            }
        };
        let Some(arrived) = arrived else {
            self.outcome.again |= more;
            return Ok(self.conclude(Vec::new()));
        };
        match arrived {
            Ok(Arrived::Nothing) => self.more(),
            Ok(Arrived::LookUp(prefixes)) => Ok(Step::NeedHashes(prefixes)),
            Ok(Arrived::Frame(frame)) => self.take_frame(Ok(frame)),
            Ok(Arrived::Skipped { .. }) => Ok(self.conclude(Vec::new())),
            Err(bad) => self.take_frame(Err(bad)),
        }
    }

    pub(super) fn take_frame(&mut self, frame: Result<ArrivedFrame, BadBody>) -> Result<Step, ExchangeError> {
        let frame = match frame {
            Ok(frame) => frame,
            Err(BadBody::Frame(BadFrame::Unresolved)) if !self.state.whole => {
                self.outcome.again = true;
                self.outcome.agreement = Agreement::Unknown;
                return Ok(self.finish(vec![SaveFact::Whole(true)]));
            }
            Err(bad) => return Err(bad.into()),
        };
        let facts = vec![SaveFact::Items {
            items: frame.items,
            cursor: frame.cursor,
        }];
        if !frame.last {
            return Ok(self.save(facts));
        }
        self.outcome.again |= frame.more;
        Ok(self.conclude(facts))
    }

    /// Everything has arrived: what does it prove?
    fn conclude(&mut self, facts: Vec<SaveFact>) -> Step {
        if self.outcome.agreement == Agreement::Proved {
            let mut facts = facts;
            facts.extend(self.proof());
            return self.finish(facts);
        }
        if self.restart || self.outcome.refusal.is_some() || self.digest.is_none() {
            return self.finish(facts);
        }
        // With more to come from the hub a difference proves nothing yet.
        if self.outcome.again {
            return self.finish(facts);
        }
        self.phase = Phase::Compare;
        self.save(facts)
    }

    fn proved(&mut self) -> Step {
        self.outcome.agreement = Agreement::Proved;
        let facts = self.proof();
        self.finish(facts)
    }

    fn proof(&self) -> Vec<SaveFact> {
        let mut facts = vec![SaveFact::InSync];
        if self.state.mend != Mend::No {
            facts.extend([SaveFact::Mend(Mend::No), SaveFact::Whole(false)]);
        }
        facts
    }

    fn differs(&mut self) -> Step {
        self.outcome.agreement = Agreement::Differs;
        let mut facts = vec![SaveFact::Differs];
        match self.state.mend {
            Mend::No => {
                facts.push(SaveFact::Mend(Mend::Due));
                self.outcome.again = true;
            }
            Mend::Running => facts.push(SaveFact::Mend(Mend::Tried)),
            Mend::Due | Mend::Tried => {}
        }
        self.finish(facts)
    }

    fn finish(&mut self, facts: Vec<SaveFact>) -> Step {
        self.phase = Phase::Finished;
        if facts.is_empty() {
            Step::Done(self.outcome)
        } else {
            self.save(facts)
        }
    }
}
