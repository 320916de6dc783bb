//! What is committed, and when. A commit names the next offset to read of each
//! partition; what is below it will not come again for this group.
//!
//! A coordinator takes commits only from members of its current generation. A
//! consumer that has lost its membership cannot commit: `commitSync()` throws, and
//! the program polls on and joins anew. If it meant to work after the commit, it
//! leaves that: the group will read it again, unless the coordinator had the commit
//! and only the answer was lost. Then nobody works on it.
//!
//! A commit that would say nothing new is not sent; Kafka's client sends it. Left
//! out: `default.api.timeout.ms`, after which `commitSync()` gives up waiting.

use super::membership::Stage;
use super::poll::{Prepare, State};
use super::{AskedOfCoordinator, LogConsumer, OffsetCommit};
use crate::client::log::consumer::assigned::{Assigned, Position, Start};
use crate::flaw::{self, Flaw};
use crate::node::Outputs;
use crate::protocol::log::{Error, Group, OffsetAt, Strategy};
use crate::random::Purpose;
use crate::time::Time;

impl LogConsumer {
    /// Whether the client commits of its own accord.
    pub(super) const fn commits_by_itself(&self) -> bool {
        use OffsetCommit::{Auto, AutoHandoff, AutoRacing, StoredBefore};
        matches!(self.options.offset_commit, Auto | AutoHandoff | AutoRacing | StoredBefore)
    }

    /// Whether the lowest unfinished record bounds what is committed.
    fn commits_lowest(&self) -> bool {
        self.options.offset_commit == OffsetCommit::After && self.hands_over()
    }

    /// What would be committed now, as far as it is news.
    fn positions(&self) -> Box<[OffsetAt]> {
        let known = self.assigned.iter().filter(|assigned| assigned.start == Start::Known);
        let at = |assigned: &Assigned| {
            let position = match self.options.offset_commit {
                OffsetCommit::StoredBefore => assigned.stored?,
                OffsetCommit::After if self.hands_over() => lowest(assigned),
                _ if flaw::is_on(Flaw::OffsetOfNextBatch) => assigned.fetch_at,
                _ => assigned.position,
            };
            let is_news = assigned.committed != Some(position);
            let Position { offset, leader_epoch } = position;
            is_news.then_some(OffsetAt { partition: assigned.partition, offset, leader_epoch })
        };
        known.filter_map(at).collect()
    }

    /// Sends a commit of what is news. Returns whether one is on its way.
    pub(super) fn commit_positions(&mut self, now: Time, out: &mut Outputs) -> bool {
        let offsets = self.positions();
        let member = match self.membership.generation {
            Some(generation) => Some((self.membership.member, generation)),
            None if flaw::is_on(Flaw::ZombieKeepsCommitting) => None,
            None => return false,
        };
        if offsets.is_empty() || self.program.is_committing {
            return self.program.is_committing;
        }
        let Some(node) = self.ready_coordinator(now, out) else { return false };
        for at in &offsets {
            self.find(at.partition).into_iter().for_each(|assigned| assigned.tracker.commit_sent(at.offset, out));
        }
        self.program.is_committing = true;
        let message = Group::OffsetCommit { group: self.options.group, member, offsets: offsets.clone() };
        self.ask(now, node, message, AskedOfCoordinator::Commit(offsets.clone()), out);
        for at in &offsets {
            self.find(at.partition).into_iter().for_each(|assigned| out.carries(assigned.tracker.covered(at.offset)));
        }
        true
    }

    /// In `poll()`: commits what earlier calls have returned, every so often.
    pub(super) fn auto_commit(&mut self, now: Time, out: &mut Outputs) {
        if self.commits_by_itself() && self.program.next_auto_commit <= now {
            self.program.next_auto_commit = now + self.options.auto_commit_interval;
            self.commit_positions(now, out);
        }
    }

    /// librdkafka commits from a thread of its own, also while the program works.
    pub(super) fn commit_from_background(&mut self, now: Time, out: &mut Outputs) {
        if self.options.offset_commit == OffsetCommit::StoredBefore && self.membership.stage == Stage::In {
            self.auto_commit(now, out);
        }
    }

    /// Whether this time the positions are read only after `poll()` has moved them.
    pub(super) fn races(&self, now: Time) -> bool {
        let draw = self.options.seed.draw(Purpose::RetryBackOff).by(u64::MAX - 2).by(now.as_nanos());
        self.options.offset_commit == OffsetCommit::AutoRacing && draw.chance(1, 2)
    }

