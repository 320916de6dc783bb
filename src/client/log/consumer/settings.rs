//! The settings of a consumer of a log. Names and defaults are Kafka's (4.x).
//! `processing_ms`, `dedupe` and what goes with it, and `on_exception` (of share
//! groups) are listed with the consumer of queues.

use crate::setting::{Demand, SettingSpec, Values};
use crate::text::Text;

/// What a learner may toggle of it.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "offset_commit",
        values: Values::Words(&["auto", "auto-handoff", "auto-racing", "stored-before", "after", "before"]),
        default: "auto",
        about: Text {
            zh: "何时提交位移：自动，在 poll() 里；自动，但消息交给别的线程；自动，与 poll() 抢跑；\
                 交给程序前就存下；整批处理完；处理之前",
            en: "When offsets are committed: auto, in poll(); auto, with records handed to other threads; auto, \
                 racing poll(); stored before the program has the record; after the batch; before it",
        },
        real: Text::same("Kafka: enable.auto.commit, commitSync(); librdkafka: enable.auto.offset.store"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "auto_commit_ms",
        values: Values::Millis { least: 1, most: 600_000 },
        default: "5000",
        about: Text { zh: "自动提交位移的间隔", en: "How often offsets are committed automatically" },
        real: Text::same("Kafka: auto.commit.interval.ms"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "offset_reset",
        values: Values::Words(&["latest", "earliest"]),
        default: "latest",
        about: Text {
            zh: "没有提交过位移（或者它已经不在了）时从哪里读：最新，还是最早",
            en: "Where to begin without a committed offset, or if it is gone: at the end, or at the beginning",
        },
        real: Text::same("Kafka: auto.offset.reset"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "replay",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "重放：不管提交到哪里，分到分区就从最早的一条读起",
            en: "Replay: read every partition from its beginning when it is assigned, whatever was committed",
        },
        real: Text::same("Kafka: seekToBeginning(); kafka-consumer-groups --reset-offsets --to-earliest"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "isolation",
        values: Values::Words(&["read_uncommitted", "read_committed"]),
        default: "read_uncommitted",
        about: Text {
            zh: "事务里的消息：都读，还是只读已提交的",
            en: "Whether to read all records of transactions, or those that were committed",
        },
        real: Text::same("Kafka: isolation.level"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "fetch_min_bytes",
        values: Values::Count { least: 1, most: 1 << 20 },
        default: "1",
        about: Text {
            zh: "一次拉取至少攒够多少字节才返回；1 为一有新消息就返回",
            en: "How many bytes a fetch waits for; 1: it is answered as soon as there is anything new",
        },
        real: Text::same("Kafka: fetch.min.bytes"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "fetch_max_wait_ms",
        values: Values::Millis { least: 0, most: 60_000 },
        default: "500",
        about: Text {
            zh: "一次拉取没攒够，在 broker 上最多等多久",
            en: "How long a fetch that finds too little waits at the broker",
        },
        real: Text::same("Kafka: fetch.max.wait.ms"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "max_poll_records",
        values: Values::Count { least: 1, most: 100_000 },
        default: "500",
        about: Text { zh: "一次 poll() 最多返回多少条", en: "How many records one poll() returns at most" },
        real: Text::same("Kafka: max.poll.records"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "max_poll_interval_ms",
        values: Values::Millis { least: 1, most: 3_600_000 },
        default: "300000",
        about: Text {
            zh: "两次 poll() 之间最多隔多久；再久就退出消费组，分区归别人",
            en: "How long a consumer may stay away from poll() before it leaves its group",
        },
        real: Text::same("Kafka: max.poll.interval.ms"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "session_ms",
        // What a coordinator accepts: `group.min.session.timeout.ms` and `group.max...`.
        // A session that is over before the first heartbeat (3 s) is due would have the
        // group rebalance for ever.
        values: Values::Millis { least: 6_000, most: 1_800_000 },
        default: "45000",
        about: Text {
            zh: "组协调者多久收不到心跳，就把消费者踢出组",
            en: "How long the coordinator waits for a heartbeat before it removes a consumer from the group",
        },
        real: Text {
            zh: "Kafka: session.timeout.ms，不小于 group.min.session.timeout.ms",
            en: "Kafka: session.timeout.ms, from group.min.session.timeout.ms on",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "assignment",
        values: Values::Words(&["range", "cooperative-sticky"]),
        default: "range",
        about: Text {
            zh: "再均衡怎么分：先全部交出再按范围分；只动必须动的",
            en: "How a rebalance deals partitions: all given back, then ranges; or only what must move",
        },
        real: Text::same("Kafka: partition.assignment.strategy"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "on_poll_exception",
        values: Values::Words(&["close", "swallow", "seek"]),
        default: "close",
        about: Text {
            zh: "处理时抛了异常：在 finally 里 close()；记个日志接着 poll()；回到那条消息重来，最多十次",
            en: "When the handler throws: close() in a finally block; log it and poll on; go back to the record",
        },
        real: Text {
            zh: "应用自己写的；Spring: DefaultErrorHandler 会退回去重读",
            en: "the application's own; Spring: DefaultErrorHandler seeks",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "lanes",
        values: Values::Count { least: 1, most: 64 },
        default: "1",
        about: Text {
            zh: "按键分给几条处理线，同一个键在同一条线上；只提交连续做完的最低位移",
            en: "Worker lanes, one key always to the same; only the lowest offset done without a gap is committed",
        },
        real: Text {
            zh: "应用自己写的；Spring: asyncAcks；Confluent Parallel Consumer",
            en: "the application's own; Spring: asyncAcks; Confluent Parallel Consumer",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "threads",
        values: Values::Count { least: 1, most: 64 },
        default: "1",
        about: Text {
            zh: "一批消息由几个线程同时处理，谁有空谁拿，不管键",
            en: "How many threads work on a batch, each taking the next record whatever its key",
        },
        real: Text { zh: "应用自己写的：线程池", en: "the application's own: a thread pool" },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "share_group",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "用共享组：一个分区可由多个消费者同时取，逐条确认，不保证顺序",
            en: "A share group: several consumers take records of one partition and settle each, in no order",
        },
        real: Text::same("Kafka 4.2: KafkaShareConsumer (KIP-932)"),
        demand: Demand::LeastIs("false"),
        unreal: &[],
    },
];
