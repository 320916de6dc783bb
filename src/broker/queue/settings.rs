//! What a learner may toggle about this broker.

use std::sync::Arc;

use super::cluster::PartitionHandling;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::raft;
use crate::random::Seed;
use crate::setting::{Demand, SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// The settings this room publishes. `durable` is not among them: it is clients
/// that declare queues.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "sync",
        values: Values::Words(&["on-idle", "before-confirm"]),
        default: "on-idle",
        about: Text {
            zh: "何时向生产者确认：写进页缓存就确认，还是等 fsync 落盘之后再确认",
            en: "when a message is safe enough to confirm: written to the page cache, or synced first",
        },
        real: Text {
            zh: "没有单独的设置，跟着队列类型走（classic：不 fsync，quorum：fdatasync）",
            en: "none; it comes with the queue type (classic: no fsync, quorum: fdatasync)",
        },
        demand: Demand::Alike,
        unreal: &[(
            "before-confirm",
            Text {
                zh: "经典队列没有这个选项；仲裁队列（quorum queue）才会先 fdatasync 再确认",
                en: "no classic queue offers it; quorum queues sync before they confirm",
            },
        )],
    },
    SettingSpec {
        name: "consumer_timeout_ms",
        values: Values::Millis { least: 0, most: 86_400_000 },
        default: "0",
        about: Text {
            zh: "消费者拿着一条消息多久不确认，broker 就关掉它的信道；0 为不限（4.3 起的经典队列）",
            en: "how long a consumer may hold a message before its channel is closed; 0 is for ever (classic queues since 4.3)",
        },
        real: Text {
            zh: "RabbitMQ: consumer_timeout（4.2 及以前 30 分钟；4.3 起仅 quorum 队列）",
            en: "RabbitMQ: consumer_timeout (30 min up to 4.2; since 4.3 quorum queues only)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "memory_limit_kib",
        values: Values::Count { least: 0, most: 1 << 32 },
        default: "0",
        about: Text {
            zh: "内存里的消息超过这么多 KiB 就报警，阻塞所有发布者；0 为不报警",
            en: "messages in memory beyond this many KiB raise an alarm that blocks publishers; 0 is no alarm",
        },
        real: Text {
            zh: "RabbitMQ: vm_memory_high_watermark（内存的 0.6）",
            en: "RabbitMQ: vm_memory_high_watermark (0.6 of the memory)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "disk_limit_kib",
        values: Values::Count { least: 0, most: 1 << 32 },
        default: "0",
        about: Text {
            zh: "消息日志超过这么多 KiB 就报警，阻塞所有发布者；0 为不报警",
            en: "a message log beyond this many KiB raises an alarm that blocks publishers; 0 is no alarm",
        },
        real: Text {
            zh: "RabbitMQ: disk_free_limit（留 50 MB）", en: "RabbitMQ: disk_free_limit (50 MB left free)"
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "net_tick_ms",
        values: Values::Millis { least: 1_000, most: 600_000 },
        default: "60000",
        about: Text {
            zh: "集群节点之间多久没有动静就断开连接（仲裁队列另有更快的检测）",
            en: "how long a node of the cluster may be silent until its connection is given up (quorum queues notice sooner)",
        },
        real: Text::same("RabbitMQ: net_ticktime (60 s)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "promote_on_failure",
        values: Values::Words(&["always", "when-synced"]),
        default: "always",
        about: Text {
            zh: "镜像队列的主副本没了：不管是否同步完都提升镜像，还是只提升同步完的",
            en: "when the master of a mirrored queue is gone: promote any mirror, or only one that is in step",
        },
        real: Text {
            zh: "RabbitMQ 3.13 及以前：ha-promote-on-failure（always）",
            en: "RabbitMQ up to 3.13: ha-promote-on-failure (always)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "mirror_sync",
        values: Values::Words(&["manual", "automatic"]),
        default: "manual",
        about: Text {
            zh: "新加入的镜像：只收新消息，还是先把已有的消息全部复制过去",
            en: "what a mirror that joins gets: only new messages, or all there are",
        },
        real: Text {
            zh: "RabbitMQ 3.13 及以前：ha-sync-mode（manual）",
            en: "RabbitMQ up to 3.13: ha-sync-mode (manual)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "partition_handling",
        values: Values::Words(&["ignore", "autoheal", "pause-minority"]),
        default: "ignore",
        about: Text {
            zh: "网络分区时：不管；恢复后自动重启一侧；少数派一侧暂停服务",
            en: "a network partition: ignored, healed by restarting one side, or the minority pauses",
        },
        real: Text {
            zh: "RabbitMQ 4.2 及以前：cluster_partition_handling（ignore）",
            en: "RabbitMQ up to 4.2: cluster_partition_handling (ignore)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
];

/// Erlang's default.
const NET_TICK: Span = Span::from_secs(60);

/// How one broker is configured.
#[derive(Clone, Debug)]
pub struct Options {
    /// Confirm a persistent message only once it is synced.
    pub sync_before_confirm: bool,
    /// Which queues count as subscriptions, for the audit.
    pub subscriptions: Vec<(Name, u16)>,
    /// Which queues hold the dead letters of which subscription, for the audit.
    pub dead_letter_queues: Vec<(Name, u16)>,
    /// Where halves are kept, and where they are put aside; empty: it keeps none.
    pub half_topics: [Name; 2],
    /// The texts of names, by number: patterns, weights and headers are read from
    /// them. Absent ones match nothing but themselves.
    pub names: Arc<[Box<str>]>,
    /// How long a consumer may hold a delivery. `None`, as classic queues have it
    /// since 4.3: as long as it likes.
    pub consumer_timeout: Option<Span>,
    /// What messages may take in memory until publishers are blocked, in bytes.
    pub memory_limit: Option<u64>,
    /// What the log may take on disk until publishers are blocked, in bytes.
    pub disk_limit: Option<u64>,
    /// How many copies to make room for at the start.
    pub message_capacity: usize,
    /// A segment of the message log that reaches this length, in bytes, is
    /// followed by a new one.
    pub segment_length: u64,
    /// This node.
    pub me: NodeId,
    /// The other nodes of its cluster; none for a node alone.
    pub peers: Vec<NodeId>,
    /// For draws. Give every node its own.
    pub seed: Seed,
    /// `net_ticktime`: the silence after which a peer's connection is given up.
    pub net_tick: Span,
    /// `ha-promote-on-failure = when-synced`.
    pub promotes_only_synchronised: bool,
    /// `ha-sync-mode = automatic`.
    pub mirrors_synchronise: bool,
    pub partition_handling: PartitionHandling,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sync_before_confirm: false,
            subscriptions: Vec::new(),
            dead_letter_queues: Vec::new(),
            half_topics: [Name::EMPTY; 2],
            names: Arc::from([]),
            consumer_timeout: None,
            memory_limit: None,
            disk_limit: None,
            message_capacity: 0,
            segment_length: 1 << 20,
            me: NodeId::default(),
            peers: Vec::new(),
            seed: Seed(0),
            net_tick: NET_TICK,
            promotes_only_synchronised: false,
            mirrors_synchronise: false,
            partition_handling: PartitionHandling::Ignore,
        }
    }
}

impl Options {
    /// Reads the settings that are this broker's. The lab adds the subscriptions.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        let limit = |name| Some(settings.number(name)).filter(|limit| *limit > 0);
        Self {
            sync_before_confirm: settings.word("sync") == "before-confirm",
            consumer_timeout: limit("consumer_timeout_ms").map(Span::from_millis),
            memory_limit: limit("memory_limit_kib").map(|kib| kib << 10),
            disk_limit: limit("disk_limit_kib").map(|kib| kib << 10),
            net_tick: limit("net_tick_ms").map_or(NET_TICK, Span::from_millis),
            promotes_only_synchronised: settings.word("promote_on_failure") == "when-synced",
            mirrors_synchronise: settings.word("mirror_sync") == "automatic",
            partition_handling: match settings.word("partition_handling") {
                "autoheal" => PartitionHandling::Autoheal,
                "pause-minority" => PartitionHandling::PauseMinority,
                _ => PartitionHandling::Ignore,
            },
            ..Self::default()
        }
    }

    /// The text of a name; empty if there is none.
    pub(super) fn text(&self, name: Name) -> &str {
        self.names.get(name.0 as usize).map_or("", |text| text)
    }

    /// The subscription whose dead letters a queue holds, if any.
    pub(super) fn dead_letter_queue(&self, queue: Name) -> Option<u16> {
        self.dead_letter_queues.iter().find(|(name, _)| *name == queue).map(|(_, index)| *index)
    }

    /// What this node's part in consensus needs.
    pub(super) fn raft(&self) -> raft::Options {
        let (first_file, timer) = (super::cluster::FIRST_FILE, super::cluster::TIMER);
        raft::Options { me: self.me, seed: self.seed, first_file, timer, roll_bytes: 1 << 20 }
    }

    /// The subscription that a queue is, if any.
    pub(super) fn subscription(&self, queue: Name) -> Option<u16> {
        self.subscriptions.iter().find(|(name, _)| *name == queue).map(|(_, index)| *index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_nothing_is_synced_before_a_confirm() {
        let mut settings = Settings::defaults(SETTINGS);
        assert!(!Options::from_settings(&settings).sync_before_confirm);
        settings.set("sync", "before-confirm");
        assert!(Options::from_settings(&settings).sync_before_confirm);
        assert!(SETTINGS.iter().all(|spec| spec.values.admit(spec.default)));
    }
}
