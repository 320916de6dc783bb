//! What a learner may toggle about brokers and controllers of the log model. The
//! defaults are Kafka's, but for two that no production cluster keeps: topics are
//! replicated three times (Kafka: 1), and nothing is deleted by age (Kafka: after
//! seven days).

use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::log::MOST_PARTITIONS;
use crate::random::Seed;
use crate::setting::{Demand, SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// The settings of brokers, controllers and topics.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "replication_factor",
        values: Values::Count { least: 1, most: 5 },
        default: "3",
        about: Text {
            zh: "每个分区有几个副本（连 leader 在内）",
            en: "how many replicas a partition has, the leader included",
        },
        real: Text::same("Kafka: --replication-factor, default.replication.factor (1)"),
        demand: Demand::Higher,
        unreal: &[],
    },
    SettingSpec {
        name: "partitions",
        values: Values::Count { least: 1, most: MOST_PARTITIONS as u64 },
        default: "3",
        about: Text {
            zh: "主题分成几个分区；顺序只在分区内保证，一个分区同一时刻只归组内一个消费者",
            en: "how many partitions a topic has; order holds within one, and one consumer of a group reads it at a time",
        },
        real: Text::same("Kafka: --partitions, num.partitions (1)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "min_insync",
        values: Values::Count { least: 1, most: 5 },
        default: "1",
        about: Text {
            zh: "acks=all 时同步副本（ISR，连 leader 在内）少于几个就拒绝写入",
            en: "with acks=all: writes are refused while fewer replicas are in sync, the leader included",
        },
        real: Text::same("Kafka: min.insync.replicas (1)"),
        demand: Demand::Higher,
        unreal: &[],
    },
    SettingSpec {
        name: "unclean_election",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "同步副本都不在时，是否让落后的副本当 leader：换来可用，代价是丢消息",
            en: "when no replica in sync is left: whether one that lacks records may lead; available again, at their cost",
        },
        real: Text::same("Kafka: unclean.leader.election.enable (false)"),
        demand: Demand::LeastIs("true"),
        unreal: &[],
    },
    SettingSpec {
        name: "eligible_leader_replicas",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "一走就让 ISR 低于 min.insync.replicas 的副本，是否记作仍有资格当 leader（ELR）",
            en: "whether replicas whose leaving took the ISR below min.insync.replicas remain eligible to lead (ELR)",
        },
        real: Text {
            zh: "Kafka: eligible.leader.replicas.version（4.1 起新建的集群为 1）",
            en: "Kafka: eligible.leader.replicas.version (1 for clusters new since 4.1)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "replica_lag_ms",
        values: Values::Millis { least: 500, most: 600_000 },
        default: "30000",
        about: Text {
            zh: "follower 多久没有追上 leader 的末尾，就被移出 ISR",
            en: "how long a follower may be behind the leader's log end until it is taken out of the ISR",
        },
        real: Text::same("Kafka: replica.lag.time.max.ms (30000)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "broker_session_ms",
        values: Values::Millis { least: 500, most: 600_000 },
        default: "9000",
        about: Text {
            zh: "controller 多久收不到 broker 的心跳，就把它隔离（fence）并换 leader",
            en: "how long a broker's heartbeats may stay away until the controller fences it and others lead",
        },
        real: Text::same("Kafka: broker.session.timeout.ms (9000)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "flush_messages",
        values: Values::Count { least: 0, most: 1_000_000 },
        default: "0",
        about: Text {
            zh: "每写多少条消息 fsync 一次；0 为交给操作系统（Kafka 的默认，靠副本而不是靠刷盘）",
            en: "fsync after so many records; 0 leaves it to the system (Kafka's default: replicas, not syncs)",
        },
        real: Text { zh: "Kafka: flush.messages（不限）", en: "Kafka: flush.messages (no limit)" },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "retention_ms",
        values: Values::Millis { least: 0, most: 604_800_000 },
        default: "0",
        about: Text {
            zh: "消息保留多久，到期整段删除，不管有没有被消费；0 为不删",
            en: "how long records are kept, read or not; whole segments go; 0 keeps them",
        },
        real: Text::same("Kafka: log.retention.hours / retention.ms (168 h)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "transaction_timeout_ms",
        values: Values::Millis { least: 1, most: 900_000 },
        default: "60000",
        about: Text {
            zh: "事务开着多久没有结束，协调者就替生产者回滚（每 10 秒查一次）；这个生产者从此被隔离",
            en: "how long a transaction may stay open until its coordinator, looking every 10 s, aborts it and fences",
        },
        real: Text::same("Kafka: transaction.timeout.ms (60000)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "segment_kib",
        values: Values::Count { least: 1, most: 1 << 20 },
        default: "1048576",
        about: Text {
            zh: "日志段写到多大就换新段；按时间删除以段为单位",
            en: "at which size a log segment is closed; retention deletes whole segments",
        },
        real: Text::same("Kafka: log.segment.bytes (1 GiB)"),
        demand: Demand::Alike,
        unreal: &[],
    },
];

/// A topic that an operator creates once the cluster is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    pub name: Name,
    pub partitions: u16,
    pub replication_factor: u16,
}

/// How a cluster is configured; brokers and controllers read the same.
#[derive(Clone, Debug)]
pub struct Options {
    /// This node.
    pub me: NodeId,
    pub brokers: Box<[NodeId]>,
    pub controllers: Box<[NodeId]>,
    /// Every topic there is to be, those below included.
    pub topics: Box<[TopicSpec]>,
    /// `__consumer_offsets`. [`Name::EMPTY`] if no one joins a group.
    pub offsets_topic: Name,
    /// `__transaction_state`. [`Name::EMPTY`] without transactions.
    pub transactions_topic: Name,
    /// `__share_group_state`. [`Name::EMPTY`] without share groups.
    pub share_topic: Name,
    /// For draws. Give every node its own.
    pub seed: Seed,
    pub min_insync: u16,
    pub unclean_election: bool,
    pub eligible_leader_replicas: bool,
    pub replica_lag: Span,
    pub broker_session: Span,
    /// `None`: syncs are left to the system.
    pub flush_messages: Option<u64>,
    /// `None`: nothing is deleted by age.
    pub retention: Option<Span>,
    pub segment_bytes: u64,
    /// Of all producers. (In Kafka each says its own when it asks for its id.)
    pub transaction_timeout: Span,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            me: NodeId::default(),
            brokers: Box::default(),
            controllers: Box::default(),
            topics: Box::default(),
            offsets_topic: Name::EMPTY,
            transactions_topic: Name::EMPTY,
            share_topic: Name::EMPTY,
            seed: Seed(0),
            min_insync: 1,
            unclean_election: false,
            eligible_leader_replicas: true,
            replica_lag: Span::from_secs(30),
            broker_session: Span::from_secs(9),
            flush_messages: None,
            retention: None,
            segment_bytes: 1 << 30,
            transaction_timeout: Span::from_secs(60),
        }
    }
}

