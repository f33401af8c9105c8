//! The hub's side of one exchange, second half: the reply.

use super::LogEntry;
use super::hub::{HubError, HubExchange, HubFact, HubStep, Phase, ScopeState};
use super::outgoing::Outgoing;
use super::queue::{self, Queue};
use crate::chain::Cursor;
use crate::dictionary;
use crate::reconcile::Salt;
use crate::wire::extension::{Quarantined, ReplyExtensions, RequestExtensions};
use crate::wire::head::ReplyHead;
use crate::wire::seal::Direction;

impl HubExchange {
    /// Answers [`HubStep::NeedScope`].
    pub fn scope(&mut self, scope: ScopeState) -> Result<HubStep, HubError> {
        self.end = if scope.end.position == 0 {
            Cursor::START
        } else {
            scope.end
        };
        if !self.verified || self.refusal.is_some() {
            return self.gather(scope);
        }
        if let Some(seconds) = self.may_wait(scope) {
            self.phase = Phase::Wait(seconds);
            return self.save();
        }
        if scope.digest.mark() != self.head()?.digest
            && let Some(wanted) = self.cells_wanted()?.filter(|wanted| wanted.first == 0)
        {
            self.unsaved.push(HubFact::Exchanged {
                device: self.head()?.device,
                in_sync: false,
                holds: None,
            });
            self.count_cells(wanted, self.end, scope);
            return self.save();
        }
        let theirs = self.head()?.cursor;
        // At the start and at the end of the log no look-up is needed.
        if theirs.position == 0 || theirs == self.end.mark() {
            let known = if theirs.position == 0 { Cursor::START } else { self.end };
            return self.recognised(scope, Some(known));
        }
        if theirs.position >= self.end.position {
            return self.recognised(scope, None);
        }
        self.phase = Phase::Recognise(scope);
        self.step()
    }

    /// Answers [`HubStep::NeedCursor`]; `None` if the log has no entry there.
    pub fn cursor(&mut self, own: Option<Cursor>) -> Result<HubStep, HubError> {
        let Phase::Recognise(scope) = self.phase else {
            return Err(HubError::Driver);
        };
        let theirs = self.head()?.cursor;
        self.recognised(scope, own.filter(|own| own.mark() == theirs))
    }

    /// Answers [`HubStep::NeedEntries`].
    pub fn entries(&mut self, entries: Vec<LogEntry>) {
        let proved = |entry: LogEntry| LogEntry {
            item: self.proofs().prove(entry.item),
            ..entry
        };
        self.queue.offer(entries.into_iter().map(proved).collect());
    }

    /// Goes on from the gateway's place in this log; `None` if it is none.
    fn recognised(&mut self, scope: ScopeState, place: Option<Cursor>) -> Result<HubStep, HubError> {
        self.cursor_unknown = place.is_none();
        let (device, theirs) = (self.head()?.device, self.head()?.digest);
        let in_sync = scope.digest.mark() == theirs;
        let holds = place.map(|place| place.position).filter(|_| !self.is_repairing());
        self.unsaved.push(HubFact::Exchanged { device, in_sync, holds });
        self.phase = Phase::Gather(scope);
        // Equal digests: whatever lies between place and end is there already. No place: a repair has to come first.
        let Some(place) = place.filter(|_| !in_sync) else {
            return self.save();
        };
        if let Some(wanted) = self.cells_wanted()? {
            self.count_cells(wanted, place, scope);
        } else if let Some(cells) = self.head()?.extensions.cells.filter(|_| !self.fetch.is_empty()) {
            self.find_fetched(Salt(cells.salt), place, scope);
        } else if place.position < self.end.position {
            self.queue = Queue::new(place.position);
        }
        self.save()
    }

    /// Tells whether the place that the request shows says nothing about what the gateway holds.
    fn is_repairing(&self) -> bool {
        self.head
            .as_ref()
            .is_some_and(|head| head.loose || head.extensions.cells.is_some())
    }

    pub(super) fn gather(&mut self, scope: ScopeState) -> Result<HubStep, HubError> {
        self.phase = Phase::Gather(scope);
        self.save()
    }

