//! What a learner may toggle about a lab itself: who of its cast works, and how
//! its bindings are written.

use super::model::Model;
use super::plan::Plan;
use crate::client::pattern::Pattern;
use crate::setting::{SettingSpec, Values};
use crate::text::Text;

/// The settings this room publishes.
pub const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: "model",
        values: Values::Words(&["queue", "log"]),
        default: "queue",
        about: Text {
            zh: "同一份负载跑在哪种 broker 上：queue 是 RabbitMQ 那样的队列，log 是 Kafka 那样的日志",
            en: "On which kind of broker the same workload runs: queues like RabbitMQ's, or logs like Kafka's",
        },
        real: Text::same("RabbitMQ; Kafka"),
        unreal: &[],
    },
    SettingSpec {
        name: "consumers",
        values: Values::Count { least: 0, most: 32 },
        default: "0",
        about: Text {
            zh: "每个队列（或消费者组）有几个消费者在干活；0 为全部",
            en: "How many of a queue's or a group's consumers work; 0 is all of them",
        },
        real: Text { zh: "Spring: concurrency；实例的个数", en: "Spring: concurrency; the number of instances" },
        unreal: &[],
    },
    SettingSpec {
        name: "forwarding",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "转发程序接管旧队列，原来的消费者停下；否则没有转发程序",
            en: "The forwarder takes the place of the old queue's consumers; otherwise there is none",
        },
        real: Text { zh: "应用自己写的；RabbitMQ: shovel", en: "the application's own; RabbitMQ: shovel" },
        unreal: &[],
    },
    SettingSpec {
        name: "dead_letter_queue",
        values: Values::Switch,
        default: "true",
        about: Text {
            zh: "死信要去的那个队列到底建了没有",
            en: "Whether the queue that dead letters are sent to was ever declared",
        },
        real: Text {
            zh: "RabbitMQ：声明 x-dead-letter-exchange 指向的队列",
            en: "RabbitMQ: queue.declare of the target of x-dead-letter-exchange",
        },
        unreal: &[],
    },
    SettingSpec {
        name: "alternate_exchange",
        values: Values::Switch,
        default: "false",
        about: Text {
            zh: "交换机无法路由的消息转给备用交换机，而不是丢弃",
            en: "What the exchange cannot route goes to an alternate exchange instead of nowhere",
        },
        real: Text::same("RabbitMQ: alternate-exchange"),
        unreal: &[],
    },
    SettingSpec {
        name: "wildcard",
        values: Values::Words(&["star", "hash"]),
        default: "hash",
        about: Text {
            zh: "绑定里的通配符：star 是 *，正好一个词；hash 是 #，任意多个词",
            en: "The wildcard of a binding: star is *, exactly one word; hash is #, any number of words",
        },
        real: Text {
            zh: "RabbitMQ：topic 交换机的绑定键", en: "RabbitMQ: the binding key of a topic exchange"
        },
        unreal: &[],
    },
];

/// What stands for the wildcard in a binding of a lab file.
pub const WILDCARD: &str = "{wildcard}";

/// The wildcards by the words of the setting.
pub const WILDCARDS: [(&str, &str); 2] = [("star", "*"), ("hash", "#")];

/// Whether a setting says which of the others mean anything, so that it comes before
/// them wherever they are listed.
#[must_use]
pub fn comes_first(setting: &str) -> bool {
    matches!(setting, "model" | "pattern")
}

/// Whether the shop calls its services itself, and tells no queue anything: then its
/// first consumer takes calls, and no other works.
#[must_use]
pub fn calls_services(plan: &Plan) -> bool {
    Pattern::of(&plan.settings) == Pattern::Tcc && plan.lab.topology.consumers > 0
}

/// Whether the shop sends each message as a half first, and lets it go once its order
/// is committed.
#[must_use]
pub fn sends_halves(plan: &Plan) -> bool {
    Pattern::of(&plan.settings) == Pattern::HalfMessage
}

/// Whether a consumer works in this run, by its number from 0.
#[must_use]
pub fn works(plan: &Plan, consumer: u16) -> bool {
    let wiring = &plan.lab.wiring;
    let (forwards, most) = (plan.settings.is_on("forwarding"), plan.settings.number("consumers"));
    if plan.model == Model::Log {
        return wiring.group_of(consumer).is_none_or(|(_, rank)| most == 0 || u64::from(rank) < most);
    }
    let pattern = Pattern::of(&plan.settings);
    if pattern == Pattern::Tcc {
        return consumer == 0;
    }
    let Some((queue, rank)) = wiring.place_of(consumer) else { return true };
    // Dead letters wait for people, unless a saga has a program for them.
    if wiring.queues[queue].dead_letters_of.is_some() && pattern != Pattern::Saga {
        return false;
    }
    match wiring.forwarding() {
        Some((from, _)) if forwards && queue == from => false,
        Some((from, _)) if !forwards && wiring.queues[queue].forwarded_from == Some(from) => false,
        _ => most == 0 || u64::from(rank) < most,
    }
}

#[cfg(test)]
mod tests {
    use crate::lab::cast::settings_of;
    use crate::lesson::wrap::is_han;

    #[test]
    fn what_explains_an_engines_name_is_there_in_both_languages() {
        const PROSE: [&str; 13] = [
            " own", " the ", " of ", "up to", "since", " only", "before", " left ", " is ", "default)", "no fsync",
            "no limit", " on;",
        ];
        for spec in settings_of() {
            let real = spec.real.zh;
            assert!(!PROSE.iter().any(|word| real.contains(word)), "{}: {real}", spec.name);
            assert!(!spec.real.en.chars().any(is_han), "{}: {}", spec.name, spec.real.en);
        }
    }
}
