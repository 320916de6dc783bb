//! Who must see which message. A *subscription* is a queue, or a group of queues,
//! that the lab says must see what its patterns match. The lab decides this, not
//! the broker: a message that a wrong binding kept away from a queue is missed by
//! that queue all the same. There is one row of the ledger for every message and
//! every subscription entitled to it, and one row, *nowhere*, for a message that
//! nobody is entitled to.
//!
//! Messages take the routing keys of the workload in turn, so rows repeat with
//! every round and a row's place is computed, not looked up.

use std::ops::Range;

/// The rows of a ledger: which belong to which message and subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    subscriptions: u16,
    /// One for every routing key, in turn.
    classes: Vec<Class>,
    rows_a_round: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Class {
    /// Rows of the round that come before.
    before: usize,
    /// Ascending; empty is nowhere.
    entitled: Vec<u16>,
}

impl Default for Entitlement {
    /// One subscription that must see everything.
    fn default() -> Self {
        Self::new(1, [vec![0]])
    }
}

impl Entitlement {
    /// For every routing key of a round, the subscriptions entitled to its messages.
    #[must_use]
    pub fn new(subscriptions: u16, round: impl IntoIterator<Item = Vec<u16>>) -> Self {
        let mut rows_a_round = 0;
        let classes = round.into_iter().map(|mut entitled| {
            entitled.sort_unstable();
            entitled.dedup();
            let class = Class { before: rows_a_round, entitled };
            rows_a_round += class.rows();
            class
        });
        let classes = classes.collect();
        Self { subscriptions, classes, rows_a_round }
    }

    #[must_use]
    pub const fn subscriptions(&self) -> u16 {
        self.subscriptions
    }

    /// How many rows that many messages have.
    #[must_use]
    pub fn rows(&self, messages: usize) -> usize {
        self.rows_of(messages).start
    }

    /// How many of that many messages nobody is entitled to.
    #[must_use]
    pub fn nowhere(&self, messages: usize) -> usize {
        let nowhere = |classes: &[Class]| classes.iter().filter(|class| class.entitled.is_empty()).count();
        let round = self.classes.len();
        nowhere(&self.classes) * (messages / round) + nowhere(&self.classes[..messages % round])
    }

    /// The rows of a message, by its index from 0.
    #[must_use]
    pub fn rows_of(&self, message: usize) -> Range<usize> {
        let (class, base) = self.class(message);
        base..base + class.rows()
    }

    /// The row of a message for a subscription that is entitled to it.
    #[must_use]
    pub fn row(&self, message: usize, subscription: u16) -> Option<usize> {
        let (class, base) = self.class(message);
        let rank = class.entitled.iter().position(|known| *known == subscription)?;
        Some(base + rank)
    }

    /// The subscriptions entitled to a message, in the order of its rows.
    #[must_use]
    pub fn entitled(&self, message: usize) -> &[u16] {
        &self.class(message).0.entitled
    }

    fn class(&self, message: usize) -> (&Class, usize) {
        // A division is dear, and most labs have one routing key.
        if let [class] = &self.classes[..] {
            return (class, message * self.rows_a_round);
        }
        let class = &self.classes[message % self.classes.len()];
        (class, message / self.classes.len() * self.rows_a_round + class.before)
    }
}

impl Class {
    fn rows(&self) -> usize {
        self.entitled.len().max(1)
    }
}

/// Whether a topic pattern matches a routing key: `*` is one word, `#` any
/// number of them. As RabbitMQ's topic exchange reads it.
#[must_use]
pub fn matches(pattern: &str, key: &str) -> bool {
    fn words(text: &str) -> Vec<&str> {
        if text.is_empty() { Vec::new() } else { text.split('.').collect() }
    }
    fn rest_matches(pattern: &[&str], key: &[&str]) -> bool {
        match (pattern, key) {
            ([], []) => true,
            (["#", rest @ ..], _) => {
                rest_matches(rest, key) || key.split_first().is_some_and(|(_, later)| rest_matches(pattern, later))
            }
            (["*", rest @ ..], [_, later @ ..]) => rest_matches(rest, later),
            ([one, rest @ ..], [other, later @ ..]) => one == other && rest_matches(rest, later),
            _ => false,
        }
    }
    rest_matches(&words(pattern), &words(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_follow_the_messages_and_every_one_is_found_again() {
        let entitlement = Entitlement::new(3, [vec![2, 0], vec![], vec![1]]);
        let mut next = 0;
        for message in 0..30 {
            let rows = entitlement.rows_of(message);
            assert_eq!(rows.start, next);
            next = rows.end;
            let entitled = entitlement.entitled(message);
            assert_eq!(rows.len(), entitled.len().max(1), "nowhere has a row as well");
            for subscription in 0..3 {
                let row = entitlement.row(message, subscription);
                assert_eq!(row.is_some(), entitled.contains(&subscription));
                assert!(row.is_none_or(|row| rows.contains(&row)));
            }
        }
        assert_eq!(entitlement.rows(30), next);
        assert_eq!((entitlement.nowhere(30), entitlement.nowhere(32), entitlement.nowhere(31)), (10, 11, 10));
        assert_eq!(Entitlement::default().row(17, 0), Some(17));
    }

    #[test]
    fn patterns_match_as_a_topic_exchange_does() {
        for (pattern, key, does) in [
            ("order.placed", "order.placed", true),
            ("order.*", "order.placed", true),
            ("order.*", "order", false),
            ("order.*", "order.placed.eu", false),
            ("order.#", "order", true),
            ("order.#", "order.placed.eu", true),
            ("#", "", true),
            ("#.eu", "order.placed.eu", true),
            ("#.eu", "eu", true),
            ("*", "", false),
            ("order.#.eu.#", "order.eu", true),
            ("order.#.eu.#", "order.a.b.eu.c", true),
            ("order.#.eu.#", "order.a.b", false),
        ] {
            assert_eq!(matches(pattern, key), does, "{pattern} {key}");
        }
    }
}
