//! What keeps an order whole that is done in parts: b and c by the shop, d by somebody
//! who hears of it. Each pattern brings its own way of telling d, so it decides which of
//! the other settings mean anything.
//!
//! Source: `facts` 2.4.

use crate::setting::{SettingSpec, Settings, Values};
use crate::text::Text;

const NONE: &str = "none";
const SAGA: &str = "saga";
const TCC: &str = "tcc";
const HALF_MESSAGE: &str = "half-message";

/// How b, c and d are kept together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// Not at all: b and c are committed, then a message asks for d.
    #[default]
    None,
    /// A message asks for d; if d fails for good, a program that reads dead letters
    /// undoes b and c.
    Saga,
    /// The shop calls b, c and d itself: try all of them, then confirm or cancel all.
    Tcc,
    /// A message that nobody sees is stored first, and let go once b and c are committed.
    HalfMessage,
}

impl Pattern {
    /// The pattern of a word; what is no word of the setting is none.
    #[must_use]
    pub fn named(word: &str) -> Self {
        match word {
            SAGA => Self::Saga,
            TCC => Self::Tcc,
            HALF_MESSAGE => Self::HalfMessage,
            _ => Self::None,
        }
    }

    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self::named(settings.word(PATTERN.name))
    }

    /// Whether another setting changes anything under this pattern.
    #[must_use]
    pub fn uses(self, setting: &str) -> bool {
        match setting {
            "undo" => self == Self::Saga,
            "guard" => self == Self::Tcc,
            "outbox" | "confirms" => matches!(self, Self::None | Self::Saga),
            "dedupe" | "on_exception" | "dead_letter" => self != Self::Tcc,
            _ => true,
        }
    }
}

pub(super) const PATTERN: SettingSpec = SettingSpec {
    name: "pattern",
    values: Values::Words(&[NONE, SAGA, TCC, HALF_MESSAGE]),
    default: NONE,
    about: Text {
        zh: "b、c、d 靠什么走到一起：没有；saga，d 注定失败就由补偿程序撤销 b、c，它听的是死信，所以 on_exception 要 reject，dead_letter 要开；TCC，先各自冻结，再一起确认或取消；半消息，先存消息再提交 b、c",
        en: "What keeps b, c and d together: nothing; saga: if d fails for good, b and c are undone by a program that reads dead letters, so it takes on_exception = reject and dead_letter; TCC: all are reserved, then all confirmed or cancelled; a half message, stored before b and c are committed",
    },
    real: Text {
        zh: "应用自己写的；Seata: saga mode, TCC mode；RocketMQ: transactional messages",
        en: "the application's own; Seata: saga mode, TCC mode; RocketMQ: transactional messages",
    },
    unreal: &[(
        HALF_MESSAGE,
        Text {
            zh: "RabbitMQ 和 Kafka 都没有半消息，这是 RocketMQ 的；这里把它做在同一个 broker 上",
            en: "neither RabbitMQ nor Kafka has half messages: they are RocketMQ's, modelled here on the same broker",
        },
    )],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_setting_is_a_pattern_of_its_own() {
        let Values::Words(words) = PATTERN.values else { panic!("{:?}", PATTERN.values) };
        let patterns: Vec<_> = words.iter().map(|word| Pattern::named(word)).collect();
        assert_eq!(patterns, [Pattern::None, Pattern::Saga, Pattern::Tcc, Pattern::HalfMessage]);
        assert_eq!(Pattern::named(PATTERN.default), Pattern::default());
    }
}
