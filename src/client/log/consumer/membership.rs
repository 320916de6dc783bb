//! Being a member of a group: finding its coordinator, joining, learning one's
//! partitions, sending heartbeats, and losing all of it.
//!
//! The thread in the background does this, but for joining, which takes place in
//! `poll()` (see `join`).

use super::{Asked, AskedOfCoordinator, LogConsumer, LogConsumerOptions};
use crate::client::log::network::back_off;
use crate::event::{Kind, NodeId};
use crate::node::Outputs;
use crate::protocol::Name;
use crate::protocol::log::{Error, Group, MemberId, Message};
use crate::random::Purpose;
use crate::time::Time;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Out,
    Joining,
    Syncing,
    In,
}

#[derive(Clone, Debug, Default)]
pub struct Membership {
    pub coordinator: Option<NodeId>,
    is_finding: bool,
    pub stage: Stage,
    pub member: MemberId,
    /// `None`: out of the group, perhaps without having noticed it when it was.
    pub generation: Option<u32>,
    /// The group must be joined anew.
    pub must_join: bool,
    /// How many partitions of each topic it has dealt out, if it leads the group.
    pub dealt: Vec<(Name, u16)>,
    pub is_fetching_offsets: bool,
    /// When the last heartbeat was sent, and the coordinator last heard.
    pub sent: Time,
    pub heard: Time,
    pub is_asked: bool,
    /// Nothing may be asked before.
    pub not_before: Time,
    pub failures: u32,
}

impl Membership {
    /// When it has something to do next, after `now`: what is overdue waits for
    /// something else, and must not hide that.
    pub fn next_due(&self, now: Time, options: &LogConsumerOptions) -> Option<Time> {
        let heartbeat = Some(self.sent + options.heartbeat_interval).filter(|_| self.stage == Stage::In);
        let session = Some(self.heard + options.session_timeout).filter(|_| self.stage == Stage::In);
        [heartbeat, session, Some(self.not_before)].into_iter().flatten().filter(|at| *at > now).min()
    }

    /// Something went wrong; the next try is after a while.
    pub fn fail(&mut self, now: Time, options: &LogConsumerOptions) {
        let draw = options.seed.draw(Purpose::RetryBackOff).by(u64::MAX).by(self.failures.into());
        self.not_before = now + back_off(options.retry_back_off, self.failures, draw.value());
        self.failures += 1;
    }

    /// Something went well: the next failure is the first.
    pub const fn is_well(&mut self) {
        self.failures = 0;
    }

    pub fn coordinator_lost(&mut self, now: Time, options: &LogConsumerOptions) {
        self.coordinator = None;
        self.is_finding = false;
        self.is_asked = false;
        self.fail(now, options);
    }

    /// The coordinator says, or the poll interval does, that it is no member, or one
    /// of an older generation.
    pub fn lose(&mut self, forgets_member: bool) {
        self.generation = None;
        self.stage = Stage::Out;
        self.must_join = true;
        if forgets_member {
            self.member = MemberId::default();
        }
    }
}

impl LogConsumer {
    /// What the background thread does: find the coordinator, send heartbeats,
    /// leave a group whose program does not come back.
    pub(super) fn keep_membership(&mut self, now: Time, out: &mut Outputs) {
        let Some(node) = self.ready_coordinator(now, out) else { return };
        let membership = &mut self.membership;
        if membership.stage != Stage::In {
            return;
        }
        if membership.heard + self.options.session_timeout <= now {
            // The coordinator itself may be gone.
            membership.heard = now;
            return membership.coordinator_lost(now, &self.options);
        }
        let (group, member, generation) = (self.options.group, membership.member, membership.generation);
        if self.program.away_since().is_some_and(|since| since + self.options.max_poll_interval <= now) {
            membership.lose(true);
            out.note(Kind::PollIntervalExceeded, None);
            self.ask(now, node, Group::Leave { group, member }, AskedOfCoordinator::Leave, out);
        } else if let Some(generation) = generation
            && !membership.is_asked
            && membership.sent + self.options.heartbeat_interval <= now
        {
            membership.sent = now;
            membership.is_asked = true;
            self.ask(now, node, Group::Heartbeat { group, member, generation }, AskedOfCoordinator::Heartbeat, out);
        }
    }

