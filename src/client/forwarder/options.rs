//! What a forwarder is configured with, and what of it a learner may toggle.

use std::sync::Arc;

use crate::client::session;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::queue::Method;
use crate::random::Seed;
use crate::setting::{Demand, SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// When a forwarder tells the old queue that it is done with a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardAck {
    /// When the broker has confirmed the copy in the new queue.
    #[default]
    AfterConfirm,
    /// At once, before the copy is published.
    BeforePublish,
}

/// Which of the new queues a message goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardBy {
    /// One key always goes to the same queue, so its order can be kept.
    #[default]
    Key,
    /// The queues take turns.
    Turn,
}

/// A forwarder's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct ForwarderOptions {
    pub brokers: Arc<[NodeId]>,
    pub from: Name,
    pub to: Arc<[Name]>,
    pub durable: bool,
    /// What it declares, where that is more than its queues.
    pub declarations: Arc<[Method]>,
    /// The copies are published as persistent messages.
    pub persistent: bool,
    pub ack: ForwardAck,
    pub by: ForwardBy,
    /// Deliveries, and so copies, that may be under way at a time.
    pub prefetch: u16,
    pub heartbeat: Span,
    pub reconnect_after: Span,
    /// For the draws of back-offs. Give every node its own.
    pub seed: Seed,
}

impl ForwarderOptions {
    /// The defaults of [`SETTINGS`].
    #[must_use]
    pub fn new(brokers: Arc<[NodeId]>, from: Name, to: Arc<[Name]>, seed: Seed) -> Self {
        Self {
            brokers,
            from,
            to,
            durable: true,
            declarations: Arc::default(),
            persistent: true,
            ack: ForwardAck::AfterConfirm,
            by: ForwardBy::Key,
            prefetch: 100,
            heartbeat: session::HEARTBEAT,
            reconnect_after: session::RECONNECT_AFTER,
            seed,
        }
    }

    /// Takes over those of the settings that concern a forwarder and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        let acks = [("after-confirm", ForwardAck::AfterConfirm), ("before-publish", ForwardAck::BeforePublish)];
        settings.read_switch("durable", &mut self.durable);
        settings.read_word("forward_ack", &acks, &mut self.ack);
        settings.read_word("forward_by", &[("key", ForwardBy::Key), ("turn", ForwardBy::Turn)], &mut self.by);
        settings.read_millis("heartbeat_ms", &mut self.heartbeat);
        settings.read_millis("reconnect_ms", &mut self.reconnect_after);
        self
    }
}

/// What a learner may toggle of a forwarder.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "forward_ack",
        values: Values::Words(&["after-confirm", "before-publish"]),
        default: "after-confirm",
        about: Text {
            zh: "转发程序何时 ack 旧队列：新队列确认之后，还是发布之前",
            en: "When the forwarder acks the old queue: once the new one has confirmed, or before it publishes",
        },
        real: Text { zh: "应用自己写的", en: "the application's own" },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "forward_by",
        values: Values::Words(&["key", "turn"]),
        default: "key",
        about: Text {
            zh: "转发到哪个临时队列：同一个 key 固定一个，还是轮流",
            en: "Which temporary queue gets a message: one per key, or each in turn",
        },
        real: Text::same("RabbitMQ: x-modulus-hash, x-consistent-hash"),
        demand: Demand::Alike,
        unreal: &[],
    },
];
