//! What a learner may toggle about the database.

use crate::setting::{Demand, SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// The settings this room publishes.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "database_sync",
        values: Values::Words(&["on-commit", "lazy"]),
        default: "on-commit",
        about: Text {
            zh: "数据库何时说“已提交”：日志 fsync 之后；还是写进页缓存就说，每秒才刷一次盘",
            en: "When the database says committed: its log is synced; or only written, and synced once a second",
        },
        real: Text {
            zh: "MySQL: innodb_flush_log_at_trx_commit = 1（默认）、2",
            en: "MySQL: innodb_flush_log_at_trx_commit = 1 (default), 2",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "database_work_ms",
        values: Values::Millis { least: 0, most: 600_000 },
        default: "0",
        about: Text {
            zh: "数据库做一个事务要多久，一次只做一个；0 为不计时间",
            en: "How long one transaction takes the database, one after another; 0 takes no time",
        },
        real: Text { zh: "数据库自己的设置", en: "the database's own" },
        demand: Demand::Alike,
        unreal: &[],
    },
];

/// What a transaction costs a database.
#[must_use]
pub fn work(settings: &Settings) -> Span {
    Span::from_millis(settings.number("database_work_ms"))
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: no fault reaches this database, and it costs a run no disk
    /// events. For labs that are about something else.
    #[default]
    Reliable,
    /// The log is synced first; transactions that come together share a sync.
    OnCommit,
    /// The log is written; it is synced a second later.
    Lazy,
}

impl Durability {
    /// Of a database on a disk, as the settings say.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        if settings.word("database_sync") == "lazy" { Self::Lazy } else { Self::OnCommit }
    }
}