    /// With lanes: commits what is done without a gap.
    pub(super) fn commit_lanes(&mut self, now: Time, out: &mut Outputs) {
        if self.commits_lowest() {
            self.commit_positions(now, out);
        }
    }

    /// `commitSync()`: waits for the answer, and for a coordinator that can give it.
    pub(super) fn commit_sync(&mut self, now: Time, out: &mut Outputs) {
        if self.membership.generation.is_none() && !flaw::is_on(Flaw::ZombieKeepsCommitting) {
            return self.commit_threw(out);
        }
        if self.positions().is_empty() && !self.program.is_committing {
            return self.commit_done(now, out);
        }
        if self.membership.not_before <= now {
            self.commit_positions(now, out);
        }
    }

    /// `commitSync()` throws. The program logs it and polls on; work that was to come
    /// after the commit is left.
    fn commit_threw(&mut self, out: &mut Outputs) {
        if let State::CommittingBefore(_) = self.program.state {
            self.skip_queued(out);
        }
        if let State::CommittingBefore(_) | State::CommittingAfter(_) = self.program.state {
            self.program.state = State::Polling;
        }
    }

    /// `commitSync()` returns: the program goes on.
    fn commit_done(&mut self, now: Time, out: &mut Outputs) {
        match self.program.state {
            State::CommittingBefore(_) => self.work(now, out),
            State::CommittingAfter(_) => self.program.state = State::Polling,
            _ => {}
        }
    }

    pub(super) fn commit_answered(&mut self, now: Time, offsets: &[OffsetAt], error: Option<Error>, out: &mut Outputs) {
        self.program.is_committing = false;
        match error {
            None => {
                for at in offsets {
                    let Some(assigned) = self.find(at.partition) else { continue };
                    assigned.committed = Some(Position { offset: at.offset, leader_epoch: at.leader_epoch });
                    assigned.tracker.committed(at.offset, out);
                }
            }
            Some(error) => {
                self.refused(now, error);
                let is_retriable =
                    !matches!(error, Error::RebalanceInProgress | Error::IllegalGeneration | Error::UnknownMemberId);
                if is_retriable && self.program.state != State::Closing {
                    // Tried again by whoever waits for it.
                    self.program.prepare = Prepare::No;
                    return;
                }
                self.commit_threw(out);
            }
        }
        if self.program.prepare == Prepare::Committing {
            self.program.prepare = Prepare::Done;
        }
        self.commit_done(now, out);
    }

    /// The connection broke before the answer came.
    pub(super) fn commit_lost(&mut self) {
        self.program.is_committing = false;
        if self.program.prepare == Prepare::Committing {
            self.program.prepare = Prepare::Done;
        }
    }

    /// Before a join: a last commit of what is about to be given back, and giving
    /// it back. Returns whether the join may begin.
    pub(super) fn prepare_to_join(&mut self, now: Time, out: &mut Outputs) -> bool {
        if self.membership.generation.is_none() {
            self.give_up_all(out);
            return true;
        }
        if self.program.is_committing {
            return false;
        }
        let commits = self.commits_by_itself() || self.commits_lowest();
        if commits && self.program.prepare == Prepare::No && self.commit_positions(now, out) {
            self.program.prepare = Prepare::Committing;
            return false;
        }
        if self.options.assignment == Strategy::Range {
            self.give_up_all(out);
        }
        true
    }

    /// The same for partitions that the new assignment takes away.
    pub(super) fn commit_before_revocation(&mut self, now: Time, out: &mut Outputs) {
        if self.commits_by_itself() || self.commits_lowest() {
            self.commit_positions(now, out);
        }
    }

    /// The end of `close()`.
    pub(super) fn leave_and_end(&mut self, now: Time, out: &mut Outputs) {
        if self.membership.generation.is_some()
            && let Some(node) = self.ready_coordinator(now, out)
        {
            let message = Group::Leave { group: self.options.group, member: self.membership.member };
            self.ask(now, node, message, AskedOfCoordinator::Leave, out);
        }
        self.give_up_all(out);
        self.go_down(now, out);
    }
}

/// What bounds a commit of lanes. Programs make this offset themselves, and give it
/// no epoch.
fn lowest(assigned: &Assigned) -> Position {
    let offset = assigned.tracker.lowest(assigned.position.offset);
    if offset == assigned.position.offset { assigned.position } else { Position { offset, leader_epoch: None } }
}
