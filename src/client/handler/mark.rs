//! The conversation with the key-value store that holds the marks, one question
//! at a time about a message in hand.
//!
//! A question without an answer is asked again on the next connection, and of the
//! next store of the list when one says that it is a replica. A claim that is
//! asked again may meet itself: with `setnx` the consumer then takes its own mark
//! for another's, and the message is never done; with a lease it waits until its
//! own has run out. (A value of its own would tell; few programs set one.)

use super::{Dedupe, Delivery, Handler, Phase, Signal, Work};
use crate::event::{Closed, Kind};
use crate::node::{ConnectionId, Outputs};
use crate::protocol::store::{Command, DONE, Key, Method, Reply, WORKING};
use crate::time::{Span, Time};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Is it marked?
    Look,
    /// Mark it, unless it is.
    Claim,
    /// The claim was turned down: is the other done, or at work?
    Inspect,
    /// It is done.
    Mark,
    /// The handler threw: it is not done.
    Release,
}

impl Handler {
    /// What is to be asked before work begins, if anything.
    pub(super) fn first_question(&self, delivery: Delivery) -> Option<Question> {
        if self.cache.is_none() || delivery.fact.is_none() {
            return None;
        }
        match self.options.dedupe {
            Dedupe::GetThenSet => Some(Question::Look),
            Dedupe::SetNx | Dedupe::Lease => Some(Question::Claim),
            _ => None,
        }
    }

    /// Asks about a message in hand, now or once the store is there.
    pub(super) fn ask(&mut self, now: Time, lane: usize, delivery: Delivery, question: Question, out: &mut Outputs) {
        self.hands[lane] = Some(Work { delivery, phase: Phase::Asking { question, asked: None } });
        self.ask_again(now, lane, out);
    }

    /// Asks what is not asked yet, if the store is there.
    pub(super) fn ask_again(&mut self, now: Time, lane: usize, out: &mut Outputs) {
        let Some(connection) = self.cache.as_ref().and_then(|cache| cache.connection()) else { return };
        let Some(Work { delivery, phase: Phase::Asking { question, asked: None } }) = self.hands[lane] else { return };
        self.requests += 1;
        let (request, command) = (self.requests, self.command(delivery, question));
        out.send(connection, Method::Command { request, command }, Some(delivery.copy));
        self.hands[lane] = Some(Work { delivery, phase: Phase::Asking { question, asked: Some((request, now)) } });
        self.expect_answer(now, out);
    }

    fn command(&self, delivery: Delivery, question: Question) -> Command {
        // The number of the fact, not of the delivery: it is the same each time.
        let message = delivery.fact.map_or(delivery.copy.message, |fact| fact.message);
        let key = Key { subscription: self.options.subscription, message };
        let mark = |only_if_absent| Command::Set { key, value: DONE, only_if_absent, life: self.options.mark_life };
        match question {
            Question::Look | Question::Inspect => Command::Get(key),
            Question::Claim if self.options.dedupe == Dedupe::Lease => {
                Command::Set { key, value: WORKING, only_if_absent: true, life: self.options.lease }
            }
            Question::Claim => mark(true),
            Question::Mark => mark(false),
            Question::Release => Command::Delete(key),
        }
    }

    pub(super) fn answered(
        &mut self,
        now: Time,
        connection: ConnectionId,
        request: u64,
        reply: Reply,
        out: &mut Outputs,
    ) -> Signal {
        let is_current = self.cache.as_ref().is_some_and(|cache| cache.connection() == Some(connection));
        let is_it =
            |work: &Work| matches!(work.phase, Phase::Asking { asked: Some((asked, _)), .. } if asked == request);
        let Some((lane, delivery)) = self.find(is_it).filter(|_| is_current) else { return Signal::None };
        let Some(Work { phase: Phase::Asking { question, .. }, .. }) = self.hands[lane] else { return Signal::None };
        match (question, reply) {
            (_, Reply::ReadOnly) => self.cache_failed(now, out),
            (Question::Look, Reply::Nil) | (Question::Claim, Reply::Done) => {
                return self.work(now, lane, delivery, out);
            }
            (Question::Claim, _) if self.options.dedupe == Dedupe::Lease => {
                self.ask(now, lane, delivery, Question::Inspect, out);
            }
            // It ran out meanwhile.
            (Question::Inspect, Reply::Nil) => self.ask(now, lane, delivery, Question::Claim, out),
            (Question::Inspect, Reply::Value(WORKING)) => self.hold_off(now, lane, delivery, out),
            (Question::Look | Question::Claim | Question::Inspect, _) => {
                out.note(Kind::Skipped, Some(delivery.copy));
                self.hands[lane] = None;
                return Signal::Skipped(lane, delivery);
            }
            (Question::Mark, _) => {
                self.hands[lane] = None;
                return Signal::Done(lane, delivery);
            }
            (Question::Release, _) => {
                self.hands[lane] = None;
                return Signal::Threw(lane, delivery);
            }
        }
        Signal::None
    }

    /// Another is at work on it: it is neither done nor to be done now.
    fn hold_off(&mut self, now: Time, lane: usize, delivery: Delivery, out: &mut Outputs) {
        let wait = Span::from_nanos(self.options.lease.as_nanos() / 8);
        self.hands[lane] = Some(Work { delivery, phase: Phase::HoldingOff });
        out.set_timer(self.work_timer(lane), now + wait.clamp(Span::from_millis(10), Span::from_secs(1)));
    }

    /// This store does not answer, or only as a replica: the next has its turn.
    pub(super) fn cache_failed(&mut self, now: Time, out: &mut Outputs) {
        if let Some(cache) = &mut self.cache {
            cache.fail(now, Closed::Orderly, out);
        }
        self.cache_lost();
    }

    /// An unanswered question will be asked again.
    pub(super) fn cache_lost(&mut self) {
        for work in self.hands.iter_mut().flatten() {
            if let Phase::Asking { asked, .. } = &mut work.phase {
                *asked = None;
            }
        }
    }

    pub(super) fn cache_opened(&mut self, connection: ConnectionId, out: &mut Outputs) -> bool {
        self.cache.as_mut().is_some_and(|cache| cache.opened(connection, out))
    }

    pub(super) fn cache_closed(&mut self, now: Time, connection: ConnectionId, why: Closed, out: &mut Outputs) -> bool {
        self.cache.as_mut().is_some_and(|cache| cache.closed(now, connection, why, out))
    }

    /// Whoever answers has this long to do it.
    pub(super) fn expect_answer(&mut self, now: Time, out: &mut Outputs) {
        if !self.answer_timer_set {
            self.answer_timer_set = true;
            out.set_timer(self.timers.answer, now + self.options.store_timeout);
        }
    }
}
