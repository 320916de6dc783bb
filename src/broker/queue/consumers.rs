//! The consumers of one queue, and whose turn it is. Consumers of one priority
//! (`x-priority` of `basic.consume`) are served in turn; a lower priority is
//! served only when no higher one can take more. With a single active consumer
//! all but one wait, whatever their prefetch; the next takes over when it goes.

use crate::flaw::{self, Flaw};

/// A consumer of a queue: where to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConsumerKey {
    /// The slot of its channel.
    pub channel: u32,
    pub tag: u16,
}

#[derive(Clone, Copy, Debug)]
struct Subscriber {
    key: ConsumerKey,
    priority: i16,
    exclusive: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Consumers {
    /// Highest priority first, then in order of arrival.
    list: Vec<Subscriber>,
    /// Whose turn is next, if all have one priority.
    turn: usize,
    has_priorities: bool,
    single_active: bool,
    active: Option<ConsumerKey>,
}

impl Consumers {
    pub fn new(single_active: bool) -> Self {
        Self { single_active, ..Self::default() }
    }

    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one more consumer is refused: an exclusive one wants to be alone.
    pub fn refuse(&self, exclusive: bool) -> bool {
        !self.list.is_empty() && (exclusive || self.list.iter().any(|it| it.exclusive))
    }

    pub fn add(&mut self, key: ConsumerKey, priority: i16, exclusive: bool) {
        let at = self.list.partition_point(|other| other.priority >= priority);
        self.list.insert(at, Subscriber { key, priority, exclusive });
        self.has_priorities = self.list.iter().any(|other| other.priority != priority);
        // RabbitMQ's classic queues leave the active one be, however important
        // the newcomer is.
        self.active = self.active.or(Some(key));
    }

    pub fn remove(&mut self, key: ConsumerKey) -> bool {
        let Some(at) = self.list.iter().position(|it| it.key == key) else { return false };
        self.list.remove(at);
        if self.turn > at {
            self.turn -= 1;
        }
        if self.active == Some(key) {
            self.active = self.list.first().map(|it| it.key);
        }
        true
    }

    pub fn keys(&self) -> impl Iterator<Item = ConsumerKey> {
        self.list.iter().map(|it| it.key)
    }

    /// The next in turn that `may_take` something.
    #[inline]
    pub fn next(&mut self, may_take: impl Fn(ConsumerKey) -> bool) -> Option<ConsumerKey> {
        if self.single_active && !flaw::is_on(Flaw::SingleActiveServesTwo) {
            return self.active.filter(|key| may_take(*key));
        }
        if self.has_priorities {
            return self.next_by_priority(may_take);
        }
        for _ in 0..self.list.len() {
            if self.turn >= self.list.len() {
                self.turn = 0;
            }
            let key = self.list[self.turn].key;
            self.turn += 1;
            if may_take(key) {
                return Some(key);
            }
        }
        None
    }

    /// The first that may take, who then goes behind its equals.
    fn next_by_priority(&mut self, may_take: impl Fn(ConsumerKey) -> bool) -> Option<ConsumerKey> {
        let at = self.list.iter().position(|it| may_take(it.key))?;
        let Subscriber { key, priority, .. } = self.list[at];
        let end = self.list.partition_point(|other| other.priority >= priority);
        self.list[at..end].rotate_left(1);
        Some(key)
    }

    /// Whether anyone could take something now.
    pub fn any(&self, may_take: impl Fn(ConsumerKey) -> bool) -> bool {
        if self.single_active { self.active.is_some_and(may_take) } else { self.keys().any(may_take) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn key(tag: u16) -> ConsumerKey {
        ConsumerKey { channel: 0, tag }
    }

    fn served(consumers: &mut Consumers, times: usize, may_take: impl Fn(u16) -> bool) -> Vec<u16> {
        (0..times).filter_map(|_| consumers.next(|key| may_take(key.tag))).map(|key| key.tag).collect()
    }

    #[test]
    fn a_lower_priority_is_served_only_when_the_higher_cannot_take_more() {
        let mut consumers = Consumers::default();
        [(1, 0), (2, 5), (3, 5)].into_iter().for_each(|(tag, priority)| consumers.add(key(tag), priority, false));
        assert_eq!(served(&mut consumers, 4, |_| true), [2, 3, 2, 3]);
        assert_eq!(served(&mut consumers, 3, |tag| tag != 2), [3, 3, 3]);
        assert_eq!(served(&mut consumers, 2, |tag| tag == 1), [1, 1]);
    }

    #[test]
    fn one_active_consumer_is_served_until_it_goes_however_little_it_takes() {
        let mut consumers = Consumers::new(true);
        [(1, 0), (2, 0), (3, 9)].into_iter().for_each(|(tag, priority)| consumers.add(key(tag), priority, false));
        assert_eq!(served(&mut consumers, 3, |_| true), [1, 1, 1]);
        assert!(served(&mut consumers, 3, |tag| tag != 1).is_empty());
        consumers.remove(key(1));
        assert_eq!(served(&mut consumers, 2, |_| true), [3, 3], "the most important of those who wait");
    }
}
