//! How each kind of exchange compares a message with its bindings.
//!
//! - **fanout** takes every binding.
//! - **topic**: keys are words between dots; `*` stands for one word, `#` for any
//!   number, none included.
//! - **headers**: a binding asks for `all` (the default) or `any` of its pairs; a
//!   pair without a value asks only that the header be there; names that begin
//!   with `x-` are passed over. A table of headers is written here as a text:
//!   `all type=order region=eu`.
//! - **x-modulus-hash**: the hash of the key modulo the number of queues, in the
//!   order of their names. One queue more, and most keys move.
//! - **x-consistent-hash**: a binding's key is its weight, the number of buckets
//!   it adds behind the others; a jump hash picks the bucket, so a new queue takes
//!   only its own share of keys.
//!
//! Source: `rabbit_exchange_type_*` and the consistent hash plugin, August 2026,
//! which hash with Erlang's `phash2`: the keys of one queue differ here. The jump
//! hash is that of Lamping and Veach, 2014. Removing a queue shifts the buckets
//! behind it here; the plugin fills the hole from the end.

use crate::protocol::Name;
use crate::protocol::queue::ExchangeKind;
use crate::random::{Digest, mix};

/// The most buckets that one binding may add.
pub(super) const LARGEST_WEIGHT: usize = 1_000;

/// What of a message is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub name: Name,
    pub text: &'a str,
}

/// Adds the queues that `bindings` (key and queue) choose, each once.
pub(super) fn pick<'a>(
    kind: ExchangeKind,
    key: Key<'_>,
    bindings: impl Iterator<Item = (&'a str, u32)> + Clone,
    name_of: impl Fn(&u32) -> Name,
    queues: &mut Vec<u32>,
) {
    match kind {
        ExchangeKind::Direct | ExchangeKind::Fanout => queues.extend(bindings.map(|(_, queue)| queue)),
        ExchangeKind::Topic => {
            queues.extend(bindings.filter(|(pattern, _)| topic_matches(pattern, key.text)).map(|(_, queue)| queue));
        }
        ExchangeKind::Headers => {
            queues.extend(bindings.filter(|(wanted, _)| headers_match(wanted, key.text)).map(|(_, queue)| queue));
        }
        ExchangeKind::ModulusHash => {
            queues.extend(bindings.map(|(_, queue)| queue));
            queues.sort_unstable_by_key(&name_of);
            queues.dedup();
            let chosen = (hash(key) % queues.len().max(1) as u64) as usize;
            let chosen = queues.get(chosen).copied();
            queues.clear();
            queues.extend(chosen);
        }
        ExchangeKind::ConsistentHash => {
            let buckets: usize = bindings.clone().filter_map(|(key, _)| weight(key)).sum();
            let mut bucket = jump(hash(key), buckets);
            queues.extend(bindings.clone().find_map(|(key, queue)| match bucket.checked_sub(weight(key)?) {
                Some(rest) => {
                    bucket = rest;
                    None
                }
                None => Some(queue),
            }));
        }
    }
    queues.sort_unstable();
    queues.dedup();
}

/// The weight that a binding's key is for a consistent hash.
pub(super) fn weight(key: &str) -> Option<usize> {
    key.parse().ok().filter(|weight| (1..=LARGEST_WEIGHT).contains(weight))
}

/// A key without a text is its number.
fn hash(key: Key<'_>) -> u64 {
    if key.text.is_empty() { mix(u64::from(key.name.0)) } else { Digest::of(key.text.as_bytes()).0 }
}

/// The bucket of a hash among `buckets`.
fn jump(mut hash: u64, buckets: usize) -> usize {
    let (mut bucket, mut next) = (0, 0);
    while next < buckets as u64 {
        bucket = next;
        hash = hash.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        next = ((bucket + 1) << 31) / ((hash >> 33) + 1);
    }
    bucket as usize
}

fn topic_matches(pattern: &str, key: &str) -> bool {
    words_match(pattern.split('.'), key.split('.'))
}

fn words_match<'a>(mut pattern: std::str::Split<'a, char>, mut key: std::str::Split<'a, char>) -> bool {
    loop {
        match pattern.next() {
            None => return key.next().is_none(),
            Some("#") => loop {
                if words_match(pattern.clone(), key.clone()) {
                    return true;
                }
                if key.next().is_none() {
                    return false;
                }
            },
            Some(word) => match key.next() {
                Some(found) if word == "*" || word == found => {}
                _ => return false,
            },
        }
    }
}

