//! What a producer is configured with, and what of it a learner may toggle.

use std::sync::Arc;

use bytes::Bytes;

use crate::client::declare::Declare;
use crate::client::session;
use crate::event::{MessageId, NodeId};
use crate::protocol::Name;
use crate::protocol::fact::Fact;
use crate::protocol::queue::Method;
use crate::random::Seed;
use crate::setting::{SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::{Span, Time};

/// One business fact, at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub at: Time,
    pub fact: Fact,
    /// What is published: the encoded fact and its padding.
    pub payload: Bytes,
}

/// Whether, and how, a producer asks the broker for confirms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirms {
    /// Publish and forget.
    #[default]
    Off,
    /// Publish, wait for the answer, publish the next.
    WaitEach,
    /// Up to a window of publishes may be unanswered.
    Async,
    /// Transactions of `batch` messages: publish, commit, wait for the answer.
    Transaction,
}

/// A producer's configuration. It outlives the process.
#[derive(Clone, Debug)]
pub struct ProducerOptions {
    /// The brokers it may connect to, its own first.
    pub brokers: Arc<[NodeId]>,
    /// Ascending in time.
    pub workload: Arc<[Occurrence]>,
    /// [`Name::EMPTY`] is the default exchange, which routes by queue name and
    /// needs no binding.
    pub exchange: Name,
    pub key: Name,
    /// Routing keys that messages take in turn, by number; empty: all take `key`.
    pub keys: Arc<[Name]>,
    /// Headers that messages carry in turn, by number; empty: none.
    pub headers: Arc<[Name]>,
    /// What it declares, where that is more than its queue, exchange and binding.
    pub declarations: Arc<[Method]>,
    /// The queue this producer declares, and binds if `bound`. With
    /// [`Name::EMPTY`] it declares no queue.
    pub queue: Name,
    pub durable: bool,
    /// With which arguments it is declared, and how the exchange is.
    pub declare: Declare,
    pub bound: bool,
    pub persistent: bool,
    pub mandatory: bool,
    /// Every message's own time to live; zero is none.
    pub expiration: Span,
    /// Every n-th message has the highest priority of its queue; 0 is none.
    pub urgent_every: u32,
    pub confirms: Confirms,
    /// Send again after a nack, a time-out or a lost connection. Only a producer
    /// that asks for confirms can know when.
    pub resend: bool,
    /// How many publishes may be unanswered with [`Confirms::Async`]; 0 counts as 1.
    pub window: usize,
    /// How many messages one transaction takes, if so many wait; 0 counts as 1.
    pub batch: usize,
    /// How long a publish may stay without an answer. 5 s as in RabbitMQ's
    /// tutorial on publisher confirms.
    pub confirm_timeout: Span,
    /// How often one message is sent at most, the first time included; 0 counts as 1.
    pub attempts_at_most: u16,
    /// The shop's own database, to commit each fact to first; empty: it has none.
    pub database: Arc<[NodeId]>,
    /// Commit the event with the fact, for a relay to publish. Needs a database.
    pub outbox: bool,
    /// How long the relay waits until it looks for new rows.
    pub relay_interval: Span,
    pub heartbeat: Span,
    pub reconnect_after: Span,
    /// For the draws of back-offs. Give every node its own.
    pub seed: Seed,
}

impl ProducerOptions {
    /// The defaults of [`SETTINGS`], publishing to `queue` through the default
    /// exchange.
    #[must_use]
    pub fn new(broker: NodeId, queue: Name, workload: Arc<[Occurrence]>, seed: Seed) -> Self {
        Self {
            brokers: Arc::from([broker]),
            workload,
            exchange: Name::EMPTY,
            key: queue,
            keys: Arc::default(),
            headers: Arc::default(),
            declarations: Arc::default(),
            queue,
            durable: true,
            declare: Declare::default(),
            bound: true,
            persistent: false,
            mandatory: false,
            expiration: Span::ZERO,
            urgent_every: 0,
            confirms: Confirms::Off,
            resend: true,
            window: 32,
            batch: 1,
            confirm_timeout: Span::from_secs(5),
            attempts_at_most: 8,
            database: Arc::default(),
            outbox: false,
            relay_interval: Span::from_millis(100),
            heartbeat: session::HEARTBEAT,
            reconnect_after: session::RECONNECT_AFTER,
            seed,
        }
    }

    /// The routing key of a message.
    #[must_use]
    pub fn key_of(&self, message: MessageId) -> Name {
        in_turn(&self.keys, message).unwrap_or(self.key)
    }

    /// The headers of a message; empty if it has none.
    #[must_use]
    pub fn headers_of(&self, message: MessageId) -> Name {
        in_turn(&self.headers, message).unwrap_or(Name::EMPTY)
    }

    /// Takes over those of the settings that concern a producer and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        self.declare = self.declare.with(settings);
        let switch = |name, value: &mut bool| {
            if settings.get(name).is_some() {
                *value = settings.is_on(name);
            }
        };
        switch("durable", &mut self.durable);
        switch("bound", &mut self.bound);
        switch("persistent", &mut self.persistent);
        switch("mandatory", &mut self.mandatory);
        switch("resend", &mut self.resend);
        switch("outbox", &mut self.outbox);
        let millis = |name, value: &mut Span| {
            if settings.get(name).is_some() {
                *value = Span::from_millis(settings.number(name));
            }
        };
        millis("confirm_timeout_ms", &mut self.confirm_timeout);
        millis("relay_ms", &mut self.relay_interval);
        millis("heartbeat_ms", &mut self.heartbeat);
        millis("reconnect_ms", &mut self.reconnect_after);
        millis("expiration_ms", &mut self.expiration);
        if settings.get("urgent_every").is_some() {
            self.urgent_every = u32::try_from(settings.number("urgent_every")).unwrap_or(u32::MAX);
        }
        if settings.get("window").is_some() {
            self.window = usize::try_from(settings.number("window")).unwrap_or(usize::MAX);
        }
        if settings.get("batch").is_some() {
            self.batch = usize::try_from(settings.number("batch")).unwrap_or(usize::MAX);
        }
        match settings.word("confirms") {
            "off" => self.confirms = Confirms::Off,
            "wait-each" => self.confirms = Confirms::WaitEach,
            "async" => self.confirms = Confirms::Async,
            "tx" => self.confirms = Confirms::Transaction,
            _ => {}
        }
        self
    }
}

