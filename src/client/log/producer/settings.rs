//! The settings of a producer of a log. Names and defaults are Kafka's (4.x).

use crate::setting::{Demand, SettingSpec, Values};
use crate::text::Text;

/// What a learner may toggle of it.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "acks",
        values: Values::Words(&["0", "1", "all"]),
        default: "all",
        about: Text {
            zh: "要谁确认才算发成功：0 谁也不等；1 只等 leader；all 等当前 ISR 里的每一个副本",
            en: "Whose acknowledgement counts: 0 nobody's, 1 the leader's, all every replica's in the ISR",
        },
        real: Text::same("Kafka: acks"),
        demand: Demand::Higher,
        unreal: &[],
    },
    SettingSpec {
        name: "idempotence",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "每个批次带上生产者编号和序号，broker 认得出重发，也保住顺序",
            en: "Numbers every batch, so that a broker knows a resend and keeps the order",
        },
        real: Text::same("Kafka: enable.idempotence"),
        demand: Demand::LeastIs("false"),
        unreal: &[],
    },
    SettingSpec {
        name: "in_flight",
        values: Values::Count { least: 1, most: 5 },
        default: "5",
        about: Text {
            zh: "每个 broker 最多有几个请求还没等到回答",
            en: "How many requests to one broker may be unanswered",
        },
        real: Text::same("Kafka: max.in.flight.requests.per.connection"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "retries",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "出了可重试的错，就一直重发到 delivery_timeout_ms；关掉则第一次出错就放弃",
            en: "Sends again after a retriable error, until delivery_timeout_ms; off: gives up at the first",
        },
        real: Text {
            zh: "Kafka: retries（2147483647；0 为关闭）",
            en: "Kafka: retries (2147483647; 0 turns them off)",
        },
        demand: Demand::LeastIs("false"),
        unreal: &[],
    },
    SettingSpec {
        name: "delivery_timeout_ms",
        values: Values::Millis { least: 1, most: 3_600_000 },
        default: "120000",
        about: Text {
            zh: "从 send() 算起，多久还没有确认就报超时；那时消息在不在 broker 上谁也说不准",
            en: "How long after send() a record ends as timed out; whether the broker has it is unknown then",
        },
        real: Text::same("Kafka: delivery.timeout.ms"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "request_timeout_ms",
        values: Values::Millis { least: 1, most: 600_000 },
        default: "30000",
        about: Text {
            zh: "一个请求多久没有回答，就断开连接重来",
            en: "How long a request may stay unanswered until the connection is closed and it is sent again",
        },
        real: Text::same("Kafka: request.timeout.ms"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "linger_ms",
        values: Values::Millis { least: 0, most: 60_000 },
        default: "5",
        about: Text {
            zh: "没装满的批次再等多久，好多攒几条",
            en: "How long a batch that is not full waits for more records",
        },
        real: Text { zh: "Kafka: linger.ms（5；4.0 以前：0）", en: "Kafka: linger.ms (5; before 4.0: 0)" },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "batch_records",
        values: Values::Count { least: 1, most: 10_000 },
        default: "16",
        about: Text {
            zh: "一个批次最多装多少条；开了事务，也是一个事务装多少条",
            en: "How many records one batch takes; with transactions, also how many a transaction takes",
        },
        real: Text::same("Kafka: batch.size (16384 bytes)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "buffer_records",
        values: Values::Count { least: 1, most: 1_000_000 },
        default: "32768",
        about: Text {
            zh: "生产者的缓冲区最多装多少条还没确认的消息；满了 send() 就被挡住",
            en: "How many unacknowledged records the producer's buffer takes; when it is full, send() blocks",
        },
        real: Text::same("Kafka: buffer.memory (33554432 bytes)"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "max_block_ms",
        values: Values::Millis { least: 0, most: 600_000 },
        default: "60000",
        about: Text {
            zh: "send() 最多被挡多久（缓冲区满，或者不知道 leader 是谁），然后失败",
            en: "How long send() blocks, for a full buffer or an unknown leader, before it fails",
        },
        real: Text::same("Kafka: max.block.ms"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "metadata_recovery",
        values: Values::Words(&["rebootstrap", "none"]),
        default: "rebootstrap",
        about: Text {
            zh: "一个 broker 都连不上时：从 bootstrap.servers 重来，连主题有几个分区都忘掉；还是照旧",
            en: "When no broker can be reached: begin again from bootstrap.servers, the topic forgotten; or keep it",
        },
        real: Text {
            zh: "Kafka: metadata.recovery.strategy（rebootstrap；4.0 以前：none）",
            en: "Kafka: metadata.recovery.strategy (rebootstrap; before 4.0: none)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "transactions",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "每 batch_records 条放进一个事务，要么全部可见，要么都不可见（对 read_committed 的消费者）",
            en: "Sends batch_records facts in one transaction: all visible or none, to read_committed consumers",
        },
        real: Text::same("Kafka: transactional.id, beginTransaction, commitTransaction"),
        demand: Demand::OwnDecision,
        unreal: &[],
    },
    SettingSpec {
        name: "transactional_id",
        values: Values::Words(&["own", "shared"]),
        default: "own",
        about: Text {
            zh: "transactional.id：每个生产者一个，还是都用同一个（同名的只有最后启动的能写，先启动的被隔离）",
            en: "One transactional.id for each producer, or one for all: then only the last to start may write",
        },
        real: Text::same("Kafka: transactional.id"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "abort_every",
        values: Values::Count { least: 0, most: 1_000 },
        default: "0",
        about: Text {
            zh: "编号是它的倍数的消息，发出之后业务代码抛异常，所在的事务回滚；0 为从不",
            en: "On messages whose number it divides the program throws after sending, and aborts the transaction",
        },
        real: Text::same("Kafka: abortTransaction"),
        demand: Demand::OwnDecision,
        unreal: &[],
    },
    SettingSpec {
        name: "keyed",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "消息带键：同一个键总去同一个分区；不带键则一批一个分区",
            en: "Records have keys, and one key goes to one partition; without, each batch goes to some partition",
        },
        real: Text::same("Kafka: ProducerRecord(topic, key, value)"),
        demand: Demand::Alike,
        unreal: &[],
    },
];
