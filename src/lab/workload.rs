//! The business facts that occur: how many, when, about what, and by which
//! routing key they are published.

use super::sentence::parse_span;
use crate::client::occurrences::{Occurrences, Pattern, Stretch};
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
    /// The facts from a time on.
    #[must_use]
    pub fn occurrences(&self, mut begin: Time) -> Occurrences {
        let mut stretches = Vec::with_capacity(self.paces.len());
        let mut first = 0_u32;
        for Pace { interval, lasting } in &self.paces {
            stretches.push(Stretch { first, begin, interval: *interval });
            let Some(lasting) = lasting else { break };
            begin += *lasting;
            let count = lasting.as_nanos().div_ceil(interval.as_nanos());
            first = first.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        }
        Occurrences::paced(Pattern { messages: self.messages, stretches, keys: self.keys, payload: self.payload })
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
        let facts = workload("1000/s for 10ms, then every 100ms", 13, 1).occurrences(WORKLOAD_BEGINS);
        let times = (0..13).filter_map(|place| facts.at(place));
        let times: Vec<u64> = times.map(|at| at.since(WORKLOAD_BEGINS).as_millis()).collect();
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
            let all = workload("every 1ms", 30, keys).occurrences(WORKLOAD_BEGINS);
            let dealt = [0, 1].map(|producer| all.share(producer, 2));
            let mut messages: Vec<_> = dealt.iter().flat_map(|own| own.facts().map(|fact| fact.message)).collect();
            messages.sort_unstable();
            assert_eq!(messages, all.facts().map(|fact| fact.message).collect::<Vec<_>>());
            assert!(dealt.iter().all(|own| !own.is_empty()));
            let keys_of = |own: &Occurrences| own.facts().map(|fact| fact.key).collect::<Vec<_>>();
            let shared = keys_of(&dealt[0]).into_iter().any(|key| keys_of(&dealt[1]).contains(&key));
            assert_eq!(shared, keys == 1);
        }
    }
}
