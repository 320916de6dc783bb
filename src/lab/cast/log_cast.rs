//! The cast of a lab on a log, and what an audit asks of it.

use super::{Absent, Cast};
use crate::broker::log::{self, LogBroker, LogController, TopicSpec};
use crate::client::log::{LogConsumer, LogConsumerOptions, LogProducer, LogProducerOptions};
use crate::event::{CopyId, NodeId};
use crate::lab::model::Model;
use crate::lab::plan::Plan;
use crate::lab::wiring::INTERNAL_TOPICS;
use crate::picture::Role;
use crate::protocol::Name;
use crate::protocol::log::{Batch, TopicPartition};
use crate::random::Seed;

pub(super) fn producer(plan: &Plan, index: u16, seed: Seed) -> Cast {
    let lab = &plan.lab;
    let node = lab.topology.producer(index);
    let brokers = lab.connect.brokers(lab.topology, node, index);
    let workload = plan.workload.share(index, lab.topology.producers);
    let mut options = LogProducerOptions::new(brokers.into(), lab.wiring.topic, workload, seed);
    if plan.settings.is_on("outbox") {
        options.database = [lab.topology.database()].into();
    }
    let namesake = if plan.settings.word("transactional_id") == "shared" { lab.topology.producer(0) } else { node };
    let transactional_id = lab.wiring.names.find(&lab.topology.name(namesake)).unwrap_or_default();
    Cast::LogProducer(Box::new(LogProducer::new(options.with(&plan.settings, transactional_id))))
}

pub(super) fn broker(plan: &Plan, index: u16, seed: Seed) -> Cast {
    let options = options(plan, plan.lab.topology.broker(index), seed);
    Cast::LogBroker(Box::new(LogBroker::new(options)))
}

pub(super) fn controller(plan: &Plan, index: u16, seed: Seed) -> Cast {
    if plan.model == Model::Queue {
        return Cast::Absent(Absent(Role::Controller));
    }
    let options = options(plan, plan.lab.topology.controller(index), seed);
    Cast::LogController(Box::new(LogController::new(options)))
}

/// What brokers and controllers of a log are told. Topics have no more replicas
/// than there are brokers; those that Kafka keeps for itself have one partition.
fn options(plan: &Plan, me: NodeId, seed: Seed) -> log::Options {
    let (topology, settings) = (plan.lab.topology, &plan.settings);
    let wiring = &plan.lab.wiring;
    let mut options = log::Options::from_settings(settings);
    options.me = me;
    options.seed = seed;
    options.brokers = topology.brokers().collect();
    options.controllers = topology.controllers().collect();
    let replication_factor = settings.number("replication_factor").clamp(1, u64::from(topology.brokers)) as u16;
    let topic = |name, partitions| TopicSpec { name, partitions, replication_factor };
    let mut topics = vec![topic(wiring.topic, settings.number("partitions").max(1) as u16)];
    let wanted = [topology.consumers > 0, settings.is_on("transactions"), settings.is_on("share_group")];
    let internal = INTERNAL_TOPICS.iter().zip(wanted).map(|(name, wanted)| {
        let name = wiring.names.find(name).filter(|_| wanted).unwrap_or_default();
        topics.extend(wanted.then(|| topic(name, 1)));
        name
    });
    let internal: Vec<Name> = internal.collect();
    (options.offsets_topic, options.transactions_topic, options.share_topic) = (internal[0], internal[1], internal[2]);
    options.topics = topics.into();
    options
}

pub(super) fn consumer(plan: &Plan, index: u16, brokers: Vec<NodeId>, seed: Seed) -> Cast {
    let lab = &plan.lab;
    let (group, _) = lab.wiring.group_of(index).unwrap_or((&lab.wiring.groups[0], 0));
    let subscription = group.subscription.unwrap_or(lab.wiring.subscriptions.len() as u16);
    let (topic, database) = (lab.wiring.topic, lab.topology.database());
    let options = LogConsumerOptions::new(brokers.into(), database, topic, group.name, subscription, seed);
    let mut options = options.with(&plan.settings);
    options.handler.cache = (0..lab.topology.caches).map(|cache| lab.topology.cache(cache)).collect();
    Cast::LogConsumer(Box::new(LogConsumer::new(options)))
}

/// What an audit of a log asks its brokers.
impl Cast {
    /// In which epoch it leads a partition, if it believes to.
    #[must_use]
    pub fn leads(&self, partition: TopicPartition) -> Option<u32> {
        let Self::LogBroker(broker) = self else { return None };
        broker.leader_epoch(partition).filter(|_| broker.leads(partition))
    }

    /// The next offsets of the groups that it coordinates.
    pub fn committed_offsets(&self, visit: &mut dyn FnMut(Name, TopicPartition, u64)) {
        if let Self::LogBroker(broker) = self {
            broker.committed_offsets(visit);
        }
    }

    /// Whether a share group is done with a record of a partition that it leads.
    pub fn is_done(&self, group: Name, partition: TopicPartition, offset: u64) -> bool {
        matches!(self, Self::LogBroker(broker) if broker.is_done(group, partition, offset))
    }

    /// The records of its replica from an offset on.
    pub fn records(&self, partition: TopicPartition, from: u64, visit: &mut dyn FnMut(CopyId, u64)) {
        if let Self::LogBroker(broker) = self {
            broker.records(partition, from, visit);
        }
    }

    /// The batches of its replica, the ends of transactions among them.
    pub fn batches(&self, partition: TopicPartition, visit: &mut dyn FnMut(&Batch)) {
        if let Self::LogBroker(broker) = self {
            broker.batches(partition, visit);
        }
    }

    /// Up to where its replica is read by who reads only what is committed.
    #[must_use]
    pub fn last_stable_offset(&self, partition: TopicPartition) -> Option<u64> {
        let Self::LogBroker(broker) = self else { return None };
        broker.last_stable_offset(partition)
    }

    /// Whether its replica knows the record at an offset as part of an aborted
    /// transaction.
    #[must_use]
    pub fn is_aborted(&self, partition: TopicPartition, offset: u64) -> bool {
        matches!(self, Self::LogBroker(broker) if broker.is_aborted(partition, offset))
    }

    /// Where its replica begins and ends, if it has one.
    #[must_use]
    pub fn log_range(&self, partition: TopicPartition) -> Option<(u64, u64)> {
        let Self::LogBroker(broker) = self else { return None };
        Some((broker.log_start(partition)?, broker.log_end(partition)?))
    }
}