fn headers_match(wanted: &str, headers: &str) -> bool {
    let (any, pairs) = match (wanted.strip_prefix("any "), wanted.strip_prefix("all ")) {
        (Some(pairs), _) => (true, pairs),
        (_, Some(pairs)) => (false, pairs),
        _ => (false, wanted),
    };
    let mut pairs = pairs.split_whitespace().filter(|pair| !pair.starts_with("x-"));
    let is_there = |pair: &str| {
        headers.split_whitespace().any(|header| match pair.split_once('=') {
            Some(_) => header == pair,
            None => header.split('=').next() == Some(pair),
        })
    };
    if any { pairs.any(is_there) } else { pairs.all(is_there) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_word_and_a_hash_any_number() {
        for (pattern, yes, no) in [
            ("order.placed", vec!["order.placed"], vec!["order", "order.placed.eu"]),
            ("order.*", vec!["order.placed", "order.paid"], vec!["order", "order.placed.eu", "stock.placed"]),
            ("order.#", vec!["order", "order.placed", "order.placed.eu"], vec!["orders.placed", "stock"]),
            ("#.eu", vec!["eu", "order.eu", "order.placed.eu"], vec!["order.eu.west"]),
            ("#.placed.#", vec!["placed", "order.placed", "placed.eu", "a.b.placed.c.d"], vec!["order.paid"]),
            ("*.*", vec!["a.b"], vec!["a", "a.b.c"]),
            ("#", vec!["", "a", "a.b.c"], vec![]),
        ] {
            yes.into_iter().for_each(|key| assert!(topic_matches(pattern, key), "{pattern} takes {key}"));
            no.into_iter().for_each(|key| assert!(!topic_matches(pattern, key), "{pattern} leaves {key}"));
        }
    }

    #[test]
    fn headers_match_all_or_any_of_a_bindings_pairs() {
        let headers = "type=order region=eu x-id=7";
        for (wanted, expected) in [
            ("all type=order region=eu", true),
            ("all type=order region=us", false),
            ("any type=stock region=eu", true),
            ("any type=stock region=us", false),
            ("type=order", true),
            ("all region", true),
            ("all colour", false),
            ("all x-id=9 type=order", true),
            ("any x-id=7 type=stock", false),
        ] {
            assert_eq!(headers_match(wanted, headers), expected, "{wanted}");
        }
    }

    /// Where 1,000 keys go with `queues` queues of equal weight.
    fn spread(kind: ExchangeKind, queues: u32) -> Vec<u32> {
        let key = |at: u32| format!("order-{at}");
        let route = |at: u32| {
            let mut found = Vec::new();
            let key = key(at);
            let bindings = (0..queues).map(|queue| ("10", queue));
            pick(kind, Key { name: Name(9), text: &key }, bindings, |queue| Name(*queue), &mut found);
            assert_eq!(found.len(), 1);
            found[0]
        };
        (0..1_000).map(route).collect()
    }

    #[test]
    fn a_fourth_queue_moves_a_quarter_of_the_keys_by_consistent_hash_and_most_by_modulus() {
        let moved = |kind| {
            let (three, four) = (spread(kind, 3), spread(kind, 4));
            (0..3).for_each(|queue| assert!(three.iter().filter(|it| **it == queue).count() > 250, "{kind:?}"));
            let moves: Vec<_> = three.iter().zip(&four).filter(|(old, new)| old != new).collect();
            (moves.len(), moves.iter().all(|(_, new)| **new == 3))
        };
        let (consistent, only_to_the_new) = moved(ExchangeKind::ConsistentHash);
        assert!((180..330).contains(&consistent) && only_to_the_new, "{consistent}");
        assert!(moved(ExchangeKind::ModulusHash).0 > 600);
    }

    #[test]
    fn a_weight_is_a_share_of_the_keys() {
        let shares = (0..3_000u32).map(|at| {
            let mut found = Vec::new();
            let key = format!("order-{at}");
            let bindings = [("10", 0), ("20", 1)].into_iter();
            pick(ExchangeKind::ConsistentHash, Key { name: Name(9), text: &key }, bindings, |it| Name(*it), &mut found);
            found[0]
        });
        let heavy = shares.filter(|queue| *queue == 1).count();
        assert!((1_900..2_100).contains(&heavy), "{heavy}");
    }
}
