//! How a lab's messages travel: its exchange, its queues and what binds them, who
//! consumes from which, and which of them are subscriptions of the ledger.
//!
//! A lab that says nothing has the queue `orders`, bound to the direct exchange
//! `shop` by `order.placed`, and one subscription. On a log it has the topic
//! `orders`, and one group of consumers that must see it all.
//!
//! Left out: more than one exchange in front of the queues, more than one topic.

use std::sync::Arc;

use super::entitlement::{Entitlement, matches};
use super::names::Names;
use crate::protocol::Name;

/// What an exchange does with a routing key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExchangeType {
    #[default]
    Direct,
    Fanout,
    Topic,
    /// Bindings look at headers, which says nothing about routing keys: say what
    /// each subscription must see.
    Headers,
    /// Each message to one of the queues, by its routing key.
    ConsistentHash,
    ModulusHash,
}

/// A queue of the lab.
#[derive(Clone, Debug)]
pub struct Queue {
    pub name: Name,
    /// The keys or patterns that bind it.
    pub bind: Vec<Name>,
    /// What its subscription must see, as topic patterns; empty: what it is bound by.
    pub must_see: Vec<String>,
    /// How many consumers it has, in the order of their numbers.
    pub consumers: u16,
    /// The subscription that it serves, alone or with others.
    pub subscription: Option<u16>,
    /// It holds what this queue has given up, by its place in the list.
    pub dead_letters_of: Option<usize>,
    /// The forwarder fills it from this queue, by its place in the list.
    pub forwarded_from: Option<usize>,
    /// It takes what the exchange cannot route, if that is switched on.
    pub takes_unrouted: bool,
    /// It is not there until one of its consumers has declared and bound it.
    pub declared_by_consumers: bool,
    /// Settings that differ for this queue, such as `max_length`.
    pub settings: Vec<(&'static str, String)>,
}

/// A group of consumers that read the topic.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: Name,
    /// How many consumers it has, in the order of their numbers.
    pub consumers: u16,
    /// The subscription that it serves, alone or with others.
    pub subscription: Option<u16>,
}

/// The topics that Kafka keeps for itself: where groups have come to, what became
/// of transactions, what share groups have handed out.
pub const INTERNAL_TOPICS: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// Where a broker keeps half messages, and where those that nobody told anything
/// about however often they were asked. In RocketMQ: `RMQ_SYS_TRANS_HALF_TOPIC` and
/// `TRANS_CHECK_MAX_TIME_TOPIC`.
pub const HALF_TOPICS: [&str; 2] = ["half-messages", "half-given-up"];

#[derive(Clone, Debug)]
pub struct Wiring {
    pub names: Names,
    pub exchange: Name,
    pub exchange_type: ExchangeType,
    /// The alternate exchange, if some queue takes what cannot be routed.
    pub unrouted: Option<Name>,
    pub queues: Vec<Queue>,
    /// The topic of a log; [`Name::EMPTY`] in a lab that runs on queues alone.
    pub topic: Name,
    pub groups: Vec<Group>,
    /// The names of the subscriptions.
    pub subscriptions: Vec<Name>,
    /// The routing keys that messages take in turn.
    pub keys: Arc<[Name]>,
    /// The headers that messages carry in turn; empty: none.
    pub headers: Arc<[Name]>,
    pub entitlement: Entitlement,
}

impl ExchangeType {
    pub const ALL: [(&'static str, Self); 6] = [
        ("direct", Self::Direct),
        ("fanout", Self::Fanout),
        ("topic", Self::Topic),
        ("headers", Self::Headers),
        ("consistent-hash", Self::ConsistentHash),
        ("modulus-hash", Self::ModulusHash),
    ];

    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, of)| *of)
    }

    /// Whether queues share messages out instead of each getting its own copy.
    #[must_use]
    pub const fn shares_out(self) -> bool {
        matches!(self, Self::ConsistentHash | Self::ModulusHash)
    }

    /// Whether a queue bound by `binding` is to get what is published with `key`.
    /// Of queues that share messages out, any one will do.
    fn routes(self, binding: &str, key: &str) -> bool {
        match self {
            Self::Direct => binding == key,
            Self::Topic => matches(binding, key),
            Self::Fanout | Self::ConsistentHash | Self::ModulusHash => true,
            Self::Headers => false,
        }
    }
}

impl Wiring {
    /// One queue, one subscription.
    #[must_use]
    pub fn simple(consumers: u16) -> Self {
        let mut names = Names::default();
        let (queue, exchange, key) = (names.intern("orders"), names.intern("shop"), names.intern("order.placed"));
        let orders = Queue {
            name: queue,
            bind: vec![key],
            must_see: Vec::new(),
            consumers,
            subscription: Some(0),
            dead_letters_of: None,
            forwarded_from: None,
            takes_unrouted: false,
            declared_by_consumers: false,
            settings: Vec::new(),
        };
        Self {
            names,
            exchange,
            exchange_type: ExchangeType::Direct,
            queues: vec![orders],
            topic: Name::EMPTY,
            groups: Vec::new(),
            subscriptions: vec![queue],
            keys: Arc::from([key]),
            headers: Arc::default(),
            unrouted: None,
            entitlement: Entitlement::default(),
        }
    }

