//! What clients declare, and what of it a learner may toggle. Producer and
//! consumer declare the same queue, each on every new channel, so they must agree
//! in every argument: a mismatch closes the channel with 406. Dead letters go,
//! through the default exchange, to a queue of their own, which is declared too.

use std::sync::Arc;

use crate::protocol::Name;
use crate::protocol::queue::{Arguments, DeadLetter, ExchangeKind, Method, Overflow, QueueKind};
use crate::setting::{Demand, SettingSpec, Settings, Values};
use crate::text::Text;
use crate::time::Span;

/// How a client declares its queue and exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declare {
    pub arguments: Arguments,
    pub exchange_kind: ExchangeKind,
    /// Where dead letters go. With [`Name::EMPTY`] there is no such queue, and
    /// nothing is dead-lettered whatever the settings say.
    pub dead_letters: Name,
    /// Dead letters are wanted; at least once, or at most once.
    pub dead_letter: Option<bool>,
}

impl Declare {
    /// Takes over those of the settings that concern declarations and are present.
    #[must_use]
    pub fn with(mut self, settings: &Settings) -> Self {
        let arguments = &mut self.arguments;
        let number = |name| Some(settings.number(name)).filter(|number| *number > 0);
        if settings.get("message_ttl_ms").is_some() {
            arguments.message_ttl = number("message_ttl_ms").map(Span::from_millis);
        }
        if settings.get("max_length").is_some() {
            arguments.max_length = number("max_length").and_then(|most| u32::try_from(most).ok());
        }
        if settings.get("max_priority").is_some() {
            arguments.max_priority = u8::try_from(settings.number("max_priority")).unwrap_or(u8::MAX);
        }
        if settings.get("single_active_consumer").is_some() {
            arguments.single_active_consumer = settings.is_on("single_active_consumer");
        }
        match settings.word("queue_type") {
            "mirrored" => arguments.kind = QueueKind::Mirrored,
            "quorum" => {
                arguments.kind = QueueKind::Quorum;
                arguments.delivery_limit = number("delivery_limit").and_then(|most| u32::try_from(most).ok());
            }
            "classic" => arguments.kind = QueueKind::Classic,
            _ => {}
        }
        match settings.word("overflow") {
            "drop-head" => arguments.overflow = Overflow::DropHead,
            "reject-publish" => arguments.overflow = Overflow::RejectPublish,
            _ => {}
        }
        match settings.word("dead_letter") {
            "off" => self.dead_letter = None,
            "at-most-once" => self.dead_letter = Some(false),
            "at-least-once" => self.dead_letter = Some(true),
            _ => {}
        }
        if let Some((_, kind)) = EXCHANGES.iter().find(|(word, _)| *word == settings.word("exchange_type")) {
            self.exchange_kind = *kind;
        }
        self
    }

    /// The declaration of `queue`, behind that of the queue for its dead letters.
    pub fn queue(&self, queue: Name, durable: bool) -> impl Iterator<Item = Method> {
        let letters = self.dead_letter.filter(|_| self.dead_letters != Name::EMPTY);
        let dead_letter = letters.map(|at_least_once| DeadLetter {
            exchange: Name::EMPTY,
            key: Some(self.dead_letters),
            at_least_once,
        });
        let arguments = Arc::new(Arguments { dead_letter, ..self.arguments });
        let letters = dead_letter.map(|_| Method::declare(self.dead_letters, durable));
        letters.into_iter().chain([Method::QueueDeclare { queue, durable, arguments }])
    }
}

const EXCHANGES: [(&str, ExchangeKind); 6] = [
    ("direct", ExchangeKind::Direct),
    ("fanout", ExchangeKind::Fanout),
    ("topic", ExchangeKind::Topic),
    ("headers", ExchangeKind::Headers),
    ("consistent-hash", ExchangeKind::ConsistentHash),
    ("modulus-hash", ExchangeKind::ModulusHash),
];

