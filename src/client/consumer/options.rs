//! What a consumer is configured with, and what of it a learner may toggle.

use std::sync::Arc;

use crate::client::declare::Declare;
use crate::client::handler::{self, DEDUPE, LEASE_MS, MARK_TTL_MS, UNDO, Undo};
use crate::client::pattern::PATTERN;
use crate::client::session;
use crate::event::NodeId;
use crate::protocol::Name;
use crate::protocol::queue::Method;
use crate::random::Seed;
use crate::setting::{SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// When a consumer acknowledges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AckPolicy {
    /// Never: the broker counts a message as done once it has sent it.
    Auto,
    /// When work begins.
    BeforeEffect,
    /// When the effect is in the store.
    #[default]
    AfterEffect,
}

/// What a consumer does with a message whose handler threw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnException {
    #[default]
    Requeue,
    Reject,
}

const ACK_POLICIES: [(&str, AckPolicy); 3] =
    [("auto", AckPolicy::Auto), ("before-effect", AckPolicy::BeforeEffect), ("after-effect", AckPolicy::AfterEffect)];
/// As settings name them; a share group of a log reads them as well.
pub const ON_EXCEPTION: [(&str, OnException); 2] = [("requeue", OnException::Requeue), ("reject", OnException::Reject)];

/// A consumer's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    /// The brokers it may connect to, its own first.
    pub brokers: Arc<[NodeId]>,
    pub queue: Name,
    pub durable: bool,
    /// With which arguments the queue is declared.
    pub declare: Declare,
    /// What it declares, where that is more than its queue.
    pub declarations: Arc<[Method]>,
    pub ack: AckPolicy,
    /// Deliveries the broker may leave unacknowledged; 0 is unlimited.
    pub prefetch: u16,
    pub on_exception: OnException,
    /// What it does with a message in hand.
    pub handler: handler::Options,
    pub heartbeat: Span,
}

impl ConsumerOptions {
    /// The defaults of [`SETTINGS`].
    #[must_use]
    pub fn new(broker: NodeId, store: NodeId, queue: Name, subscription: u16, seed: Seed) -> Self {
        Self {
            brokers: Arc::from([broker]),
            declarations: Arc::default(),
            queue,
            durable: true,
            declare: Declare::default(),
            ack: AckPolicy::AfterEffect,
            prefetch: 10,
            on_exception: OnException::Requeue,
            handler: handler::Options::new(store, subscription, seed),
            heartbeat: session::HEARTBEAT,
        }
    }

    /// The same for a queue of dead letters: it undoes what the order did, and
    /// tries until that is done.
    #[must_use]
    pub fn compensating(mut self, undo: Undo) -> Self {
        self.handler.undo = Some(undo);
        self.on_exception = OnException::Requeue;
        self
    }

    /// Takes over those of the settings that concern a consumer and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        self.declare = self.declare.with(settings);
        settings.read_switch("durable", &mut self.durable);
        settings.read_count("prefetch", &mut self.prefetch);
        settings.read_millis("heartbeat_ms", &mut self.heartbeat);
        self.handler.read(settings);
        settings.read_word("ack", &ACK_POLICIES, &mut self.ack);
        settings.read_word("on_exception", &ON_EXCEPTION, &mut self.on_exception);
        self
    }
}

/// What a learner may toggle of a consumer. `durable` is listed with the producer.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "ack",
        values: Values::Words(&["auto", "before-effect", "after-effect"]),
        default: "after-effect",
        about: Text {
            zh: "何时确认消费：自动；开始处理时；结果写进数据库之后",
            en: "When a message is acknowledged: automatically, when work begins, or after its effect",
        },
        real: Text::same("RabbitMQ: autoAck, basic.ack; Spring: acknowledge-mode"),
        unreal: &[],
    },
    SettingSpec {
        name: "prefetch",
        values: Values::Count { least: 0, most: 65_535 },
        default: "10",
        about: Text {
            zh: "最多同时有多少条已投递、未确认的消息；0 为不限",
            en: "How many deliveries may be unacknowledged at a time; 0 is unlimited",
        },
        real: Text::same("RabbitMQ: basic.qos (0); Spring: prefetch (250)"),
        unreal: &[],
    },
    SettingSpec {
        name: "processing_ms",
        values: Values::Millis { least: 0, most: 600_000 },
        default: "20",
        about: Text { zh: "处理一条消息要多久", en: "How long work on one message takes" },
        real: Text { zh: "应用自己写的", en: "the application's own" },
        unreal: &[],
    },
    SettingSpec {
        name: "on_exception",
        values: Values::Words(&["requeue", "reject"]),
        default: "requeue",
        about: Text {
            zh: "处理时抛了异常：放回队列，还是拒绝、不再要",
            en: "When the handler throws: back to the queue, or rejected for good",
        },
        real: Text::same("RabbitMQ: basic.nack requeue; Spring: default-requeue-rejected (true)"),
        unreal: &[],
    },
    DEDUPE,
    LEASE_MS,
    MARK_TTL_MS,
    PATTERN,
    UNDO,
];