/// The name that is a message's, where messages take them in turn.
fn in_turn(names: &[Name], message: MessageId) -> Option<Name> {
    let turn = (message.0 as usize).wrapping_sub(1).checked_rem(names.len())?;
    Some(names[turn])
}

/// What a learner may toggle of a producer. Clients declare queues and bindings,
/// so `durable` and `bound` are here.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "durable",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "队列本身（不是消息）在 broker 重启后还在不在",
            en: "Whether the queue itself, not its messages, outlives a restart of the broker",
        },
        real: "RabbitMQ: durable",
        unreal: &[],
    },
    SettingSpec {
        name: "bound",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "队列有没有绑定到生产者发送的交换机上",
            en: "Whether the queue is bound to the exchange the producer publishes to",
        },
        real: "RabbitMQ: queue.bind",
        unreal: &[],
    },
    SettingSpec {
        name: "persistent",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "每条消息都标记为持久化，broker 会把它写进文件",
            en: "Marks every message as persistent, so that the broker writes it to a file",
        },
        real: "RabbitMQ: delivery_mode=2",
        unreal: &[],
    },
    SettingSpec {
        name: "confirms",
        values: Values::Words(&["off", "wait-each", "async", "tx"]),
        default: "off",
        about: Text {
            zh: "发布确认：不要；发一条等一条；异步，最多 window 条未确认；每条消息一个事务",
            en: "Publisher confirms: none, wait for each, asynchronous with a window, or transactions",
        },
        real: "RabbitMQ: confirm.select, tx.select; Spring: publisher-confirm-type",
        unreal: &[],
    },
    SettingSpec {
        name: "mandatory",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "没有队列可去的消息退回给生产者，而不是悄悄丢弃",
            en: "A message that no queue takes comes back instead of vanishing",
        },
        real: "RabbitMQ: mandatory; Spring: publisher-returns",
        unreal: &[],
    },
    SettingSpec {
        name: "expiration_ms",
        values: Values::Millis { least: 0, most: 86_400_000 },
        default: "0",
        about: Text {
            zh: "每条消息自带的存活时间，到了队头才会因过期被丢弃；0 为不设",
            en: "Each message's own time to live; it is dropped once it has expired and is at the head; 0 is none",
        },
        real: "RabbitMQ: expiration",
        unreal: &[],
    },
    SettingSpec {
        name: "urgent_every",
        values: Values::Count { least: 0, most: 10_000 },
        default: "0",
        about: Text {
            zh: "每多少条消息里有一条是最高优先级；0 为没有（队列要设 max_priority 才有用）",
            en: "Every so many messages one has the highest priority; 0 is none (needs max_priority)",
        },
        real: "RabbitMQ: priority",
        unreal: &[],
    },
    SettingSpec {
        name: "resend",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "被拒绝、超时或断线后重发没有得到确认的消息（要开 confirms 才有意义）",
            en: "Sends unconfirmed messages again after a nack, a time-out or a lost connection (needs confirms)",
        },
        real: "the application's own; Kafka: retries",
        unreal: &[],
    },
    SettingSpec {
        name: "window",
        values: Values::Count { least: 1, most: 100_000 },
        default: "32",
        about: Text {
            zh: "异步确认时，最多允许多少条消息尚未确认",
            en: "How many messages may be unconfirmed at a time with asynchronous confirms",
        },
        real: "the application's own; Kafka: max.in.flight.requests.per.connection",
        unreal: &[],
    },
    SettingSpec {
        name: "batch",
        values: Values::Count { least: 1, most: 100_000 },
        default: "1",
        about: Text {
            zh: "一个事务里最多放多少条消息（confirms 为 tx 时）",
            en: "How many messages one transaction takes, with confirms = tx",
        },
        real: "RabbitMQ: how often the application calls tx.commit",
        unreal: &[],
    },
    SettingSpec {
        name: "confirm_timeout_ms",
        values: Values::Millis { least: 1, most: 600_000 },
        default: "5000",
        about: Text {
            zh: "多久等不到确认，就当连接有问题：断开重连",
            en: "How long to wait for a confirm before suspecting the connection and opening another",
        },
        real: "RabbitMQ Java client: waitForConfirmsOrDie(5000)",
        unreal: &[],
    },
    SettingSpec {
        name: "outbox",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "本地消息表：业务数据和待发消息在同一个事务里提交，再由后台任务发送",
            en: "A transactional outbox: the event is committed with the business row, and a relay sends it",
        },
        real: "the application's own; Debezium: outbox event router",
        unreal: &[],
    },
    SettingSpec {
        name: "relay_ms",
        values: Values::Millis { least: 1, most: 600_000 },
        default: "100",
        about: Text {
            zh: "后台任务多久扫一次本地消息表",
            en: "How long the relay waits until it looks for new rows in the outbox",
        },
        real: "the application's own",
        unreal: &[],
    },
];