/// What a learner may toggle of a declaration. `durable` and `bound` are listed
/// with the producer.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "queue_type",
        values: Values::Words(&["classic", "mirrored", "quorum"]),
        default: "classic",
        about: Text {
            zh: "队列类型：经典队列，只在一个节点上；镜像队列（4.0 已删除）；仲裁队列，用 Raft 复制",
            en: "the kind of queue: classic, on one node; mirrored, removed in 4.0; quorum, replicated by Raft",
        },
        real: Text {
            zh: "RabbitMQ: x-queue-type；mirrored: policy ha-mode（3.13 及以前）",
            en: "RabbitMQ: x-queue-type; mirrored: policy ha-mode (up to 3.13)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "message_ttl_ms",
        values: Values::Millis { least: 0, most: 86_400_000 },
        default: "0",
        about: Text {
            zh: "消息在队列里最多待多久，到期在队头丢弃；0 为不过期",
            en: "how long a message may wait before it is dropped at the head of the queue; 0 is for ever",
        },
        real: Text::same("RabbitMQ: x-message-ttl, policy message-ttl"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "max_length",
        values: Values::Count { least: 0, most: 10_000_000 },
        default: "0",
        about: Text {
            zh: "队列里最多等着多少条消息；0 为不限",
            en: "how many messages may wait in the queue; 0 is no limit",
        },
        real: Text::same("RabbitMQ: x-max-length"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "overflow",
        values: Values::Words(&["drop-head", "reject-publish"]),
        default: "drop-head",
        about: Text {
            zh: "队列满了怎么办：悄悄丢掉最老的一条，还是拒绝新来的一条（nack）",
            en: "what a full queue does: drop the oldest message in silence, or refuse the newest with a nack",
        },
        real: Text::same("RabbitMQ: x-overflow"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "dead_letter",
        values: Values::Words(&["off", "at-most-once", "at-least-once"]),
        default: "off",
        about: Text {
            zh: "过期、溢出、被拒绝的消息：丢弃；转到死信队列，转丢了不管；等死信队列确认之后才删",
            en: "messages expired, pushed out or rejected: dropped; moved to a dead-letter queue unchecked; or kept until it confirms",
        },
        real: Text {
            zh: "RabbitMQ: x-dead-letter-exchange, x-dead-letter-strategy（at-least-once：仅 quorum 队列）",
            en: "RabbitMQ: x-dead-letter-exchange, x-dead-letter-strategy (at-least-once: quorum queues only)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "max_priority",
        values: Values::Count { least: 0, most: 255 },
        default: "0",
        about: Text {
            zh: "队列支持多少级优先级；0 为不分优先级",
            en: "how many priorities the queue tells apart; 0 is none",
        },
        real: Text {
            zh: "RabbitMQ: x-max-priority（只有 classic 队列有，5 就够）",
            en: "RabbitMQ: x-max-priority (classic queues; 5 is plenty)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "single_active_consumer",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "同一时刻只有一个消费者收消息，它走了才轮到下一个",
            en: "one consumer at a time is served; the next takes over when it goes",
        },
        real: Text::same("RabbitMQ: x-single-active-consumer"),
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "delivery_limit",
        values: Values::Count { least: 0, most: 1_000 },
        default: "20",
        about: Text {
            zh: "仲裁队列里一条消息最多退回多少次，超过就丢弃或转入死信；0 为不限",
            en: "how often a message may come back to a quorum queue before it is dropped or dead-lettered; 0 is no limit",
        },
        real: Text {
            zh: "RabbitMQ: x-delivery-limit（4.0 起为 20；-1 为不限）",
            en: "RabbitMQ: x-delivery-limit (20 since 4.0; -1 is no limit)",
        },
        demand: Demand::Alike,
        unreal: &[],
    },
    SettingSpec {
        name: "exchange_type",
        values: Values::Words(&["direct", "fanout", "topic", "headers", "consistent-hash", "modulus-hash"]),
        default: "direct",
        about: Text {
            zh: "交换机按什么选队列：键相等；全部；键的模式；消息头；键的一致性哈希；键的哈希取模",
            en: "how the exchange picks queues: equal key, all, pattern, headers, consistent hash, hash modulo queues",
        },
        real: Text::same("RabbitMQ: direct, fanout, topic, headers, x-consistent-hash, x-modulus-hash"),
        demand: Demand::Alike,
        unreal: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_a_queue_is_declared_without_arguments() {
        let declare = Declare::default().with(&Settings::defaults(SETTINGS));
        assert_eq!(declare, Declare::default());
        assert!(declare.queue(Name(1), true).eq([Method::declare(Name(1), true)]));
        assert!(SETTINGS.iter().all(|spec| spec.values.admit(spec.default)));
    }

    #[test]
    fn dead_letters_need_a_queue_which_is_declared_first() {
        let mut settings = Settings::default();
        settings.set("dead_letter", "at-most-once");
        settings.set("max_length", "7");
        let mut declare = Declare::default().with(&settings);
        assert_eq!(declare.queue(Name(1), true).count(), 1);
        declare.dead_letters = Name(9);
        let methods: Vec<_> = declare.queue(Name(1), false).collect();
        assert_eq!(methods[0], Method::declare(Name(9), false));
        let Method::QueueDeclare { queue: Name(1), durable: false, arguments } = &methods[1] else {
            panic!("{methods:?}")
        };
        let dead_letter = Some(DeadLetter { exchange: Name::EMPTY, key: Some(Name(9)), at_least_once: false });
        assert_eq!(**arguments, Arguments { max_length: Some(7), dead_letter, ..Arguments::default() });
    }
}
