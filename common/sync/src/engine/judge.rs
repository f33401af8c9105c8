//! A gateway's side of one exchange, second half: what the reply means.

use super::Refusal;
use super::body::{Arrived, ArrivedFrame, ArrivedPiece, BadBody, Incoming};
use super::gateway::{Agreement, Exchange, ExchangeError, Phase, SaveFact, Step};
use super::pieces::{self, Put};
use super::repair::{Difference, Purpose, Repair};
use crate::chain::Cursor;
use crate::dictionary;
use crate::digest::Digest;
use crate::hub_keys::{KeySaid, UnusableKey};
use crate::varint::Malformed;
use crate::wire::codec::BadFrame;
use crate::wire::extension::Whole;
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
        if self.outcome.agreement == Agreement::Proved {
            self.lost |= unsent;
            return self.proved();
        }
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
        self.hub_time = head.hub_time;
        self.outcome.refusal = head.refusal;
        self.outcome.again |= head.refusal.is_some_and(Refusal::is_mended_by_retry) || self.is_put_back(&head);
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
        if head.taken != Taken::Unsaid {
            facts.push(SaveFact::Lease(self.state.lease.used()));
            facts.extend(self.terms.audit.map(SaveFact::AuditHeard));
            facts.extend(head.extensions.audit.map(SaveFact::AuditEnd));
            facts.extend(head.extensions.keys.and_then(|said| self.heard_of_keys(said)));
            if head.extensions.wants != self.state.wanted {
                facts.push(SaveFact::Wanted(head.extensions.wants.clone()));
            }
        }
        if let Some(list) = &head.extensions.quarantined {
            facts.push(SaveFact::Quarantined(list.clone()));
        }
        if self.is_put_back(head) {
            facts.push(SaveFact::HubKeys(Box::new(self.keys.hub.without_newer())));
        }
        match head.refusal {
            Some(Refusal::Copied) => facts.push(SaveFact::Copied),
            Some(Refusal::Replayed { last }) => facts.push(SaveFact::CounterSeen(last.max(self.state.counter))),
            Some(Refusal::Unresolved) if self.tells_history => {
                facts.push(SaveFact::HistoryFrom(self.state.acked.position));
            }
            Some(Refusal::Unresolved) => facts.push(SaveFact::Whole(true)),
            Some(Refusal::Dictionary { newest }) => {
                facts.push(SaveFact::Dictionary(newest.min(dictionary::NEWEST)));
            }
            _ => {}
        }
        if let Some(cursor) = stands {
            self.unsure |= cursor.position < self.hoped.position;
        }
        match (stands, head.taken) {
            // What was listed did not fit into one exchange: the hub stands where it stood.
            (Some(Cursor { position: 0, .. }), Taken::All) if self.purpose == Purpose::Mend && self.outcome.again => {
                return self.repair_anew(facts);
            }
            (Some(cursor), _) if cursor != self.state.acked => facts.push(SaveFact::Acked(cursor)),
            // The hub names a place that is not in this log: one of the two was restored or copied. Its frames would
            // leave out what this gateway brought, which it may have lost.
            (None, Taken::UpTo(_)) if self.purpose != Purpose::Sound => return self.repair_anew(facts),
            (None, Taken::UpTo(_)) => self.lost = true,
            _ => {}
        }
        if head.cursor_unknown && !head.in_sync {
            return self.repair_anew(facts);
        }
        if let Some(dictionary) = head.dictionary
            && dictionary != self.state.dictionary
        {
            facts.push(SaveFact::Dictionary(dictionary.min(dictionary::NEWEST)));
        }
        let nothing_open = head.refusal.is_none() && head.taken == Taken::All;
        if nothing_open && self.state.whole && self.incoming.is_none() {
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
        facts.push(SaveFact::Receiving);
        self.save(facts)
    }

    /// Tells whether the reply is signed with the older of two keys.
    pub(super) fn is_by_older(&self) -> bool {
        self.signer.is_some_and(|signer| signer != self.keys.hub.newest())
    }

    /// Tells whether the hub cannot know the key that the request is bound to: it was put back to before it made that one.
    fn is_put_back(&self, head: &ReplyHead) -> bool {
        self.is_by_older() && head.refusal == Some(Refusal::BadSignature)
    }

    /// Takes what the hub says about its keys, if it changes what is trusted.
    fn heard_of_keys(&mut self, said: KeySaid) -> Option<SaveFact> {
        let trusted = self.keys.hub;
        match trusted.heard(trusted.newest(), said) {
            Ok(heard) if heard == trusted => None,
            Ok(heard) => {
                // What is bound to a new key tells the hub that it has arrived.
                self.outcome.again |= heard.newer.is_some();
                Some(SaveFact::HubKeys(Box::new(heard)))
            }
            Err(UnusableKey) => Some(SaveFact::UnusableHubKey),
        }
    }

    /// What was known of a difference does not hold any more: the next exchange asks for cells.
    fn repair_anew(&mut self, mut facts: Vec<SaveFact>) -> Step {
        facts.push(SaveFact::Repair(self.state.repair.anew()));
        self.outcome.again = true;
        self.finish(facts)
    }

    pub(super) fn read_frame(&mut self) -> Result<Step, ExchangeError> {
        let incoming = self.incoming.as_mut().ok_or(ExchangeError::Driver)?;
        // A loop, not a recursion: a body may hold thousands of frames that are skipped.
        let (arrived, more) = loop {
            match incoming.poll(&mut self.fed.bytes) {
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
            Ok(Arrived::Piece(piece)) => self.take_piece(piece),
            Ok(Arrived::Cells { cover, cells, last }) => {
                if !self.take_cells(cover, &cells) {
                    return Ok(self.repair_anew(Vec::new()));
                }
                if last {
                    self.begin_pass();
                }
                let fact = SaveFact::Repair(self.state.repair.clone());
                Ok(self.save(vec![fact]))
            }
            // Only a gateway fetches.
            Ok(Arrived::Fetch(_)) => Err(ExchangeError::Malformed(Malformed::Unknown("frame"))),
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
        if self.arriving.is_open {
            // A large item before these is not whole: the next request says from where it is wanted.
            self.outcome.again = true;
            self.outcome.agreement = Agreement::Unknown;
            return Ok(self.finish(Vec::new()));
        }
        let (last, more) = (frame.last, frame.more);
        let facts = vec![self.items(frame)];
        Ok(self.taken(facts, last, more))
    }

    /// Items that were fetched move no cursor until the last of them is here.
    fn items(&self, frame: ArrivedFrame) -> SaveFact {
        let stays = self.purpose == Purpose::Mend && frame.cursor == Cursor::START;
        SaveFact::Items {
            items: frame.items,
            cursor: if stays { self.state.cursor } else { frame.cursor },
        }
    }

    pub(super) fn take_piece(&mut self, arrived: ArrivedPiece) -> Result<Step, ExchangeError> {
        let (last, more) = (arrived.last, arrived.more);
        if arrived.piece.of == Whole::Attachment {
            return Ok(self.taken(vec![SaveFact::Piece(arrived.piece)], last, more));
        }
        if arrived.piece.offset > 0 && !self.arriving.is_loaded {
            self.phase = Phase::Partial(arrived);
            return self.step();
        }
        let facts = match self.arriving.put(&arrived.piece) {
            Put::Ignored => Vec::new(),
            Put::Kept => vec![SaveFact::Piece(arrived.piece)],
            Put::Broken => vec![SaveFact::PartialDropped],
            Put::Whole(packed) => {
                let dictionary = self.incoming.as_ref().map_or(0, Incoming::dictionary);
                let frame = pieces::unfold(&packed, dictionary)?;
                vec![self.items(frame), SaveFact::PartialDropped]
            }
        };
        Ok(self.taken(facts, last, more))
    }

    /// Goes on with the next frame, or, after the last one, to what it all proves.
    fn taken(&mut self, facts: Vec<SaveFact>, last: bool, more: bool) -> Step {
        if last {
            self.outcome.again |= more || self.arriving.is_open;
            return self.conclude(facts);
        }
        self.save(facts)
    }

    /// Everything has arrived: what does it prove?
    fn conclude(&mut self, mut facts: Vec<SaveFact>) -> Step {
        if self.purpose == Purpose::Mend && self.outcome.refusal.is_none() {
            if self.incoming.is_none() {
                // Nothing was fetched, and the hub's log ends where the cells did.
                facts.push(SaveFact::Items {
                    items: Vec::new(),
                    cursor: self.shown_cursor(),
                });
            }
            facts.push(SaveFact::Repair(Repair::Settling(self.state.repair.attempt())));
        }
        if self.outcome.agreement == Agreement::Proved {
            if self.unsure {
                self.phase = Phase::Compare;
                return self.save(facts);
            }
            facts.extend(self.proof(&facts));
            return self.finish(facts);
        }
        let sounding = self.purpose == Purpose::Sound;
        if sounding || self.outcome.refusal.is_some() || self.digest.is_none() {
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
        let facts = self.proof(&[]);
        self.finish(facts)
    }

    /// The facts that follow from a proof; `unsaved` are those that come before them.
    fn proof(&mut self, unsaved: &[SaveFact]) -> Vec<SaveFact> {
        let mut facts = vec![SaveFact::InSync];
        if self.lost {
            // Both hold the same, and the hub does not know how far that is in this log: it is told, and nothing sent again.
            let cover = unsaved.iter().rev().find_map(|fact| match fact {
                SaveFact::Items { cursor, .. } => Some(*cursor),
                _ => None,
            });
            let difference = Difference::none(cover.unwrap_or(self.state.cursor), self.snapshot.end);
            self.outcome.again = true;
            facts.push(SaveFact::Repair(Repair::Known(difference)));
        } else if self.state.repair != Repair::No {
            facts.push(SaveFact::Repair(Repair::No));
        }
        facts
    }

    fn differs(&mut self) -> Step {
        self.outcome.agreement = Agreement::Differs;
        let mut facts = vec![SaveFact::Differs];
        let repair = self.state.repair.after_difference(self.hub_time);
        self.outcome.again |= matches!(repair, Repair::Due(_));
        if repair != self.state.repair {
            facts.push(SaveFact::Repair(repair));
        }
        self.finish(facts)
    }

    pub(super) fn finish(&mut self, mut facts: Vec<SaveFact>) -> Step {
        self.phase = Phase::Finished;
        if self.state.in_flight || facts.contains(&SaveFact::Receiving) {
            let came_through = self.outcome.refusal.is_none();
            facts.push(SaveFact::FrameBytes(if came_through {
                self.state.larger_frames()
            } else {
                self.state.frame_bytes
            }));
        }
        if facts.is_empty() {
            Step::Done(self.outcome)
        } else {
            self.save(facts)
        }
    }
}
