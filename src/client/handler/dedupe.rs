//! How a consumer keeps a message that comes twice from having two effects. The
//! first three are what most programs do, and none of them is safe: a look and a
//! mark are two steps, and so are a mark and an effect, and a process can die, or
//! another can come, between any two steps. The last three leave it to the
//! database, where the effect is, in one transaction. Source: `facts` 7.

use crate::protocol::store::Write;
use crate::setting::{Demand, SettingSpec, Values};
use crate::text::Text;
use crate::time::Span;

/// How a consumer tells a repeat from a new message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dedupe {
    /// It does not.
    #[default]
    None,
    /// `GET`; if nothing is there: work, then `SET`.
    GetThenSet,
    /// `SET NX`, then work.
    SetNx,
    /// `SET NX PX lease`, then work, then `SET` done.
    Lease,
    /// A unique inbox row and the effect in one transaction.
    Inbox,
    /// An upsert of the row that the message's business number names.
    Upsert,
    /// `UPDATE .. WHERE version < ?`.
    Version,
}

impl Dedupe {
    /// `None`: no such word.
    pub(in crate::client) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "get-then-set" => Self::GetThenSet,
            "setnx" => Self::SetNx,
            "lease" => Self::Lease,
            "inbox" => Self::Inbox,
            "upsert" => Self::Upsert,
            "version" => Self::Version,
            _ => return None,
        })
    }

    /// Whether it keeps marks in a key-value store.
    #[must_use]
    pub const fn needs_cache(self) -> bool {
        matches!(self, Self::GetThenSet | Self::SetNx | Self::Lease)
    }

    /// Whether a mark is set before the effect, so that a handler that throws
    /// should take it back.
    pub(super) const fn claims_first(self) -> bool {
        matches!(self, Self::SetNx | Self::Lease)
    }

    /// Whether a mark is set after the effect.
    pub(super) const fn marks_after(self) -> bool {
        matches!(self, Self::GetThenSet | Self::Lease)
    }

    /// The transaction that an effect is; `None`: a plain `UPDATE`.
    pub(super) const fn writes(self) -> Option<&'static [Write]> {
        match self {
            Self::None | Self::GetThenSet | Self::SetNx | Self::Lease => None,
            Self::Inbox => Some(&[Write::Inbox, Write::Effect]),
            Self::Upsert => Some(&[Write::Upsert]),
            Self::Version => Some(&[Write::UpdateIfNewer]),
        }
    }
}

/// What a claim lasts unless a lab says otherwise.
pub const LEASE: Span = Span::from_secs(10);
/// How long a mark stays: longer than any message may take to come again.
pub const MARK_LIFE: Span = Span::from_secs(86_400);

pub const DEDUPE: SettingSpec = SettingSpec {
    name: "dedupe",
    values: Values::Words(&["none", "get-then-set", "setnx", "lease", "inbox", "upsert", "version"]),
    default: "none",
    about: Text {
        zh: "怎样防重复：不防；先 GET 再 SET；SETNX；带租约的 SETNX；去重表；按业务主键 upsert；版本号",
        en: "How a repeat is told: not at all; GET, then SET; SETNX; with a lease; inbox row; upsert by business key; version",
    },
    real: Text::same("Redis: GET, SET, SET NX, SET NX PX; SQL: unique key, ON DUPLICATE KEY UPDATE, WHERE version < ?"),
    demand: Demand::Alike,
    unreal: &[],
};

pub const LEASE_MS: SettingSpec = SettingSpec {
    name: "lease_ms",
    values: Values::Millis { least: 1, most: 600_000 },
    default: "10000",
    about: Text {
        zh: "租约多长：持有者到时没做完，别人就可以再做一遍",
        en: "How long a lease lasts; then another consumer may do the work once more",
    },
    real: Text::same("Redis: SET key value NX PX 10000"),
    demand: Demand::Alike,
    unreal: &[],
};

pub const MARK_TTL_MS: SettingSpec = SettingSpec {
    name: "mark_ttl_ms",
    values: Values::Millis { least: 1, most: 604_800_000 },
    default: "86400000",
    about: Text {
        zh: "去重标记保留多久；消息再来得比这还晚，就认不出是重复",
        en: "How long a mark stays; a repeat that comes later than this is taken for new",
    },
    real: Text::same("Redis: SET key done EX 86400"),
    demand: Demand::Alike,
    unreal: &[],
};
