//! The business facts of a run, each worked out when it is asked for. A fact is a
//! function of its number: when it occurs, about which key, in which version, and
//! what is published of it. So millions of them take no more room than one.
//!
//! Facts occur at a pace, or at several, one after another, and are dealt out to
//! the producers in turn: by key, so that one key stays with one producer, or by
//! number where there are fewer keys than producers. Tests may list theirs.

mod payloads;

pub use payloads::Payloads;

use std::sync::Arc;

use bytes::Bytes;

use crate::event::MessageId;
use crate::protocol::fact::Fact;
use crate::time::{Span, Time};

/// One business fact, at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub at: Time,
    pub fact: Fact,
    /// What is published: the encoded fact and its padding.
    pub payload: Bytes,
}

/// Facts at one pace: those from the number `first` on, until the next stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub first: u32,
    pub begin: Time,
    pub interval: Span,
}

/// What all facts of a run have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub messages: u32,
    /// One at least; the first begins with fact 0.
    pub stretches: Vec<Stretch>,
    /// Facts take the keys in turn.
    pub keys: u32,
    /// In bytes.
    pub payload: usize,
}

#[derive(Clone, Debug)]
enum Source {
    Listed(Arc<[Occurrence]>),
    Paced { pattern: Arc<Pattern>, share: Share },
}

/// Facts in the order of their times. A clone shares everything.
#[derive(Clone, Debug)]
pub struct Occurrences(Source);

/// Which facts are one producer's: of every `period` in a row those whose place
/// in it is the producer's own, or a multiple of `producers` behind it.
#[derive(Clone, Copy, Debug)]
struct Share {
    producer: u32,
    producers: u32,
    period: u32,
    /// How many of a period are its own.
    own: u32,
}

impl Share {
    const fn of(producer: u32, producers: u32, period: u32) -> Self {
        Self { producer, producers, period, own: period.saturating_sub(producer).div_ceil(producers) }
    }

    /// The number of its own fact at a place.
    const fn number(self, place: u32) -> u32 {
        if self.producers == 1 {
            return place;
        }
        place / self.own * self.period + self.producer + place % self.own * self.producers
    }

    /// How many of the first `messages` facts are its own.
    const fn count(self, messages: u32) -> u32 {
        let rest = (messages % self.period).saturating_sub(self.producer).div_ceil(self.producers);
        messages / self.period * self.own + rest
    }
}

impl Pattern {
    fn at(&self, number: u32) -> Time {
        let last = self.stretches.iter().rev().find(|stretch| stretch.first <= number);
        last.map_or(Time::MAX, |stretch| stretch.begin + stretch.interval.times(u64::from(number - stretch.first)))
    }

    const fn fact(&self, number: u32) -> Fact {
        Fact { message: MessageId(number + 1), key: number % self.keys, version: number / self.keys + 1 }
    }
}

impl Occurrences {
    /// All facts of a pattern.
    #[must_use]
    pub fn paced(pattern: Pattern) -> Self {
        Self(Source::Paced { pattern: Arc::new(pattern), share: Share::of(0, 1, 1) })
    }

