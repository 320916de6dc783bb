//! Moving through a run, and disturbing it.

use std::sync::Arc;

use super::{Both, Moment, SNAPSHOTS_AT_MOST, SNAPSHOTS_OF_A_LONG_RUN, Session};
use crate::lab::history::History;
use crate::lab::plan::Plan;
use crate::sim::{Action, Fault, When};
use crate::time::{Span, Time};

impl Session {
    /// Runs forward through `to`, or to the end.
    pub fn advance(&mut self, to: Time) {
        self.run_through(to);
        self.refresh();
    }

    /// Runs to the end.
    pub fn finish(&mut self) {
        while self.happen() {}
        self.refresh();
    }

    /// Goes on by so many happenings at most, and judges no message: for whoever
    /// shows how far a long run has come. False at its end; then, or to stop on the
    /// way, [`Session::advance`] to its time.
    pub fn compute(&mut self, happenings: u64) -> bool {
        let until = self.at.steps.saturating_add(happenings);
        while self.at.steps < until {
            if !self.happen() {
                return false;
            }
        }
        true
    }

    /// Goes to any time, back or forward.
    pub fn seek(&mut self, to: Time) {
        let ahead = |moment: &&Moment| moment.now <= to && moment.steps > self.at.steps;
        if to < self.at.now || (!self.history.is_whole() && self.snapshots.iter().rev().any(|moment| ahead(&moment))) {
            self.restore(|moment| moment.now <= to);
        }
        self.advance(to);
    }

    /// Goes forward to the next event.
    pub fn step(&mut self) {
        let events = self.history.len();
        while self.history.len() == events && self.happen() {}
        self.refresh();
    }

    /// Goes back to just before the last happening that left an event.
    pub fn step_back(&mut self) {
        let Some(length) = self.history.len().checked_sub(1) else { return };
        let now = self.at.now;
        self.restore(|moment| moment.events <= length);
        let mut target = self.at.steps;
        while self.happen() && self.history.len() <= length {
            target = self.at.steps;
        }
        self.restore(|moment| moment.steps <= target);
        while self.at.steps < target && self.happen() {}
        self.at.now = self.at.now.min(now);
        self.refresh();
    }

    /// Injects a fault at this moment. After a rewind this forks the run: later
    /// live faults fall away, and [`Session::undo_fork`] brings them back.
    pub fn inject(&mut self, action: Action, lasting: Option<Span>) {
        let planned = self.plan.faults.len();
        let is_past = |index: &usize| self.at.world.fired(planned + index).is_some();
        let kept = (0..self.live.len()).take_while(is_past).count();
        self.forks.push(self.live.clone());
        let when = self.at.world.moment();
        self.live.truncate(kept);
        self.live.push(Fault { action, when, lasting });
        self.replay_live(kept, true);
    }

    /// Brings back the run before the last injected fault, at the same time.
    pub fn undo_fork(&mut self) -> bool {
        let Some(live) = self.forks.pop() else { return false };
        let common = live.iter().zip(&self.live).take_while(|(one, other)| one == other).count();
        self.live = live;
        self.replay_live(common, false);
        true
    }

    /// The same run with another plan of the same lab, from zero to this time.
    /// Live faults keep their times.
    #[must_use]
    pub fn with_plan(&self, plan: Arc<Plan>) -> Self {
        let planned = self.plan.faults.len();
        let live = self.live.iter().enumerate().map(|(index, fault)| {
            let when = self.at.world.fired(planned + index).map_or(fault.when.clone(), When::At);
            Fault { when, ..fault.clone() }
        });
        let mut session = Self::with_live_faults(plan, self.seed, live.collect());
        session.advance(self.at.now);
        session
    }

    /// Goes over the run again up to this moment with the live faults as they
    /// now are; the first `common` of them are unchanged. What lay ahead was
    /// another run's, so its snapshots go, and where the runs differ already, a
    /// count of happenings says nothing: `exactly` this place only if they do not.
    fn replay_live(&mut self, common: usize, exactly: bool) {
        let now = self.at.now;
        let steps = self.at.steps;
        (self.end, self.result) = (None, None);
        self.snapshots.retain(|moment| moment.live <= common && moment.steps <= steps && moment.now <= now);
        if self.snapshots.is_empty() {
            let forks = std::mem::take(&mut self.forks);
            let history = History::with_budget(self.history.budget());
            *self = Self::with_history(self.plan.clone(), self.seed, std::mem::take(&mut self.live), history);
            self.forks = forks;
        } else {
            self.restore(|_| true);
        }
        while exactly && self.at.steps < steps && self.happen() {}
        self.advance(now);
    }

    /// Goes back to the latest snapshot that will do. The first one always does.
    fn restore(&mut self, will_do: impl Fn(&Moment) -> bool) {
        let Some(moment) = self.snapshots.iter().rev().find(|moment| will_do(moment)).or(self.snapshots.first()) else {
            return;
        };
        self.at.clone_from(moment);
        self.history.truncate(self.at.events);
        self.at.know(&self.live);
    }

    fn run_through(&mut self, to: Time) {
        while self.at.conductor.next_time(&self.at.world).is_some_and(|next| next <= to) && self.happen() {}
        if !self.is_finished() {
            // Nothing is left to happen by then. The world's own clock moves
            // along, so that a fault injected now is one of now.
            self.at.world.run_until(to, &mut ());
            self.at.now = self.at.now.max(to);
        }
    }

    /// Takes one happening. False at the end of the run.
    fn happen(&mut self) -> bool {
        let mut both = Both { history: &mut self.history, ledger: &mut self.at.ledger };
        if !self.at.conductor.step(&self.plan, &mut self.at.world, &mut both) {
            self.end = Some(self.at.world.now());
            self.at.now = self.at.world.now();
            return false;
        }
        self.at.steps += 1;
        self.at.events = self.history.len();
        self.at.now = self.at.world.now();
        self.keep_snapshot();
        true
    }

    fn keep_snapshot(&mut self) {
        let last = self.snapshots.last().map_or(0, |moment| moment.steps);
        if self.at.steps < last.saturating_add(self.snapshot_every) {
            return;
        }
        let most = if self.plan.is_long() { SNAPSHOTS_OF_A_LONG_RUN } else { SNAPSHOTS_AT_MOST };
        if self.snapshots.len() >= most {
            let mut index = 0;
            self.snapshots.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.snapshot_every *= 2;
        }
        self.snapshots.push(self.at.clone());
    }
}
