//! What a learner may toggle about this broker.

use crate::event::NodeId;
use crate::protocol::Name;
use crate::raft;
use crate::random::Seed;
use crate::setting::{SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// The settings this room publishes. `durable` is not among them: it is clients
/// that declare queues.
pub const SETTINGS: &[SettingSpec] = &[SettingSpec {
    name: "sync",
    values: Values::Words(&["on-idle", "before-confirm"]),
    default: "on-idle",
    about: Text {
        zh: "何时向生产者确认：写进页缓存就确认，还是等 fsync 落盘之后再确认",
        en: "when a message is safe enough to confirm: written to the page cache, or synced first",
    },
    real: "none; it comes with the queue type (classic: no fsync, quorum: fdatasync)",
    unreal: &[(
        "before-confirm",
        Text {
            zh: "经典队列没有这个选项；仲裁队列（quorum queue）才会先 fdatasync 再确认",
            en: "no classic queue offers it; quorum queues sync before they confirm",
        },
    )],
}];

/// How one broker is configured.
#[derive(Clone, Debug)]
pub struct Options {
    /// Confirm a persistent message only once it is synced.
    pub sync_before_confirm: bool,
    /// Which queues count as subscriptions, for the audit.
    pub subscriptions: Vec<(Name, u16)>,
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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sync_before_confirm: false,
            subscriptions: Vec::new(),
            message_capacity: 0,
            segment_length: 1 << 20,
            me: NodeId::default(),
            peers: Vec::new(),
            seed: Seed(0),
            net_tick: Span::from_secs(60),
        }
    }
}

impl Options {
    /// Reads the settings that are this broker's. The lab adds the subscriptions.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        Self { sync_before_confirm: settings.word("sync") == "before-confirm", ..Self::default() }
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