    /// Those that occur at one of several producers, by its number from 0. With at
    /// least as many keys as producers the facts of one key all occur at one of them.
    #[must_use]
    pub fn share(&self, producer: u16, producers: u16) -> Self {
        match &self.0 {
            Source::Paced { pattern, .. } => {
                let (producer, producers) = (u32::from(producer), u32::from(producers.max(1)));
                let period = if pattern.keys >= producers { pattern.keys } else { producers };
                let share = if producers == 1 { Share::of(0, 1, 1) } else { Share::of(producer, producers, period) };
                Self(Source::Paced { pattern: pattern.clone(), share })
            }
            Source::Listed(_) => self.clone(),
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Source::Listed(list) => list.len(),
            Source::Paced { pattern, share } => share.count(pattern.messages) as usize,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The fact at a place.
    #[must_use]
    pub fn fact(&self, place: usize) -> Fact {
        match &self.0 {
            Source::Listed(list) => list[place].fact,
            Source::Paced { pattern, share } => pattern.fact(share.number(place as u32)),
        }
    }

    #[must_use]
    pub fn message(&self, place: usize) -> MessageId {
        match &self.0 {
            Source::Listed(list) => list[place].fact.message,
            Source::Paced { share, .. } => MessageId(share.number(place as u32) + 1),
        }
    }

    /// When the fact at a place occurs. `None` beyond the last.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<Time> {
        match &self.0 {
            Source::Listed(list) => list.get(place).map(|occurrence| occurrence.at),
            Source::Paced { pattern, share } => (place < self.len()).then(|| pattern.at(share.number(place as u32))),
        }
    }

    /// When the last one occurs.
    #[must_use]
    pub fn end(&self) -> Option<Time> {
        self.len().checked_sub(1).and_then(|last| self.at(last))
    }

    /// How many occur before a time.
    #[must_use]
    pub fn before(&self, time: Time) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.at(middle).is_some_and(|at| at < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The place of a message's fact, if it is among them.
    #[must_use]
    pub fn place_of(&self, message: MessageId) -> Option<usize> {
        match &self.0 {
            Source::Listed(list) => list.iter().position(|occurrence| occurrence.fact.message == message),
            Source::Paced { pattern, share } => {
                let number = message.0.checked_sub(1).filter(|number| *number < pattern.messages)?;
                let place = share.count(number);
                (share.number(place) == number).then_some(place as usize)
            }
        }
    }

    pub fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        (0..self.len()).map(|place| self.fact(place))
    }
}

impl From<Arc<[Occurrence]>> for Occurrences {
    fn from(list: Arc<[Occurrence]>) -> Self {
        debug_assert!(list.is_sorted_by_key(|occurrence| occurrence.at), "facts ascend in time");
        Self(Source::Listed(list))
    }
}

impl FromIterator<Occurrence> for Occurrences {
    fn from_iter<I: IntoIterator<Item = Occurrence>>(list: I) -> Self {
        list.into_iter().collect::<Arc<[_]>>().into()
    }
}

impl Default for Occurrences {
    fn default() -> Self {
        Self(Source::Listed(Arc::from([])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn occurrences(messages: u32, keys: u32) -> Occurrences {
        let second = Time::from_millis(100);
        let stretches = vec![
            Stretch { first: 0, begin: Time::ZERO, interval: Span::from_millis(1) },
            Stretch { first: 40, begin: second, interval: Span::from_millis(10) },
        ];
        Occurrences::paced(Pattern { messages, stretches, keys, payload: 32 })
    }

    #[test]
    fn every_fact_is_at_one_producer_and_found_there_again() {
        for (messages, keys, producers) in [(100, 1, 3), (100, 7, 3), (101, 3, 3), (2, 9, 4), (99, 100, 2), (50, 4, 1)]
        {
            let all = occurrences(messages, keys);
            let shares: Vec<_> = (0..producers).map(|producer| all.share(producer, producers)).collect();
            assert_eq!(shares.iter().map(Occurrences::len).sum::<usize>(), all.len());
            for (number, fact) in all.facts().enumerate() {
                let places: Vec<_> = shares.iter().map(|share| share.place_of(fact.message)).collect();
                assert_eq!(places.iter().flatten().count(), 1, "{messages} {keys} {producers} {fact:?}");
                for (share, place) in shares.iter().zip(places).filter_map(|(share, place)| Some((share, place?))) {
                    assert_eq!((share.fact(place), share.at(place)), (fact, all.at(number)));
                    assert_eq!(share.message(place), fact.message);
                }
            }
            for share in &shares {
                assert!(share.facts().is_sorted_by_key(|fact| fact.message), "in the order of time");
                assert_eq!(share.at(share.len()), None);
            }
        }
    }

    #[test]
    fn the_pace_changes_where_it_should_and_before_counts() {
        let all = occurrences(50, 1);
        let times = [0, 39, 40, 49].map(|place| all.at(place).map(Time::as_millis));
        assert_eq!(times, [Some(0), Some(39), Some(100), Some(190)]);
        for time in [0, 1, 39, 40, 99, 100, 101, 110, 190, 191].map(Time::from_millis) {
            assert_eq!(all.before(time), (0..50).filter(|place| all.at(*place) < Some(time)).count(), "{time}");
        }
        assert_eq!(all.end(), Some(Time::from_millis(190)));
    }
}
