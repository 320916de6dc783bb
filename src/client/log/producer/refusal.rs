//! What Kafka's producer does not start with. Transactions need idempotence: a
//! commit that was sent twice must count once. Idempotence needs `acks=all`, as
//! numbers that only the leader has are gone with it, and retries, as there would be
//! nothing to number. A producer without transactions quietly goes without
//! idempotence where that cannot be had; one with them throws a `ConfigException`.
//!
//! Source: `ProducerConfig.postProcessAndValidateIdempotenceConfigs`. The other rule
//! there, five requests in flight at most, is the range of `in_flight`.

use crate::setting::{Refusal, Settings};
use crate::text::Text;

const RULES: [Refusal; 3] = [
    Refusal {
        name: "acks",
        needs: "all",
        why: Text {
            zh: "Kafka 会抛 ConfigException：事务要靠幂等，幂等要 acks=all",
            en: "Kafka throws ConfigException: transactions need idempotence, so acks=all",
        },
    },
    Refusal {
        name: "idempotence",
        needs: "true",
        why: Text {
            zh: "Kafka 会抛 ConfigException：事务要靠幂等，不能关",
            en: "Kafka throws ConfigException: transactions need idempotence",
        },
    },
    Refusal {
        name: "retries",
        needs: "true",
        why: Text {
            zh: "Kafka 会抛 ConfigException：事务要靠幂等，幂等要能重发（retries）",
            en: "Kafka throws ConfigException: transactions need idempotence, so retries",
        },
    },
];

/// Why a producer does not start, if it does not.
#[must_use]
pub fn refusal(settings: &Settings) -> Option<Refusal> {
    let refuses = |rule: &&Refusal| settings.get(rule.name).is_some_and(|value| value != rule.needs);
    RULES.iter().filter(|_| settings.is_on("transactions")).find(refuses).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(set: &[(&'static str, &str)]) -> Option<&'static str> {
        let mut settings = Settings::defaults(super::super::SETTINGS);
        set.iter().for_each(|(name, value)| settings.set(name, value));
        refusal(&settings).map(|refusal| refusal.name)
    }

    #[test]
    fn with_transactions_nothing_may_stand_in_the_way_of_idempotence() {
        let wrong = [("acks", "0"), ("acks", "1"), ("idempotence", "false"), ("retries", "false")];
        for (name, value) in wrong {
            assert_eq!(refused(&[("transactions", "true"), (name, value)]), Some(name));
            assert_eq!(refused(&[(name, value)]), None, "it quietly goes without");
        }
        assert_eq!(refused(&[("transactions", "true"), ("in_flight", "5")]), None);
    }
}
