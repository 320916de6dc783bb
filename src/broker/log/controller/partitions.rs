//! What becomes of partitions when brokers come and go, when their leaders ask for
//! other in-sync replicas, and when there are to be more of them.
//!
//! Source: `ReplicationControlManager`. Where Kafka draws the broker that a topic
//! begins with, partition 0 begins with the first here: a lab should look the same
//! from one seed to the next.

use std::sync::Arc;

use super::decide::Decisions;
use super::election::{Wish, change};
use crate::broker::log::Options;
use crate::event::NodeId;
use crate::flaw::{self, Flaw};
use crate::protocol::Name;
use crate::protocol::log::{Change, Error, IsrChange, Partition, RecoveryState, TopicPartition};
use crate::time::{Span, Time};

/// How long topics wait for all brokers. Then enough of them are enough.
const WAIT_FOR_ALL: Span = Span::from_secs(20);

impl Decisions {
    /// A broker's session has ended.
    pub fn broker_fenced(&mut self, node: NodeId) {
        let is_in_sync = |state: &Partition| state.in_sync.contains(&node);
        self.reconsider(Some(node), is_in_sync, |state| Wish::without(state, node));
    }

    /// A broker is back, as another incarnation: what the last one was counts no
    /// more. Unless it stopped in good order it may lack what it once had.
    pub fn broker_stopped(&mut self, node: NodeId, is_clean: bool) {
        if is_clean || !self.rules.eligible_leader_replicas {
            return self.broker_fenced(node);
        }
        let counts = |state: &Partition| state.in_sync.contains(&node) || state.eligible.contains(&node);
        self.reconsider(Some(node), counts, |state| Wish {
            stopped_uncleanly: Some(node),
            ..Wish::without(state, node)
        });
    }

    /// A broker was unfenced: perhaps it is the one that partitions wait for.
    pub fn elect_for_leaderless(&mut self) {
        self.reconsider(None, |state| state.leader.is_none(), Wish::of);
    }

    /// `auto.leader.rebalance.enable`: the first of the replicas leads again where
    /// it can, so that load is spread as it was meant to be.
    pub fn balance(&mut self) {
        let is_off = |state: &Partition| state.leader.is_some() && state.leader != state.replicas.first().copied();
        self.reconsider(None, is_off, |state| Wish { prefers_first: true, ..Wish::of(state) });
    }

    /// Lets partitions change; `gone` may not lead, whatever is known of it.
    fn reconsider(
        &mut self,
        gone: Option<NodeId>,
        concerns: impl Fn(&Partition) -> bool,
        wish: impl Fn(&Partition) -> Wish,
    ) {
        let metadata = &self.metadata;
        let may_lead = |node| Some(node) != gone && metadata.is_active(node);
        let concerned = metadata.partitions().filter(|(_, state)| concerns(state));
        let changed = concerned.filter_map(|(id, state)| Some((id, change(state, wish(state), self.rules, may_lead)?)));
        for (partition, state) in changed.collect::<Vec<_>>() {
            self.decide(Change::Partition { partition, state: Arc::new(state) });
        }
    }

    /// A leader proposes other in-sync replicas, or says that it has recovered.
    ///
    /// # Errors
    /// As Kafka's, but for its `INVALID_REQUEST`: `FencedLeaderEpoch` to one that
    /// does not lead, `IneligibleReplica` for a list that makes no sense.
    pub fn alter_partition(
        &mut self,
        node: NodeId,
        broker_epoch: u64,
        proposed: &IsrChange,
    ) -> Result<Partition, Error> {
        self.registered(node, broker_epoch)?;
        let state = self.metadata.partition(proposed.partition).ok_or(Error::UnknownTopicOrPartition)?;
        if !flaw::is_on(Flaw::AlterPartitionOfOldEpoch) {
            check_epochs(state, node, proposed)?;
        }
        self.check_replicas(state, node, proposed)?;
        let wish = Wish {
            in_sync: proposed.in_sync.iter().map(|(node, _)| *node).collect(),
            recovery: proposed.recovery,
            ..Wish::of(state)
        };
        let Some(state) = change(state, wish, self.rules, |node| self.metadata.is_active(node)) else {
            return Ok(Partition::clone(state));
        };
        let partition = proposed.partition;
        self.decide(Change::Partition { partition, state: Arc::new(state.clone()) });
        Ok(state)
    }

