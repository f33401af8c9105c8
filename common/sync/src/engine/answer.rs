//! The hub's side of one exchange, second half: the reply.

use super::LogEntry;
use super::body::{Outgoing, Queue};
use super::hub::{HubError, HubExchange, HubFact, HubStep, Phase, ScopeState};
use crate::chain::Cursor;
use crate::dictionary;
use crate::wire::extension::ReplyExtensions;
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
            return self.gather_nothing(scope);
        }
        let theirs = self.head()?.cursor;
        // At the start and at the end of the log no look-up is needed.
        if theirs.position == 0 || theirs == self.end.mark() {
            return self.recognised(scope, true);
        }
        if theirs.position >= self.end.position {
            return self.recognised(scope, false);
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
        self.recognised(scope, own.is_some_and(|own| own.mark() == theirs))
    }

    /// Answers [`HubStep::NeedEntries`].
    pub fn entries(&mut self, entries: Vec<LogEntry>) {
        self.queue.offer(entries);
    }

    fn recognised(&mut self, scope: ScopeState, known: bool) -> Result<HubStep, HubError> {
        self.cursor_unknown = !known;
        let head = self.head()?.clone();
        let in_sync = scope.digest.mark() == head.digest;
        let from = if known { head.cursor.position } else { 0 };
        // Equal digests: whatever lies between cursor and end is there already.
        self.queue = if in_sync || from == self.end.position {
            Queue::closed()
        } else {
            Queue::new(from)
        };
        self.unsaved.push(HubFact::Exchanged {
            device: head.device,
            in_sync,
        });
        self.phase = Phase::Gather(scope);
        self.save()
    }

    fn gather_nothing(&mut self, scope: ScopeState) -> Result<HubStep, HubError> {
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
        if self.queue.wants() {
            let head = self.head()?;
            return Ok(HubStep::NeedEntries {
                after: self.queue.after,
                until: self.end.position,
                skip_origin: (!head.mine_too).then_some(head.device),
            });
        }
        if let Phase::Gather(scope) = self.phase {
            let (mut outgoing, frames) = self.reply(scope);
            self.phase = Phase::Send;
            if !frames {
                self.phase = Phase::Finished;
                return Ok(HubStep::Send(outgoing.head_alone()));
            }
            self.outgoing = Some(outgoing);
        }
        let outgoing = self.outgoing.as_mut().ok_or(HubError::Driver)?;
        let bytes = outgoing.frame(&mut self.queue, Some(self.end))?;
        if outgoing.is_finished() {
            self.phase = Phase::Finished;
        }
        Ok(HubStep::Send(bytes))
    }

    fn reply(&self, scope: ScopeState) -> (Outgoing, bool) {
        let told = self.head.as_ref().filter(|_| self.verified);
        let in_sync = told.is_some_and(|head| scope.digest.mark() == head.digest);
        let behind = |cursor| self.cursor_unknown || cursor != self.end.mark();
        let frames = self.refusal.is_none() && told.is_some_and(|head| behind(head.cursor));
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
            extensions: ReplyExtensions::default(),
        };
        let direction = Direction::Reply { to: self.hash };
        let outgoing = Outgoing::new(self.key.clone(), direction, reply.to_bytes()).packing(dictionary, whole);
        (outgoing, frames)
    }
}
