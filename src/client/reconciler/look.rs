//! Looking: when it is time, the books are asked what is missing, and asked again
//! where they do not answer.

use super::{ANSWER, LOOK, LOOKS, Reconciler, Stage};
use crate::event::{Closed, Kind, MessageId};
use crate::node::Outputs;
use crate::protocol::store;
use crate::time::{Span, Time};

/// How long the database may take until its connection is suspect.
const PATIENCE: Span = Span::from_secs(5);

impl Reconciler {
    /// Sets the time of the next look.
    pub(super) fn rest(&mut self, until: Time, is_clean: bool, out: &mut Outputs) {
        self.stage = Stage::Resting;
        let at = until.max(self.options.at);
        if is_clean {
            out.set_periodic_timer(LOOK, at);
        } else {
            out.set_timer(LOOK, at);
        }
    }

    /// The first look of a process. One that an earlier process may have begun is
    /// not made up for, but left to the next turn.
    pub(super) fn rest_first(&mut self, now: Time, out: &mut Outputs) {
        let begun = self.options.at + self.every().times(self.turn(now));
        self.rest(if now > self.options.at { begun + self.every() } else { now }, false, out);
    }

    fn every(&self) -> Span {
        self.options.every.max(Span::from_nanos(1))
    }

    /// How often a look could have been over by now, counted from the first. Looks
    /// lie at least `every` apart, so no two have the same turn.
    fn turn(&self, now: Time) -> u64 {
        if now < self.options.at { 0 } else { now.since(self.options.at).as_nanos() / self.every().as_nanos() }
    }

    /// Asks the books what is missing, if they and the broker are there.
    pub(super) fn ask(&mut self, now: Time, out: &mut Outputs) {
        let Some(connection) = self.books.connection().filter(|_| self.session.is_ready()) else {
            self.stage = Stage::Due;
            return;
        };
        self.requests += 1;
        self.look = u16::try_from(self.turn(now) + 1).unwrap_or(u16::MAX);
        let (request, subscription) = (self.requests, self.options.subscription);
        self.stage = Stage::Asking { request, since: now };
        out.send(connection, store::Method::FindMissing { request, subscription }, None);
        out.set_timer(ANSWER, now + PATIENCE);
    }

    pub(super) fn ask_if_due(&mut self, now: Time, out: &mut Outputs) {
        if self.stage == Stage::Due {
            self.ask(now, out);
        }
    }

    /// The books say what is missing.
    pub(super) fn told(&mut self, now: Time, answered: u64, missing: &[MessageId], out: &mut Outputs) {
        let Stage::Asking { request, since } = self.stage else { return };
        if request != answered {
            return;
        }
        out.cancel_timer(ANSWER);
        if !self.session.is_ready() {
            self.stage = Stage::Due;
            return;
        }
        if missing.is_empty() {
            let last = self.options.workload.end().unwrap_or(Time::ZERO);
            let is_clean = since >= last + self.options.every;
            return self.rest(now + self.options.every, is_clean, out);
        }
        self.found += 1;
        if self.found > LOOKS {
            self.stage = Stage::GaveUp;
            return;
        }
        self.stage = Stage::Refilling;
        self.to_send.extend(missing);
        for message in missing {
            out.note_with(Kind::FoundMissing, Some(self.copy(*message)), u64::from(self.options.subscription));
        }
        self.publish(now, out);
    }

    /// Was the database silent for too long?
    pub(super) fn answer_due(&mut self, now: Time, out: &mut Outputs) {
        if matches!(self.stage, Stage::Asking { .. }) {
            self.books.fail(now, Closed::Orderly, out);
            self.stage = Stage::Due;
        }
    }
}
