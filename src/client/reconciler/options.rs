//! What a reconciler is configured with, and what of it a learner may toggle.

use std::sync::Arc;

use crate::client::occurrences::Occurrences;
use crate::client::session;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::queue::Method;
use crate::random::Seed;
use crate::setting::{Demand, SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::{Span, Time};

/// A reconciler's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct ReconcilerOptions {
    pub brokers: Arc<[NodeId]>,
    /// The books: what occurred, and what came of it.
    pub database: NodeId,
    /// The queue that gets what is missing, past any exchange: no other
    /// subscription should see it again.
    pub queue: Name,
    /// Whose effects are looked for.
    pub subscription: u16,
    pub durable: bool,
    /// What it declares, where that is more than its queue.
    pub declarations: Arc<[Method]>,
    /// The facts that it answers for, ascending in time: a row of the books names
    /// one, with its key, its version and its content.
    pub workload: Occurrences,
    /// When it looks for the first time.
    pub at: Time,
    /// How long after it is done with what it found it looks again.
    pub every: Span,
    /// How many messages it publishes in a second; 0: all at once.
    pub rate: u64,
    pub heartbeat: Span,
    pub reconnect_after: Span,
    /// For the draws of back-offs. Give every node its own.
    pub seed: Seed,
}

impl ReconcilerOptions {
    /// The defaults of [`SETTINGS`], but that it does look.
    #[must_use]
    pub fn new(brokers: Arc<[NodeId]>, database: NodeId, queue: Name, seed: Seed) -> Self {
        Self {
            brokers,
            database,
            queue,
            subscription: 0,
            durable: true,
            declarations: Arc::default(),
            workload: Occurrences::default(),
            at: Time::from_millis(1),
            every: Span::from_secs(5),
            rate: 0,
            heartbeat: session::HEARTBEAT,
            reconnect_after: session::RECONNECT_AFTER,
            seed,
        }
    }

    /// Takes over those of the settings that concern a reconciler and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        settings.read_switch("durable", &mut self.durable);
        settings.read_millis("reconcile_every_ms", &mut self.every);
        settings.read_millis("heartbeat_ms", &mut self.heartbeat);
        settings.read_millis("reconnect_ms", &mut self.reconnect_after);
        settings.read_count("reconcile_rate", &mut self.rate);
        if settings.get("reconcile_at_ms").is_some() {
            self.at = Time::from_millis(settings.number("reconcile_at_ms"));
        }
        self
    }
}

/// What a learner may toggle of a reconciler.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "reconcile_at_ms",
        values: Values::Millis { least: 0, most: 86_400_000 },
        default: "0",
        about: Text {
            zh: "补偿程序什么时候第一次对账：库里记了、却没有结果的，重新发一遍；0 为没有这个程序",
            en: "When the reconciler first sends again what the books have and nobody acted on; 0: there is none",
        },
        real: Text { zh: "应用自己写的：夜间任务", en: "the application's own: a nightly job" },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "reconcile_every_ms",
        values: Values::Millis { least: 1, most: 86_400_000 },
        default: "5000",
        about: Text {
            zh: "补完一轮之后，隔多久再对一次账",
            en: "How long after it is done the reconciler looks again",
        },
        real: Text { zh: "应用自己写的：夜间任务", en: "the application's own: a nightly job" },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "reconcile_rate",
        values: Values::Count { least: 0, most: 100_000 },
        default: "0",
        about: Text {
            zh: "补偿程序每秒最多补发多少条；0 为一次全发",
            en: "How many messages a second the reconciler sends again; 0: all at once",
        },
        real: Text { zh: "应用自己写的：限速", en: "the application's own: a rate limiter" },
        demand: Demand::Alike,
        unreal: &[],
    },
];
