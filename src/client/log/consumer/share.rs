//! The same program in a share group (KIP-932): partitions are not dealt out, every
//! member may take records of any, and each record is settled by itself: accepted
//! when its effect is there, released or rejected when its handler threw. Whoever
//! holds a record too long loses it to another. There is no order.
//!
//! Source: `ShareConsumerImpl`, with explicit acknowledgement. Left out: renewing,
//! several acknowledgements in one request, share sessions.

use std::collections::VecDeque;

use super::{Asked, AskedOfCoordinator, LogConsumer};
use crate::client::consumer::OnException;
use crate::client::handler::{Delivery, Signal};
use crate::event::{Kind, NodeId, SETTLED};
use crate::node::Outputs;
use crate::protocol::log::{AcquiredRange, Assignment, Error, MemberId, Message, Share, ShareAnswer, TopicPartition};
use crate::time::{Span, Time};

/// `group.share.heartbeat.interval.ms`.
const HEARTBEAT: Span = Span::from_secs(5);

#[derive(Clone, Debug, Default)]
pub struct ShareState {
    member: MemberId,
    partitions: Assignment,
    /// A heartbeat is not answered; when the last was sent.
    pub is_asked: bool,
    sent: Option<Time>,
    pub is_fetching: bool,
    /// Which broker has its turn.
    turn: usize,
    pub waiting: VecDeque<Delivery>,
}

impl LogConsumer {
    pub(super) fn share_go_on(&mut self, now: Time, out: &mut Outputs) {
        self.share_heartbeat(now, out);
        let is_idle = self.share.waiting.is_empty() && self.handler.in_hand().next().is_none();
        if is_idle && !self.share.is_fetching && self.membership.not_before <= now {
            self.share_fetch(now, out);
        }
    }

    pub(super) fn share_due(&self, now: Time) -> Option<Time> {
        let heartbeat = self.share.sent.map(|sent| sent + HEARTBEAT);
        [heartbeat, Some(self.membership.not_before)].into_iter().flatten().filter(|at| *at > now).min()
    }

    fn share_heartbeat(&mut self, now: Time, out: &mut Outputs) {
        let is_due = self.share.sent.is_none_or(|sent| sent + HEARTBEAT <= now);
        if self.share.is_asked || !is_due {
            return;
        }
        let Some(node) = self.ready_coordinator(now, out) else { return };
        self.share.sent = Some(now);
        self.share.is_asked = true;
        let (group, member, topics) = (self.options.group, self.share.member, self.options.topics.clone());
        let message = Share::Heartbeat { group, member, topics };
        self.coordination.send(now, node, message, None, Some(AskedOfCoordinator::Heartbeat), out);
    }

    pub(super) fn share_heartbeat_answered(&mut self, now: Time, message: Share) {
        self.share.is_asked = false;
        let Share::HeartbeatAnswer { member, answer } = message else { return };
        match answer {
            Ok(partitions) => {
                self.share.member = member;
                self.share.partitions = partitions;
            }
            Err(Error::UnknownMemberId) => {
                self.share.member = MemberId::default();
                self.share.sent = None;
            }
            Err(error) => {
                self.share.sent = None;
                self.refused(now, error);
            }
        }
    }

    /// Asks the next broker that leads some of the partitions.
    fn share_fetch(&mut self, now: Time, out: &mut Outputs) {
        let mut leaders: Vec<NodeId> = Vec::new();
        for partition in self.share.partitions.iter() {
            match self.cluster.leader(*partition) {
                Some((node, _)) if !leaders.contains(&node) => leaders.push(node),
                Some(_) => {}
                None => self.cluster.suspect(),
            }
        }
        for _ in 0..leaders.len() {
            let node = leaders[self.share.turn % leaders.len()];
            self.share.turn += 1;
            if !self.cluster.network().is_ready(now, node, out) {
                continue;
            }
            let leads = |partition: &TopicPartition| self.cluster.leader(*partition).is_some_and(|(at, _)| at == node);
            let message = Share::Fetch {
                group: self.options.group,
                member: self.share.member,
                max_wait: self.options.fetch_max_wait,
                max_records: u32::try_from(self.options.max_poll_records.max(1)).unwrap_or(u32::MAX),
                partitions: self.share.partitions.iter().copied().filter(leads).collect(),
            };
            self.share.is_fetching = true;
            return self.cluster.ask(now, node, message, Asked::ShareFetch, out);
        }
    }

    pub(super) fn share_fetched(&mut self, now: Time, message: Message, out: &mut Outputs) {
        self.share.is_fetching = false;
        let Message::Share(Share::Fetched { partitions }) = message else { return };
        for fetched in &partitions {
            match &fetched.answer {
                Ok(ranges) => ranges.iter().for_each(|range| self.acquired(fetched.partition, range, out)),
                Err(_) => {
                    self.cluster.suspect();
                    self.membership.fail(now, &self.options);
                }
            }
        }
        self.share_dispatch(now, out);
    }

    fn acquired(&mut self, partition: TopicPartition, range: &AcquiredRange, out: &mut Outputs) {
        let generation = self.slot(partition);
        for (offset, record) in (range.batch.first_offset..).zip(range.batch.records.iter()) {
            if (range.first..=range.last).contains(&offset) {
                out.note(Kind::Taken, Some(record.copy));
                let fact = crate::protocol::fact::Fact::decode(&record.payload);
                self.share.waiting.push_back(Delivery { copy: record.copy, tag: offset, generation, fact });
            }
        }
    }

    fn share_dispatch(&mut self, now: Time, out: &mut Outputs) {
        for worker in 0..self.handler.lanes() {
            if self.handler.is_free(worker)
                && let Some(delivery) = self.share.waiting.pop_front()
            {
                self.handler.take(now, worker, delivery, out);
            }
        }
    }

    /// What the handler came to, record by record.
    pub(super) fn share_handled(&mut self, now: Time, signal: Signal, out: &mut Outputs) {
        let (delivery, answer) = match signal {
            Signal::None | Signal::Began(..) => return,
            Signal::Done(_, delivery) | Signal::Skipped(_, delivery) => (delivery, ShareAnswer::Accept),
            Signal::Threw(_, delivery) if self.options.on_exception == OnException::Reject => {
                (delivery, ShareAnswer::Reject)
            }
            Signal::Threw(_, delivery) => (delivery, ShareAnswer::Release),
        };
        self.acknowledge(now, delivery, answer, out);
        self.share_dispatch(now, out);
    }

    /// Without its leader nothing can be said, and the lock will end by itself.
    fn acknowledge(&mut self, now: Time, delivery: Delivery, answer: ShareAnswer, out: &mut Outputs) {
        let partition = self.of_slot(delivery.generation);
        let Some((node, _)) = self.cluster.leader(partition) else { return self.cluster.suspect() };
        if !self.cluster.network().is_ready(now, node, out) {
            return;
        }
        if answer == ShareAnswer::Accept {
            out.note_with(Kind::AckSent, Some(delivery.copy), SETTLED);
        }
        let message = Share::Acknowledge {
            group: self.options.group,
            member: self.share.member,
            partition,
            answers: [(delivery.tag, delivery.tag, answer)].into(),
        };
        self.cluster.send(now, node, message, Some(delivery.copy), Some(Asked::Acknowledge), out);
    }
}