    pub(super) fn ask(
        &mut self,
        now: Time,
        node: NodeId,
        message: Group,
        asked: AskedOfCoordinator,
        out: &mut Outputs,
    ) {
        self.coordination.send(now, node, message, None, Some(asked), out);
    }

    /// The coordinator, if it is known and connected; else that is seen to.
    pub(super) fn ready_coordinator(&mut self, now: Time, out: &mut Outputs) -> Option<NodeId> {
        if let Some(node) = self.membership.coordinator {
            return self.coordination.is_ready(now, node, out).then_some(node);
        }
        if !self.membership.is_finding
            && self.membership.not_before <= now
            && let Some(node) = self.cluster.any(now, out)
        {
            self.membership.is_finding = true;
            let key = self.options.group;
            self.cluster.ask(now, node, Group::FindCoordinator { key, is_transaction: false }, Asked::Coordinator, out);
        }
        None
    }

    pub(super) fn coordinator_found(&mut self, now: Time, message: Message) {
        self.membership.is_finding = false;
        match message {
            Message::Group(Group::Coordinator { broker: Ok(node) }) => self.membership.coordinator = Some(node),
            _ => self.membership.fail(now, &self.options),
        }
    }

    /// The coordinator answers.
    pub(super) fn coordinated(&mut self, now: Time, asked: &AskedOfCoordinator, message: Message, out: &mut Outputs) {
        let Message::Group(message) = message else {
            return self.share_coordinated(now, message);
        };
        match (asked, message) {
            (AskedOfCoordinator::Join, Group::Joined { member, answer }) => self.joined(now, member, answer, out),
            (AskedOfCoordinator::Sync, Group::Synced { answer }) => match answer {
                Ok(assignment) if self.membership.stage == Stage::Syncing => self.synced(now, &assignment, out),
                Ok(_) => {}
                Err(error) => self.refused(now, error),
            },
            (AskedOfCoordinator::Heartbeat, Group::HeartbeatAnswer { error }) => {
                self.membership.is_asked = false;
                self.membership.heard = now;
                error.into_iter().for_each(|error| self.refused(now, error));
            }
            (AskedOfCoordinator::Commit(offsets), Group::OffsetCommitted { error }) => {
                self.commit_answered(now, offsets, error, out);
            }
            (AskedOfCoordinator::OffsetFetch, Group::OffsetsFetched { answer }) => {
                self.offsets_fetched(now, answer);
            }
            _ => {}
        }
    }

    /// The coordinator refused something about the membership.
    pub(super) fn refused(&mut self, now: Time, error: Error) {
        let membership = &mut self.membership;
        match error {
            Error::RebalanceInProgress => {
                membership.must_join = true;
                if membership.stage == Stage::Syncing {
                    membership.stage = Stage::Out;
                }
            }
            Error::UnknownMemberId => membership.lose(true),
            Error::IllegalGeneration => membership.lose(false),
            Error::NotCoordinator | Error::CoordinatorNotAvailable => {
                membership.leave_stage();
                membership.coordinator_lost(now, &self.options);
            }
            _ => {
                membership.leave_stage();
                membership.fail(now, &self.options);
            }
        }
    }

    /// The connection with the coordinator broke: it may be another now.
    pub(super) fn coordination_lost(&mut self, now: Time, requests: impl Iterator<Item = AskedOfCoordinator>) {
        self.membership.coordinator_lost(now, &self.options);
        for asked in requests {
            match asked {
                AskedOfCoordinator::Join | AskedOfCoordinator::Sync => self.membership.leave_stage(),
                AskedOfCoordinator::Commit(_) => self.commit_lost(),
                AskedOfCoordinator::OffsetFetch => self.offset_fetch_lost(),
                AskedOfCoordinator::Heartbeat | AskedOfCoordinator::Leave => {}
            }
        }
        self.share.is_asked = false;
    }

    /// Takes note of an answer to a share group's member, which has no other home.
    fn share_coordinated(&mut self, now: Time, message: Message) {
        if let Message::Share(message) = message {
            self.share_heartbeat_answered(now, message);
        }
    }
}

impl Membership {
    /// A join under way has failed.
    fn leave_stage(&mut self) {
        if matches!(self.stage, Stage::Joining | Stage::Syncing) {
            self.stage = Stage::Out;
            self.must_join = true;
        }
    }
}