    fn save(&mut self) -> Result<HubStep, HubError> {
        if self.unsaved.is_empty() {
            return self.step();
        }
        Ok(HubStep::Save(std::mem::take(&mut self.unsaved)))
    }

    pub(super) fn send(&mut self) -> Result<HubStep, HubError> {
        match self.queue.wants() {
            Some(queue::Want::At(positions)) => return Ok(HubStep::NeedEntriesAt(positions)),
            Some(queue::Want::After(after)) => {
                return Ok(HubStep::NeedEntries {
                    after,
                    until: self.end.position,
                    skip_origin: Some(self.head()?.device),
                });
            }
            None => {}
        }
        if self.verified && self.wants.is_none() {
            return Ok(HubStep::NeedWants);
        }
        if self.queue.has_ended()
            && let Some(want) = self.attachments.lacks()
        {
            return Ok(HubStep::NeedAttachment(want));
        }
        if let Phase::Gather(scope) = self.phase {
            self.cells = self.cell_frames();
            let (mut outgoing, frames) = self.reply(scope);
            self.phase = Phase::Send;
            if !frames {
                self.phase = Phase::Finished;
                return Ok(HubStep::Send(outgoing.head_alone()));
            }
            self.outgoing = Some(outgoing);
        }
        let outgoing = self.outgoing.as_mut().ok_or(HubError::Driver)?;
        let bytes = match self.cells.pop_front() {
            Some(cells) => outgoing.carry(cells, self.cells.is_empty()),
            None => outgoing.frame(&mut self.queue, &mut self.attachments, Some(self.end))?,
        };
        if outgoing.is_finished() {
            self.phase = Phase::Finished;
        }
        Ok(HubStep::Send(bytes))
    }

    fn quarantined(&self, in_sync: bool) -> Option<Vec<Quarantined>> {
        let (list, told) = self.aside.as_ref().filter(|_| self.verified)?;
        (!in_sync || !told).then(|| list.clone())
    }

    fn reply(&self, scope: ScopeState) -> (Outgoing, bool) {
        let told = self.head.as_ref().filter(|_| self.verified);
        let in_sync = told.is_some_and(|head| scope.digest.mark() == head.digest);
        let behind = |cursor| cursor != self.end.mark() || !self.queue.is_empty();
        // Where the place is not recognised and the sets differ, news would say nothing before a repair.
        let news = (in_sync || !self.cursor_unknown) && told.is_some_and(|head| behind(head.cursor));
        let sounding = told.is_some_and(|head| head.extensions.cells.is_some_and(|cells| cells.most > 0));
        let frames = self.refusal.is_none()
            && (!self.cells.is_empty() || !self.attachments.is_done() || news && (in_sync || !sounding));
        let (newest, whole) = told.map_or((0, false), |head| (head.newest_dictionary, head.whole));
        let dictionary = newest.min(dictionary::NEWEST);
        let reply = ReplyHead {
            taken: self.taken,
            in_sync,
            dictionary: frames.then_some(dictionary),
            cursor_unknown: self.cursor_unknown,
            refusal: self.refusal,
            hub_time: scope.now,
            digest: told.filter(|_| !in_sync).map(|_| scope.digest.mark()),
            extensions: ReplyExtensions {
                quarantined: self.quarantined(in_sync),
                wants: self.wants.clone().unwrap_or_default(),
                audit: self.audit,
                keys: self.said_of_keys(),
            },
        };
        let direction = Direction::Reply { to: self.hash };
        let mut outgoing = Outgoing::new(self.key.clone(), direction, reply.to_bytes()).packing(dictionary, whole);
        if let Some(RequestExtensions { wants, frame_bytes, .. }) = told.map(|head| &head.extensions) {
            outgoing = outgoing.going_on(Cursor::START, wants);
            if *frame_bytes > 0 {
                outgoing = outgoing.framing(usize::try_from(*frame_bytes).unwrap_or(usize::MAX));
            }
        }
        (outgoing, frames)
    }
}