    fn check_replicas(&self, state: &Partition, leader: NodeId, proposed: &IsrChange) -> Result<(), Error> {
        let list = &proposed.in_sync;
        let is_new = |at: usize| list[..at].iter().all(|(node, _)| *node != list[at].0);
        let is_list = (0..list.len()).all(|at| is_new(at) && state.replicas.contains(&list[at].0));
        let begins_recovery = proposed.recovery == RecoveryState::Recovering;
        let is_lawful_recovery = !begins_recovery || state.recovery == proposed.recovery && list.len() <= 1;
        let is_eligible = |&(node, epoch): &(NodeId, u64)| {
            let broker = self.metadata.broker(node);
            broker.is_some_and(|broker| !broker.is_fenced && broker.epoch == epoch)
        };
        let has_eligible = list.iter().all(is_eligible) || flaw::is_on(Flaw::AlterPartitionWithFenced);
        let has_leader = list.iter().any(|(node, _)| *node == leader);
        if is_list && has_leader && is_lawful_recovery && has_eligible { Ok(()) } else { Err(Error::IneligibleReplica) }
    }

    /// Creates the topics that are not there yet, once their brokers are, and adds
    /// partitions to the first of them until it has `wanted`.
    pub fn create_topics(&mut self, options: &Options, wanted: u16, now: Time) {
        let active = options.brokers.iter().filter(|node| self.metadata.is_active(**node)).count();
        let waited = now.since(self.since) >= WAIT_FOR_ALL;
        for (at, topic) in options.topics.iter().enumerate() {
            let replicas = usize::from(topic.replication_factor).clamp(1, options.brokers.len().max(1));
            let existing = self.metadata.partitions_of(topic.name);
            let wanted = if at == 0 { wanted.max(topic.partitions) } else { topic.partitions };
            let may_begin = existing > 0 || active == options.brokers.len() || waited;
            if existing < wanted && may_begin && active >= replicas {
                self.add_partitions(options, topic.name, existing..wanted, replicas);
            }
        }
    }

    fn add_partitions(&mut self, options: &Options, topic: Name, which: std::ops::Range<u16>, replicas: usize) {
        let all = &options.brokers;
        self.decide(Change::Topic { topic, partitions: which.end });
        for partition in which {
            let mut list: Vec<NodeId> =
                (0..all.len()).map(|at| all[(usize::from(partition) + at) % all.len()]).collect();
            // Those that are fenced come last, if at all.
            list.sort_by_key(|node| !self.metadata.is_active(*node));
            list.truncate(replicas);
            let in_sync: Arc<[NodeId]> = list.iter().copied().filter(|node| self.metadata.is_active(*node)).collect();
            let state = Partition {
                leader: in_sync.first().copied(),
                replicas: list.into(),
                in_sync,
                eligible: Arc::from([]),
                last_known_leader: None,
                leader_epoch: 0,
                partition_epoch: 0,
                recovery: RecoveryState::Recovered,
            };
            let partition = TopicPartition { topic, partition };
            self.decide(Change::Partition { partition, state: Arc::new(state) });
        }
    }
}

/// Whether a proposal was made on the partition as it is.
fn check_epochs(state: &Partition, node: NodeId, proposed: &IsrChange) -> Result<(), Error> {
    if proposed.leader_epoch > state.leader_epoch || proposed.partition_epoch > state.partition_epoch {
        // It knows more: most likely this controller is not the active one any more.
        Err(Error::NotController)
    } else if proposed.leader_epoch < state.leader_epoch || state.leader != Some(node) {
        Err(Error::FencedLeaderEpoch)
    } else if proposed.partition_epoch < state.partition_epoch {
        Err(Error::InvalidUpdateVersion)
    } else {
        Ok(())
    }
}