impl Options {
    /// Reads the settings that are of brokers and controllers. The lab adds who is
    /// who and the topics, whose partitions and replicas it reads itself.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        let limit = |name| Some(settings.number(name)).filter(|limit| *limit > 0);
        let span = |name, otherwise| limit(name).map_or(otherwise, Span::from_millis);
        let defaults = Self::default();
        Self {
            min_insync: settings.number("min_insync").max(1) as u16,
            unclean_election: settings.is_on("unclean_election"),
            eligible_leader_replicas: settings.is_on("eligible_leader_replicas"),
            replica_lag: span("replica_lag_ms", defaults.replica_lag),
            broker_session: span("broker_session_ms", defaults.broker_session),
            flush_messages: limit("flush_messages"),
            retention: limit("retention_ms").map(Span::from_millis),
            segment_bytes: limit("segment_kib").map_or(defaults.segment_bytes, |kib| kib << 10),
            transaction_timeout: span("transaction_timeout_ms", defaults.transaction_timeout),
            ..defaults
        }
    }

    /// Whether a topic is the brokers' own.
    #[must_use]
    pub fn is_internal(&self, topic: Name) -> bool {
        topic != Name::EMPTY && [self.offsets_topic, self.transactions_topic, self.share_topic].contains(&topic)
    }

    /// How many partitions a topic is created with.
    #[must_use]
    pub fn partitions_of(&self, topic: Name) -> u16 {
        self.topics.iter().find(|spec| spec.name == topic).map_or(0, |spec| spec.partitions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_kafkas() {
        assert!(SETTINGS.iter().all(|spec| spec.values.admit(spec.default)));
        let read = Options::from_settings(&Settings::defaults(SETTINGS));
        assert_eq!(format!("{read:?}"), format!("{:?}", Options::default()));
        assert_eq!((read.min_insync, read.unclean_election), (1, false));
    }
}