    /// Works out which subscriptions are entitled to which routing key.
    pub fn entitle(&mut self) {
        let round = self.keys.iter().map(|key| {
            let key = self.names.text(*key);
            let wants = |queue: &&Queue| {
                if queue.must_see.is_empty() {
                    queue.bind.iter().any(|binding| self.exchange_type.routes(self.names.text(*binding), key))
                } else {
                    queue.must_see.iter().any(|pattern| matches(pattern, key))
                }
            };
            let queues = self.queues.iter().filter(wants).filter_map(|queue| queue.subscription);
            // A group reads all there is.
            queues.chain(self.groups.iter().filter_map(|group| group.subscription)).collect()
        });
        self.entitlement = Entitlement::new(self.subscriptions.len() as u16, round.collect::<Vec<_>>());
    }

    /// The queue that a consumer takes from, by the consumer's number from 0.
    #[must_use]
    pub fn queue_of(&self, consumer: u16) -> Option<&Queue> {
        self.place_of(consumer).map(|(queue, _)| &self.queues[queue])
    }

    /// The place of a consumer's queue in the list, and which of its consumers
    /// this one is, from 0.
    #[must_use]
    pub fn place_of(&self, consumer: u16) -> Option<(usize, u16)> {
        let mut before = 0;
        self.queues.iter().enumerate().find_map(|(at, queue)| {
            let rank = consumer - before;
            before += queue.consumers;
            (consumer < before).then_some((at, rank))
        })
    }

    /// The group that a consumer belongs to, and which of its consumers this one is,
    /// from 0.
    #[must_use]
    pub fn group_of(&self, consumer: u16) -> Option<(&Group, u16)> {
        let mut before = 0;
        self.groups.iter().find_map(|group| {
            let rank = consumer.checked_sub(before)?;
            before += group.consumers;
            (consumer < before).then_some((group, rank))
        })
    }

    /// The queue that the forwarder takes from, and those that it fills.
    #[must_use]
    pub fn forwarding(&self) -> Option<(usize, Vec<Name>)> {
        let from = self.queues.iter().find_map(|queue| queue.forwarded_from)?;
        let to = self.queues.iter().filter(|queue| queue.forwarded_from == Some(from)).map(|queue| queue.name);
        Some((from, to.collect()))
    }

    /// Where the dead letters of a queue go, by its place in the list.
    #[must_use]
    pub fn dead_letter_queue(&self, queue: usize) -> Option<&Queue> {
        self.queues.iter().find(|other| other.dead_letters_of == Some(queue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wiring(exchange_type: ExchangeType, binds: &[&str], keys: &[&str]) -> Wiring {
        let mut wiring = Wiring::simple(0);
        wiring.exchange_type = exchange_type;
        wiring.keys = keys.iter().map(|key| wiring.names.intern(key)).collect();
        let simple = wiring.queues[0].clone();
        let names = &mut wiring.names;
        let queue = |(index, bind): (u16, &&str)| Queue {
            name: names.intern(&format!("queue-{index}")),
            bind: vec![names.intern(bind)],
            subscription: Some(index),
            consumers: index + 1,
            ..simple.clone()
        };
        wiring.queues = (0..).zip(binds).map(queue).collect();
        wiring.subscriptions = wiring.queues.iter().map(|queue| queue.name).collect();
        wiring.entitle();
        wiring
    }

    #[test]
    fn the_type_of_the_exchange_says_who_is_entitled() {
        let entitled = |exchange_type, message| {
            wiring(exchange_type, &["a.x", "a.*", "b"], &["a.x", "a.y", "c"]).entitlement.entitled(message).to_vec()
        };
        assert_eq!(entitled(ExchangeType::Direct, 0), [0]);
        assert_eq!(entitled(ExchangeType::Topic, 0), [0, 1]);
        assert_eq!(entitled(ExchangeType::Topic, 4), [1]);
        assert_eq!(entitled(ExchangeType::Topic, 2), [0; 0], "nobody asked for c");
        assert_eq!(entitled(ExchangeType::Fanout, 2), [0, 1, 2]);
    }

    #[test]
    fn what_a_subscription_must_see_is_not_what_its_queue_is_bound_by() {
        let mut wiring = wiring(ExchangeType::Direct, &["a.x"], &["a.x", "a.y"]);
        wiring.queues[0].must_see = vec!["a.#".to_owned()];
        wiring.entitle();
        assert_eq!(wiring.entitlement.entitled(1), [0]);
    }

    #[test]
    fn consumers_are_dealt_out_in_the_order_of_queues() {
        let wiring = wiring(ExchangeType::Fanout, &["a", "b"], &["a"]);
        let queues: Vec<_> = (0..4).map(|consumer| wiring.queue_of(consumer).map(|queue| queue.subscription)).collect();
        assert_eq!(queues, [Some(Some(0)), Some(Some(1)), Some(Some(1)), None]);
    }
}
