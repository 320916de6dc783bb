//! What a learner may toggle about the database.

use crate::setting::{SettingSpec, Settings, Values};
use crate::text::Text;

/// The settings this room publishes.
pub const SETTINGS: &[SettingSpec] = &[SettingSpec {
    name: "database_sync",
    values: Values::Words(&["on-commit", "lazy"]),
    default: "on-commit",
    about: Text {
        zh: "数据库何时说“已提交”：日志 fsync 之后；还是写进页缓存就说，每秒才刷一次盘",
        en: "When the database says committed: its log is synced; or only written, and synced once a second",
    },
    real: "MySQL: innodb_flush_log_at_trx_commit = 1 (default), 2",
    unreal: &[],
}];

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
