//! How a store is set up, and what of it a learner may toggle.

use crate::event::NodeId;
use crate::setting::{Demand, SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// A store's configuration.
#[derive(Clone, Debug, Default)]
pub struct StoreOptions {
    /// The other of a pair: a primary's replica, or a replica's primary.
    pub peer: Option<NodeId>,
    /// It begins as the replica of its peer.
    pub is_replica: bool,
    /// How long a replica hears nothing of its primary until it takes its place;
    /// zero: never. It stands for Sentinel, which is a cluster of its own.
    pub failover_after: Span,
    /// Writes go to a file, synced once a second (`appendonly yes`).
    pub appends: bool,
}

impl StoreOptions {
    /// Takes over those of the settings that concern a store and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        if settings.get("failover_ms").is_some() {
            self.failover_after = Span::from_millis(settings.number("failover_ms"));
        }
        if settings.get("cache_persistence").is_some() {
            self.appends = settings.word("cache_persistence") == "everysec";
        }
        self
    }
}

/// The settings this room publishes.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "cache_persistence",
        values: Values::Words(&["none", "everysec"]),
        default: "none",
        about: Text {
            zh: "Redis 里的数据写不写盘：不写，重启即空；或者追加到文件，每秒刷盘一次",
            en: "Whether Redis keeps its data on disk: not at all, or in a file that is synced once a second",
        },
        real: Text {
            zh: "Redis: appendonly no（默认；只有 RDB 快照），appendonly yes + appendfsync everysec",
            en: "Redis: appendonly no (default; RDB snapshots only), appendonly yes + appendfsync everysec",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "failover_ms",
        values: Values::Millis { least: 0, most: 600_000 },
        default: "1000",
        about: Text {
            zh: "Redis 副本多久听不到主库，就升为主库；0 为从不",
            en: "How long a Redis replica hears nothing of its primary before it takes over; 0 is never",
        },
        real: Text::same("Redis Sentinel: down-after-milliseconds (30 s)"),
        demand: Demand::Alike,
        unreal: &[],
    },
];
