//! The business facts that occur: how many, when, about what, and by which
//! routing key they are published.

use std::sync::Arc;

use bytes::Bytes;

use super::sentence::parse_span;
use super::topology::Topology;
use crate::client::producer::Occurrence;
use crate::event::MessageId;
use crate::protocol::fact::Fact;
use crate::time::{Span, Time};

/// The workload begins once everyone has connected.
pub const WORKLOAD_BEGINS: Time = Time::from_millis(200);
/// On a log, once brokers have registered, the topic is there, and consumers have
/// joined their group, which alone waits 3 s for whoever else may come
/// (`group.initial.rebalance.delay.ms`).
pub const WORKLOAD_BEGINS_ON_LOG: Time = Time::from_millis(8000);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    pub messages: u32,
    /// How fast facts occur; never empty.
    pub paces: Vec<Pace>,
    /// Facts are spread over this many keys in turn.
    pub keys: u32,
    /// In bytes.
    pub payload: usize,
}

/// A rate that holds for a while; the last one holds for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub interval: Span,
    pub lasting: Option<Span>,
}

impl Pace {
    /// Reads `20/s`, `every 50ms`, or several with their lengths: `5000/s for 10s,
    /// then 200/s`.
    pub fn parse(text: &str) -> Option<Vec<Self>> {
        let parts: Vec<&str> = text.split(", then ").collect();
        let last = parts.len() - 1;
        let read = |(at, part): (usize, &&str)| {
            let (rate, lasting) = match part.split_once(" for ") {
                Some((rate, lasting)) => (rate, Some(parse_span(lasting).filter(|span| !span.is_zero())?)),
                None => (*part, None),
            };
            // Only the last may go on for good, and nothing comes after it.
            (lasting.is_some() == (at < last)).then_some(Self { interval: interval(rate)?, lasting })
        };
        parts.iter().enumerate().map(read).collect()
    }
}

fn interval(text: &str) -> Option<Span> {
    if let Some(span) = text.strip_prefix("every ") {
        return parse_span(span).filter(|span| !span.is_zero());
    }
    let rate: u64 = text.strip_suffix("/s")?.parse().ok()?;
    (1..=1_000_000).contains(&rate).then(|| Span::from_nanos(1_000_000_000 / rate))
}

impl Workload {
    /// When each fact occurs, in order.
    fn moments(&self, mut begin: Time) -> impl Iterator<Item = Time> {
        let mut paces = self.paces.iter();
        let mut pace = paces.next().copied();
        let mut count = 0;
        std::iter::from_fn(move || {
            loop {
                let Pace { interval, lasting } = pace?;
                let since = interval.times(count);
                count += 1;
                match lasting {
                    Some(lasting) if since >= lasting => {
                        begin += lasting;
                        pace = paces.next().copied();
                        count = 0;
                    }
                    _ => return Some(begin + since),
                }
            }
        })
    }

    /// Lays the facts out from a time on. All payloads share one allocation.
    pub fn lay_out(&self, begin: Time) -> Arc<[Occurrence]> {
        let mut bytes = Vec::with_capacity(self.messages as usize * self.payload);
        for index in 0..self.messages {
            bytes.extend_from_slice(&self.fact(index).encode());
            bytes.resize((index as usize + 1) * self.payload, b'.');
        }
        let bytes = Bytes::from(bytes);
        (0..self.messages)
            .zip(self.moments(begin))
            .map(|(index, at)| {
                let start = index as usize * self.payload;
                Occurrence { at, fact: self.fact(index), payload: bytes.slice(start..start + self.payload) }
            })
            .collect()
    }

    fn fact(&self, index: u32) -> Fact {
        Fact { message: MessageId(index + 1), key: index % self.keys, version: index / self.keys + 1 }
    }

    /// The producer at which a fact occurs, by number from 0. With at least as
    /// many keys as producers the facts of one key all occur at one of them.
    fn producer(&self, fact: Fact, producers: u16) -> u16 {
        let turn = if self.keys >= u32::from(producers) { fact.key } else { fact.message.0 - 1 };
        (turn % u32::from(producers)) as u16
    }

    /// Deals the facts out to the producers.
    pub fn deal_out(&self, all: &Arc<[Occurrence]>, topology: Topology) -> Vec<Arc<[Occurrence]>> {
        if topology.producers == 1 {
            return vec![all.clone()];
        }
        let of = |producer| {
            all.iter().filter(move |occurrence| self.producer(occurrence.fact, topology.producers) == producer)
        };
        (0..topology.producers).map(|producer| of(producer).cloned().collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(rate: &str, messages: u32, keys: u32) -> Workload {
        Workload { messages, paces: Pace::parse(rate).unwrap(), keys, payload: 32 }
    }

    #[test]
    fn a_rate_can_change_and_holds_for_as_long_as_it_says() {
        let facts = workload("1000/s for 10ms, then every 100ms", 13, 1).lay_out(WORKLOAD_BEGINS);
        let times: Vec<u64> = facts.iter().map(|fact| fact.at.since(WORKLOAD_BEGINS).as_millis()).collect();
        assert_eq!(times, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 110, 210]);
    }

    #[test]
    fn a_wrong_rate_is_refused() {
        for text in ["", "20", "0/s", "every 0s", "20/s for 1s", "20/s, then 10/s", "20/s for x, then 1/s"] {
            assert_eq!(Pace::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_fact_occurs_at_one_producer_and_a_key_stays_with_its_own() {
        for keys in [1, 2, 5] {
            let workload = workload("every 1ms", 30, keys);
            let all = workload.lay_out(WORKLOAD_BEGINS);
            let dealt = workload.deal_out(&all, Topology::new(2, 1, 1));
            let mut messages: Vec<_> = dealt.iter().flat_map(|own| own.iter().map(|fact| fact.fact.message)).collect();
            messages.sort_unstable();
            assert_eq!(messages, all.iter().map(|fact| fact.fact.message).collect::<Vec<_>>());
            assert!(dealt.iter().all(|own| !own.is_empty()));
            let keys_of = |own: &Arc<[Occurrence]>| own.iter().map(|fact| fact.fact.key).collect::<Vec<_>>();
            let shared = keys_of(&dealt[0]).into_iter().any(|key| keys_of(&dealt[1]).contains(&key));
            assert_eq!(shared, keys == 1);
        }
    }
}
