//! Exchanges of every kind.

use std::sync::Arc;

use super::rig::*;
use crate::broker::queue::Options;
use crate::event::{Kind, Reason};
use crate::node::ConnectionId;
use crate::protocol::Name;
use crate::protocol::queue::{ExchangeKind, Method, Properties, Publish, code};

/// Names 10 to 15 have texts.
const TEXTS: [&str; 6] = ["order.*", "order.placed", "stock.placed", "10", "any type=order", "type=order region=eu"];
const ORDERS: Name = Name(10);
const ORDER_PLACED: Name = Name(11);
const STOCK_PLACED: Name = Name(12);
const TEN: Name = Name(13);
const ANY_ORDER: Name = Name(14);
const EU_ORDER: Name = Name(15);

fn rig_with(kind: ExchangeKind, bindings: &[(Name, Name)]) -> (Rig, ConnectionId) {
    let names: Arc<[Box<str>]> = std::iter::repeat_n("", 10).chain(TEXTS).map(Box::from).collect();
    let mut rig = Rig::with(Options { names, ..Options::default() });
    let client = rig.client();
    rig.say(client, Method::exchange(EXCHANGE, kind, true));
    [QUEUE, OTHER_QUEUE].into_iter().for_each(|queue| rig.say(client, Method::declare(queue, true)));
    for &(queue, key) in bindings {
        rig.say(client, Method::QueueBind { queue, exchange: EXCHANGE, key });
    }
    (rig, client)
}

fn keyed(message: u32, key: Name) -> Publish {
    Publish { exchange: EXCHANGE, key, ..persistent(message) }
}

/// How many copies each of the two queues has.
fn lengths(rig: &Rig) -> [u64; 2] {
    let lanes = rig.picture().lanes;
    [lanes[0].ready, lanes[1].ready]
}

#[test]
fn a_fanout_exchange_looks_at_no_key_and_gives_each_queue_one_copy() {
    let (mut rig, client) =
        rig_with(ExchangeKind::Fanout, &[(QUEUE, KEY), (QUEUE, ORDERS), (OTHER_QUEUE, Name::EMPTY)]);
    rig.say(client, Method::Publish(keyed(1, NOWHERE)));
    assert_eq!(lengths(&rig), [1, 1]);
}

#[test]
fn a_topic_exchange_matches_words_and_notices_new_bindings() {
    let (mut rig, client) = rig_with(ExchangeKind::Topic, &[(QUEUE, ORDERS)]);
    rig.say(client, Method::Publish(keyed(1, ORDER_PLACED)));
    rig.say(client, Method::Publish(keyed(2, STOCK_PLACED)));
    assert_eq!(lengths(&rig), [1, 0]);
    assert_eq!(rig.noted(Kind::Dropped(Reason::Unroutable)), [2]);
    rig.say(client, Method::QueueBind { queue: OTHER_QUEUE, exchange: EXCHANGE, key: ORDER_PLACED });
    rig.say(client, Method::Publish(keyed(3, ORDER_PLACED)));
    assert_eq!(lengths(&rig), [2, 1]);
}

#[test]
fn a_headers_exchange_looks_at_headers_alone() {
    let (mut rig, client) = rig_with(ExchangeKind::Headers, &[(QUEUE, ANY_ORDER)]);
    let properties = |headers| Some(Arc::new(Properties { headers, ..Properties::default() }));
    for (message, headers) in [(1, EU_ORDER), (2, STOCK_PLACED), (3, Name::EMPTY)] {
        rig.say(client, Method::Publish(Publish { properties: properties(headers), ..keyed(message, ANY_ORDER) }));
    }
    assert_eq!(lengths(&rig), [1, 0]);
}

#[test]
fn a_hash_exchange_gives_every_key_one_queue_always_the_same() {
    for kind in [ExchangeKind::ConsistentHash, ExchangeKind::ModulusHash] {
        let (mut rig, client) = rig_with(kind, &[(QUEUE, TEN), (OTHER_QUEUE, TEN)]);
        for message in 1..=200 {
            rig.say(client, Method::Publish(keyed(message, Name(100 + message % 50))));
        }
        let [first, second] = lengths(&rig);
        assert_eq!(first + second, 200, "{kind:?}");
        assert!(first > 40 && second > 40 && first % 4 == 0, "{kind:?}: {first}, {second}");
    }
}

#[test]
fn a_weight_must_be_a_number() {
    let (mut rig, client) = rig_with(ExchangeKind::ConsistentHash, &[(QUEUE, ORDERS)]);
    assert!(rig.heard(client).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
}

#[test]
fn what_no_binding_takes_goes_to_the_alternate_exchange_and_counts_as_routed() {
    let (mut rig, client) = rig_with(ExchangeKind::Fanout, &[(OTHER_QUEUE, Name::EMPTY)]);
    let first = Name(20);
    let declare = Method::ExchangeDeclare {
        exchange: first,
        kind: ExchangeKind::Direct,
        durable: true,
        alternate: Some(EXCHANGE),
    };
    rig.say(client, declare);
    rig.say(client, Method::QueueBind { queue: QUEUE, exchange: first, key: KEY });
    for (message, key) in [(1, KEY), (2, NOWHERE)] {
        rig.say(client, Method::Publish(Publish { exchange: first, key, mandatory: true, ..persistent(message) }));
    }
    assert_eq!(lengths(&rig), [1, 1]);
    assert!(rig.noted(Kind::Returned).is_empty());
}

#[test]
fn alternates_in_a_circle_lead_nowhere() {
    let mut rig = Rig::new();
    let client = rig.client();
    for (exchange, alternate) in [(Name(20), Name(21)), (Name(21), Name(20))] {
        let (kind, alternate) = (ExchangeKind::Direct, Some(alternate));
        rig.say(client, Method::ExchangeDeclare { exchange, kind, durable: true, alternate });
    }
    rig.say(client, Method::Publish(Publish { exchange: Name(20), mandatory: true, ..persistent(1) }));
    assert_eq!(rig.noted(Kind::Returned), [1]);
}

#[test]
fn kinds_alternates_and_bindings_outlive_a_restart() {
    let (mut rig, client) = rig_with(ExchangeKind::Topic, &[(QUEUE, ORDERS)]);
    let (kind, alternate) = (ExchangeKind::Fanout, Some(EXCHANGE));
    rig.say(client, Method::ExchangeDeclare { exchange: Name(20), kind, durable: true, alternate });
    rig.settle();
    rig.power_cut();
    let client = rig.client();
    rig.say(client, Method::Publish(Publish { exchange: Name(20), key: ORDER_PLACED, ..persistent(1) }));
    assert_eq!(lengths(&rig), [1, 0]);
    for kind in [ExchangeKind::Topic, ExchangeKind::Direct] {
        rig.say(client, Method::exchange(EXCHANGE, kind, true));
    }
    assert!(rig.heard(client).contains(&Method::ChannelClose { code: code::PRECONDITION_FAILED }));
}
