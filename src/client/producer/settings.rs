//! The settings of a producer.

use crate::setting::{Demand, SettingSpec, Values};
use crate::text::Text;

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
        real: Text::same("RabbitMQ: durable"),
        demand: Demand::LeastIs("false"),
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
        real: Text::same("RabbitMQ: queue.bind"),
        demand: Demand::Alike,
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
        real: Text::same("RabbitMQ: delivery_mode=2"),
        demand: Demand::LeastIs("false"),
        unreal: &[],
    },
    SettingSpec {
        name: "confirms",
        values: Values::Words(&["off", "wait-each", "async", "tx"]),
        default: "off",
        about: Text {
            zh: "发布确认：不要；发一条等一条；异步，最多 window 条未确认；事务",
            en: "Publisher confirms: none, wait for each, asynchronous with a window, or transactions",
        },
        real: Text::same("RabbitMQ: confirm.select, tx.select; Spring: publisher-confirm-type"),
        demand: Demand::LeastIs("off"),
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
        real: Text::same("RabbitMQ: mandatory; Spring: publisher-returns"),
        demand: Demand::Alike,
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
        real: Text::same("RabbitMQ: expiration"),
        demand: Demand::Alike,
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
        real: Text::same("RabbitMQ: priority"),
        demand: Demand::Alike,
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
        real: Text { zh: "应用自己写的；Kafka: retries", en: "the application's own; Kafka: retries" },
        demand: Demand::Alike,
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
        real: Text {
            zh: "应用自己写的；Kafka: max.in.flight.requests.per.connection",
            en: "the application's own; Kafka: max.in.flight.requests.per.connection",
        },
        demand: Demand::Alike,
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
        real: Text {
            zh: "RabbitMQ：应用多久调用一次 tx.commit",
            en: "RabbitMQ: how often the application calls tx.commit",
        },
        demand: Demand::Alike,
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
        real: Text::same("RabbitMQ Java client: waitForConfirmsOrDie(5000)"),
        demand: Demand::Alike,
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
        real: Text {
            zh: "应用自己写的；Debezium: outbox event router",
            en: "the application's own; Debezium: outbox event router",
        },
        demand: Demand::Alike,
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
        real: Text { zh: "应用自己写的", en: "the application's own" },
        demand: Demand::Alike,
        unreal: &[],
    },
];
